"""Routes that go and path parameters that are renamed, deployed by one command each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import REGION, Running, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator
ROUTES = "routes: [GET /api/notes]"
BOTH = 'routes: [GET /api/notes, GET /api/old, "GET /api/notes/{id}"]'
RENAMED = 'routes: [GET /api/notes, "GET /api/notes/{key}"]'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example with two more routes, running."""
    project = copied(tmp_path_factory.mktemp("routes"))
    with local_run(project) as running:
        describe(running, ROUTES, BOTH)
        running.command("deploy", "--yes")
        yield running


def describe(site: Running, old: str, new: str) -> None:
    file = site.project.folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def paths(site: Running) -> set[str]:
    api = site.client("apigateway", REGION)
    (entry,) = api.get_rest_apis()["items"]
    return {item["path"] for item in api.get_resources(restApiId=entry["id"])["items"]}


def test_a_removed_route_is_gone_and_a_renamed_path_parameter_is_deployed(site: Running) -> None:
    """serverless#7542 and aws-cdk#25172: with methods as resources the one stays, the other is refused."""
    visitor = site.visitor()
    assert visitor.ask("/api/old").status == visitor.ask("/api/notes/1").status == 401
    api = site.outputs()["backend"]["ApiId"]
    describe(site, BOTH, RENAMED)
    forecast = site.project.run("diff", *site.target).stdout
    assert "GET /api/old: - for users" in forecast
    assert "GET /api/notes/{key}: GET /api/notes/{id} -> GET /api/notes/{key}" in forecast
    assert "LocalRoute" not in forecast
    site.command("deploy", "--yes")
    assert visitor.ask("/api/old").status == 404  # the web application has the rest
    assert visitor.ask("/api/notes/1").status == visitor.ask("/api/notes").status == 401
    assert {"/api/notes/{key}"} == {path for path in paths(site) if "{" in path and "proxy" not in path}
    assert site.outputs()["backend"]["ApiId"] == api


def test_clients_see_the_resources_of_the_template(site: Running) -> None:
    cloudformation = site.client("cloudformation", REGION)
    seen = cloudformation.describe_stack_resources(StackName="notes-dev-backend")["StackResources"]
    kinds = [entry["ResourceType"] for entry in seen if entry["ResourceType"].startswith("AWS::ApiGateway")]
    assert sorted(kinds) == ["AWS::ApiGateway::Deployment", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"]


def test_a_body_that_api_gateway_refuses_is_refused_here(site: Running) -> None:
    paths: dict[str, dict[str, dict[str, str]]] = {"/a/{id}": {"get": {}}, "/a/{key}": {"get": {}}}
    properties = {"Name": "x", "Body": {"openapi": "3.0.1", "paths": paths}}
    template = {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}}}
    cloudformation = site.client("cloudformation", REGION)
    with pytest.raises(
        cloudformation.exceptions.ClientError, match="A sibling of this resource already has a variable path part"
    ):
        cloudformation.create_stack(StackName="refused", TemplateBody=str(template).replace("'", '"'))
