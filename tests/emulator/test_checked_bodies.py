"""Bodies that a JSON Schema refuses do not reach the function, on a local AWS made by one command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.emulator.accounts import UserPool, sign_in
from tests.running import REGION, Running, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator
ROUTE = "routes: [POST /api/notes]\n"
SCHEMA = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "maxLength": 500}}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example, whose notes have a schema, running."""
    project = copied(tmp_path_factory.mktemp("bodies"))
    (project.folder / "lambda_src/api/note.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    file = project.folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    assert ROUTE in text
    file.write_text(text.replace(ROUTE, f"{ROUTE}      body: lambda_src/api/note.json\n"), encoding="utf-8")
    with local_run(project) as running:
        yield running


def test_the_api_refuses_what_the_schema_refuses_and_takes_the_rest(site: Running) -> None:
    outputs = site.outputs()["data"]
    endpoint = f"{site.emulator.site_url}/_local/cognito/"
    ada = sign_in(
        UserPool(endpoint=endpoint, pool=outputs["UserPoolId"], client=outputs["UserPoolClientId"]), "ada@example.com"
    )

    def post(body: object) -> int:
        sent = json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        return site.visitor().ask("/api/notes", "POST", sent, Authorization=ada, **kind).status

    assert post({"text": "kept"}) == 201
    assert post({"text": 7}) == 400
    assert post([]) == 400
    assert [note["text"] for note in site.visitor().ask("/api/notes", Authorization=ada).json()["notes"]] == ["kept"]


def test_the_model_is_asked_for_whatever_type_the_body_says_it_is(site: Running) -> None:
    api = site.client("apigateway", REGION)
    (entry,) = api.get_rest_apis()["items"]
    (resource,) = (item for item in api.get_resources(restApiId=entry["id"])["items"] if item["path"] == "/api/notes")
    method = api.get_method(restApiId=entry["id"], resourceId=resource["id"], httpMethod="POST")
    asked = method["requestModels"]
    assert set(asked) == {"$default", "application/json"}
    model = api.get_model(restApiId=entry["id"], modelName=asked["$default"])
    assert json.loads(model["schema"])["required"] == ["text"]
