"""The ``SecretStore`` that is Systems Manager's Parameter Store: each secret a SecureString.

CloudFormation can make parameters of every type but this one, so they are made here.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.aws.clients import BotoClients, aws_errors
from stacks.deploy.secret_store import StoredSecret

if TYPE_CHECKING:
    from collections.abc import Mapping


class BotoParameters(BotoClients):
    """Parameter Store, with its default key (``aws/ssm``) and its free tier of parameters; see ``SecretStore``."""

    def set(self, name: str, value: str, tags: Mapping[str, str]) -> None:
        """See ``SecretStore.set``."""
        labels = [{"Key": key, "Value": text} for key, text in tags.items()]
        request = {"Name": name, "Value": value, "Type": "SecureString", "Tier": "Standard"}
        client = self._parameters()
        with aws_errors(name):
            try:
                client.put_parameter(**request, Tags=labels)  # PutParameter takes no tags when it overwrites
            except client.exceptions.ParameterAlreadyExists:
                client.put_parameter(**request, Overwrite=True)

    def stored(self, prefix: str) -> tuple[StoredSecret, ...]:
        """See ``SecretStore.stored``."""
        begins = [{"Key": "Name", "Option": "BeginsWith", "Values": [prefix]}]
        with aws_errors(f"parameters {prefix}*"):
            pages = self._parameters().get_paginator("describe_parameters").paginate(ParameterFilters=begins)
            results = [
                parameter for page in pages for parameter in page["Parameters"] if parameter["Type"] == "SecureString"
            ]
        listed = (
            StoredSecret(name=result["Name"], changed=result["LastModifiedDate"].date().isoformat())
            for result in results
        )
        return tuple(sorted(listed, key=lambda stored_secret: stored_secret.name))

    def forget(self, name: str) -> None:
        """See ``SecretStore.forget``."""
        with aws_errors(name):
            self._parameters().delete_parameter(Name=name)

    def _parameters(self) -> Any:
        return self._client("ssm")
