"""What ``package`` wrote → what ``deploy --packaged`` deploys: nothing is built, installed or resolved again."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import TYPE_CHECKING

from stacks.commands.template_files import parameter_file
from stacks.errors import DeployError, Problem
from stacks.files import bytes_of
from stacks.packaging.bundle import Artifact
from stacks.release.code import bundles, code_keys, code_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from stacks.app import Stage
    from stacks.packaging import Bundle
    from stacks.template.rendered import Parameters, Rendered

_FIX = "Run 'package' again, where nothing changes the files after it"


def packaged(
    stage: Stage, rendered: Sequence[Rendered], root: Path, out: Path
) -> tuple[tuple[Artifact, ...], Parameters]:
    """The code that ``package`` left in ``root/.build``, and the parameters that name it, as in ``out``.

    Raises:
        DeployError: with every template and parameter file in ``out`` that is not what is rendered now, and all code
            that is missing or is not what its key says.
    """
    files = {stack.stack: out / stage.name / f"{stack.stack}.parameters.json" for stack in rendered}
    keys = code_keys(stage, {stack: _values(file) for stack, file in files.items()})
    result = {bundle.name: _read(bundle, keys, root / ".build") for bundle in bundles(stage, root)}
    artifacts = tuple(entry for entry in result.values() if isinstance(entry, Artifact))
    problems = [entry for entry in result.values() if isinstance(entry, Problem)]
    if not problems:
        parameters = code_parameters(stage, rendered, artifacts)
        problems += _differing(rendered, parameters, out / stage.name)
    if problems:
        raise DeployError.of(tuple(problems))
    return artifacts, parameters


def _values(file: Path) -> Mapping[str, str]:
    try:
        values = json.loads(bytes_of(file))["Parameters"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return values if isinstance(values, dict) else {}


def _read(bundle: Bundle, keys: Mapping[str, str], folder: Path) -> Artifact | Problem:
    key = keys.get(bundle.name)
    if key is None:
        return Problem(where=bundle.name, what="no parameter file names its code", fix=_FIX)
    path = folder / key
    if not path.is_file():
        return Problem(where=str(path), what="the packaged code was not found", fix=_FIX)
    content = bytes_of(path)
    sha256 = hashlib.sha256(content).hexdigest()
    if path.stem != sha256:
        return Problem(where=str(path), what="the packaged code has another SHA-256 than its name", fix=_FIX)
    unzipped = len(content)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as zipped:
            unzipped = sum(zip_info.file_size for zip_info in zipped.infolist())
    layer = keys.get(bundle.layer) if bundle.layer else None
    return Artifact(
        bundle=bundle.name, key=key, path=path, sha256=sha256, size=len(content), unzipped=unzipped, layer=layer
    )


def _differing(rendered: Sequence[Rendered], parameters: Parameters, folder: Path) -> Iterator[Problem]:
    for stack in rendered:
        values = {**stack.parameters, **parameters.get(stack.stack, {})}
        wanted = {f"{stack.stack}.yaml": stack.body.encode(), f"{stack.stack}.parameters.json": parameter_file(values)}
        for name, content in wanted.items():
            file = folder / name
            if not file.is_file() or bytes_of(file) != content:
                what = "is not what the description renders now" if file.is_file() else "is missing"
                yield Problem(where=str(file), what=what, fix=_FIX)
