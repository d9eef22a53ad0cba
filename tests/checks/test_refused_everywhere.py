"""What AWS refuses fails ``lint``, wherever in an application it stands: each variant once in each place.

The places: a user's raw resource, an override of a generated resource, a stack of your own, and a template of another
framework. None can be suppressed, and the exit code is 1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.checks import Template
from stacks.checks.run import check, refuse_refused
from stacks.errors import CheckError, DescriptionError, StacksError
from stacks.loading import load
from stacks.rendering import render
from tests.checks.agreement_cases import CASES as AGREEMENT
from tests.checks.refused_cases import CASES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.checks.refused_cases import Case

START: dict[str, Any] = {"name": "shop", "stages": {"dev": {"region": "eu-west-1"}}}
FUNCTION = {"handler": "src/app.py:handler", "public": True, "routes": ["GET /a"]}
REFUSED = [case for case in (*CASES, *AGREEMENT) if case.rule and case.region == "eu-west-1" and not case.more]


def _refused(folder: Path, described: dict[str, Any]) -> set[str]:
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src/app.py").write_text("def handler(*_): pass\n")
    (folder / "app.yaml").write_text(json.dumps({**START, **described}))
    app = load(folder / "app.yaml")
    try:
        refuse_refused(render(app, app.stages["dev"]))
    except CheckError as error:
        return {problem.what.partition(" ")[0] for problem in error.problems}
    except StacksError as error:  # what a template refers to and does not have ends ``lint`` before
        return {"dangling"} if "refers to" in str(error) or "reads output" in str(error) else {str(error)}
    return set()


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.rule}: {case.name}")
def test_in_a_template_of_another_framework(tmp_path: Path, case: Case) -> None:
    (tmp_path / "legacy.json").write_text(json.dumps({"Resources": case.resources}))
    assert _refused(tmp_path, {"backend": {"template": "legacy.json"}}) & {case.rule, "dangling"}


@pytest.mark.parametrize("case", AGREEMENT, ids=lambda case: f"{case.rule}: {case.name}")
def test_in_a_stack_of_ones_own(tmp_path: Path, case: Case) -> None:
    own = {"template": {"Resources": case.resources}, "region": case.region}
    (tmp_path / "own.json").write_text(json.dumps(own["template"]))
    described = {"stacks": {"own": {"template": "own.json", "region": case.region}}}
    results = _refused(tmp_path, described)
    assert (case.rule in results) if case.rule else not results


OVERRIDES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("FN-MEMORY-RANGE", "AFunction", {"MemorySize": 20_000}),
    ("FN-TIMEOUT-RANGE", "AFunction", {"Timeout": 1_801}),
    ("FN-LAYER-ARN", "AFunction", {"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:x:1"]}),
    ("FN-VARIABLES", "AFunction", {"Environment": {"Variables": {"A": {"B": "c"}}}}),
    ("FN-NAME", "AFunction", {"FunctionName": "no spaces"}),
    ("API-STAGE-NAME", "ApiStage", {"StageName": "my.stage"}),
    ("LOG-RETENTION-RANGE", "ALogGroup", {"RetentionInDays": 31}),
    ("ROLE-SESSION-RANGE", "ARole", {"MaxSessionDuration": 60}),
)


@pytest.mark.parametrize(("rule", "name", "properties"), OVERRIDES)
def test_in_an_override(tmp_path: Path, rule: str, name: str, properties: dict[str, Any]) -> None:
    overrides = {name: {"Properties": properties}}
    assert rule in _refused(tmp_path, {"backend": {"functions": {"a": FUNCTION}, "overrides": overrides}})


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.rule}: {case.name}")
def test_in_a_raw_resource(tmp_path: Path, case: Case) -> None:
    """Also where the description itself is refused for it, as for properties that no schema has."""
    try:
        rules = _refused(tmp_path, {"data": {"resources": case.resources}})
    except DescriptionError as error:
        rules = {problem.rule for problem in error.problems}
    assert rules & {case.rule, "dangling", "RESOURCE-SCHEMA", "TEMPLATE-NAMES"}


@pytest.mark.parametrize(
    "case", [case for case in AGREEMENT if case.rule][::3], ids=lambda case: f"{case.rule}: {case.name}"
)
@pytest.mark.parametrize("section", ["base", "data", "backend", "frontend"])
def test_in_a_raw_resource_of_each_section(tmp_path: Path, case: Case, section: str) -> None:
    described: dict[str, Any] = {section: {"resources": {f"X{name}": body for name, body in case.resources.items()}}}
    text = json.dumps(described).replace('{"Ref": "R', '{"Ref": "XR').replace('["R0"', '["XR0"')
    if section in {"base", "frontend"}:
        (tmp_path / "static").mkdir()
    more = {"frontend": {"static": "static", "waf": False}} if section == "frontend" else {}
    merged = json.loads(text)
    for key, value in more.items():
        merged[key] = {**value, **merged[key]}
    assert case.rule in _refused(tmp_path, merged)


JUNK: list[Any] = [None, True, -1, 9, "", "*", "x", [], {}, ["a"], {"Ref": "x"}, {"Fn::Sub": {}}, [None], 1.5]


@given(st.data())
def test_every_rule_bears_anything_in_place_of_any_value(data: st.DataObject) -> None:
    """Templates from elsewhere: findings perhaps, never an exception."""
    case = data.draw(st.sampled_from((*CASES, *AGREEMENT)))
    resources = _replaced(case.resources, data)
    check([Template(stack="own", region=case.region, template={"Resources": resources})])


def _replaced(value: Any, data: st.DataObject) -> Any:
    if isinstance(value, dict) and value and data.draw(st.integers(0, 5)):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: _replaced(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 5)):
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], _replaced(value[index], data), *value[index + 1 :]]
    return data.draw(st.sampled_from(JUNK))
