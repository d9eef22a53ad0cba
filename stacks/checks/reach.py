"""Invariants over the graph of a stage: who outside of it can reach what, whatever kind of policy or door says so.

Every kind of policy counts: trust, key, bucket, queue, topic, table, secret, vault, event bus, log
destination, a function's permissions. Inside is the stage's own account; outside is everybody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from stacks.checks.documents import JudgedStatement, of_role, statements, trusted
from stacks.checks.outgoing import partner_accounts
from stacks.checks.rule import Hit, Resource, Stacks, rule
from stacks.checks.values import leaves, text, texts
from stacks.json_types import at, items, mapping

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
_ROLE = "AWS::IAM::Role"
_SAME_ORGANIZATION = {"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:sourceaccount"}
_SOURCES = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:principalarn", "aws:sourcevpce"}


@rule(
    "REACH-PRINCIPAL",
    why="somebody outside of this account could use what the policy is of",
    fix="Name roles of this account or a service, or bind it by aws:PrincipalAccount, aws:PrincipalOrgID or a source",
    source=f"{_IAM}/reference_policies_elements_principal.html",
)
def policies_let_this_account_in(stacks: Stacks) -> Iterator[Hit]:
    """No policy of any kind allows everybody, all but some, or another account, without a condition on who comes."""
    partners = partner_accounts(stacks)
    for statement in statements(stacks, "trust", "resource"):
        if not statement.allows:
            continue
        if "NotPrincipal" in statement.content:
            yield statement.hit("allows everybody but whom it names")
        for account in sorted(set(_sources(statement)) - partners):
            yield statement.hit(f"lets in what comes from the account {account}")
        if statement.sure_keys & (_SAME_ORGANIZATION | _SOURCES):
            continue
        for account in _outsiders(statement):
            # KEY-OPEN reports what is open to everybody without any condition.
            if account == "*" and (statement.document.kind == "trust" or statement.keys):
                yield statement.hit("lets everybody in")
            elif account != "*" and account not in partners:
                yield statement.hit(f"lets the account {account} in")


def _sources(statement: JudgedStatement) -> Iterator[str]:
    """The accounts that a condition writes out, among the keys that say who comes."""
    for values in mapping(statement.content.get("Condition")).values():
        for key, value in mapping(values).items():
            if key.lower() in _SAME_ORGANIZATION | _SOURCES:
                for item in texts(value):
                    yield from re.findall(r"(?<![\w-])\d{12}(?![\w-])", item)


def _outsiders(statement: JudgedStatement) -> Iterator[str]:
    """``*`` for everybody, or the number of an account that is written out."""
    principals = statement.content.get("Principal")
    named = [
        *(texts(principals) if not isinstance(principals, Mapping) else ()),
        *texts(at(principals, "AWS")),
        *texts(at(principals, "*")),
    ]
    for principal in [*named, *texts(at(principals, "Federated"))]:
        match = re.fullmatch(r"(?:arn:[^:]+:(?:iam|sts)::)?(\d{12})(?::.*)?", principal)
        if principal.strip("*") == "" or ":iam::*:" in principal:
            yield "*"
        elif match:
            yield match[1]
    if at(principals, "CanonicalUser") is not None:
        yield "with a canonical id"


@rule(
    "REACH-FEDERATED",
    why="anybody's identity pool or repository could take the role",
    fix="Add conditions on aud and amr (Cognito), or on aud and sub (OpenID Connect)",
    source="https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html",
)
def federated_roles_say_for_whom(stacks: Stacks) -> Iterator[Hit]:
    """A role that a federated identity takes says whose: audience and kind, or audience and subject."""
    for statement in statements(stacks, "trust"):
        for provider in texts(at(statement.content, "Principal", "Federated")):
            kinds = {key.rpartition(":")[2] for key in statement.keys}
            needed = next((keys for name, keys in _ASKED.items() if name in provider), {"aud"})
            if statement.allows and needed - kinds:
                yield statement.hit(f"does not ask for {' and '.join(sorted(needed - kinds))} of {provider}")


_ASKED = {"cognito-identity": {"aud", "amr"}, "oidc-provider": {"aud", "sub"}}
"""Kind of identity provider → the condition keys that say whose identities may come; others ask for an audience."""


_DATA = ("dynamodb:", "s3:", "secretsmanager:", "ssm:", "kms:", "sqs:", "sns:", "lambda:", "execute-api:")


@rule(
    "REACH-PEOPLE",
    why="anyone who has an account at the site, or none, could read what belongs to others",
    fix="Give guests nothing of the stage's, and people only keys and prefixes that begin with their own identity",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html",
)
def people_reach_their_own_data(stacks: Stacks) -> Iterator[Hit]:
    """Roles of an identity pool's people are bound to their identity; those of guests reach no data."""
    for role in stacks.of(_ROLE):
        kind = _people(role)
        for statement in of_role(stacks, role) if kind else ():
            actions = [name for name in statement.actions if name == "*" or name.startswith(_DATA)]
            texts_of_statement = " ".join(leaves(statement.content.get("Condition"))) + " ".join(statement.resources)
            bound = "cognito-identity.amazonaws.com:sub}" in texts_of_statement
            if statement.allows and actions and kind == "unauthenticated":
                yield statement.hit(f"lets guests use {actions[0]}")
            elif statement.allows and actions and not bound and actions[0].startswith(("dynamodb:", "s3:", "*")):
                yield statement.hit(f"lets everybody with an account use {actions[0]} on all there is")


def _people(role: Resource) -> str | None:
    trust = role.at("AssumeRolePolicyDocument")
    if not any("cognito-identity" in line for line in leaves(trust)):
        return None
    return "unauthenticated" if "unauthenticated" in set(leaves(trust)) else "authenticated"


@rule(
    "REACH-FUNCTION",
    why="callers of the function are not authorised",
    fix="Name a service and its source; allow calls without a signature only for a function with a public URL",
    source="https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
)
def functions_are_called_from_inside(stacks: Stacks) -> Iterator[Hit]:
    """A function's permission names a service with its source, or a public URL that the stage describes."""
    urls = {
        (item.stack, text(item.at("TargetFunctionArn")))
        for item in stacks.of("AWS::Lambda::Url")
        if item.at("AuthType") == "NONE"
    }
    for resource in stacks.of("AWS::Lambda::Permission"):
        principal = text(resource.at("Principal")) or ""
        public = resource.at("FunctionUrlAuthType") == "NONE" or resource.at("InvokedViaFunctionUrl") is True
        if public and principal == "*" and not urls:
            yield resource.hit("FunctionUrlAuthType", "allows calls without a signature, and no URL is public")
        if re.fullmatch(r"\d{12}|arn:[^:]+:(?:iam|sts)::(?:\d{12}|\*):.*", principal):
            yield resource.hit("Principal", f"lets {principal} call the function")
        if (text(resource.at("Action")) or "").endswith("*"):
            yield resource.hit("Action", "allows more than to call the function")
        for name in ("SourceArn", "SourceAccount"):
            match = re.search(r"(?<![\w-])(\d{12}|\*)(?![\w-])(?=:|$)", text(resource.at(name)) or "")
            if match and not (
                match[1] == "*" and name == "SourceArn" and "execute-api" in str(text(resource.at(name)))
            ):
                yield resource.hit(name, f"lets what comes from the account {match[1]} call the function")
        if (
            principal.endswith(".amazonaws.com")
            and resource.at("SourceArn") is None
            and resource.at("SourceAccount") is None
        ):
            yield resource.hit("SourceArn", f"lets {principal} call for anybody")
    for entry in stacks.of("AWS::Lambda::LayerVersionPermission"):
        grantee = text(entry.at("Principal")) or ""
        if (grantee == "*" and not entry.at("OrganizationId")) or re.fullmatch(r"\d{12}", grantee):
            yield entry.hit(
                "Principal", f"lets {'everybody' if grantee == '*' else f'the account {grantee}'} use the layer"
            )


@rule(
    "REACH-LOGS",
    why="what functions log is sent out of the account",
    fix="Name a destination of this account",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html",
)
def logs_stay_in_the_account(stacks: Stacks) -> Iterator[Hit]:
    """No subscription hands a log to another account."""
    for resource in stacks.of("AWS::Logs::SubscriptionFilter", "AWS::Logs::AccountPolicy"):
        for name in ("DestinationArn", "PolicyDocument"):
            match = re.search(r"arn:[^:]+:[a-z-]+:[^:]*:(\d{12}):", text(resource.at(name)) or "")
            if match:
                yield resource.hit(name, f"sends the log to the account {match[1]}")


@rule(
    "REACH-PASS",
    why="anyone who may make a change set, or use a connection, with anything acts with any role or on any repository",
    fix="Bind CreateChangeSet by cloudformation:RoleArn, UseConnection by codeconnections:FullRepositoryId",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html",
)
def deliveries_are_bound(stacks: Stacks) -> Iterator[Hit]:
    """Rights to deploy with a role, and to read a repository, say which."""
    for statement in statements(stacks, "identity"):
        if not statement.allows:
            continue
        roles = "cloudformation:rolearn" in statement.keys
        for action in ("cloudformation:createchangeset", "cloudformation:createstack", "cloudformation:updatestack"):
            if statement.gives(action) and not roles:
                yield statement.hit(f"allows {action} with any role")
        used = [name for name in statement.actions if name.endswith(":useconnection")]
        if used and not any(key.endswith(("fullrepositoryid", "branchname")) for key in statement.keys):
            yield statement.hit(f"allows {used[0]} for any repository")


@rule(
    "REACH-BUILD",
    why="anyone who can push, or anybody at all, decides what a build does or reads what it prints",
    fix="Write BuildSpec into the template, and keep Visibility PRIVATE",
    source="https://docs.aws.amazon.com/codebuild/latest/userguide/public-builds.html",
)
def builds_do_what_the_template_says(stacks: Stacks) -> Iterator[Hit]:
    """A build of a pipeline does what its project says, and shows it to the account alone."""
    for resource in stacks.of("AWS::CodeBuild::Project"):
        spec = text(resource.at("Source", "BuildSpec"))
        is_file = spec is not None and "\n" not in spec and (":" not in spec or spec.startswith("arn:"))
        if resource.at("Source", "BuildSpec") is None or is_file:
            yield resource.hit("Source.BuildSpec", "comes from the repository or a bucket")
        if resource.at("Visibility") == "PUBLIC_READ":
            yield resource.hit("Visibility", "shows the build to everybody")


@rule(
    "TRAIL-EVENTS",
    why="changes of rights and resources are not recorded",
    fix="Record management events of all kinds",
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html",
)
def trails_record_management(stacks: Stacks) -> Iterator[Hit]:
    """A trail records management events, reading and writing."""
    for trail in stacks.of("AWS::CloudTrail::Trail"):
        for index, entry in enumerate(items(trail.at("EventSelectors"))):
            partly = text(at(entry, "ReadWriteType")) in {"ReadOnly", "WriteOnly"} or items(at(entry, _EXCLUDED))
            if at(entry, "IncludeManagementEvents") is False or partly:
                yield trail.hit(f"EventSelectors[{index}]", "leaves out management events")
        advanced = items(trail.at("AdvancedEventSelectors"))
        if advanced and not any(_is_all_management(item) for item in advanced):
            yield trail.hit("AdvancedEventSelectors", "leave out management events")


_EXCLUDED = "ExcludeManagementEventSources"


def _is_all_management(selector: object) -> bool:
    """Whether an advanced selector takes management events, and no further field keeps some of them out."""
    fields = {text(at(entry, "Field")): texts(at(entry, "Equals")) for entry in items(at(selector, "FieldSelectors"))}
    return fields == {"eventCategory": ["Management"]}


_ENDED = re.compile(
    r"python(?:2\.7|3\.(?:[6-9]|10))|nodejs(?:[4-9]|1\d|20)?(?:\.(?:x|\d+))?(?:-edge)?|go1\.x|ruby(?:2\.\d|3\.2)"
    r"|java8|dotnetcore.*|dotnet[5-9]|provided(?:\.al2)?"
)
"""Runtimes that had ended by November 2026; cfn-lint's W2531 knows the day of each."""


_OLD_IMAGES = re.compile(r"aws/codebuild/(?:standard:[1-5]\.|amazonlinux2-\w+-standard:[1-3]\.)")
"""https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html"""


@rule(
    "FN-RUNTIME",
    why="the runtime gets no security updates any more",
    fix="Use a runtime that Lambda supports",
    source="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
)
def runtimes_are_supported(stacks: Stacks) -> Iterator[Hit]:
    """Functions and layers run on runtimes that AWS keeps, functions at the edge on the second one."""
    for resource in stacks.of("AWS::Lambda::Function", "AWS::Lambda::LayerVersion"):
        for runtime in [*texts(resource.at("Runtime")), *texts(resource.at("CompatibleRuntimes"))]:
            if _ENDED.fullmatch(runtime):
                yield resource.hit("Runtime", f"is {runtime}, which has ended")
        if resource.at("RuntimeManagementConfig", "UpdateRuntimeOn") == "Manual":
            yield resource.hit("RuntimeManagementConfig", "is a version of the runtime that gets no updates")
    for entry in stacks.of("AWS::CodeBuild::Project"):
        if _OLD_IMAGES.match(text(entry.at("Environment", "Image")) or ""):
            yield entry.hit("Environment.Image", "is an image that AWS no longer updates")
    for item in stacks.of("AWS::CloudFront::Function"):
        if item.at("FunctionConfig", "Runtime") == "cloudfront-js-1.0":
            yield item.hit("FunctionConfig.Runtime", "is cloudfront-js-1.0, which AWS advises against")


@rule(
    "DEPLOY-DENY",
    why="a deploy role without its Deny block may change what guards it",
    fix="Keep the statements that deny platform roles, trails and other stacks' roles",
    source=f"{_IAM}/reference_policies_evaluation-logic.html",
)
def deploy_roles_are_denied_something(stacks: Stacks) -> Iterator[Hit]:
    """A role that CloudFormation takes and that may make roles is denied the rights that guard it."""
    for role in stacks.of(_ROLE):
        if "cloudformation" not in trusted(role):
            continue
        results = list(of_role(stacks, role))
        makes = any(
            statement.allows and (statement.gives("iam:createrole") or statement.gives("iam:putrolepolicy"))
            for statement in results
        )
        if makes and not any(not statement.allows for statement in results):
            yield role.hit("ManagedPolicyArns", "may make roles, and is denied nothing")


RULES = (
    policies_let_this_account_in,
    federated_roles_say_for_whom,
    people_reach_their_own_data,
    functions_are_called_from_inside,
    logs_stay_in_the_account,
    deliveries_are_bound,
    builds_do_what_the_template_says,
    trails_record_management,
    runtimes_are_supported,
    deploy_roles_are_denied_something,
)
