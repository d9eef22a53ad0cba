"""A template that fails lint has no role: nobody could say what it needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stacks.errors import CheckError
from stacks.linting import refuse_failing
from stacks.template.emit import yaml_text

if TYPE_CHECKING:
    from tests.roles.conftest import Role


def test_no_role_is_derived_from_a_template_with_errors(roles: dict[tuple[str, str], Role]) -> None:
    good = roles["dev", "data"].rendered
    table = good.template["Resources"]["NotesTable"]
    wrong = {**table, "Properties": {**table["Properties"], "BilingMode": "PAY_PER_REQUEST"}}
    template = {**good.template, "Resources": {**good.template["Resources"], "NotesTable": wrong}}
    bad = replace(good, template=template, body=yaml_text(template))
    refuse_failing([good])
    with pytest.raises(
        CheckError, match=r"data: no deploy role is derived .* with 1 error: .*BilingMode.*'lint' lists all"
    ):
        refuse_failing([good, bad])
