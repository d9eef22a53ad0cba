"""A template file of any framework → plain data, with its local paths as seen from the project's root.

JSON, or YAML with CloudFormation's short tags, which become the long functions. Everything that looks like a date
stays a text (``2012-10-17`` is a date to YAML), and every key is a text, as CloudFormation reads them.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import yaml

from stacks.errors import DescriptionError
from stacks.foreign.artifacts import local_artifacts, moved
from stacks.foreign.serverless import without_deployment_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stacks.app import App

LIMIT = 1_000_000
"""Bytes of a template (AWS CloudFormation user guide, "Understand CloudFormation quotas")."""

_SafeLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DATE = "tag:yaml.org,2002:timestamp"


class _Loader(_SafeLoader):  # type: ignore[misc]
    """PyYAML's safe loader with short tags and without dates."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - a class attribute of PyYAML's
        letter: [(tag, pattern) for tag, pattern in resolvers if tag != _DATE]
        for letter, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
    }


def _function(loader: Any, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _function)


def parse(text: str, *, where: str) -> dict[str, Any]:
    """The template that ``text`` is. ``where`` names it in errors.

    Raises ``DescriptionError`` for what is over CloudFormation's limit, no JSON and no YAML, or no template.
    """
    if len(text.encode()) > LIMIT:
        what = f"has {len(text.encode()):,} bytes, CloudFormation takes {LIMIT:,}"
        raise DescriptionError(where, what, "Split it; a nested or second stack has limits of its own")
    try:
        read = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)  # noqa: S506
        data = _plain(read, count())
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        told = re.sub(r"\s+", " ", str(error)) or "it is nested too deeply"
        raise DescriptionError(where, f"is neither JSON nor YAML: {told}", "Mend it") from None
    if not isinstance(data, dict) or not isinstance(data.get("Resources"), dict):
        raise DescriptionError(where, "is no template: it has no Resources", "Name the file your framework packaged")
    odd = sorted(str(name) for name, body in data["Resources"].items() if not _is_resource(str(name), body))
    if odd:
        raise DescriptionError(where, f"has resources without a Type: {', '.join(odd)}", "Give each its Type")
    return data


def _is_resource(name: str, body: Any) -> bool:
    return name.startswith("Fn::ForEach::") or (isinstance(body, dict) and isinstance(body.get("Type"), str))


def read(root: Path, file: str) -> dict[str, Any]:
    """The template in ``file`` under the folder ``root``; its local paths are relative to ``root`` then.

    The Serverless Framework's deployment bucket is gone. Raises ``DescriptionError`` as ``parse`` does, and for a
    file that cannot be read.
    """
    try:
        text = (root / file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
        raise DescriptionError(file, what, "Package with your framework first, or correct the path") from None
    template = without_deployment_bucket(parse(text, where=file))
    folder = posixpath.dirname(file)
    return moved(template, lambda path: posixpath.normpath(posixpath.join(folder, path)))


def attached(app: App, root: Path) -> App:
    """The application with each stage's template file replaced by the template itself, as ``read`` gives it."""
    files = {stage.backend.template for stage in app.stages.values() if isinstance(stage.backend.template, str)}
    templates = {file: read(root, file) for file in sorted(files)}
    stages = {
        name: replace(stage, backend=replace(stage.backend, template=templates[stage.backend.template]))
        if isinstance(stage.backend.template, str)
        else stage
        for name, stage in app.stages.items()
    }
    return replace(app, stages=stages)


def missing(root: Path, template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the local artifacts of a template that was read: what, and its fix."""
    for artifact in local_artifacts(template):
        place = f"{artifact.resource}.{artifact.name}"
        if artifact.path is None:
            yield f"{place} is missing, so the function has no code", "Name the folder of its code"
        elif artifact.nested:
            yield f"{place} is another local template", "Deploy that one by itself, or upload it and name its address"
        elif artifact.path.startswith(("../", "/")):
            yield f"{place} is {artifact.path}, outside the project", "Name a path inside the project's folder"
        elif not (root / artifact.path).exists():
            yield f"{place} is {artifact.path}, which is not there", "Build with your framework, or correct the path"


def _plain(value: Any, counted: Iterator[int]) -> Any:
    """The value with texts as keys and every alias written out, which a few lines of YAML can make endless."""
    if next(counted) > LIMIT:
        raise ValueError("its aliases stand for more than a million values")
    if isinstance(value, dict):
        return {_key(key): _plain(item, counted) for key, item in value.items()}
    return [_plain(item, counted) for item in value] if isinstance(value, list) else value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)
