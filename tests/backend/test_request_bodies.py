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
from tests.backend.describing import MINIMAL, WORKER, body_of, described, problems_of, resources_of

if TYPE_CHECKING:
    from pathlib import Path

NOTE: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "maxLength": 500}, "tags": {"$ref": "#/definitions/tags"}},
    "definitions": {"tags": {"type": "array", "items": {"type": "string"}}},
}
ROUTES = 'routes: [GET /notes, POST /notes, "PUT /notes/{id}"], auth: iam'


def backend_with(body: str, api: str = "") -> str:
    return f"functions: {{work: {{{WORKER}, {ROUTES}, body: {body}}}}}\n{api}"


def project(folder: Path, schema: str, body: str = "note.json", api: str = "") -> Path:
    """A project whose description names ``note.json``, which is ``schema``."""
    result = yaml.safe_load(MINIMAL)
    result["backend"] = yaml.safe_load(backend_with(body, api))
    (folder / "lambda_src/api").mkdir(parents=True)
    (folder / "lambda_src/api/notes.py").touch()
    (folder / "note.json").write_text(schema, encoding="utf-8")
    (folder / "app.yaml").write_text(yaml.safe_dump(result), encoding="utf-8")
    return folder / "app.yaml"


def problems_in(file: Path) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        load(file)
    return [str(problem) for problem in caught.value.problems]


def test_a_file_becomes_a_model_that_every_post_and_put_refers_to_whatever_its_content_type(tmp_path: Path) -> None:
    app = load(project(tmp_path, json.dumps(NOTE)))
    (backend,) = (stack for stack in render(app, app.stages["dev"]) if stack.stack == "backend")
    body = backend.template["Resources"]["Api"]["Properties"]["Body"]
    asked = {f"{verb} {path}": operation for path, verbs in body["paths"].items() for verb, operation in verbs.items()}
    assert "requestBody" not in asked.pop("get /notes")
    for operation in asked.values():
        content = operation["requestBody"]["content"]
        assert operation["requestBody"]["required"] is True
        assert content["$default"] == content["application/json"]
        model = body["components"]["schemas"][content["$default"]["schema"]["$ref"].rpartition("/")[2]]
        assert (model["type"], model["required"]) == ("object", ["text"])
    assert len(asked) == 2


def test_one_route_can_have_a_schema_of_its_own() -> None:
    result = body_of(backend_with("{'POST /notes': {type: object}}"))
    assert list(result["components"]["schemas"].values()) == [{"type": "object"}]
    assert "requestBody" not in result["paths"]["/notes/{id}"]["put"]


def test_bodies_are_validated_by_the_whole_api() -> None:
    result = body_of(backend_with("{'POST /notes': {type: object}}"))
    validator = result["x-amazon-apigateway-request-validators"][result["x-amazon-apigateway-request-validator"]]
    assert validator == {"validateRequestBody": True, "validateRequestParameters": True}


def test_a_changed_schema_makes_a_new_deployment() -> None:
    def deployment(kind: str) -> str:
        resources = resources_of(backend_with(f"{{'*': {{type: {kind}}}}}"))
        (name,) = (name for name, body in resources.items() if body["Type"] == "AWS::ApiGateway::Deployment")
        return name

    assert deployment("object") != deployment("array")


def test_a_file_that_changed_is_read_again_although_the_description_did_not(tmp_path: Path) -> None:
    file = project(tmp_path, json.dumps(NOTE))
    load(file)
    (tmp_path / "note.json").write_text('{"type": "array"}', encoding="utf-8")
    assert load(file).stages["dev"].backend.functions["work"].body_of("POST /notes") == {"type": "array"}


def test_a_schema_is_never_lost_when_nobody_read_its_file() -> None:
    app = validated(described(backend_with("note.json")))
    with pytest.raises(DescriptionError, match=r"note\.json was not read"):
        render(app, app.stages["dev"])


def test_a_schema_and_its_definitions_are_models_of_their_own() -> None:
    body = body_of(backend_with(f"{{'POST /notes': {json.dumps(NOTE)}}}"))
    schemas, post = body["components"]["schemas"], body["paths"]["/notes"]["post"]
    model = schemas[post["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    assert "definitions" not in model
    assert schemas[model["properties"]["tags"]["$ref"].rpartition("/")[2]] == NOTE["definitions"]["tags"]
    assert all(name.isalnum() for name in schemas)


WRONG = {
    '{"type": "object",\n "properties": {"a": {"const": 1}}}': "note.json:2: properties.a.const: 'const' is not in",
    '{"requred": ["a"]}': (
        "note.json:1: requred: 'requred' is not a word of JSON Schema draft 4. Did you mean 'required'?"
    ),
    '{"type": "text"}': "\"text\" is not a value of 'type'",
    '{"required": []}': "[] is not a value of 'required'",
    '{"exclusiveMinimum": 3}': "API Gateway may leave 'exclusiveMinimum' out when it imports the API",
    '{"additionalProperties": false}': "API Gateway may leave 'additionalProperties' out when it imports the API",
    '{"patternProperties": {"a": {}}}': "API Gateway may leave 'patternProperties' out when it imports the API",
    '{"type": ["string", "null"]}': "is not a value of 'type'. Write one of array, boolean",
    '{"items": [{"type": "string"}]}': "'items' holds a list of schemas, OpenAPI 3.0 takes one",
    '{"$schema": "https://json-schema.org/draft/2020-12/schema"}': "is not a value of '$schema'",
    '{"properties": {"a": true}}': "properties.a: is not a schema. Write a mapping; draft 4 knows no true",
    '{"$ref": "other.json"}': '"other.json" is not inside this schema',
    '{"$ref": "#/definitions/nte", "definitions": {"note": {}}}': "there is no #/definitions/nte. Did you mean 'note'?",
    '{"definitions": {"a-b": {}}}': "'a-b' is not a name of a model",
    '{"properties": {"a": {"$ref": "#/definitions/b", "type": "object"}}, "definitions": {"b": {}}}': "makes it void",
    '{"allOf": {}}': "'allOf' holds no schemas. Write a list",
    '{"type": "object",}': "note.json:1: JSON: ",
    '{"minimum": NaN}': "NaN is not a number",
    '{"type": "object", "type": "array"}': "'type' appears twice",
    "[1]": "schema: is not a mapping",
    '{"not":' * 5000 + "{}" + "}" * 5000: "is nested too deeply",
    json.dumps({"enum": ["x" * 400_000]}): "bytes, API Gateway takes 400,000",
}


def test_a_reference_may_have_a_title_and_a_description(tmp_path: Path) -> None:
    schema = {
        "properties": {"a": {"$ref": "#/definitions/b", "title": "A", "description": "B"}},
        "definitions": {"b": {}},
    }
    assert load(project(tmp_path, json.dumps(schema))).stages


@pytest.mark.parametrize("schema", WRONG, ids=range(len(WRONG)))
def test_what_a_rest_api_would_not_check_is_reported_with_its_place(schema: str, tmp_path: Path) -> None:
    (problem,) = problems_in(project(tmp_path, schema))
    assert problem.startswith("note.json")
    assert WRONG[schema] in problem


WORDS_OF_DRAFT_4 = ("additionalItems", "additionalProperties", "anyOf", "dependencies", "exclusiveMaximum", "maxItems")


@pytest.mark.parametrize("keyword", WORDS_OF_DRAFT_4)
@pytest.mark.parametrize("stacks", [1, 2])
def test_what_an_import_leaves_out_is_reported_for_every_size_of_api(keyword: str, stacks: int, tmp_path: Path) -> None:
    """Every API is imported from OpenAPI, and a word that the import leaves out checks nothing.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    (problem,) = problems_in(
        project(tmp_path, json.dumps({"properties": {"a": {keyword: {}}}}), api=f"stacks: {stacks}")
    )
    assert problem.startswith("note.json:1: properties.a")
    assert f"API Gateway may leave {keyword!r} out when it imports the API. Check it in the function." in problem


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    (problem,) = problems_in(project(tmp_path, "{}", body="nte.json"))
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
    for path, what, fix, _ in body_schemas.schema_mistakes(schema):
        assert path or "bytes" in what
        assert not f"{what}{fix}".endswith(".")


BODIES = {
    ("note.json", "api: {type: http}"): "an HTTP API does not check bodies",
    ("{'GET /notes': note.json}", ""): "is not a route with a body",
    ("{'POST /nots': note.json}", ""): "there is no route 'POST /nots' of this function. Did you mean 'POST /notes'?",
    ("note.yaml", ""): "is not a JSON Schema file inside the project",
    ("../note.json", ""): "is not a JSON Schema file inside the project",
    ("{'*': {const: 1}}", ""): "'const' is not in JSON Schema draft 4",
}


@pytest.mark.parametrize(("body", "api"), BODIES)
def test_a_body_that_no_route_can_have_is_reported(body: str, api: str) -> None:
    problem, *more = problems_of(backend_with(body, api))
    assert not more
    assert BODIES[body, api] in problem
    assert problem.startswith("backend.functions.work.body")


def test_every_route_of_a_function_without_posts_is_none() -> None:
    (problem,) = problems_of(f"functions: {{work: {{{WORKER}, routes: [ANY /], public: true, body: note.json}}}}")
    assert "no route of its own is a POST, PUT or PATCH" in problem
