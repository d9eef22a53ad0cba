"""The code of a stage → what is packaged, and which parameters of stacks get its keys. It only looks for files."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.deploy.plan import PackagedCode
from stacks.packaging.bundle import Bundle
from stacks.packaging.locks import CHOICES
from stacks.stages.code import code_of, codes, shared_layer, shared_layers
from stacks.stages.stacks import stack_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from stacks.app import Stage
    from stacks.packaging.bundle import Artifact
    from stacks.stages.code import Code as FunctionCode
    from stacks.template.rendered import Parameters, Rendered


def bundles(stage: Stage, root: Path) -> tuple[Bundle, ...]:
    """What is packaged for the functions of a stage, or uploaded for its template from elsewhere."""
    elsewhere = _as_is(stage)
    if elsewhere and not stage.backend.functions:
        return elsewhere
    readers = {code_of(function) for function in stage.backend.functions.values() if function.secrets}
    connecting = {code_of(function) for function in stage.backend.functions.values() if function.databases}
    handlers = _handlers(stage)
    own = (
        Bundle(
            name=code.name,
            source=code.folder,
            only=code.contents,
            requirements=requirements_of(root, code),
            runtime=code.runtime,
            architecture=code.architecture,
            application=code.application,
            secrets=code in readers,
            databases=code in connecting,
            boto3=stage.backend.boto3 == "packaged",
            layer=layer.name if (layer := shared_layer(code.runtime, code.architecture, stage)) else None,
            handlers=handlers.get(code, ()),
        )
        for code in codes(stage)
    )
    return (*elsewhere, *_layers(stage), *own)


def _handlers(stage: Stage) -> dict[FunctionCode, tuple[str, ...]]:
    """The files of JavaScript that Lambda loads, below the folder of their code."""
    handlers: dict[FunctionCode, tuple[str, ...]] = {}
    for function in stage.backend.functions.values():
        if function.is_node:
            code = code_of(function)
            file = str(PurePosixPath(function.entry_file).relative_to(function.folder))
            handlers[code] = tuple(dict.fromkeys((*handlers.get(code, ()), file)))
    return handlers


def _layers(stage: Stage) -> Iterator[Bundle]:
    file = stage.backend.shared_requirements or ""
    for layer in shared_layers(stage):
        yield Bundle(
            name=layer.name,
            source=file,
            requirements=file,
            runtime=layer.runtime,
            architecture=layer.architecture,
            boto3=stage.backend.boto3 == "packaged",
            is_layer=True,
        )


def _as_is(stage: Stage) -> tuple[Bundle, ...]:
    """The local files of templates that users and other frameworks made, each once."""
    local_files = {file.bundle: file for template in stage.templates.values() for file in template.files}
    return tuple(
        Bundle(name=name, source=local_file.path, as_is="zip" if local_file.zipped else "file", text=local_file.text)
        for name, local_file in local_files.items()
    )


def requirements_of(root: Path, code: FunctionCode) -> str | None:
    """The file that says what code needs: in what is packaged of its folder, in the folder, or above a ``src`` layout.

    https://packaging.python.org/en/latest/discussions/src-layout-vs-flat-layout/
    """
    folder = PurePosixPath(code.folder)
    if code.runtime.startswith("nodejs"):
        return _manifest(root, code)
    above = [path.parent for path in (folder, *folder.parents) if path.name == "src"][:1]
    folders = [*(folder / content for content in code.contents), folder, *above]
    files = (str(folder / name) for folder in folders for name in CHOICES)
    return next((file for file in files if (root / file).is_file()), None)


def _manifest(root: Path, code: FunctionCode) -> str | None:
    """The package.json that Node.js would find: the nearest, in what is packaged, in its folder, or above it.

    https://nodejs.org/api/packages.html#package-scope
    """
    folder = PurePosixPath(code.folder)
    folders = [*(folder / content for content in code.contents), folder, *folder.parents]
    files = (str(path / "package.json") for path in folders)
    return next((file for file in files if (root / file).is_file()), None)


def code_parameters(stage: Stage, rendered: Sequence[Rendered], artifacts: Iterable[Artifact]) -> Parameters:
    """Which parameter of which stack gets which key: every stack that declares the parameter of some code."""
    keys = {artifact.bundle: artifact.key for artifact in artifacts}
    parameters: dict[str, dict[str, str]] = {}
    for stack in rendered:
        bundles = _code_of_parameters(stage, stack.stack)
        names = sorted(bundles.keys() & stack.template.get("Parameters", {}).keys())
        if names:
            parameters[stack.stack] = {name: keys[bundles[name]] for name in names}
    return parameters


def code_keys(stage: Stage, parameters: Parameters) -> dict[str, str]:
    """Name of some code → its key, as parameters of stacks have it: the reverse of ``code_parameters``."""
    return {
        bundle: values[name]
        for stack, values in parameters.items()
        for name, bundle in _code_of_parameters(stage, stack).items()
        if name in values
    }


def _code_of_parameters(stage: Stage, stack: str) -> dict[str, str]:
    """Parameter of a stack → name of the bundle whose key it takes."""
    own = stack_at(stack, stage)
    result = {file.parameter: file.bundle for file in own.template.files} if own.template else {}
    if not stage.backend.functions or own.section == "stacks":
        return result
    layers = {shared_layer.parameter: shared_layer.name for shared_layer in shared_layers(stage)}
    return {**result, **layers, **{code.parameter: code.name for code in codes(stage)}}


def packaged_code(parameters: Parameters, artifacts: Iterable[Artifact]) -> tuple[PackagedCode, ...]:
    """The packaged code as the deployer takes it, for the parameters found by ``code_parameters``."""
    paths = {artifact.key: artifact.path for artifact in artifacts}
    return tuple(
        PackagedCode(stack=stack, parameter=name, key=key, path=paths[key])
        for stack, values in parameters.items()
        for name, key in values.items()
    )
