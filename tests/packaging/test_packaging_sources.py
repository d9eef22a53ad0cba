"""What of a source folder gets into a zip, what stays out, and what is refused."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.errors import PackagingError
from stacks.packaging import Bundle, package
from stacks.packaging.sources import ZipEntry, is_secret, read_sources, refuse_case_collisions

if TYPE_CHECKING:
    from conftest import Project  # type: ignore[import-not-found]

BAIT = (
    ".env", ".env.prod", "prod.env", "keys/server.pem", "keys/server.key", ".ENV.local", "id_rsa", "id_ed25519.pub",
    ".aws/credentials", ".git/config", "__pycache__/app.cpython-314.pyc", "old.pyc", ".venv/x.py", "venv/x.py",
    "mine/pyvenv.cfg", "mine/lib/x.py", "node_modules/left/pad.js", ".DS_Store", ".pytest_cache/v/x",
    ".mypy_cache/3.14/x", ".ruff_cache/x", ".hypothesis/x", "app.py.swp", "app.py~", "lib.egg-info/PKG-INFO",
)  # fmt: skip


def test_of_a_folder_full_of_bait_only_the_code_is_packaged(project: Project) -> None:
    for name in BAIT:
        project.write(f"src/{name}", "bait")
    project.write("src/pages/index.html")
    assert project.names() == ["app.py", "pages/index.html"]


def test_secrets_that_were_kept_out_are_reported(project: Project) -> None:
    for name in BAIT:
        project.write(f"src/{name}", "bait")
    project.package()
    assert project.messages[0] == (
        "web: kept out of the zip: .ENV.local, .aws, .env, .env.prod, id_ed25519.pub, id_rsa, "
        "keys/server.key, keys/server.pem, prod.env"
    )


def test_nothing_is_reported_of_a_folder_without_secrets(project: Project) -> None:
    project.package()
    assert not any("kept out" in message for message in project.messages)


@given(st.sampled_from([".env", ".env.", "id_rsa", "ID_ED25519"]), st.text("abcXYZ._-", max_size=8))
def test_names_of_secrets_are_known_whatever_follows(start: str, end: str) -> None:
    assert is_secret(start + end)


@pytest.mark.parametrize("name", ["app.py", "environment.py", "env.py", "keyboard.py", "git.py", "venv.py", "pem"])
def test_names_of_plain_code_are_neither_secret_nor_litter(tmp_path: Path, name: str) -> None:
    for file in {name, "app.py"}:
        (tmp_path / file).write_text("")
    sources = read_sources(tmp_path, where="src")
    assert (name in {entry.name for entry in sources.entries}, sources.secrets) == (True, ())


def test_the_requirements_file_stays_out(project: Project) -> None:
    project.write("src/requirements.txt", "# --extra-index-url https://user:password@example.com\n")
    assert project.names() == ["app.py"]


def test_what_packaging_writes_stays_out_when_the_source_is_the_whole_project(project: Project) -> None:
    bundle = Bundle(name="all", source=".")
    artifacts = [
        package([bundle], root=project.root, out=project.root / "made", say=project.messages.append) for _ in range(2)
    ]
    assert artifacts[0] == artifacts[1]


@given(st.lists(st.sampled_from(["a", "B", "lib.d"]), max_size=3), st.sampled_from(BAIT))
def test_bait_stays_out_at_any_depth(folders: list[str], bait: str) -> None:
    with tempfile.TemporaryDirectory() as result:
        for name in (bait, "app.py", "mine/pyvenv.cfg"):
            path = Path(result, *folders, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        assert [entry.name for entry in read_sources(Path(result), where="x").entries] == [
            "/".join([*folders, "app.py"])
        ]


def test_a_link_inside_the_folder_is_packaged_as_what_it_points_to(project: Project) -> None:
    (project.root / "src/copy.py").symlink_to("app.py")
    assert project.names() == ["app.py", "copy.py"]


def test_a_link_to_a_secret_stays_out_like_the_secret(project: Project) -> None:
    project.write("src/.env", "bait")
    (project.root / "src/settings.txt").symlink_to(".env")
    assert project.names() == ["app.py"]
    assert project.messages[0] == "web: kept out of the zip: .env, settings.txt"


def test_a_link_out_of_the_folder_is_refused(project: Project) -> None:
    project.write("outside.txt", "bait")
    (project.root / "src/inside.txt").symlink_to("../outside.txt")
    with pytest.raises(PackagingError, match=r"^src/inside.txt: is a symbolic link out of the source folder\. "):
        project.package()


def test_a_broken_link_is_refused(project: Project) -> None:
    (project.root / "src/gone.txt").symlink_to("nothing")
    with pytest.raises(PackagingError, match=r"^src/gone.txt: is a broken symbolic link\. "):
        project.package()


def test_links_in_a_circle_are_refused(project: Project) -> None:
    (project.root / "src/a").mkdir()
    (project.root / "src/a/up").symlink_to("..")
    with pytest.raises(PackagingError, match=r"^src/a/up: is a symbolic link that leads in a circle\. "):
        project.package()


def test_a_link_to_itself_is_refused(project: Project) -> None:
    (project.root / "src/self").symlink_to("self")
    with pytest.raises(PackagingError, match=r"^src/self: is a "):
        project.package()


def test_a_socket_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root / "src")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("s")
        with pytest.raises(PackagingError, match=r"^src/s: is neither a file nor a folder\. "):
            project.package()


def test_a_name_that_is_not_unicode_is_refused(project: Project) -> None:
    (project.root / "src" / os.fsdecode(b"caf\xe9.py")).touch()
    with pytest.raises(PackagingError, match="has a name that is not Unicode"):
        project.package()


@pytest.mark.parametrize(("first", "second"), [("a/Page.html", "a/page.html"), ("Pages/a.html", "pages/b.html")])
def test_names_that_differ_only_by_case_are_refused(first: str, second: str, tmp_path: Path) -> None:
    entries = [ZipEntry(name=name, path=tmp_path) for name in (first, second)]
    with pytest.raises(PackagingError, match=r"differs from .* only by case"):
        refuse_case_collisions(entries, where="src")


def test_a_missing_source_folder_is_reported_by_name(project: Project) -> None:
    (project.root / "src").rename(project.root / "other")
    with pytest.raises(PackagingError, match=r"^src: the source folder does not exist\. "):
        project.package()


def test_a_source_folder_without_python_is_refused(project: Project) -> None:
    (project.root / "src/app.py").rename(project.root / "src/app.txt")
    with pytest.raises(PackagingError, match=r"^src: the source folder holds no Python file\. "):
        project.package()


def test_a_link_out_of_the_projects_root_is_reported_by_its_path_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "project/flaskr").mkdir(parents=True)
    (tmp_path / "project/flaskr/keys").symlink_to(tmp_path)
    with pytest.raises(PackagingError, match=r"^flaskr/keys: is a symbolic link out of the source folder"):
        read_sources(tmp_path / "project", where=".", only=("flaskr",))
