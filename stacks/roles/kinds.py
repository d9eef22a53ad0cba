"""What is known of types beside what their handlers need: who takes their roles, what is linked to them, what is kept.

Sources are pages under https://docs.aws.amazon.com/.
"""

from __future__ import annotations

PASSED_TO: dict[tuple[str, str], str] = {
    ("AWS::Lambda::Function", "Role"): "lambda",
    ("AWS::Backup::BackupSelection", "BackupSelection.IamRoleArn"): "backup",
    ("AWS::CodeDeploy::DeploymentGroup", "ServiceRoleArn"): "codedeploy",
    ("AWS::ApiGateway::Account", "CloudWatchRoleArn"): "apigateway",
    ("AWS::ApiGateway::Authorizer", "AuthorizerCredentials"): "apigateway",
    ("AWS::ApiGateway::Method", "Integration.Credentials"): "apigateway",
    ("AWS::S3::Bucket", "ReplicationConfiguration"): "s3",
    ("AWS::Cognito::UserPool", "SmsConfiguration"): "cognito-idp",
    ("AWS::Cognito::IdentityPoolRoleAttachment", "Roles"): "cognito-identity",
    ("AWS::EC2::FlowLog", "DeliverLogsPermissionArn"): "vpc-flow-logs",
    ("AWS::CloudTrail::Trail", "CloudWatchLogsRoleArn"): "cloudtrail",
    ("AWS::CodeBuild::Project", "ServiceRole"): "codebuild",
    ("AWS::CodePipeline::Pipeline", "RoleArn"): "codepipeline",
    ("AWS::Events::Rule", "RoleArn"): "events",
    ("AWS::Events::Rule", "Targets~RoleArn"): "events",
    ("AWS::Scheduler::Schedule", "Target.RoleArn"): "scheduler",
    ("AWS::StepFunctions::StateMachine", "RoleArn"): "states",
}
"""Which property hands a role to which service: the only places where ``iam:PassRole`` is granted.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""

SERVICE_LINKED: dict[str, str] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "dynamodb.application-autoscaling.amazonaws.com",
    "AWS::DynamoDB::Table": "contributorinsights.dynamodb.amazonaws.com",
    "AWS::DynamoDB::GlobalTable": "replication.dynamodb.amazonaws.com",
    "AWS::Cognito::UserPool": "email.cognito-idp.amazonaws.com",
    "AWS::WAFv2::LoggingConfiguration": "wafv2.amazonaws.com",
    "AWS::CloudTrail::Trail": "cloudtrail.amazonaws.com",
    "AWS::EC2::FlowLog": "delivery.logs.amazonaws.com",
    "AWS::ApiGateway::DomainName": "ops.apigateway.amazonaws.com",
    "AWS::ApiGatewayV2::DomainName": "ops.apigateway.amazonaws.com",
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html"""

WITHOUT_HANDLERS: dict[str, dict[str, tuple[str, ...]]] = {
    # https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Operations.html
    "AWS::CodeBuild::Project": {
        "create": ("codebuild:CreateProject", "iam:PassRole"),
        "read": ("codebuild:BatchGetProjects",),
        "update": ("codebuild:UpdateProject", "iam:PassRole"),
        "delete": ("codebuild:DeleteProject",),
    },
}
"""Types that the registry knows without handlers: their actions by operation."""

STATEFUL: frozenset[str] = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::Cognito::IdentityPool",
        "AWS::Cognito::UserPool",
        "AWS::CloudTrail::Trail",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EFS::FileSystem",
        "AWS::KMS::Key",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::S3::Bucket",
    }
)
"""Types that no deploy role deletes, whatever the template says; a person removes them.

A template therefore retains them, or a first create that fails could not be rolled back. Only with
``RetainExceptOnCreate`` CloudFormation deletes them, in such a rollback, and the role has the right to.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""
