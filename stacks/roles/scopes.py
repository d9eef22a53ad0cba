"""Where the actions of deploy roles apply: the scopes of types, and the ARNs that belong to no type.

ARN formats are those of the service authorization reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from stacks.types import TYPES
from stacks.types.record import ACCOUNT as _A
from stacks.types.record import PARTITION as _P
from stacks.types.record import TypeScope

_LOGS = f"{_P}:logs:{{region}}:{_A}"
SCOPES: dict[str, TypeScope] = {name: scope for name, known in TYPES.items() if (scope := known.named_scope)}
"""Types that are not listed are recognised by the tag where IAM supports one for them; see ``scoping``."""

ZONE = f"{_P}:route53:::hostedzone/{{name}}"
CHANGES = f"{_P}:route53:::change/*"

MANAGED_RULES = f"{_P}:wafv2:{{region}}:{_A}:{{scope}}/managedruleset/*/*"
"""AWS's rule groups, which creating a web ACL is checked against as well."""
DEPLOYMENT_CONFIGS = f"{_P}:codedeploy:{{region}}:{_A}:deploymentconfig:CodeDeployDefault.*"
"""How AWS shifts traffic between two versions of a function."""
CDN_LOG_BUCKET = TypeScope((f"{_P}:s3:::{{name}}",), name="DistributionConfig.Logging.Bucket", exact=True)
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
