"""What goes out with the stacks of a stage: code to package, files to publish, and the parameters they give.

Pure but for the folders of built sites and the record of packaged code, a small file in the user's cache that lets
``render`` name the code of the last ``package`` in the parameter files.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacks.files import cache_folder, write_atomically
from stacks.stages.stacks import stack_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from stacks.app import Site, Stage
    from stacks.deploy.plan import PackagedCode
    from stacks.packaging import Artifact, Bundle
    from stacks.publishing.step import JsonFile, Publish
    from stacks.stages.code import Code as FunctionCode
    from stacks.template.rendered import Parameters, Rendered
    from stacks.wiring import Output


def bundles(stage: Stage, root: Path) -> tuple[Bundle, ...]:
    """What is packaged for the functions of a stage, or uploaded for its template from elsewhere."""
    elsewhere = _as_is(stage)
    if elsewhere and not stage.backend.functions:
        return elsewhere
    from stacks.packaging import Bundle  # noqa: PLC0415
    from stacks.stages.code import code_of, codes, shared_layer  # noqa: PLC0415 - only what packages needs it

    readers = {code_of(function) for function in stage.backend.functions.values() if function.secrets}
    connecting = {code_of(function) for function in stage.backend.functions.values() if function.databases}
    handlers = _handlers(stage)
    own = (
        Bundle(
            name=code.name,
            source=code.folder,
            only=code.contents,
            requirements=_requirements(root, code),
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
    from stacks.stages.code import code_of  # noqa: PLC0415 - only what packages needs it

    handlers: dict[FunctionCode, tuple[str, ...]] = {}
    for function in stage.backend.functions.values():
        if function.is_node:
            code = code_of(function)
            file = str(PurePosixPath(function.entry_file).relative_to(function.folder))
            handlers[code] = tuple(dict.fromkeys((*handlers.get(code, ()), file)))
    return handlers


def _layers(stage: Stage) -> Iterator[Bundle]:
    from stacks.packaging import Bundle  # noqa: PLC0415
    from stacks.stages.code import shared_layers  # noqa: PLC0415 - only what packages needs it

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
    from stacks.packaging import Bundle  # noqa: PLC0415

    local_files = {file.bundle: file for template in stage.templates.values() for file in template.files}
    return tuple(
        Bundle(name=name, source=local_file.path, as_is="zip" if local_file.zipped else "file", text=local_file.text)
        for name, local_file in local_files.items()
    )


def _requirements(root: Path, code: FunctionCode) -> str | None:
    """The file that says what code needs: in what is packaged of its folder, in the folder, or above a ``src`` layout.

    https://packaging.python.org/en/latest/discussions/src-layout-vs-flat-layout/
    """
    from stacks.packaging.locks import CHOICES  # noqa: PLC0415 - brings subprocess

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
    from stacks.stages.code import codes, shared_layers  # noqa: PLC0415 - only what packages needs it

    layers = {shared_layer.parameter: shared_layer.name for shared_layer in shared_layers(stage)}
    return {**result, **layers, **{code.parameter: code.name for code in codes(stage)}}


def built_parameters(root: Path, stage: Stage) -> Parameters:
    """The parameters that what is built gives: keys of the last ``package``, and the routes of built sites."""
    try:
        loads = json.loads(_record(root, stage).read_bytes())
    except (OSError, ValueError):
        loads = {}
    packaged = loads if isinstance(loads, dict) else {}
    sites = stage.frontend.site
    if not sites or not all((root / site.folder).is_dir() for site in sites):
        return packaged
    from stacks.publishing.routes import routes_of  # noqa: PLC0415 - reads the folders

    frontend = {**packaged.get("frontend", {}), **routes_of(stage, root)}
    return {**packaged, "frontend": frontend} if frontend else packaged


def keep_parameters(root: Path, stage: Stage, parameters: Parameters) -> None:
    """Remember the parameters of packaged code for ``render``."""
    write_atomically(_record(root, stage), json.dumps(parameters, indent=2, sort_keys=True).encode())


def _record(root: Path, stage: Stage) -> Path:
    project = hashlib.sha256(bytes(root.resolve())).hexdigest()
    return cache_folder("packaged", project) / f"{stage.name}.json"


def publication(stage: Stage, root: Path, *, cognito_endpoint: str | None = None) -> Publish | None:
    """The static files of a stage and the configuration its single-page application reads; None without a frontend.

    ``cognito_endpoint`` replaces AWS's own in the configuration.
    """
    from stacks import wiring  # noqa: PLC0415 - brings troposphere
    from stacks.parts.frontend.edge_program import ROUTES, described_forms  # noqa: PLC0415
    from stacks.parts.frontend.error_pages import pages_of_errors  # noqa: PLC0415
    from stacks.parts.frontend.headers import sources  # noqa: PLC0415
    from stacks.parts.frontend.patterns import behaviors_of  # noqa: PLC0415
    from stacks.publishing.reach import Reach  # noqa: PLC0415
    from stacks.publishing.routes import routing_of, site_folders  # noqa: PLC0415
    from stacks.publishing.sites import SiteFiles  # noqa: PLC0415
    from stacks.publishing.step import Publish  # noqa: PLC0415

    _collect(stage, root)
    routing = routing_of(stage, root)
    folders = list(site_folders(stage, root))
    if stage.frontend.static:
        folders.insert(0, SiteFiles(prefix="static/", folder=root / stage.frontend.static, fallback=False))
    if not folders:
        return None
    return Publish(
        stack="frontend",
        bucket=wiring.SITE_BUCKET,
        distribution=wiring.DISTRIBUTION,
        folders=tuple(folders),
        generated=tuple(_configuration(site, stage, cognito_endpoint) for site in stage.frontend.site),
        policy={} if stage.frontend.csp.report_only else sources(stage),
        errors={code: page.removeprefix("/") for code, page in stage.frontend.errors.items()},
        missing=pages_of_errors(stage).get("404", "").removeprefix("/") or None,
        reach=Reach(behaviors=behaviors_of(stage), sites=described_forms(stage)),
        routing=routing,
        parameters={ROUTES: routing.text} if routing and stage.frontend.site else {},
    )


def _collect(stage: Stage, root: Path) -> None:
    """Static files of a Django project, before anything looks at them."""
    if not stage.frontend.collect or not stage.frontend.static:
        return
    from stacks.packaging.collecting import collect  # noqa: PLC0415 - few projects need it
    from stacks.stages.code import code_of  # noqa: PLC0415

    code = code_of(stage.backend.functions[stage.frontend.collect])
    file = _requirements(root, code)
    collect(root / code.folder, root / file if file else None, root / stage.frontend.static)


def _configuration(site: Site, stage: Stage, cognito_endpoint: str | None) -> JsonFile:
    """``config.json``: one build of the application serves all stages."""
    from stacks import wiring  # noqa: PLC0415 - brings troposphere
    from stacks.publishing.step import JsonFile  # noqa: PLC0415

    values: list[tuple[str, str | Output]] = [("stage", stage.name), ("region", stage.region), ("api", "/api")]
    if stage.data.users:
        values += [
            ("userPoolId", wiring.USER_POOL),
            ("userPoolClientId", wiring.USER_POOL_CLIENT),
            ("cognitoEndpoint", cognito_endpoint or f"https://cognito-idp.{stage.region}.amazonaws.com/"),
        ]
        if stage.data.users.credentials:
            values.append(("identityPoolId", wiring.IDENTITY_POOL))
    return JsonFile(key=f"{site.prefix[1:]}config.json", values=tuple(values))


def packaged_code(parameters: Parameters, artifacts: Iterable[Artifact]) -> tuple[PackagedCode, ...]:
    """The packaged code as the deployer takes it, for the parameters found by ``code_parameters``."""
    from stacks.deploy.plan import PackagedCode  # noqa: PLC0415

    paths = {artifact.key: artifact.path for artifact in artifacts}
    return tuple(
        PackagedCode(stack=stack, parameter=name, key=key, path=paths[key])
        for stack, values in parameters.items()
        for name, key in values.items()
    )
