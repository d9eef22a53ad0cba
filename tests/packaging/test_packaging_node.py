"""JavaScript in zips: what npm is asked to install, what is refused, and that bytes depend on the code and its lock."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from stacks.errors import PackagingError
from stacks.packaging import Bundle, host_target, package
from stacks.packaging.check import PackagedHandler, check
from stacks.packaging.node import environment, read_packages

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project  # type: ignore[import-not-found]

    from stacks.packaging import PythonTarget

HASHED = {"version": "5.1.0", "integrity": "sha512-x"}
NPM = """#!{python}
import json, os, pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("{version}")
    raise SystemExit
for name, text in {{"dep/index.js": "exports.x = 1", ".package-lock.json": "x", ".bin/dep": "x"}}.items():
    path = pathlib.Path("node_modules", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
pathlib.Path("{log}").write_text(json.dumps([sys.argv[1:], dict(os.environ), pathlib.Path(".npmrc").read_text()]))
"""


def lock_of(**packages: dict[str, Any]) -> str:
    return json.dumps(
        {"lockfileVersion": 3, "packages": {"": {}, **{f"node_modules/{k}": v for k, v in packages.items()}}}
    )


def packaged(project: Project, target: PythonTarget | None = None, **fields: Any) -> dict[str, bytes]:
    """The files of the zip of ``src/index.mjs``, by their names."""
    manifest = "src/package.json" if (project.root / "src/package.json").is_file() else None
    bundle = Bundle(
        name="api", source="src", requirements=manifest, runtime="nodejs24.x", handlers=("index.mjs",), **fields
    )
    (artifact,) = package(
        [bundle], root=project.root, out=project.root / ".build", target=target, say=project.messages.append
    )
    with zipfile.ZipFile(artifact.path) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


@pytest.fixture
def javascript(project: Project) -> Project:
    """A project of one module of JavaScript."""
    (project.root / "src/app.py").unlink()
    project.write("src/index.mjs", "export const handler = async () => 1;\n")
    return project


@pytest.fixture
def npm(javascript: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one dependency, and an npm that writes down how it was called in the file that is returned."""
    javascript.write("src/package.json", json.dumps({"type": "module", "dependencies": {"dep": "^5"}}))
    javascript.write("src/package-lock.json", lock_of(dep=HASHED))
    log = tmp_path / "npm.json"
    place_npm(tmp_path, log, "10.9.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return log


def place_npm(folder: Path, log: Path, version: str) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    program = folder / "bin/npm"
    program.write_text(NPM.format(python=sys.executable, version=version, log=log))
    program.chmod(0o755)


def test_code_without_dependencies_needs_no_npm(javascript: Project) -> None:
    javascript.write("src/package.json", '{"type": "module", "devDependencies": {"typescript": "5"}}')
    assert set(packaged(javascript)) == {"index.mjs", "package.json"}


def test_what_the_lock_says_is_installed_for_lambda_s_machine(javascript: Project, npm: Path) -> None:
    assert set(packaged(javascript)) == {"index.mjs", "package.json", "node_modules/dep/index.js"}
    arguments, _, _ = json.loads(npm.read_text())
    assert arguments[:3] == ["ci", "--omit=dev", "--ignore-scripts"]
    assert arguments[-3:] == ["--os=linux", "--cpu=arm64", "--libc=glibc"]


def test_for_this_machine_npm_chooses_the_platform_itself(javascript: Project, npm: Path) -> None:
    packaged(javascript, host_target())
    assert not any(entry.startswith(("--os", "--cpu", "--libc")) for entry in json.loads(npm.read_text())[0])


def test_npm_sees_nothing_of_aws_and_only_registries_of_the_project_s_settings(
    javascript: Project, npm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "abc")
    monkeypatch.setenv("NPM_TOKEN", "abc")
    javascript.write("src/.npmrc", "registry=https://r.example\n//r.example/:_authToken=${NPM_TOKEN}\ngit=./evil.sh\n")
    packaged(javascript)
    _, variables, settings = json.loads(npm.read_text())
    assert not {"AWS_SECRET_ACCESS_KEY", "NPM_TOKEN"} & set(variables)
    assert settings == "registry=https://r.example\n"
    assert environment({"HOME": "/home/me"}, "x")["NPM_CONFIG_USERCONFIG"] == "/home/me/.npmrc"


def test_the_same_code_and_lock_give_the_same_bytes_and_another_lock_other_ones(javascript: Project, npm: Path) -> None:
    first = packaged(javascript)
    npm.unlink()
    assert packaged(javascript) == first
    assert not npm.exists()  # nothing was installed again
    shutil.rmtree(javascript.cache)
    assert packaged(javascript) == first
    npm.unlink()
    javascript.write("src/package-lock.json", lock_of(dep={**HASHED, "version": "5.2.0"}))
    packaged(javascript)
    assert npm.exists()


@pytest.mark.usefixtures("npm")
def test_locks_and_secrets_stay_out(javascript: Project) -> None:
    for name in (".env", ".npmrc", "yarn.lock", "node_modules/left/index.js"):
        javascript.write(f"src/{name}", "x=1\n")
    assert set(packaged(javascript)) == {"index.mjs", "package.json", "node_modules/dep/index.js"}


def test_a_package_json_above_what_is_packaged_is_put_at_the_top(javascript: Project) -> None:
    javascript.write("package.json", '{"type": "module"}')
    bundle = Bundle(
        name="api", source="src", requirements="package.json", runtime="nodejs24.x", handlers=("index.mjs",)
    )
    (artifact,) = package(
        [bundle], root=javascript.root, out=javascript.root / ".build", say=javascript.messages.append
    )
    with zipfile.ZipFile(artifact.path) as zipped:
        assert json.loads(zipped.read("package.json")) == {"type": "module"}


@pytest.mark.usefixtures("npm")
def test_install_scripts_are_named_and_not_run(javascript: Project) -> None:
    javascript.write("src/package-lock.json", lock_of(dep={**HASHED, "hasInstallScript": True}))
    packaged(javascript)
    assert any("install scripts are not run" in entry and entry.endswith("dep") for entry in javascript.messages)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"package-lock.json": None}, r"src/package\.json: has dependencies and no package-lock\.json"),
        ({"package-lock.json": None, "pnpm-lock.yaml": ""}, r"pnpm-lock\.yaml is not read"),
        ({"package-lock.json": '{"lockfileVersion": 1}'}, r"src/package-lock\.json: does not say"),
        ({"package-lock.json": lock_of(dep={"resolved": "../dep", "link": True})}, "dep comes from a folder"),
        ({"package-lock.json": lock_of(dep={"resolved": "git+ssh://git@x/y.git"})}, "dep has no hash"),
        ({"package.json": "{"}, r"src/package\.json: is not JSON"),
        ({"package.json": "[]"}, r"src/package\.json: is not a JSON object"),
        ({"index.js": "", "index.mjs": "x"}, r"src/index\.mjs: Lambda loads index\.js in its place"),
        ({"index.mjs": None}, r"src/index\.mjs: does not exist"),
    ],
)
def test_what_cannot_be_packaged_is_refused(
    javascript: Project, npm: Path, files: dict[str, str | None], message: str
) -> None:
    for name, text in files.items():
        if text is None:
            (javascript.root / "src" / name).unlink()
        else:
            javascript.write(f"src/{name}", text)
    with pytest.raises(PackagingError, match=message):
        packaged(javascript)
    assert not npm.exists()


def test_development_dependencies_may_be_links(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"dep": "1"}}')
    (tmp_path / "package-lock.json").write_text(lock_of(dep=HASHED, tool={"link": True, "dev": True}))
    assert read_packages(tmp_path / "package.json", where="package.json").lock


def test_an_npm_that_cannot_install_for_another_machine_is_refused(
    javascript: Project, npm: Path, tmp_path: Path
) -> None:
    place_npm(tmp_path, npm, "9.2.0")
    with pytest.raises(PackagingError, match=r"npm 9\.2\.0 cannot install for Lambda's machine"):
        packaged(javascript)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("export const handler = async () => 1;", None),
        ("export const other = 1;", "it exports no function handler"),
        ("import 'gone';", "Cannot find package 'gone'"),
    ],
)
def test_a_handler_is_imported_as_lambda_does(javascript: Project, code: str, message: str | None) -> None:
    javascript.write("src/index.mjs", code)
    bundle = Bundle(name="api", source="src", runtime="nodejs24.x", handlers=("index.mjs",))
    artifacts = package([bundle], root=javascript.root, out=javascript.root / ".build", say=javascript.messages.append)
    handler = PackagedHandler(
        name="api", handler="index.handler", environment={}, key=artifacts[0].key, runtime="nodejs24.x"
    )
    if message is None:
        assert check([handler], artifacts).words == ()
    else:
        with pytest.raises(PackagingError, match=message):
            check([handler], artifacts)


def test_the_sdk_of_lambda_s_runtime_is_a_sentence(javascript: Project) -> None:
    javascript.write("src/index.mjs", "import '@aws-sdk/client-s3'; export const handler = 1;")
    bundle = Bundle(name="api", source="src", runtime="nodejs24.x", handlers=("index.mjs",))
    artifacts = package([bundle], root=javascript.root, out=javascript.root / ".build", say=javascript.messages.append)
    handler = PackagedHandler(
        name="api", handler="index.handler", environment={}, key=artifacts[0].key, runtime="nodejs24.x"
    )
    (notice,) = check([handler], artifacts).words
    assert "AWS SDK" in notice or "not on the PATH" in notice
