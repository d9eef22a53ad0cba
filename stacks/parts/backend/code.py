"""Code and layers in a template: each is a parameter, the key of its zip in the artifact bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import Parameter, Ref, awslambda

from stacks import naming
from stacks.parts.buckets import artifact_bucket

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.stages.code import Code, SharedLayer

_PATTERN = {
    "AllowedPattern": r"code/.+\.zip",
    "ConstraintDescription": "Package the code first; the key is code/<name>/<hash>.zip",
}


def code_parameter(code: Code) -> Parameter:
    """Where the code is: a key in the artifact bucket, known once it is packaged."""
    packaged = code.folder if code.folder != "." else ", ".join(code.contents)
    text = f"Key of the packaged {packaged} in the artifact bucket"
    return Parameter(code.parameter, Type="String", Description=text, **_PATTERN)


def layer_parameter(layer: SharedLayer) -> Parameter:
    """Where the layer's zip is."""
    text = "Key of the packaged requirements that functions share"
    return Parameter(layer.parameter, Type="String", Description=text, **_PATTERN)


def layer_version(layer: SharedLayer, stage: Stage) -> awslambda.LayerVersion:
    """The layer; each change of its zip makes a new version, and the functions move to it before the old one goes."""
    return awslambda.LayerVersion(
        layer.title,
        LayerName=f"{naming.prefix(stage)}-{layer.name}".replace("_", "-"),
        Description=f"What functions of {naming.prefix(stage)} share",
        CompatibleRuntimes=[layer.runtime],
        CompatibleArchitectures=[layer.architecture],
        Content=awslambda.Content(S3Bucket=artifact_bucket(stage), S3Key=Ref(layer.parameter)),
    )
