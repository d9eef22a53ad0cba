"""A pattern of previews → what base makes for the CI service that deploys a stage for each pull request. Pure.

The rights are those of one preview, an example, with the pattern in place of its name. Functions of previews get a
permissions boundary that base makes, so that no preview says what its own functions may do at most: a pull request is
other people's code until it is merged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from troposphere import GetAtt, Ref, Sub, encode_to_dict, iam

from stacks import naming
from stacks.blocks.senders import trust_from
from stacks.ci.names import preview_role_name
from stacks.ci.stack_changes import changes_stacks, runs_commands
from stacks.deploy.lock import KEY as LOCK
from stacks.deploy.sync import KEY as SYNCED
from stacks.errors import StacksError
from stacks.parts.base.rights import boundary_document
from stacks.parts.policies import allow, arn, tagged, when
from stacks.pipelines.building import looks_at, publishes_site
from stacks.pipelines.pipeline import stack_arn
from stacks.roles import derive
from stacks.roles.resources import substituted
from stacks.stages.stacks import BACKEND, BASE, stack_at
from stacks.types import TYPES, known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from awacs.aws import Statement
    from troposphere import AWSObject

    from stacks.app import Stage
    from stacks.ci.patterns import Patterns
    from stacks.json_types import JsonDict
    from stacks.roles.grants import GrantStatement
    from stacks.template.rendered import Rendered
    from stacks.types.record import Erasure

BOUNDARY = "PreviewBoundary"
_BY_PERSON = {"AWS::CloudFormation::Stack", "deploying.json"}
"""Types of needs of the deployer of base, and not of CloudFormation's role."""
_STACK_VERBS = (
    "DeleteStack", "DescribeEvents", "DescribeStackEvents", "DescribeStackResources", "GetStackPolicy",
    "ListStackResources", "UpdateTerminationProtection",
)  # fmt: skip


def preview_resources(
    stage: Stage, example: Stage, rendered: Sequence[Rendered], patterns: Patterns
) -> Iterator[AWSObject]:
    """The boundary and the deploy roles of previews, which are rendered as ``example``.

    Raises:
        StacksError: base of previews makes roles, which could then do anything.
    """
    yield _boundary(stage, example, patterns)
    for stack in rendered:
        yield from _deploy_role(stage, stack, example, patterns)


def preview_statements(example: Stage, rendered: Sequence[Rendered], patterns: Patterns) -> list[JsonDict]:
    """What ``deploy`` and ``destroy`` of a preview call, for the role that pull requests take."""
    return [patterns.plain(encode_to_dict(statement)) for statement in _statements(example, rendered)]


def _boundary(stage: Stage, example: Stage, patterns: Patterns) -> iam.ManagedPolicy:
    """The most that functions of previews may ever do: what those of the example may, in any of them."""
    return iam.ManagedPolicy(
        BOUNDARY,
        ManagedPolicyName=naming.boundary_name(example),
        Path=naming.role_path(stage, "platform"),
        Description=f"The most that functions of {patterns.prefix} may ever do",
        PolicyDocument=patterns.plain(encode_to_dict(boundary_document(example))),
    )


def _deploy_role(stage: Stage, stack: Rendered, example: Stage, patterns: Patterns) -> Iterator[AWSObject]:
    """The role with which CloudFormation deploys one stack of each preview."""
    derived = derive(example, stack)
    granted = [patterns.statement(statement) for statement in derived.statements if not _is_persons(statement)]
    if stack.stack == BASE and any(action.startswith("iam:") for statement in granted for action in statement.actions):
        makers = sorted({name for statement in granted for need in statement.needs for name in need.resources})
        what = f"base of previews makes IAM roles ({', '.join(makers[:3])}), which only a person deploys"
        raise StacksError("base.ci.previews", what, "Leave that out under the pattern, as 'base: {vpc: false}'")
    rights = replace(derived, statements=tuple(granted), platform=naming.role_path(stage, "platform"))
    title = f"Preview{naming.words(stack.stack)}Deploy"
    policies = [
        iam.ManagedPolicy(
            f"{title}Policy{number}",
            Description=f"What CloudFormation may do to deploy {patterns.text(stack.name)}, part {number}",
            Path=rights.platform,
            PolicyDocument=substituted(document, "ApplicationBoundary", BOUNDARY),
        )
        for number, document in enumerate(rights.documents(), start=1)
    ]
    yield from policies
    yield iam.Role(
        f"{title}Role",
        RoleName=preview_role_name(stack, stage),
        Path=rights.platform,
        Description=f"Deploys {patterns.text(stack.name)}, and nothing else",
        AssumeRolePolicyDocument=trust_from(
            "cloudformation", arn("cloudformation", f"stack/{patterns.text(stack.name)}/*", region="*")
        ),
        ManagedPolicyArns=[Ref(policy) for policy in policies],
        Tags=tagged(stage, BASE),
    )


def _statements(example: Stage, rendered: Sequence[Rendered]) -> Iterator[Statement]:
    yield from looks_at(example, rendered, rendered)
    roles = {stack.stack: _role_arn(stack) for stack in rendered}
    regions = sorted({stack.region for stack in rendered})
    on = [stack_arn(f"{naming.prefix(example)}-*", region) for region in regions]
    yield from changes_stacks(rendered, roles, on, _STACK_VERBS)
    yield from _in_buckets(example)
    if any("files" in stack_at(rendered_stack.stack, example).publishes for rendered_stack in rendered):
        yield from publishes_site(example)
    if any(stack_at(BACKEND, example).publishes):
        yield from runs_commands(example)
    yield from _deletes(example, rendered)


def _role_arn(stack: Rendered) -> Any:
    return GetAtt(f"Preview{naming.words(stack.stack)}DeployRole", "Arn")


def _in_buckets(example: Stage) -> Iterator[Statement]:
    """Code, written once under each key; templates and the lock; and emptying and deleting the preview's buckets."""
    code = f"arn:${{AWS::Partition}}:s3:::{naming.bucket_in(example, 'code', example.region)}"
    kept, synced = [Sub(f"{code}/templates/*"), Sub(f"{code}/{LOCK}")], Sub(f"{code}/{SYNCED}")
    yield allow("s3:PutObject", on=Sub(f"{code}/code/*"), Condition=when(Null={"s3:if-none-match": "false"}))
    yield allow("s3:GetObject", on=[Sub(f"{code}/code/*"), *kept, synced])
    yield allow("s3:PutObject", on=kept)
    for record in TYPES.values():
        if record.emptied and record.erasure:
            yield from _erases(record.erasure, example.region, example)


def _deletes(example: Stage, rendered: Sequence[Rendered]) -> Iterator[Statement]:
    """Deleting what stacks keep: nobody relies on what a preview stored."""
    kinds = {
        (body["Type"], stack.region)
        for stack in rendered
        for body in stack.template["Resources"].values()
        if body.get("DeletionPolicy", "Delete") != "Delete"
    }
    for kind, region in sorted(kinds):
        record = known(kind)
        if record.erasure and not record.emptied:
            yield from _erases(record.erasure, region, example)


def _erases(erasure: Erasure, region: str, example: Stage) -> Iterator[Statement]:
    prefix = naming.prefix(example)
    tagged = when(StringLike={"aws:ResourceTag/stack": f"{prefix}-*"})
    more: JsonDict = {"Condition": tagged} if erasure.tagged else {}
    for pattern, actions in erasure.actions.items():
        yield allow(*actions, on=Sub(pattern.replace("{prefix}", prefix).replace("{region}", region)), **more)


def _is_persons(statement: GrantStatement) -> bool:
    return bool(statement.needs) and all(need.type in _BY_PERSON for need in statement.needs)
