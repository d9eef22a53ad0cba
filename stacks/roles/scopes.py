"""How the resources of a type are told from everybody else's: by name, by IAM path, or by the tag ``stack``.

One line per type. An ARN may hold ``{name}`` (the physical names found in the template), ``{path}`` (the stack's IAM
path) and ``{region}``. ARN formats are those of the service authorization reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from dataclasses import dataclass

_P, _A = "arn:${AWS::Partition}", "${AWS::AccountId}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the actions of a type apply."""

    arns: tuple[str, ...]
    name: str = ""
    """The property (``Budget.BudgetName``) with the physical name, or with a reference to what has it."""
    exact: bool = False
    """Names are written out; otherwise those that start with ``notes-dev-`` share one pattern."""
    tagged: bool = False
    """The physical name is AWS's choice: resources are told by their tag ``stack``."""
    inherits: bool = True
    """Where ``tagged``: parts carry the tags of the whole. Otherwise a tag must be ours only where there is one."""
    creates_on: str = ""
    """Where a create action applies when that is not one of ``arns``."""
    key: str = ""
    """A condition key that holds the ARN of the function a resource belongs to."""
    by_id: bool = False
    """CloudFormation makes the name of the logical id, where the property with it is not set."""

    @property
    def service(self) -> str:
        """The service of the ARNs, as actions begin with it."""
        return self.arns[0].removeprefix(f"{_P}:").partition(":")[0]


_FUNCTION = (f"{_P}:lambda:{{region}}:{_A}:function:{{name}}",)
_BUCKET = (f"{_P}:s3:::{{name}}",)
_RESTAPIS = f"{_P}:apigateway:{{region}}::/restapis"
_IDENTITIES = (f"{_P}:cognito-identity:{{region}}:{_A}:identitypool/*",)
_POOL = (f"{_P}:cognito-idp:{{region}}:{_A}:userpool/*",)
_WEB_ACL = (f"{_P}:wafv2:{{region}}:{_A}:{{name}}/*",)
_CLOUDFRONT = f"{_P}:cloudfront::{_A}"
_NETWORK = Scope((f"{_P}:ec2:{{region}}:{_A}:*/*",))
_API = Scope((f"{_RESTAPIS}/*",), tagged=True)
_APIS = f"{_P}:apigateway:{{region}}::/apis"
_APIKEYS, _PLANS = f"{_P}:apigateway:{{region}}::/apikeys", f"{_P}:apigateway:{{region}}::/usageplans"
_DOMAINS = f"{_P}:apigateway:{{region}}::/domainnames"
_DOMAIN = Scope((f"{_DOMAINS}/{{name}}",), name="DomainName", exact=True, creates_on=_DOMAINS)
_MAPPING = Scope((f"{_DOMAINS}/{{name}}/*",), name="DomainName", exact=True)
ZONE = f"{_P}:route53:::hostedzone/{{name}}"
CHANGES = f"{_P}:route53:::change/*"
_OF_FUNCTION = Scope(_FUNCTION, name="FunctionName")
_QUEUE = (f"{_P}:sqs:{{region}}:{_A}:{{name}}",)
_TOPIC = (f"{_P}:sns:{{region}}:{_A}:{{name}}",)
_SCALED = Scope((f"{_P}:application-autoscaling:{{region}}:{_A}:scalable-target/*",), tagged=True)
_LOGS = f"{_P}:logs:{{region}}:{_A}"


def _of_http_api(kind: str) -> Scope:
    """Parts of an HTTP API, which do not carry its tags (cfn-roadmap#997, terraform-provider-aws#16023)."""
    return Scope((f"{_APIS}/*/{kind}", f"{_APIS}/*/{kind}/*"), tagged=True, inherits=False)


SCOPES: dict[str, Scope] = {
    "AWS::ApiGateway::Account": Scope((f"{_P}:apigateway:{{region}}::/account",)),
    "AWS::ApiGateway::ApiKey": Scope((f"{_APIKEYS}/*",), tagged=True, creates_on=_APIKEYS),
    "AWS::ApiGateway::Authorizer": _API,
    "AWS::ApiGateway::BasePathMapping": _MAPPING,
    "AWS::ApiGateway::Deployment": _API,
    "AWS::ApiGateway::DocumentationPart": _API,
    "AWS::ApiGateway::DomainName": _DOMAIN,
    "AWS::ApiGateway::GatewayResponse": _API,
    "AWS::ApiGateway::Method": _API,
    "AWS::ApiGateway::Model": _API,
    "AWS::ApiGateway::RequestValidator": _API,
    "AWS::ApiGateway::Resource": _API,
    "AWS::ApiGateway::RestApi": Scope((f"{_RESTAPIS}/*",), tagged=True, creates_on=_RESTAPIS),
    "AWS::ApiGateway::Stage": _API,
    "AWS::ApiGateway::UsagePlan": Scope((f"{_PLANS}/*",), tagged=True, creates_on=_PLANS),
    "AWS::ApiGateway::UsagePlanKey": Scope((f"{_PLANS}/*",), tagged=True),
    "AWS::ApiGatewayV2::Api": Scope((f"{_APIS}/*",), tagged=True, creates_on=_APIS),
    "AWS::ApiGatewayV2::ApiMapping": _MAPPING,
    "AWS::ApiGatewayV2::Authorizer": _of_http_api("authorizers"),
    "AWS::ApiGatewayV2::Deployment": _of_http_api("deployments"),
    "AWS::ApiGatewayV2::DomainName": _DOMAIN,
    "AWS::ApiGatewayV2::Integration": _of_http_api("integrations"),
    "AWS::ApiGatewayV2::Route": _of_http_api("routes"),
    "AWS::ApiGatewayV2::Stage": _of_http_api("stages"),
    "AWS::ApplicationAutoScaling::ScalableTarget": _SCALED,
    "AWS::ApplicationAutoScaling::ScalingPolicy": _SCALED,
    "AWS::Backup::BackupPlan": Scope((f"{_P}:backup:{{region}}:{_A}:backup-plan:*",), tagged=True),
    "AWS::Backup::BackupVault": Scope(
        (f"{_P}:backup:{{region}}:{_A}:backup-vault:{{name}}",), name="BackupVaultName", exact=True
    ),
    "AWS::Backup::BackupSelection": Scope((f"{_P}:backup:{{region}}:{_A}:backup-plan:*",), tagged=True),
    "AWS::Budgets::Budget": Scope((f"{_P}:budgets::{_A}:budget/{{name}}",), name="Budget.BudgetName"),
    "AWS::CertificateManager::Certificate": Scope((f"{_P}:acm:{{region}}:{_A}:certificate/*",), tagged=True),
    "AWS::CloudFront::Distribution": Scope((f"{_CLOUDFRONT}:distribution/*",), tagged=True),
    "AWS::CloudFront::Function": Scope((f"{_CLOUDFRONT}:function/{{name}}",), name="Name", exact=True),
    "AWS::CloudFront::OriginAccessControl": Scope((f"{_CLOUDFRONT}:origin-access-control/*",)),
    "AWS::CloudFront::ResponseHeadersPolicy": Scope((f"{_CLOUDFRONT}:response-headers-policy/*",)),
    "AWS::CloudTrail::Trail": Scope((f"{_P}:cloudtrail:{{region}}:{_A}:trail/{{name}}",), name="TrailName", exact=True),
    "AWS::CloudWatch::Alarm": Scope((f"{_P}:cloudwatch:{{region}}:{_A}:alarm:{{name}}",), name="AlarmName"),
    "AWS::CodeBuild::Project": Scope((f"{_P}:codebuild:{{region}}:{_A}:project/{{name}}",), name="Name"),
    "AWS::CodePipeline::Pipeline": Scope((f"{_P}:codepipeline:{{region}}:{_A}:{{name}}",), name="Name"),
    "AWS::Cognito::IdentityPool": Scope(_IDENTITIES, tagged=True),
    "AWS::Cognito::IdentityPoolRoleAttachment": Scope(_IDENTITIES, tagged=True),
    "AWS::Cognito::UserPool": Scope(_POOL, tagged=True),
    "AWS::Cognito::UserPoolClient": Scope(_POOL, tagged=True),
    "AWS::Cognito::UserPoolDomain": Scope(_POOL, tagged=True),
    "AWS::Cognito::UserPoolGroup": Scope(_POOL, tagged=True),
    "AWS::Cognito::UserPoolResourceServer": Scope(_POOL, tagged=True),
    "AWS::Cognito::UserPoolIdentityProvider": Scope(_POOL, tagged=True),
    "AWS::Cognito::ManagedLoginBranding": Scope(_POOL, tagged=True),
    "AWS::DynamoDB::GlobalTable": Scope((f"{_P}:dynamodb:*:{_A}:table/{{name}}",), name="TableName"),
    "AWS::DynamoDB::Table": Scope((f"{_P}:dynamodb:{{region}}:{_A}:table/{{name}}",), name="TableName"),
    "AWS::EC2::EIP": _NETWORK,
    "AWS::EC2::FlowLog": _NETWORK,
    "AWS::EC2::InternetGateway": _NETWORK,
    "AWS::EC2::NatGateway": _NETWORK,
    "AWS::EC2::Route": _NETWORK,
    "AWS::EC2::RouteTable": _NETWORK,
    "AWS::EC2::SecurityGroup": _NETWORK,
    "AWS::EC2::Subnet": _NETWORK,
    "AWS::EC2::SubnetRouteTableAssociation": _NETWORK,
    "AWS::EC2::VPC": _NETWORK,
    "AWS::EC2::VPCEndpoint": _NETWORK,
    "AWS::EC2::VPCGatewayAttachment": _NETWORK,
    "AWS::Events::EventBus": Scope((f"{_P}:events:{{region}}:{_A}:event-bus/{{name}}",), name="Name"),
    "AWS::Events::Rule": Scope(
        (f"{_P}:events:{{region}}:{_A}:rule/{{name}}", f"{_P}:events:{{region}}:{_A}:rule/*/{{name}}"), name="Name"
    ),
    "AWS::IAM::OIDCProvider": Scope((f"{_P}:iam::{_A}:oidc-provider/{{name}}",), name="Url", exact=True),
    "AWS::IAM::ManagedPolicy": Scope((f"{_P}:iam::{_A}:policy{{path}}*",)),
    "AWS::IAM::Role": Scope((f"{_P}:iam::{_A}:role{{path}}*",)),
    "AWS::KMS::Alias": Scope((f"{_P}:kms:{{region}}:{_A}:{{name}}",), name="AliasName", exact=True),
    "AWS::KMS::Key": Scope((f"{_P}:kms:{{region}}:{_A}:key/*",), tagged=True),
    "AWS::Lambda::Alias": _OF_FUNCTION,
    "AWS::Lambda::EventInvokeConfig": _OF_FUNCTION,
    "AWS::Lambda::EventSourceMapping": Scope(
        (f"{_P}:lambda:{{region}}:{_A}:event-source-mapping:*",), key="lambda:FunctionArn"
    ),
    "AWS::Lambda::Function": _OF_FUNCTION,
    "AWS::Lambda::LayerVersion": Scope(
        (f"{_P}:lambda:{{region}}:{_A}:layer:{{name}}", f"{_P}:lambda:{{region}}:{_A}:layer:{{name}}:*"),
        name="LayerName",
        exact=True,
    ),
    "AWS::Lambda::Permission": _OF_FUNCTION,
    "AWS::Lambda::Url": Scope(_FUNCTION, name="TargetFunctionArn"),
    "AWS::Lambda::Version": _OF_FUNCTION,
    "AWS::Logs::Delivery": Scope(
        tuple(f"{_LOGS}:delivery{kind}:*" for kind in ("", "-destination", "-source")), tagged=True
    ),
    "AWS::Logs::DeliveryDestination": Scope((f"{_LOGS}:delivery-destination:{{name}}",), name="Name", exact=True),
    "AWS::Logs::DeliverySource": Scope((f"{_LOGS}:delivery-source:{{name}}",), name="Name", exact=True),
    "AWS::Logs::LogGroup": Scope((f"{_P}:logs:{{region}}:{_A}:log-group:{{name}}",), name="LogGroupName"),
    "AWS::Logs::MetricFilter": Scope((f"{_LOGS}:log-group:{{name}}",), name="LogGroupName"),
    "AWS::Route53::RecordSet": Scope((ZONE,), name="HostedZoneId", exact=True),
    "AWS::S3::Bucket": Scope(_BUCKET, name="BucketName", exact=True),
    "AWS::S3::BucketPolicy": Scope(_BUCKET, name="Bucket", exact=True),
    "AWS::SES::EmailIdentity": Scope(
        (f"{_P}:ses:{{region}}:{_A}:identity/{{name}}",), name="EmailIdentity", exact=True
    ),
    "AWS::SNS::Subscription": Scope(_TOPIC, name="TopicArn"),
    "AWS::SNS::Topic": Scope(_TOPIC, name="TopicName"),
    "AWS::SNS::TopicPolicy": Scope(_TOPIC, name="Topics"),
    "AWS::SSM::Parameter": Scope((f"{_P}:ssm:{{region}}:{_A}:parameter/{{name}}",), name="Name", exact=True),
    "AWS::SQS::Queue": Scope(_QUEUE, name="QueueName"),
    "AWS::SQS::QueuePolicy": Scope(_QUEUE, name="Queues"),
    "AWS::StepFunctions::StateMachine": Scope(
        (f"{_P}:states:{{region}}:{_A}:stateMachine:{{name}}",), name="StateMachineName"
    ),
    "AWS::Scheduler::Schedule": Scope(
        (f"{_P}:scheduler:{{region}}:{_A}:schedule/*/{{name}}",), name="Name", exact=True
    ),
    "AWS::SecretsManager::Secret": Scope(
        (f"{_P}:secretsmanager:{{region}}:{_A}:secret:{{name}}-*",), name="Name", by_id=True, tagged=True
    ),
    "AWS::WAFv2::IPSet": Scope(_WEB_ACL, name="Name", exact=True),
    "AWS::WAFv2::LoggingConfiguration": Scope(_WEB_ACL, name="ResourceArn", exact=True),
    "AWS::WAFv2::WebACL": Scope(_WEB_ACL, name="Name", exact=True),
    "AWS::WAFv2::WebACLAssociation": Scope(_WEB_ACL, name="WebACLArn", exact=True),
}
"""Types that are not here are told by the tag where IAM knows one for them; see ``scoping``."""

MANAGED_RULES = f"{_P}:wafv2:{{region}}:{_A}:{{scope}}/managedruleset/*/*"
"""AWS's rule groups, which creating a web ACL is checked against as well."""
DEPLOYMENT_CONFIGS = f"{_P}:codedeploy:{{region}}:{_A}:deploymentconfig:CodeDeployDefault.*"
"""How AWS shifts traffic between two versions of a function."""
CDN_LOG_BUCKET = Scope(_BUCKET, name="DistributionConfig.Logging.Bucket", exact=True)
"""Where a distribution writes its legacy log, the one bucket whose access control list is changed."""
CODE_DEPLOY_ROLE = f"{_P}:iam::{_A}:role/{{prefix}}/platform/{{prefix}}-code-deploy"
"""The role that base makes for gradual deployments: the only one of the platform that is handed on."""
SCALING_ALARMS = f"{_P}:cloudwatch:{{region}}:{_A}:alarm:TargetTracking-table/{{prefix}}-*"
"""What scaling by a target makes for a table.
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-overview.html"""
EDGE_WEB_ACL = f"{_P}:wafv2:us-east-1:{_A}:global/webacl/{{prefix}}/*"
"""The web ACL that a distribution of the stage names; it may belong to the stack in us-east-1."""
OWN_LAYERS = f"{_P}:lambda:{{region}}:{_A}:layer:{{prefix}}-*:*"
"""The stage's own layers, which functions of several stacks may name."""
EXECUTION_LOGS = ":log-group:API-Gateway-Execution-Logs_"
"""The group that a stage of a REST API writes to is named by the API's id.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"""
IMPORT_LOGS = f"{_LOGS}:log-group:/aws-dynamodb/imports:*"
CODE_OBJECTS = f"{_P}:s3:::{{bucket}}/code/*"
"""Where packaged code is: all that a deploy role reads of the platform's buckets."""
API_TAGS = f"{_P}:apigateway:{{region}}::/tags/*"
STACK_OF = f"{_P}:cloudformation:{{region}}:{_A}:stack/{{name}}/*"
SERVICE_ROLE = f"{_P}:iam::{_A}:role/aws-service-role/{{service}}/*"
KEYS = f"{_P}:kms:{{region}}:{_A}:key/*"
