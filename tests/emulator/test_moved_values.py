"""A user pool made again reaches functions, their aliases and the site: by the AWS CLI, and in one deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.test_aws_cli import deploy

if TYPE_CHECKING:
    from tests.running import Running

pytestmark = pytest.mark.emulator
FUNCTION = "notes-dev-list-notes"


def pools(account: Running) -> tuple[str, str, str, str]:
    """The pool of the data stack, of the function, of the version that its alias calls, and of the published site."""
    functions: Any = account.client("lambda")

    def seen(**qualifier: str) -> str:
        found = functions.get_function_configuration(FunctionName=FUNCTION, **qualifier)
        return str(found["Environment"]["Variables"]["USER_POOL_ID"])

    site = account.visitor().ask("/app/config.json").json()["userPoolId"]
    return account.outputs()["data"]["UserPoolId"], seen(), seen(Qualifier="live"), site


def test_a_pool_made_again_reaches_all_that_read_it(own_account: Running) -> None:
    account = own_account
    description = account.project.folder / "app.yaml"
    said = "      tables: {notes: read}\n"
    more = f"{said}      users: read\n      provisioned_concurrency: 1\n"
    description.write_text(description.read_text().replace(said, more, 1))
    account.command("deploy", "--yes")
    first = pools(account)
    assert set(first) == {first[0]}

    account.project.build("render")
    data = account.project.folder / "templates_out/dev/data.yaml"
    rendered = data.read_text()
    for old in ("!GetAtt UserPool.", "!Ref UserPool\n", "  UserPool:\n    Type: AWS::Cognito::UserPool\n"):
        rendered = rendered.replace(old, old.replace("UserPool", "OtherPool", 1))
    data.write_text(rendered)
    for stack in ("data", "backend"):
        deploy(account, stack)
    second = pools(account)
    assert second[0] != first[0]
    assert second[:3] == (second[0],) * 3  # the site's files are published by 'publish'

    account.command("deploy", "--yes", "--allow-replacement", "OtherPool", "--allow-replacement", "UserPoolClient")
    third = pools(account)
    assert third[0] not in {first[0], second[0]}
    assert set(third) == {third[0]}
