"""Numbers that AWS refuses outside of a range, as one table.

A row is a rule: its id, its grade and what else it takes belong to it, and nobody but this room reads the numbers. What
others read, too, is in ``stacks.types``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.checks.refused.reading import number, values_at
from stacks.checks.refused.row import RefusedRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.checks.rule import Grade, Hit, Resource, Stacks

_API = "https://docs.aws.amazon.com"
_CFN = f"{_API}/AWSCloudFormation/latest/TemplateReference"
_LAMBDA = f"{_API}/lambda/latest/api"
_CDN = f"{_API}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"
_SQS = f"{_API}/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
_COGNITO = f"{_API}/cognito-user-identity-pools/latest/APIReference"
_FUNCTION, _MAPPING = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"


def _is_whole(value: float) -> bool:
    return value == int(value)


def _minutes(value: float) -> bool:
    return value in {10, 20, 30} or value % 60 == 0


NO_MOST = math.inf
_RETENTION = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}


@dataclass(frozen=True, slots=True)
class Range(RefusedRow):
    """The numbers a property takes: from ``least`` to ``most``, and ``also`` (a value that means "off")."""

    id: str
    type: str
    path: str
    least: float
    most: float
    unit: str
    source: str
    also: tuple[float, ...] = ()
    unless: str = ""
    """A property with which other numbers are allowed."""
    takes: Callable[[float], bool] = _is_whole
    grade: Grade = "refused"

    def find(self, stacks: Stacks) -> Iterator[Hit]:
        """The property holds a number that AWS takes."""
        for resource in stacks.of(self.type):
            if not (self.unless and self.unless in resource.properties):
                yield from self._of(resource)

    def _of(self, resource: Resource) -> Iterator[Hit]:
        for place, value in values_at(resource.properties, self.path):
            result = number(value)
            if result is None and isinstance(value, str):
                yield resource.hit(place, f"{value!r} is not a number")
            elif result is not None and result not in self.also and not self._is_in(result):
                yield resource.hit(place, f"is {result:,.10g} {self.unit}".rstrip())

    def _is_in(self, result: float) -> bool:
        return self.least <= result <= self.most and self.takes(result)

    @property
    def _allowed(self) -> str:
        return f"{self.least:,} or more" if self.most == NO_MOST else f"{self.least:,} to {self.most:,}"

    @property
    def why(self) -> str:
        """What AWS takes."""
        return f"{self.type} takes {self._allowed} {self.unit} as {self.shown}".replace("  ", " ")

    @property
    def fix(self) -> str:
        """How to correct it."""
        return f"Use a number of {self._allowed}"


ROWS = (
    Range("BACKUP-DAYS", "AWS::Backup::BackupPlan", "BackupPlan.BackupPlanRule.*.Lifecycle.DeleteAfterDays", 1, 36_500,
          "days", f"{_API}/aws-backup/latest/devguide/API_Lifecycle.html", also=(-1,)),
    Range("FN-MEMORY-RANGE", _FUNCTION, "MemorySize", 128, 10_240, "MB", f"{_LAMBDA}/API_CreateFunction.html",
          unless="CapacityProviderConfig"),
    Range("FN-TIMEOUT-RANGE", _FUNCTION, "Timeout", 1, 1_800, "seconds", f"{_LAMBDA}/API_CreateFunction.html",
          unless="CapacityProviderConfig"),
    # The reference of the API says 1,800 since November 2026, the guide and CloudFormation's registry say 900.
    Range("FN-TIMEOUT-QUOTA", _FUNCTION, "Timeout", 0, 900, "seconds",
          f"{_API}/lambda/latest/dg/configuration-timeout.html", unless="CapacityProviderConfig", grade="advice"),
    Range("FN-STORAGE-RANGE", _FUNCTION, "EphemeralStorage.Size", 512, 10_240, "MB",
          f"{_LAMBDA}/API_EphemeralStorage.html", unless="CapacityProviderConfig"),
    Range("FN-CONCURRENCY-RANGE", _FUNCTION, "ReservedConcurrentExecutions", 0, NO_MOST, "",
          f"{_LAMBDA}/API_PutFunctionConcurrency.html"),
    Range("FN-PROVISIONED-RANGE", "AWS::Lambda::Alias", "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions",
          1, NO_MOST, "", f"{_LAMBDA}/API_PutProvisionedConcurrencyConfig.html"),
    Range("FN-EVENT-AGE-RANGE", "AWS::Lambda::EventInvokeConfig", "MaximumEventAgeInSeconds", 60, 21_600, "seconds",
          f"{_LAMBDA}/API_PutFunctionEventInvokeConfig.html"),
    Range("FN-RETRY-RANGE", "AWS::Lambda::EventInvokeConfig", "MaximumRetryAttempts", 0, 2, "",
          f"{_LAMBDA}/API_PutFunctionEventInvokeConfig.html"),
    Range("SOURCE-BATCH-RANGE", _MAPPING, "BatchSize", 1, 10_000, "", f"{_LAMBDA}/API_CreateEventSourceMapping.html"),
    Range("SOURCE-WINDOW-RANGE", _MAPPING, "MaximumBatchingWindowInSeconds", 0, 300, "seconds",
          f"{_LAMBDA}/API_CreateEventSourceMapping.html"),
    Range("SOURCE-AGE-RANGE", _MAPPING, "MaximumRecordAgeInSeconds", 60, 604_800, "seconds",
          f"{_LAMBDA}/API_CreateEventSourceMapping.html", also=(-1,)),
    Range("SOURCE-RETRY-RANGE", _MAPPING, "MaximumRetryAttempts", -1, 10_000, "",
          f"{_LAMBDA}/API_CreateEventSourceMapping.html"),
    Range("SOURCE-PARALLEL-RANGE", _MAPPING, "ParallelizationFactor", 1, 10, "",
          f"{_LAMBDA}/API_CreateEventSourceMapping.html"),
    Range("SOURCE-CONCURRENCY-RANGE", _MAPPING, "ScalingConfig.MaximumConcurrency", 2, 1_000, "",
          f"{_LAMBDA}/API_ScalingConfig.html"),
    Range("QUEUE-VISIBILITY-RANGE", "AWS::SQS::Queue", "VisibilityTimeout", 0, 43_200, "seconds", _SQS),
    Range("QUEUE-DELAY-RANGE", "AWS::SQS::Queue", "DelaySeconds", 0, 900, "seconds", _SQS),
    Range("QUEUE-RETENTION-RANGE", "AWS::SQS::Queue", "MessageRetentionPeriod", 60, 1_209_600, "seconds", _SQS),
    Range("QUEUE-SIZE-RANGE", "AWS::SQS::Queue", "MaximumMessageSize", 1_024, 1_048_576, "bytes", _SQS),
    Range("QUEUE-WAIT-RANGE", "AWS::SQS::Queue", "ReceiveMessageWaitTimeSeconds", 0, 20, "seconds", _SQS),
    Range("QUEUE-KEY-RANGE", "AWS::SQS::Queue", "KmsDataKeyReusePeriodSeconds", 60, 86_400, "seconds", _SQS),
    Range("QUEUE-RECEIVE-RANGE", "AWS::SQS::Queue", "RedrivePolicy.maxReceiveCount", 1, 1_000, "",
          f"{_API}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"),
    Range("AUTHORIZER-TTL-RANGE", "AWS::ApiGateway::Authorizer", "AuthorizerResultTtlInSeconds", 0, 3_600, "seconds",
          f"{_CFN}/aws-resource-apigateway-authorizer.html"),
    Range("AUTHORIZER-TTL-V2-RANGE", "AWS::ApiGatewayV2::Authorizer", "AuthorizerResultTtlInSeconds", 0, 3_600,
          "seconds", f"{_API}/apigateway/latest/developerguide/http-api-lambda-authorizer.html"),
    Range("API-COMPRESSION-RANGE", "AWS::ApiGateway::RestApi", "MinimumCompressionSize", 0, 10_485_760, "bytes",
          f"{_CFN}/aws-resource-apigateway-restapi.html"),
    Range("API-TIMEOUT-V2-RANGE", "AWS::ApiGatewayV2::Integration", "TimeoutInMillis", 50, 30_000, "ms",
          f"{_CFN}/aws-resource-apigatewayv2-integration.html"),
    Range("USERS-PASSWORD-RANGE", "AWS::Cognito::UserPool", "Policies.PasswordPolicy.MinimumLength", 6, 99, "",
          f"{_COGNITO}/API_PasswordPolicyType.html"),
    Range("USERS-TEMPORARY-RANGE", "AWS::Cognito::UserPool", "Policies.PasswordPolicy.TemporaryPasswordValidityDays",
          0, 365, "days", f"{_COGNITO}/API_PasswordPolicyType.html"),
    Range("USERS-HISTORY-RANGE", "AWS::Cognito::UserPool", "Policies.PasswordPolicy.PasswordHistorySize", 0, 24, "",
          f"{_COGNITO}/API_PasswordPolicyType.html"),
    Range("CDN-CONNECT-RANGE", "AWS::CloudFront::Distribution", "DistributionConfig.Origins.*.ConnectionTimeout", 1, 10,
          "seconds", f"{_API}/cloudfront/latest/APIReference/API_Origin.html"),
    Range("CDN-ATTEMPTS-RANGE", "AWS::CloudFront::Distribution", "DistributionConfig.Origins.*.ConnectionAttempts", 1,
          3, "", f"{_API}/cloudfront/latest/APIReference/API_Origin.html"),
    Range("CDN-READ-RANGE", "AWS::CloudFront::Distribution",
          "DistributionConfig.Origins.*.CustomOriginConfig.OriginReadTimeout", 1, NO_MOST, "seconds", _CDN),
    Range("CDN-READ-QUOTA", "AWS::CloudFront::Distribution",
          "DistributionConfig.Origins.*.CustomOriginConfig.OriginReadTimeout", 0, 120, "seconds", _CDN, grade="advice"),
    Range("CDN-ALIVE-RANGE", "AWS::CloudFront::Distribution",
          "DistributionConfig.Origins.*.CustomOriginConfig.OriginKeepaliveTimeout", 1, NO_MOST, "seconds", _CDN),
    Range("CDN-ALIVE-QUOTA", "AWS::CloudFront::Distribution",
          "DistributionConfig.Origins.*.CustomOriginConfig.OriginKeepaliveTimeout", 0, 120, "seconds", _CDN,
          grade="advice"),
    Range("WAF-LIMIT-RANGE", "AWS::WAFv2::WebACL", "Rules.*.Statement.RateBasedStatement.Limit", 10, 2_000_000_000, "",
          f"{_API}/waf/latest/APIReference/API_RateBasedStatement.html"),
    Range("WAF-WINDOW-RANGE", "AWS::WAFv2::WebACL", "Rules.*.Statement.RateBasedStatement.EvaluationWindowSec", 60, 600,
          "seconds", f"{_API}/waf/latest/APIReference/API_RateBasedStatement.html",
          takes=lambda value: value in {60, 120, 300, 600}),
    Range("KEY-WINDOW-RANGE", "AWS::KMS::Key", "PendingWindowInDays", 7, 30, "days",
          f"{_API}/kms/latest/APIReference/API_ScheduleKeyDeletion.html"),
    Range("KEY-ROTATION-RANGE", "AWS::KMS::Key", "RotationPeriodInDays", 90, 2_560, "days",
          f"{_API}/kms/latest/APIReference/API_EnableKeyRotation.html"),
    Range("SECRET-LENGTH-RANGE", "AWS::SecretsManager::Secret", "GenerateSecretString.PasswordLength", 1, 4_096, "",
          f"{_API}/secretsmanager/latest/apireference/API_GetRandomPassword.html"),
    Range("SECRET-ROTATION-RANGE", "AWS::SecretsManager::RotationSchedule", "RotationRules.AutomaticallyAfterDays",
          1, 1_000, "days", f"{_API}/secretsmanager/latest/apireference/API_RotationRulesType.html"),
    Range("EVENT-AGE-RANGE", "AWS::Events::Rule", "Targets.*.RetryPolicy.MaximumEventAgeInSeconds", 60, 86_400,
          "seconds", f"{_API}/eventbridge/latest/APIReference/API_RetryPolicy.html"),
    Range("EVENT-RETRY-RANGE", "AWS::Events::Rule", "Targets.*.RetryPolicy.MaximumRetryAttempts", 0, 185, "",
          f"{_API}/eventbridge/latest/APIReference/API_RetryPolicy.html"),
    Range("SCHEDULE-WINDOW-RANGE", "AWS::Scheduler::Schedule", "FlexibleTimeWindow.MaximumWindowInMinutes", 1, 1_440,
          "minutes", f"{_API}/scheduler/latest/APIReference/API_FlexibleTimeWindow.html"),
    Range("TABLE-RECOVERY-RANGE", "AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
          1, 35, "days", f"{_API}/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html"),
    Range("TABLE-READS-RANGE", "AWS::DynamoDB::Table", "ProvisionedThroughput.ReadCapacityUnits", 1, NO_MOST, "",
          f"{_API}/amazondynamodb/latest/APIReference/API_ProvisionedThroughput.html"),
    Range("TABLE-WRITES-RANGE", "AWS::DynamoDB::Table", "ProvisionedThroughput.WriteCapacityUnits", 1, NO_MOST, "",
          f"{_API}/amazondynamodb/latest/APIReference/API_ProvisionedThroughput.html"),
    Range("ALARM-PERIOD-RANGE", "AWS::CloudWatch::Alarm", "Period", 10, 604_800, "seconds",
          f"{_API}/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html", takes=_minutes),
    Range("BUILD-TIMEOUT-RANGE", "AWS::CodeBuild::Project", "TimeoutInMinutes", 5, 2_160, "minutes",
          f"{_API}/codebuild/latest/APIReference/API_CreateProject.html"),
    Range("BUILD-QUEUE-RANGE", "AWS::CodeBuild::Project", "QueuedTimeoutInMinutes", 5, 480, "minutes",
          f"{_API}/codebuild/latest/APIReference/API_CreateProject.html"),
    Range("FLOW-INTERVAL-RANGE", "AWS::EC2::FlowLog", "MaxAggregationInterval", 60, 600, "seconds",
          f"{_API}/AWSEC2/latest/APIReference/API_CreateFlowLogs.html", takes=lambda value: value in {60, 600}),
    Range("NACL-NUMBER-RANGE", "AWS::EC2::NetworkAclEntry", "RuleNumber", 1, 32_766, "",
          f"{_API}/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html"),
    Range("ROLE-SESSION-RANGE", "AWS::IAM::Role", "MaxSessionDuration", 3_600, 43_200, "seconds",
          f"{_API}/IAM/latest/APIReference/API_CreateRole.html"),
    Range("BUCKET-EXPIRY-RANGE", "AWS::S3::Bucket", "LifecycleConfiguration.Rules.*.ExpirationInDays", 1, 2_147_483_647,
          "days", f"{_API}/AmazonS3/latest/API/API_LifecycleExpiration.html"),
    Range("LOG-RETENTION-RANGE", "AWS::Logs::LogGroup", "RetentionInDays", 1, 3_653, "days",
          f"{_API}/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
          takes=lambda value: value in _RETENTION),
    Range("HEALTH-INTERVAL-RANGE", "AWS::Route53::HealthCheck", "HealthCheckConfig.RequestInterval", 10, 30, "seconds",
          f"{_API}/Route53/latest/APIReference/API_HealthCheckConfig.html", takes=lambda value: value in {10, 30}),
)  # fmt: skip

RULES = tuple(row.rule() for row in ROWS)
