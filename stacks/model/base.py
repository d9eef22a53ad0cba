"""The section ``base`` of a description: what a stage needs of its account, and the pipelines that deploy it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Annotated, Literal

from stacks.model.audit import Alarms, Budget, Trail
from stacks.model.ci import Ci
from stacks.model.described import Described
from stacks.model.extension import Extended
from stacks.model.network import Vpc
from stacks.model.pushes import BranchName, CommandLine
from stacks.model.texts import EmailAddress, Mistake, Name, ShortFor, StageName, Switch, Text, short_for
from stacks.values import value

__all__ = ["Base", "Ci", "Pipelines"]

RepositoryName = Annotated[
    str,
    Text(
        r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*",
        "is not a repository",
        "Write owner/name, or the name alone for CodeCommit",
        200,
    ),
]
ConnectionArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:(?:codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]{36}",
        "is not an ARN of a connection",
        "Copy it from the console: Developer Tools, Settings, Connections",
    ),
]
KnownLogicalId = Annotated[
    str, Text(r"[A-Za-z0-9]+", "is not a logical id", "Copy it from the template or from 'diff'", 255)
]
PathPattern = Annotated[
    str,
    Text(
        r"(?!/)[A-Za-z0-9_.*?\[\]{},/@+-]+",
        "is not a pattern of paths",
        "Write one such as lambda_src/**, relative to the repository, without spaces",
        255,
    ),
]

RepositoryFolder = Annotated[
    str,
    Text(
        r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9_.@+-]+(?:/[A-Za-z0-9_.@+-]+)*",
        "is not a folder of the repository",
        "Write its path from the repository's top, such as services/shop",
        200,
    ),
]

PlatformName = Annotated[
    str,
    Text(
        r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*",
        "does not name a platform",
        "Write its application and stage, such as infra/prod",
        100,
    ),
]

CONNECTED = {"github": "GitHub", "gitlab": "GitLab", "bitbucket": "Bitbucket"}
"""Source behind a connection → the connection's ProviderType.
https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_Connection.html"""


@value
class Pipelines(Described):
    """A pipeline for each stack: a push is built, tested, shown and deployed, by roles that can do just that."""

    repository: RepositoryName
    """``owner/name``, or the name of a CodeCommit repository."""
    source: Literal["github", "gitlab", "bitbucket", "codecommit"] = "github"
    """Where the repository is."""
    after: StageName | None = None
    """The stage before this one in a row: its pipelines, having deployed it, go on to this one. Source, branch, tests
    and whom to notify are then those of the row's first stage, which this one has to agree with."""
    branch: BranchName = "main"
    """The branch that this stage follows."""
    connection: ConnectionArn | None = None
    """A connection (CodeConnections) that already exists; otherwise base makes one, and a person completes it once
    in the console. CodeCommit needs none."""
    stacks: tuple[Name, ...] = ()
    """The stacks that get one; when none is named: data, backend and frontend, as far as the stage has them. Stacks of
    your own get one when they are named."""
    folder: RepositoryFolder | None = None
    """The folder of app.yaml in its repository, if not at the top: ``shop``. Commands run there, and without ``paths``
    only a push that touches it starts a pipeline."""
    paths: Mapping[Name, tuple[PathPattern, ...]] = field(default_factory=dict)
    """Stack → patterns of files; a push that touches none of them does not start that stack's pipeline."""
    install: tuple[CommandLine, ...] = ()
    """Commands that install this library and what the tests need, into a fresh virtual environment that has uv. Without
    any, the project's lock is installed: ``uv.lock``, ``pylock.toml``, or requirements with hashes
    (``requirements-dev.txt``, ``requirements/dev.txt``, ``requirements.txt``); without a lock, ``.[dev]``."""
    build: tuple[CommandLine, ...] = ()
    """Commands that make what the description names and the repository does not hold: a site (``npm ci``,
    ``npm run build``), or another framework's template (``sam build``). They run before rendering and publishing."""
    approval: bool = True
    """Wait for a person who has seen the change set; false deploys whatever is pushed."""
    allow_replacement: tuple[KnownLogicalId, ...] = ()
    """Logical ids of resources that may be replaced or removed with what they hold; a build refuses all others. Name
    one in the commit that needs it, and take it out with the next."""
    tests: CommandLine = "python -m pytest -q -m 'not browser and not emulator'"
    """The command that tests the application, run in every build before anything is rendered."""
    notify: EmailAddress | None = None
    """Who gets an e-mail when a pipeline fails or waits for approval; the address is asked to confirm once."""


def _unless_existing(value: object) -> object:
    return False if value == "existing" else value


@value
class Base(Extended):
    """What a stage needs of its account: audit trail, network, buckets for logs and code, shared rights."""

    trail: Annotated[Trail | None, Switch, short_for("existing")] = Trail()
    """Record every API call of the account in all regions (CloudTrail). The first trail of an account is free; say
    ``existing`` in all but one stage of an account, false where nothing shall be recorded."""
    vpc: Annotated[Vpc | None, Switch] = Vpc()
    """The network and its flow logs; false leaves both out."""
    platform: PlatformName | None = None
    """The platform of this account and region, ``infra/prod``: application and stage whose base makes what an account
    has once. This base makes no trail, API Gateway log role or identity provider, and functions run in the network
    there."""
    shared: bool = False
    """This base is a platform: applications that name it by ``platform`` read its network in Parameter Store."""
    identity_providers: tuple[Literal["github", "gitlab"], ...] = ()
    """CI services that sign in to the account: the provider of each, for the applications of a platform."""
    api_gateway_logs: Annotated[bool, ShortFor(_unless_existing, ("string",))] = True
    """Own API Gateway's log role, which is one per account and region; say ``existing`` (or false) in all but one
    stage of them."""
    log_encryption: Literal["own", "aws"] = "aws"
    """``own``: a KMS key of the stage encrypts the log groups of base and backend, for 1 USD a month; ``aws``:
    CloudWatch's own key does, which is free."""
    alarms: Annotated[Alarms | None, Switch, short_for("email")] = None
    """Notify an address of what intruders do first (CIS AWS Foundations); needs ``trail: {cloudwatch: true}``."""
    budget: Annotated[Budget | None, Switch] = None
    """Notify an address what the account spends; say it in one stage of an account."""
    pipelines: Annotated[Pipelines | None, Switch] = None
    """Pipelines that deploy the other stacks on a push; false, the default, makes none."""
    ci: Annotated[Ci | None, Switch] = None
    """Roles by which GitHub Actions, GitLab CI/CD or Bitbucket Pipelines deploy the other stacks, without stored keys;
    ``ci github`` writes their workflow. Instead of ``pipelines``."""

    def __post_init__(self) -> None:
        if self.platform is None:
            return
        if self.shared:
            raise Mistake("is a platform and names one", "Leave 'shared' or 'platform' out")
        own_trail = self.trail and self.trail.is_ours and self.trail != Trail()
        named = [name for name in ("alarms", "budget", "identity_providers") if getattr(self, name)]
        named += ["trail"] if own_trail else []
        if named:
            what = f"has {' and '.join(map(repr, named))}, which its platform {self.platform} makes for the account"
            raise Mistake(what, f"Describe {'it' if len(named) == 1 else 'them'} there")
        if self.trail and self.trail.is_ours:
            object.__setattr__(self, "trail", Trail(existing="existing"))
        if self.vpc == Vpc():
            object.__setattr__(self, "vpc", Vpc(existing="platform"))
        if self.ci and not self.ci.bitbucket:
            object.__setattr__(self, "ci", replace(self.ci, provider="existing"))
        object.__setattr__(self, "api_gateway_logs", False)

    def without_platform(self) -> Base:
        """The same with a network of its own, for a machine that has no platform."""
        return replace(self, platform=None, vpc=Vpc() if self.vpc and self.vpc.is_of_platform else self.vpc)
