"""A base stack with pipelines is too large to be sent: its first deployment makes the bucket for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.deploy.adoption import with_plain_names
from stacks.deploy.bucket_first import foundation
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.limits import INLINE_BYTES
from stacks.progress import ChangesFound
from stacks.rendering import render
from stacks.template.references import names_in, open_references
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.app import App
    from stacks.progress import Progress


def test_the_foundation_is_the_bucket_with_what_it_needs(template: dict[str, Any]) -> None:
    result = foundation(template)
    assert result is not None
    assert sorted(result["Resources"]) == ["ArtifactBucket", "ArtifactBucketPolicy", "LogBucket", "LogBucketPolicy"]
    assert sorted(result["Outputs"]) == ["ArtifactBucketName", "LogBucketName"]
    assert list(open_references("base", result, names_in(result))) == []


def test_a_template_without_the_bucket_has_no_foundation() -> None:
    assert foundation({"Resources": {"Other": {"Type": "AWS::SNS::Topic"}}}) is None


def test_a_new_base_that_is_too_large_is_deployed_in_two_steps(piped: Callable[..., App]) -> None:
    app = piped(notify="team@example.com")
    rendered = render(app, app.stages["dev"])
    base = next(stack for stack in rendered if stack.stack == "base")
    assert len(base.body.encode()) > INLINE_BYTES
    seen: list[Progress] = []
    cloud = MemoryCloud()
    deploy(make_plan(rendered, only=["artifacts-us-east-1"]), cloud, lambda _: None)
    deploy(make_plan(rendered, only=["base"]), cloud, seen.append)
    first, second = [event.change_set for event in seen if isinstance(event, ChangesFound)]
    assert (first.creates, second.creates) == (True, False)
    assert {change.logical_id for change in first.changes} == set((foundation(base.template) or {})["Resources"])
    # Both halves import what a destroyed stage left behind, for which names are written out.
    written_out = with_plain_names(dict(base.template), cloud.account(), "eu-west-1", base.name)
    assert cloud.template(base.name, "eu-west-1") == written_out
    seen.clear()
    deploy(make_plan(rendered, only=["base"]), cloud, seen.append)
    assert [event for event in seen if isinstance(event, ChangesFound)] == []


def test_both_halves_of_a_large_base_take_back_what_was_left_behind(piped: Callable[..., App]) -> None:
    """An update imports nothing by itself: the second half asks for it, or fails on each name.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
    """
    app = piped(notify="team@example.com")
    rendered = render(app, app.stages["dev"])
    seen: list[Progress] = []
    cloud = MemoryCloud()
    deploy(make_plan(rendered, only=["artifacts-us-east-1"]), cloud, lambda _: None)
    deploy(make_plan(rendered, only=["base"]), cloud, lambda _: None)
    base = cloud.stack("notes-dev-base", "eu-west-1")
    assert base
    cloud.protect(base, on=False)
    list(cloud.delete(base))
    deploy(make_plan(rendered, only=["base"]), cloud, seen.append)
    first, second = [event.change_set for event in seen if isinstance(event, ChangesFound)][:2]
    taken = [{change.logical_id for change in half.changes if change.action == "import"} for half in (first, second)]
    assert "ArtifactBucket" in taken[0]
    assert "LogBucket" in set().union(*taken)
    assert taken[1]
