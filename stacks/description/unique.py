"""What AWS has once (host names, sign-in prefixes, physical names) and two places of a description ask for.

One mechanism for all sections and stages: each stage claims names, every claim is compared with those before it. The
accounts of two stages count as one unless both are known and differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.kinds import KINDS
from stacks.stages.kinds import described, place_of
from stacks.stages.moved import called, with_first_names
from stacks.stages.stacks import stacks_of
from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stacks.app import App, Stage
    from stacks.description.finding import Finding, KeyPath

_OWN_BUCKETS = ("code", "logs", "site", "trail")


@value
class Claim:
    """A name that one place of the description takes."""

    kind: str
    """Within what the name is unique: hosts, functions, tables …"""
    name: str
    what: str
    """As a message calls it: ``the sign-in domain``."""
    fix: str
    stage: Stage
    at: KeyPath
    rule: str
    """What AWS refuses of the second."""
    everywhere: bool = False
    """Unique in all of AWS; otherwise in an account and region."""
    any_account: bool = False
    """Unique in a region, anyone who's account it is."""

    def meets(self, other: Claim) -> bool:
        """Whether only one of two claims of the same kind and name can be granted."""
        if self.everywhere or other.everywhere:
            return True
        if self.stage.region != other.stage.region:
            return False
        accounts = {self.stage.account, other.stage.account}
        return self.any_account or None in accounts or len(accounts) == 1

    @property
    def owner(self) -> str:
        """``the sign-in domain of stage 'dev'``."""
        return f"{self.what} of stage {self.stage.name!r}"


def uniqueness_problems(app: App) -> Iterator[Finding]:
    """Every name that an earlier entry has taken, at the later one, and stages whose names extend one another."""
    yield from _extended(app)
    taken: dict[tuple[str, str], list[Claim]] = {}
    for name, stage in app.stages.items():
        for claim in _claims(stage, ("stages", name)):
            others = taken.setdefault((claim.kind, claim.name), [])
            other = next((other for other in others if claim.meets(other)), None)
            if other:
                other_owner = other.what if other.stage is claim.stage else other.owner
                yield claim.at, f"{claim.name} is {other_owner} already", claim.fix, claim.rule
            others.append(claim)


def _extended(app: App) -> Iterator[Finding]:
    """Stages that rights to ``<app>-<stage>-*`` of another stage of the same account would reach."""
    for name, stage in app.stages.items():
        for other, shorter in app.stages.items():
            accounts = {stage.account, shorter.account}
            if name.startswith(f"{other}-") and (None in accounts or len(accounts) == 1):
                reaching = f"{naming.prefix(shorter)}-*"
                what = f"its name begins with that of stage {other!r}, so rights to {reaching} reach it"
                fix = "Rename one of them, or write the account of each if they are in different ones"
                yield ("stages", name), what, fix


def _claims(stage: Stage, at: KeyPath) -> Iterator[Claim]:
    yield from _hosts(stage, at)
    yield from _sign_in_prefix(stage, at)
    result = with_first_names(stage)
    groups: tuple[tuple[str, str, Iterable[str]], ...] = (
        *((entry.singular, entry.group, described(entry, result)) for entry in KINDS if entry.named),
    )
    for kind, path, names in groups:
        for name in names:
            place: KeyPath = (*at, *path.split("."), called(stage, f"{path}.{name}"))
            yield _physical(kind, f"{naming.prefix(stage)}-{name}", f"{kind} {name!r}", stage, place)
    yield from _of_things(stage, at)
    for purpose in _OWN_BUCKETS:
        yield _physical("bucket", f"{naming.prefix(stage)}-{purpose}", f"the {purpose} bucket", stage, at)
    for stack in stacks_of(stage):
        yield _physical("stack", stack.name, f"stack {stack.key!r}", stage, at)


def _of_things(stage: Stage, at: KeyPath) -> Iterator[Claim]:
    """What things of a kind say that an account has once in a region (``claim``): an identity of SES, say."""
    for kind in KINDS:
        for name, resource in described(kind, stage).items():
            if taken := getattr(resource, "claim", None):
                what, place = f"{kind.singular} {name!r}", (*at, *place_of(kind, name))
                fix = "Set 'existing: true' in all places but one"
                yield Claim(kind=kind.type, name=taken, what=what, fix=fix, stage=stage, at=place, rule="NAME-TAKEN")


def _physical(kind: str, name: str, what: str, stage: Stage, at: KeyPath) -> Claim:
    fix = "Rename it, or one of the stages"
    return Claim(kind=kind, name=name, what=what, fix=fix, stage=stage, at=at, rule="NAME-TAKEN")


def _hosts(stage: Stage, at: KeyPath) -> Iterator[Claim]:
    """CloudFront, Cognito and API Gateway take each host name once, and it has one record in the DNS.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-restrictions
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html
    """
    for host, what, place in _host_names(stage):
        fix = "Give each its own, as auth.example.com, api.example.com or dev.example.com"
        yield Claim(
            kind="host",
            name=host,
            what=what,
            fix=fix,
            stage=stage,
            at=(*at, *place),
            rule="HOST-TAKEN",
            everywhere=True,
        )


def _host_names(stage: Stage) -> Iterator[tuple[str, str, KeyPath]]:
    site, users, api = stage.frontend.domain, stage.data.users, stage.backend.api.domain
    for name in site.names if site else ():
        yield name, "the site's domain", ("frontend", "domain", "name")
    if users and users.domain and users.domain.name:
        yield users.domain.name, "the sign-in domain", ("data", "users", "domain", "name")
    if api:
        yield api.name, "the API's domain", ("backend", "api", "domain", "name")


def _sign_in_prefix(stage: Stage, at: KeyPath) -> Iterator[Claim]:
    """A prefix is part of ``<prefix>.auth.<region>.amazoncognito.com``.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
    """
    users = stage.data.users
    if users and users.domain and users.domain.prefix:
        yield Claim(
            kind="sign-in prefix",
            name=users.domain.prefix,
            what="the sign-in prefix",
            fix=f"Write 'domain: {users.domain.prefix}-{stage.name}' under 'stages.{stage.name}.data.users'",
            stage=stage,
            at=(*at, "data", "users", "domain"),
            rule="USERS-PREFIX-TAKEN",
            any_account=True,
        )


def repeated(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Lists that name a thing twice: what is made of it would be made twice."""
    for section in ("base", "data", "backend", "frontend"):
        yield from _repeated(getattr(stage, section), (*at, section))


def _repeated(value: object, at: KeyPath) -> Iterator[Finding]:
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None:
        for name in fields:
            yield from _repeated(getattr(value, name), (*at, name))
    elif isinstance(value, dict):
        yield from _repeated_inside(value, at)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            if isinstance(item, str) and item in value[:index]:
                yield (*at, index), f"names {item!r} twice", "Name it once"
            yield from _repeated(item, (*at, index))


def _repeated_inside(value: Mapping[str, object], at: KeyPath) -> Iterator[Finding]:
    for name, item in value.items():
        yield from _repeated(item, (*at, name))
