"""``package --check``: what each handler's import does, on Lambda's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from stacks.errors import PackagingError
from stacks.packaging import host_target
from stacks.packaging.check import PackagedHandler, check, handlers

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project  # type: ignore[import-not-found]


def _checked(project: Project, code: str, handler: str = "app.go", **environment: str) -> tuple[str, ...]:
    project.write("src/app.py", code)
    result = project.package(target=host_target())
    return check(
        [PackagedHandler(name="web", handler=handler, environment=environment, key=result.key)], [result]
    ).words


GOOD = "def go(event, context): ...\n"


def test_where_an_import_failed_is_reported_through_all_files_of_the_application(project: Project) -> None:
    project.write("src/parts/__init__.py", "")
    project.write("src/parts/store.py", "def connect():\n    return {}['missing']\n\n\nconnect()\n")
    with pytest.raises(
        PackagingError, match=r"KeyError: 'missing' \(app.py:2 -> parts/store.py:5 -> parts/store.py:2\)"
    ):
        _checked(project, f"import json\nimport parts.store\n{GOOD}")


def test_a_handler_that_imports_has_nothing_to_report(project: Project) -> None:
    assert _checked(project, GOOD) == ()


def test_what_the_application_prints_does_not_matter(project: Project) -> None:
    assert _checked(project, f"print('hello')\n{GOOD}") == ()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = 1\n", r"^web: app.go cannot be imported: AttributeError: module 'app' has no attribute 'go'\. Correct"),
        ("go = 1\n", r"go is an int, which cannot be called\. Name the application"),
        (
            "import nowhere\n",
            r"ModuleNotFoundError: No module named 'nowhere' \(app.py:1\)\. Add it to requirements\.txt",
        ),
        ("import pytest\n", r"No module named 'pytest'"),
        ("def go(:\n", r"SyntaxError"),
        ("raise SystemExit(3)\n", r"SystemExit: 3"),
        ("import os\nos._exit(7)\n", r"ended the process with code 7"),
        ("from app import go\n" + GOOD, r"circular import.*Break the circle"),
        ("import os\nos.environ['NOT_SET']\n" + GOOD, r"KeyError: 'NOT_SET'.*'environment: \{NOT_SET: …\}'"),
        ("import os\nos.mkdir('logs')\n" + GOOD, r"app.py:2 writes logs at import, .*\. Lambda can write in /tmp only"),
        ("open('x.log', 'a')\n" + GOOD, r"app.py:1 writes x.log at import"),
        ("import pathlib\npathlib.Path(__file__).with_name('up').mkdir()\n" + GOOD, r"app.py:2 writes up at import"),
        ("import sqlite3\nsqlite3.connect('notes.db')\n" + GOOD, r"app.py:2 writes notes.db at import"),
        ("import logging\nlogging.basicConfig(filename='a.log')\n" + GOOD, r"app.py:2 writes a.log at import"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))\n", r"app.py:2 calls .*127.0.0.1.* at import"),
    ],
)
def test_a_handler_that_lambda_could_not_import_is_reported_with_the_way_out(
    project: Project, code: str, message: str
) -> None:
    with pytest.raises(PackagingError, match=message):
        _checked(project, code)


def test_an_import_that_lives_with_a_failed_write_is_reported_and_passes(project: Project) -> None:
    code = f"import os\ntry:\n    os.makedirs('instance')\nexcept OSError:\n    pass\n{GOOD}"
    (notice,) = _checked(project, code)
    assert notice.startswith("web: app.py:3 tries to write instance at import, which fails on Lambda.")


def test_a_file_in_tmp_may_be_written(project: Project) -> None:
    assert _checked(project, f"import tempfile\nwith tempfile.TemporaryFile() as f:\n    f.write(b'x')\n{GOOD}") == ()


def test_a_folder_that_exists_may_be_asked_for(project: Project) -> None:
    project.write("src/logs/keep.txt", "x")
    assert _checked(project, f"import os\nos.makedirs('logs', exist_ok=True)\n{GOOD}") == ()


def test_boto3_is_available_as_in_lambdas_runtime(project: Project) -> None:
    assert _checked(project, f"import boto3\nboto3.client('s3')\n{GOOD}") == ()


def test_nothing_of_this_process_environment_is_seen(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "x")
    code = f"import os\nassert 'MY_TOKEN' not in os.environ and os.environ['STAGE'] == 'dev'\n{GOOD}"
    assert _checked(project, code, STAGE="dev") == ()


def test_every_handler_that_cannot_be_imported_is_reported_at_once(project: Project) -> None:
    result = project.package(target=host_target())
    wrong = [
        PackagedHandler(name=name, handler=f"{name}.go", environment={}, key=result.key) for name in ("one", "two")
    ]
    with pytest.raises(PackagingError) as caught:
        check(wrong, [result])
    assert [problem.where for problem in caught.value.problems] == ["one", "two"]


def test_the_functions_of_a_template_are_found_with_their_environment() -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Handler": "app.go",
            "Code": {"S3Key": {"Ref": "WebCodeKey"}},
            "Environment": {"Variables": {"STAGE": "dev", "TABLE": {"Fn::GetStackOutput": {}}}},
        },
    }
    other = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": "x"}}}
    template = {"Resources": {"Web": function, "Other": other, "Bucket": {"Type": "AWS::S3::Bucket"}}}
    assert list(handlers(template, {"WebCodeKey": "code/k.zip"})) == [
        PackagedHandler(name="Web", handler="app.go", environment={"STAGE": "dev", "TABLE": "check"}, key="code/k.zip")
    ]


WEB = "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'ok']\n"


def _web(project: Project, code: str, app: str = "app", kind: Literal["wsgi", "asgi"] = "wsgi") -> tuple[str, ...]:
    project.wheel(
        "serverless_wsgi", "9.9", {"serverless_wsgi.py": "def handle_request(app, event, context): app({}, len)"}
    )
    project.require("serverless-wsgi")
    project.write("src/app.py", code)
    result = project.package(target=host_target(), application=kind)
    environment = {f"{kind.upper()}_APP": f"app:{app}"}
    return check(
        [PackagedHandler(name="web", handler="stacks_web.handler", environment=environment, key=result.key)], [result]
    ).words


def test_a_web_application_that_can_be_called_has_nothing_to_report(project: Project) -> None:
    assert _web(project, WEB) == ()
    assert _web(project, "async def app(scope, receive, send): ...", kind="asgi") == ()


@pytest.mark.parametrize(
    ("kind", "code", "app", "message"),
    [
        ("wsgi", "async def app(scope, receive, send): ...", "app", r"app is an ASGI application.*Write 'asgi:'"),
        ("asgi", WEB, "app", r"app is a WSGI application.*Write 'wsgi:' instead of 'asgi:'"),
        (
            "wsgi",
            f"{WEB}def create_app():\n    return app\n",
            "create_app",
            r"create_app is a factory.*Write create_app\(\)",
        ),
        ("wsgi", "def create_app(): ...\n", "create_app()", r"create_app\(\) is None\. Return the application"),
        ("asgi", "async def create_app(): ...\n", "create_app()", r"create_app\(\) is a coroutine"),
    ],
)
def test_a_web_application_that_cannot_be_called_is_reported_with_the_fix(
    project: Project, kind: Literal["wsgi", "asgi"], code: str, app: str, message: str
) -> None:
    with pytest.raises(PackagingError, match=f"^web: {message}"):
        _web(project, code, app, kind)


def test_a_handler_of_the_wrong_arity_is_reported(project: Project) -> None:
    with pytest.raises(PackagingError, match=r"go takes 1 argument.*Define it as 'def go\(event, context\)'"):
        _checked(project, "def go(event): ...\n")


def test_a_write_of_the_first_request_is_reported(project: Project) -> None:
    code = WEB.replace(
        "    start", "    try:\n        open('log.txt', 'a')\n    except OSError:\n        pass\n    start"
    )
    (notice,) = _web(project, code)
    assert notice.startswith("web: app.py:3 tries to write log.txt in the first request (GET /), which fails on Lambda")


def test_tmp_may_be_written_by_its_own_name(project: Project) -> None:
    code = f"import os, uuid\nname = '/tmp/' + uuid.uuid4().hex\nopen(name, 'w').close()\nos.remove(name)\n{GOOD}"
    assert _checked(project, code) == ()


def test_a_relative_import_without_its_package_names_the_source_to_give(project: Project) -> None:
    with pytest.raises(PackagingError, match=r"attempted relative import.*name that folder as 'source', '\.' for the"):
        _checked(project, "from . import other\n")


def test_syntax_of_a_newer_python_is_a_word_and_no_failure(project: Project) -> None:
    project.write("src/app.py", "def go(:\n")
    result = project.package(target=host_target())
    handler = PackagedHandler(name="web", handler="app.go", environment={}, key=result.key, runtime="python3.99")
    checked = check([handler], [result])
    (notice,) = checked.words
    assert notice.endswith("It runs with python3.99, which was not tried.")
    assert checked.unproven == 1


@pytest.mark.parametrize(("code", "runtime"), [("def go(:\n", "python3.9"), ("def go(\n", "python3.99")])
def test_syntax_that_no_newer_python_takes_is_a_failure(project: Project, code: str, runtime: str) -> None:
    project.write("src/app.py", code)
    result = project.package(target=host_target())
    handler = PackagedHandler(name="web", handler="app.go", environment={}, key=result.key, runtime=runtime)
    with pytest.raises(PackagingError, match="SyntaxError"):
        check([handler], [result])


def test_a_handler_that_passed_is_not_tried_again_until_something_changes(project: Project, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = f"import pathlib\npathlib.Path('{seen}').write_text(pathlib.Path('{seen}').read_text() + 'x')\n{GOOD}"
    seen.write_text("")
    for environment, times in (({}, 1), ({}, 1), ({"A": "1"}, 2)):
        _checked(project, code, **environment)
        assert len(seen.read_text()) == times


FLASKY = """
class Rule:
    def __init__(self, endpoint, rule):
        self.endpoint, self.rule = endpoint, rule


class App:
    class url_map:
        @staticmethod
        def iter_rules():
            return [
                Rule("static", "/static/<path:filename>"),
                Rule("admin.static", "/admin/static/<path:filename>"),
                Rule("ext.static", "/static/ext/<path:filename>"),
                Rule("home", "/"),
            ]

    def __call__(self, environ, start_response):
        return []


app = App()
"""


def test_static_folders_of_extensions_are_listed_also_of_what_passed_before(project: Project) -> None:
    project.wheel("serverless_wsgi", "9.9", {"serverless_wsgi.py": "def handle_request(*_): ...\n"})
    project.require("serverless-wsgi")
    project.write("src/app.py", FLASKY)
    result = project.package(target=host_target(), application="wsgi")
    handler = PackagedHandler(
        name="web", handler="stacks_web.handler", environment={"WSGI_APP": "app:app"}, key=result.key
    )
    for _ in range(2):
        assert check([handler], [result]).folders == {"web": ("/admin/static/", "/static/ext/")}
