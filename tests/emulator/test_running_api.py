"""The JSON API behind Cognito, and what its functions may touch."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.accounts import RefusedError, UserPool, sign_in
from tests.running import ROOT

if TYPE_CHECKING:
    from tests.running import Running

pytestmark = pytest.mark.emulator


def signed_in(site: Running, email: str, **more: str) -> str:
    """The ID token of a new account, made where the site's own configuration says."""
    config = site.visitor().ask("/app/config.json").json()
    endpoint = site.emulator.site_url + config["cognitoEndpoint"]
    users = UserPool(endpoint=endpoint, pool=config["userPoolId"], client=config["userPoolClientId"])
    return sign_in(users, email, **more)


@pytest.fixture(scope="module")
def ada(site: Running) -> str:
    """A token of one person."""
    return signed_in(site, "ada@example.com")


@pytest.fixture(scope="module")
def bob(site: Running) -> str:
    """A token of another."""
    return signed_in(site, "bob@example.com")


def texts(site: Running, token: str) -> list[str]:
    answer = site.visitor().ask("/api/notes", Authorization=token)
    assert answer.status == 200
    return [note["text"] for note in answer.json()["notes"]]


def add(site: Running, token: str, text: str) -> int:
    body = json.dumps({"text": text}).encode()
    return site.visitor().ask("/api/notes", "POST", body, Authorization=token).status


def forged(token: str) -> str:
    """The token with another person's claims and the old signature."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = json.dumps({**claims, "sub": "somebody-else"}).encode()
    return f"{head}.{base64.urlsafe_b64encode(other).decode().rstrip('=')}.{signature}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_token_the_api_refuses(site: Running, method: str) -> None:
    assert site.visitor().ask("/api/notes", method, b'{"text": "x"}').status == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_with_a_forged_token_the_api_refuses(site: Running, ada: str, method: str) -> None:
    answer = site.visitor().ask("/api/notes", method, b'{"text": "x"}', Authorization=forged(ada))
    assert answer.status == 401


def test_with_a_token_a_note_is_kept_and_listed(site: Running, ada: str) -> None:
    assert add(site, ada, "kept by the API") == 201
    assert "kept by the API" in texts(site, ada)


def test_a_token_may_be_sent_as_a_bearers(site: Running, ada: str) -> None:
    assert texts(site, f"Bearer {ada}") == texts(site, ada)


def test_notes_of_one_person_are_not_anothers(site: Running, ada: str, bob: str) -> None:
    add(site, ada, "for Ada only")
    assert "for Ada only" not in texts(site, bob)


def test_an_empty_note_is_refused_with_a_reason(site: Running, ada: str) -> None:
    answer = site.visitor().ask("/api/notes", "POST", b'{"text": " "}', Authorization=ada)
    assert (answer.status, "cannot be empty" in answer.json()["message"]) == (400, True)


def test_an_address_is_confirmed_only_with_the_right_code(site: Running) -> None:
    with pytest.raises(RefusedError, match="CodeMismatchException"):
        signed_in(site, "eve@example.com", code="000000")


def test_the_sign_up_form_states_the_pools_own_rule(site: Running) -> None:
    pool = site.outputs()["data"]["UserPoolId"]
    policy = site.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]["Policies"]["PasswordPolicy"]
    page = (ROOT / "site/index.html").read_text()
    rule = re.search(r'minlength="(\d+)".*?id="rule">At least (\d+) characters, among them (.*?)\.<', page, re.DOTALL)
    assert rule
    assert rule.group(1, 2) == (str(policy["MinimumLength"]),) * 2
    assert rule[3] == "a capital and a small letter, a digit and a symbol"
    kinds = ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols")
    assert [policy[kind] for kind in kinds] == [True] * 4


@pytest.mark.parametrize("password", ["Too-short-by-", "no-capital-letter-7"])
def test_a_password_against_the_rule_is_refused(site: Running, password: str) -> None:
    with pytest.raises(RefusedError, match="InvalidPasswordException"):
        signed_in(site, "weak@example.com", password=password)


PROBE = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    words = {
        "KeyConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": {":owner": {"S": "x"}},
    }
    try:
        boto3.client("dynamodb").query(TableName=event["table"], **words)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"
"""


@pytest.fixture(scope="module")
def as_web(site: Running) -> Any:
    """What a function with the web function's role is told when it reads a table."""
    functions, tables = site.client("lambda"), site.client("dynamodb")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("probe.py", PROBE)
    role = functions.get_function_configuration(FunctionName="notes-dev-web")["Role"]
    functions.create_function(
        FunctionName="probe", Runtime="python3.14", Role=role, Handler="probe.handler",
        Code={"ZipFile": archive.getvalue()},
    )  # fmt: skip
    tables.create_table(
        TableName="another", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
    )  # fmt: skip

    def report(table: str) -> str:
        event = json.dumps({"table": table})
        answer = functions.invoke(FunctionName="probe", Payload=event)["Payload"].read()
        return str(json.loads(answer))

    return report


def test_a_function_may_read_its_own_table(as_web: Any) -> None:
    assert as_web("notes-dev-notes") == "allowed"


def test_a_function_may_not_touch_another_table(as_web: Any) -> None:
    assert as_web("another") == "AccessDeniedException"
