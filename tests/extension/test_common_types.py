"""Common CloudFormation types in a stack of your own: each is rendered, judged and has derived deploy rights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stacks import load
from stacks.checks.run import check
from stacks.forecast.compare import compare
from stacks.foreign.reading import parse
from stacks.roles import derive
from stacks.template.emit import yaml_text
from stacks.template.references import read_by

if TYPE_CHECKING:
    from tests.extension.conftest import Project

_FILE = Path(__file__).with_name("common_types.yaml")
_ALL: dict[str, Any] = parse(_FILE.read_text(encoding="utf-8"), where=_FILE.name)["Resources"]


def _alone(name: str) -> str:
    """A template with one of the resources and those that it refers to."""
    wanted, open_names = {name}, [name]
    while open_names:
        for other in read_by(_ALL[open_names.pop()]).keys() & _ALL.keys():
            if other not in wanted:
                wanted.add(other)
                open_names.append(other)
    return yaml_text({"Resources": {logical_id: _ALL[logical_id] for logical_id in sorted(wanted)}})


@pytest.mark.parametrize("name", _ALL)
def test_a_common_type_has_deploy_rights_that_name_single_actions(project: Project, tmp_path: Path, name: str) -> None:
    rendered = project("stacks: {own: {template: infra/own.yaml}}\n", {"infra/own.yaml": _alone(name)})
    app = load(tmp_path / "app.yaml")
    actions = derive(app.stages["dev"], rendered["own"]).actions
    service = _ALL[name]["Type"].split("::")[1].lower()
    assert [action for action in actions if "*" in action] == []
    assert any(action.partition(":")[0] in _SERVICES.get(service, (service,)) for action in actions)


_SERVICES = {
    "cognito": ("cognito-idp",),
    "kinesisfirehose": ("firehose",),
    "stepfunctions": ("states",),
}
"""How IAM calls the services whose types are called otherwise."""


@pytest.mark.parametrize("name", _ALL)
def test_taking_a_common_type_out_is_forecast(project: Project, name: str) -> None:
    rendered = project("stacks: {own: {template: infra/own.yaml}}\n", {"infra/own.yaml": _alone(name)})
    template = rendered["own"].template
    rest = {logical_id: body for logical_id, body in template["Resources"].items() if logical_id != name}
    (change,) = [entry for entry in compare(template, {**template, "Resources": rest}) if entry.name == name]
    assert (change.action, change.destructive) == ("remove", _ALL[name]["Type"] in _HOLDS_DATA)


_HOLDS_DATA = {
    "AWS::Cognito::UserPool",
    "AWS::DSQL::Cluster",
    "AWS::DynamoDB::Table",
    "AWS::ECR::Repository",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}


def test_the_rules_judge_own_stacks_like_generated_ones(project: Project) -> None:
    rendered = project("stacks: {own: {template: infra/own.yaml}}\n", {"infra/own.yaml": _alone("Table")})
    assert "TABLE-RESTORE" in {finding.rule for finding in check(list(rendered.values()))}
