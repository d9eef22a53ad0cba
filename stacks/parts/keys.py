"""A KMS key of a stack's own: administered by the account, used by the principals of its policy, granted to AWS alone.

It is rotated every year, kept for 30 days after somebody deletes it, and outlives its stack.
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Principal, Statement
from troposphere import kms

from stacks.parts.policies import allow, arn, deny, policy, tagged, when

if TYPE_CHECKING:
    from stacks.app import Stage


def own_key(title: str, stage: Stage, *uses: Statement, stack: str, description: str) -> kms.Key:
    """The key; ``uses`` are the statements of its policy that let services work with it."""
    no_service = when(BoolIfExists={"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"})
    owner = Principal("AWS", [arn("iam", "root", region="")])
    return kms.Key(
        title,
        Description=description,
        EnableKeyRotation=True,
        PendingWindowInDays=30,
        KeyPolicy=policy(
            allow("kms:*", on="*", Sid="Owner", Principal=owner),
            *uses,
            deny("kms:CreateGrant", on="*", Sid="NoGrants", Principal=Principal("AWS", ["*"]), Condition=no_service),
        ),
        # A first create that fails takes its key along, which would cost money and have no name to be found by.
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        Tags=tagged(stage, stack),
    )
