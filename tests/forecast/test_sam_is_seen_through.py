"""``diff`` and rights look at what SAM's transform makes, not at SAM's own types."""

from __future__ import annotations

from typing import Any

from stacks.deploy.foresee import foresee
from stacks.template.emit import yaml_text
from stacks.template.rendered import Rendered
from stacks.testing import MemoryCloud
from stacks.transforms.sam import TRANSFORM, without_sam


def _stack(**properties: Any) -> Rendered:
    function = {"Handler": "a.b", "Runtime": "python3.14", "CodeUri": {"Bucket": "b", "Key": {"Ref": "Key"}}}
    template = {
        "Transform": TRANSFORM,
        "Parameters": {"Key": {"Type": "String"}},
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {**function, **properties}}},
    }
    return Rendered(
        stack="backend", name="shop-dev-backend", region="eu-west-1", template=template, body=yaml_text(template)
    )


def test_the_forecast_shows_the_resources_that_sam_makes() -> None:
    cloud = MemoryCloud()
    changes = foresee(_stack(), {"Key": "code/a.zip"}, cloud, "111111111111")
    assert {(change.name, change.type) for change in changes.changes if change.section == "Resources"} == {
        ("F", "AWS::Lambda::Function"),
        ("FRole", "AWS::IAM::Role"),
    }


def test_new_code_makes_a_new_version_of_a_published_function() -> None:
    versions = [
        {
            name
            for stack in without_sam([_stack(AutoPublishAlias="live")], {"backend": {"Key": key}})
            for name in stack.template["Resources"]
        }
        for key in ("code/a.zip", "code/b.zip")
    ]
    assert len(versions[0] ^ versions[1]) == 2
