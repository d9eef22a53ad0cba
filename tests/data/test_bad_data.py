"""Each mistake of the data section is told once: the line of app.yaml, what is wrong, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks import DescriptionError, load

if TYPE_CHECKING:
    from pathlib import Path

START = """\
name: notes
stages: {dev: {region: eu-west-1}}
data:
"""
MISTAKES = {
    "a table without keys": (
        "  tables:\n    notes: {}\n",
        "app.yaml:5: data.tables.notes.partition_key: is missing. Add it.",
    ),
    "an index on an attribute that nobody names": (
        "  tables:\n    notes:\n      partition_key: owner\n      global_indexes:\n        by-title: {holds: all}\n",
        "app.yaml:8: data.tables.notes.global_indexes.by-title.partition_key: is missing. Add it.",
    ),
    "six local indexes": (
        "  tables:\n    notes:\n      partition_key: owner\n      sort_key: at\n      local_indexes:\n"
        + "".join(f"        by-{number}: {{sort_key: a{number}}}\n" for number in range(6)),
        (
            "app.yaml:5: data.tables.notes: has 6 local indexes, DynamoDB allows 5. Drop some, or use 'global_indexes'."
            " [TABLE-INDEXES]"
        ),
    ),
    "a key with a name that DynamoDB keeps for itself": (
        "  tables:\n    notes: {partition_key: 'aws:rep:time'}\n",
        (
            "app.yaml:5: data.tables.notes: 'aws:rep:time' is reserved for DynamoDB. Choose a name without 'aws:'."
            " [TABLE-ATTRIBUTE-NAME]"
        ),
    ),
    "an attribute that every pool has": (
        "  users:\n    attributes:\n      email: {}\n",
        (
            "app.yaml:4: data.users: has the attribute 'email', which every pool has. Choose another name."
            " [USERS-ATTRIBUTE-NAME]"
        ),
    ),
    "an attribute with a name that is too long": (
        "  users:\n    attributes:\n      the-plan-that-was-booked: {}\n",
        (
            "app.yaml:6: data.users.attributes.the-plan-that-was-booked: 'the-plan-that-was-booked' has 24 characters,"
            " 20 are allowed. Shorten it. [USERS-ATTRIBUTE-NAME]"
        ),
    ),
    "an attribute that is too long": (
        "  users:\n    attributes:\n      plan: {longest: 4096}\n",
        (
            "app.yaml:6: data.users.attributes.plan.longest: 4096 exceeds the 2048 characters allowed. Use 1 to 2048."
            " [USERS-ATTRIBUTES]"
        ),
    ),
    "a second factor without a factor": (
        "  users:\n    mfa: required\n    factors: []\n",
        (
            "app.yaml:4: data.users: has 'mfa: required', but no factor. Add 'factors: [app]', or set 'mfa: off'."
            " [USERS-FACTORS]"
        ),
    ),
    "a callback that is not https": (
        (
            "  users:\n    domain: notes-sign-in\n    clients:\n      app:\n        kind: browser\n"
            "        callbacks:\n          - https://example.com/\n          - http://example.com/back\n"
        ),
        (
            "app.yaml:11: data.users.clients.app.callbacks[1]: 'http://example.com/back' is not an address to come back"
            " to. Write a path of the site, as /callback, an exact https address, or one of an application, as"
            " com.example.notes://callback; http is for localhost. [CLIENT-CALLBACK]"
        ),
    ),
    "a secret in a browser": (
        "  users:\n    clients:\n      app: {kind: browser, secret: true}\n",
        "app.yaml:6: data.users.clients.app: has a secret in a browser, where everyone can read it. Drop 'secret'.",
    ),
    "a statement for everyone": (
        (
            "  tables:\n    notes:\n      partition_key: owner\n      statements:\n"
            "        - {Effect: Allow, Principal: '*', Action: 'dynamodb:GetItem'}\n"
        ),
        (
            "app.yaml:8: data.tables.notes.statements[0]: lets everyone in."
            " Name accounts or roles, or add a Condition such as aws:PrincipalOrgID."
        ),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_once_with_its_line(tmp_path: Path, mistake: str) -> None:
    text, output = MISTAKES[mistake]
    (tmp_path / "app.yaml").write_text(START + text, encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        load(tmp_path / "app.yaml")
    assert [line.replace(f"{tmp_path}/", "") for line in str(caught.value).splitlines()] == [output]


def test_http_is_for_ones_own_machine(tmp_path: Path) -> None:
    text = (
        "  users: {domain: notes-sign-in, clients: {app: {kind: browser, callbacks: ['http://localhost:8000/back']}}}\n"
    )
    (tmp_path / "app.yaml").write_text(START + text, encoding="utf-8")
    users = load(tmp_path / "app.yaml").stages["dev"].data.users
    assert users
    assert users.clients["app"].callbacks == ("http://localhost:8000/back",)
