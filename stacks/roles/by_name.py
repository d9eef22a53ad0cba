"""Types without tags and without a line in ``SCOPES`` → their scope, by the names in the template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks import registry
from stacks.errors import StacksError
from stacks.roles import authorization
from stacks.types.record import TypeScope

if TYPE_CHECKING:
    from stacks.roles.names import Surroundings
    from stacks.roles.needs import Need

_OTHER = re.compile(r"\$\{(?!AWS::)\w+\}")
"""What an ARN's format leaves open in addition to partition, region and account, as AWS Backup's ``${Vendor}``."""


def named_scope(need: Need, here: Surroundings) -> TypeScope:
    """The scope of a type without tags and without a line in ``SCOPES``: its ARNs with the names in the template.

    Raises:
        StacksError: when AWS chooses the name, so that nothing distinguishes the stack's resources from others.
    """
    name = registry.name_property(need.type)
    if name is None:
        raise StacksError(
            f"{here.stack}.Resources.{need.resources[0]}",
            f"a deploy role cannot distinguish this {need.type} from those of others: it has neither tags nor a name",
            "Deploy the stack with rights of your own, or move it to one that a person deploys, such as base",
        )
    formats = [template_arn(text) for text in authorization.arn_formats(need.action)]
    arns = {re.sub(r"\*$", "{name}", text) if text.endswith("*") else text for text in formats}
    return TypeScope(tuple(sorted(arns)), name=name, exact=True)


def template_arn(text: str) -> str:
    """An ARN format of IAM's list, as an ARN of ``SCOPES``."""
    text = text.replace("${Partition}", "${AWS::Partition}").replace("${Region}", "{region}")
    return _OTHER.sub("*", text.replace("${Account}", "${AWS::AccountId}").replace(".*", "*"))
