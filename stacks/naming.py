"""The only place where names are made: stacks, logical ids, physical names, outputs, tags, environment variables.

Logical ids and outputs are this project's public interface: a changed logical id replaces the resource.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING

from stacks.kinds import KINDS

if TYPE_CHECKING:
    from stacks.app import Stage

_WORD = re.compile(r"[A-Za-z0-9]+")
_PLAIN = re.compile(r"(?!.*(?:^|-)x[0-9a-f]{6}(?:-|$))[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*")
"""Names that their words give back: ``a-1`` and ``a1`` do not both, and nothing looks like a hash."""
_LONGEST_PLAIN = 60
_COMPOUND = re.compile(
    r"(?:DeadLetters(?:Policy)?|LogGroup|ApiKey|CodeKey|FunctionUrl"
    r"|(?:Authorizer|Users|Url|UrlCall|Schedule\d+)Permission|ApiAuthorizer|Scheduler(?:Policy|Role)"
    r"|ZonedSchedule\d+" + "".join(f"|{ending}" for kind in KINDS for ending in kind.endings) + ")$"
)
"""Kinds that end with another kind: ``JobsQueueDeadLetters`` is of the queue ``jobs``."""
_FIXED = """
AlarmsPolicy ApiAuthorizer ApiDomainUrl ApiGatewayLogPolicy ApiGatewayLogRole ApiLogGroup ApiUrl ArtifactBucket
BackupPolicy BackupRole CodeDeployPolicy CodeDeployRole EdgeKey EndpointSecurityGroup FlowLogGroup FlowLogPolicy
FlowLogRole GateLogGroup GuestPolicy GuestRole LogBucket PushPolicy PushRole SignedInPolicy SignedInRole
SiteBucket SiteLogBucket SiteLogGroup SiteUrl TrailBucket TrailKey TrailLogPolicy TrailLogRole UserPoolClient
UserPoolClientId WafLogGroup
"""
FIXED_IDS = frozenset(_FIXED.split())
"""Logical ids of what no name is given to, if they end as that of a described thing may."""

COMMANDS_ALIAS = "commands"
"""The alias of a web function that takes commands; ``packaging/web_handler.py`` knows it, too."""
EDGE_REGION = "us-east-1"
"""Where CloudFront's web ACLs and certificates must be.
https://docs.aws.amazon.com/waf/latest/developerguide/cloudfront-features.html"""


def stack_name(stage: Stage, stack: str) -> str:
    """The CloudFormation stack: ``notes-dev-data``."""
    return f"{prefix(stage)}-{stack}"


def prefix(stage: Stage) -> str:
    """What every physical name of a stage starts with: ``notes-dev``. At most 26 characters (checked)."""
    if not stage.app_name:
        raise ValueError(f"stage {stage.name!r} belongs to no App")
    return f"{stage.app_name}-{stage.name}"


def api_stage_name(stage: Stage) -> str:
    """The stage of a REST API: ``dev``, and ``pr_12`` for ``pr-12``, since rules on hyphens differ by document."""
    return stage.name.replace("-", "_")


def words(name: str) -> str:
    """``access-log`` as ``AccessLog``: ASCII letters and digits. Different names may give the same text."""
    return "".join(word[:1].upper() + word[1:] for word in _WORD.findall(name))


@cache
def logical_id(name: str, kind: str) -> str:
    """The logical id of a described thing: ``logical_id("notes", "Table")`` is ``NotesTable``.

    Two different pairs of ``name`` and ``kind`` never give one id, nor one of ``FIXED_IDS``: where the plain text could
    also be read in another way, a hash of the name is between both, as in ``JobsQueueX3f2a1bDeadLetters`` for the
    function ``jobs-queue``. So does one in the ids of names that are not ASCII or longer than 60 characters.
    """
    plain = words(name)[:_LONGEST_PLAIN] + kind
    longer = _COMPOUND.search(plain)
    is_other = plain in FIXED_IDS or (longer is not None and len(longer[0]) > len(kind))
    return f"{_hashed(name)}{kind}" if is_other or not _is_plain(name, "from") else plain


def pair_id(first: str, link: str, second: str, kind: str) -> str:
    """The logical id of what joins two described things, as unambiguous as ``logical_id``.

    ``pair_id("resize", "From", "uploads", "Bucket")`` is ``ResizeFromUploadsBucket``.
    """
    parts = (words(name) if _is_plain(name, "from", link.lower()) else _hashed(name) for name in (first, second))
    return f"{link.join(parts)}{kind}"


def _is_plain(name: str, *links: str) -> bool:
    """Whether a name is recognisable from its words alone, and has none of the words that join two names."""
    return bool(len(name) <= _LONGEST_PLAIN and _PLAIN.fullmatch(name) and not set(links) & set(name.split("-")))


def _hashed(name: str) -> str:
    return f"{words(name)[:_LONGEST_PLAIN]}X{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def variable(name: str, kind: str) -> str:
    """The environment variable that names a resource to a function: ``NOTES_TABLE``, ``SESSION_KEY_SECRET_ID``."""
    return f"{name.replace('-', '_').upper()}_{kind}"


GLOBAL_NAMESPACE_ONLY = frozenset({"me-central-1", "me-south-1"})
"""Regions where buckets have global names only.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html"""
_OWN_NAMESPACE = "-an"
"""What a name in the account's own regional namespace ends with, after account and region."""


def bucket_name(stage: Stage, purpose: str) -> str:
    """A bucket's name for ``Fn::Sub``, ``<app>-<stage>-<purpose>-<account>-<region>-an``.

    It is in the account's own namespace, where nobody else can have taken it.
    """
    return _bucket(stage, purpose, "${AWS::Region}", stage.region)


def bucket_in(stage: Stage, purpose: str, region: str) -> str:
    """The name of such a bucket in a region given by name, for ``Fn::Sub`` in a stack that is elsewhere."""
    return _bucket(stage, purpose, region, region)


def _bucket(stage: Stage, purpose: str, written: str, region: str) -> str:
    ending = "" if region in GLOBAL_NAMESPACE_ONLY else _OWN_NAMESPACE
    return f"{prefix(stage)}-{purpose}-${{AWS::AccountId}}-{written}{ending}"


def bucket_namespace(name: str) -> str:
    """The namespace that a name of ``bucket_name`` is in."""
    return "account-regional" if name.endswith(_OWN_NAMESPACE) else "global"


def bucket_arn(stage: Stage, purpose: str) -> str:
    """The ARN of such a bucket, for ``Fn::Sub``."""
    return f"arn:${{AWS::Partition}}:s3:::{bucket_name(stage, purpose)}"


def table_name(name: str, stage: Stage) -> str:
    """A table: ``notes-dev-notes``."""
    return f"{prefix(stage)}-{name}"


def table_arn(name: str, stage: Stage) -> str:
    """The ARN of a table in the stage's region, for ``Fn::Sub``; of a replicated table it is the same form."""
    return f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{table_name(name, stage)}"


def boundary_name(stage: Stage) -> str:
    """The permissions boundary of a stage's functions. Only its document ever changes, so a name locks nothing in."""
    if stage.bounded_by:
        return f"{stage.app_name}-{stage.bounded_by}-previews-boundary"
    return f"{prefix(stage)}-boundary"


def boundary_arn(stage: Stage) -> str:
    """The ARN of the boundary, for ``Fn::Sub``."""
    owner = f"{stage.app_name}-{stage.bounded_by}" if stage.bounded_by else prefix(stage)
    return f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{owner}/platform/{boundary_name(stage)}"


def code_deploy_role_name(stage: Stage) -> str:
    """The role that CodeDeploy shifts functions with; CloudFormation can update all of it but its path in place."""
    return f"{prefix(stage)}-code-deploy"


def code_deploy_role_arn(stage: Stage) -> str:
    """The ARN of that role, for ``Fn::Sub``."""
    path = role_path(stage, "platform")
    return f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role{path}{code_deploy_role_name(stage)}"


def published_prefix(stage: Stage, stack: str) -> str:
    """What the names of the parameters start with that a stack publishes in Parameter Store: ``/notes/dev/data/``."""
    return f"/{stage.app_name}/{stage.name}/{stack}/"


def publisher(name: str) -> tuple[str, str] | None:
    """The CloudFormation stack and its output that a published parameter has the value of; None for other names.

    ``publisher("/notes/dev/data/UserPoolId")`` is ``("notes-dev-data", "UserPoolId")``.
    """
    parts = name.split("/")
    return ("-".join(parts[1:4]), parts[4]) if len(parts) == 5 and not parts[0] and all(parts[1:]) else None  # noqa: PLR2004


def alarm_topic_name(stage: Stage) -> str:
    """The topic that all alarms of a stage notify: ``notes-dev-alarms``."""
    return f"{prefix(stage)}-alarms"


def secret_prefix(stage: Stage) -> str:
    """What the names of a stage's given secrets start with in Secrets Manager: ``notes-dev/``."""
    return f"{prefix(stage)}/"


def secret_name(name: str, stage: Stage) -> str:
    """Where a given secret is in Secrets Manager: ``notes-dev/stripe-key``."""
    return f"{secret_prefix(stage)}{name}"


def parameter_prefix(stage: Stage) -> str:
    """What the names of a stage's parameters start with: ``/notes-dev/``."""
    return f"/{prefix(stage)}/"


def parameter_name(name: str, stage: Stage) -> str:
    """Where a secret is in Parameter Store: ``/notes-dev/stripe-key``."""
    return f"{parameter_prefix(stage)}{name}"


def log_group_name(function: str, stage: Stage) -> str:
    """Where a function logs: ``/aws/lambda/notes-dev-web``."""
    return f"/aws/lambda/{prefix(stage)}-{function}"


def role_path(stage: Stage, stack: str) -> str:
    """The IAM path of a stack's roles and policies: ``/notes-dev/backend/``. ``platform`` is base's."""
    return f"/{prefix(stage)}/{stack}/"


def tags(stage: Stage, stack: str) -> dict[str, str]:
    """The tags of every resource that can carry some: the description's own, and ours.

    ``stack`` distinguishes one stack's resources from another's; deploy rights rest on it.
    """
    return {**stage.tags, "app": stage.app_name, "stage": stage.name, "stack": stack_name(stage, stack)}
