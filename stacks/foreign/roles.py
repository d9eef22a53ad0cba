"""The roles of a template from elsewhere → under the stack's IAM path, and inside the stage's boundary. Pure.

The role that deploys a stack may make roles in no other place and without no boundary, so that it can give nobody more
than the stage may have. Frameworks leave both open, or write the path that a role has anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.foreign.nested import with_resources
from stacks.types import known

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.json_types import JsonDict

_OF_SAM = {"AWS::Serverless::Function", "AWS::Serverless::StateMachine"}
"""Types of which SAM makes a role, under their ``RolePath``. They are not the registry's, and have no record."""
_WITHOUT_BOUNDARY = {"AWS::IAM::ManagedPolicy"}


def bounded(template: JsonDict, stage: Stage, stack: str) -> JsonDict:
    """The template of ``stack`` with path and boundary where a role has none; ``roles`` reports other paths."""
    path, boundary = naming.role_path(stage, stack), {"Fn::Sub": naming.boundary_arn(stage)}
    return with_resources(template, lambda body: _bounded(body, path, boundary))


def _bounded(body: JsonDict, path: str, boundary: object) -> JsonDict:
    key, properties = _path_property(body["Type"]), body.get("Properties", {})
    if key is None or "Role" in properties:
        return body
    kept = {name: value for name, value in properties.items() if (name, value) != (key, "/")}
    additions = {key: path} if body["Type"] in _WITHOUT_BOUNDARY else {key: path, "PermissionsBoundary": boundary}
    return {**body, "Properties": {**additions, **kept}}


def _path_property(type_name: str) -> str | None:
    """The property that says under which IAM path a resource, or the role made for it, is."""
    if type_name in _OF_SAM:
        return "RolePath"
    return "Path" if known(type_name).has_path else None
