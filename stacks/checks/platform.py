"""Rules for what delivers and watches: builds, pipelines, the audit trail, schedules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stacks.checks.documents import statements
from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import leaves, text
from stacks.json_types import at, items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.json_types import JsonObject

_PROJECT = "AWS::CodeBuild::Project"
_PIPELINE = "AWS::CodePipeline::Pipeline"
_TRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide"
_PIPELINES = "https://docs.aws.amazon.com/codepipeline/latest/userguide"
_CALLED = r"(?:token|secret|passw(?:or)?d|api_?key|private_?key)"
# A name that says secret, followed by a value of its own: no variable, no reference, no placeholder.
_WRITTEN = re.compile(rf"{_CALLED}['\"]?\s*[:=]\s*['\"]?(?!\$|arn:|\{{\{{)[A-Za-z0-9/+_.-]{{8,}}", re.IGNORECASE)
_KEYS = re.compile(r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|-----BEGIN [A-Z ]*PRIVATE KEY")


@rule(
    "BUILD-SECRET",
    why="build specifications and variables are readable to everyone who can see the project",
    fix="Keep it in Secrets Manager or Parameter Store, and name it with the type SECRETS_MANAGER or PARAMETER_STORE",
    source="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html",
)
def builds_hold_no_secrets(stacks: Stacks) -> Iterator[Hit]:
    """No build specification contains a token, nor in a plain variable of a project."""
    for project in stacks.of(_PROJECT):
        for line in leaves(project.at("Source", "BuildSpec")):
            if _WRITTEN.search(line) or _KEYS.search(line):
                yield project.hit("Source.BuildSpec", "looks as if a secret were written in it")
                break
        for index, variable in enumerate(map(mapping, items(project.at("Environment", "EnvironmentVariables")))):
            plain = variable.get("Type", "PLAINTEXT") == "PLAINTEXT"
            called = re.search(rf"{_CALLED}(?!.*_(?:ID|ARN|NAME)$)", text(variable.get("Name")) or "", re.IGNORECASE)
            if plain and called and isinstance(variable.get("Value"), str):
                yield project.hit(f"Environment.EnvironmentVariables[{index}]", "is a secret in a plain variable")


@rule(
    "PIPELINE-APPROVAL",
    why="what is pushed is deployed, and nobody has seen what it replaces",
    fix="Put an action of the category Approval before the change set is executed",
    source=f"{_PIPELINES}/approvals.html",
)
def people_approve_what_is_deployed(stacks: Stacks) -> Iterator[Hit]:
    """A pipeline asks somebody before CloudFormation changes anything."""
    for pipeline in stacks.of(_PIPELINE):
        for index, action in _before_approval(items(pipeline.properties.get("Stages"))):
            if _changes(action):
                yield pipeline.hit(f"Stages[{index}]", f"{text(action.get('Name'))} deploys without approval")
                break


def _before_approval(stages: Sequence[Any]) -> Iterator[tuple[int, JsonObject]]:
    """What a pipeline does before it first asks somebody, each with the number of its stage."""
    for index, stage in enumerate(stages):
        for action in sorted((mapping(entry) for entry in items(at(stage, "Actions"))), key=_order):
            if at(action, "ActionTypeId", "Category") == "Approval":
                return
            yield index, action


def _order(action: JsonObject) -> int:
    order = action.get("RunOrder", 1)
    return order if isinstance(order, int) else 1


def _changes(action: JsonObject) -> bool:
    mode = text(at(action, "Configuration", "ActionMode"))
    return at(action, "ActionTypeId", "Provider") == "CloudFormation" and mode in {
        "CHANGE_SET_EXECUTE",
        "CREATE_UPDATE",
        "DELETE_ONLY",
        "REPLACE_ON_FAILURE",
    }


@rule(
    "PIPELINE-KEY",
    why="artifacts under the default key cannot be limited by a key policy",
    fix="Set ArtifactStore.EncryptionKey to a key of your own",
    source=f"{_PIPELINES}/S3-artifact-encryption.html",
)
def artifacts_have_their_own_key(stacks: Stacks) -> Iterator[Hit]:
    """A pipeline's artifact stores name a KMS key."""
    for pipeline in stacks.of(_PIPELINE):
        store, others = pipeline.properties.get("ArtifactStore"), items(pipeline.properties.get("ArtifactStores"))
        stores = [store, *(mapping(other).get("ArtifactStore") for other in others)]
        if any(store is not None and not mapping(store).get("EncryptionKey") for store in stores):
            yield pipeline.hit("ArtifactStore.EncryptionKey", "keeps artifacts under no key of its own")


@rule(
    "TRAIL-SOURCE",
    why="a trail of another account could write into the bucket",
    fix="Add a condition with aws:SourceArn, the trail's ARN",
    source=f"{_TRAIL}/create-s3-bucket-policy-for-cloudtrail.html",
)
def buckets_take_one_trail(stacks: Stacks) -> Iterator[Hit]:
    """A policy that lets CloudTrail in says which trail."""
    for statement in statements(stacks, "resource"):
        if statement.allows and "cloudtrail" in statement.services and "aws:sourcearn" not in statement.keys:
            yield statement.hit("lets every trail in")


@rule(
    "TRAIL-DENY",
    why="an application that is broken into could read or delete the record of it",
    fix="Deny s3:* on the bucket to the application's roles (aws:PrincipalArn)",
    source=f"{_TRAIL}/best-practices-security.html",
)
def applications_are_kept_from_the_trail(stacks: Stacks) -> Iterator[Hit]:
    """The policy of a trail's bucket denies the application's roles."""
    for trail in stacks.of("AWS::CloudTrail::Trail"):
        bucket = stacks.meant(trail.properties.get("S3BucketName"), trail, "AWS::S3::Bucket")
        if bucket and not any(_denies_roles(policy, bucket, stacks) for policy in stacks.of("AWS::S3::BucketPolicy")):
            yield bucket.hit("BucketName", "holds the trail and denies the application nothing")


def _denies_roles(policy: Resource, bucket: Resource, stacks: Stacks) -> bool:
    if stacks.meant(policy.properties.get("Bucket"), policy, "AWS::S3::Bucket") is not bucket:
        return False
    own = (statement for statement in statements(stacks, "resource") if statement.document.owner is policy)
    return any(not statement.allows and "aws:principalarn" in statement.keys for statement in own)


RULES = (
    builds_hold_no_secrets,
    people_approve_what_is_deployed,
    artifacts_have_their_own_key,
    buckets_take_one_trail,
    applications_are_kept_from_the_trail,
)
