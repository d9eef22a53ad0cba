"""A canary in every source of secrets: it is in nothing that is written or printed, and refused where it would be."""

from __future__ import annotations

import gzip
import json
import zipfile
from base64 import b64encode, urlsafe_b64encode
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.checks.leaks import KnownSecret, in_bytes, is_plain, leaks_of_data, leaks_of_file, spellings
from stacks.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CANARY = 'Käna/ri+en "vogel" <7>'
HANDLER = "def handle(event, context):\n    return {}\n"


def secret(value: str = CANARY) -> KnownSecret:
    """A secret that is called CANARY."""
    return KnownSecret(name="CANARY", likely=False, forms=spellings(value))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A function, a site and no secret, as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src/it.py").write_text(HANDLER)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("<h1>Notes</h1>")
    describe(tmp_path)
    return tmp_path


def describe(project: Path, setting: str = "plain", name: str = "WORD") -> None:
    """Describe the function with a setting."""
    text = (
        "name: notes\nstages: {dev: {region: eu-west-1}}\nfrontend: {site: site}\nbackend:\n  functions:\n    it:\n"
        "      handler: src/it.py:handle\n      routes: [GET /api/it]\n      public: true\n      environment:\n"
        f"        {name}: {setting}\n"
    )
    (project / "app.yaml").write_text(text, encoding="utf-8")


def written(project: Path) -> dict[str, bytes]:
    """Every file that commands made."""
    sources = {project / name for name in ("app.yaml", ".env", "src/it.py", "site/index.html")}
    return {str(path): path.read_bytes() for path in project.rglob("*") if path.is_file() and path not in sources}


@pytest.mark.parametrize(
    "spell",
    [
        str,
        json.dumps,
        lambda text: json.dumps(json.dumps({"a": text})),
        quote_plus,
        lambda text: b64encode(text.encode()).decode(),
        lambda text: urlsafe_b64encode(f"ab{text}yz".encode()).decode(),
        lambda text: b64encode(f"user:{text}".encode()).decode(),
        lambda text: b64encode(f"users:{text}.".encode()).decode(),
    ],
)
def test_a_value_is_found_however_it_is_spelled(spell: Callable[[str], str]) -> None:
    assert in_bytes(f"before {spell(CANARY)} behind".encode(), [secret()]) == [secret()]


@given(st.text(min_size=8, max_size=40), st.binary(max_size=5), st.binary(max_size=5))
def test_base64_hides_no_value(value: str, before: bytes, behind: bytes) -> None:
    assert in_bytes(b64encode(before + value.encode() + behind), [secret(value)])


def test_what_is_another_value_is_not_found() -> None:
    assert in_bytes(CANARY[:-2].encode(), [secret()]) == []


@pytest.mark.parametrize("value", ["true", "12345678", "ap-northeast-1", "production", "short", "2026-11-23 10:00"])
def test_what_can_be_no_secret_is_none(value: str) -> None:
    assert is_plain(value)


def test_a_finding_in_data_names_its_path_and_not_the_value() -> None:
    (problem,) = leaks_of_data({"Resources": {"It": {"Tags": [{"Value": f"x{CANARY}"}]}}}, "notes-dev-data", [secret()])
    assert (problem.where, problem.what) == ("notes-dev-data.Resources.It.Tags[0].Value", "holds the value of CANARY")
    assert CANARY not in str(problem)


def test_a_value_that_is_a_key_is_not_printed_either() -> None:
    problems = list(leaks_of_data({CANARY: {"deeper": CANARY}}, "stack", [secret()]))
    assert [problem.where for problem in problems] == ["stack (a name in it)", "stack.….deeper"]


def test_archives_within_archives_are_opened() -> None:
    inner, outer = BytesIO(), BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as zip_file:
        zip_file.writestr("deep.txt", CANARY * 20)
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as zip_file:
        zip_file.writestr("inner.jar", inner.getvalue())
    assert [problem.where for problem in leaks_of_file("code", outer.getvalue(), [secret()])] == [
        "code:inner.jar:deep.txt"
    ]
    packed = gzip.compress(CANARY.encode() * 20)
    assert [problem.where for problem in leaks_of_file("a.gz", packed, [secret()])] == ["a.gz (unpacked)"]


def test_a_damaged_archive_holds_what_its_bytes_hold() -> None:
    assert list(leaks_of_file("a.zip", b"PK\x03\x04damaged", [secret()])) == []


@pytest.mark.parametrize("command", [["render"], ["package"], ["deploy", "--yes"], ["local"]])
@pytest.mark.parametrize("setting", ["${env:STRIPE_TOKEN}", "'${env:STRIPE_TOKEN}-x'"])
def test_a_secret_of_the_environment_is_refused_before_anything_is_written(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    setting: str,
) -> None:
    monkeypatch.setenv("STRIPE_TOKEN", "kanarienvogel-77")
    describe(project, setting)
    assert main(command) == 1
    message = capsys.readouterr()
    assert "Environment.Variables.WORD: holds the value of STRIPE_TOKEN." in message.err
    assert "kanarienvogel" not in message.out + message.err
    assert written(project) == {}


@pytest.mark.parametrize("command", [["publish", "--dry-run"], ["deploy", "--yes"], ["local"]])
def test_a_secret_in_a_static_file_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    (project / ".env").write_text("ANY=kanarienvogel-77\n")
    (project / "site/index.html").write_text("<script src=/x?key=kanarienvogel-77>")
    assert main(command) == 1
    message = capsys.readouterr()
    assert message.err.startswith("index.html: holds the value of ANY. Take it out")
    assert "kanarienvogel" not in message.out + message.err
    assert written(project) == {}


def test_a_secret_in_code_is_refused_by_package(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".env").write_text("ANY=kanarienvogel-77\n")
    (project / "src/it.py").write_text(f"KEY = 'kanarienvogel-77'\n{HANDLER}")
    assert main(["package"]) == 1
    message = capsys.readouterr()
    assert "it.py: holds the value of ANY." in message.err
    assert "kanarienvogel" not in message.out + message.err
    assert not list(project.rglob("*.yaml"))[1:]


def test_canaries_in_every_source_are_in_nothing_written_or_printed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".env").write_text("ANY=kanarienvogel-11\nDB_PASSWORD=kanarienvogel-22\nWORD=meant-to-be-seen\n")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "kanarienvogel-33")
    monkeypatch.setenv("STRIPE_TOKEN", "kanarienvogel-44")
    describe(project, "${env:WORD}")
    for command in (["render"], ["package"], ["lint"], ["routes"]):
        assert main(command) == 0
    message = capsys.readouterr()
    everything = {**written(project), "output": (message.out + message.err).encode()}
    assert [
        name for name, content in everything.items() if list(leaks_of_file(name, content, [secret("kanarienvogel")]))
    ] == []
    assert b"meant-to-be-seen" in (project / "templates_out/dev/backend.yaml").read_bytes()


def test_a_message_about_a_secret_shows_its_name_instead(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".env").write_text("STRIPE_TOKEN=kanarienvogel-77\n")
    (project / "app.yaml").write_text("name: notes\nstages: {dev: {region: '${env:STRIPE_TOKEN}'}}\n")
    assert main(["render"]) == 2
    output = capsys.readouterr().err
    assert "(STRIPE_TOKEN)" in output
    assert "kanarienvogel" not in output


def test_a_setting_marked_as_no_secret_may_be_written(project: Path) -> None:
    (project / ".env").write_text("PUBLIC_API_KEY=kanarienvogel-77\n")
    describe(project, "{value: '${env:PUBLIC_API_KEY}', secret: false}", "PUBLIC_API_KEY")
    assert main(["render"]) == 0
    assert b"kanarienvogel-77" in (project / "templates_out/dev/backend.yaml").read_bytes()


def test_a_reference_in_a_comment_makes_no_value_public(project: Path) -> None:
    (project / ".env").write_text("ANY=kanarienvogel-77\n")
    describe(project, "x\n# ${env:ANY}\n")
    (project / "site/index.html").write_text("kanarienvogel-77")
    assert main(["publish", "--dry-run"]) == 1


def test_an_unreadable_env_is_one_clear_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".env").write_bytes(b"A=\xff\xfe\n")
    assert main(["render"]) == 2
    assert capsys.readouterr().err == ".env: cannot be read. Correct its permissions, or save it as UTF-8.\n"
