"""A template file of any framework → plain data, with its local paths as seen from the project's root.

What CloudFormation reads and this project cannot judge, such as loops and included files, is refused.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from stacks.errors import DescriptionError
from stacks.files import text_of
from stacks.foreign.artifacts import LocalArtifact, local_artifacts, moved
from stacks.foreign.nested import nested_resources
from stacks.foreign.roles import bounded
from stacks.foreign.serverless import without_deployment_bucket
from stacks.foreign.unbuilt import unbuilt
from stacks.intrinsics.reading import UnreadableError, template
from stacks.json_types import items, mapping
from stacks.model.given_template import GivenTemplate, LocalFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.app import Stage
    from stacks.json_types import JsonDict, JsonObject, TemplateData

LIMIT = 1_000_000
"""Bytes of a template (AWS CloudFormation user guide, "Understand CloudFormation quotas")."""


def parse(text: str, *, where: str) -> JsonDict:
    """The template that ``text`` is. ``where`` names it in errors.

    Raises ``DescriptionError`` for what is over CloudFormation's limit, no JSON and no YAML, or no template.
    """
    if len(text.encode()) > LIMIT:
        what = f"has {len(text.encode()):,} bytes, CloudFormation takes {LIMIT:,}"
        raise DescriptionError(where, what, "Split it; a nested or second stack has limits of its own")
    try:
        tree = template(text, where)
    except UnreadableError as error:
        place = f"{where}:{error.line}" if error.line else where
        raise DescriptionError(place, f"is neither JSON nor YAML: {error.why.rstrip('.')}", "Correct it") from None
    if tree.problems:
        raise DescriptionError.of(tuple(tree.problems))
    return checked(tree.data, where=where)


def checked(data: object, *, where: str) -> JsonDict:
    """Plain data as a template that this project can judge. ``where`` names it in errors.

    Raises ``DescriptionError`` for what is no template, and for loops, odd shapes and included files.
    """
    if not isinstance(data, dict) or not isinstance(data.get("Resources"), dict):
        raise DescriptionError(where, "is not a template: it has no Resources", "Name the file your framework packaged")
    if not isinstance(data.get("Metadata", {}), dict):
        raise DescriptionError(where, "has Metadata that are no mapping", "Write them as 'Name: value'")
    _refuse_loops(data, where)
    for section in ("Conditions", "Globals", "Outputs", "Parameters"):
        entries = data.get(section, {})
        if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
            raise DescriptionError(where, f"has {section} that are no mapping of mappings", "Write it as 'Name: {…}'")
    _refuse_odd(data["Resources"], where)
    _refuse_odd_macros(data, where)
    if (included := next(_included(data), None)) is not None:
        what = f"includes {included}: what that brings cannot be checked, nor rights derived for it"
        raise DescriptionError(where, what, "Write it in place")
    return data


def _refuse_odd_macros(data: JsonObject, where: str) -> None:
    """A macro is named by text, or as ``{Name: …, Parameters: …}``; several are listed.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html
    """
    macros = items(data.get("Transform"))
    names = [macro.get("Name") if isinstance(macro, dict) else macro for macro in macros]
    if odd := [name for name in names if not isinstance(name, str)]:
        raise DescriptionError(where, f"has a Transform that names no macro: {odd[0]!r}", "Write the name of the macro")


def _included(value: object) -> Iterator[str]:
    """Local files that ``AWS::Include`` names."""
    match value:
        case {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": str(place)}}} if "://" not in place:
            yield place
        case dict():
            for entry in value.values():
                yield from _included(entry)
        case list():
            for item in value:
                yield from _included(item)


def _refuse_loops(data: JsonObject, where: str) -> None:
    names = [name for section in ("Conditions", "Resources", "Outputs") for name in mapping(data.get(section))]
    if loops := [name for name in names if str(name).startswith("Fn::ForEach::")]:
        what = f"has a loop, {loops[0]}: what it makes cannot be checked, nor rights derived for it"
        raise DescriptionError(where, what, "Write out what it makes")


def _refuse_odd(resources: JsonObject, where: str) -> None:
    odd = [
        name for name, body in resources.items() if not (isinstance(body, dict) and isinstance(body.get("Type"), str))
    ]
    if odd:
        raise DescriptionError(where, f"has resources without a Type: {', '.join(sorted(odd))}", "Give each its Type")
    odd = [name for name, body in resources.items() if not isinstance(body.get("Properties") or {}, dict)]
    if odd:
        what = f"has resources whose Properties are no mapping: {', '.join(sorted(odd))}"
        raise DescriptionError(where, what, "Write them as 'Name: value'")
    for body in resources.values():
        if body.get("Properties", ...) is None:
            del body["Properties"]


def read(root: Path, file: str, outer: tuple[str, ...] = ()) -> JsonDict:
    """The template in ``file`` under the folder ``root``; its local paths are relative to ``root`` then.

    Templates that it nests are read, too; ``outer`` are those around it. The Serverless Framework's deployment bucket
    is gone. Raises ``DescriptionError`` as ``parse`` does, and for a file that cannot be read.
    """
    try:
        text = text_of(root / file, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        raise DescriptionError(file, what, "Package with your framework first, or correct the path") from None
    template = without_deployment_bucket(parse(text, where=file))
    folder = posixpath.dirname(file)

    def move(artifact: LocalArtifact, path: str) -> Any:
        target = posixpath.normpath(posixpath.join(folder, path))
        if not artifact.nested or not (root / target).is_file() or _is_outside(target):
            return target
        if target in (file, *outer):
            raise DescriptionError(file, f"nests itself, by {artifact.resource}", "Name another template there")
        return {"path": target, "template": read(root, target, (file, *outer))}

    return moved(template, move)


def _is_outside(path: str) -> bool:
    return path.startswith(("../", "/"))


def given_template(key: str, body: JsonDict, stage: Stage) -> GivenTemplate:
    """A template as a value of the stage: its roles bounded, with its local files and the resources that it nests.

    Raises ``DescriptionError`` as ``checked`` does: Python may have given the template, or what loading makes of it.
    """
    where = f"stacks.{key}.template" if key in stage.stacks else f"{key}.template"
    body = bounded(checked(body, where=where), stage, key)
    files = tuple(
        LocalFile(
            parameter=artifact.parameter,
            bundle=artifact.bundle,
            path=artifact.path or "",
            zipped=artifact.zipped,
            text=artifact.text,
        )
        for artifact in local_artifacts(body)
    )
    return GivenTemplate(body=body, files=files, nested=nested_resources(body))


def content(key: str, where: str, stage: Stage) -> JsonObject:
    """The template of a stack as it was read.

    Raises:
        DescriptionError: the description names its file, and was made without ``load``, which reads it.
    """
    if key not in stage.templates:
        what = "names a file, which is read when the description is"
        raise DescriptionError(where, what, "Load app.yaml with 'stacks.load', or give the template itself")
    return stage.templates[key].body


def file_problems(root: Path, template: TemplateData) -> Iterator[tuple[str, str]]:
    """What is wrong with a template that was read, and with its local files: what, and its fix."""
    kinds = [body["Type"] for body in template["Resources"].values()]
    if "Transform" not in template and any(kind.startswith("AWS::Serverless::") for kind in kinds):
        yield "has resources of SAM, and no Transform", "Write 'Transform: AWS::Serverless-2016-10-31' into it"
    yield from unbuilt(root, template)
    for artifact in local_artifacts(template):
        place = f"{artifact.resource}.{artifact.name}"
        if artifact.path is None:
            yield f"{place} is missing, so the function has no code", "Name the folder of its code"
        elif _is_outside(artifact.path):
            yield f"{place} is {artifact.path}, outside the project", "Name a path inside the project's folder"
        elif not (root / artifact.path).exists():
            yield f"{place} is {artifact.path}, which does not exist", "Build with your framework, or correct the path"
