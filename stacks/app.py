"""The description of an application: one frozen, typed value.

``app.yaml`` and Python build the same ``App``. The sections ``base``, ``data``, ``backend`` and
``frontend`` hold what all stages share; a stage may override any part of them. After ``stacks.loading``
each ``Stage`` is complete: it carries the sections as they are for that stage, and nothing is looked up later.

The values are dataclasses of the standard library; pydantic reads descriptions into them (``stacks.loading``).
So rendering an ``App`` does not wait for pydantic, which costs more than all of troposphere.

This module knows shapes and the limits of single values. What needs two places to be compared
(a route twice, a table that is not described) is in ``stacks.description.consistency``.

    >>> from stacks import App, Backend, Base, Data, Frontend, Stage
    >>> from stacks.app import Function, Table
    >>> data = Data(tables={"orders": Table(partition_key="id")})
    >>> backend = Backend(functions={"web": Function(handler="web.py:main", routes=("GET /",), public=True)})
    >>> sections = {"base": Base(), "data": data, "backend": backend, "frontend": Frontend()}
    >>> app = App(name="shop", stages={"dev": Stage(name="dev", region="eu-west-1", **sections)})
    >>> app.stages["dev"].app_name, app.stages["dev"].backend.functions["web"].memory
    ('shop', 512)

Raises:
    ValueError: from each class, for a value that is not allowed (``stacks.model.texts.Mistake``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Annotated, ClassVar, Literal

from stacks.kinds.buckets.model import Bucket
from stacks.kinds.buses.model import Bus
from stacks.kinds.databases.model import Database
from stacks.kinds.queues.model import Queue
from stacks.kinds.secrets.model import Secret
from stacks.kinds.senders.model import Sender
from stacks.kinds.tables.model import Capacity, Expiry, GlobalIndex, Import, Key, LocalIndex, Scale, Table
from stacks.kinds.topics.model import Topic
from stacks.kinds.users.model import Attribute, Client, EmailSettings, Provider, SignInDomain, Users
from stacks.kinds.users.model.credentials import Credentials
from stacks.kinds.workflows.model import Workflow
from stacks.model.access import Access
from stacks.model.alarms import AppAlarms
from stacks.model.api import Api, ApiDomain, Authorizer, Cors, FunctionUrl
from stacks.model.audit import Alarms, Budget, ObjectLock, Trail
from stacks.model.auth import Auth, Tokens
from stacks.model.backend import Backend, Events, Function
from stacks.model.base import Base, Ci, Pipelines
from stacks.model.ci import Bitbucket
from stacks.model.data import Backup, Data
from stacks.model.described import Described
from stacks.model.extension import Hooks, OwnStack, StackKey
from stacks.model.frontend import BasicAuth, Countries, Csp, Domain, Frontend, Site, Waf
from stacks.model.given_template import GivenTemplate, LocalFile
from stacks.model.moved import Moved
from stacks.model.network import Vpc
from stacks.model.schedules import Schedule
from stacks.model.settings import Setting
from stacks.model.texts import (
    AccountId,
    AppName,
    Mistake,
    RegionName,
    StageName,
    Switch,
    TagKey,
    TagValue,
    WholeNumber,
    short_for,
)
from stacks.values import value

__all__ = [
    "Access",
    "Alarms",
    "Api",
    "ApiDomain",
    "App",
    "AppAlarms",
    "Attribute",
    "Auth",
    "Authorizer",
    "Backend",
    "Backup",
    "Base",
    "BasicAuth",
    "Bitbucket",
    "Bucket",
    "Budget",
    "Bus",
    "Capacity",
    "Ci",
    "Client",
    "Cors",
    "Countries",
    "Credentials",
    "Csp",
    "Data",
    "Database",
    "Domain",
    "EmailSettings",
    "Events",
    "Expiry",
    "Frontend",
    "Function",
    "FunctionUrl",
    "GivenTemplate",
    "GlobalIndex",
    "Import",
    "Key",
    "LocalFile",
    "LocalIndex",
    "ObjectLock",
    "OwnStack",
    "Pipelines",
    "Provider",
    "Queue",
    "Scale",
    "Schedule",
    "Secret",
    "Sender",
    "Setting",
    "SignInDomain",
    "Site",
    "Stage",
    "Table",
    "Tokens",
    "Topic",
    "Trail",
    "Users",
    "Vpc",
    "Waf",
    "Workflow",
]
_Retention = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
LogRetention = Annotated[_Retention, WholeNumber()]
"""Days that CloudWatch Logs can keep a group (RetentionInDays of AWS::Logs::LogGroup)."""


@value
class Sections(Described):
    """The four sections of a description, one for each stack."""

    base: Base = Base()
    data: Data = Data()
    backend: Backend = Backend()
    frontend: Frontend = Frontend()
    tags: Mapping[TagKey, TagValue] = field(default_factory=dict)
    """Tags of your own on every resource that takes some, in addition to ``app``, ``stage``, ``stack``: at most 40."""
    log_retention_days: LogRetention = 365
    """How long log groups keep what they hold."""
    alarms: Annotated[AppAlarms | None, Switch, short_for("email")] = None
    """Notify an address when functions, the API, queues or tables fail, as ``alarms: team@example.com``."""
    extend: Mapping[StackKey, Hooks] = field(default_factory=dict)
    """Python functions that change a generated template, by stack: ``backend: infra/alarms.py:add``. Each is called as
    ``add(template, app, stage)`` with the troposphere template, and returns nothing."""
    stacks: Mapping[StackKey, OwnStack] = field(default_factory=dict)
    """Stacks of your own, by name, deployed in the order of what they read."""
    moved: Moved = field(default_factory=dict)
    """What was renamed: ``data.tables.notes: data.tables.memos`` keeps the table of before, with its data, under the
    new name. Its names in AWS stay the old ones. For what holds data, or is known by its id."""


@value
class Stage(Sections):
    """One deployment of the application: its account and region, and its sections."""

    name: StageName
    """Its key in ``stages``."""
    app_name: str = ""
    """The name of the application it belongs to, which ``App`` sets; a description does not have it."""
    region: RegionName
    account: AccountId | None = None
    """The AWS account, 12 digits. When given, deploying with credentials of another account is refused."""
    preview_of: StageName | None = None
    """The stage that a preview is made from, which loading sets; a description does not have it."""
    bounded_by: StageName | None = None
    """The stage whose base has the permissions boundary of this preview (``base.ci.previews``), which loading sets; a
    description does not have it."""
    templates: Mapping[StackKey, GivenTemplate] = field(default_factory=dict)
    """The templates of other frameworks and of own stacks, which loading reads; a description names their files."""
    protected: bool = False
    """Whether ``destroy`` refuses this stage: for one that people rely on."""


@value
class App(Described):
    """A whole application: its name, and its stages."""

    name: AppName
    stages: Mapping[StageName, Stage]
    root: str = field(default=".", compare=False)
    """The project's folder, which Python files under ``extend`` and ``stacks`` are relative to. ``load`` sets it to the
    folder of the description, so ``app.yaml`` does not have it."""
    judged: ClassVar[tuple[object, App] | None] = None
    """How it printed when it was judged (``stacks.loading``), and the same values as they were read from it. A copy
    with something replaced, or one that changed in place, is judged anew."""

    previews: Mapping[str, Stage] = field(default_factory=dict)
    """The patterns of preview stages, as ``pr-*``, each with an example of its stages, which loading sets."""

    def __post_init__(self) -> None:
        if not self.stages:
            raise Mistake("has no stages", "Add one, as 'stages: {dev: {region: eu-west-1}}'")
        named = {key: replace(stage, app_name=self.name) for key, stage in self.stages.items()}
        object.__setattr__(self, "stages", named)
