"""Rules for secrets that are written out: in properties that take secrets, by their form, in parameters and outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from stacks.checks.rule import Hit, Stacks, rule
from stacks.checks.tokens import tokens
from stacks.checks.values import leaves
from stacks.intrinsics.functions import is_function
from stacks.json_types import at, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict

_CALLED = re.compile(
    r"passw(?:or)?d|passphrase|secret(?!s?(?:id|arn|name|manager))|(?:auth|access|api|bearer|refresh|o?auth)_?token|"
    r"^token$|api_?key(?!(?:required|source|id))|private_?key|credential|connection_?string|client_?secret",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:id|ids|arn|arns|name|names|path|url|ttl|seconds|endpoint|policy|length|validity|units|type|source|required|"
    r"header|enabled|format|expiration|days|recovery|rotation|flows|config|configuration|location|version)$",
    re.IGNORECASE,
)
_VOCABULARY = re.compile(r"[A-Z][A-Z0-9_]*|[a-z]+|[A-Z][a-z]+|true|false|\$[\w.{}:]+")
"""Values that are words of AWS's own: ``ENABLED``, ``minutes``, ``$context.x``."""
_SHORTEST = 6
_CACHED = 256
"""Characters of a text whose kinds are cached; longer texts are seldom repeated."""
_SECRET_KEY = re.compile(r"(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[A-Za-z0-9/+]{40}")
"""A secret access key of AWS has 40 characters of base64."""
_IN_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@${}]+:[^/\s:@${}]{3,}@[\w.-]+", re.IGNORECASE)
_ACCESS_KEY = re.compile(r"(?<![A-Z0-9])A(?:KIA|SIA)[0-9A-Z]{16}(?![A-Z0-9])")
_FORMS = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}|xox[abprs]-[A-Za-z0-9-]{10,}|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}|sk_live_[A-Za-z0-9]{16,}"
)


@rule(
    "REACH-SECRET",
    why="anyone who reads the template has the secret",
    fix="Let Secrets Manager generate it (GenerateSecretString), and name it by {{resolve:secretsmanager:…}}",
    source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
)
def secrets_are_not_written_out(stacks: Stacks) -> Iterator[Hit]:
    """No template contains a secret: in no property that takes one, not by its form anywhere."""
    for resource in stacks.resources:
        for path, what in _in_properties(resource.properties, ""):
            yield resource.hit(path, what)
        kind = next(_by_form(resource.body), None)
        if kind:
            yield resource.hit("Properties", f"hold {kind}")
    for target in stacks.targets:
        for section in ("Parameters", "Mappings", "Outputs", "Metadata", "Conditions", "Description"):
            kind = next(_by_form(target.template.get(section)), None)
            if kind:
                yield Hit(stack=target.stack, logical_id="template", path=section, what=f"hold {kind}")
        for name, parameter in mapping(target.template.get("Parameters")).items():
            default, is_given = at(parameter, "Default"), "SSM" not in str(at(parameter, "Type"))
            named = is_given and _is_secret_name(str(name)) and isinstance(default, str) and _is_value(default)
            if default and (at(parameter, "NoEcho") in {True, "true"} or named):
                yield Hit(stack=target.stack, logical_id="template", path=f"Parameters.{name}", what="has a default")


def _by_form(value: object) -> Iterator[str]:
    """What kinds of credentials a value holds, known by their form, in base64 too."""
    for line in dict.fromkeys(_strings(value)):
        yield from _short_kinds(line) if len(line) <= _CACHED else _kinds(line)


def _kinds(line: str) -> tuple[str, ...]:
    return tuple(_kinds_in(line))


@lru_cache(maxsize=1 << 14)
def _short_kinds(line: str) -> tuple[str, ...]:
    """``_kinds``, cached: names of types, properties and attributes are in every resource."""
    return _kinds(line)


def _kinds_in(line: str) -> Iterator[str]:
    if _ACCESS_KEY.search(line):
        yield "an access key of AWS"
    if form := _FORMS.search(line):
        yield f"what looks like a key ({form[0][:4]}…)"
    if _SECRET_KEY.fullmatch(line):
        yield "what looks like a secret access key"
    if _IN_URL.search(line):
        yield "an address with a password in it"
    yield from tokens(line.encode())


def _strings(value: object) -> Iterator[str]:
    """Every text in a value: with intrinsic functions read, then as written, keys included."""
    yield from leaves(value)
    yield from _written(value)


def _written(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            for key, inside in value.items():
                yield str(key)
                yield from _written(inside)
        case list() | tuple():
            for inside in value:
                yield from _written(inside)
        case None | int() | float():
            return
        case _:
            yield str(value)


def _in_properties(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Values of properties, variables and headers whose name says that they are secret."""
    if isinstance(value, dict) and not is_function(value):
        name, value_of_pair = _named_pair(value)
        if name and _is_secret_name(name) and isinstance(value_of_pair, str) and _is_value(value_of_pair):
            yield path, f"says {name}, which is written out"
        for key, inside in value.items():
            place = f"{path}.{key}" if path else str(key)
            if key == "GenerateSecretString" and _templated(at(inside, "SecretStringTemplate")):
                yield f"{place}.SecretStringTemplate", "has the secret written out"
            if key == "GenerateSecretString" or place.startswith(("Body.", "Environment.Variables")):
                continue  # the one is made up; FN-SECRET judges the other; a body describes requests
            if isinstance(inside, str) and _is_secret_name(str(key)) and _is_value(inside):
                yield place, "is written out"
            else:
                yield from _in_properties(inside, place)
    elif isinstance(value, list | tuple):
        for index, inside in enumerate(value):
            yield from _in_properties(inside, f"{path}[{index}]")


def _templated(template: object) -> bool:
    """Whether the text that a generated secret is put into already holds one."""
    pairs = re.findall(r'"([^"]+)"\s*:\s*"([^"]+)"', template) if isinstance(template, str) else []
    return any(_is_secret_name(name) and _is_value(value) for name, value in pairs)


def _named_pair(value: JsonDict) -> tuple[str, Any]:
    """A header, variable or setting: its name and value; "" for other mappings."""
    pairs = (("HeaderName", "HeaderValue"), ("Name", "Value"), ("Key", "Value"), ("OptionName", "Value"))
    return next(((str(value[name]), value[of]) for name, of in pairs if name in value and of in value), ("", None))


def _is_secret_name(name: str) -> bool:
    gate = re.fullmatch(r"x-.*(?:key|gate|verify|auth).*", name, re.IGNORECASE)
    return bool(_CALLED.search(name) or gate) and not _ABOUT.search(name)


def _is_value(value: str) -> bool:
    """Whether a text is a value of its own: no reference, no word of AWS's vocabulary."""
    if len(value) < _SHORTEST or "{{resolve:" in value or value.startswith(("arn:", "alias/", "${", "https://")):
        return False
    return not _VOCABULARY.fullmatch(value) or bool(re.fullmatch(r"[a-z]{8,}", value))


RULES = (secrets_are_not_written_out,)
