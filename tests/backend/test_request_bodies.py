"""Bodies of requests are checked by the REST API itself, from JSON Schema files that the loader reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stacks import DescriptionError, load, render
from stacks.description import body_schemas
from stacks.loading import validated
from tests.backend.describing import MINIMAL, WORKER, described, problems_of, resources_of, stacks_of

if TYPE_CHECKING:
    from pathlib import Path

NOTE: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "maxLength": 500}, "tags": {"$ref": "#/definitions/tags"}},
    "definitions": {"tags": {"type": "array", "items": {"type": "string"}}},
}
ROUTES = 'routes: [GET /notes, POST /notes, "PUT /notes/{id}"], auth: iam'


def one(body: str, api: str = "") -> str:
    return f"functions: {{work: {{{WORKER}, {ROUTES}, body: {body}}}}}\n{api}"


def project(folder: Path, schema: str, body: str = "note.json", api: str = "") -> Path:
    """A project whose description names ``note.json``, which is ``schema``."""
    made = yaml.safe_load(MINIMAL)
    made["backend"] = yaml.safe_load(one(body, api))
    (folder / "lambda_src/api").mkdir(parents=True)
    (folder / "lambda_src/api/notes.py").touch()
    (folder / "note.json").write_text(schema, encoding="utf-8")
    (folder / "app.yaml").write_text(yaml.safe_dump(made), encoding="utf-8")
    return folder / "app.yaml"


def told(file: Path) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        load(file)
    return [str(problem) for problem in caught.value.problems]


def test_a_file_becomes_a_model_that_every_post_and_put_refers_to_whatever_its_content_type(tmp_path: Path) -> None:
    app = load(project(tmp_path, json.dumps(NOTE)))
    (backend,) = (one for one in render(app, app.stages["dev"]) if one.stack == "backend")
    found = backend.template["Resources"]
    models = {name: body["Properties"] for name, body in found.items() if body["Type"] == "AWS::ApiGateway::Model"}
    assert len(models) == 2
    for model in models.values():
        assert json.loads(model["Schema"]) == {"$schema": "http://json-schema.org/draft-04/schema#", **NOTE}
    asked = {
        body["Properties"]["HttpMethod"]: body["Properties"].get("RequestModels", {})
        for body in found.values()
        if body["Type"] == "AWS::ApiGateway::Method"
    }
    assert asked.pop("GET") == {}
    assert {one["$default"]["Ref"] for one in asked.values()} == models.keys()
    assert all(one["application/json"] == one["$default"] for one in asked.values())


def test_one_route_can_have_a_schema_of_its_own() -> None:
    found = resources_of(one("{'POST /notes': {type: object}}"))
    (model,) = (body for body in found.values() if body["Type"] == "AWS::ApiGateway::Model")
    assert json.loads(model["Properties"]["Schema"])["type"] == "object"


def test_a_changed_schema_makes_a_new_deployment() -> None:
    def deployment(kind: str) -> str:
        found = resources_of(one(f"{{'*': {{type: {kind}}}}}"))
        (name,) = (name for name, body in found.items() if body["Type"] == "AWS::ApiGateway::Deployment")
        return name

    assert deployment("object") != deployment("array")


def test_a_file_that_changed_is_read_again_although_the_description_did_not(tmp_path: Path) -> None:
    file = project(tmp_path, json.dumps(NOTE))
    load(file)
    (tmp_path / "note.json").write_text('{"type": "array"}', encoding="utf-8")
    assert load(file).stages["dev"].backend.functions["work"].body_of("POST /notes") == {"type": "array"}


def test_a_schema_is_never_lost_when_nobody_read_its_file() -> None:
    app = validated(described(one("note.json")))
    with pytest.raises(DescriptionError, match=r"note\.json was not read"):
        render(app, app.stages["dev"])


def test_in_a_body_of_openapi_a_schema_and_its_parts_are_components() -> None:
    rest = "".join(f"  f{number}: {{{WORKER}, routes: [GET /f/{number}], auth: iam}}\n" for number in range(400))
    taker = f"  work: {{{WORKER}, {ROUTES}, body: {{'POST /notes': {json.dumps(NOTE)}}}}}\n"
    found = stacks_of(f"stacks: 8\nfunctions:\n{rest}{taker}")["backend"]["Resources"]
    assert not [name for name, body in found.items() if body["Type"] == "AWS::ApiGateway::Model"]
    body = found["Api"]["Properties"]["Body"]
    schemas, post = body["components"]["schemas"], body["paths"]["/notes"]["post"]
    reference = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert post["requestBody"]["content"]["$default"]["schema"]["$ref"] == reference
    model = schemas[reference.rpartition("/")[2]]
    assert model["required"] == ["text"]
    assert schemas[model["properties"]["tags"]["$ref"].rpartition("/")[2]] == NOTE["definitions"]["tags"]
    assert "requestBody" not in body["paths"]["/notes"]["get"]


WRONG = {
    '{"type": "object",\n "properties": {"a": {"const": 1}}}': "note.json:2: properties.a.const: 'const' is not in",
    '{"requred": ["a"]}': "note.json:1: requred: 'requred' is no word of JSON Schema draft 4. Did you mean 'required'?",
    '{"type": "text"}': "\"text\" is no value of 'type'",
    '{"required": []}': "[] is no value of 'required'",
    '{"exclusiveMinimum": 3}': "3 is no value of 'exclusiveMinimum'. In draft 4 it is true beside",
    '{"$schema": "https://json-schema.org/draft/2020-12/schema"}': "is no value of '$schema'",
    '{"properties": {"a": true}}': "properties.a: is no schema. Write a mapping; draft 4 knows no true",
    '{"$ref": "other.json"}': '"other.json" is not inside this schema',
    '{"$ref": "#/definitions/nte", "definitions": {"note": {}}}': "there is no #/definitions/nte. Did you mean 'note'?",
    '{"definitions": {"a-b": {}}}': "'a-b' is no name of a model",
    '{"properties": {"a": {"$ref": "#/definitions/b", "type": "null"}}, "definitions": {"b": {}}}': "makes it void",
    '{"anyOf": {}}': "'anyOf' holds no schemas. Write a list",
    '{"type": "object",}': "note.json:1: JSON: ",
    '{"minimum": NaN}': "NaN is no number",
    '{"type": "object", "type": "array"}': "'type' stands twice",
    "[1]": "schema: is no mapping",
    '{"not":' * 5000 + "{}" + "}" * 5000: "is nested too deeply",
    json.dumps({"enum": ["x" * 400_000]}): "bytes, API Gateway takes 400,000",
}


@pytest.mark.parametrize("schema", WRONG, ids=range(len(WRONG)))
def test_what_a_rest_api_would_not_check_is_told_with_its_place(schema: str, tmp_path: Path) -> None:
    (problem,) = told(project(tmp_path, schema))
    assert problem.startswith("note.json")
    assert WRONG[schema] in problem


def test_what_an_import_leaves_out_is_told_only_where_there_may_be_one(tmp_path: Path) -> None:
    file = project(tmp_path, '{"minItems": 1}', api="stacks: 2")
    (problem,) = told(file)
    assert "minItems: may be left out where 'backend.stacks' is over 1" in problem
    file.write_text(file.read_text().replace("stacks: 2", "stacks: 1"), encoding="utf-8")
    assert load(file).stages["dev"].backend.functions["work"].body == {"*": {"minItems": 1}}


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (problem,) = told(project(tmp_path, "{}", body="nte.json"))
    assert "there is no file nte.json" in problem
    assert problem.startswith("app.yaml:")


WORDS = sorted(body_schemas._KNOWN | body_schemas._LATER.keys() | {"a"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["", "#/definitions/a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=5))
def test_any_json_at_all_is_judged(schema: dict[str, Any]) -> None:
    for path, what, fix in body_schemas.schema_mistakes(schema, in_openapi=True):
        assert path or "bytes" in what
        assert not f"{what}{fix}".endswith(".")


BODIES = {
    ("note.json", "api: {type: http}"): "an HTTP API does not check bodies",
    ("{'GET /notes': note.json}", ""): "is no route with a body",
    ("{'POST /nots': note.json}", ""): "there is no route 'POST /nots' of this function. Did you mean 'POST /notes'?",
    ("note.yaml", ""): "is no JSON Schema file inside the project",
    ("../note.json", ""): "is no JSON Schema file inside the project",
    ("{'*': {const: 1}}", ""): "'const' is not in JSON Schema draft 4",
}


@pytest.mark.parametrize(("body", "api"), BODIES)
def test_a_body_that_no_route_can_have_is_told(body: str, api: str) -> None:
    problem, *more = problems_of(one(body, api))
    assert not more
    assert BODIES[body, api] in problem
    assert problem.startswith("backend.functions.work.body")


def test_every_route_of_a_function_without_posts_is_none() -> None:
    (problem,) = problems_of(f"functions: {{work: {{{WORKER}, routes: [ANY /], public: true, body: note.json}}}}")
    assert "no route of its own is a POST, PUT or PATCH" in problem
