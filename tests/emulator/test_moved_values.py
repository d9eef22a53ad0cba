"""A user pool and a web ACL made again reach all that read them: by the AWS CLI alone, and in one deploy.

What reads them: a function, its alias, the site's client, and the distribution at the edge. The pipelines' run of the
same is in ``tests/pipelines/test_pipeline_local.py``. A value of another region is read anew when its digest changes,
which other clients than ours give by hand (docs/references.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.test_aws_cli import deploy
from tests.readers import readers

if TYPE_CHECKING:
    from tests.running import Running

pytestmark = pytest.mark.emulator


def test_what_is_created_again_reaches_all_that_read_it(own_account: Running) -> None:
    account = own_account
    description = account.project.folder / "app.yaml"
    line = "      tables: {notes: read}\n"
    more = f"{line}      users: read\n      provisioned_concurrency: 1\n"
    description.write_text(description.read_text().replace(line, more, 1))
    account.command("deploy", "--yes")
    first = readers(account)
    assert first.agree

    account.project.build("render")
    data, edge = (account.project.folder / f"templates_out/dev/{name}.yaml" for name in ("data", "frontend-edge"))
    rendered = data.read_text()
    for old in ("!GetAtt UserPool.", "!Ref UserPool\n", "  UserPool:\n    Type: AWS::Cognito::UserPool\n"):
        rendered = rendered.replace(old, old.replace("UserPool", "OtherPool", 1))
    data.write_text(rendered)
    edge.write_text(edge.read_text().replace("      Name: notes-dev\n", "      Name: notes-dev-again\n", 1))
    for stack in ("data", "backend", "frontend-edge"):
        deploy(account, stack)
    deploy(account, "frontend", OtherRegionsDigest="again")
    account.command("publish")
    second = readers(account)
    assert second.agree
    assert second.moved_since(first)

    account.command("deploy", "--yes", "--allow-replacement", "OtherPool", "--allow-replacement", "UserPoolClient")
    third = readers(account)
    assert third.agree
    assert third.moved_since(second)
