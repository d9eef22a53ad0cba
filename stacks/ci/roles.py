"""A stage and its rendered stacks → what base makes for its CI service: identity provider, roles, deploy roles. Pure.

Two roles trust the service: one reads and plans, one deploys. Neither changes a resource: the second makes change sets
of the stage's stacks and hands each stack's own deploy role to CloudFormation, as pipelines do. One role for each stack
would not separate more, since a token of the branch could take any of them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from awacs.aws import Principal, Statement
from troposphere import GetAtt, Ref, Sub, encode_to_dict, iam

from stacks import naming
from stacks.ci.names import DEPLOYER, PLANNER, PREVIEWER, role_name
from stacks.ci.patterns import Patterns
from stacks.ci.previews import preview_resources, preview_statements
from stacks.ci.stack_changes import changes_stacks, runs_commands
from stacks.ci.tokens import audience, deploying, issuer, planning
from stacks.deploy.lock import KEY as LOCK
from stacks.deploy.sync import KEY as SYNCED
from stacks.parts.policies import actions, allow, arn, managed_policy, policy, tagged, when
from stacks.pipelines.building import looks_at, publishes_site
from stacks.pipelines.pipeline import BUCKET, deploy_role_id, stack_arn
from stacks.roles import deploy_role
from stacks.stages.rows import is_chosen
from stacks.stages.stacks import BACKEND, BASE, DATA, stack_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from awacs.aws import PolicyDocument
    from troposphere import AWSObject, Template

    from stacks.app import Stage
    from stacks.ci.tokens import Accepted
    from stacks.json_types import JsonDict
    from stacks.model.ci import Ci
    from stacks.template.rendered import Rendered

_PROVIDER = "CiProvider"
_POLICY = 5_000
"""Characters of a policy, of the 6,144 that IAM takes."""
_LOOKS = ("DescribeEvents", "DescribeStackEvents", "DescribeStackResources", "GetStackPolicy", "ListStackResources")


def add_ci(
    base: Template, stage: Stage, ci: Ci, rendered: Sequence[Rendered], preview: tuple[Stage, Sequence[Rendered]] | None
) -> None:
    """Add to ``base`` what deploys the stage's other stacks, which are ``rendered``, and all stacks of its previews.

    ``preview`` is an example of these, with its stacks.

    Raises:
        StacksError: for a template that no deploy role can be derived from.
    """
    deployed = [rendered_stack for rendered_stack in rendered if is_chosen(rendered_stack.stack, stage)]
    for stack in deployed:
        for resource in deploy_role(stage, stack):
            base.add_resource(resource)
    if ci.provider == "own":
        base.add_resource(_provider(stage, ci))
    plans = list(looks_at(stage, deployed, rendered))
    for resource in (
        *_role("CiPlanner", PLANNER, planning(ci), plans, stage, ci),
        *_role("CiDeployer", DEPLOYER, deploying(ci), list(_deploys(stage, deployed, rendered)), stage, ci),
    ):
        base.add_resource(resource)
    if preview:
        for resource in _previews(stage, ci, *preview):
            base.add_resource(resource)


def _previews(stage: Stage, ci: Ci, example: Stage, rendered: Sequence[Rendered]) -> Iterator[AWSObject]:
    """What deploys previews; pull requests take its role, which the role that plans does not have the rights of."""
    patterns = Patterns(example, str(ci.previews))
    yield from preview_resources(stage, example, rendered, patterns)
    statements = preview_statements(example, rendered, patterns)
    yield from _role("CiPreviewer", PREVIEWER, planning(ci), statements, stage, ci)


def _provider(stage: Stage, ci: Ci) -> Any:
    """The identity provider. The account has one for each issuer, so it stays when the stage goes.

    AWS knows the certificate authorities of these issuers, and reads no thumbprint.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
    """
    return iam.OIDCProvider(
        _PROVIDER,
        Url=f"https://{issuer(ci)}",
        ClientIdList=[audience(ci)],
        Tags=tagged(stage, BASE),
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
    )


def _role(  # noqa: PLR0913, PLR0917 - two roles differ in all of it
    title: str, name: str, accepted: Accepted, statements: Sequence[Statement | JsonDict], stage: Stage, ci: Ci
) -> Iterator[AWSObject]:
    rights = [
        managed_policy(f"{title}Policy{number}", stage, "platform", _document(some))
        for number, some in enumerate(_packed(statements), start=1)
    ]
    own = GetAtt(_PROVIDER, "Arn")
    provider = own if ci.provider == "own" else arn("iam", f"oidc-provider/{accepted.issuer}", region="")
    trust = Statement(
        Effect="Allow",
        Action=actions("sts:AssumeRoleWithWebIdentity"),
        Principal=Principal("Federated", [provider]),
        Condition=when(**{operator: dict(keys) for operator, keys in accepted.conditions.items()}),
    )
    yield from rights
    yield iam.Role(
        f"{title}Role",
        RoleName=role_name(name, stage),
        Path=naming.role_path(stage, "platform"),
        AssumeRolePolicyDocument=policy(trust),
        ManagedPolicyArns=[Ref(right) for right in rights],
        Tags=tagged(stage, BASE),
    )


def _document(statements: Sequence[Statement | JsonDict]) -> PolicyDocument | JsonDict:
    written = [statement for statement in statements if isinstance(statement, dict)]
    if written:
        return {"Version": "2012-10-17", "Statement": written}
    return policy(*(statement for statement in statements if not isinstance(statement, dict)))


def _packed(statements: Sequence[Statement | JsonDict]) -> Iterator[list[Statement | JsonDict]]:
    """The statements in as many policies as they need: one for each stack are many where a backend is spread."""
    some: list[Statement | JsonDict] = []
    for statement in statements:
        if some and sum(map(_size, (*some, statement))) > _POLICY:
            yield some
            some = []
        some.append(statement)
    yield some


def _size(statement: Statement | JsonDict) -> int:
    """Characters of a statement in the template, which are more than IAM will count."""
    return len(json.dumps(encode_to_dict(statement)))


def _deploys(stage: Stage, deployed: Sequence[Rendered], rendered: Sequence[Rendered]) -> Iterator[Statement]:
    """What ``deploy --deploy-roles`` calls.

    Not among it: deleting stacks, their protection and their policies, and whatever base is made of.
    """
    yield from looks_at(stage, deployed, rendered)
    roles = {stack.stack: GetAtt(deploy_role_id(stack), "Arn") for stack in deployed}
    on = [stack_arn(stack.name, stack.region) for stack in deployed]
    yield from changes_stacks(deployed, roles, on, _LOOKS)
    yield from _in_the_bucket(deployed)
    if any("files" in stack_at(rendered_stack.stack, stage).publishes for rendered_stack in deployed):
        yield from publishes_site(stage)
    yield from _calls(stage, deployed)


def _in_the_bucket(deployed: Sequence[Rendered]) -> Iterator[Statement]:
    """Code, written once under each key; large templates; and the lock that keeps a second deployment out."""
    bucket = Sub(f"${{{BUCKET}.Arn}}")
    once = when(Null={"s3:if-none-match": "false"})
    templates = [Sub(f"${{{BUCKET}.Arn}}/templates/{stack.name}/*") for stack in deployed]
    lock, synced = (Sub(f"${{{BUCKET}.Arn}}/{key}") for key in (LOCK, SYNCED))
    # Without it, HEAD of a key that is missing is "denied" instead of "not found".
    yield allow("s3:ListBucket", on=bucket)
    yield allow("s3:PutObject", on=Sub(f"${{{BUCKET}.Arn}}/code/*"), Condition=once)
    yield allow("s3:GetObject", on=[Sub(f"${{{BUCKET}.Arn}}/code/*"), *templates, lock, synced])
    yield allow("s3:PutObject", on=[*templates, lock])
    yield allow("s3:DeleteObject", on=lock)


def _calls(stage: Stage, deployed: Sequence[Rendered]) -> Iterator[Statement]:
    """Reading what a large change of a table waits for, and running the commands of ``after_deploy``."""
    sections = {stack_at(stack.stack, stage).section for stack in deployed}
    if stage.data.tables and DATA in sections:
        yield allow("dynamodb:DescribeTable", on=arn("dynamodb", f"table/{naming.prefix(stage)}-*"))
    if BACKEND in sections:
        yield from runs_commands(stage)
