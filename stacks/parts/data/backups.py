"""Daily copies of every table in AWS Backup: a vault, a plan, and the role that makes and restores them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, backup, iam

from stacks import naming
from stacks.parts.policies import allow, arn, managed_policy, policy, tagged, trust
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from awacs.aws import PolicyDocument
    from troposphere import Template

    from stacks.app import App, Stage
    from stacks.model.data import Backup

_RULE = "daily"


def add_backups(made: Template, described: Backup, app: App, stage: Stage) -> None:
    """Put vault, plan and role into the data template."""
    made.add_resource(
        backup.BackupVault(
            "BackupVault",
            BackupVaultName=f"{naming.prefix(app, stage)}-tables",
            BackupVaultTags=naming.tags(app, stage, STACK),
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
        )
    )
    made.add_resource(_plan(described, app, stage))
    made.add_resource(managed_policy("BackupPolicy", app, stage, STACK, _rights(app, stage)))
    made.add_resource(_role(app, stage))
    tables = [GetAtt(naming.logical_id(name, "Table"), "Arn") for name in stage.data.tables]
    made.add_resource(
        backup.BackupSelection(
            "BackupSelection",
            BackupPlanId=Ref("BackupPlan"),
            BackupSelection=backup.BackupSelectionResourceType(
                SelectionName="tables", IamRoleArn=GetAtt("BackupRole", "Arn"), Resources=tables
            ),
        )
    )


def _plan(described: Backup, app: App, stage: Stage) -> backup.BackupPlan:
    rule = backup.BackupRuleResourceType(
        RuleName=_RULE,
        TargetBackupVault=Ref("BackupVault"),
        ScheduleExpression=f"cron(0 {described.hour} * * ? *)",
        Lifecycle=backup.LifecycleResourceType(DeleteAfterDays=described.keep_days),
    )
    return backup.BackupPlan(
        "BackupPlan",
        BackupPlan=backup.BackupPlanResourceType(
            BackupPlanName=f"{naming.prefix(app, stage)}-tables", BackupPlanRule=[rule]
        ),
        BackupPlanTags=naming.tags(app, stage, STACK),
    )


def _role(app: App, stage: Stage) -> iam.Role:
    """AWS Backup sends no source with its requests to take a role, so its trust asks for none."""
    return iam.Role(
        "BackupRole",
        Path=naming.role_path(app, stage, STACK),
        AssumeRolePolicyDocument=trust("backup"),
        ManagedPolicyArns=[Ref("BackupPolicy")],
        Tags=tagged(app, stage, STACK),
    )


def _rights(app: App, stage: Stage) -> PolicyDocument:
    """The DynamoDB part of AWSBackupServiceRolePolicyForBackup and …ForRestores, for this stage's tables.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
    """
    ours = arn("dynamodb", f"table/{naming.prefix(app, stage)}-*")
    return policy(
        allow(
            "dynamodb:CreateBackup",
            "dynamodb:DescribeTable",
            "dynamodb:ListTagsOfResource",
            "dynamodb:RestoreTableFromAwsBackup",
            "dynamodb:StartAwsBackupJob",
            on=ours,
        ),
        allow("dynamodb:DeleteBackup", "dynamodb:DescribeBackup", on=arn("dynamodb", "table/*/backup/*")),
        allow("backup:CopyIntoBackupVault", "backup:DescribeBackupVault", on=GetAtt("BackupVault", "BackupVaultArn")),
    )
