"""Secrets that functions read: made up by CloudFormation, or given by people, in Secrets Manager or Parameter Store."""

from __future__ import annotations

from stacks.kinds.kind import Kind

_READ = ("secretsmanager:GetSecretValue",)

SECRETS = Kind(
    name="secrets",
    singular="secret",
    title="secret",
    section="backend",
    type="AWS::SecretsManager::Secret",
    suffix="Secret",
    service="secretsmanager",
    endpoint="secretsmanager",
    uses={"read": _READ},
    access="read",
    variable=("SECRET_ID", "the id"),
    by_prefix=False,
    always=(_READ, ("secret:*",)),
    shared=("AWS::SecretsManager::",),
    parts=("resources",),
)
