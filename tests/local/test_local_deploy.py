"""Raw templates deployed to the local AWS by any client, unchanged; and the site they make, through the edge."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from stacks.local.emulator import Emulator, local_aws

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.local.conftest import Account

pytestmark = pytest.mark.emulator


def echoed(account: Account, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
    return json.loads(account.get(path, method, body, **headers).body)


@pytest.fixture(scope="module")
def base(account: Account) -> Account:
    """The account after one plain command line."""
    path = str(account.templates / "base.yaml")
    account.cli("cloudformation", "deploy", "--template-file", path, "--stack-name", "raw-base")
    return account


def test_the_aws_cli_deploys_a_template_with_unknown_types(base: Account) -> None:
    assert base.outputs("raw-base") == {"LogsName": "raw-base-logs"}


def test_what_was_left_out_can_be_read(base: Account) -> None:
    assert {(notice.logical_id, notice.type) for notice in base.notices("raw-base")} == {
        ("Trail", "AWS::CloudTrail::Trail"),
        ("FlowLogs", "AWS::EC2::FlowLog"),
        ("TrailArn", "Output"),
    }


def test_a_client_reads_back_the_template_it_sent(base: Account) -> None:
    answer = base.client("cloudformation").get_template(StackName="raw-base")
    assert answer["TemplateBody"] == base.template("base")


def test_a_second_deployment_has_nothing_to_do(base: Account) -> None:
    path = str(base.templates / "base.yaml")
    command = ["deploy", "--template-file", path, "--stack-name", "raw-base", "--no-fail-on-empty-changeset"]
    assert "No changes to deploy" in base.cli("cloudformation", *command)


def test_the_aws_cli_deploys_a_template_by_way_of_a_bucket(base: Account) -> None:
    path = str(base.templates / "edge.yaml")
    command = ["cloudformation", "deploy", "--template-file", path, "--stack-name", "raw-url"]
    base.cli(*command, "--s3-bucket", "raw-base-logs", region="us-east-1")
    assert [notice.logical_id for notice in base.notices("raw-url")] == ["WebAclLogging"]
    cloudformation = base.client("cloudformation", "us-east-1")
    cloudformation.delete_stack(StackName="raw-url")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="raw-url")


def test_a_long_template_is_deployed_too(base: Account) -> None:
    queues = {f"Queue{n}": {"Type": "AWS::SQS::Queue", "Metadata": {"Why": "x" * 400}} for n in range(120)}
    body = json.dumps({"Resources": {**queues, "Trail": {"Type": "AWS::CloudTrail::Trail"}}})
    base.client("s3").put_object(Bucket="raw-base-logs", Key="long.json", Body=body.encode())
    url = "https://raw-base-logs.s3.eu-west-1.amazonaws.com/long.json"
    base.client("cloudformation").create_stack(StackName="raw-long", TemplateURL=url)
    base.client("cloudformation").get_waiter("stack_create_complete").wait(StackName="raw-long")
    assert [notice.logical_id for notice in base.notices("raw-long")] == ["Trail"]


def test_a_wrong_template_is_refused_as_the_emulator_refuses_it(account: Account) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        account.client("cloudformation").validate_template(TemplateBody="nonsense: true")


def test_a_stack_of_us_east_1_is_read_from_home(site: Account) -> None:
    domain = site.outputs("raw-frontend")["Domain"]
    result = site.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    acl = next(item["WebACLId"] for item in result if item["DomainName"] == domain)
    assert acl == site.outputs("raw-edge", region="us-east-1")["WebAclArn"]


def test_private_objects_reach_the_browser(site: Account) -> None:
    assert site.get("/app/index.html").body == b"<h1>Hi</h1>"


def test_private_objects_are_private_at_the_bucket(site: Account) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(f"{site.emulator.endpoint_url}/raw-site/app/index.html")
    refused.value.close()


def test_routes_of_the_single_page_application_are_its_page(site: Account) -> None:
    assert site.get("/app/notes/42").body == b"<h1>Hi</h1>"


def test_security_headers_are_set(site: Account) -> None:
    assert site.get("/app/").all("content-security-policy") == ["default-src 'self'"]


def test_the_api_sees_paths_without_its_stage(site: Account) -> None:
    assert echoed(site, "/api/echo")["path"] == "/api/echo"


def test_the_api_sees_repeated_query_values(site: Account) -> None:
    assert echoed(site, "/api/echo?x=1&x=2")["query"] == {"x": ["1", "2"]}


def test_the_api_sees_cookies(site: Account) -> None:
    assert echoed(site, "/api/echo", Cookie="a=1; b=2")["headers"]["cookie"] == "a=1; b=2"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_reaches_the_api(site: Account, method: str) -> None:
    assert echoed(site, "/api/echo", method)["method"] == method


def test_several_cookies_reach_the_browser(site: Account) -> None:
    assert site.get("/cookies").all("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]


@pytest.mark.parametrize("path", ["/binary", "/own/binary"])
def test_binary_bodies_reach_the_browser(site: Account, path: str) -> None:
    assert site.get(path).body == bytes(range(256)) * 40


def test_a_head_request_has_headers_and_no_body(site: Account) -> None:
    answer = site.get("/app/index.html", "HEAD")
    assert (answer.status, answer.all("content-length"), answer.body) == (200, ["11"], b"")


def test_redirects_stay_at_the_edge(site: Account) -> None:
    assert site.get("/away").all("location") == ["/api/echo"]


@pytest.mark.parametrize("path", ["/login", "/logout", "/oauth2/token", "/health", "/_ministack/health", "/v2/email/x"])
def test_paths_the_emulator_has_too_are_the_applications(site: Account, path: str) -> None:
    assert echoed(site, path)["path"] == path


def test_a_form_posted_to_a_login_page_is_the_applications(site: Account) -> None:
    assert echoed(site, "/login", "POST", b"a=b")["path"] == "/login"


def test_a_function_reads_its_generated_secret_by_arn(site: Account) -> None:
    assert site.get("/secret").body == b"48"


def test_a_function_does_not_see_what_the_emulator_is_started_with(site: Account) -> None:
    seen = set(json.loads(site.get("/variables").body))
    assert seen & {"LOG_LEVEL", "FRONT_NOTICES", "FRONT_EDGE_PORT", "FRONT_PARENT", "PYTEST_CURRENT_TEST"} == set()


def test_a_substituted_origin_can_be_read(site: Account) -> None:
    assert [(notice.kind, notice.logical_id) for notice in site.notices("raw-frontend")] == [
        ("substituted", "Distribution")
    ]


def test_without_a_token_the_api_refuses_in_the_words_of_its_gateway_response(site: Account) -> None:
    answer = site.get("/api/notes?q=1")
    assert (answer.status, answer.body) == (401, b'{"error": "sign in first"}')


def cognito(site: Account, action: str, **request: Any) -> Any:
    target = f"AWSCognitoIdentityProviderService.{action}"
    answer = site.get(
        "/_local/cognito/",
        "POST",
        json.dumps(request).encode(),
        Content_Type="application/x-amz-json-1.1",
        X_Amz_Target=target,
    )
    assert answer.status == 200, answer.body
    return json.loads(answer.body or b"{}")


@pytest.fixture(scope="module")
def token(site: Account) -> str:
    """The ID token of somebody who signed up through the edge."""
    client = site.outputs("raw-data")["ClientId"]
    user = {"ClientId": client, "Username": "ada@example.com"}
    cognito(site, "SignUp", **user, Password="correct-Horse-1-battery")
    cognito(site, "ConfirmSignUp", **user, ConfirmationCode="123456")
    credentials = {"USERNAME": "ada@example.com", "PASSWORD": "correct-Horse-1-battery"}
    answer = cognito(site, "InitiateAuth", ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=credentials)
    return str(answer["AuthenticationResult"]["IdToken"])


@pytest.mark.parametrize("scheme", ["", "Bearer "])
def test_a_token_from_the_edge_opens_the_api(site: Account, token: str, scheme: str) -> None:
    assert echoed(site, "/api/notes?q=1", Authorization=f"{scheme}{token}")["email"] == "ada@example.com"


def test_a_changed_token_does_not(site: Account, token: str) -> None:
    head, _, signature = token.rpartition(".")
    assert site.get("/api/notes?q=1", Authorization=f"{head}.{signature[::-1]}").status == 401


def test_a_kept_site_is_served_again_after_a_restart(account: Account, tmp_path: Path) -> None:
    def up() -> AbstractContextManager[Emulator]:
        return local_aws(region="eu-west-1", account="111111111111", home=tmp_path, keep=True)

    with up() as emulator:
        replace(account, emulator=emulator).deploy_site()
    with up() as emulator:
        again = replace(account, emulator=emulator)
        assert (again.get("/app/").body, again.get("/secret").body) == (b"<h1>Hi</h1>", b"48")
