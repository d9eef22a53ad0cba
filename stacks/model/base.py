"""The section ``base`` of a description: what a stage needs of its account, and the pipelines that deploy it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.described import Described, value
from stacks.model.texts import Between, Name, Switch, Text

__all__ = ["Base", "Pipelines", "Vpc"]

RepositoryName = Annotated[
    str,
    Text(
        r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*",
        "is no repository",
        "Write owner/name, or the name alone for CodeCommit",
        200,
    ),
]
BranchName = Annotated[
    str,
    Text(
        r"(?![-/])(?!.*(?:\.\.|//))[A-Za-z0-9._/+#@-]*[A-Za-z0-9_+#@-]",
        "is no branch",
        "Write its name as git shows it, without spaces",
        255,
    ),
]
ConnectionArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:(?:codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]{36}",
        "is no ARN of a connection",
        "Copy it from the console: Developer Tools, Settings, Connections",
    ),
]
PathPattern = Annotated[
    str,
    Text(
        r"(?!/)[A-Za-z0-9_.*?\[\]{},/@+-]+",
        "is no pattern of paths",
        "Write one such as lambda_src/**, relative to the repository, without spaces",
        255,
    ),
]
EmailAddress = Annotated[
    str,
    Text(r"[^\s@]+@[^\s@]+\.[^\s@]+", "is no e-mail address", "Write one such as team@example.com", 254),
]


@value
class Pipelines(Described):
    """A pipeline for each stack: a push is built, tested, shown and deployed, by roles that can do just that."""

    repository: RepositoryName
    """``owner/name``, or the name of a CodeCommit repository."""
    source: Literal["github", "gitlab", "bitbucket", "codecommit"] = "github"
    """Where the repository is."""
    branch: BranchName = "main"
    """The branch that this stage follows."""
    connection: ConnectionArn | None = None
    """A connection (CodeConnections) that is there already; otherwise base makes one, and a person completes it once
    in the console. CodeCommit needs none."""
    stacks: tuple[Name, ...] = ()
    """The stacks that get one; when none is named: data, backend and frontend, as far as the stage has them."""
    paths: Mapping[Name, tuple[PathPattern, ...]] = field(default_factory=dict)
    """Stack → patterns of files; a push that touches none of them does not start that stack's pipeline."""
    build: tuple[Annotated[str, Text(r"[^\n]+", "is no command", "Write it in one line")], ...] = ()
    """Commands that make what the description names and the repository does not hold: a site (``npm ci``,
    ``npm run build``), or another framework's template (``sam build``). They run before rendering and publishing."""
    approval: bool = True
    """Wait for a person who has seen the change set; false deploys whatever is pushed."""
    tests: Annotated[str, Text(r"[^\n]+", "is no command", "Write it in one line")] = (
        "python -m pytest -q -m 'not browser and not emulator'"
    )
    """The command that tests the application, run in every build before anything is rendered."""
    notify: EmailAddress | None = None
    """Who gets an e-mail when a pipeline fails or waits for approval; the address is asked to confirm once."""


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
    pipelines: Annotated[Pipelines | None, Switch] = None
    """Pipelines that deploy the other stacks on a push; false, the default, makes none."""
