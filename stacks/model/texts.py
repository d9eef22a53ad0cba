"""Rules for single values of a description: what AWS or this project allows, said with its remedy.

A rule is part of an ``Annotated`` type. Pydantic finds it there when a description is read (the two
``__get_pydantic_…__`` methods), and puts the same limit into the JSON Schema, so that an editor reports it
while typing. Nothing here imports pydantic: building and rendering an ``App`` does not need it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from stacks.values import positional_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class Mistake(ValueError):  # noqa: N818 - pydantic catches ValueError; a reader meets a mistake
    """A value that is not allowed: what is wrong with it, and what to write instead."""

    def __init__(self, what: str, fix: str, rule: str = "") -> None:
        """``rule`` is the id of what AWS refuses here, if AWS does (``lint --rules``)."""
        super().__init__(f"{what}. {fix}.")
        self.what, self.fix, self.rule = what, fix, rule


class SingleValue:
    """A rule for a single value: called with it, it returns it or raises ``Mistake``."""

    __slots__ = ()

    def __call__(self, value: Any, /) -> Any:
        """Judge a value of the annotated type."""
        raise NotImplementedError

    @property
    def limits(self) -> dict[str, Any]:
        """The same as keywords of JSON Schema, as far as they can say it."""
        return {}

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # noqa: PLC0415 - only when a description is read

        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), **self.limits}


@positional_value
class Text(SingleValue):
    """A text that matches ``pattern`` as a whole and has at most ``longest`` characters."""

    pattern: str
    what: str
    fix: str
    longest: int = 1024
    rule: str = ""

    def __call__(self, text: str, /) -> str:
        if len(text) > self.longest:
            raise Mistake(f"{text!r} has {len(text)} characters, {self.longest} are allowed", "Shorten it", self.rule)
        if not re.fullmatch(self.pattern, text):
            raise Mistake(f"{text!r} {self.what}", self.fix, self.rule)
        return text

    @property
    def limits(self) -> dict[str, Any]:
        """What JSON Schema says of it: pattern and greatest length."""
        return {"pattern": f"^(?:{self.pattern})$", "maxLength": self.longest}


@positional_value
class Hidden(SingleValue):
    """A secret from the environment that matches ``pattern`` as a whole; no message repeats it."""

    pattern: str
    what: str
    fix: str

    def __call__(self, secret: str, /) -> str:
        if not re.fullmatch(self.pattern, secret):
            raise Mistake(self.what, self.fix)
        return secret

    @property
    def limits(self) -> dict[str, Any]:
        """What JSON Schema says of it: the form of a reference to the environment."""
        return {"pattern": r"^\$\{env:[^}]+\}$"}


@positional_value
class Between(SingleValue):
    """A whole number from ``low`` to ``high``, both allowed; ``unit`` and ``limit_name`` name the limit.

    ``rule`` is the id of what AWS refuses. Where ``low`` is this project's own, higher than AWS's, ``own_low`` says so.
    """

    low: int
    high: int
    unit: str = ""
    limit_name: str = "allowed"
    rule: str = ""
    own_low: bool = False

    def __call__(self, number: int, /) -> int:
        if not self.low <= number <= self.high:
            unit = f" {self.unit}" if self.unit else ""
            side = f"exceeds the {self.high}" if number > self.high else f"is below the {self.low}"
            rule = "" if self.own_low and number < self.low else self.rule
            raise Mistake(f"{number} {side}{unit} {self.limit_name}", f"Use {self.low} to {self.high}", rule)
        return number

    @property
    def limits(self) -> dict[str, Any]:
        """What JSON Schema says of it: the least and the greatest number."""
        return {"minimum": self.low, "maximum": self.high}

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # noqa: PLC0415 - only when a description is read

        return core_schema.no_info_after_validator_function(self, _of_whole_number(handler(source)))


class WholeNumber(SingleValue):
    """No ``true``, which pydantic takes for 1."""

    __slots__ = ()

    def __call__(self, number: Any, /) -> Any:
        if isinstance(number, bool):
            raise Mistake(f"{str(number).lower()} is not a whole number", "Write a whole number")
        return number

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _of_whole_number(handler(source))


def _of_whole_number(schema: CoreSchema) -> CoreSchema:
    from pydantic_core import core_schema  # noqa: PLC0415 - only when a description is read

    return core_schema.no_info_before_validator_function(WholeNumber(), schema)


@positional_value
class ShortFor:
    """A shorter way to write a value: ``rewrite`` turns it into the long one; ``types`` are its JSON types."""

    rewrite: Callable[[Any], Any]
    types: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # noqa: PLC0415 - only when a description is read

        return core_schema.no_info_before_validator_function(self.rewrite, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), *({"type": name} for name in self.types)]}


def _switched(value: object) -> Any:
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


def _digits(value: object) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Switch = ShortFor(_switched, ("boolean",))
"""``false`` leaves an optional part out, ``true`` takes it with its defaults."""


def _plain(value: object) -> Any:
    return {} if value is True else value


Plain = ShortFor(_plain, ("boolean",))
"""``true`` takes a part with its defaults. It is left out by not naming it, so ``false`` is a mistake."""


as_digits = ShortFor(_digits, ("integer",))
"""Digits may be written without quotes."""


@positional_value
class OneOrMore(ShortFor):
    """A list that may be written as one value, or as a mapping from paths to values."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        several = handler(schema)
        item = several["items"]
        entry = {"anyOf": [item, {"type": "string"}]}
        by_path = {"type": "object", "propertyNames": {"pattern": "^/"}, "additionalProperties": entry}
        return {"anyOf": [item, {"type": "string"}, {"type": "array", "items": entry}, by_path]}


def one_or_more(short: str, key: str, *others: str) -> OneOrMore:
    """``a``, ``{short: a}``, ``[a, {short: b}]`` or ``{/path: a}``, where the keys are values of ``key``.

    ``others`` are the other fields: what resembles one is a field written wrongly, not a key.
    """

    def is_key(name: str) -> bool:
        if name.startswith("/"):
            return True
        from difflib import get_close_matches  # noqa: PLC0415 - for mistakes

        return not get_close_matches(name, (short, key, *others))

    def long(value: object) -> Any:
        return {short: value} if isinstance(value, str) else value

    def listed(value: object) -> Any:
        if value is None:
            return ()
        if isinstance(value, Mapping) and value and all(is_key(str(name)) for name in value):
            items = ((name, long(item)) for name, item in value.items() if item is not None)
            return [{**item, key: name} if isinstance(item, Mapping) else item for name, item in items]
        return [long(item) for item in value] if isinstance(value, list | tuple) else [long(value)]

    return OneOrMore(listed, ("string", "array", "object"))


single = ShortFor(lambda value: (value,) if isinstance(value, str) else value, ("string",))
"""A list of texts may be written as its only one."""


def short_for(field: str) -> ShortFor:
    """A text instead of a mapping stands for the mapping's ``field``."""
    return ShortFor(lambda value: {field: value} if isinstance(value, str) else value, ("string",))


def _words(what: str, longest: int) -> Text:
    fix = "Use lower-case letters, digits and single hyphens, starting with a letter"
    return Text(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", f"is not a valid {what}", fix, longest)


_METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY"
_PART = r"(?:[A-Za-z0-9._:-]+|\{[A-Za-z0-9._-]+\})"

AppName = Annotated[str, _words("application name", 20)]
StageName = Annotated[str, _words("stage name", 10)]
Name = Annotated[str, _words("name", 30)]
_TAG = r"[A-Za-z0-9_.:/=+@-](?:[A-Za-z0-9 _.:/=+@-]*[A-Za-z0-9_.:/=+@-])?"
# What every service takes of https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html;
# IAM compares keys without regard to case.
TagKey = Annotated[
    str,
    Text(
        rf"(?![aA][wW][sS]:)(?!(?:[aA][pP][pP]|[sS][tT][aA][gG][eE]|[sS][tT][aA][cC][kK])$){_TAG}",
        "is not a tag of your own",
        "Use letters, digits, spaces and _.:/=+@-, none of app, stage, stack, and nothing that begins with aws:",
        128,
        "TAGS",
    ),
]
TagValue = Annotated[
    str,
    Text(_TAG, "is not a value of a tag", "Use letters, digits, spaces inside and _.:/=+@-", 256, "TAGS"),
    as_digits,
]
AccountId = Annotated[
    str,
    Text(r"\d{12}", "is not an AWS account id", 'Write its 12 digits in quotes, as "123456789012"'),
    as_digits,
]
EmailAddress = Annotated[
    str, Text(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", "is not an e-mail address", "Write one such as team@example.com", 254)
]
RegionName = Annotated[
    str, Text(r"[a-z]{2,4}(?:-[a-z]+)+-\d", "is not an AWS region", "Write one such as eu-west-1", rule="REGION")
]
AttributeName = Annotated[
    str, Text(r"[^\0]+", "is not an attribute name", "Write 1 to 255 characters", 255, "TABLE-ATTRIBUTE-NAME")
]
FolderPath = Annotated[
    str,
    Text(
        r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\\0]*[^\\\0/]",
        "is not a folder inside the project",
        "Write it relative to app.yaml, with '/' and without '..' or a closing '/'",
    ),
]
PackedPath = Annotated[
    str,
    Text(
        r"(?!/)(?!(?:.*/)?\.{0,2}(?:/|$))[^\\\0]+",
        "names nothing inside the source",
        "Write a file or folder as seen from 'source', such as flaskr or config.py",
    ),
]
CodePath = Annotated[
    str,
    Text(
        r"(?!/)(?!(?:.*/)?\.\.(?:/|$))(?:[^\\\0:/]+/)*[A-Za-z_]\w*\.py:[A-Za-z_]\w*(?:\([^\n]*\))?",
        "does not name code",
        "Write folder/file.py:name, relative to app.yaml",
    ),
]
HandlerPath = Annotated[
    str,
    Text(
        r"(?!/)(?!(?:.*/)?\.\.(?:/|$))(?:[^\\\0:/]+/)*"
        r"(?:[A-Za-z_]\w*\.py:[A-Za-z_]\w*(?:\([^\n]*\))?|[A-Za-z0-9_-]+\.[mc]?js:[A-Za-z_]\w*)",
        "does not name code",
        "Write folder/file.py:name or folder/file.mjs:name, relative to app.yaml; of TypeScript what your build writes",
    ),
]
UrlPath = Annotated[
    str,
    Text(
        r"/|(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+",
        "is not a path of the site",
        "Start with '/', close without one, and use letters, digits, '.', '_' and '-'",
        200,
    ),
]
EnvironmentName = Annotated[
    str,
    Text(
        r"[A-Za-z][A-Za-z0-9_]+",
        "is not an environment variable that Lambda takes",
        "Use letters, digits and '_', at least two, starting with a letter",
        rule="FN-VARIABLES",
    ),
]
Route = Annotated[
    str,
    # AWS::ApiGateway::Resource PathPart: a literal, {name}, or the greedy {name+} as the last part.
    Text(
        rf"(?:{_METHODS}) /(?:{_PART}/)*(?:{_PART}|\{{[A-Za-z0-9._-]+\+\}})?",
        "is not a route",
        "Write METHOD /path, as 'GET /notes/{id}' or 'ANY /{proxy+}'",
        rule="API-PATH-PART",
    ),
]


def shape(path: str) -> str:
    """A path without the names of its parameters and without a closing slash: ``/notes/{id}/`` → ``/notes/{}``.

    API Gateway takes paths of one shape for the same.
    """
    return re.sub(r"\{[^}+]*(\+?)\}", r"{\1}", path).rstrip("/") or "/"


def split_route(route: str) -> tuple[str, str]:
    """``GET /notes/{id}`` as method and path."""
    method, _, path = route.partition(" ")
    return method, path
