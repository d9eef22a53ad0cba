"""``sync``: code alone, for stages that people develop on, and what the next deployment corrects."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks import render
from stacks.cloud import Headers, StackState
from stacks.deploy.sync import KEY, correct, drifted, note, noted, refuse_changed, targets
from stacks.errors import DeployError, UsageError
from stacks.loading import validated
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stacks.app import Stage
    from stacks.template.rendered import Rendered

BUCKET = "artifacts"


class Functions(MemoryCloud):
    """An account whose functions have the code of a key."""

    def __init__(self) -> None:
        super().__init__()
        self.code: dict[str, str] = {}
        self.buckets[BUCKET] = {}

    def update_code(self, function: str, region: str, bucket: str, key: str) -> bool:
        assert (region, bucket) == ("eu-west-1", BUCKET)
        before = self.code.get(function)
        self.code[function] = key
        return before != key


@pytest.fixture
def stage(root: Path) -> Stage:
    """The example's stage dev."""
    return validated(yaml.safe_load((root / "app.yaml").read_text())).stages["dev"]


@pytest.fixture
def rendered(root: Path) -> Sequence[Rendered]:
    """Its stacks."""
    app = validated(yaml.safe_load((root / "app.yaml").read_text()))
    return render(app, app.stages["dev"])


class Deployed(Functions):
    """The backend as a deployment with the given keys left it."""

    def __init__(self, stack: Rendered, keys: dict[str, str]) -> None:
        super().__init__()
        self._template, self._keys = copy.deepcopy(dict(stack.template)), keys

    def template(self, name: str, region: str) -> dict[str, Any]:
        assert (name, region) == ("notes-dev-backend", "eu-west-1")
        return self._template

    def stack(self, name: str, region: str) -> StackState | None:
        return StackState(id=name, name=name, region=region, status="UPDATE_COMPLETE", parameters=self._keys)


def deployed(rendered: Sequence[Rendered], keys: dict[str, str]) -> Functions:
    return Deployed(next(stack for stack in rendered if stack.stack == "backend"), keys)


def test_a_protected_stage_is_refused(root: Path) -> None:
    app = validated(yaml.safe_load((root / "app.yaml").read_text()))
    with pytest.raises(UsageError, match="stage prod: is protected"):
        targets(app.stages["prod"], render(app, app.stages["prod"]), ["web"])


def test_an_unknown_function_is_refused_with_the_nearest(stage: Stage, rendered: Sequence[Rendered]) -> None:
    with pytest.raises(UsageError, match="Did you mean 'web'"):
        targets(stage, rendered, ["wep"])


def test_what_only_cloudformation_can_change_is_refused(stage: Stage, rendered: Sequence[Rendered]) -> None:
    web = replace(stage.backend.functions["web"], gradual="linear-10m")
    served = replace(stage, backend=replace(stage.backend, functions={**stage.backend.functions, "web": web}))
    templated = replace(stage, backend=replace(stage.backend, template="out/sam.yaml"))
    refusals = []
    for chosen, stacks in ((served, rendered), (templated, rendered), (stage, ())):
        with pytest.raises(UsageError) as caught:
            targets(chosen, stacks, ["web"])
        refusals.append(str(caught.value))
    alias = "is served by an alias of published versions, which only CloudFormation updates"
    assert refusals == [
        f"function 'web': {alias}. Use 'deploy backend'.",
        "stage dev: has its functions from a template, which names their code itself. Use 'deploy backend'.",
        "function 'web': has no code of its own in the template. Use 'deploy backend'.",
    ]


def test_a_function_is_known_by_its_name_and_the_parameter_of_its_code(
    stage: Stage, rendered: Sequence[Rendered]
) -> None:
    (web,) = targets(stage, rendered, ["web", "web"])
    assert (web.physical, web.rendered.stack) == ("notes-dev-web", "backend")


def test_a_function_whose_template_changed_is_refused(stage: Stage, rendered: Sequence[Rendered]) -> None:
    aws = deployed(rendered, {})
    (web,) = targets(stage, rendered, ["web"])
    refuse_changed([web], {}, aws)
    own = next(body for body in web.rendered.template["Resources"].values() if _is(body, "notes-dev-web"))
    memory, own["Properties"]["MemorySize"] = own["Properties"]["MemorySize"], 3008
    try:
        with pytest.raises(DeployError, match=r"its template changed, too\. Use 'deploy backend'"):
            refuse_changed([web], {}, aws)
    finally:
        own["Properties"]["MemorySize"] = memory


def _is(body: dict[str, Any], name: str) -> bool:
    return bool(body.get("Properties", {}).get("FunctionName") == name)


def test_a_function_that_is_not_deployed_is_refused(stage: Stage, rendered: Sequence[Rendered]) -> None:
    with pytest.raises(DeployError, match="is not deployed"):
        refuse_changed(targets(stage, rendered, ["web"]), {}, Functions())


def test_the_next_deployment_gives_a_synced_function_its_deployed_code(
    stage: Stage, rendered: Sequence[Rendered]
) -> None:
    (web,) = targets(stage, rendered, ["web"])
    aws = deployed(rendered, {web.parameter: "code/deployed.zip"})
    note([web], BUCKET, aws)
    aws.update_code(web.physical, "eu-west-1", BUCKET, "code/synced.zip")
    assert noted(BUCKET, aws) == ("web",)
    assert correct(stage, rendered, BUCKET, aws) == ("web",)
    assert aws.code == {"notes-dev-web": "code/deployed.zip"}
    assert aws.get(BUCKET, KEY) is None
    assert correct(stage, rendered, BUCKET, aws) == ()


def test_several_functions_are_noted_together(stage: Stage, rendered: Sequence[Rendered]) -> None:
    aws = Functions()
    aws.put(BUCKET, KEY, json.dumps(["add-note"]).encode(), Headers())
    note(targets(stage, rendered, ["web"]), BUCKET, aws)
    assert noted(BUCKET, aws) == ("add-note", "web")


def test_synced_code_is_drift_until_the_next_deployment(stage: Stage, rendered: Sequence[Rendered]) -> None:
    (web,) = targets(stage, rendered, ["web"])
    aws = deployed(rendered, {web.parameter: "code/deployed.zip"})
    assert drifted(stage, rendered, BUCKET, aws) == {}
    note([web], BUCKET, aws)
    ((drift,),) = drifted(stage, rendered, BUCKET, aws).values()
    assert (drift.logical_id, drift.physical_id, drift.deleted) == ("WebFunction", "notes-dev-web", False)
    (code,) = drift.differences
    assert (code.path, code.expected, code.actual) == ("/Code/S3Key", "code/deployed.zip", "the code of 'sync'")
    correct(stage, rendered, BUCKET, aws)
    assert drifted(stage, rendered, BUCKET, aws) == {}


def test_without_a_bucket_nothing_was_synced(stage: Stage, rendered: Sequence[Rendered]) -> None:
    assert drifted(stage, rendered, None, Functions()) == {}
