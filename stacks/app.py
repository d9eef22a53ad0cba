"""The description of an application: one frozen, typed value.

``app.yaml`` and Python build the same ``App``. The sections ``base``, ``data``, ``backend`` and
``frontend`` hold what all stages share; a stage may override any part of them. After ``stacks.loading``
each ``Stage`` is complete: it carries the sections as they are for that stage, and nothing is looked up later.

The values are dataclasses of the standard library; pydantic reads descriptions into them (``stacks.loading``).
So rendering an ``App`` does not wait for pydantic, which costs more than all of troposphere.

This module knows shapes and the limits of single values. What needs two places to be compared
(a route twice, a table that is not described) is in ``stacks.consistency``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, TypeVar, dataclass_transform

from stacks.texts import (
    AccountId,
    AppName,
    AttributeName,
    Between,
    CodePath,
    EnvironmentName,
    FolderPath,
    Mistake,
    Name,
    RegionName,
    Route,
    StageName,
    Switch,
    Text,
    UrlPath,
    short_for,
)

_T = TypeVar("_T")

Access = Literal["read", "write", "read-write"]
Architecture = Literal["arm64", "x86_64"]
Runtime = Literal["python3.11", "python3.12", "python3.13", "python3.14"]
LogRetention = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
"""Days that CloudWatch Logs can keep a group (RetentionInDays of AWS::Logs::LogGroup)."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def _value(cls: type[_T]) -> type[_T]:
    return dataclass(frozen=True, kw_only=True)(cls)


class _Described:
    """What pydantic is to know of a class when it reads a description: unknown keys are refused."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "use_attribute_docstrings": True}


@_value
class Vpc(_Described):
    """A private network without a way in: subnets in two or three zones, S3 and DynamoDB by gateway endpoints."""

    cidr: Annotated[
        str,
        Text(r"\d{1,3}(?:\.\d{1,3}){3}/16", "is no /16 network", "Write a private one such as 10.0.0.0/16"),
    ] = "10.0.0.0/16"
    """The network's addresses; each zone gets a sixteenth of them."""
    zones: Annotated[int, Between(2, 3)] = 2
    """Availability zones, each with one private subnet."""


@_value
class Base(_Described):
    """What a stage needs of its account: audit trail, network, buckets for logs and code, shared rights."""

    trail: bool = True
    """Record every API call of the account in all regions (CloudTrail). The first trail of an account is free;
    say false in all but one stage of an account."""
    vpc: Annotated[Vpc | None, Switch] = Vpc()
    """The network and its flow logs; false leaves both out."""
    api_gateway_logs: bool = True
    """Own API Gateway's log role, which is one per account and region; say false in all but one stage of them."""


@_value
class Key(_Described):
    """A key attribute of a table: ``owner``, or ``{name: created, type: N}``."""

    name: AttributeName
    type: Literal["S", "N", "B"] = "S"
    """String, number or binary."""


@_value
class Table(_Described):
    """A DynamoDB table: on demand, encrypted, restorable to any second of 35 days, protected from deletion."""

    partition_key: Annotated[Key, short_for("name")]
    sort_key: Annotated[Key | None, short_for("name")] = None
    expires: AttributeName | None = None
    """The attribute that holds the time an item expires, in seconds since 1970 (TTL)."""
    max_read_units: Annotated[int, Between(1, 40_000)] = 1000
    """Read request units per second at most: a ceiling for the bill."""
    max_write_units: Annotated[int, Between(1, 40_000)] = 1000
    """Write request units per second at most."""


@_value
class Users(_Described):
    """A Cognito user pool: people sign in with their e-mail address."""

    self_sign_up: bool = False
    """Let anyone create an account; otherwise only an administrator does."""
    mfa: Literal["off", "optional", "required"] = "optional"
    """A second factor by authenticator app (TOTP)."""
    password_length: Annotated[int, Between(12, 99, "characters")] = 14
    """The fewest characters of a password; it also needs a letter of either case, a digit and a symbol."""


@_value
class Data(_Described):
    """What cannot be made again: tables and users."""

    tables: Mapping[Name, Table] = field(default_factory=dict)
    users: Annotated[Users | None, Switch] = None
    """The people who sign in; false, the default, makes no user pool."""


@_value
class Function(_Described):
    """A Lambda function. Exactly one of ``wsgi`` and ``handler`` says what runs."""

    wsgi: CodePath | None = None
    """A WSGI application, as ``lambda_src/web/app.py:app``; it needs no change to run."""
    handler: CodePath | None = None
    """A handler, as ``lambda_src/api/notes.py:list_notes``."""
    source: FolderPath | None = None
    """The folder that is packaged; the folder of the file when not given."""
    routes: tuple[Route, ...] = ()
    """What it answers: ``GET /api/notes/{id}``, ``ANY /{proxy+}``. A WSGI application answers everything by default."""
    auth: Literal["users"] | None = None
    """Who may call the routes: ``users`` asks for a token of the stage's user pool."""
    public: bool = False
    """Anyone may call the routes. A function with routes says this or ``auth``."""
    tables: Mapping[Name, Access] = field(default_factory=dict)
    """The tables it uses, and how."""
    secrets: tuple[Name, ...] = ()
    """The secrets it reads."""
    environment: Mapping[EnvironmentName, str] = field(default_factory=dict)
    memory: Annotated[int, Between(128, 10240, "MB", "Lambda allows")] = 512
    """MB; processor share grows with it."""
    timeout: Annotated[int, Between(1, 900, "s", "Lambda allows")] = 15
    """Seconds; a route has to answer within 29."""
    runtime: Runtime = "python3.14"
    architecture: Architecture = "arm64"

    def __post_init__(self) -> None:
        if (self.wsgi is None) == (self.handler is None):
            found = "neither 'wsgi' nor 'handler'" if self.wsgi is None else "both 'wsgi' and 'handler'"
            raise Mistake(f"has {found}", "Say one: 'wsgi: folder/file.py:app' or 'handler: folder/file.py:function'")
        if not self.entry_file.startswith(f"{self.folder}/"):
            raise Mistake(f"{self.entry_file} is not inside 'source' {self.folder}", "Name a folder that holds it")
        if self.public and self.auth:
            raise Mistake("is both 'public' and behind 'auth'", "Say one of the two")

    @property
    def entry_file(self) -> str:
        """The file that holds the application or handler, from the project's root."""
        return (self.wsgi or self.handler or "").rpartition(":")[0]

    @property
    def entry(self) -> tuple[str, str]:
        """What is imported: the module, as seen from the folder, and the name in it."""
        file, _, attribute = (self.wsgi or self.handler or "").rpartition(":")
        module = file.removeprefix(f"{self.folder}/").removesuffix(".py").removesuffix("/__init__")
        return module.replace("/", "."), attribute

    @property
    def folder(self) -> str:
        """The folder that is packaged, from the project's root."""
        return self.source or self.entry_file.rpartition("/")[0]

    @property
    def all_routes(self) -> tuple[Route, ...]:
        """The routes, with the catch-all of a WSGI application that names none."""
        return self.routes or (("ANY /", "ANY /{proxy+}") if self.wsgi else ())


@_value
class Secret(_Described):
    """A secret in Secrets Manager that CloudFormation generates once; nobody has to see it."""

    length: Annotated[int, Between(32, 4096, "characters")] = 64
    """Letters and digits."""


@_value
class Api(_Described):
    """The REST API in front of the functions."""

    rate: Annotated[int, Between(1, 10_000)] = 100
    """Requests per second over all callers; more get 429."""
    burst: Annotated[int, Between(1, 5_000)] = 200
    """Requests at one moment."""


@_value
class Backend(_Described):
    """What computes: functions behind one API."""

    functions: Mapping[Name, Function] = field(default_factory=dict)
    secrets: Mapping[Name, Annotated[Secret, Switch]] = field(default_factory=dict)
    api: Api = Api()


@_value
class Site(_Described):
    """A built single-page application; paths that are no file are answered by its index.html."""

    folder: FolderPath
    """The folder of built files, with an index.html."""
    path: UrlPath = "/"
    """Where it stands on the site. Anywhere but at ``/`` the API answers the rest."""


@_value
class Waf(_Described):
    """A web ACL in front of the site: bad addresses, known attacks, and a rate limit."""

    rate_limit: Annotated[int, Between(10, 2_000_000_000, "requests")] = 2000
    """Requests per address in five minutes; more are blocked."""


@_value
class Frontend(_Described):
    """What browsers reach: a private bucket and the API behind one CloudFront distribution."""

    site: Annotated[Site | None, short_for("folder")] = None
    """The single-page application; a text is its folder."""
    static: FolderPath | None = None
    """The static files of the Flask application, served at /static from the bucket."""
    waf: Annotated[Waf | None, Switch] = Waf()
    """The web ACL, about 9 USD a month and 0.60 USD for a million requests; false leaves it out."""
    price_class: Literal["100", "200", "all"] = "100"
    """Where CloudFront answers: Europe and North America (100), plus Asia, Africa and the Gulf (200), everywhere."""


@_value
class Sections(_Described):
    """The four sections of a description, one for each stack."""

    base: Base = Base()
    data: Data = Data()
    backend: Backend = Backend()
    frontend: Frontend = Frontend()
    log_retention_days: LogRetention = 365
    """How long log groups keep what they hold."""


@_value
class Stage(Sections):
    """One deployment of the application: its account and region, and the sections as they are there."""

    name: StageName
    """The key it stands under in ``stages``."""
    region: RegionName
    account: AccountId | None = None
    """The AWS account, 12 digits. When given, deploying with credentials of another account is refused."""


@_value
class App(_Described):
    """A whole application: its name, and its stages."""

    name: AppName
    stages: Mapping[StageName, Stage]

    def __post_init__(self) -> None:
        if not self.stages:
            raise Mistake("has no stages", "Add one, as 'stages: {dev: {region: eu-west-1}}'")
