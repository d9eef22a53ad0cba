"""A web ACL made again in us-east-1 reaches the distribution of the other region, in one deploy.

CloudFormation does not notice that a value of another region moved, so the deployer gives a digest of these values:
docs/references.md. The emulator gives each web ACL an ARN of its own, as AWS does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.running import Running

HOOK = """def renamed(template, app, stage):
    template.resources["WebAcl"].Name = "notes-dev-again"
"""
pytestmark = pytest.mark.emulator


def _acls(account: Running) -> tuple[str, str]:
    """The web ACL that its stack has, and the one of the distribution."""
    made = account.outputs()["frontend-edge"]["WebAclArn"]
    cloudfront: Any = account.client("cloudfront")
    distribution = cloudfront.get_distribution_config(Id=account.outputs()["frontend"]["DistributionId"])
    return made, str(distribution["DistributionConfig"]["WebACLId"])


def test_a_web_acl_made_again_reaches_the_distribution_in_the_same_deploy(own_account: Running) -> None:
    account = own_account
    account.command("deploy", "--yes")
    first = _acls(account)
    assert first[0] == first[1]

    folder = account.project.folder
    (folder / "infra").mkdir()
    (folder / "infra/edge.py").write_text(HOOK)
    description = yaml.safe_load((folder / "app.yaml").read_text())
    description["extend"] = {"frontend-edge": "infra/edge.py:renamed"}
    (folder / "app.yaml").write_text(yaml.safe_dump(description))
    account.command("deploy", "--yes")
    second = _acls(account)
    assert second[0] != first[0]
    assert second[0] == second[1]
