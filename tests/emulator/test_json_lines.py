"""``--format json`` of verbs that talk to AWS: each line is of the schema, the last one says how it ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.json_lines import refuse_undescribed

if TYPE_CHECKING:
    from tests.running import Running

pytestmark = pytest.mark.emulator


def lines(site: Running, *words: str) -> list[Any]:
    """What a verb writes to standard output, each line parsed and held to the schema."""
    done = site.project.run(*words, "--json", *site.target, AI_AGENT="test")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    for line in results:
        refuse_undescribed(line, words[0])
    return results


def test_a_deployment_is_reported_line_by_line(site: Running) -> None:
    results = lines(site, "deploy", "data", "frontend", "--yes")
    end = results[-1]
    assert {"stack_started", "nothing_changed", "files_compared", "end"} <= {result["event"] for result in results}
    assert (end["command"], end["ok"], end["errors"]) == ("deploy", True, [])
    assert end["result"]["stage"] == "dev"
    assert "SiteUrl" in end["result"]["outputs"]["frontend"]


def test_verbs_that_read_answer_in_one_line(site: Running) -> None:
    reading = ("outputs", "status", "drift", "stages", "secrets list", "publish --list", "publish --dry-run")
    for verb in reading:
        assert len(lines(site, *verb.split())) == 1, verb
    (standing,) = lines(site, "status")
    assert {"notes-dev-data", "notes-dev-frontend"} <= {entry["name"] for entry in standing}


def test_a_refusal_is_an_error_with_a_remedy(site: Running) -> None:
    (end,) = lines(site, "destroy", "data")
    assert end["ok"] is False
    assert "backend" in end["errors"][0]["fix"]


def test_code_is_synced_without_cloudformation_and_corrected_by_the_next_deployment(site: Running) -> None:
    code = site.project.folder / "lambda_src" / "api" / "notes.py"
    before = code.read_text()
    site.command("deploy", "backend", "--yes")
    deployed = site.client("lambda").get_function_configuration(FunctionName="notes-dev-list-notes")["CodeSha256"]
    try:
        code.write_text(f"{before}\n# synced\n")
        end = lines(site, "sync", "list-notes")[-1]
        assert end["ok"], end
        assert end["result"]["functions"][0]["changed"] is True
        (drift,) = lines(site, "drift", "backend")
        assert [entry["logical_id"] for entry in drift["notes-dev-backend"]] == ["ListNotesFunction"]
    finally:
        code.write_text(before)
    done = site.command("deploy", "backend", "--yes")
    assert "list-notes: the code of 'sync' was replaced by the deployed code" in done
    after = site.client("lambda").get_function_configuration(FunctionName="notes-dev-list-notes")["CodeSha256"]
    assert after == deployed
