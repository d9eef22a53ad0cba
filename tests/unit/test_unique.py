"""What AWS has once is compared over all stages and sections when a description is read, and reported with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks import DescriptionError
from stacks.description.validation import app_of
from stacks.intrinsics.reading import parse
from stacks.loading import load, validated

if TYPE_CHECKING:
    from pathlib import Path

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
API_CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
CODE = {"handler": "lambda_src/api/notes.py:list_notes"}
KEY = {"partition_key": "id"}
ROUTED = {**CODE, "routes": ["GET /x"], "public": True}


def site(name: str) -> dict[str, Any]:
    return {"frontend": {"static": "static", "domain": {"name": name, "certificate": CERTIFICATE}}}


def sign_in(name: str) -> dict[str, Any]:
    return {"data": {"users": {"domain": {"name": name, "certificate": CERTIFICATE}}}}


def api(name: str) -> dict[str, Any]:
    domain = {"name": name, "certificate": API_CERTIFICATE}
    return {"backend": {"functions": {"f": ROUTED}, "api": {"domain": domain}}}


def prefix(name: str) -> dict[str, Any]:
    return {"data": {"users": {"domain": name}}}


def problems(*stages: dict[str, Any], names: tuple[str, str] = ("one", "two")) -> list[str]:
    described = {name: {"region": "eu-west-1", **stage} for name, stage in zip(names, stages, strict=False)}
    try:
        app_of(parse(yaml.safe_dump({"name": "n", "stages": described}), "app.yaml"), "app.yaml")
    except DescriptionError as error:
        return [f"{problem.where}: {problem.what}. {problem.fix}." for problem in error.problems]
    return []


HOST = "a.example.com"


@pytest.mark.parametrize("first", [site, sign_in, api])
@pytest.mark.parametrize("second", [site, sign_in, api])
def test_a_host_name_is_taken_once_in_all_stages(first: Any, second: Any) -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html."""
    (problem,) = problems(first(HOST), second(HOST))
    assert problem.startswith("stages.two.")
    assert "a.example.com is the " in problem
    assert "of stage 'one' already" in problem
    assert problems(first(HOST), second("b.example.com")) == []


def test_a_host_name_is_taken_once_in_a_stage() -> None:
    (problem,) = problems({**site(HOST), **sign_in(HOST)})
    assert problem.startswith("stages.one.data.users.domain.name: a.example.com is the site's domain already")


def test_www_is_a_name_of_the_site_too() -> None:
    stage = site("example.com")
    stage["frontend"]["domain"]["www"] = True
    assert len(problems(stage, api("www.example.com"))) == 1


def test_a_sign_in_prefix_is_taken_once_in_a_region() -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html."""
    (problem,) = problems(prefix("n"), prefix("n"))
    assert problem == (
        "stages.two.data.users.domain: n is the sign-in prefix of stage 'one' already."
        " Write 'domain: n-two' under 'stages.two.data.users'."
    )
    assert problems(prefix("n"), {**prefix("n"), "region": "eu-central-1"}) == []
    assert len(problems({**prefix("n"), "account": "1" * 12}, {**prefix("n"), "account": "2" * 12})) == 1


def test_what_all_stages_share_is_reported_at_the_place_where_it_is_written(tmp_path: Path) -> None:
    text = "name: n\nstages: {dev: {region: eu-west-1}, prod: {region: eu-west-1}}\ndata:\n  users:\n    domain: n\n"
    (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        load(tmp_path / "app.yaml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.where) == (5, "data.users.domain")


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("function", {"backend": {"functions": {"b-c": CODE}}}, {"backend": {"functions": {"c": CODE}}}),
        ("table", {"data": {"tables": {"b-c": KEY}}}, {"data": {"tables": {"c": KEY}}}),
        ("bucket", {"data": {"buckets": {"b-c": True}}}, {"data": {"buckets": {"c": True}}}),
        ("bucket", {"data": {"buckets": {"b-code": True}}}, {}),
    ],
)  # fmt: skip
def test_stages_whose_names_run_together_share_no_physical_name(
    kind: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    results = problems(first, second, names=("a", "a-b"))
    assert len(results) == 2
    assert f"is {kind} 'b-c" in results[1]
    assert len(problems({**first, "region": "eu-central-1"}, second, names=("a", "a-b"))) == 1
    assert problems({**first, "account": "1" * 12}, {**second, "account": "2" * 12}, names=("a", "a-b")) == []


@pytest.mark.parametrize("names", [("prod", "prod-eu"), ("prod-eu", "prod")])
def test_stages_whose_names_extend_one_another_are_in_accounts_that_differ(names: tuple[str, str]) -> None:
    (problem,) = problems({}, {}, names=names)
    assert problem == (
        "stages.prod-eu: its name begins with that of stage 'prod', so rights to n-prod-* reach it. Rename one of them,"
        " or write the account of each if they are in different ones."
    )
    same = problems({"account": "1" * 12}, {"account": "1" * 12}, names=names)
    assert any("rights to n-prod-* reach it" in item for item in same)
    assert problems({"account": "1" * 12}, {"account": "2" * 12}, names=names) == []


def test_names_that_only_begin_alike_are_no_extension() -> None:
    assert problems({}, {}, names=("prod", "production")) == []


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("backend.api.keys[1]", "backend: {functions: {f: FUNCTION}, api: {keys: [a, a]}}"),
        ("data.users.groups[2]", "data: {users: {groups: [a, b, a]}}"),
        (
            "backend.functions.f.events.queues[1]",
            "backend: {queues: {j: true}, functions: {f: {CODE, events: {queues: [j, j]}}}}",
        ),
        ("backend.functions.f.invoke[1]", "backend: {functions: {f: {CODE, invoke: [f, f]}}}"),
        ("backend.functions.f.routes[1]", "backend: {functions: {f: {CODE, routes: [GET /a, GET /a], public: true}}}"),
        ("frontend.waf.block[1]", "frontend: {static: s, waf: {block: [1.0.0.0/8, 1.0.0.0/8]}}"),
        ("frontend.csp.sources.img-src[1]", "frontend: {static: s, csp: {sources: {img-src: ['data:', 'data:']}}}"),
        ("data.users.required[1]", "data: {users: {required: [name, name]}}"),
    ],
)  # fmt: skip
def test_a_list_that_names_a_thing_twice_is_reported(path: str, section: str) -> None:
    code = "handler: lambda_src/api/notes.py:list_notes"
    text = section.replace("FUNCTION", f"{{{code}, routes: [GET /x], public: true}}").replace("CODE", code)
    with pytest.raises(DescriptionError) as caught:
        validated({"name": "n", "stages": {"s": {"region": "eu-west-1"}}, **yaml.safe_load(text)})
    messages = [str(problem) for problem in caught.value.problems]
    assert any(
        message.startswith(f"{path}: names ") and message.endswith("twice. Name it once.") for message in messages
    ), messages


def test_a_region_with_two_zones_is_not_asked_for_three() -> None:
    """https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html."""
    (problem,) = problems({"region": "us-west-1", "base": {"vpc": {"zones": 3}}})
    assert problem.startswith("stages.one.base.vpc.zones: 3 zones, and an account sees 2 in us-west-1")
