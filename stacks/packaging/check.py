"""Built zips and the templates that name them → whether each handler can be imported and called as Lambda does it.

The zip is unpacked and its handler imported in a clean process (``import_probe``), with the template's environment
and none of ours. A zip for another Python or machine cannot be imported here; the caller packages for this machine.
A handler that passed in silence is not tried again until its zip, its environment or this code changes.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.errors import PackagingError, Problem
from stacks.files import cache_folder, write_atomically
from stacks.intrinsics.functions import Ref, function
from stacks.packaging.node_check import probed, seen_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.json_types import JsonDict, JsonObject, TemplateData
    from stacks.packaging.bundle import Artifact

_PROBE = Path(__file__).with_name("import_probe.py")
_JUDGES = ("interfaces.py", "node_check.py")
_PLACEHOLDER = "check"
_SETTING = re.compile(r"KeyError: '([A-Z][A-Z0-9_]*)'")
"""What ``os.environ["NAME"]`` raises, and few other mappings."""
_IN_ANY_PYTHON = re.compile(
    r"was never closed|^SyntaxError: (?:unmatched|expected|closing parenthesis|invalid decimal)"
)
"""Syntax that no version of Python takes: brackets, colons and numbers are what they were."""
_READ_ONLY = "Lambda can write in /tmp only: write there, or when the first request comes"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedHandler:
    """One function of a template: its name, what Lambda imports, its environment, the key of its code, its Python."""

    name: str
    handler: str
    environment: Mapping[str, str]
    key: str
    runtime: str = ""


def handlers(template: TemplateData, parameters: Mapping[str, str]) -> Iterator[PackagedHandler]:
    """The functions of a template whose code is one of ``parameters``.

    A variable that only the deployed stacks know has a placeholder as its value.
    """
    for logical_id, body in template.get("Resources", {}).items():
        properties = body.get("Properties", {})
        code = properties.get("Code", {}).get("S3Key") if body["Type"] == "AWS::Lambda::Function" else None
        named = function(code)
        key = parameters.get(named.name) if isinstance(named, Ref) else None
        if key:
            variables = properties.get("Environment", {}).get("Variables", {})
            plain = {name: text if isinstance(text, str) else _PLACEHOLDER for name, text in variables.items()}
            name = properties.get("FunctionName", logical_id)
            yield PackagedHandler(
                name=name if isinstance(name, str) else logical_id,
                handler=properties["Handler"],
                environment=plain,
                key=key,
                runtime=properties.get("Runtime", ""),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What imports showed: sentences about what works on Lambda but deserves a word, and static folders.

    ``folders`` are the paths (``/ext/``) below which a function's Flask extensions serve files, by its handler's name.
    ``unproven`` counts the handlers that only the function's newer Python may read.
    """

    words: tuple[str, ...]
    folders: Mapping[str, tuple[str, ...]]
    unproven: int = 0


def check(packaged_handlers: Sequence[PackagedHandler], artifacts: Sequence[Artifact]) -> Checked:
    """Import every handler, and say what that showed.

    Raises one ``PackagingError`` with every handler that cannot be imported there, or not be called.
    """
    result = {artifact.key: artifact for artifact in artifacts}
    messages: list[str] = []
    problems: list[Problem] = []
    folders: dict[str, tuple[str, ...]] = {}
    unproven = 0
    for handler in packaged_handlers:
        passed = _record(handler, result[handler.key])
        if passed.is_file():
            folders[handler.name] = tuple(json.loads(passed.read_bytes()))
            continue
        with tempfile.TemporaryDirectory() as folder:
            code = result[handler.key]
            _unpack(code, Path(folder, "task"))
            if code.layer:
                _unpack(result[code.layer], Path(folder, "opt"))
            seen = _probed(handler, Path(folder))
        problem, words = _problem(handler, seen), [*seen.get("untried", ()), *_words(handler, seen)]
        folders[handler.name] = tuple(seen.get("folders", ()))
        if problem and _is_of_this_python(handler, seen):
            unproven += 1
            messages.append(f"{problem.where}: {problem.what}. It runs with {handler.runtime}, which was not tried.")
        elif problem:
            problems.append(problem)
        elif words:
            messages += words
        else:
            write_atomically(passed, json.dumps(folders[handler.name]).encode())
    if problems:
        raise PackagingError.of(tuple(problems))
    return Checked(words=tuple(messages), folders=folders, unproven=unproven)


def _record(handler: PackagedHandler, code: Artifact) -> Path:
    """The file that says: this handler passed in silence, with these static folders."""
    facts = json.dumps([asdict(handler), code.layer, sys.version]).encode()
    judges = b"".join(path.read_bytes() for path in (Path(__file__), _PROBE, *map(_PROBE.with_name, _JUDGES)))
    return cache_folder("checks") / hashlib.sha256(facts + judges).hexdigest()


def _is_of_this_python(handler: PackagedHandler, seen: JsonObject) -> bool:
    """Whether a failure may be this Python's alone: what it cannot read, the function's newer one may."""
    version = re.fullmatch(r"python3\.(\d+)", handler.runtime)
    is_newer = version is not None and int(version[1]) > sys.version_info.minor
    return is_newer and seen["failure"].startswith("SyntaxError") and not _IN_ANY_PYTHON.search(seen["failure"])


def _unpack(artifact: Artifact, into: Path) -> None:
    with zipfile.ZipFile(artifact.path) as zipped:
        zipped.extractall(into)


def _of_node(handler: PackagedHandler, folder: Path, variables: Mapping[str, str]) -> JsonDict:
    """What importing a handler of JavaScript showed, in the same words as ``import_probe``."""
    failure, untried = probed(folder / "task", handler.handler, variables)
    return {"failure": failure, "untried": [f"{handler.name}: {untried}."] if untried else []}


def _probed(handler: PackagedHandler, folder: Path) -> JsonDict:
    boto3 = find_spec("boto3")
    runtime = str(Path(boto3.origin).parent.parent) if boto3 and boto3.origin else ""
    (folder / "tmp").mkdir()
    lambda_s = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "LAMBDA_TASK_ROOT": str(folder / "task")}
    lambda_s |= dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), _PLACEHOLDER)
    lambda_s |= {"AWS_LAMBDA_FUNCTION_NAME": handler.name, "TMPDIR": str(folder / "tmp"), "LANG": "en_US.UTF-8"}
    if handler.runtime.startswith("nodejs"):
        return _of_node(handler, folder, {**lambda_s, **handler.environment})
    command = [sys.executable, "-P", "-s", "-S", "-B", str(_PROBE)]
    command += [str(folder / "task"), str(folder / "opt/python"), handler.handler, runtime]
    return seen_by(command, folder / "task", {**lambda_s, **handler.environment})


def _problem(handler: PackagedHandler, seen: JsonObject) -> Problem | None:
    failure = seen["failure"].rstrip(".")
    if not failure:
        what, fix = seen.get("mismatch") or ("", "")
        return Problem(where=handler.name, what=what, fix=fix) if what else None
    trace = f" ({seen['trace']})" if seen.get("trace") else ""
    what, fix = f"{handler.handler} cannot be imported: {failure}{trace}", "Correct the code, or name another handler"
    if handler.runtime.startswith("nodejs"):
        if "Cannot find" in failure:
            fix = "Add it to 'dependencies' of package.json and to its lock; if it is your own file, package it too"
    elif failure.startswith("ModuleNotFoundError"):
        fix = (
            "Add it to requirements.txt in the folder that is packaged, or to 'backend.shared_requirements'; "
            "if it is your own code, name its folder in the function's 'source' or 'only'"
        )
    elif setting := _SETTING.fullmatch(failure):
        fix = f"If it is a setting, describe it: 'environment: {{{setting[1]}: …}}' under the function"
    elif "attempted relative import" in failure:
        fix = "Package the folder around its own: name that folder as 'source', '.' for the project's root"
    elif "circular import" in failure:
        fix = "Break the circle: move what both modules need into a third"
    elif seen.get("writes") and "[Errno 30]" in failure:
        place, path = next(iter(seen["writes"].items()))
        what, fix = f"{place} writes {path} at import, and so {handler.handler} cannot be imported", _READ_ONLY
    elif seen.get("calls"):
        place, address = next(iter(seen["calls"].items()))
        what = f"{place} calls {address} at import, so that {handler.handler} cannot be imported without a network"
        fix = "Call when the first request comes; every cold start pays for it"
    return Problem(where=handler.name, what=what, fix=fix)


def _words(handler: PackagedHandler, seen: JsonObject) -> Iterator[str]:
    for place, path in seen.get("writes", {}).items():
        yield f"{handler.name}: {place} tries to write {path} at import, which fails on Lambda. {_READ_ONLY}."
    for place, path in seen.get("first", {}).items():
        yield f"{handler.name}: {place} tries to write {path} in the first request (GET /), which fails on Lambda: \
only /tmp can be written."
    for place, address in seen.get("calls", {}).items():
        yield f"{handler.name}: {place} calls {address} at import. Call when the first request comes."
