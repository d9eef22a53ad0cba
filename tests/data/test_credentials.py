"""Credentials of AWS for the users of an application: who gets them, and what they are good for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.checks.run import check

if TYPE_CHECKING:
    from tests.data.conftest import Problems, Rendering

TABLES = {
    "notes": {"partition_key": "owner", "sort_key": "id"},
    "counts": {"partition_key": {"name": "n", "type": "N"}},
}
FILES = "arn:${AWS::Partition}:s3:::photos/${cognito-identity.amazonaws.com:sub}/*"
READ_FILES = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": FILES}
LOOK = {"Effect": "Allow", "Action": "geo:GetMapTile", "Resource": "arn:aws:geo:eu-west-1:123456789012:map/notes"}


def resources(rendering: Rendering, users: dict[str, Any], **sections: Any) -> dict[str, Any]:
    result: dict[str, Any] = rendering({"tables": TABLES, "users": users}, **sections)["data"].template["Resources"]
    return result


def test_who_signed_in_gets_the_items_that_are_the_own_ones(rendering: Rendering) -> None:
    result = resources(rendering, {"credentials": {"tables": {"notes": "read"}}})
    (statement,) = result["SignedInPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"]}
    }
    assert "dynamodb:GetItem" in statement["Action"]
    assert not {"dynamodb:Scan", "dynamodb:PutItem"} & set(statement["Action"])


def test_the_role_is_below_the_boundary_and_for_this_pool_alone(rendering: Rendering) -> None:
    result = resources(rendering, {"credentials": {"tables": {"notes": "read"}}})
    role = result["SignedInRole"]["Properties"]
    assert role["Path"] == "/notes-dev/data/"
    assert role["PermissionsBoundary"]["Fn::Sub"].endswith(":policy/notes-dev/platform/notes-dev-boundary")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert (trust["Action"], trust["Principal"]) == (
        ["sts:AssumeRoleWithWebIdentity"],
        {"Federated": ["cognito-identity.amazonaws.com"]},
    )
    assert trust["Condition"] == {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": {"Ref": "IdentityPool"}},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
    }


def test_guests_get_nothing_unless_described(rendering: Rendering) -> None:
    plain = resources(rendering, {"credentials": {"tables": {"notes": "read"}}})
    assert plain["IdentityPool"]["Properties"]["AllowUnauthenticatedIdentities"] is False
    assert plain["IdentityPoolRoles"]["Properties"]["Roles"].keys() == {"authenticated"}
    assert "GuestRole" not in plain
    with_guests = resources(rendering, {"credentials": {"tables": {"notes": "read"}, "guests": [LOOK]}})
    assert with_guests["IdentityPool"]["Properties"]["AllowUnauthenticatedIdentities"] is True
    assert with_guests["GuestPolicy"]["Properties"]["PolicyDocument"]["Statement"] == [LOOK]
    condition = with_guests["GuestRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    assert condition["ForAnyValue:StringLike"] == {"cognito-identity.amazonaws.com:amr": "unauthenticated"}


def test_statements_keep_iams_own_variable_and_fit_the_boundary(rendering: Rendering) -> None:
    stacks = rendering({"users": {"credentials": {"statements": [READ_FILES]}}})
    result = stacks["data"].template["Resources"]["SignedInPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert result["Resource"] == {"Fn::Sub": FILES.replace("${cognito", "${!cognito")}
    boundary = stacks["base"].template["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]
    assert result in boundary["Statement"]


def test_the_pool_takes_the_tokens_of_each_client_that_the_stack_knows(rendering: Rendering) -> None:
    clients = {
        "app": {"kind": "browser", "callbacks": ["/back"]},
        "phone": {"kind": "browser"},
        "nightly": {"kind": "machine", "scopes": ["notes-api/read"]},
    }
    users = {
        "domain": "notes-sign-in",
        "resource_servers": {"notes-api": {"read": "Read"}},
        "clients": clients,
        "credentials": {"tables": {"notes": "read"}},
    }
    result = resources(rendering, users, frontend={"site": {"folder": "site"}})
    providers = result["IdentityPool"]["Properties"]["CognitoIdentityProviders"]
    assert [provider["ClientId"] for provider in providers] == [{"Ref": "UserPoolClient"}, {"Ref": "PhoneClient"}]
    assert all(provider["ServerSideTokenCheck"] for provider in providers)


def test_a_table_with_its_own_key_can_be_read_with_it(rendering: Rendering) -> None:
    data = {
        "tables": {"notes": {"partition_key": "owner", "encryption": "own"}},
        "users": {"credentials": {"tables": {"notes": "read"}}},
    }
    statement = rendering(data)["data"].template["Resources"]["SignedInPolicy"]["Properties"]["PolicyDocument"][
        "Statement"
    ]
    key = next(entry for entry in statement if "kms:Decrypt" in entry["Action"])
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}


def test_it_stays_and_has_no_findings(rendering: Rendering) -> None:
    users = {"credentials": {"tables": {"notes": "read-write"}, "guests": [LOOK]}}
    stacks = rendering({"tables": TABLES, "users": users})
    pool = stacks["data"].template["Resources"]["IdentityPool"]
    assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert check(stacks.values()) == ()


@pytest.mark.parametrize(
    ("credentials", "message"),
    [
        ({}, "data.users.credentials: are good for nothing. Name 'tables' or 'statements', or drop it."),
        ({"guests": [LOOK]}, "data.users.credentials: are good for nothing."),
        ({"tables": {"nots": "read"}}, "credentials.tables.nots: there is no table 'nots'. Did you mean 'notes'?"),
        ({"tables": {"counts": "read"}}, "credentials.tables.counts: has a partition key that is not a string"),
        ({"tables": {"notes": "all"}}, "data.users.credentials.tables.notes: "),
        (
            {"statements": [{**LOOK, "Action": "dynamodb:Scan", "Resource": "*"}]},
            "data.users.credentials.statements[0]: allows 'dynamodb:Scan' on everything in the account.",
        ),
        (
            {"tables": {"notes": "read"}, "guests": [{**LOOK, "Action": "iam:PassRole"}]},
            "data.users.credentials.guests[0]: allows 'iam:PassRole', which no function may do here.",
        ),
        ({"statements": [{**LOOK, "Principal": "*"}]}, "statements[0].Principal: is not allowed in such a statement."),
    ],
)
def test_wrong_credentials_are_reported_once(problems: Problems, credentials: dict[str, Any], message: str) -> None:
    results = problems({"tables": TABLES, "users": {"credentials": credentials}})
    assert len(results) == 1, results
    assert message in results[0]
