"""References between stacks: values that AWS makes up, declared as an output by one stack and read by others.

An ``Output`` is the typed name of such a value. Stack modules ask it for the reference; the module that makes
the output uses the same ``Output`` to declare it. While rendering, ``template.references`` proves that both ends meet,
and ``template.wired`` turns the reference into a template parameter that reads the value from Parameter Store.

Names and ARNs that we choose are never read from another stack: ``naming`` computes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import troposphere
from troposphere import GetStackOutput

from stacks import naming
from stacks.stages.stacks import copy_key
from stacks.values import positional_value

if TYPE_CHECKING:
    from stacks.app import Stage


@positional_value
class Output:
    """The output ``name`` of our stack ``stack``; ``region`` when that is not the stage's own.

    >>> from stacks import App, Stage
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1")})
    >>> Output("data", "UserPoolId").read(app.stages["dev"]).to_dict()
    {'Fn::GetStackOutput': {'StackName': 'shop-dev-data', 'OutputName': 'UserPoolId'}}
    """

    stack: str
    name: str
    region: str | None = None

    def read(self, stage: Stage) -> GetStackOutput:
        """The reference, for any position in a template of the same stage; rendering resolves it."""
        return GetStackOutput(naming.stack_name(stage, self.stack), self.name, Region=self.region)

    def declare(self, value: object, description: str) -> troposphere.Output:
        """The declaration, for the template of the stack that makes the value."""
        return troposphere.Output(self.name, Value=value, Description=description)


ARTIFACT_BUCKET = Output("base", "ArtifactBucketName")
LOG_BUCKET = Output("base", "LogBucketName")
NETWORK = Output("base", "VpcId")
"""Declared by a platform, for other applications."""
FUNCTION_GROUP = Output("base", "FunctionSecurityGroupId")
LOG_KEY = Output("base", "LogKeyArn")
BOUNDARY = Output("base", "ApplicationBoundaryArn")
USER_POOL = Output("data", "UserPoolId")
USER_POOL_ARN = Output("data", "UserPoolArn")
USER_POOL_CLIENT = Output("data", "UserPoolClientId")
IDENTITY_POOL = Output("data", "IdentityPoolId")
SIGN_IN_TARGET = Output("data", "SignInTarget")
SITE_SIGN_IN_TARGET = Output("frontend", "SignInTarget")
"""The same where the sign-in domain is below the site's, and made after its record."""
API = Output("backend", "ApiId")
API_STAGE = Output("backend", "ApiStage")
"""Named for an API of a template from elsewhere that has a stage in its address; our own is named like our stage."""
API_URL = Output("backend", "ApiUrl")
API_DOMAIN_URL = Output("backend", "ApiDomainUrl")
API_DNS_RECORD = Output("backend", "ApiDnsRecord")
SITE_URL = Output("frontend", "SiteUrl")
SITE_BUCKET = Output("frontend", "SiteBucketName")
DISTRIBUTION = Output("frontend", "DistributionId")
DISTRIBUTION_DOMAIN = Output("frontend", "DistributionDomainName")
DNS_RECORDS = Output("frontend", "DnsRecords")
WEB_ACL = Output("frontend-edge", "WebAclArn", naming.EDGE_REGION)
CERTIFICATE = Output("frontend-edge", "CertificateArn", naming.EDGE_REGION)


def artifact_copies_key(region: str) -> Output:
    """The ARN of the key of those copies."""
    return Output(copy_key(region), "PipelineKeyArn", region)


def table_name_output(table: str) -> Output:
    """The name of a table."""
    return Output("data", naming.logical_id(table, "TableName"))


def table_arn_output(table: str) -> Output:
    """The ARN of a table."""
    return Output("data", naming.logical_id(table, "TableArn"))


def table_stream(table: str) -> Output:
    """The ARN of a table's stream; declared when a function listens to it."""
    return Output("data", naming.logical_id(table, "TableStreamArn"))


def table_key(table: str) -> Output:
    """The ARN of a table's own key; declared when it has one."""
    return Output("data", naming.logical_id(table, "TableKeyArn"))


def database_host(database: str) -> Output:
    """The host of a database."""
    return Output("data", naming.logical_id(database, "DatabaseHost"))


def database_arn(database: str) -> Output:
    """The ARN of a database's cluster."""
    return Output("data", naming.logical_id(database, "DatabaseArn"))


def function_url_output(name: str) -> Output:
    """The own address of a function."""
    return Output("backend", naming.logical_id(name, "FunctionUrl"))


def user_pool_client(name: str, stack: str) -> Output:
    """A described client of the user pool, in the stack that makes it."""
    return Output(stack, naming.logical_id(name, "ClientId"))


def bucket_name_output(bucket: str) -> Output:
    """The name of a bucket of the application's files."""
    return Output("data", naming.logical_id(bucket, "BucketName"))


def bucket_arn_output(bucket: str) -> Output:
    """The ARN of such a bucket."""
    return Output("data", naming.logical_id(bucket, "BucketArn"))


def private_subnet(zone: int) -> Output:
    """A private subnet of the stage's network; declared when functions run there."""
    return Output("base", f"PrivateSubnet{zone}Id")
