"""Actions that no deploy role gets, although the registry's handlers list them. Pure.

What is wrong with the lists of single types is in ``stacks.types`` (``OnlyIf``, ``Missing``). Measured against the
schemas of cfn-lint 1.58: the lists name hundreds of actions that IAM does not know (those are dropped by
``authorization``), ask for other services' rights that only an optional property needs, for data, and for rights over
IAM that no pipeline may hold; some lack what AWS documents elsewhere. A new line needs a source: a page, or the call
that CloudTrail showed to be denied; none of these roles has deployed to an AWS account yet.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Never:
    """Actions that no deploy role gets although a handler lists them."""

    actions: tuple[str, ...]
    why: str
    base_too: bool = True
    """Whether the person who deploys base does without them as well."""


_ITEMS = ("Scan", "Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "BatchGetItem")

NEVER: tuple[Never, ...] = (
    Never(tuple(f"dynamodb:{name}" for name in _ITEMS), "data: creating a table reads and writes no item"),
    Never(("dynamodb:DeleteTable", "dynamodb:DeleteTableReplica"), "data: to take a replica away"),
    Never(("s3:DeleteObject", "s3:PutObjectAcl", "s3:PutObject"), "data: objects are not part of a bucket"),
    Never(("secretsmanager:GetSecretValue",), "data: CloudFormation never reads a secret's value back"),
    Never(("cognito-idp:ListUserPoolClientSecrets",), "data: a client's secret is not a property of it"),
    Never(("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"), "data: written by functions"),
    Never(
        ("iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary"),
        "anyone who changes a boundary has none",
    ),
    Never(("iam:UpdateAssumeRolePolicy",), "who may take a role is decided when it is made", base_too=False),
    Never(
        ("iam:AttachUserPolicy", "iam:DetachUserPolicy", "iam:AttachGroupPolicy", "iam:DetachGroupPolicy"),
        "users and groups are people's; no stack has any",
    ),
    Never(("wafv2:GetPermissionPolicy", "wafv2:PutPermissionPolicy"), "that shares rule groups with other accounts"),
    Never(("codedeploy:RegisterOnPremisesInstance",), "no function runs on a machine of your own"),
    Never(
        ("backup:DeleteBackupVaultLockConfiguration",),
        "who may lift the lock of copies decides over all of them: a person",
        base_too=False,
    ),
    Never(("cloudtrail:StopLogging",), "the audit trail is not stopped, not even for a moment"),
)  # fmt: skip
