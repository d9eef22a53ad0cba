"""Policies that AWS manages and templates commonly name, with their paths: the ones a slip of the pen is found in.

AWS publishes no list to depend on. From the AWS managed policy reference, as known in November 2026; a policy that is
missing here is not judged, so the table can be incomplete but not in the way.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

_TEXT = """
    AdministratorAccess PowerUserAccess ReadOnlyAccess SecurityAudit IAMFullAccess IAMReadOnlyAccess
    job-function/ViewOnlyAccess job-function/Billing job-function/SystemAdministrator job-function/NetworkAdministrator
    job-function/DatabaseAdministrator
    AmazonS3FullAccess AmazonS3ReadOnlyAccess
    AmazonDynamoDBFullAccess AmazonDynamoDBFullAccess_v2 AmazonDynamoDBReadOnlyAccess
    AmazonSQSFullAccess AmazonSQSReadOnlyAccess AmazonSNSFullAccess AmazonSNSReadOnlyAccess AmazonSESFullAccess
    AmazonCognitoPowerUser AmazonCognitoReadOnly AmazonCognitoDeveloperAuthenticatedIdentities
    AmazonAPIGatewayAdministrator AmazonAPIGatewayInvokeFullAccess service-role/AmazonAPIGatewayPushToCloudWatchLogs
    AWSLambda_FullAccess AWSLambda_ReadOnlyAccess AWSLambdaExecute AWSLambdaInvocation-DynamoDB
    service-role/AWSLambdaBasicExecutionRole service-role/AWSLambdaVPCAccessExecutionRole
    service-role/AWSLambdaDynamoDBExecutionRole service-role/AWSLambdaKinesisExecutionRole
    service-role/AWSLambdaSQSQueueExecutionRole service-role/AWSLambdaMSKExecutionRole service-role/AWSLambdaRole
    service-role/AWSLambdaENIManagementAccess CloudWatchLambdaInsightsExecutionRolePolicy
    AWSXRayDaemonWriteAccess AWSXrayWriteOnlyAccess AWSXrayReadOnlyAccess AWSXrayFullAccess
    CloudWatchFullAccess CloudWatchFullAccessV2 CloudWatchReadOnlyAccess CloudWatchLogsFullAccess
    CloudWatchLogsReadOnlyAccess CloudWatchAgentServerPolicy CloudWatchAgentAdminPolicy
    CloudFrontFullAccess CloudFrontReadOnlyAccess AWSWAFFullAccess AWSWAFReadOnlyAccess
    AWSCloudFormationFullAccess AWSCloudFormationReadOnlyAccess AWSCodePipeline_FullAccess
    AWSCodePipeline_ReadOnlyAccess AWSCodeBuildAdminAccess AWSCodeBuildDeveloperAccess AWSCodeBuildReadOnlyAccess
    AWSCloudTrail_FullAccess AWSCloudTrail_ReadOnlyAccess AWSKeyManagementServicePowerUser SecretsManagerReadWrite
    AmazonSSMFullAccess AmazonSSMReadOnlyAccess AmazonSSMManagedInstanceCore
    service-role/AWSBackupServiceRolePolicyForBackup service-role/AWSBackupServiceRolePolicyForRestores
    AWSBackupServiceRolePolicyForS3Backup AWSBackupServiceRolePolicyForS3Restore AWSBackupFullAccess
    service-role/AmazonECSTaskExecutionRolePolicy AmazonEC2FullAccess AmazonEC2ReadOnlyAccess AmazonVPCFullAccess
    AmazonVPCReadOnlyAccess AmazonRoute53FullAccess AmazonRoute53ReadOnlyAccess AmazonEventBridgeFullAccess
    AWSStepFunctionsFullAccess AWSCertificateManagerFullAccess AWSCertificateManagerReadOnly
    AmazonEC2ContainerRegistryReadOnly AmazonEC2ContainerRegistryPowerUser AmazonEC2ContainerRegistryFullAccess
"""

MANAGED_POLICIES = frozenset(_TEXT.split())
"""Paths, as ``service-role/AWSLambdaBasicExecutionRole``."""
