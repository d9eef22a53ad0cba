"""Preview stages: a stage such as ``pr-12``, derived from the pattern ``pr-*`` and another stage.

``stages: {dev: {…}, "pr-*": {from: dev}}``. The preview is that stage with what the pattern says, and without what is
dear or can exist once: trail, pipelines, domains, alarms. The pattern may say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stacks.errors import nearest
from stacks.json_types import at, mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.description.finding import Finding
    from stacks.json_types import JsonDict, JsonObject

    Merge = Callable[[Any, Any], Any]

_PATTERN = re.compile(r"[a-z][a-z0-9-]*\*")
_EXAMPLE = "1"
"""What stands for the ``*`` while a pattern is judged."""
_LEFT_OUT: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("alarms",), None),
    (("base", "api_gateway_logs"), False),
    (("base", "budget"), None),
    (("base", "alarms"), None),
    (("base", "ci"), None),
    (("base", "pipelines"), None),
    (("base", "trail"), False),
    (("backend", "api", "domain"), None),
    (("frontend", "domain"), None),
    (("frontend", "plan"), None),
    (("protected",), False),
)
"""What a preview does not take over: path → value. The account's trail records what a preview does, too, and the log
role of API Gateway is one for all stages of a region."""


def is_pattern(name: object) -> bool:
    """Whether a key under ``stages`` stands for preview stages."""
    return "*" in str(name)


def patterns(data: object) -> dict[str, JsonObject]:
    """The patterns of a description, with what they say; those that say nothing usable are left out."""
    stages = mapping(at(data, "stages"))
    return {str(name): body for name, body in stages.items() if is_pattern(name) and isinstance(body, Mapping)}


def pattern_of(name: str, data: object) -> str | None:
    """The pattern that a stage is a preview by, the longest of several; ``None`` for a stage that is described."""
    stages = at(data, "stages")
    if not isinstance(stages, Mapping) or name in stages:
        return None
    return max((pattern for pattern in patterns(data) if matches(name, pattern)), key=len, default=None)


def matches(name: str, pattern: str) -> bool:
    """Whether a stage's name is one of a pattern's."""
    return bool(_PATTERN.fullmatch(pattern)) and name.startswith(pattern[:-1]) and name != pattern[:-1]


def example(pattern: str) -> str:
    """The stage that a pattern is judged by."""
    return pattern.replace("*", _EXAMPLE)


def problems(data: object) -> Iterator[Finding]:
    """What is wrong with the patterns themselves."""
    stages = data.get("stages") if isinstance(data, Mapping) else None
    if not isinstance(stages, Mapping):
        return
    known = [str(stage) for stage in stages if not is_pattern(stage)]
    for name, body in stages.items():
        at = ("stages", str(name))
        if is_pattern(name) and not _PATTERN.fullmatch(str(name)):
            yield at, "is not a pattern of stages", "Write lower-case letters, digits and hyphens, and one * at the end"
        if is_pattern(name) and (not isinstance(body, Mapping) or "from" not in body):
            yield at, "does not say which stage previews are made from", "Add 'from', as 'from: dev'"
        elif is_pattern(name) and body["from"] not in known:
            yield (*at, "from"), f"there is no stage {body['from']}", nearest(str(body["from"]), known)


def preview(name: str, pattern: str, data: JsonObject, completed: JsonObject, merge: Merge) -> Any:
    """The preview stage ``name``: ``completed`` are the complete stages; ``None`` when its stage is missing."""
    described = dict(patterns(data)[pattern])
    source = completed.get(described.pop("from", ""))
    if not isinstance(source, Mapping):
        return None
    result = dict(source)
    network = () if _uses_network(result) else ((("base", "vpc"), False),)
    for path, value in (*_LEFT_OUT, *network):
        result = _replaced(result, path, value)
    result = _with_own_prefix(result, name)
    bounded_by = source["name"] if _deployed_by_ci(source, pattern) else None
    return {**merge(result, described), "name": name, "preview_of": source["name"], "bounded_by": bounded_by}


def _deployed_by_ci(source: JsonObject, pattern: str) -> bool:
    """Whether the CI service of the stage that previews are made from deploys them."""
    return bool(at(source, "base", "ci", "previews") == pattern)


def _uses_network(body: JsonObject) -> bool:
    """Whether a function of a stage runs in its network."""
    return any(at(function, "vpc") for function in mapping(at(body, "backend", "functions")).values())


def _replaced(body: JsonObject, path: tuple[str, ...], value: object) -> JsonDict:
    """The mapping with another value at a path, where it has one; what is false exists by default."""
    first, rest = path[0], path[1:]
    if not rest:
        return {**body, first: value} if first in body or value is False else dict(body)
    inner = body.get(first)
    if inner is None and first == "base":
        inner = {}
    return {**body, first: _replaced(inner, rest, value)} if isinstance(inner, Mapping) else dict(body)


def _with_own_prefix(body: JsonDict, name: str) -> JsonDict:
    """The stage with a sign-in prefix of its own, since a prefix can exist once, and without a sign-in domain."""
    users = at(body, "data", "users")
    if not isinstance(users, Mapping) or "domain" not in users:
        return body
    domain = users["domain"]
    prefix = domain.get("prefix") if isinstance(domain, Mapping) else domain
    own = f"{prefix}-{name}" if isinstance(prefix, str) else None
    return {**body, "data": {**body["data"], "users": {**users, "domain": own}}}
