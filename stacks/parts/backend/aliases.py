"""Versions of a function and the alias ``live``, which routes and events call instead of the function itself.

Lambda refuses to publish a version that differs in nothing from the last, and keeps the old one where none is
published. So there is a new version exactly when something changes that a version locks: the logical id holds a hash of
these properties as they are written, the description holds the values behind them that only a deploy knows (the hashes
of code and shared layer, and what other stacks make: pools, subnets, domains).
With ``gradual``, CodeDeploy shifts the alias step by
step, and back when the new version fails; it works with a role of the base stack, since nothing of ours may widen
functions.
https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from troposphere import AWSObject, GetAtt, Join, Ref, Select, Split, Sub, awslambda, cloudwatch, codedeploy, iam
from troposphere.policies import CodeDeployLambdaAliasUpdate, UpdatePolicy

from stacks import naming
from stacks.intrinsics.references import outputs
from stacks.parts.backend.routes import ALIAS, alias_id
from stacks.parts.policies import allow, arn, managed_policy, policy, tagged, trust
from stacks.stages.code import shared_layer
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Template

    from stacks.app import Stage
    from stacks.intrinsics.functions import GetStackOutput
    from stacks.json_types import JsonDict
    from stacks.model.backend import Function

_APPLICATION = "GradualDeployments"
NOT_LOCKED = frozenset({"CodeSigningConfigArn", "ReservedConcurrentExecutions", "Tags", "TenancyConfig"})
"""Properties of a function that its versions do not keep: what is neither of UpdateFunctionCode nor of
UpdateFunctionConfiguration (the list that aws-cdk keeps, aws-lambda/lib/function-hash.ts).
https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html"""

_PARTS = (
    (re.compile(r"(?:Subnet\d+|SecurityGroup)Id$"), "-", 1),
    (re.compile(r"UserPoolId$"), "_", 1),
    (re.compile(r"DomainName$"), ".", 0),
)
"""How values of other stacks are shortened: the end of the output's name, a separator, and the distinguishing part."""


def alias_resources(name: str, function: Function, result: awslambda.Function, stage: Stage) -> Iterator[AWSObject]:
    """The version, its alias, and what shifts it."""
    locked = locked_properties(result)
    state = hashlib.sha256(json.dumps(locked, sort_keys=True).encode()).hexdigest()[:12]
    version = awslambda.Version(
        naming.logical_id(name, f"Version{state}"),
        FunctionName=Ref(result),
        Description=_values(function, result, locked, stage),
    )
    yield version
    ready: JsonDict = {}
    if function.provisioned_concurrency:
        ready["ProvisionedConcurrencyConfig"] = awslambda.ProvisionedConcurrencyConfiguration(
            ProvisionedConcurrentExecutions=function.provisioned_concurrency
        )
    alias = awslambda.Alias(
        alias_id(name), Name=ALIAS, FunctionName=Ref(result), FunctionVersion=GetAtt(version, "Version"), **ready
    )
    if function.gradual:
        yield from _shifting(name, function.gradual, stage)
        update = CodeDeployLambdaAliasUpdate(
            ApplicationName=Ref(_APPLICATION), DeploymentGroupName=Ref(naming.logical_id(name, "Deployments"))
        )
        alias.resource["UpdatePolicy"] = UpdatePolicy(CodeDeployLambdaAliasUpdate=update)
    yield alias


def locked_properties(function: awslambda.Function) -> JsonDict:
    """The properties that a version keeps as they are, without the place of the code, which its key stands for."""
    properties: JsonDict = function.to_dict()["Properties"]
    return {name: value for name, value in properties.items() if name not in NOT_LOCKED and name != "Code"}


def _values(function: Function, result: awslambda.Function, locked: JsonDict, stage: Stage) -> Join | Select:
    """What the version is made of and no template says; Lambda takes 256 characters."""
    layer = shared_layer(function.runtime, function.architecture, stage)
    keys = [result.Code.S3Key, *([Ref(layer.parameter)] if layer else [])]
    selects = [Select(2, Split("/", key)) for key in keys]
    read = {output: _telling(output) for output in outputs(locked)}
    return Join(" ", [*selects, *read.values()]) if len(selects) + len(read) > 1 else selects[0]


def _telling(output: GetStackOutput) -> JsonDict:
    """The part of a value that identifies it: ``0a1b2c`` of ``subnet-0a1b2c``, ``AbC`` of ``eu-west-1_AbC``.

    So most values that a function reads fit, with two hashes, into the 256 characters.
    """
    for ending, separator, part in _PARTS:
        if ending.search(output.output):
            return {"Fn::Select": [part, {"Fn::Split": [separator, output.value]}]}
    return output.value


def gradual_application(stage: Stage) -> codedeploy.Application:
    """What CodeDeploy keeps the deployment groups of a stack's functions in."""
    return codedeploy.Application(_APPLICATION, ComputePlatform="Lambda", Tags=tagged(stage, STACK))


def _shifting(name: str, gradual: str, stage: Stage) -> Iterator[AWSObject]:
    full_name = f"{naming.prefix(stage)}-{name}"
    alarm = cloudwatch.Alarm(
        naming.logical_id(name, "Errors"),
        AlarmName=f"{full_name}-errors",
        AlarmDescription=f"New code of {full_name} fails; CodeDeploy goes back to the old",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[
            cloudwatch.MetricDimension(Name="FunctionName", Value=full_name),
            cloudwatch.MetricDimension(Name="Resource", Value=f"{full_name}:{ALIAS}"),
        ],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        Tags=tagged(stage, STACK),
    )
    yield alarm
    yield codedeploy.DeploymentGroup(
        naming.logical_id(name, "Deployments"),
        ApplicationName=Ref(_APPLICATION),
        ServiceRoleArn=Sub(naming.code_deploy_role_arn(stage)),
        DeploymentConfigName=_configuration(gradual),
        DeploymentStyle=codedeploy.DeploymentStyle(
            DeploymentType="BLUE_GREEN", DeploymentOption="WITH_TRAFFIC_CONTROL"
        ),
        AlarmConfiguration=codedeploy.AlarmConfiguration(Enabled=True, Alarms=[codedeploy.Alarm(Name=Ref(alarm))]),
        AutoRollbackConfiguration=codedeploy.AutoRollbackConfiguration(
            Enabled=True, Events=["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
        ),
        Tags=tagged(stage, STACK),
    )


def _configuration(gradual: str) -> str:
    """``canary-5m`` is a tenth at first and all after five minutes; ``linear-1m`` a tenth more each minute."""
    kind, minutes = gradual.removesuffix("m").split("-")
    if kind == "canary":
        return f"CodeDeployDefault.LambdaCanary10Percent{minutes}Minutes"
    return f"CodeDeployDefault.LambdaLinear10PercentEvery{minutes}Minute{'' if minutes == '1' else 's'}"


def add_code_deploy_role(template: Template, stage: Stage) -> None:
    """Put CodeDeploy's role into the base template, if a function is deployed gradually.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html
    """
    prefix = naming.prefix(stage)
    functions = [arn("lambda", f"function:{prefix}-*"), arn("lambda", f"function:{prefix}-*:*")]
    shifts = policy(
        allow("lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias", on=functions),
        allow("cloudwatch:DescribeAlarms", on=arn("cloudwatch", "alarm:*")),
    )
    template.add_resource(managed_policy("CodeDeployPolicy", stage, "platform", shifts))
    template.add_resource(
        iam.Role(
            "CodeDeployRole",
            RoleName=naming.code_deploy_role_name(stage),
            Path=naming.role_path(stage, "platform"),
            AssumeRolePolicyDocument=trust("codedeploy"),
            ManagedPolicyArns=[Ref("CodeDeployPolicy")],
            Tags=tagged(stage, "base"),
        )
    )
