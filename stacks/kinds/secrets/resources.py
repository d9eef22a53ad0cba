"""Generated secrets in the backend stack, and the rights to read secrets of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Ref, secretsmanager

from stacks import naming
from stacks.kinds.secrets import SECRETS
from stacks.parts.kinds import Right
from stacks.parts.policies import arn, tagged, when
from stacks.stages.stacks import BACKEND as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awacs.aws import Condition
    from troposphere import Template

    from stacks.app import Function, Secret, Stage
    from stacks.blocks.policies import Value


def add(template: Template, stage: Stage) -> None:
    """Put the generated secrets into the backend template; the others are given by people."""
    for name, described in stage.backend.secrets.items():
        if described.is_generated:
            template.add_resource(secret(name, described, stage))


def secret(name: str, described: Secret, stage: Stage) -> secretsmanager.Secret:
    """A secret that CloudFormation makes up once. It has no fixed name: a deleted one keeps its name for weeks."""
    return secretsmanager.Secret(
        naming.logical_id(name, "Secret"),
        Description=f"{name} of {naming.prefix(stage)}",
        GenerateSecretString=secretsmanager.GenerateSecretString(
            ExcludePunctuation=True, PasswordLength=described.length
        ),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        Tags=tagged(stage, STACK),
    )


def identity(name: str, stage: Stage) -> Value:
    """What a function asks for: the ARN of a generated secret, the name of a given one; a parameter's starts with /."""
    match stage.backend.secrets[name].kind:
        case "generated":
            return Ref(naming.logical_id(name, "Secret"))
        case "given":
            return naming.secret_name(name, stage)
        case "parameter":
            return naming.parameter_name(name, stage)


def arns(name: str, stage: Stage) -> list[Value]:
    """The ARN of a secret; Secrets Manager adds six characters to the name of one that CloudFormation does not make."""
    match stage.backend.secrets[name].kind:
        case "generated":
            return [Ref(naming.logical_id(name, "Secret"))]
        case "given":
            return [arn("secretsmanager", f"secret:{naming.secret_name(name, stage)}-??????")]
        case "parameter":
            return [arn("ssm", f"parameter{naming.parameter_name(name, stage)}")]


def all_arns(stage: Stage) -> list[Value]:
    """The ARNs of every parameter of the stage; the boundary allows secrets by their tags (``Kind.always``)."""
    return [arn("ssm", f"parameter{naming.parameter_prefix(stage)}*")]


def rights(_name: str, function: Function, stage: Stage) -> Iterator[Right]:
    """The right to read secrets, and that to read parameters with the key that encrypts them.

    Parameter Store decrypts with its caller's rights, and names the parameter to the key.
    https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
    """
    is_parameter = {name: stage.backend.secrets[name].kind == "parameter" for name in function.secrets}
    kept = [entry for name, other in is_parameter.items() if not other for entry in arns(name, stage)]
    parameters = [entry for name, other in is_parameter.items() if other for entry in arns(name, stage)]
    if kept:
        yield Right(actions=SECRETS.uses["read"], on=kept)
    if parameters:
        every = all_arns(stage)
        yield Right(actions=("ssm:GetParameter",), on=parameters, every=every)
        yield Right(
            actions=("kms:Decrypt",),
            on=arn("kms", "key/*"),
            condition=_of_parameters(parameters, stage),
            every=arn("kms", "key/*"),
            every_condition=_of_parameters(every, stage),
        )


def _of_parameters(arns: list[Value], stage: Stage) -> Condition:
    return when(
        StringEquals={"kms:ViaService": f"ssm.{stage.region}.amazonaws.com"},
        StringLike={"kms:EncryptionContext:PARAMETER_ARN": arns},
    )
