"""A template's local files and folders → where they stand in it, and the template with our parameters instead. Pure.

The same properties that ``aws cloudformation package`` replaces (its ``artifact_exporter``), and SAM's Globals. The
bucket is our artifact bucket, the key a parameter, so a template does not move when only code moves.
"""

from __future__ import annotations

import copy
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Form = Literal["Bucket", "S3Bucket", "url"]
"""How a property names an object: ``{Bucket, Key}``, ``{S3Bucket, S3Key}``, or ``s3://bucket/key``."""


@dataclass(frozen=True, slots=True)
class _Property:
    form: Form
    zipped: bool = False
    """A folder or a single file becomes a zip."""
    needed: bool = False
    nested: bool = False


_CODE = _Property("S3Bucket", zipped=True)
_SAM_CODE = _Property("Bucket", zipped=True, needed=True)
_FILE, _URL, _TEMPLATE = _Property("Bucket"), _Property("url"), _Property("url", nested=True)
_PROPERTIES: dict[str, dict[str, _Property]] = {
    "AWS::ApiGateway::RestApi": {"BodyS3Location": _FILE},
    "AWS::AppSync::FunctionConfiguration": {
        "RequestMappingTemplateS3Location": _URL,
        "ResponseMappingTemplateS3Location": _URL,
    },
    "AWS::AppSync::GraphQLSchema": {"DefinitionS3Location": _URL},
    "AWS::AppSync::Resolver": {"RequestMappingTemplateS3Location": _URL, "ResponseMappingTemplateS3Location": _URL},
    "AWS::CloudFormation::Stack": {"TemplateURL": _TEMPLATE},
    "AWS::ElasticBeanstalk::ApplicationVersion": {"SourceBundle": _CODE},
    "AWS::Lambda::Function": {"Code": _CODE},
    "AWS::Lambda::LayerVersion": {"Content": _CODE},
    "AWS::Serverless::Api": {"DefinitionUri": _FILE},
    "AWS::Serverless::Application": {"Location": _TEMPLATE},
    "AWS::Serverless::Function": {"CodeUri": _SAM_CODE},
    "AWS::Serverless::HttpApi": {"DefinitionUri": _FILE},
    "AWS::Serverless::LayerVersion": {"ContentUri": _Property("Bucket", zipped=True)},
    "AWS::Serverless::StateMachine": {"DefinitionUri": _FILE},
    "AWS::StepFunctions::StateMachine": {"DefinitionS3Location": _FILE},
}
_REMOTE = re.compile(r"(?:s3|https?)://.*")
_GLOBALS = {"Function": "AWS::Serverless::Function", "LayerVersion": "AWS::Serverless::LayerVersion"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalArtifact:
    """A local path in a template: ``resource`` and property ``name``; None for code that is needed and not named."""

    resource: str
    name: str
    path: str | None
    form: Form
    zipped: bool
    nested: bool

    @property
    def parameter(self) -> str:
        """The parameter that takes the key of the uploaded file."""
        return re.sub(r"[^A-Za-z0-9]", "", f"{self.resource}{self.name}Artifact")

    @property
    def bundle(self) -> str:
        """The name of the artifact; the same path is packaged once."""
        path = self.path or ""
        kind = "zip" if self.zipped else "file"
        slug = re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")
        return f"template-{slug}-{hashlib.sha256(path.encode()).hexdigest()[:6]}-{kind}"


def local_artifacts(template: Mapping[str, Any]) -> tuple[LocalArtifact, ...]:
    """Every local path of a template, in its order."""
    return tuple(artifact for artifact, _ in _found(template))


def moved(template: dict[str, Any], move: Callable[[str], str]) -> dict[str, Any]:
    """The template with ``move`` applied to each local path."""
    made = copy.deepcopy(template)
    for artifact, properties in _found(made):
        if artifact.path is not None:
            properties[artifact.name] = move(artifact.path)
    return made


def uploaded(template: Mapping[str, Any], bucket: Any) -> dict[str, Any]:
    """The template with each local path as an object in ``bucket`` whose key is a parameter."""
    made = copy.deepcopy(dict(template))
    parameters: dict[str, Any] = {}
    for artifact, properties in _found(made):
        properties[artifact.name] = _object(artifact.form, bucket, {"Ref": artifact.parameter})
        description = f"Key of {artifact.path} in the artifact bucket"
        parameters[artifact.parameter] = {"Type": "String", "Description": description}
    if parameters:
        made["Parameters"] = {**made.get("Parameters", {}), **parameters}
    return made


def _object(form: Form, bucket: Any, key: Any) -> Any:
    if form == "url":
        return {"Fn::Sub": ["s3://${Bucket}/${Key}", {"Bucket": bucket, "Key": key}]}
    return {form: bucket, form.replace("Bucket", "Key"): key}


def _found(template: Mapping[str, Any]) -> Iterator[tuple[LocalArtifact, dict[str, Any]]]:
    """The local artifacts with the mapping that holds each."""
    shared = {kind: body for kind, body in (template.get("Globals") or {}).items() if kind in _GLOBALS and body}
    for kind, body in shared.items():
        yield from _of(f"Globals.{kind}", _GLOBALS[kind], body, needs=False)
    code_for_all = any("CodeUri" in body for body in shared.values())
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if isinstance(properties, dict) and isinstance(resource.get("Type"), str):
            yield from _of(name, resource["Type"], properties, needs=not code_for_all)


def _of(
    name: str, kind: str, properties: dict[str, Any], *, needs: bool
) -> Iterator[tuple[LocalArtifact, dict[str, Any]]]:
    for key, known in _PROPERTIES.get(kind, {}).items():
        value = properties.get(key)
        local = isinstance(value, str) and not _REMOTE.fullmatch(value)
        absent = known.needed and needs and key not in properties and not _has_code(properties)
        if local or absent:
            yield _artifact(name, key, value if local else None, known), properties


def _artifact(name: str, key: str, path: str | None, known: _Property) -> LocalArtifact:
    return LocalArtifact(resource=name, name=key, path=path, form=known.form, zipped=known.zipped, nested=known.nested)


def _has_code(properties: Mapping[str, Any]) -> bool:
    return "InlineCode" in properties or "ImageUri" in properties or properties.get("PackageType") == "Image"
