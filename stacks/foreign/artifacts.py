"""A template's local files and folders → their places in it, and the template with our parameters instead. Pure.

The same properties that ``aws cloudformation package`` replaces (its ``artifact_exporter``), and SAM's Globals; but
neither what ``AWS::Include`` brings (``reading`` refuses it) nor the texts of an ``AWS::ServerlessRepo::Application``,
which no stack has. The bucket is our artifact bucket, the key a parameter, so a template does not move when only code
moves. A nested template gets both as parameters from the stack it is nested in.
"""

from __future__ import annotations

import copy
import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from stacks.foreign.nested import is_read
from stacks.intrinsics.functions import Sub, function
from stacks.json_types import at
from stacks.template.emit import yaml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.json_types import JsonDict, JsonObject, Properties, TemplateData

ObjectForm = Literal["Bucket", "S3Bucket", "url"]
"""How a property names an object: ``{Bucket, Key}``, ``{S3Bucket, S3Key}``, or ``s3://bucket/key``."""


@dataclass(frozen=True, slots=True)
class _Property:
    form: ObjectForm
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
    "AWS::CodeCommit::Repository": {"Code.S3": _Property("Bucket", zipped=True)},
    "AWS::ElasticBeanstalk::ApplicationVersion": {"SourceBundle": _CODE},
    "AWS::Glue::Job": {"Command.ScriptLocation": _URL},
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
"""Type → the properties that name local files, and what ``aws cloudformation package`` does with them. No fields of
records: half of the types are SAM's, which the registry does not have."""
_REMOTE = re.compile(r"(?:s3|https?)://.*")
_BUCKET = "ArtifactBucket"
"""The parameter of a nested template."""
_GLOBALS = {"Function": "AWS::Serverless::Function", "LayerVersion": "AWS::Serverless::LayerVersion"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalArtifact:
    """A local path in a template: ``resource`` and property ``name``; None for code that is needed and not named."""

    resource: str
    name: str
    path: str | None
    form: ObjectForm
    zipped: bool
    nested: bool
    text: str | None = None
    """The file's content, of a nested template that was read: it is uploaded with its own files named by parameters."""

    @property
    def key(self) -> str:
        """The last part of the property's name: ``ScriptLocation`` of ``Command.ScriptLocation``."""
        return self.name.rpartition(".")[2]

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


def zipped_code(type_name: str) -> tuple[str, ...]:
    """The properties of a type that take ``{S3Bucket, S3Key}`` of a zip."""
    return tuple(name for name, form in _PROPERTIES.get(type_name, {}).items() if form == _CODE)


def local_artifacts(template: TemplateData) -> tuple[LocalArtifact, ...]:
    """Every local path of a template, in its order."""
    return tuple(entry for artifact, holder in _holders(template) for entry in _with_inner(artifact, holder))


def _with_inner(artifact: LocalArtifact, holder: JsonObject) -> Iterator[LocalArtifact]:
    """The artifact, after what a nested template has itself."""
    value = holder.get(artifact.key)
    if not is_read(value):
        yield artifact
        return
    inner = local_artifacts(value["template"])
    yield from (_of_nested(artifact, entry) for entry in inner)
    body = uploaded(value["template"], {"Ref": _BUCKET})
    if inner:
        body["Parameters"][_BUCKET] = {"Type": "String"}
    yield replace(artifact, text=yaml_text(body))


def _of_nested(outer: LocalArtifact, inner: LocalArtifact) -> LocalArtifact:
    return replace(inner, resource=f"{outer.resource}{inner.resource}")


def moved(template: JsonDict, move: Callable[[LocalArtifact, str], Any]) -> JsonDict:
    """The template with what ``move`` makes of each local artifact and its path."""
    result = copy.deepcopy(template)
    for artifact, holder in _holders(result):
        if artifact.path is not None:
            holder[artifact.key] = move(artifact, artifact.path)
    return result


def uploaded(template: TemplateData, bucket: object) -> JsonDict:
    """The template with each local path as an object in ``bucket`` whose key is a parameter."""
    result = copy.deepcopy(dict(template))
    parameters: JsonDict = {}
    for artifact, holder in _holders(result):
        for entry in _with_inner(artifact, holder):
            description = f"Key of {entry.path} in the artifact bucket"
            parameters[entry.parameter] = {"Type": "String", "Description": description}
        _pass_to_nested(artifact, holder, bucket)
        holder[artifact.key] = _object(artifact, bucket, {"Ref": artifact.parameter})
    result["Resources"] = {name: _as_stack(body) for name, body in result["Resources"].items()}
    if parameters:
        result["Parameters"] = {**result.get("Parameters", {}), **parameters}
    return result


def _pass_to_nested(artifact: LocalArtifact, holder: JsonDict, bucket: object) -> None:
    """Hand a nested stack the bucket, and the keys of its own files."""
    value = holder.get(artifact.key)
    inner = local_artifacts(value["template"]) if is_read(value) else ()
    if inner:
        keys = {entry.parameter: {"Ref": _of_nested(artifact, entry).parameter} for entry in inner}
        holder["Parameters"] = {**holder.get("Parameters", {}), **keys, _BUCKET: bucket}


def _as_stack(body: Any) -> Any:
    """SAM's application of a local template is a nested stack; SAM itself takes a written address only."""
    location = body.get("Properties", {}).get("Location")
    if body.get("Type") != "AWS::Serverless::Application" or not isinstance(function(location), Sub):
        return body
    properties = {"TemplateURL" if key == "Location" else key: value for key, value in body["Properties"].items()}
    if isinstance(properties.get("Tags"), dict):
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in properties["Tags"].items()]
    return {**body, "Type": "AWS::CloudFormation::Stack", "Properties": properties}


def _object(artifact: LocalArtifact, bucket: object, key: object) -> Any:
    if artifact.form == "url":
        place = {"Bucket": bucket, "Key": key}
        address = "https://s3.${AWS::Region}.${AWS::URLSuffix}" if artifact.nested else "s3:/"
        return {"Fn::Sub": [f"{address}/${{Bucket}}/${{Key}}", place]}
    return {artifact.form: bucket, artifact.form.replace("Bucket", "Key"): key}


def _holders(template: TemplateData) -> Iterator[tuple[LocalArtifact, JsonDict]]:
    """The local artifacts with the mapping that holds each."""
    shared = {kind: body for kind, body in (template.get("Globals") or {}).items() if kind in _GLOBALS and body}
    for kind, body in shared.items():
        yield from _of(f"Globals.{kind}", _GLOBALS[kind], body, needs=False)
    code_for_all = any("CodeUri" in body for body in shared.values())
    for name, resource in template["Resources"].items():
        properties = at(resource, "Properties")
        if isinstance(properties, dict) and isinstance(resource.get("Type"), str):
            yield from _of(name, resource["Type"], properties, needs=not code_for_all)


def _of(name: str, kind: str, properties: JsonDict, *, needs: bool) -> Iterator[tuple[LocalArtifact, JsonDict]]:
    for key, known in _PROPERTIES.get(kind, {}).items():
        parent, _, last = key.rpartition(".")
        holder = properties.get(parent) if parent else properties
        if not isinstance(holder, dict):
            continue
        value = holder.get(last)
        path = value["path"] if known.nested and is_read(value) else value
        local = isinstance(path, str) and not _REMOTE.fullmatch(path)
        absent = known.needed and needs and last not in holder and not _has_code(holder)
        if local or absent:
            yield _artifact(name, key, path if local else None, known), holder


def _artifact(name: str, key: str, path: str | None, known: _Property) -> LocalArtifact:
    return LocalArtifact(resource=name, name=key, path=path, form=known.form, zipped=known.zipped, nested=known.nested)


def _has_code(properties: Properties) -> bool:
    return "InlineCode" in properties or "ImageUri" in properties or properties.get("PackageType") == "Image"
