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
from dataclasses import field
from typing import Annotated, Literal

from stacks.app_backend import Access, Api, Backend, Function, Secret
from stacks.described import Described, value
from stacks.texts import (
    AccountId,
    AppName,
    AttributeName,
    Between,
    FolderPath,
    Mistake,
    Name,
    RegionName,
    StageName,
    Switch,
    Text,
    UrlPath,
    short_for,
)

__all__ = [
    "Access",
    "Api",
    "App",
    "Backend",
    "Base",
    "Bucket",
    "Data",
    "Frontend",
    "Function",
    "Key",
    "Secret",
    "Site",
    "Stage",
    "Table",
    "Users",
    "Vpc",
    "Waf",
]
LogRetention = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
"""Days that CloudWatch Logs can keep a group (RetentionInDays of AWS::Logs::LogGroup)."""


@value
class Vpc(Described):
    """A private network without a way in: subnets in two or three zones, S3 and DynamoDB by gateway endpoints."""

    cidr: Annotated[
        str,
        Text(r"\d{1,3}(?:\.\d{1,3}){3}/16", "is no /16 network", "Write a private one such as 10.0.0.0/16"),
    ] = "10.0.0.0/16"
    """The network's addresses; each zone gets a sixteenth of them."""
    zones: Annotated[int, Between(2, 3)] = 2
    """Availability zones, each with one private subnet."""


@value
class Base(Described):
    """What a stage needs of its account: audit trail, network, buckets for logs and code, shared rights."""

    trail: bool = True
    """Record every API call of the account in all regions (CloudTrail). The first trail of an account is free;
    say false in all but one stage of an account."""
    vpc: Annotated[Vpc | None, Switch] = Vpc()
    """The network and its flow logs; false leaves both out."""
    api_gateway_logs: bool = True
    """Own API Gateway's log role, which is one per account and region; say false in all but one stage of them."""


@value
class Key(Described):
    """A key attribute of a table: ``owner``, or ``{name: created, type: N}``."""

    name: AttributeName
    type: Literal["S", "N", "B"] = "S"
    """String, number or binary."""


@value
class Table(Described):
    """A DynamoDB table: on demand, encrypted, restorable to any second of 35 days, protected from deletion."""

    partition_key: Annotated[Key, short_for("name")]
    sort_key: Annotated[Key | None, short_for("name")] = None
    expires: AttributeName | None = None
    """The attribute that holds the time an item expires, in seconds since 1970 (TTL)."""
    max_read_units: Annotated[int, Between(1, 40_000)] = 1000
    """Read request units per second at most: a ceiling for the bill."""
    max_write_units: Annotated[int, Between(1, 40_000)] = 1000
    """Write request units per second at most."""


@value
class Users(Described):
    """A Cognito user pool: people sign in with their e-mail address."""

    self_sign_up: bool = False
    """Let anyone create an account; otherwise only an administrator does."""
    mfa: Literal["off", "optional", "required"] = "optional"
    """A second factor by authenticator app (TOTP)."""
    password_length: Annotated[int, Between(12, 99, "characters")] = 14
    """The fewest characters of a password; it also needs a letter of either case, a digit and a symbol."""


@value
class Bucket(Described):
    """A private bucket for files that functions read and write: encrypted, versioned, retained."""

    expire_after: Annotated[int, Between(1, 36_500, "days")] | None = None
    """Days after which a file is deleted; None keeps it."""


@value
class Data(Described):
    """What cannot be made again: tables, files and users."""

    tables: Mapping[Name, Table] = field(default_factory=dict)
    buckets: Mapping[Name, Annotated[Bucket, Switch]] = field(default_factory=dict)
    users: Annotated[Users | None, Switch] = None
    """The people who sign in; false, the default, makes no user pool."""


@value
class Site(Described):
    """A built single-page application; paths that are no file are answered by its index.html."""

    folder: FolderPath
    """The folder of built files, with an index.html."""
    path: UrlPath = "/"
    """Where it stands on the site. Anywhere but at ``/`` the API answers the rest."""


@value
class Waf(Described):
    """A web ACL in front of the site: bad addresses, known attacks, and a rate limit."""

    rate_limit: Annotated[int, Between(10, 2_000_000_000, "requests")] = 2000
    """Requests per address in five minutes; more are blocked."""


@value
class Frontend(Described):
    """What browsers reach: a private bucket and the API behind one CloudFront distribution."""

    site: Annotated[Site | None, short_for("folder")] = None
    """The single-page application; a text is its folder."""
    static: FolderPath | None = None
    """The static files of the Flask application, served at /static from the bucket."""
    waf: Annotated[Waf | None, Switch] = Waf()
    """The web ACL, about 9 USD a month and 0.60 USD for a million requests; false leaves it out."""
    price_class: Literal["100", "200", "all"] = "100"
    """Where CloudFront answers: Europe and North America (100), plus Asia, Africa and the Gulf (200), everywhere."""


@value
class Sections(Described):
    """The four sections of a description, one for each stack."""

    base: Base = Base()
    data: Data = Data()
    backend: Backend = Backend()
    frontend: Frontend = Frontend()
    log_retention_days: LogRetention = 365
    """How long log groups keep what they hold."""


@value
class Stage(Sections):
    """One deployment of the application: its account and region, and the sections as they are there."""

    name: StageName
    """The key it stands under in ``stages``."""
    region: RegionName
    account: AccountId | None = None
    """The AWS account, 12 digits. When given, deploying with credentials of another account is refused."""


@value
class App(Described):
    """A whole application: its name, and its stages."""

    name: AppName
    stages: Mapping[StageName, Stage]

    def __post_init__(self) -> None:
        if not self.stages:
            raise Mistake("has no stages", "Add one, as 'stages: {dev: {region: eu-west-1}}'")
