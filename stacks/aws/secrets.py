"""The ``SecretStore`` that is AWS Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.aws.clients import BotoClients, aws_errors
from stacks.deploy.secret_store import RECOVERY_DAYS, StoredSecret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.json_types import JsonObject


class BotoSecrets(BotoClients):
    """Secrets Manager; see ``SecretStore``."""

    def set(self, name: str, value: str, tags: Mapping[str, str]) -> None:
        """See ``SecretStore.set``."""
        client, labels = self._secrets(), [{"Key": key, "Value": text} for key, text in tags.items()]
        with aws_errors(name):
            try:
                client.put_secret_value(SecretId=name, SecretString=value)
            except client.exceptions.ResourceNotFoundException:
                client.create_secret(Name=name, SecretString=value, Tags=labels)
            except client.exceptions.InvalidRequestException:  # it is marked for deletion
                client.restore_secret(SecretId=name)
                client.put_secret_value(SecretId=name, SecretString=value)

    def stored(self, prefix: str) -> tuple[StoredSecret, ...]:
        """See ``SecretStore.stored``."""
        with aws_errors(f"secrets {prefix}*"):
            ours_only = [{"Key": "name", "Values": [prefix]}]
            pages = self._secrets().get_paginator("list_secrets").paginate(Filters=ours_only)
            results = [entry for page in pages for entry in page["SecretList"] if "DeletedDate" not in entry]
        of_stage = (result for result in results if result["Name"].startswith(prefix))
        listed = (StoredSecret(name=our["Name"], changed=_day(our)) for our in of_stage)
        return tuple(sorted(listed, key=lambda stored_secret: stored_secret.name))

    def forget(self, name: str) -> None:
        """See ``SecretStore.forget``."""
        with aws_errors(name):
            self._secrets().delete_secret(SecretId=name, RecoveryWindowInDays=RECOVERY_DAYS)

    def _secrets(self) -> Any:
        return self._client("secretsmanager")


def _day(result: JsonObject) -> str:
    changed = result.get("LastChangedDate") or result.get("CreatedDate")
    return changed.date().isoformat() if changed else ""
