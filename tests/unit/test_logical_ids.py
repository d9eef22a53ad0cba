"""Logical ids never meet, whatever things are called: one place makes them (``stacks.naming``)."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from troposphere import sqs

import stacks
from stacks import DescriptionError, kinds, naming, render
from stacks.errors import StacksError
from stacks.loading import load, validated
from stacks.parts.templates import Unlimited

PACKAGE = Path(stacks.__file__).parent
KINDS = (
    "ApiAuthorizer", "ApiKey", "AuthorizerPermission", "Bucket", "Client", "DeadLetters", "Errors", "Function", "Group",
    "LogGroup", "Permission", "Policy", "Provider", "Queue", "QueueDeadLetters", "ResourceServer", "Role", "Schedule1",
    "Schedule12", "SchedulerPolicy", "SchedulerRole", "Secret", "Table", "TableKey", "Url", "UrlPermission",
    "UsersPermission", "ZonedSchedule1", *(kind.suffix for kind in kinds.KINDS),
    *(ending for kind in kinds.KINDS for ending in kind.endings if not ending.endswith("TopicPolicy")),
)  # fmt: skip
DERIVED = {
    "DeadLetters": ("Policy",),
    "Queue": ("Policy",),
    "QueueDeadLetters": ("Policy",),
    "Bucket": ("Policy",),
    "Topic": ("Policy",),
}
"""What is put behind an id by what makes the resource."""
_VOCABULARY = """
a 1 1a api authorizer bucket bus client dead delivery errors from function group jobs key letters live
log permission policy pool queue role schedule1 scheduler secret server subscription table topic trail url
user users version waf x123abc path site zoned
"""
WORDS = _VOCABULARY.split()
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("-".join)
described_names = names.filter(lambda name: name[0].isalpha() and len(name) <= 30)


@given(st.sets(st.tuples(names, st.sampled_from(KINDS)), min_size=2, max_size=12))
def test_different_things_have_different_ids(resources: set[tuple[str, str]]) -> None:
    results = [naming.logical_id(name, kind) for name, kind in resources]
    results += [naming.logical_id(name, kind) + more for name, kind in resources for more in DERIVED.get(kind, ())]
    results += [f"{naming.logical_id(name, kind)}Permission" for name, kind in resources if kind.startswith("Schedule")]
    assert len(set(results)) == len(results)
    assert not set(results) & naming.FIXED_IDS
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,255}", result) for result in results)


@given(
    st.sets(
        st.tuples(names, names, st.sampled_from(["Bucket", "Table", "Queue", "Topic", "TopicSubscription", "Bus"])),
        min_size=2,
        max_size=12,
    )
)
def test_different_pairs_have_different_ids(pairs: set[tuple[str, str, str]]) -> None:
    results = {naming.pair_id(first, "From", second, kind) for first, second, kind in pairs}
    assert len(results) == len(pairs)
    assert not results & {naming.logical_id(name, kind) for first, second, kind in pairs for name in (first, second)}


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_any_text_makes_an_id_of_its_own(first: str, second: str) -> None:
    ids = [naming.logical_id(text, "Index") for text in (first, second)]
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,255}", logical_id) for logical_id in ids)
    assert (ids[0] == ids[1]) == (first == second)


def named(section: dict[str, list[str]]) -> dict[str, Any]:
    """A description in which everything that takes a name has these."""
    code = {"handler": "lambda_src/api/notes.py:list_notes", "public": True}
    queues, tables, buckets = section["queues"], section["tables"], section["buckets"]
    functions: dict[str, Any] = {
        name: {
            **code,
            "routes": [f"GET /api/{name}"],
            "events": {"schedules": ["rate(1 hour)", "rate(2 hours)"], "buckets": buckets, "tables": tables},
            "url": {"auth": "none"},
            "gradual": "canary-5m",
        }
        for name in section["functions"]
    }
    first = next(iter(functions))
    functions[first]["events"] = {**functions[first]["events"], "queues": queues}
    keys = {
        "partition_key": "id",
        "encryption": "own",
        "capacity": {side: {"low": 1, "high": 5} for side in ("read", "write")},
    }
    client = {"kind": "browser", "callbacks": ["https://x.example/"]}
    indexes = {name.ljust(3, "x"): {"partition_key": "owner"} for name in section["indexes"]}
    return {
        "name": "n",
        "stages": {"s": {"region": "eu-west-1"}},
        "data": {
            "tables": {name: {**keys, "global_indexes": indexes} for name in tables},
            "buckets": dict.fromkeys(buckets, True),
            "users": {
                "domain": "n-s",
                "groups": section["groups"],
                "clients": dict.fromkeys(section["clients"], client),
                "resource_servers": {name: {"read": "Read"} for name in section["servers"]},
                "triggers": {"pre_sign_up": first},
            },
        },
        "backend": {
            "functions": functions,
            "queues": dict.fromkeys(queues, True),
            "secrets": dict.fromkeys(section["secrets"], True),
            "api": {
                "keys": section["keys"],
                "authorizers": {name: {"function": first} for name in section["authorizers"]},
            },
        },
    }  # fmt: skip


SECTIONS = (
    "functions", "queues", "tables", "indexes", "buckets", "groups", "clients", "servers", "secrets",
    "keys", "authorizers",
)  # fmt: skip
descriptions = st.fixed_dictionaries(
    {name: st.lists(described_names, min_size=1, max_size=3, unique=True) for name in SECTIONS}
)


@settings(max_examples=60, deadline=None)
@given(descriptions)
def test_any_names_render(section: dict[str, list[str]]) -> None:
    section["buckets"] = [name for name in section["buckets"] if len(name) < 15 and name not in {"site", "trail"}]
    section["authorizers"] = [name for name in section["authorizers"] if name != "users"]
    section["indexes"] = [name for name in section["indexes"] if len(name) < 250]
    app = validated(named(section))
    rendered = {stack.stack: stack.template for stack in render(app, app.stages["s"])}
    assert {"data", "backend"} <= rendered.keys()


def test_a_function_may_be_called_api() -> None:
    functions = {"api": {"handler": "lambda_src/api/notes.py:list_notes", "routes": ["GET /x"], "public": True}}
    app = validated({"name": "n", "stages": {"s": {"region": "eu-west-1"}}, "backend": {"functions": functions}})
    backend = next(stack for stack in render(app, app.stages["s"]) if stack.stack == "backend")
    groups = [name for name, body in backend.template["Resources"].items() if body["Type"] == "AWS::Logs::LogGroup"]
    assert {"ApiLogGroup", naming.logical_id("api", "LogGroup")} <= set(groups)


def test_every_id_that_no_name_is_given_to_is_known() -> None:
    """A literal id that ends as a described thing's may has to be in ``FIXED_IDS``."""
    kinds = {kind.rstrip("012") for kind in KINDS} | {"ClientId"}
    facts = {"checks", "types"}  # about properties: they make no resources
    files = [file for file in PACKAGE.rglob("*.py") if not facts & {*file.parts}]
    results = {name for file in files for name in _literal_ids(ast.parse(file.read_text("utf-8")))}
    ending = {name for name in results if any(name.endswith(kind) and name != kind for kind in kinds)}
    assert ending - {"ApiKey", "LogGroup"} <= naming.FIXED_IDS


def _literal_ids(tree: ast.Module) -> set[str]:
    makers = {"log_group", "managed_policy", "own_key", "dead_letters", "private_bucket"}
    results = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            argument = node.args[1] if name == "Output" and len(node.args) > 1 else node.args[0]
            if (name[:1].isupper() or name in makers) and isinstance(argument, ast.Constant):
                results.add(str(argument.value))
    return {name for name in results if re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)}


@pytest.mark.parametrize(
    ("first", "second"),
    [("api/v1", "api-v1"), ("lambda_src/web", "lambda/src/web"), ("api.v1", "api_v1")],
)
def test_folders_that_become_one_zip_are_reported_with_their_line(tmp_path: Path, first: str, second: str) -> None:
    for folder in (first, second):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "f.py").touch()
    text = "name: n\nstages: {s: {region: eu-west-1}}\nbackend:\n  functions:\n"
    text += f"    a: {{handler: '{first}/f.py:f'}}\n    b: {{handler: '{second}/f.py:f'}}\n"
    (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        load(tmp_path / "app.yaml")
    (problem,) = caught.value.problems
    assert problem.line == 6
    assert problem.what.startswith(f"its folder {second} and {first} of 'a' both become the zip ")


@pytest.mark.parametrize("folder", ["números/api", "日本", "a" * 200, "x/" * 80 + "x", "with space"])
def test_any_folder_has_a_name_that_aws_takes(folder: str) -> None:
    functions = {"f": {"handler": f"{folder}/f.py:f"}}
    app = validated({"name": "n", "stages": {"s": {"region": "eu-west-1"}}, "backend": {"functions": functions}})
    backend = next(stack for stack in render(app, app.stages["s"]) if stack.stack == "backend")
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,255}", name) for name in backend.template["Parameters"])


def test_a_second_resource_of_one_name_is_a_problem_with_a_fix() -> None:
    """Users' own resources may meet ours; that is reported, not a traceback."""
    template = Unlimited(Description="n s: backend")
    template.add_resource(sqs.Queue("Jobs"))
    with pytest.raises(StacksError, match=r"has Jobs twice\. Give what you add a name of its own"):
        template.add_resource(sqs.Queue("Jobs"))
