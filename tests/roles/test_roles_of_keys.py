"""Deploy roles reach the KMS keys, aliases and backup vaults that their template names, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks.loading import validated
from stacks.rendering import render
from stacks.roles import derive
from tests.roles.conftest import documents_of
from tests.roles.simulator import Request, allowed

if TYPE_CHECKING:
    from pathlib import Path

A, REGION = "111122223333", "eu-west-1"
KEY = f"arn:aws:kms:{REGION}:{A}:key/11111111-2222-3333-4444-555555555555"
OWN, TAG, ALIASES = "notes-dev-backend", "aws:ResourceTag/stack", "kms:ResourceAliases"
ALIAS = f"arn:aws:kms:{REGION}:{A}:alias/notes-dev-mail"


def role(root: Path, resources: dict[str, Any]) -> list[dict[str, Any]]:
    """The policies of the role that deploys a backend with more resources."""
    data = yaml.safe_load((root / "app.yaml").read_text())
    data["backend"]["resources"] = resources
    app = validated(data)
    (backend,) = (stack for stack in render(app, app.stages["dev"]) if stack.stack == "backend")
    return documents_of(derive(app.stages["dev"], backend), "dev")


def may(policies: list[dict[str, Any]], action: str, resource: str, **context: str) -> bool:
    return allowed(
        policies, Request(action=action, resource=resource, context={"aws:RequestedRegion": REGION, **context})
    )


def alias_of(target: Any) -> dict[str, Any]:
    own = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": []}}}
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/notes-dev-mail", "TargetKeyId": target}}
    return {"MailKey": own, "MailAlias": alias}


@pytest.fixture(scope="module")
def own_key(root: Path) -> list[dict[str, Any]]:
    return role(root, alias_of({"Ref": "MailKey"}))


@pytest.mark.parametrize("action", ["kms:CreateAlias", "kms:UpdateAlias"])
def test_an_alias_is_given_to_keys_of_the_stack_alone(own_key: list[dict[str, Any]], action: str) -> None:
    assert may(own_key, action, ALIAS)
    assert may(own_key, action, KEY, **{TAG: OWN, ALIASES: "alias/notes-dev-mail"})
    assert may(own_key, action, KEY)  # just made: neither tag nor alias count yet
    assert not may(own_key, action, KEY, **{ALIASES: "alias/payroll"})
    assert not may(own_key, action, KEY, **{TAG: "notes-dev-base"})
    assert not may(own_key, action, ALIAS.replace("notes-dev-mail", "payroll"))


def test_an_alias_is_taken_from_the_key_that_has_it(root: Path) -> None:
    body = alias_of({"Ref": "MailKey"})
    policies = role(root, body)
    assert may(policies, "kms:DeleteAlias", ALIAS)
    assert may(policies, "kms:DeleteAlias", KEY, **{ALIASES: "alias/notes-dev-mail"})
    assert not may(policies, "kms:DeleteAlias", KEY, **{ALIASES: "alias/payroll"})
    assert not may(policies, "kms:DeleteAlias", KEY)


def test_an_alias_of_a_key_that_is_named_reaches_no_other(root: Path) -> None:
    policies = role(root, alias_of(KEY))
    assert may(policies, "kms:CreateAlias", KEY, **{ALIASES: "alias/payroll"})
    assert not may(policies, "kms:CreateAlias", KEY.replace("1111-", "9999-"))


@pytest.mark.parametrize(
    ("key", "context", "reached"),
    [
        (KEY, {}, True),
        ("alias/mail", {ALIASES: "alias/mail"}, True),
        ("alias/mail", {ALIASES: "alias/payroll"}, False),
        ("alias/mail", {}, False),
        ({"Ref": "MailKey"}, {TAG: OWN}, True),
        ({"Ref": "MailKey"}, {ALIASES: "alias/payroll"}, False),
        ({"Ref": "MailKey"}, {TAG: "notes-dev-data"}, False),
    ],
)
def test_resources_use_the_keys_that_they_name(root: Path, key: Any, context: dict[str, str], *, reached: bool) -> None:
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"KmsKeyId": key}}
    policies = role(root, {"Mail": secret, "MailKey": alias_of("x")["MailKey"]})
    through = {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
    assert may(policies, "kms:GenerateDataKey", KEY, **through, **context) is reached
    assert not may(policies, "kms:GenerateDataKey", KEY, **context)


def test_no_role_lifts_the_lock_of_a_vault_or_shortens_it(root: Path) -> None:
    properties = {"BackupVaultName": "notes-dev-copies", "LockConfiguration": {"MinRetentionDays": 30}}
    policies = role(root, {"Vault": {"Type": "AWS::Backup::BackupVault", "Properties": properties}})
    vault = f"arn:aws:backup:{REGION}:{A}:backup-vault:notes-dev-copies"
    lock = "backup:PutBackupVaultLockConfiguration"
    assert may(policies, lock, vault, **{"backup:MinRetentionDays": "30"})
    assert may(policies, lock, vault, **{"backup:MinRetentionDays": "90"})
    for context in ({"backup:MinRetentionDays": "1"}, {}):
        assert not may(policies, lock, vault, **context)
    for action in ("DeleteBackupVaultLockConfiguration", "PutBackupVaultAccessPolicy", "DeleteRecoveryPoint"):
        assert not may(policies, f"backup:{action}", vault)
