"""What commands know of a local AWS that runs: its Python, and where the application answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.commands.aws import Endpoint, endpoint_of
from stacks.commands.local_places import application_at, note_application, places
from stacks.local.emulator import Emulator
from stacks.packaging import host_target

if TYPE_CHECKING:
    from pathlib import Path

BACKEND = {"backend": {"ApiUrl": "https://a1b2.execute-api.eu-west-1.amazonaws.com/dev"}}
API = "http://127.0.0.1:4566/_aws/execute-api/a1b2/dev/"


def emulator(home: Path) -> Emulator:
    return Emulator(
        gateway=4566, edge=8080, pid=1, home=home, region="eu-west-1", account="000000000000", key="A", secret="b"
    )


def test_code_for_the_local_aws_is_packaged_for_this_machine_and_for_other_endpoints_as_for_lambda(
    tmp_path: Path,
) -> None:
    here = endpoint_of(emulator(tmp_path))
    assert here.python == host_target()
    assert Endpoint(url="http://127.0.0.1:4566").python is None  # such as LocalStack, whose functions are in containers


def test_without_a_site_the_api_is_where_the_application_answers(tmp_path: Path) -> None:
    run = emulator(tmp_path)
    assert (places(run)["site"], places(run)["api"], application_at(run)) == (None, None, "")
    note_application(run, BACKEND)
    assert (places(run)["site"], places(run)["api"], application_at(run)) == (None, API, f"API    {API}\n")
    note_application(run, {**BACKEND, "frontend": {}})
    assert (places(run)["site"], places(run)["api"]) == ("http://127.0.0.1:8080/", None)
