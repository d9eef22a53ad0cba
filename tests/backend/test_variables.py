"""The variables that a function is given have one list; a variable of its own never replaces one unseen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks import DescriptionError, render
from stacks.loading import validated
from stacks.stages.variables import given_variables

WSGI = {"wsgi": "lambda_src/web/app.py:app", "public": True}
HANDLER = {"handler": "lambda_src/api/notes.py:add_note"}
uses = st.fixed_dictionaries(
    {},
    optional={
        "tables": st.just({"session-log": "read"}),
        "buckets": st.just({"uploads": "read"}),
        "queues": st.just({"jobs": "send"}),
        "secrets": st.just(["session-key", "stripe"]),
        "invoke": st.just(["other"]),
        "users": st.just("read"),
        "url": st.just(True),
        "routes": st.just(["GET /x"]),
    },
)
frontends = st.fixed_dictionaries(
    {"static": st.just("static")},
    optional={
        "waf": st.sampled_from([False, True, {"direct_api": True}]),
        "domain": st.just({"name": "n.example.com", "zone": "Z0123456789"}),
        "serve": st.just("split"),
    },
)
apis = st.fixed_dictionaries(
    {},
    optional={"cors": st.sampled_from(["https://x.example", {"origins": ["https://x.example"], "credentials": True}])},
)


def described(function: dict[str, Any], frontend: dict[str, Any], api: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "n",
        "stages": {"s": {"region": "eu-west-1"}},
        "data": {"tables": {"session-log": {"partition_key": "id"}}, "buckets": {"uploads": True}, "users": True},
        "backend": {
            "queues": {"jobs": True},
            "secrets": {"session-key": True, "stripe": "given"},
            "functions": {"f": function, "other": HANDLER, "web": {**WSGI, "routes": ["ANY /w"]}},
            "api": api,
        },
        "frontend": frontend,
    }


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([WSGI, HANDLER]), uses, frontends, apis)
def test_the_list_is_what_the_template_gives(
    kind: dict[str, Any], used: dict[str, Any], frontend: dict[str, Any], api: dict[str, Any]
) -> None:
    description = described({**kind, **used, "public": True}, frontend, api)
    app = validated(description)
    stage = app.stages["s"]
    backend = next(stack for stack in render(app, stage) if stack.stack == "backend")
    variables = backend.template["Resources"]["FFunction"]["Properties"]["Environment"]["Variables"]
    known = given_variables(stage.backend.functions["f"], stage)
    assert variables.keys() == known.keys()
    own = dict.fromkeys(known, "mine")
    with pytest.raises(DescriptionError) as caught:
        validated(described({**kind, **used, "public": True, "environment": own}, frontend, api))
    messages = [str(problem) for problem in caught.value.problems if "is given to the function already" in str(problem)]
    assert len(messages) == len(known)


@pytest.mark.parametrize("name", ["AWS_XRAY_CONTEXT_MISSING", "PYTHONUNBUFFERED", "AWS_RETRY_MODE", "TZ", "SITE_HOSTS"])
def test_a_variable_that_nobody_gives_is_taken(name: str) -> None:
    function = {**HANDLER, "environment": {name: "x"}}
    assert validated(described(function, {"static": "static"}, {})).stages["s"].backend.functions["f"].environment
