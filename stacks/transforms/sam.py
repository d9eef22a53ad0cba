"""A template with SAM's transform → what CloudFormation makes of it, found offline.

Deployed is the template as it is: CloudFormation runs the transform. This is for what looks at a template before:
checks, rights, the forecast. AWS's own translator does it, which asks for another pydantic than this library's, so
uv runs it in an environment of its own (from its cache after the first time).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import uv

from stacks.errors import CheckError, Problem
from stacks.json_types import items
from stacks.packaging.uv_errors import without_credentials
from stacks.template.emit import yaml_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.json_types import JsonDict, JsonObject, TemplateData
    from stacks.template.rendered import Parameters, Rendered

TRANSLATOR = "aws-sam-translator==1.115.0"
TRANSFORM = "AWS::Serverless-2016-10-31"
_NOTHING: Parameters = MappingProxyType({})
_PROBE = Path(__file__).with_name("sam_probe.py")


def is_sam(template: TemplateData) -> bool:
    """Whether the template asks for SAM's transform."""
    return TRANSFORM in items(template.get("Transform"))


def translated(template: TemplateData, *, parameters: Mapping[str, str], region: str, where: str) -> JsonObject:
    """The template without SAM's transform; one that has none is returned as it is.

    Raises ``CheckError`` with all that SAM finds wrong with it, and when the translator cannot be run.
    """
    if not is_sam(template):
        return template
    (result,) = translate([{"template": template, "parameters": dict(parameters), "region": region}])
    if "problems" in result:
        fix = "Correct it; the names are those of the template"
        raise CheckError.of(tuple(Problem(where=where, what=what.rstrip("."), fix=fix) for what in result["problems"]))
    templates: TemplateData = result["template"]
    return templates


def without_sam(rendered: Sequence[Rendered], code: Parameters = _NOTHING) -> tuple[Rendered, ...]:
    """The stacks with SAM's transform run: for what knows CloudFormation and not SAM, such as rights or the local AWS.

    ``code`` has the parameters of packaged code, where it is: SAM names published versions by them, and makes new ones.
    Raises ``CheckError`` as ``translated`` does.
    """
    return tuple(_plain(stack, code.get(stack.stack, {})) if is_sam(stack.template) else stack for stack in rendered)


def _plain(stack: Rendered, code: Mapping[str, str]) -> Rendered:
    known = {**stack.parameters, **(code if "AutoPublishAlias" in stack.body else {})}
    result = translated(stack.template, parameters=known, region=stack.region, where=stack.stack)
    return replace(stack, template=result, body=yaml_text(dict(result)), macros=(TRANSFORM,))


def _without_aws(variables: Mapping[str, str]) -> dict[str, str]:
    """The process's variables without credentials: nothing is asked of AWS, anyone who translates."""
    kept = {name: text for name, text in variables.items() if not name.startswith("AWS_")}
    nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return {**kept, **nowhere, "AWS_EC2_METADATA_DISABLED": "true"}


def translate(wanted: Sequence[JsonObject]) -> list[JsonDict]:
    """Translate several in one go: ``{"template", "parameters", "region"}`` each to ``template`` or ``problems``.

    Raises ``CheckError`` when the translator cannot be run.
    """
    loads: list[JsonDict] = json.loads(_answer(json.dumps(wanted)))
    return loads


@cache
def _answer(wanted: str) -> str:
    """What the translator writes; it takes a second or two to start, and ``local --watch`` asks the same again."""
    command = [uv.find_uv_bin(), "run", "--quiet", "--no-project", "--no-config", "--isolated", "--with", TRANSLATOR]
    done = subprocess.run(
        [*command, "--python", sys.executable, "python", "-P", str(_PROBE)],
        input=wanted,
        env=_without_aws(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        output = " ".join(without_credentials(done.stderr).split())[-300:]
        raise CheckError(TRANSLATOR, f"cannot be run: {output}", "Connect to the network once; it is kept after that")
    return done.stdout
