"""``shared_requirements``: the layer in the templates, who runs with it, and which rights deploying it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import DescriptionError, load, render
from stacks.loading import validated
from stacks.release.code import bundles
from stacks.roles import derive
from tests.backend.describing import WORKER, described, properties_of, resources_of, stacks_of

if TYPE_CHECKING:
    from pathlib import Path

SHARED = "shared_requirements: lambda_src/shared.txt"
TWO = f"{SHARED}\nfunctions: {{one: {{{WORKER}}}, two: {{wsgi: lambda_src/web/app.py:app, public: true}}}}"
THREE = f"{SHARED}\nfunctions: {{one: {{{WORKER}}}, two: {{{WORKER}, runtime: python3.12, architecture: x86_64}}}}"
LAYER = "AWS::Lambda::LayerVersion"


def test_one_layer_serves_functions_of_one_runtime_and_architecture() -> None:
    (layer,) = properties_of(TWO, LAYER)
    assert (layer["LayerName"], layer["Content"]["S3Key"]) == ("notes-dev-shared-layer", {"Ref": "SharedLayerKey"})
    assert (layer["CompatibleRuntimes"], layer["CompatibleArchitectures"]) == (["python3.14"], ["arm64"])
    layers = [function["Layers"] for function in properties_of(TWO, "AWS::Lambda::Function")]
    assert layers == [[{"Ref": "SharedLayer"}]] * 2


def test_another_runtime_has_a_layer_of_its_own() -> None:
    names = [layer["LayerName"] for layer in properties_of(THREE, LAYER)]
    assert names == ["notes-dev-shared-layer", "notes-dev-shared-layer-python312-x8664"]
    (_, two) = properties_of(THREE, "AWS::Lambda::Function")
    assert two["Layers"] == [{"Ref": "SharedLayerPython312X8664"}]


def test_named_layers_stay_before_the_shared_one() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:layer:tools:3"
    (function,) = properties_of(
        f"{SHARED}\nfunctions: {{one: {{{WORKER}, layers: ['{arn}']}}}}", "AWS::Lambda::Function"
    )
    assert function["Layers"] == [arn, {"Ref": "SharedLayer"}]


def test_functions_of_several_stacks_read_one_layer() -> None:
    stacks = stacks_of(f"stacks: 3\n{TWO}")
    holders = [
        stack
        for stack, body in stacks.items()
        if any(resource["Type"] == LAYER for resource in body["Resources"].values())
    ]
    assert holders == ["backend"]
    (function,) = (
        body for stack in stacks.values() for name, body in stack["Resources"].items() if name == "OneFunction"
    )
    assert function["Properties"]["Layers"] == [{"Ref": "BackendSharedLayer"}]
    assert stacks["backend"]["Resources"]["PublishedSharedLayer"]["Properties"]["Value"] == {"Ref": "SharedLayer"}


def test_each_function_is_packaged_with_the_layer_before_it(tmp_path: Path) -> None:
    results = bundles(validated(described(THREE)).stages["dev"], tmp_path)
    assert [(bundle.name, bundle.is_layer, bundle.layer) for bundle in results] == [
        ("shared_layer", True, None),
        ("shared_layer_python312_x8664", True, None),
        ("lambda-src-api", False, "shared_layer"),
        ("lambda-src-api-python312-x8664", False, "shared_layer_python312_x8664"),
    ]


def test_deploying_reads_and_makes_the_stages_own_layers_only() -> None:
    app = validated(described(TWO))
    stage = app.stages["dev"]
    (backend,) = (stack for stack in render(app, stage) if stack.stack == "backend")
    places: dict[str, set[str]] = {}
    for document in derive(stage, backend).documents():
        for statement in document["Statement"]:
            for action in _texts(statement.get("Action")):
                if "LayerVersion" in action:
                    places.setdefault(action, set()).update(
                        text.partition(":layer:")[2] for text in _texts(statement["Resource"])
                    )
    own = {"notes-dev-shared-layer", "notes-dev-shared-layer:*"}
    assert places == {
        "lambda:DeleteLayerVersion": own,
        "lambda:GetLayerVersion": {*own, "notes-dev-*:*"},
        "lambda:PublishLayerVersion": own,
    }


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def test_a_missing_file_is_reported_with_its_line(tmp_path: Path) -> None:
    text = f"name: notes\nstages: {{dev: {{region: eu-west-1}}}}\nbackend:\n  {SHARED}\n"
    (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError, match=r"app.yaml:4: backend.shared_requirements: there is no file lambda_src"):
        load(tmp_path / "app.yaml")


def test_without_shared_requirements_there_is_no_layer() -> None:
    resources = resources_of(f"functions: {{one: {{{WORKER}}}}}")
    assert not any(body["Type"] == LAYER or "Layers" in body.get("Properties", {}) for body in resources.values())
