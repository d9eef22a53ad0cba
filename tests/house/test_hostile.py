"""A cloned repository that means harm, and every verb run over it: nothing runs, nothing is written outside of it.

Each trap leaves a file in ``caught`` when it is sprung. What verbs write is judged by comparing all files outside the
project before and after, the user's cache aside.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
VERBS = (
    ("render",), ("lint",), ("schema",), ("package",), ("package", "--check"), ("diff",), ("diff", "--against", "HEAD"),
    ("deploy", "--yes"), ("permissions",), ("publish", "--dry-run"), ("secrets", "list"), ("domain", "status"),
    ("routes",), ("status",), ("drift",), ("outputs",), ("logs",), ("import", "data", "--yes"), ("destroy", "--yes"),
    ("pipeline", "status"), ("local", "status"), ("local", "stop"),
)  # fmt: skip
DESCRIPTION = """
name: shop
stages: {dev: {region: eu-west-1}}
data: {tables: {notes: {partition_key: id}}}
backend: {functions: {web: {handler: "src/app.py:handler", public: true, routes: [GET /]}}}
frontend: {static: static}
"""


class Trap:
    """Pickled, it is a command that is run when somebody reads it."""

    def __init__(self, caught: Path) -> None:
        self.caught = caught

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.caught}/pickle",)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A home, something precious outside of the project, a folder for what traps leave, and the project."""
    for name in ("home/.aws", "caught", "precious", "project/src", "project/static"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "precious/file").write_text("precious")
    (tmp_path / "home/.aws/credentials").write_text("[default]\naws_access_key_id = precious\n")
    project = tmp_path / "project"
    (project / "app.yaml").write_text(DESCRIPTION)
    (project / "src/app.py").write_text("def handler(event, context):\n    return {}\n")
    (project / "static/style.css").write_text("p {}\n")
    return tmp_path


def run(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A verb in the project, with a home of its own and no way to AWS."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "tmp"),
        "PYTHONPATH": str(ROOT),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
    }
    (place / "tmp").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", _MAIN, *words],
        cwd=place / "project",
        env=variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


_MAIN = "import sys; from stacks.cli import main; raise SystemExit(main())"


def outside(place: Path) -> dict[str, bytes]:
    """Every file and link outside the project, but the user's caches and temporary files."""
    kept = (place / "project", place / "home/.cache", place / "tmp")
    files = (path for path in place.rglob("*") if not any(path.is_relative_to(one) for one in kept))
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in files}


def unharmed(place: Path, *verbs: tuple[str, ...]) -> list[str]:
    """Run the verbs; what each said to standard error. Fails when a trap is sprung or something outside differs."""
    before = outside(place)
    said = []
    for words in verbs:
        done = run(place, *words)
        assert "Traceback" not in done.stderr, (words, done.stderr)
        assert outside(place) == before, words
        said.append(done.stderr)
    return said


def test_every_verb_over_files_that_look_like_earlier_results(place: Path) -> None:
    build = place / "project/.build"
    local = place / "project/.local"
    for folder in (build / "lint", build / "inputs", build / "wheels", local / "kept", local / "tmp"):
        folder.mkdir(parents=True)
    trap = pickle.dumps(Trap(place / "caught"))
    for name in ("description.pickle", "lint/x.json", "inputs/x.json", "bytecode"):
        (build / name).write_bytes(trap)
    (build / "dev.parameters.json").write_text('{"backend": {"CodeSrc": "code/evil.zip"}}')
    (local / "lock").touch()
    state = {"gateway": 1, "edge": 2, "pid": 1, "home": "/", "region": "x", "account": "x", "key": "x", "secret": "x"}
    (local / "emulator.json").write_text(json.dumps(state))
    unharmed(place, *VERBS)
    assert "evil" not in "".join(path.read_text() for path in (place / "project/templates_out").rglob("*.json"))


@pytest.mark.parametrize("link", [".build", ".build/code", "templates_out", "templates_out/dev"])
def test_links_where_commands_write_are_refused(place: Path, link: str) -> None:
    path = place / "project" / link
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(place / "precious")
    (said,) = unharmed(place, ("package",))
    assert f"{link}: is a symbolic link out of the project, and commands write there. Remove it." in said


@pytest.mark.parametrize("link", [".local", ".local/lock", ".local/log", ".local/kept", ".local/emulator.json"])
def test_links_where_the_local_aws_writes_are_refused(place: Path, link: str) -> None:
    path = place / "project" / link
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(place / "precious" if link in {".local", ".local/kept"} else place / "precious/file")
    said = unharmed(place, ("local", "status"), ("local", "stop"))
    assert said == ["", ""]


@pytest.mark.parametrize(
    ("named", "where"),
    [
        ("src", "stages.dev.backend.functions.web.handler"),
        ("static", "stages.dev.frontend.static"),
        ("site", "stages.dev.frontend.site"),
        ("shared.txt", "stages.dev.backend.shared_requirements"),
        ("infra/own.yaml", "stages.dev.stacks.own.template"),
        ("infra/hooks.py", "stages.dev.extend.data"),
    ],
)
def test_what_the_description_names_may_not_be_a_link_out_of_the_project(place: Path, named: str, where: str) -> None:
    project = place / "project"
    more = {
        "site": DESCRIPTION.replace("static: static", "static: static, site: {folder: site, path: /app}"),
        "shared.txt": DESCRIPTION.replace("backend: {", "backend: {shared_requirements: shared.txt, "),
        "infra/own.yaml": DESCRIPTION + "stacks: {own: {template: infra/own.yaml}}\n",
        "infra/hooks.py": DESCRIPTION + "extend: {data: [infra/hooks.py:change]}\n",
    }
    (project / "app.yaml").write_text(more.get(named, DESCRIPTION))
    (project / "infra").mkdir()
    (place / "precious/hooks.py").write_text(f"open({str(place / 'caught/hook')!r}, 'w')\n")
    target, path = place / "precious", project / named
    if path.is_dir():
        path.rename(target / path.name)
        target /= path.name
    elif "." in named:
        target /= "hooks.py" if named.endswith(".py") else "file"
    path.symlink_to(target)
    (said,) = unharmed(place, ("render",))
    assert f"{named} is a symbolic link out of the project. Replace it by what it points to." in said
    assert where.removeprefix("stages.dev.") in said


def test_python_of_the_project_is_announced(place: Path) -> None:
    project = place / "project"
    (project / "infra").mkdir()
    (project / "infra/hooks.py").write_text("def change(template, app, stage):\n    pass\n")
    (project / "app.yaml").write_text(DESCRIPTION + "extend: {data: [infra/hooks.py:change]}\n")
    done = run(place, "render")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        0,
        "This description runs Python of the project: infra/hooks.py",
    )


@pytest.mark.parametrize(
    "text",
    [
        '!!python/object/apply:os.system ["touch ../caught/yaml"]',
        "name: !!python/object/new:os.system [touch ../caught/yaml]\nstages: {}",
        "name: ${env:HOME}/../../x\nstages: {dev: {region: eu-west-1}}",
        "name: shop\nstages: {dev: {region: ../../etc}}",
        dedent(
            """
            name: shop
            stages: {dev: {region: eu-west-1}}
            backend: {functions: {web: {handler: ../precious/file.handler, public: true, routes: [GET /]}}}
            frontend: {static: ../precious}
            """
        ),
        "name: shop\nstages: {dev: {region: eu-west-1}}\nbackend: {template: ../precious/file}",
    ],
)
def test_descriptions_of_every_kind_are_one_message(place: Path, text: str) -> None:
    (place / "project/app.yaml").write_text(text)
    (said,) = unharmed(place, ("render",))
    assert said.startswith("app.yaml:")


BOMB = "\n".join(["x0: &x0 [a]", *(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 12))])


@pytest.mark.parametrize(
    "name", ["name: *x11\nstages: {}", "name: &a [*a]\nstages: {}", "name: shop\nstages: &s {dev: *s}"]
)
def test_bombs_of_aliases_are_one_message(place: Path, name: str) -> None:
    (place / "project/app.yaml").write_text(f"{BOMB if 'x11' in name else ''}\n{name}\n")
    (said,) = unharmed(place, ("render",))
    assert said.startswith("app.yaml:")


def test_settings_of_git_in_the_project_run_nothing(place: Path) -> None:
    project, touch = place / "project", f"touch {place}/caught/git"
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run([*git, *words], cwd=project, check=True)
    (project / ".gitattributes").write_text("* filter=evil diff=evil\n")
    settings = ("core fsmonitor", "core pager", "diff external", 'diff "evil" textconv', 'filter "evil" smudge')
    with (project / ".git/config").open("a") as config:
        for section, _, name in (one.rpartition(" ") for one in settings):
            config.write(f"[{section}]\n\t{name} = {touch}\n")
    unharmed(place, ("diff", "--against", "HEAD"))


def test_dotenv_is_data(place: Path) -> None:
    (place / "project/.env").write_text("A=$(touch ../caught/env)\nB=`touch ../caught/env`\nPATH=/evil\n")
    unharmed(place, ("render",), ("lint",))


def test_settings_of_cfn_lint_in_the_project_load_no_rules(place: Path) -> None:
    project = place / "project"
    (project / "rules").mkdir()
    (project / "rules/evil.py").write_text(f"open({str(place / 'caught/rule')!r}, 'w')\n")
    (project / ".cfnlintrc").write_text("append_rules: [rules]\n")
    unharmed(place, ("lint",), ("explain", "E3012"))
