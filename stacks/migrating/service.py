"""An application as any framework describes it, before it becomes a description: functions, what calls them, settings.

Each framework's reader fills these in; ``assembly`` turns them into the sections of app.yaml. Values may hold
CloudFormation functions, and refer to resources by the framework's own logical ids; ``references`` translates those.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.json_types import JsonDict, JsonObject
    from stacks.migrating.located import Place

AuthKind = str
"""``public``, ``users``, ``iam``, or the name of one of the service's authorizers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigratedRoute:
    """A method and path of an API."""

    method: str
    path: str
    place: Place
    auth: AuthKind = "public"
    api_key: bool = False
    scopes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As a description writes it: ``GET /notes/{id}``."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """Something that calls a function: a table, bucket or queue of the service, by its logical id or by an ARN."""

    kind: Literal["table", "queue", "bucket", "topic"]
    value: Any
    """A bucket's name, or an ARN: text or CloudFormation function."""
    place: Place
    settings: JsonObject = field(default_factory=dict)
    """Properties of AWS::Lambda::EventSourceMapping; of a bucket the ``events`` and ``rules``."""


@dataclass(slots=True, kw_only=True)
class MigratedFunction:
    """A function: its code, its settings in our words, and what calls it."""

    key: str
    """Its name in the source."""
    place: Place
    name: str = ""
    """Its name in app.yaml."""
    entry: JsonDict = field(default_factory=dict)
    """``handler``, ``wsgi`` or ``asgi``, with ``source`` and ``only``."""
    options: JsonDict = field(default_factory=dict)
    """What else is said of it, with the keys of app.yaml."""
    environment: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    statements: list[tuple[Any, Place]] = field(default_factory=list)
    managed: list[tuple[Any, Place]] = field(default_factory=list)
    """Managed policies: ARNs or names."""
    role: tuple[Any, Place] | None = None
    """The role it runs as, when the source names one."""
    routes: list[MigratedRoute] = field(default_factory=list)
    schedules: list[tuple[Any, Place]] = field(default_factory=list)
    """Expressions of EventBridge, or mappings with ``at`` and ``zone``."""
    buses: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    """Buses, and the pattern of events that it gets."""
    sources: list[EventSource] = field(default_factory=list)
    overrides: JsonDict = field(default_factory=dict)
    """Properties of the Lambda function that app.yaml has no words for."""


@dataclass(slots=True, kw_only=True)
class MigratedAuthorizer:
    """A judge of requests: one of the functions, or an issuer of tokens."""

    place: Place
    function: str = ""
    """A function's key in the source."""
    issuer: str = ""
    audience: tuple[str, ...] = ()
    keep: int = 300


@dataclass(slots=True, kw_only=True)
class Service:
    """A whole application, in one stage."""

    name: str
    place: Place
    region: str = "us-east-1"
    stage: str = ""
    """The stage's name in the source."""
    functions: dict[str, MigratedFunction] = field(default_factory=dict)
    authorizers: dict[str, MigratedAuthorizer] = field(default_factory=dict)
    resources: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    """CloudFormation resources by logical id."""
    outputs: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    conditions: JsonObject = field(default_factory=dict)
    mappings: JsonObject = field(default_factory=dict)
    parameters: JsonObject = field(default_factory=dict)
    """Parameters with the value that each has."""
    api: JsonDict = field(default_factory=dict)
    """``backend.api`` as far as it is known."""
    cors: list[tuple[Any, Place]] = field(default_factory=list)
    """What its routes say of other origins."""
    base: JsonDict = field(default_factory=dict)
    frontend: JsonDict = field(default_factory=dict)
    top: JsonDict = field(default_factory=dict)
    """``tags``, ``log_retention_days`` and what else is at the top."""
    backend: JsonDict = field(default_factory=dict)
    """``shared_requirements`` and other settings of the backend."""
    site_folder: str = ""
    """The folder of built files that a plugin publishes."""
    function_id: Callable[[str], str] = lambda key: key
    """A function's logical id in the framework's template, by its key."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Logical ids that the framework makes up → ``api`` for the API itself."""
    needed: dict[str, str] = field(default_factory=dict)
    """Environment variables that values are taken from → what they are when not set."""
