"""Rules for IAM: who may take a role, what a policy lets through, and what IAM refuses. None is seen by a scanner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.documents import of_role, statements, trusted
from stacks.checks.refused.managed import rightly
from stacks.checks.row import HUB
from stacks.checks.rule import Hit, Stacks, refusal, rule
from stacks.checks.values import estimate, texts
from stacks.intrinsics.references import blanked
from stacks.json_types import items, mapping
from stacks.roles import authorization
from stacks.roles.arns import mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPUTY = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
_AWS_POLICY = re.compile(r"arn:[^:]+:iam::aws:policy/(.+)")
_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_SOURCE = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"}
# Services whose documentation says that they send a source with sts:AssumeRole; lambda, backup, apigateway and
# cloudtrail do not, and a condition would break their roles.
_TRUSTED_WITH_SOURCE = {"codebuild", "codepipeline", "vpc-flow-logs", "events", "scheduler", "states", "cloudformation"}


@rule(
    "DEPUTY-POLICY",
    why="the service would do it for anybody's account (confused deputy)",
    fix="Add a condition with aws:SourceArn or aws:SourceAccount",
    source=_DEPUTY,
)
def services_say_for_whom_they_come(stacks: Stacks) -> Iterator[Hit]:
    """A resource policy that lets a service in asks for its source; KMS may ask for the encryption context."""
    for statement in statements(stacks, "resource"):
        # CloudFront and CloudTrail have rules of their own: OAC-SOURCE and TRAIL-SOURCE.
        services = [name for name in statement.services if name not in {"cloudfront", "cloudtrail"}]
        bound = statement.keys & _SOURCE or any(key.startswith("kms:encryptioncontext") for key in statement.keys)
        if statement.allows and services and not bound:
            yield statement.hit(f"lets {services[0]} in from any account")


@rule(
    "DEPUTY-TRUST",
    why="the service would take the role for anybody's resource (confused deputy)",
    fix="Add a condition with aws:SourceArn or aws:SourceAccount to the role's trust",
    source=_DEPUTY,
)
def roles_say_for_whom_a_service_may_take_them(stacks: Stacks) -> Iterator[Hit]:
    """A role that CodeBuild, CodePipeline, EventBridge, CloudFormation or flow logs take asks for the source."""
    for statement in statements(stacks, "trust"):
        services = [name for name in statement.services if name in _TRUSTED_WITH_SOURCE]
        if statement.allows and services and not statement.keys & _SOURCE:
            yield statement.hit(f"lets {services[0]} take the role for any resource")


@rule(
    "PASS-ROLE",
    why="a role passed to any service is a way to more rights",
    fix="Add a condition with iam:PassedToService",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
def passed_roles_have_a_destination(stacks: Stacks) -> Iterator[Hit]:
    """Anyone who may pass a role says to which service."""
    for statement in statements(stacks, "identity"):
        if statement.allows and statement.gives("iam:passrole") and "iam:passedtoservice" not in statement.keys:
            yield statement.hit("may pass roles to any service")


@rule(
    "IAM-STAR",
    why="a right to everything is a right to the account; scanners do not read managed policies for it",
    fix="Name the actions that are needed",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
)
def policies_name_their_actions(stacks: Stacks) -> Iterator[Hit]:
    """No policy allows ``*``, all but a few actions, or a whole service."""
    for statement in statements(stacks, "identity"):
        all_of_a_service = [name for name in statement.actions if name.endswith(":*")]
        if statement.allows and ("*" in statement.actions or "*:*" in statement.actions):
            yield statement.hit("allows every action")
        elif statement.allows and "NotAction" in statement.content:
            yield statement.hit("allows every action but those it names")
        elif statement.allows and all_of_a_service:
            yield statement.hit(f"allows {all_of_a_service[0]}, every action of the service")


@rule(
    "IAM-ANY",
    why="an action that could be bound to our own resources reaches everybody's",
    fix="Name the resources, or add a condition",
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
)
def policies_name_their_resources(stacks: Stacks) -> Iterator[Hit]:
    """No policy allows on ``*``, without a condition, what IAM can check against a resource."""
    for statement in statements(stacks, "identity"):
        if statement.allows and "*" in statement.resources and not statement.keys:
            for action in sorted(filter(_could_be_bound, statement.actions)):
                yield statement.hit(f"allows {action} on every resource")


def _could_be_bound(action: str) -> bool:
    """Whether IAM checks the action, or all that its wildcard means, against resources."""
    if "*" not in action or action.endswith(":*"):
        return authorization.has_resources(action)
    meant = authorization.named(action)
    return bool(meant) and all(map(authorization.has_resources, meant))


@refusal(
    "IAM-ARN",
    why="IAM refuses the policy (MalformedPolicyDocument), and the stack fails",
    fix="Write the ARN with its service",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
)
def resources_are_arns_that_iam_accepts(stacks: Stacks) -> Iterator[Hit]:
    """Every resource of a policy is ``*`` or an ARN whose service is written out."""
    for statement in statements(stacks, "identity"):
        for key in ("Resource", "NotResource"):
            for text in texts(statement.content.get(key)):
                if what := mistake(text):
                    yield statement.hit(what)


@rule(
    "IAM-AWS",
    why="AWS's policies allow more than anybody needs, and more each year",
    fix="Write a policy with what is needed",
    source=f"{HUB}/iam-controls.html",
)
def roles_have_policies_of_their_own(stacks: Stacks) -> Iterator[Hit]:
    """No role has a policy that AWS wrote."""
    for role in stacks.of("AWS::IAM::Role"):
        for policy in items(role.properties.get("ManagedPolicyArns")):
            match = _AWS_POLICY.fullmatch(estimate(policy, role.region) or "")
            if match and not rightly(match[1]):
                yield role.hit("ManagedPolicyArns", f"has {match[1]}, which AWS wrote")


@rule(
    "FN-BOUNDARY",
    why="without one, anyone who can change the role's policies can give the function any right",
    fix="Set PermissionsBoundary",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
)
def roles_of_functions_have_a_boundary(stacks: Stacks) -> Iterator[Hit]:
    """Every role that Lambda takes has a permissions boundary."""
    for role in stacks.of("AWS::IAM::Role"):
        if "lambda" in trusted(role) and "PermissionsBoundary" not in role.properties:
            yield role.hit("PermissionsBoundary", "is a function's role without a permissions boundary")


@rule(
    "ARTIFACT-PREFIX",
    why="one pipeline's build could put its code into another's deployment",
    fix="Allow s3:PutObject under the pipeline's own prefix only, as <bucket>/<pipeline>/out/*",
    source="https://docs.aws.amazon.com/codepipeline/latest/userguide/security-iam.html",
)
def builds_write_to_their_own_prefix(stacks: Stacks) -> Iterator[Hit]:
    """A role that CodeBuild takes does not write to a whole bucket."""
    for role in stacks.of("AWS::IAM::Role"):
        if "codebuild" in trusted(role):
            for statement in of_role(stacks, role):
                whole_buckets = [name for name in statement.resources if _is_whole_bucket(name)]
                if statement.allows and statement.gives("s3:putobject") and whole_buckets:
                    yield statement.hit(f"lets the build {role.id} write everywhere in {whole_buckets[0]}")


def _is_whole_bucket(resource: str) -> bool:
    """Also one whose name or partition is a reference; what is published to a site's bucket is no code."""
    pattern = r"(?:\*|arn:[^:]+:s3:::(?!.*-site-)[^/]+)/\*"
    return resource == "*" or re.fullmatch(pattern, blanked(resource, "*")) is not None


# Characters that IAM counts: white space is not among them. A bucket's policy is counted in bytes, as it is sent.
@rule(
    "VPCE-POLICY",
    why="an open endpoint lets data out to any account's bucket or table",
    fix="Give the endpoint a policy with a condition on aws:PrincipalAccount and aws:ResourceAccount",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
)
def endpoints_stay_in_the_account(stacks: Stacks) -> Iterator[Hit]:
    """A VPC endpoint has a policy, and no statement of it is open to everybody and everything."""
    for endpoint in stacks.of("AWS::EC2::VPCEndpoint"):
        document = mapping(endpoint.properties.get("PolicyDocument"))
        if not document:
            yield endpoint.hit("PolicyDocument", "has no policy: everything may pass")
        for index, statement in enumerate(map(mapping, items(document.get("Statement")))):
            open_to_all = "*" in texts(statement.get("Resource")) and not statement.get("Condition")
            if statement.get("Effect") == "Allow" and open_to_all:
                yield endpoint.hit(f"PolicyDocument.Statement[{index}]", "lets every resource of every account pass")


RULES = (
    services_say_for_whom_they_come,
    roles_say_for_whom_a_service_may_take_them,
    passed_roles_have_a_destination,
    policies_name_their_actions,
    policies_name_their_resources,
    resources_are_arns_that_iam_accepts,
    roles_have_policies_of_their_own,
    roles_of_functions_have_a_boundary,
    builds_write_to_their_own_prefix,
    endpoints_stay_in_the_account,
)
