"""A cloned repository that means harm, and every verb run over it: nothing runs, nothing is written outside of it.

Each trap leaves a file in ``caught`` when it is sprung. What verbs write is judged by comparing all files outside the
project before and after, the user's cache aside.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from stacks.commands.catalog import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
WORDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "init": (("--dry-run",),),
    "migrate": (("serverless.yml", "--dry-run"),),
    "package": ((), ("--check",)),
    "diff": ((), ("--against", "HEAD")),
    "deploy": (("--yes",), ("--packaged", "--yes")),
    "sync": (("web",),),
    "publish": (("--dry-run",), ("--list",)),
    "secrets": (("list",), ("set", "x")),
    "domain": (("status",), ("create", "example.com", "--yes")),
    "graph": ((), ("--format", "svg")),
    "explain": (("WebFunction", "E3012"),),
    "cost": (("--requests", "1000"),),
    "doctor": (("--offline",), ()),
    "run": (("web", "--", "ls"),),
    "invoke": (("web",),),
    "import": (("data", "--yes"),),
    "destroy": (("--yes",),),
    "ci": (("github",),),
    "pipeline": (("status",), ("prepare",), ("run", "--local")),
    "local": (("status",), ("stop",)),
}
"""What is typed after a verb; nothing, if it is not here. ``local start`` runs the application, which it is for."""
VERBS = tuple((verb, *words) for verb in COMMANDS for words in WORDS.get(verb, ((),)))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A verb that ended: its exit code, and what it said to standard error and at all."""

    code: int
    stderr: str
    output: str
    did: list[str]
    """What the process wrote outside of the project, ran or called, that no verb may."""


def run(place: Path, *verbs: tuple[str, ...]) -> list[Done]:
    """Verbs in the project, one after the other, with a home of their own, no way to AWS and a watch over them."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "tmp"),
        "PYTHONPATH": str(ROOT),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
        "UV_OFFLINE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    (place / "tmp").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/house/watched.py"), str(place)],
        cwd=place / "project",
        env=variables,
        input=json.dumps(verbs),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [Done(**load) for load in json.loads(done.stdout)]


def outside(place: Path) -> dict[str, bytes]:
    """Every file and link outside the project, but the user's caches and temporary files."""
    kept = (place / "project", place / "home/.cache", place / "tmp")
    files = (path for path in place.rglob("*") if not any(path.is_relative_to(entry) for entry in kept))
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in files}


def unharmed(place: Path, *verbs: tuple[str, ...]) -> list[str]:
    """Run the verbs; what each said to standard error. Fails when a trap is sprung or something outside differs."""
    before = outside(place)
    dones = run(place, *verbs)
    for words, done in zip(verbs, dones, strict=True):
        assert "Traceback" not in done.stderr, (words, done.stderr)
        assert done.code in range(5), (words, done)
        assert done.did == [], words
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.output), words
    assert outside(place) == before
    return [done.stderr for done in dones]


def test_there_is_a_line_for_every_verb() -> None:
    assert set(WORDS) <= set(COMMANDS)
    assert {verb for verb, *_ in VERBS} == set(COMMANDS)


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
    (message,) = unharmed(place, ("package",))
    assert f"{link}: is a symbolic link out of the project, and commands write there. Remove it." in message


@pytest.mark.parametrize("link", [".local", ".local/lock", ".local/log", ".local/kept", ".local/emulator.json"])
def test_links_where_the_local_aws_writes_are_refused(place: Path, link: str) -> None:
    path = place / "project" / link
    path.parent.mkdir(exist_ok=True)
    for name in ("emulator.json", "lock"):
        (place / "precious" / name).write_text("{}")
    path.symlink_to(place / "precious" if link in {".local", ".local/kept"} else place / "precious/file")
    messages = unharmed(place, ("local", "status"), ("local", "stop"))
    assert messages == ["", ""]


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
    (message,) = unharmed(place, ("render",))
    assert f"{named} is a symbolic link out of the project. Replace it by what it points to." in message
    assert where.removeprefix("stages.dev.") in message


def test_python_of_the_project_is_announced(place: Path) -> None:
    project = place / "project"
    (project / "infra").mkdir()
    (project / "infra/hooks.py").write_text("def change(template, app, stage):\n    pass\n")
    (project / "app.yaml").write_text(DESCRIPTION + "extend: {data: [infra/hooks.py:change]}\n")
    (done,) = run(place, ("render",))
    assert (done.code, done.stderr.splitlines()[0]) == (
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
    (message,) = unharmed(place, ("render",))
    assert message.startswith("app.yaml:")


BOMB = "\n".join(["x0: &x0 [a]", *(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 12))])


@pytest.mark.parametrize(
    "name", ["name: *x11\nstages: {}", "name: &a [*a]\nstages: {}", "name: shop\nstages: &s {dev: *s}"]
)
def test_bombs_of_aliases_are_one_message(place: Path, name: str) -> None:
    (place / "project/app.yaml").write_text(f"{BOMB if 'x11' in name else ''}\n{name}\n")
    (message,) = unharmed(place, ("render",))
    assert message.startswith("app.yaml:")


def test_settings_of_git_in_the_project_run_nothing(place: Path) -> None:
    project, touch = place / "project", f"touch {place}/caught/git"
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run([*git, *words], cwd=project, check=True)
    (project / ".gitattributes").write_text("* filter=evil diff=evil\n")
    settings = ("core fsmonitor", "core pager", "diff external", 'diff "evil" textconv', 'filter "evil" smudge')
    with (project / ".git/config").open("a") as config:
        for section, _, name in (setting.rpartition(" ") for setting in settings):
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


READING = (("render",), ("lint",), ("package",), ("deploy", "--yes"), ("publish", "--dry-run"), ("init", "--dry-run"))
"""Verbs that read the files of a project, each in its own way."""


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


@pytest.mark.parametrize("where", ["static/pipe", "src/pipe.py", "app.yaml", "src/requirements.txt", ".env"])
def test_a_named_pipe_in_the_place_of_a_file_is_not_waited_for(place: Path, where: str) -> None:
    pipe(place / "project" / where)
    messages = unharmed(place, *READING)
    if where == "app.yaml":
        assert all("app.yaml: cannot be read: is a named pipe, not a file." in item for item in messages[:5])
    if where == "static/pipe":
        assert "static/pipe: is a named pipe, and only files are published. Remove it." in messages[4]


def test_devices_sockets_and_links_to_them_are_not_read(place: Path) -> None:
    project = place / "project"
    (project / "static/zero.css").symlink_to("/dev/zero")
    (project / "src/zero.py").symlink_to("/dev/zero")
    (project / ".env").symlink_to("/dev/zero")
    messages = unharmed(place, *READING)
    assert "src/zero.py: is a symbolic link out of the source folder" in messages[2]
    assert "zero.css" in messages[4]


def test_a_description_of_gigabytes_is_not_read(place: Path) -> None:
    with (place / "project/app.yaml").open("wb") as file:
        file.truncate(2 * 1024**3)
    for item in unharmed(place, ("render",), ("doctor", "--offline")):
        assert "2,147,483,648 bytes, 4,194,304 are read at most" in item or not item


def test_names_with_control_characters_do_not_reach_the_terminal(place: Path) -> None:
    project = place / "project"
    for name in ("\x1b[31mred.css", "a\nb.css", "\x9b2J.css", "\u202egpj.css"):
        (project / "static" / name).write_text("p {}")
        (project / "src" / f"{name}.py").write_text("")
    unharmed(place, *READING)
    (project / "app.yaml").write_text('name: shop\nstages: {"\\e]0;evil\\a": {region: x}, dev: {"\\e[2J": 1}}\n')
    unharmed(place, ("render",))


@pytest.mark.parametrize(
    "text",
    [
        "--extra-index-url http://127.0.0.1:9/x\n-e ./pk",
        "x @ git+ext::sh -c 'touch ../caught/ext'",
        "-r /dev/zero",
        "-r requirements.txt",
        "../precious",
        "./pk",
        "\x1b[31mflask\n$(touch ../caught/sh)",
    ],
)
def test_requirements_of_every_kind_run_nothing(place: Path, text: str) -> None:
    package = place / "project/src/pk"
    package.mkdir()
    (package / "setup.py").write_text(f"open({str(place / 'caught/setup')!r}, 'w')\n")
    (place / "project/src/requirements.txt").write_text(text + "\n")
    unharmed(place, ("package",))


SAM = """
Transform: AWS::Serverless-2016-10-31
Resources: {Fn: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, Handler: a.b, CodeUri: code.zip}}}
"""


def slipping(file: Path) -> None:
    """A zip whose entries lead out of where it would be unpacked."""
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("../../caught/slip", "/caught", "a.py"):
            archive.writestr(name, "def b(event, context): pass")
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")


def bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("big", "w") as big:
        for _ in range(300):
            big.write(bytes(1024**2))


@pytest.mark.parametrize("make", [slipping, bomb, lambda file: file.write_bytes(b"PK\3\4" + b"x" * 99), pipe])
def test_zips_of_a_template_from_elsewhere_are_inert(place: Path, make: Callable[[Path], object]) -> None:
    (place / "project/app.yaml").write_text(
        "name: shop\nstages: {dev: {region: eu-west-1}}\nbackend: {template: t.yaml}"
    )
    (place / "project/t.yaml").write_text(SAM)
    make(place / "project/code.zip")
    unharmed(place, ("render",), ("package",), ("deploy", "--yes"))


@pytest.mark.parametrize(
    "template",
    [
        "Transform: 3\nResources: {A: {Type: AWS::SNS::Topic}}",
        "Transform: [[Evil]]\nResources: {A: {Type: AWS::SNS::Topic}}",
        "Transform: {Name: AWS::Include, Parameters: {Location: ../precious/file}}\nResources: {A: {Type: AWS::S::T}}",
        "Resources: {A: {Type: AWS::SNS::Topic, Properties: {'Fn::Transform': 1}}}",
        "Resources: {C: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: t.yaml}}}",
        "Resources: !!python/object/apply:os.system ['touch ../caught/tag']",
    ],
)
def test_macros_and_nested_templates_of_every_kind_are_one_message(place: Path, template: str) -> None:
    (place / "project/app.yaml").write_text(
        "name: shop\nstages: {dev: {region: eu-west-1}}\nbackend: {template: t.yaml}"
    )
    (place / "project/t.yaml").write_text(template)
    unharmed(place, ("render",), ("deploy", "--yes"))


def test_what_python_and_installers_load_by_itself_is_not_loaded_from_a_project(place: Path) -> None:
    project, caught = place / "project", place / "caught"
    trap = f"open({str(caught / 'loaded')!r}, 'w')\n"
    modules = ("sitecustomize", "usercustomize", "conftest", "setup", "boto3", "yaml", "src/conftest")
    for name in (f"{module}.py" for module in modules):
        (project / name).write_text(trap)
    (project / "evil.pth").write_text(f"import os; os.mkdir({str(caught / 'pth')!r})\n")
    (project / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'setup'\nbackend-path = ['.']\n"
        "[tool.pytest.ini_options]\naddopts = '-p setup'\n[[tool.uv.index]]\nurl = 'http://127.0.0.1:9/simple'\n"
    )
    (project / "uv.toml").write_text('index-url = "http://127.0.0.1:9/uv"\n')
    (project / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/pip\n")
    (project / ".npmrc").write_text(f"script-shell=touch {caught}/npm\nregistry=http://127.0.0.1:9/\n")
    (project / "package.json").write_text(json.dumps({"scripts": {"preinstall": f"touch {caught}/npm"}}))
    (project / ".aws").mkdir()
    (project / ".aws/config").write_text(f"[default]\ncredential_process = touch {caught}/aws\n")
    (project / ".env").write_text(
        "AWS_CONFIG_FILE=.aws/config\nPYTHONSTARTUP=setup.py\nLD_PRELOAD=./x.so\nUV_INDEX_URL=http://127.0.0.1:9/env\n"
    )
    unharmed(place, ("render",), ("package",), ("doctor", "--offline"))
