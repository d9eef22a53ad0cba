"""``base.ci``: deployment by a CI service outside of AWS, which signs in by OpenID Connect."""

from __future__ import annotations

from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.pushes import BranchName, CommandLine
from stacks.model.texts import Mistake, Name, Text
from stacks.values import value

__all__ = ["Bitbucket", "Ci"]

_NAME = r"[A-Za-z0-9_.-]+"
GitHubRepository = Annotated[
    str,
    Text(
        rf"[A-Za-z0-9-]+/{_NAME}|[A-Za-z0-9-]+@\d+/{_NAME}@\d+",
        "is not a repository of GitHub",
        "Write owner/name, or owner@id/name@id if the repository has immutable subject claims",
        180,
    ),
]
GitLabProject = Annotated[
    str,
    Text(rf"{_NAME}(?:/{_NAME})+", "is not a project of GitLab", "Write group/project, with all subgroups", 200),
]
BitbucketRepository = Annotated[
    str, Text(rf"{_NAME}/{_NAME}", "is not a repository of Bitbucket", "Write workspace/repository", 130)
]
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
Uuid = Annotated[
    str,
    Text(
        _UUID,
        "is not a UUID",
        "Copy it without braces from the repository's settings, OpenID Connect",
        36,
    ),
]
PreviewPattern = Annotated[
    str, Text(r"[a-z][a-z0-9-]*\*", "is not a pattern of preview stages", "Write one of 'stages', as 'pr-*'", 10)
]
Environment = Annotated[
    str,
    Text(
        r"[A-Za-z0-9](?:[A-Za-z0-9 ._/-]*[A-Za-z0-9._-])?",
        "is not the name of an environment",
        "Use letters, digits, spaces inside, and ._/-",
        100,
    ),
]


@value
class Bitbucket(Described):
    """A repository of Bitbucket Cloud, by the identifiers that its tokens carry.

    Repository settings, OpenID Connect shows all of them:
    https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
    """

    repository: BitbucketRepository
    """``workspace/repository``, as in its URL."""
    workspace_id: Uuid
    """The workspace's UUID, part of the audience of its tokens."""
    repository_id: Uuid
    """The repository's UUID."""
    environment_id: Uuid
    """The UUID of the deployment environment that deploys this stage. Tokens name no branch, so the environment is what
    keeps other branches out: restrict it to the branch in Bitbucket."""


@value
class Ci(Described):
    """Deployment by GitHub Actions, GitLab CI/CD or Bitbucket Pipelines, signing in by OpenID Connect: no stored keys.

    Base makes a role that reads and plans, for pull requests, and one that deploys, for a branch or an environment.
    CloudFormation then works with a role for each stack that can do what that stack needs.
    """

    github: GitHubRepository | None = None
    """``owner/name``, spelled as GitHub does. Repositories created, renamed or transferred since July 15, 2026 have
    immutable subject claims; for these write ``owner@id/name@id``."""
    gitlab: GitLabProject | None = None
    """``group/project`` on gitlab.com."""
    bitbucket: Bitbucket | None = None
    """A repository of Bitbucket Cloud."""
    branch: BranchName = "main"
    """The branch that deploys the stage."""
    environment: Environment | None = None
    """The environment (GitHub, GitLab) or deployment (Bitbucket) that the stage's job runs in, for approvals. GitHub's
    tokens name it, so that no other job can take the role; its protection rules are set in GitHub."""
    provider: Literal["own", "existing"] = "own"
    """``existing``: use the identity provider that the account already has, which is one for each issuer. Say it in all
    but one stage of an account."""
    previews: PreviewPattern | None = None
    """A pattern of preview stages (``pr-*``) made from this stage: the workflow deploys one for each pull request and
    destroys it when that is closed. Base makes their roles, which reach only stages of these names."""
    stacks: tuple[Name, ...] = ()
    """The stacks that are deployed; when none is named: data, backend and frontend, as far as the stage has them.
    Stacks of your own are deployed when they are named."""
    install: tuple[CommandLine, ...] = ()
    """Commands that install this library and what the tests need, into a fresh virtual environment that has uv. Without
    any, the project's lock is installed: ``uv.lock``, ``pylock.toml``, or requirements with hashes
    (``requirements-dev.txt``, ``requirements/dev.txt``, ``requirements.txt``); without a lock, ``.[dev]``."""
    build: tuple[CommandLine, ...] = ()
    """Commands that make what the description names and the repository does not hold, such as ``npm run build``."""
    tests: CommandLine = "python -m pytest -q -m 'not browser and not emulator'"
    """The command that tests the application, before anything is planned or deployed."""

    def __post_init__(self) -> None:
        named = [name for name in ("github", "gitlab", "bitbucket") if getattr(self, name)]
        if len(named) != 1:
            what = f"names {' and '.join(named)}" if named else "names no repository"
            raise Mistake(what, "Name one repository, as 'github: owner/name'")
        if self.bitbucket and not self.environment:
            what = "names no environment, and Bitbucket's tokens no branch"
            raise Mistake(what, "Name the deployment environment whose UUID is the environment_id")

    @property
    def service(self) -> Literal["github", "gitlab", "bitbucket"]:
        """Which CI service deploys."""
        if self.github:
            return "github"
        return "gitlab" if self.gitlab else "bitbucket"
