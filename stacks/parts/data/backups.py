"""Daily copies of every table in AWS Backup: a vault, a plan, and the role that makes and restores them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, backup, iam

from stacks import naming
from stacks.parts.policies import (
    KEY_USE,
    allow,
    arn,
    managed_policy,
    policy,
    tagged,
    through_dynamodb,
    trust,
    when,
)
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import PolicyDocument, Statement
    from troposphere import Template

    from stacks.app import Stage
    from stacks.model.data import Backup

_RULE = "daily"
_BACKS_UP = ("dynamodb:CreateBackup", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob")
_RESTORES = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:RestoreTableFromAwsBackup",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)
_KEPT = ("dynamodb:DeleteBackup", "dynamodb:DescribeBackup", "dynamodb:RestoreTableFromBackup")


def add_backups(template: Template, described: Backup, stage: Stage) -> None:
    """Put vault, plan and role into the data template."""
    template.add_resource(
        backup.BackupVault(
            "BackupVault",
            BackupVaultName=f"{naming.prefix(stage)}-tables",
            BackupVaultTags=naming.tags(stage, STACK),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
        )
    )
    template.add_resource(_plan(described, stage))
    template.add_resource(managed_policy("BackupPolicy", stage, STACK, _rights(stage)))
    template.add_resource(_role(stage))
    tables = [GetAtt(naming.logical_id(name, "Table"), "Arn") for name in stage.data.tables]
    template.add_resource(
        backup.BackupSelection(
            "BackupSelection",
            BackupPlanId=Ref("BackupPlan"),
            BackupSelection=backup.BackupSelectionResourceType(
                SelectionName="tables", IamRoleArn=GetAtt("BackupRole", "Arn"), Resources=tables
            ),
        )
    )


def _plan(described: Backup, stage: Stage) -> backup.BackupPlan:
    rule = backup.BackupRuleResourceType(
        RuleName=_RULE,
        TargetBackupVault=Ref("BackupVault"),
        ScheduleExpression=f"cron(0 {described.hour} * * ? *)",
        Lifecycle=backup.LifecycleResourceType(DeleteAfterDays=described.keep_days),
    )
    return backup.BackupPlan(
        "BackupPlan",
        BackupPlan=backup.BackupPlanResourceType(
            BackupPlanName=f"{naming.prefix(stage)}-tables", BackupPlanRule=[rule]
        ),
        BackupPlanTags=naming.tags(stage, STACK),
    )


def _role(stage: Stage) -> iam.Role:
    """AWS Backup sends no source with its requests to take a role, so its trust asks for none."""
    return iam.Role(
        "BackupRole",
        Path=naming.role_path(stage, STACK),
        AssumeRolePolicyDocument=trust("backup"),
        ManagedPolicyArns=[Ref("BackupPolicy")],
        Tags=tagged(stage, STACK),
    )


def _rights(stage: Stage) -> PolicyDocument:
    """What AWS's own policies for backups (v30) and restores (v35) allow of DynamoDB, for this stage's tables.

    AWS Backup checks ``backup:TagResource`` since 30 September 2025. Keys are used through DynamoDB alone, and only
    where a table has one of its own. A restore reads a backup and fills a table of the stage.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html
    """
    tables = f"table/{naming.prefix(stage)}-*"
    keyed = any(table.encryption == "own" for table in stage.data.tables.values())
    return policy(
        allow(*_BACKS_UP, *_RESTORES, on=arn("dynamodb", tables)),
        allow(*_KEPT, on=arn("dynamodb", f"{tables}/backup/*")),
        allow("backup:CopyIntoBackupVault", "backup:DescribeBackupVault", on=GetAtt("BackupVault", "BackupVaultArn")),
        allow("backup:TagResource", on=arn("backup", "recovery-point:*")),
        *(_with_keys(stage) if keyed else ()),
    )


def _with_keys(stage: Stage) -> Iterator[Statement]:
    """The tables' own keys, through DynamoDB."""
    keys = [
        GetAtt(naming.logical_id(name, "TableKey"), "Arn")
        for name, table in stage.data.tables.items()
        if table.encryption == "own"
    ]
    yield allow(*KEY_USE, "kms:GenerateDataKeyWithoutPlaintext", on=keys, Condition=through_dynamodb(stage))
    granted = when(Bool={"kms:GrantIsForAWSResource": "true"})
    yield allow("kms:CreateGrant", on=keys, Condition=granted)
