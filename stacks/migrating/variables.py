"""The Serverless Framework's variables: ``${self:custom.x, 'default'}`` → its value, for one stage. Pure.

https://www.serverless.com/framework/docs/guides/variables lists the sources. Values that only AWS knows become what
CloudFormation resolves by itself; what cannot be known at all is ``Unknown``, with an obstacle where it is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stacks.migrating.located import Map, Place, Seq, UnreadableSourceError, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles

_VARIABLE = re.compile(r"\s*(?:[A-Za-z][\w-]*(?:\([^{}]*\))?:(?!:)|(?:file|strToBool)\()|\s*\$\{")
_DEEPEST = 60
_MISSING = object()
_LITERALS = {"true": True, "false": False, "null": None, "undefined": None}
_ELSEWHERE = {
    "construct": "is a construct of the Lift plugin",
    "git": "is known to the Git plugin only",
    "output": "is an output of another service in the Serverless Dashboard",
    "state": "is state of another service in the Serverless Dashboard",
    "s3": "is read from a bucket when Serverless deploys",
    "terraform": "is read from Terraform's state",
    "doppler": "is read from Doppler",
    "vault": "is read from Vault",
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known here: the text it was written as."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True)
class VariableSources:
    """What variables are resolved from, besides the file itself."""

    stage: str = "dev"
    region: str = "us-east-1"
    environment: Mapping[str, str] = field(default_factory=dict)
    """The process environment and ``.env``."""
    file: Callable[[str], str | None] = lambda _: None
    """The text of a file, by its path from the service's folder; None when it cannot be read."""
    needed: dict[str, str] = field(default_factory=dict)
    """Environment variables that the result takes its values from → what they are when not set."""
    stages: set[str] = field(default_factory=set)
    """Other stages that the service has settings for, found while looking some up."""


class Variables:
    """Resolves values of one configuration. Each mistake is an obstacle once."""

    def __init__(self, config: Map, around: VariableSources, obstacles: Obstacles) -> None:
        self._config, self._around, self._obstacles = config, around, obstacles
        self._open: list[str] = []
        self._files: JsonDict = {}
        self._missing = set[str]()
        syntax = (config.get("provider") or {}).get("variableSyntax") if isinstance(config.get("provider"), Map) else ""
        self._double = isinstance(syntax, str) and "{{" in syntax.replace("\\", "")

    def value(self, raw: object, place: Place) -> Any:
        """The value with every variable in it resolved."""
        if isinstance(raw, Map):
            pairs = [(self._text(key, place), self.value(item, raw.at(key))) for key, item in raw.items()]
            places = {new: raw.at(key) for (new, _), key in zip(pairs, raw, strict=True)}
            return Map(pairs, raw.place, places)
        if isinstance(raw, Seq):
            return Seq([self.value(item, raw.at(index)) for index, item in enumerate(raw)], raw.place, raw.places)
        return self.text(raw, place) if isinstance(raw, str) else raw

    def _text(self, key: str, place: Place) -> str:
        resolved = self.text(key, place) if "${" in key else key
        return resolved if isinstance(resolved, str) else key

    def text(self, raw: str, place: Place) -> Any:
        """A text with its variables resolved: of any type when it is one variable and nothing else."""
        if self._double:
            raw = re.sub(r"\$\{\{(.*?)\}\}", r"${\1}", raw)
        if "${" not in raw:
            return raw
        parts, at = [], 0
        while (start := raw.find("${", at)) >= 0:
            end = _closing(raw, start + 2)
            inner = raw[start + 2 : end] if end else ""
            if not end or not _VARIABLE.match(inner):
                parts.append(raw[at : start + 2])
                at = start + 2
                continue
            parts.append(raw[at:start])
            result = self._variable(inner, place)
            if start == 0 and end == len(raw) - 1:
                return result
            parts.append(result)
            at = end + 1
        parts.append(raw[at:])
        return self._joined(parts, raw, place)

    def _joined(self, parts: list[Any], raw: str, place: Place) -> Any:
        known = [part for part in parts if part != ""]
        if any(isinstance(part, Unknown) for part in known):
            return Unknown(raw)
        if functions := [part for part in known if isinstance(part, Map)]:
            if all(len(function) == 1 for function in functions):
                texts = [part if isinstance(part, Map) else _shown(part) for part in known]
                return Map([("Fn::Join", ["", texts])], place, {})
            return Unknown(raw)
        if any(isinstance(part, list) for part in known):
            return Unknown(raw)
        return "".join(map(_shown, known))

    def _variable(self, inner: str, place: Place) -> Any:
        """The first of its sources that has a value."""
        sources = _split(inner)
        if len(self._open) > _DEEPEST or inner in self._open:
            what = "refers to itself" if inner in self._open else "is nested too deeply"
            self._obstacles.lost(place, f"${{{inner}}}", what, "Write the value out")
            return Unknown(f"${{{inner}}}")
        self._open.append(inner)
        try:
            for index, source in enumerate(sources):
                result = self._source(source.strip(), place, has_default=index < len(sources) - 1)
                if result is not _MISSING and not (result is None and index < len(sources) - 1):
                    return result
        finally:
            self._open.pop()
        what = "has no value here, and no default"
        self._obstacles.lost(place, f"${{{inner}}}", what, "Write the value into app.yaml where it is needed")
        return Unknown(f"${{{inner}}}")

    def _source(self, source: str, place: Place, *, has_default: bool) -> Any:  # noqa: PLR0911 - one for each form
        if source.startswith("${") and _closing(source, 2) == len(source) - 1:
            result = self.text(source, place)
            return _MISSING if isinstance(result, Unknown) and has_default else result
        if source[:1] in {"'", '"'}:
            return self.text(source.strip(source[0]), place)
        resolved = self.text(source, place)
        if not isinstance(resolved, str):
            return resolved
        if resolved in _LITERALS:
            return _LITERALS[resolved]
        if re.fullmatch(r"-?(0|[1-9]\d*)", resolved):
            return int(resolved)
        match = re.fullmatch(r"([A-Za-z][\w-]*)(?:\((.*?)\))?(?::(.*))?", resolved, re.DOTALL)
        if not match or (match[2] is None and match[3] is None):
            return resolved
        return self._named(match[1], (match[2] or "").strip("'\" "), (match[3] or "").strip(), place, has_default)

    def _named(self, kind: str, inside: str, address: str, place: Place, has_default: bool) -> Any:  # noqa: PLR0911, C901, FBT001 - one for each source
        around = self._around
        match kind:
            case "self":
                return self._own(address, place)
            case "opt":
                return {"stage": around.stage, "region": around.region if self._has_region() else _MISSING}.get(
                    address, _MISSING
                )
            case "sls":
                return {"stage": around.stage, "instanceId": "migrated"}.get(address, _MISSING)
            case "param":
                return self._parameter(address, place)
            case "env":
                return self._environment(address, has_default=has_default)
            case "file":
                return self._file(inside, address, place, has_default=has_default)
            case "strToBool":
                return {"true": True, "1": True, "false": False, "0": False}.get(inside.lower(), _MISSING)
            case "aws":
                known: JsonDict = {"accountId": {"Ref": "AWS::AccountId"}, "region": around.region}
                result = known.get(address, _MISSING)
                return Map(result.items(), place, {}) if isinstance(result, dict) else result
            case "ssm":
                return self._ssm(address, place)
            case "cf":
                return self._output(address, place, has_default=has_default)
        if has_default:
            return _MISSING
        why = _ELSEWHERE.get(kind, "comes from a source that is unknown")
        self._obstacles.lost(place, f"${{{kind}:{address}}}", why, "Write the value into app.yaml where it is needed")
        return Unknown(f"${{{kind}:{address}}}")

    def _has_region(self) -> bool:
        provider = self._config.get("provider")
        return not isinstance(provider, Map) or "${opt:region" not in str(provider.get("region"))

    def _own(self, address: str, place: Place) -> Any:
        if address == "provider.stage":
            return self._around.stage
        if address == "provider.region" and not self._provider_has("region"):
            return self._around.region
        if address == "service.name" and isinstance(self._config.get("service"), str):
            address = "service"
        elif address == "service" and isinstance(self._config.get("service"), Map):
            address = "service.name"
        return self._walk(self._config, address, self._config.place if address else place)

    def _provider_has(self, key: str) -> bool:
        provider = self._config.get("provider")
        return isinstance(provider, Map) and key in provider

    def _walk(self, value: Any, address: str, place: Place) -> Any:
        """The value at ``custom.table.name`` below a value that is not resolved yet."""
        parts = [part for part in address.split(".") if part]
        for index, part in enumerate(parts):
            if isinstance(value, str):
                value = self.text(value, place)
            if isinstance(value, Map):
                value, place = self._step(value, parts, index)
            elif isinstance(value, Seq) and part.isdigit() and int(part) < len(value):
                value, place = value[int(part)], value.at(int(part))
            else:
                value = _MISSING
            if value is _MISSING or isinstance(value, Unknown):
                return value
        return self.value(value, place)

    def _step(self, value: Map, parts: list[str], index: int) -> tuple[Any, Place]:
        part = parts[index]
        if index and part == self._around.stage and part in value:
            self._around.stages |= _stage_keys(value, part, parts[index + 1 :])
        if part not in value and ".".join(parts[index:]) in value:
            part = ".".join(parts[index:])
            parts[index:] = [part]
        return value.get(part, _MISSING), value.at(part)

    def _parameter(self, name: str, place: Place) -> Any:
        """``params`` by stage, and ``stages.<stage>.params`` of version 4."""
        for address in (
            f"stages.{self._around.stage}.params.{name}",
            f"params.{self._around.stage}.{name}",
            f"stages.default.params.{name}",
            f"params.default.{name}",
        ):
            result = self._walk(self._config, address, place)
            if result is not _MISSING:
                return result
        return _MISSING

    def _environment(self, name: str, *, has_default: bool) -> Any:
        if has_default and name not in self._around.environment:
            return _MISSING
        self._around.needed.setdefault(name, "")
        return f"${{env:{name}}}"

    def _file(self, path: str, address: str, place: Place, *, has_default: bool) -> Any:
        shown = f"${{file({path}){':' + address if address else ''}}}"
        if path.endswith((".js", ".cjs", ".mjs", ".ts", ".py")):
            self._obstacles.lost(place, shown, "runs code to make a value", "Write the value into app.yaml")
            return Unknown(shown)
        if path not in self._files:
            text = self._around.file(path)
            self._files[path] = _MISSING if text is None else self._read(path, text)
        content = self._files[path]
        if content is _MISSING:
            if has_default:
                return _MISSING
            if path not in self._missing:
                self._missing.add(path)
                what = "the file cannot be read, and values come from it"
                self._obstacles.lost(place, f"${{file({path})}}", what, "Add the file, or write its values out")
            return Unknown(shown)
        if not address:
            return self.value(content, Place(path))
        return self._walk(content, address.replace("[", ".").replace("]", ""), Place(path))

    def _read(self, path: str, text: str) -> Any:
        if not path.endswith((".yml", ".yaml", ".json")):
            return text.strip()
        try:
            return read(text, path)
        except UnreadableSourceError as error:
            self._obstacles.lost(Place(path), path, error.problems[0].what, error.problems[0].fix)
            return _MISSING

    def _ssm(self, address: str, place: Place) -> Any:
        """Parameter Store: CloudFormation resolves it in each deployment; what is encrypted it hands to no function.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
        """
        name, _, decrypt = address.partition("~")
        if secret := re.fullmatch(r"/aws/reference/secretsmanager/(.+)", name):
            name_, _, key = secret[1].partition(".")
            return "{{resolve:secretsmanager:" + name_ + (f":SecretString:{key}" if key else "") + "}}"
        if decrypt in {"true", "split"} or not re.fullmatch(r"[A-Za-z0-9_./-]+", name):
            what = "is an encrypted parameter, or a list of them, which CloudFormation does not resolve for functions"
            self._obstacles.lost(place, f"${{ssm:{address}}}", what, "Describe it under 'secrets', and read it there")
            return Unknown(f"${{ssm:{address}}}")
        return f"{{{{resolve:ssm:{name}}}}}"

    def _output(self, address: str, place: Place, *, has_default: bool) -> Any:
        """An output of another stack, which Serverless looks up while it deploys."""
        if has_default:
            return _MISSING
        stack, _, output = address.rpartition(".")
        what = f"is the output {output} of the stack {stack}, looked up when Serverless deploys"
        fix = "Write its value, or '!ImportValue NAME' if that stack exports it"
        self._obstacles.lost(place, f"${{cf:{address}}}", what, fix)
        return Unknown(f"${{cf:{address}}}")


def _stage_keys(value: Map, stage: str, below: list[str]) -> set[str]:
    """Keys next to the stage's that hold settings of other stages: a mapping that has the key looked up, or a text."""
    own = value.get(stage)

    def alike(item: object) -> bool:
        if isinstance(own, Map):
            return isinstance(item, Map) and (below[0] in item if below else bool(own.keys() & item.keys()))
        return isinstance(item, str | int)

    return {key for key, item in value.items() if re.fullmatch(r"[A-Za-z][\w-]*", key) and alike(item)}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _closing(text: str, at: int) -> int:
    """The place of the ``}`` that closes a ``${`` before ``at``; 0 when none does."""
    depth = 1
    while at < len(text):
        if text.startswith("${", at):
            depth += 1
            at += 2
            continue
        if text[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    return 0


def _split(inner: str) -> list[str]:
    """The sources of a variable, which commas part: not those inside of quotes, parentheses and other variables."""
    parts, start, depth, quote = [], 0, 0, ""
    for at, sign in enumerate(inner):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "({":
            depth += 1
        elif sign in ")}":
            depth -= 1
        elif sign == "," and not depth:
            parts.append(inner[start:at])
            start = at + 1
    return [*parts, inner[start:]]
