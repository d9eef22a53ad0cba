"""What a rule is, what it sees, and what it says.

A rule is a function over rendered stacks that yields ``Hit``s; the decorator ``rule`` adds its id, why it matters, how
to correct it and where that is documented. Rules are pure, read plain data only, and must bear any template: what is
not where it should be, or is an intrinsic function they cannot read, is passed over. ::

    @rule("TEAM-TAG", why="costs are allocated by team", fix="Add the tag 'team'", source="https://wiki.example.com/tags")
    def buckets_name_their_team(stacks: Stacks) -> Iterator[Hit]:
        for bucket in stacks.of("AWS::S3::Bucket"):
            if "team" not in bucket.tags:
                yield bucket.hit("Tags", "has no tag 'team'")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from stacks.checks.values import text
from stacks.json_types import at, items, mapping
from stacks.values import value

if TYPE_CHECKING:
    from stacks.json_types import JsonObject, Properties, TemplateData

Grade: TypeAlias = Literal["refused", "advice"]
"""How bad a finding is: AWS is known to refuse the template, or AWS takes it and somebody may regret it."""


class JudgedStack(Protocol):
    """A stack to judge; ``stacks.template.rendered.Rendered`` is one."""

    @property
    def stack(self) -> str:
        """What findings call it."""

    @property
    def region(self) -> str:
        """Where it is deployed."""

    @property
    def template(self) -> TemplateData:
        """The template as plain data."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """Values of template parameters, as far as they are known before deploying."""


@value
class Template:
    """A template that was not made here, to be judged by the same rules."""

    stack: str
    region: str
    template: TemplateData
    parameters: Mapping[str, str] = field(default_factory=dict)


@value
class Hit:
    """A place where a rule does not hold, and what is wrong there (no closing full stop)."""

    stack: str
    logical_id: str
    path: str
    what: str
    part: str = ""
    """What suppressions name it by, in addition to the logical id: ``GET /notes`` of an API."""


@value
class Resource:
    """A resource of one of the stacks."""

    stack: str
    region: str
    id: str
    type: str
    properties: Properties
    body: JsonObject

    def at(self, *path: str | int) -> Any:
        """The property there, None when something on the way is not."""
        return at(self.properties, *path)

    def hit(self, path: str, what: str, *, part: str = "") -> Hit:
        """A finding at a property of this resource, or of a ``part`` of it that suppressions name by itself."""
        return Hit(stack=self.stack, logical_id=self.id, path=path, what=what, part=part)

    @property
    def tags(self) -> list[str]:
        """The keys of its tags, from the list or mapping its type uses."""
        results: list[str] = []
        for name in ("Tags", "UserPoolTags", "HostedZoneTags"):
            tags = self.properties.get(name)
            results += (
                tags if isinstance(tags, Mapping) else (text(mapping(tag).get("Key")) or "" for tag in items(tags))
            )
        return results


class Stacks:
    """The stacks of one stage, as rules see them."""

    def __init__(self, targets: Iterable[JudgedStack]) -> None:
        self.targets = tuple(targets)
        self.resources = tuple(resource for target in self.targets for resource in _resources(target))

    def of(self, *types: str) -> Iterator[Resource]:
        """Every resource of these types."""
        return (resource for resource in self.resources if resource.type in types)

    def meant(self, reference: object, user: Resource, kind: str) -> Resource | None:
        """The resource of type ``kind`` that a ``Ref`` or ``Fn::GetAtt`` of ``user``'s stack means, if it is one."""
        name = (text(reference) or "").removeprefix("${").removesuffix("}").partition(".")[0]
        here = (resource for resource in self.of(kind) if resource.stack == user.stack and resource.id == name)
        return next(here, None)


def _resources(target: JudgedStack) -> Iterator[Resource]:
    for name, body in mapping(target.template.get("Resources")).items():
        if isinstance(body, Mapping):
            yield Resource(
                stack=target.stack,
                region=target.region,
                id=name,
                type=str(body.get("Type")),
                properties=mapping(body.get("Properties")),
                body=body,
            )


@value
class Rule:
    """A rule: its function, and what to report when it does not hold. Texts carry no closing full stop."""

    id: str
    why: str
    fix: str
    source: str
    find: Callable[[Stacks], Iterable[Hit]]
    grade: Grade = "advice"

    def __call__(self, stacks: Stacks) -> Iterable[Hit]:
        return self.find(stacks)


_Decorator: TypeAlias = Callable[[Callable[[Stacks], Iterable[Hit]]], Rule]


def rule(id: str, *, why: str, fix: str, source: str, grade: Grade = "advice") -> _Decorator:  # noqa: A002 - what it is
    """Make a rule of a function; ``source`` is the address of the page that documents the fact behind it.

    >>> page = "https://example.com/naming"
    >>> @rule("TEAM-NAMES", why="nobody knows whose costs it causes", fix="Add the tag 'team'", source=page)
    ... def buckets_have_a_team(stacks):
    ...     buckets = stacks.of("AWS::S3::Bucket")
    ...     return [bucket.hit("Tags", "have no team") for bucket in buckets if "team" not in bucket.tags]
    >>> buckets_have_a_team.id, buckets_have_a_team.grade
    ('TEAM-NAMES', 'advice')
    """
    return lambda find: Rule(id=id, why=why, fix=fix, source=source, find=find, grade=grade)


def refusal(id: str, *, why: str, fix: str, source: str) -> _Decorator:  # noqa: A002 - what it is
    """Make a rule of a function that finds what AWS refuses: such a finding always fails and cannot be suppressed."""
    return rule(id, why=why, fix=fix, source=source, grade="refused")
