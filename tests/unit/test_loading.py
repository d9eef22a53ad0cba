"""app.yaml + .env → App, or every problem at once with its line."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from stacks import DescriptionError, load, render
from stacks.app import App, Backend, Data, Function, Key, Stage, Table
from stacks.cli import main
from stacks.loading import validated
from stacks.naming import prefix

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = "name: notes\nstages: {dev: {region: eu-west-1}}\n"
_MULTIPLIED = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


def described(folder: Path, text: str) -> App:
    (folder / "app.yaml").write_text(dedent(text), encoding="utf-8")
    return load(folder / "app.yaml")


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        described(folder, text)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


def test_a_stage_overrides_what_all_stages_share(tmp_path: Path) -> None:
    app = described(
        tmp_path,
        """
        name: notes
        data: {tables: {notes: {partition_key: owner, max_read_units: 5}}}
        stages:
          dev: {region: eu-west-1}
          prod: {region: us-east-1, data: {tables: {notes: {max_read_units: 50}}}}
        """,
    )
    units = {name: stage.data.tables["notes"].max_read_units for name, stage in app.stages.items()}
    assert units == {"dev": 5, "prod": 50}
    assert app.stages["prod"].data.tables["notes"].partition_key == Key(name="owner")


def test_the_same_model_is_built_in_python(tmp_path: Path) -> None:
    read = described(tmp_path, MINIMAL + "data: {tables: {notes: {partition_key: owner}}}")
    tables = {"notes": Table(partition_key=Key(name="owner"))}
    built = App(name="notes", stages={"dev": Stage(name="dev", region="eu-west-1", data=Data(tables=tables))})
    assert validated(built) == read


def test_a_stage_knows_its_application_and_a_description_does_not_say_it(tmp_path: Path) -> None:
    assert described(tmp_path, MINIMAL).stages["dev"].app_name == "notes"
    own = problems(tmp_path, "name: n\nroot: x\nstages:\n  dev:\n    region: eu-west-1\n    name: a\n    app_name: b\n")
    assert own == [
        f"app.yaml:{line}: {where}: is an unknown key. Leave it out."
        for line, where in ((2, "root"), (6, "stages.dev.name"), (7, "stages.dev.app_name"))
    ]


def test_a_stage_of_no_application_names_nothing() -> None:
    with pytest.raises(ValueError, match="stage 'dev' belongs to no App"):
        prefix(Stage(name="dev", region="eu-west-1"))


def test_an_app_built_in_python_is_judged_by_the_same_rules() -> None:
    built = App(name="Notes", stages={"dev": Stage(name="dev", region="mars")})
    with pytest.raises(DescriptionError) as caught:
        validated(built)
    assert [problem.where for problem in caught.value.problems] == ["name", "stages.dev.region"]


def test_values_come_from_the_environment_then_from_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("REGION=eu-west-3\nNAME=filed\n", encoding="utf-8")
    monkeypatch.setenv("NAME", "notes")
    app = described(tmp_path, 'name: "${env:NAME}"\nstages: {dev: {region: "${env:REGION}"}}\n')
    assert (app.name, app.stages["dev"].region) == ("notes", "eu-west-3")


STAGED = """\
name: notes
stages: {dev: {region: eu-west-1}, prod: {region: "${env:REGION}"}}
tags: {a: "${env:A}", b: "${env:B}", c: "${env:C}", d: "${env:D}", e: "${env:E}"}
"""


def test_a_stage_takes_values_from_its_own_files_first_and_never_from_those_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (".env", ".env.prod", ".env.local", ".env.prod.local")
    for number, name in enumerate(names):
        (tmp_path / name).write_text(
            "".join(f"{letter}={name}\n" for letter in "ABCDE"[number:]) + "REGION=eu-west-3\n"
        )
    monkeypatch.setenv("E", "environment")
    stages = described(tmp_path, STAGED).stages
    assert list(stages["prod"].tags.values()) == [*names, "environment"]
    assert list(stages["dev"].tags.values()) == [".env", ".env", ".env.local", ".env.local", "environment"]
    assert stages["prod"].region == "eu-west-3"


def test_a_value_that_only_one_stage_has_is_missed_once_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / ".env.prod").write_text("A=1\nREGION=eu-west-1\n")
    results = problems(tmp_path, STAGED.partition(", b")[0] + "}\n")
    assert results == ["app.yaml:3: tags.a: environment variable 'A' is not set. Set it, or add 'A=…' to .env."]


def test_each_odd_line_of_dotenv_is_reported_without_what_it_says(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('A=1\nsome hidden words\n# fine\nexport B=2\nC="open\n')
    results = problems(tmp_path, MINIMAL.replace("notes", "${env:A}"))
    assert [result.partition(": ")[0] for result in results] == [".env:2", ".env:5"]
    assert "hidden" not in "".join(results)


def test_all_problems_are_reported_at_once_each_with_its_line(tmp_path: Path) -> None:
    for folder in ("web", "api"):
        (tmp_path / "src" / folder).mkdir(parents=True)
        (tmp_path / "src" / folder / "app.py").touch()
    results = problems(
        tmp_path,
        """\
        name: Notes
        stages:
          dev: {region: eu-west-1, acount: 1}
          prod: {region: x}
        data:
          tables:
            notes: {partition_key: owner, max_read_units: many}
        backend:
          functions:
            web: {wsgi: src/web/app.py:app, public: true, memori: 3, timeout: 901, environment: {KEY: "${env:NO_SUCH}"}}
            one: {handler: src/api/app.py:x, routes: [GET /a, get /b], public: true, tables: {nots: read}}
            two: {handler: src/api/app.py:x, routes: [GET /a]}
        """,
    )
    words = "Use lower-case letters, digits and single hyphens, starting with a letter"
    assert results == [
        f"app.yaml:1: name: 'Notes' is not a valid application name. {words}.",
        "app.yaml:3: stages.dev.acount: is an unknown key. Did you mean 'account'?",
        "app.yaml:4: stages.prod.region: 'x' is not an AWS region. Write one such as eu-west-1. [REGION]",
        "app.yaml:7: data.tables.notes.max_read_units: 'many' is not a whole number. Write a whole number.",
        (
            "app.yaml:10: backend.functions.web.environment.KEY: environment variable 'NO_SUCH' is not set. "
            "Set it, or add 'NO_SUCH=…' to .env."
        ),
        (
            "app.yaml:10: backend.functions.web.timeout: 901 exceeds the 900 s Lambda allows. "
            "Use 1 to 900. [FN-TIMEOUT-QUOTA]"
        ),
        "app.yaml:10: backend.functions.web.memori: is an unknown key. Did you mean 'memory'?",
        (
            "app.yaml:11: backend.functions.one.routes[1]: 'get /b' is not a route. "
            "Write METHOD /path, as 'GET /notes/{id}' or 'ANY /{proxy+}'. [API-PATH-PART]"
        ),
        "app.yaml:11: backend.functions.one.tables.nots: there is no table 'nots'. Did you mean 'notes'?",
        (
            "app.yaml:12: backend.functions.two: has routes, but does not say who may call them. "
            "Add 'auth: users', or 'public: true' for everyone."
        ),
        (
            "app.yaml:12: backend.functions.two.routes[0]: 'GET /a' is a route of 'one' already. "
            "Give each route to one function. [API-METHOD-TWICE]"
        ),
    ]


@pytest.mark.parametrize(
    ("line", "belongs"),
    [
        ("tables: {}", "under 'data'"),
        ("region: eu-west-1", "to a stage, as 'stages: {dev: {…}}'"),
        ("backend: {memory: 512}", "to a function, under 'backend.functions'"),
        ("backend: {cors: true}", "under 'backend.api'"),
        ("frontend: {moved: {}}", "at the left margin, in no section"),
    ],
)
def test_a_key_that_is_known_at_another_place_is_sent_there(tmp_path: Path, line: str, belongs: str) -> None:
    (problem,) = problems(tmp_path, MINIMAL + line)
    assert problem.endswith(f"is an unknown key. It belongs {belongs}.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty. Start with"),
        ("name: a\n\tstages: 1\n", "app.yaml:2: YAML: a tab is used to indent or separate. Use spaces"),
        ("name: [a\n", "app.yaml:2: YAML: "),
        (
            "name: a\nname: b\nstages: {dev: {region: eu-west-1}}",
            "app.yaml:2: name: is written twice, first in line 1.",
        ),
        ("- a\n- b\n", "description: ['a', 'b'] is not a mapping"),
        ("name: notes\n", "app.yaml:1: stages: is missing. Add it."),
        ("name: notes\nstages: {}\n", "has no stages. Add one"),
        ("name: notes\nstages: {dev: }\n", "app.yaml:2: stages.dev.region: is missing. Add it."),
        ("name: notes\nstages: {Dev: {region: eu-west-1}}\n", "'Dev' is not a valid stage name"),
        (MINIMAL + "data: &a {tables: *a}\n", "contains itself"),
        (
            MINIMAL + "data: {tables: {a_b: {partition_key: x}}}\n",
            "app.yaml:3: data.tables.a_b: 'a_b' is not a valid name",
        ),
        (MINIMAL + "data: {tables: {t: {}}}\n", "app.yaml:3: data.tables.t.partition_key: is missing"),
        (MINIMAL + "log_retention_days: 17\n", "app.yaml:3: log_retention_days: 17 is not allowed. Use 1, 3, 5"),
        (MINIMAL + "backend: {functions: {f: {}}}\n", "has none of 'wsgi', 'asgi' and 'handler'"),
        (MINIMAL + "backend: {functions: {f: {handler: ../x/a.py:f}}}\n", "does not name code"),
        (MINIMAL + "backend: {functions: {f: {handler: src/a.py:f}}}\n", "there is no folder src. Create it"),
        (MINIMAL + "frontend: {static: nowhere}\n", "app.yaml:3: frontend.static: there is no folder nowhere."),
        ("# a comment\n", "app.yaml: is empty. Start with 'name:'"),
        (
            "name: notes\nstages: {dev: {region: eu-wst-1}}\n",
            "'eu-wst-1' is not an AWS region. Did you mean 'eu-west-1'?",
        ),
        ("name: notes\nstages: {dev: {region: xx-mars-1}}\n", "for a region newer than your boto3, upgrade that"),
        (MINIMAL + "base: {vpc: {endpoints: sqs}}\n", "'sqs' is not a list. Write a list, as [sqs]."),
        (
            MINIMAL + "backend: {secrets: {key: sk_live_51H8}}\n",
            "key.kind: the value, which is not shown because it may be a secret, is not allowed. Use",
        ),
        (MINIMAL + "data: {tables: [t]}\n", "['t'] is not a mapping. Write a mapping, as 't: …'."),
        (MINIMAL + "x: " + "[" * 3000 + "]" * 3000, "is nested too deeply"),
        (MINIMAL + "data: {buckets: {a: {expire_after: true}}}\n", "true is not a whole number. Write a whole number."),
        (MINIMAL + "log_retention_days: yes\n", "true is not a whole number. Write a whole number."),
        (MINIMAL + "data: {resources: {T: {Type: AWS::SNS::Topic, Metadata: ''}}}\n", "are not a mapping"),
        (MINIMAL + "base: {overrides: {T: {Properties: ''}}}\n", "are not a mapping"),
        (MINIMAL + "data: {overrides: {T: {}}}\n", "data.overrides: change resources of the stack 'data', which the"),
        (MINIMAL + "tags: {owner: '${env:}'}\n", "tags.owner: names no environment variable. Write ${env:NAME}."),
        (MINIMAL + _MULTIPLIED, "makes more than 200,000 values. Use fewer aliases."),
        (f"name: {'a' * 20}\nstages: {{{'b' * 10}: {{region: eu-west-1}}}}\n", "have 30 characters together"),
    ],
)
def test_bad_input_gets_one_clear_message(tmp_path: Path, text: str, message: str) -> None:
    results = problems(tmp_path, text)
    assert len(results) == 1, results
    assert message in results[0]


@pytest.mark.parametrize("routes", [["GET /a/{x}", "GET /a/{y}/b"], ["GET /{p+}", "PUT /{q+}"]])
def test_two_names_for_one_part_of_a_path_are_refused(tmp_path: Path, routes: list[str]) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").touch()
    text = f"{MINIMAL}backend: {{functions: {{f: {{handler: src/a.py:f, public: true, routes: {routes}}}}}}}\n"
    (problem,) = problems(tmp_path, text)
    assert "Use one name for one place" in problem


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(
        DescriptionError, match=r"app\.yaml not found\. Run .stacks init. to create one, or pass --app FILE"
    ):
        load(tmp_path / "app.yaml")


def test_an_account_id_keeps_its_leading_zero(tmp_path: Path) -> None:
    app = described(tmp_path, "name: notes\nstages: {dev: {region: eu-west-1, account: 012345670123}}\n")
    assert app.stages["dev"].account == "012345670123"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "my shop"}, "name: 'my shop' is "),
        ({"region": "mars-1"}, "stages.dev.region: 'mars-1' is not an AWS region"),
        (
            {"backend": Backend(functions={"list": Function(handler="src/a.py:f", routes=("GET /",))})},
            "backend.functions.list: has routes, but does not say who may call them",
        ),
    ],
)
def test_an_app_built_in_python_is_judged_when_it_is_rendered(change: dict[str, Any], message: str) -> None:
    name = change.pop("name", "notes")
    app = App(name=name, stages={"dev": Stage(**{"name": "dev", "region": "eu-west-1", **change})})
    with pytest.raises(DescriptionError) as caught:
        render(app, app.stages["dev"])
    assert message in str(caught.value)


def test_a_changed_copy_of_a_good_description_is_judged_again(tmp_path: Path) -> None:
    app = described(tmp_path, MINIMAL)
    assert app.judged
    with pytest.raises(DescriptionError, match=r"stages\.dev\.region"):
        render(app, replace(app.stages["dev"], region="mars-1"))
    changed = replace(app, name="my shop")
    with pytest.raises(DescriptionError, match="'my shop'"):
        render(changed, changed.stages["dev"])


def test_descriptions_below_a_folder_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("shop", "services/blog"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "app.yaml").write_text("name: shop\nstages: {dev: {region: eu-west-1, bse: {}}}\n")
    monkeypatch.chdir(tmp_path)
    assert main(["lint"]) == 2
    below = "services/blog/app.yaml, shop/app.yaml"
    assert f"app.yaml not found. Name one of those below this folder with --app: {below}." in capsys.readouterr().err
    assert main(["lint", "--app", "shop"]) == 2
    assert capsys.readouterr().err.startswith("shop/app.yaml:2: stages.dev.bse: ")
