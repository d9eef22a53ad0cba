"""What is found in a folder: applications, factories, front ends, handlers; nothing is executed."""

from __future__ import annotations

import pytest

from stacks.description.validation import app_of
from stacks.intrinsics.reading import parse
from stacks.starting.contents import packed
from stacks.starting.description import described
from stacks.starting.detect import detected, environment_names
from stacks.starting.handlers import slug
from stacks.starting.python_apps import applications, static_folder
from stacks.starting.tree import FolderTree
from tests.starting.shapes import DJANGO, FLASK_FACTORY, FLASK_ROOT, SHAPES, VITE_API


def entries(files: dict[str, str]) -> list[str]:
    return [application.entry for application in applications(FolderTree(files=files))]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("flask-factory", "a Flask application flaskr/__init__.py:create_app()"),
        ("flask-root", "a Flask application flasky.py:app"),
        ("fastapi", "a FastAPI application app/main.py:app"),
        ("django", "a Django application mysite/wsgi.py:application"),
        ("vite-api", "a Flask application backend/api.py:app and a Vite front end in frontend"),
        (
            "functions",
            "2 Lambda functions (src/create_order/app.py:lambda_handler, src/on_upload/app.py:lambda_handler)",
        ),
    ],
)
def test_each_shape_is_recognised(shape: str, expected: str) -> None:
    assert str(detected(FolderTree(files=SHAPES[shape]))) == expected


@pytest.mark.parametrize(
    ("code", "entry"),
    [
        ("import flask\nserver = flask.Flask('x')", "a.py:server"),
        ("from flask import Flask as F\napp: F = F(__name__)", "a.py:app"),
        ("from flask import Flask\nclass Mine(Flask): pass\napp = Mine('x')", "a.py:app"),
        ("from flask import Flask\ntry:\n    app = Flask('x')\nfinally:\n    pass", "a.py:app"),
        ("from flask import Flask\ndef make(debug=False):\n    return Flask('x')", "a.py:make()"),
        ("from flask import Flask\ndef f():\n    a = Flask('x')\n    return a\napp = f()", "a.py:app"),
        ("import fastapi\napp = fastapi.FastAPI()", "a.py:app"),
        ("from starlette.applications import Starlette\napp = Starlette(debug=True)", "a.py:app"),
        ("import starlette.applications\napp = starlette.applications.Starlette()", "a.py:app"),
        ("from falcon import App\napi = App()", "a.py:api"),
    ],
)
def test_an_application_is_found_however_its_class_is_written(code: str, entry: str) -> None:
    assert entries({"a.py": code}) == [entry]


@pytest.mark.parametrize(
    "code",
    [
        "from flask import Flask\ndef f():\n    app = Flask('x')\n    app.run()",
        "from flask import Flask\nif __name__ == '__main__':\n    app = Flask('x')",
        "from mine import Flask\napp = Flask('x')",
        "app = Flask(",
        "\0",
    ],
)
def test_what_is_no_application_is_not_taken_for_one(code: str) -> None:
    assert entries({"a.py": code}) == []


def test_applications_of_tests_examples_and_tools_do_not_count() -> None:
    code = "from flask import Flask\napp = Flask('x')"
    assert entries({"tests/app.py": code, "docs/app.py": code, "conftest.py": code, "gunicorn.conf.py": code}) == []


def test_a_mounted_application_is_part_of_the_one_that_imports_it() -> None:
    files = {
        "main.py": "from fastapi import FastAPI\nimport admin\napp = FastAPI()\napp.mount('/admin', admin.app)",
        "admin.py": "from fastapi import FastAPI\napp = FastAPI()",
    }
    assert entries(files) == ["main.py:app"]


def test_a_factory_that_needs_arguments_says_which() -> None:
    code = "from flask import Flask\ndef create_app(name, *, key, debug=False):\n    return Flask(name)"
    (application,) = applications(FolderTree(files={"a.py": code}))
    assert application.missing == ("name", "key")


def test_a_factory_that_is_called_elsewhere_is_entered_there() -> None:
    assert entries(dict(FLASK_ROOT)) == ["flasky.py:app"]


def test_imports_start_where_the_modules_are_found() -> None:
    files = {
        "service/src/app.py": "from flask import Flask\napp = Flask('x')\napp.config.from_object('src.config.Config')",
        "service/src/config.py": "class Config: pass",
    }
    (application,) = applications(FolderTree(files=files))
    assert application.base == "service"


def test_what_is_packaged_follows_imports_and_names_in_texts() -> None:
    assert packed(FolderTree(files=FLASK_ROOT), "flasky.py") == ("flasky.py", "app", "config.py")
    assert packed(FolderTree(files=DJANGO), "mysite/wsgi.py") == ("mysite", "polls")


def test_static_files_that_are_served_elsewhere_stay_with_the_application() -> None:
    (application,) = applications(FolderTree(files=FLASK_FACTORY))
    assert static_folder(FolderTree(files=FLASK_FACTORY), application) == "flaskr/static"
    moved = FLASK_FACTORY["flaskr/__init__.py"].replace("True)", "True, static_url_path='/assets')")
    assert static_folder(FolderTree(files={**FLASK_FACTORY, "flaskr/__init__.py": moved}), application) is None


def test_static_files_of_django_are_collected_where_its_settings_say() -> None:
    named = {**DJANGO, "mysite/settings.py": DJANGO["mysite/settings.py"] + "STATIC_ROOT = BASE_DIR / 'out'\n"}
    texts = []
    for files in (DJANGO, named):
        tree = FolderTree(files=files)
        description = described(tree, detected(tree), name="shop", region="eu-west-1")
        texts.append((description.text, any("STATIC_ROOT" in note for note in description.notes)))
    (without, noted), (collected, noted_too) = texts
    assert ("collect: web" in without, noted) == (False, True)
    assert ("static: out " in collected, "collect: web" in collected, noted_too) == (True, True, False)


@pytest.mark.parametrize(
    ("package", "extra", "folder", "tool"),
    [
        (
            '{"devDependencies": {"vite": "6"}}',
            {"vite.config.ts": "build: { outDir: './out/web' }", "index.html": ""},
            "out/web",
            "Vite",
        ),
        (
            '{"dependencies": {"next": "15"}}',
            {"next.config.mjs": "{output: 'export'}"},
            "out",
            "Next.js",
        ),
        ('{"dependencies": {"@angular/core": "20"}}', {}, "dist", "Angular"),
        (
            '{"dependencies": {"@angular/core": "20"}}',
            {"angular.json": '{"projects": {"a": {"architect": {"build": {"options": {"outputPath": "dist/a"}}}}}}'},
            "dist/a",
            "Angular",
        ),
        ('{"dependencies": {"react-scripts": "5"}}', {}, "build", "Create React App"),
    ],
)
def test_a_front_end_is_found_with_the_folder_it_is_built_into(
    package: str, extra: dict[str, str], folder: str, tool: str
) -> None:
    (front_end,) = detected(FolderTree(files={"package.json": package, **extra})).front_ends
    assert (front_end.tool, front_end.folder, front_end.built, front_end.missing) == (tool, folder, False, "")


def test_nextjs_without_an_export_says_what_is_missing() -> None:
    (front_end,) = detected(FolderTree(files={"package.json": '{"dependencies": {"next": "15"}}'})).front_ends
    assert "output: 'export'" in front_end.missing


@pytest.mark.parametrize("package", ["[]", "{", '{"dependencies": []}', '{"dependencies": null}', "null"])
def test_a_package_json_that_makes_no_sense_is_no_front_end(package: str) -> None:
    assert detected(FolderTree(files={"package.json": package})).front_ends == ()


def test_paths_of_the_application_next_to_api_are_answered_by_it() -> None:
    api = VITE_API["backend/api.py"] + "@app.get('/users/<name>')\ndef user(name): return name\n"
    tree = FolderTree(files={**VITE_API, "backend/api.py": api})
    assert "paths: {/users*: api}" in described(tree, detected(tree), name="x", region="eu-west-1").text


def test_a_missing_requirements_file_is_written_with_the_framework() -> None:
    tree = FolderTree(files={"app.py": "from flask import Flask\napp = Flask('x')"})
    description = described(tree, detected(tree), name="x", region="eu-west-1")
    assert description.requirements == ("requirements.txt", "flask\n")


def test_settings_that_the_code_reads_are_listed() -> None:
    code = "import os\nA = os.environ['DB_URL']\nB = os.getenv('MODE')\nC = os.environ.get('AWS_REGION')\n"
    assert environment_names(FolderTree(files={"a.py": code})) == {"DB_URL": "a.py", "MODE": "a.py"}


def test_settings_without_which_code_fails_are_described_so_that_it_starts() -> None:
    reads = "import os\nA = os.environ['DB_TABLE']\nB = os.environ['API_KEY']\nC = os.environ.get('MODE', '')\n"
    sets = "import os, settings\nos.environ['TZ'] = 'UTC'\nD = os.environ['TZ']\ndef get(event, context): ...\n"
    files = {"settings.py": reads, "a.py": sets, "b.py": "def put(event, context): ...\n"}
    tree = FolderTree(files=files)
    text = described(tree, detected(tree), name="x", region="eu-west-1").text
    functions = app_of(parse(text, "app.yaml"), "app.yaml").stages["dev"].backend.functions
    assert {name: sorted(function.environment) for name, function in functions.items()} == {
        "get": ["API_KEY", "DB_TABLE"],
        "put": [],
    }
    assert "settings.py; or describe a table 'db' for it" in text
    web = {**files, "app.py": "import settings\nfrom flask import Flask\napp = Flask('x')"}
    tree = FolderTree(files=web)
    assert (
        '  API_KEY: ""  # read by settings.py; a secret: '
        in described(tree, detected(tree), name="x", region="eu-west-1").text
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [("createOrder", "create-order"), ("My App 2", "my-app-2"), ("2024-site", "site"), ("Ünï", "n"), ("___", "")],
)
def test_names_are_built_from_any_text(text: str, name: str) -> None:
    assert slug(text) == name


def test_vite_without_a_page_builds_scripts_of_the_application() -> None:
    package = '{"devDependencies": {"vite": "6"}}'
    assert detected(FolderTree(files={"package.json": package, "vite.config.js": "{}"})).front_ends == ()


@pytest.mark.parametrize(
    ("body", "routes"),
    [
        ("return {'statusCode': 200, 'body': event['body']}", 1),
        ("return answer(200)", 1),
        ("return work(event['pathParameters']['id'])", 1),
        ("clean_up()", 0),
        ("return None", 0),
        ("return [record['body'] for record in event['Records']]", 0),
    ],
)
def test_only_handlers_that_answer_requests_get_a_public_route(body: str, routes: int) -> None:
    code = f"def answer(code):\n    return {{'statusCode': code}}\ndef get(event, context):\n    {body}\n"
    tree = FolderTree(files={"a.py": code})
    text = described(tree, detected(tree), name="x", region="eu-west-1").text
    assert text.count("routes: [GET /api/get]\n      public: true") == routes


@pytest.mark.parametrize(
    ("files", "file"),
    [
        ({"serverless.yml": None}, "serverless.yml"),
        ({"samconfig.toml": None, "template.yaml": None}, "template.yaml"),
        ({"cdk.json": None}, ""),
    ],
)
def test_who_comes_from_another_framework_is_sent_to_migrate(files: dict[str, str | None], file: str) -> None:
    tree = FolderTree(files={**files, "a.py": "def get(event, context): ..."})
    notes = described(tree, detected(tree), name="x", region="eu-west-1").notes
    assert [note.partition(":")[0] for note in notes] == ([file] if file else [])


def test_an_application_with_an_sql_database_gets_a_note_on_where_its_data_is_kept() -> None:
    code = "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\napp = Flask('x')"
    tree = FolderTree(files={"app.py": code, "requirements.txt": "flask"})
    (note,) = described(tree, detected(tree), name="x", region="eu-west-1").notes
    assert note.startswith("SQL: ")


def test_handlers_that_import_their_package_are_packaged_with_it() -> None:
    get = "from todos import dates\ndef get(event, context):\n    return {}\n"
    tree = FolderTree(files={"todos/get.py": get, "todos/dates.py": "", "tests/test_get.py": ""})
    text = described(tree, detected(tree), name="x", region="eu-west-1").text
    assert 'source: "."  # imports start here\n      only: [todos]' in text
