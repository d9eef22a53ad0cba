"""What IAM, S3, KMS, SNS and SQS refuse of a policy: size, grammar, principals, actions, resources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stacks.checks.documents import JudgedDocument, JudgedStatement, PolicyKind, documents, statements
from stacks.checks.refused.reading import own, plain
from stacks.checks.rule import Hit, Resource, Stacks, refusal, rule
from stacks.checks.values import estimate, text, texts
from stacks.intrinsics.functions import is_function
from stacks.intrinsics.references import blanked
from stacks.json_types import at, items, mapping
from stacks.types import known

if TYPE_CHECKING:
    from stacks.json_types import JsonObject

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
_QUOTAS = f"{_GUIDE}/reference_iam-quotas.html"

_INLINE = 10_240
_TRUST = known("AWS::IAM::Role").document


@refusal(
    "POLICY-SIZE",
    why="IAM and S3 refuse a policy over its size when it is made",
    fix="Split it over several managed policies, or name resources by a common prefix",
    source=_QUOTAS,
)
def policies_fit_their_size(stacks: Stacks) -> Iterator[Hit]:
    """Managed policies, trusts, inline policies of a role together, bucket and key policies."""
    inline: dict[tuple[str, str], int] = {}
    for document in documents(stacks):
        owner, size = document.owner, _size(document.content, document.owner.region)
        allowed = _allowed(document)
        if allowed and size > allowed:
            yield owner.hit(document.path, f"has {size:,} characters, {allowed:,} are allowed")
        elif owner.type == "AWS::IAM::Role" and document.kind == "identity":
            inline[owner.stack, owner.id] = inline.get((owner.stack, owner.id), 0) + size
    for (stack, name), size in inline.items():
        if size > _INLINE:
            what = f"has {size:,} characters of inline policies, {_INLINE:,} are allowed"
            yield Hit(stack=stack, logical_id=name, path="Policies", what=what)


@rule(
    "TRUST-SIZE",
    why="IAM takes trust policies of up to 2,048 characters, and up to 8,192 once it has raised the account's quota",
    fix="Trust fewer principals in one role, or ask for 'Role trust policy length' in the Service Quotas console",
    source=_QUOTAS,
)
def trusts_keep_to_the_quota(stacks: Stacks) -> Iterator[Hit]:
    """A role's trust policy keeps to the default quota."""
    for document in documents(stacks, "trust"):
        size = _size(document.content, document.owner.region)
        if _TRUST and size > _TRUST.most:
            yield document.owner.hit(document.path, f"has {size:,} characters")


def _allowed(document: JudgedDocument) -> int:
    """Characters that IAM counts, which white space is not; the bytes of a bucket's policy, as it is sent."""
    limit = known(document.owner.type).document
    return (limit.raised or limit.most) if limit and document.path == limit.property else 0


def _size(document: JsonObject, region: str) -> int:
    def plain(value: object) -> Any:
        result = estimate(value, region)
        if result is not None and not isinstance(value, str | int):
            return result
        if isinstance(value, Mapping):
            return {key: plain(inside) for key, inside in value.items()}
        return [plain(inside) for inside in value] if isinstance(value, list | tuple) else value

    return len("".join(json.dumps(plain(document), separators=(",", ":"), default=str).split()))


_OPERATORS = re.compile(
    r"(?:ForAllValues:|ForAnyValue:)?(?:String(?:Not)?(?:Equals|EqualsIgnoreCase|Like)|"
    r"Numeric(?:(?:Not)?Equals|LessThan(?:Equals)?|GreaterThan(?:Equals)?)|"
    r"Date(?:(?:Not)?Equals|LessThan(?:Equals)?|GreaterThan(?:Equals)?)|"
    r"Bool|BinaryEquals|(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like))(?:IfExists)?|Null",
    re.IGNORECASE,
)


@refusal(
    "POLICY-GRAMMAR",
    why="IAM refuses the document: MalformedPolicyDocument",
    fix="Write Version 2012-10-17, and in each statement Effect, Action, and Resource (identity) or Principal (trust)",
    source=f"{_GUIDE}/reference_policies_grammar.html",
)
def documents_follow_the_grammar(stacks: Stacks) -> Iterator[Hit]:
    """Documents have a version and statements; each statement has what its kind needs, and nothing twice."""
    for document in documents(stacks):
        content = document.content
        if not content or is_function(content) or "Statement" not in content:
            if content and not is_function(content):
                yield document.owner.hit(document.path, "has no Statement")
            continue
        version = text(content.get("Version"))
        if version is not None and "$" not in version and version not in {"2012-10-17", "2008-10-17"}:
            yield document.owner.hit(f"{document.path}.Version", f"is {version!r}")
        ids = [text(entry.content.get("Sid")) for entry in document.statements()]
        for name in sorted({entry for entry in ids if entry and ids.count(entry) > 1}):
            yield document.owner.hit(document.path, f"has the Sid {name!r} twice")
        if document.kind == "identity" and not list(document.statements()) and not is_function(content["Statement"]):
            yield document.owner.hit(f"{document.path}.Statement", "is empty")
        for statement in document.statements():
            for problem in _mistakes(document, statement):
                yield statement.hit(problem)


def _mistakes(document: JudgedDocument, statement: JudgedStatement) -> Iterator[str]:
    content = statement.content
    if is_function(content):
        return
    effect, sid = text(content.get("Effect")), text(content.get("Sid"))
    if effect is None and "Effect" not in content:
        yield "has no Effect"
    elif effect is not None and "$" not in effect and effect not in {"Allow", "Deny"}:
        yield f"has the Effect {effect!r}"
    yield from _exactly_one(content, "Action", "NotAction")
    if sid and "$" not in sid and document.kind != "resource" and not re.fullmatch(r"[A-Za-z0-9]*", sid):
        yield f"has the Sid {sid!r}: IAM takes letters and digits"
    yield from _of_kind(document.kind, statement)
    for operator, values in mapping(content.get("Condition")).items():
        known = isinstance(operator, str) and (_OPERATORS.fullmatch(operator) or operator.startswith("Fn::"))
        if not known:
            yield f"has the condition operator {operator!r}"
        elif not isinstance(values, Mapping):
            yield f"has no keys under {operator}"


def _of_kind(kind: PolicyKind, statement: JudgedStatement) -> Iterator[str]:
    content = statement.content
    if kind == "identity":
        yield from _exactly_one(content, "Resource", "NotResource")
        if "Principal" in content or "NotPrincipal" in content:
            yield "has a Principal, which is for policies of resources"
        return
    yield from _exactly_one(content, "Principal", "NotPrincipal")
    if kind == "trust":
        if "Resource" in content or "NotResource" in content:
            yield "has a Resource, which a trust policy has not"
        for action in statement.actions:
            if not action.startswith(("sts:", "*", "$", "rolesanywhere:")):
                yield f"allows {action}: a trust policy takes actions of sts only"


def _exactly_one(content: JsonObject, name: str, other: str) -> Iterator[str]:
    if name in content and other in content:
        yield f"has {name} and {other}"
    elif content.get(name) is None and content.get(other) is None:
        yield f"has no {name}"


@refusal(
    "POLICY-ACTION",
    why="IAM refuses actions without a service: Actions/Conditions must be prefaced by a vendor",
    fix="Write service:Action, as s3:GetObject",
    source=f"{_GUIDE}/reference_policies_elements_action.html",
)
def actions_name_their_service(stacks: Stacks) -> Iterator[Hit]:
    """Each action is ``*`` or a service, a colon and a name."""
    for statement in statements(stacks):
        for name in ("Action", "NotAction"):
            for action in texts(statement.content.get(name)):
                if action != "*" and "$" not in action and not re.fullmatch(r"[A-Za-z0-9-]+:[A-Za-z0-9*?]+", action):
                    yield statement.hit(f"names the action {action!r}")


_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|aws\.internal)")
_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}
_REGIONLESS = {"iam", "s3", "cloudfront", "route53", "organizations"}
_NO_BUCKETS = ("accesspoint", "job", "storage-lens", "async-request", "access-grants")
"""What S3 has in regions and accounts, unlike buckets and objects."""


@refusal(
    "POLICY-ARN",
    why="IAM refuses a resource that is not an ARN, and a partition or service that is not written out: vendor must be "
    "fully qualified and cannot contain regexes",
    fix="Write arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, or '*'; IAM and S3 have no region, S3 no account",
    source=f"{_GUIDE}/reference_policies_elements_resource.html",
)
def resources_are_arns(stacks: Stacks) -> Iterator[Hit]:
    """Each resource is ``*`` or an ARN whose service is written out."""
    for statement in statements(stacks):
        for name in ("Resource", "NotResource"):
            for written in texts(statement.content.get(name)):
                if problem := _arn_problem(written, statement):
                    yield statement.hit(f"names the resource {written!r}: {problem}")


def _arn_problem(written: str, statement: JudgedStatement) -> str | None:  # noqa: PLR0911 - the parts, one by one
    result = estimate(written, statement.document.owner.region) or ""
    if written == "*" or result.startswith(("${", "{{")):
        return None
    # References hold colons only as a whole ARN, at the beginning.
    parts = blanked(result, "x").split(":", 5)
    # Queues, topics and keys take short names in their own policies.
    if parts[0] != "arn":
        own_policy = statement.document.kind == "resource" and statement.document.owner.type != "AWS::S3::BucketPolicy"
        return None if own_policy else "is not an ARN"
    if len(parts) < 6:  # noqa: PLR2004 - parts of an ARN
        return "has fewer than six parts"
    _, partition, service, region, account, resource = parts
    if "*" in partition and partition != "*":
        return "has a partition with '*' in it"
    if not re.fullmatch(r"[a-z0-9-]+", service):
        return "does not write its service out"
    regional = service == "s3" and resource.startswith(_NO_BUCKETS)
    if service in _REGIONLESS and region not in {"", "*"} and not regional:
        return f"has a region, which {service} has not"
    if service == "s3" and account and not regional:
        return "has an account, which buckets have not"
    if service == "iam" and not re.match(
        r"\*|(?:user|group|role|policy|instance-profile|mfa|oidc-provider|saml-provider|server-certificate|root|"
        r"assumed-role|federated-user|access-report|sms-mfa)(?:/|\*|$)",
        resource,
    ):
        return "does not begin with user/, role/, policy/ or the like"
    return None if resource else "names nothing"


@refusal(
    "POLICY-PRINCIPAL",
    why="IAM and S3 refuse it: Invalid principal in policy",
    fix="Write '*', an account, or the whole ARN of a role or user; match many by a condition on aws:PrincipalArn",
    source=f"{_GUIDE}/reference_policies_elements_principal.html",
)
def principals_are_whole(stacks: Stacks) -> Iterator[Hit]:
    """A principal is everybody, an account, an ARN without wildcards, or a service."""
    for statement in statements(stacks, "trust", "resource"):
        for name in ("Principal", "NotPrincipal"):
            principals = statement.content.get(name)
            if isinstance(principals, str) and principals != "*":
                yield statement.hit(f"names the {name} {principals!r}, not under AWS, Service or Federated")
            for principal in texts(at(principals, "AWS")):
                if problem := _principal_problem(principal, statement):
                    yield statement.hit(f"names {principal!r}: {problem}")
            for service in texts(at(principals, "Service")):
                if "$" not in service and not _SERVICE.fullmatch(service):
                    yield statement.hit(f"names the service {service!r}")
            for key in mapping(principals):
                if key not in _KINDS and not is_function({key: None}):
                    yield statement.hit(f"names a principal of the kind {key!r}")


def _principal_problem(principal: str, statement: JudgedStatement) -> str | None:
    result = plain(principal, statement.document.owner.region)
    if result is None or result == "*" or re.fullmatch(r"\d{12}|AIDA\w+|AROA\w+", result):
        return None
    if not result.startswith("arn:"):
        return "is neither an account nor an ARN"
    return "has a wildcard" if "*" in result or "?" in result else None


@refusal(
    "BUCKET-POLICY-RESOURCE",
    why="S3 refuses a policy on other resources (Policy has invalid resource), and actions that none of them takes "
    "(Action does not apply to any resource)",
    fix="Name the bucket's ARN for actions on it, its ARN and /* for actions on objects",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html",
)
def bucket_policies_are_about_their_bucket(stacks: Stacks) -> Iterator[Hit]:
    """A bucket's policy names the bucket, its objects, and actions that these take."""
    for statement in statements(stacks, "resource"):
        owner = statement.document.owner
        if owner.type != "AWS::S3::BucketPolicy":
            continue
        names = _names_of_bucket(stacks, owner)
        resources = statement.resources
        complete = resources and len(resources) == len(items(statement.content.get("Resource")))
        for written in resources:
            arn = estimate(written, owner.region) or ""
            name = re.match(r"arn:[^:]+:s3:::([^/]*)", arn)
            if name and names and "${" not in name[1] and name[1] not in names and not re.search(r"[*?]", name[1]):
                yield statement.hit(f"names {written!r}, another bucket")
        if complete and len(statement.actions) == 1:
            action = statement.actions[0]
            objects = [("/" in written or written.endswith("*")) for written in resources]
            if action in _ON_OBJECTS and not any(objects):
                yield statement.hit(f"has {action} on the bucket alone")
            if action in _ON_BUCKETS and all("/" in written for written in resources):
                yield statement.hit(f"has {action} on objects alone")


_ON_OBJECTS = {
    "s3:getobject", "s3:putobject", "s3:deleteobject", "s3:getobject*", "s3:putobject*", "s3:deleteobject*",
    "s3:getobjectversion", "s3:putobjectacl", "s3:getobjectacl", "s3:restoreobject", "s3:abortmultipartupload",
}  # fmt: skip
_ON_BUCKETS = {
    "s3:listbucket", "s3:listbucketversions", "s3:getbucketacl", "s3:getbucketlocation", "s3:getbucketpolicy",
    "s3:listbucketmultipartuploads", "s3:putbucketpolicy",
}  # fmt: skip


def _names_of_bucket(stacks: Stacks, policy: Resource) -> set[str]:
    """What the policy's bucket may be called: nothing when that is not known."""
    bucket = own(stacks, policy.at("Bucket"), policy, "AWS::S3::Bucket")
    name = plain(bucket.at("BucketName") if bucket else policy.at("Bucket"), policy.region)
    return {name} if name else set()


_TOPIC_ACTIONS = frozenset(
    f"sns:{name}"
    for name in (
        *("addpermission", "deletetopic", "getdataprotectionpolicy", "gettopicattributes"),
        *("listsubscriptionsbytopic", "listtagsforresource", "publish", "putdataprotectionpolicy"),
        *("receive", "removepermission", "settopicattributes", "subscribe"),
    )
)
_MOST_ACTIONS, _MOST_STATEMENTS, _MOST_PRINCIPALS = 7, 20, 50


@refusal(
    "TOPIC-POLICY",
    why="SNS refuses actions that are not about one topic, sns:* among them: Policy statement action out of service "
    "scope",
    fix="List the actions, as sns:Publish",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html",
)
def topic_policies_have_actions_of_topics(stacks: Stacks) -> Iterator[Hit]:
    """A topic's policy names actions on topics."""
    for statement in statements(stacks, "resource"):
        if statement.document.owner.type == "AWS::SNS::TopicPolicy":
            for action in statement.actions:
                if "$" not in action and action not in _TOPIC_ACTIONS:
                    yield statement.hit(f"names the action {action}")


@refusal(
    "QUEUE-POLICY",
    why="SQS refuses a policy over its quotas: 20 statements, 7 actions and 50 principals in each",
    fix="Use sqs:* or fewer actions, or several statements",
    source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
)
def queue_policies_are_small(stacks: Stacks) -> Iterator[Hit]:
    """A queue's policy keeps to SQS's quotas and actions."""
    for document in documents(stacks, "resource"):
        if document.owner.type != "AWS::SQS::QueuePolicy":
            continue
        results = list(document.statements())
        if len(results) > _MOST_STATEMENTS:
            yield document.owner.hit(document.path, f"has {len(results)} statements")
        for statement in results:
            if len(statement.actions) > _MOST_ACTIONS:
                yield statement.hit(f"has {len(statement.actions)} actions")
            if len(texts(at(statement.content, "Principal", "AWS"))) > _MOST_PRINCIPALS:
                yield statement.hit("has more than 50 principals")
            for action in statement.actions:
                if "$" not in action and action != "*" and not action.startswith("sqs:"):
                    yield statement.hit(f"names the action {action}")


RULES = (
    policies_fit_their_size,
    trusts_keep_to_the_quota,
    documents_follow_the_grammar,
    actions_name_their_service,
    resources_are_arns,
    principals_are_whole,
    bucket_policies_are_about_their_bucket,
    topic_policies_have_actions_of_topics,
    queue_policies_are_small,
)
