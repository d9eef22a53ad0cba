"""Where pipelines in AWS stand, asked of an endpoint that answers as CodePipeline does."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks.aws.pipelines import PipelineCloud
from stacks.cli import main
from stacks.errors import DeployError
from tests.pipelines.conftest import CONNECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stacks.app import App

STATES: dict[str, Any] = {
    "data-notes-dev": [
        {"stageName": "Source", "latestExecution": {"pipelineExecutionId": "1", "status": "Succeeded"}},
        {"stageName": "Build", "latestExecution": {"pipelineExecutionId": "1", "status": "Succeeded"}},
    ],
    "backend-notes-dev": [
        {"stageName": "Source", "latestExecution": {"pipelineExecutionId": "1", "status": "Succeeded"}},
        {
            "stageName": "Build",
            "latestExecution": {"pipelineExecutionId": "1", "status": "Failed"},
            "actionStates": [
                {
                    "actionName": "Build",
                    "latestExecution": {"status": "Failed", "errorDetails": {"message": "Build terminated"}},
                }
            ],
        },
    ],
    "frontend-notes-dev": [{"stageName": "Source"}],
}


class _Aws(BaseHTTPRequestHandler):
    """Answers the two calls that are made."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = 200, self._answer(self.headers["X-Amz-Target"].rpartition(".")[2], asked)
        if answer is None:
            status, answer = 400, {"__type": "PipelineNotFoundException", "message": "no such pipeline"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, call: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        if call == "GetConnection":
            return {"Connection": {"ConnectionArn": asked["ConnectionArn"], "ConnectionStatus": "PENDING"}}
        stages = STATES.get(asked["name"])
        return None if stages is None else {"pipelineName": asked["name"], "stageStates": stages}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """An endpoint that answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Aws) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def aws(url: str) -> PipelineCloud:
    """The cloud, with the endpoint behind it."""
    return PipelineCloud("eu-west-1", endpoint_url=url, credentials=("test", "test"))


def test_a_pipeline_is_where_its_newest_run_stopped(aws: PipelineCloud) -> None:
    assert aws.standing("data-notes-dev") == ("Build", "Succeeded", "")
    assert aws.standing("backend-notes-dev") == ("Build", "Failed", "Build Failed: Build terminated")
    assert aws.standing("frontend-notes-dev") == ("", "never ran", "")


def test_a_pipeline_that_does_not_exist_is_named(aws: PipelineCloud) -> None:
    with pytest.raises(DeployError, match="other"):
        aws.standing("other")


def test_a_connection_that_waits_for_its_handshake_is_named(aws: PipelineCloud, piped: Callable[..., App]) -> None:
    app = piped(connection=CONNECTION)
    assert aws.waiting_connection("notes-dev-base", app.stages["dev"]) == CONNECTION
    app = piped(source="codecommit", repository="notes")
    assert aws.waiting_connection("notes-dev-base", app.stages["dev"]) is None


def test_the_command_shows_every_pipeline_and_the_connection_that_waits(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = {"region": "eu-west-1", "base": {"pipelines": {"repository": "someone/notes", "connection": CONNECTION}}}
    data = {"tables": {"notes": {"partition_key": "owner"}}}
    description = tmp_path / "app.yaml"
    description.write_text(yaml.safe_dump({"name": "notes", "stages": {"dev": stage}, "data": data}))
    code = main(["pipeline", "status", "--app", str(description), "--endpoint-url", url])
    output = capsys.readouterr().out
    assert code == 0
    assert re.search(r"^data-notes-dev +Build +Succeeded", output, re.MULTILINE)
    assert f"The connection {CONNECTION} still waits for its handshake" in output


def test_the_command_names_the_pipelines_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stage = {"region": "eu-west-1", "base": {"pipelines": {"repository": "someone/notes"}}}
    data = {"tables": {"notes": {"partition_key": "owner"}}}
    description = tmp_path / "app.yaml"
    description.write_text(yaml.safe_dump({"name": "notes", "stages": {"dev": stage}, "data": data}))
    assert main(["pipeline", "run", "frontend", "--local", "--app", str(description)]) == 2
    assert capsys.readouterr().err == "frontend: there is no such pipeline. Name one of data.\n"
    assert main(["pipeline", "run", "data", "--app", str(description)]) == 2
    assert "runs on this machine only. Add --local" in capsys.readouterr().err
