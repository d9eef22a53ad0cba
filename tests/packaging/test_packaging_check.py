"""``package --check``: what each handler's import does, on Lambda's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.errors import PackagingError
from stacks.packaging import host_target
from stacks.packaging.check import Handler, check, handlers

if TYPE_CHECKING:
    from conftest import Project  # type: ignore[import-not-found]


def _checked(project: Project, code: str, handler: str = "app.go", **environment: str) -> tuple[str, ...]:
    project.write("src/app.py", code)
    made = project.package(target=host_target())
    return check([Handler(name="web", handler=handler, environment=environment, key=made.key)], [made])


GOOD = "def go(event, context): ...\n"


def test_a_handler_that_imports_has_nothing_to_tell(project: Project) -> None:
    assert _checked(project, GOOD) == ()


def test_what_the_application_prints_does_not_matter(project: Project) -> None:
    assert _checked(project, f"print('hello')\n{GOOD}") == ()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("x = 1\n", r"^web: app.go cannot be imported: AttributeError: module 'app' has no attribute 'go'\. Mend"),
        ("go = 1\n", r"app.go cannot be called"),
        ("import nowhere\n", r"ModuleNotFoundError: No module named 'nowhere'\. Add it to requirements\.txt"),
        ("import pytest\n", r"No module named 'pytest'"),
        ("def go(:\n", r"SyntaxError"),
        ("raise SystemExit(3)\n", r"SystemExit: 3"),
        ("import os\nos._exit(7)\n", r"ended the process with code 7"),
        ("from app import go\n" + GOOD, r"circular import.*Break the circle"),
        ("import os\nos.environ['NOT_SET']\n" + GOOD, r"KeyError: 'NOT_SET'"),
        ("import os\nos.mkdir('logs')\n" + GOOD, r"app.py:2 writes logs at import, .*\. Lambda can write in /tmp only"),
        ("open('x.log', 'a')\n" + GOOD, r"app.py:1 writes x.log at import"),
        ("import pathlib\npathlib.Path(__file__).with_name('up').mkdir()\n" + GOOD, r"app.py:2 writes up at import"),
        ("import sqlite3\nsqlite3.connect('notes.db')\n" + GOOD, r"app.py:2 writes notes.db at import"),
        ("import logging\nlogging.basicConfig(filename='a.log')\n" + GOOD, r"app.py:2 writes a.log at import"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))\n", r"app.py:2 calls .*127.0.0.1.* at import"),
    ],
)
def test_a_handler_that_lambda_could_not_import_is_told_with_the_way_out(
    project: Project, code: str, told: str
) -> None:
    with pytest.raises(PackagingError, match=told):
        _checked(project, code)


def test_an_import_that_lives_with_a_failed_write_is_told_and_passes(project: Project) -> None:
    code = f"import os\ntry:\n    os.makedirs('instance')\nexcept OSError:\n    pass\n{GOOD}"
    (word,) = _checked(project, code)
    assert word.startswith("web: app.py:3 tries to write instance at import, which fails on Lambda.")


def test_a_file_in_tmp_may_be_written(project: Project) -> None:
    assert _checked(project, f"import tempfile\nwith tempfile.TemporaryFile() as f:\n    f.write(b'x')\n{GOOD}") == ()


def test_a_folder_that_is_there_may_be_asked_for(project: Project) -> None:
    project.write("src/logs/keep.txt", "x")
    assert _checked(project, f"import os\nos.makedirs('logs', exist_ok=True)\n{GOOD}") == ()


def test_boto3_is_there_as_in_lambdas_runtime(project: Project) -> None:
    assert _checked(project, f"import boto3\nboto3.client('s3')\n{GOOD}") == ()


def test_nothing_of_this_process_environment_is_seen(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "x")
    code = f"import os\nassert 'MY_TOKEN' not in os.environ and os.environ['STAGE'] == 'dev'\n{GOOD}"
    assert _checked(project, code, STAGE="dev") == ()


def test_every_handler_that_cannot_be_imported_is_told_at_once(project: Project) -> None:
    made = project.package(target=host_target())
    wrong = [Handler(name=name, handler=f"{name}.go", environment={}, key=made.key) for name in ("one", "two")]
    with pytest.raises(PackagingError) as caught:
        check(wrong, [made])
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
        Handler(name="Web", handler="app.go", environment={"STAGE": "dev", "TABLE": "check"}, key="code/k.zip")
    ]
