"""A Flask application with a database: migrated in the deployed function of the local AWS, by who may and no other.

The database is PostgreSQL where this machine has a server, and SQLite where not; the output says which.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import uv
from botocore.exceptions import ClientError

from tests.running import ROOT, Project, Visitor, local_run

if TYPE_CHECKING:
    from tests.running import Running

pytestmark = pytest.mark.emulator

EXAMPLE = Path(ROOT) / "docs/databases.md"
SIGNED = """
from sqlalchemy import create_engine, event
import os, stacks_database
os.environ["MAIN_DATABASE"] = "a" * 26 + ".dsql.eu-west-1.on.aws"
url = stacks_database.database_url("main", user="{user}")
engine = create_engine(url, **stacks_database.ENGINE_OPTIONS)
seen = []

@event.listens_for(engine, "do_connect")
def stop(dialect, record, arguments, parameters):
    seen.append(dict(parameters))
    raise KeyboardInterrupt

for _ in range(2):
    try:
        engine.connect()
    except KeyboardInterrupt:
        pass
one, two = seen
print(one["sslmode"], os.path.exists(one["sslrootcert"]), one["user"], one["dbname"], "@" in url.split("//")[1])
print(one["password"].partition("&")[0], one["password"] is not two["password"])
"""


OTHER = """
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
Migrate(app, SQLAlchemy(app))
"""


def files_of(page: str) -> dict[str, str]:
    """The files that a page shows: a line with the name in bold, then a block of code."""
    files, name = {}, ""
    for part in page.split("```"):
        if name:
            files[name] = part.partition("\n")[2]
        last = part.strip().splitlines()[-1:] or [""]
        name = last[0].strip("*:`") if last[0].startswith("**`") else ""
    return files


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("notes")
    for name, text in files_of(EXAMPLE.read_text(encoding="utf-8")).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for user in ("admin", "app"):
        (folder / f"src/signed_{user}.py").write_text(SIGNED.format(user=user))
    shutil.copy(ROOT / "build.py", folder)
    kept = folder / "src/migrations/versions/0001_notes.py"
    text = kept.read_text()
    shutil.rmtree(folder / "src/migrations")
    uses = [argument for name in ("flask", "flask-migrate", "flask-sqlalchemy") for argument in ("--with", name)]
    init = [uv.find_uv_bin(), "run", "--quiet", "--no-project", *uses, "flask", "--app", "other", "db", "init"]
    (folder / "src/other.py").write_text(OTHER)
    subprocess.run(init, cwd=folder / "src", check=True, capture_output=True)
    kept.write_text(text)
    return Project(folder=folder)


def test_flask_migrates_the_database_in_the_deployed_function(project: Project) -> None:
    with local_run(project) as running:
        at = ("--endpoint-url", running.emulator.endpoint_url)
        visitor, path = Visitor(port=running.emulator.gateway), _path(running.output)
        assert visitor.ask(path).status == 500, "there is no table yet"
        done = project.run("run", "web", *at, "--", "flask", "db", "upgrade")
        assert (done.returncode, "Running upgrade  -> 0001" in done.stdout + done.stderr) == (0, True), done.stdout
        wrong = project.run("run", "web", *at, "--", "flask", "db", "upgrade", "none")
        assert (wrong.returncode, "Can't locate revision" in wrong.stdout + wrong.stderr) == (1, True)
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        assert visitor.ask(path, "POST", b"text=first", **form).status == 302
        assert visitor.ask(path).json() == ["first"]
        _refused_to_others(running, visitor, path)
        for user, action in (("admin", "DbConnectAdmin"), ("app", "DbConnect")):
            signed = project.build("run", "web", *at, "--", "python", f"signed_{user}.py")
            assert f"verify-full True {user} postgres True" in signed
            assert f"{'a' * 26}.dsql.eu-west-1.on.aws/?Action={action} True" in signed


def _path(output: str) -> str:
    """Where the notes are at the gateway, as ``local`` prints it."""
    (address,) = re.findall(r"API +http://[^/]+(/\S+)", output)
    return f"{address}notes"


def _refused_to_others(running: Running, visitor: Visitor, path: str) -> None:
    """An event that looks like a command is a request to everyone who comes by the API, or nobody's."""
    event = {"stacks_command": {"words": ["flask", "db", "upgrade"]}}
    (running.project.folder / "event.json").write_text(json.dumps(event))
    directly = running.project.run("invoke", "web", "--local", "--event", "event.json")
    assert (directly.returncode, "through the function's alias 'commands' only" in directly.stdout) == (1, True)
    posted = visitor.ask(path, "POST", json.dumps(event).encode(), Content_Type="application/json")
    assert posted.status == 400
    anyone: dict[str, Any] = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}
    session: Any = boto3.Session(region_name="eu-west-1", **anyone)
    client = session.client("lambda", endpoint_url=running.emulator.endpoint_url)
    with pytest.raises(ClientError, match=r"UnrecognizedClient|InvalidClientTokenId|AccessDenied|security token"):
        client.invoke(FunctionName="notes-dev-web:commands", Payload=json.dumps(event))
