"""IAM statements of any framework → statements that app.yaml takes: named actions, on named resources. Pure.

What is allowed never grows: wildcards become the actions that IAM knows by them, and what the platform gives every
function by itself is left out. Actions are those of awacs, which AWS's policy generator lists.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from stacks.migrating.located import Place, items, plain
from stacks.model.statements import CLOSED
from stacks.roles.authorization import arn_formats, exists, has_resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles

UNNEEDED = {
    "logs:createloggroup": "every function has its log group",
    "logs:createlogstream": "every function may write to its log group",
    "logs:putlogevents": "every function may write to its log group",
    "logs:taglogstream": "every function has its log group",
    "xray:puttracesegments": "'tracing: true' allows it",
    "xray:puttelemetryrecords": "'tracing: true' allows it",
    "ec2:createnetworkinterface": "Lambda gets it where the function is in a network",
    "ec2:describenetworkinterfaces": "Lambda gets it where the function is in a network",
    "ec2:deletenetworkinterface": "Lambda gets it where the function is in a network",
    "ec2:assignprivateipaddresses": "Lambda gets it where the function is in a network",
    "ec2:unassignprivateipaddresses": "Lambda gets it where the function is in a network",
}
"""Actions that app.yaml gives in another way, in lower case."""
_USUAL = {
    "dynamodb": "BatchGetItem BatchWriteItem ConditionCheckItem DeleteItem DescribeTable GetItem PutItem Query Scan"
    " UpdateItem",
    "s3": "AbortMultipartUpload DeleteObject GetObject GetObjectTagging ListBucket PutObject PutObjectTagging",
    "sqs": "ChangeMessageVisibility DeleteMessage GetQueueAttributes GetQueueUrl ReceiveMessage SendMessage",
    "sns": "GetTopicAttributes Publish Subscribe Unsubscribe",
    "ses": "SendEmail SendRawEmail SendTemplatedEmail",
    "lambda": "InvokeFunction",
    "ssm": "GetParameter GetParameters GetParametersByPath",
    "secretsmanager": "DescribeSecret GetSecretValue",
    "kms": "Decrypt DescribeKey Encrypt GenerateDataKey",
    "kinesis": "DescribeStream DescribeStreamSummary GetRecords GetShardIterator ListShards PutRecord PutRecords",
    "firehose": "PutRecord PutRecordBatch",
    "events": "PutEvents",
    "states": "DescribeExecution StartExecution StopExecution",
    "cognito-idp": "AdminConfirmSignUp AdminCreateUser AdminDeleteUser AdminGetUser AdminUpdateUserAttributes"
    " ListUsers",
    "execute-api": "Invoke ManageConnections",
    "cloudwatch": "GetMetricData PutMetricData",
    "logs": "CreateLogStream DescribeLogGroups DescribeLogStreams FilterLogEvents GetLogEvents PutLogEvents",
    "sdb": "BatchPutAttributes DeleteAttributes GetAttributes PutAttributes Select",
    "rds-data": "BatchExecuteStatement BeginTransaction CommitTransaction ExecuteStatement RollbackTransaction",
    "textract": "AnalyzeDocument DetectDocumentText GetDocumentAnalysis StartDocumentAnalysis",
    "rekognition": "CompareFaces DetectFaces DetectLabels DetectModerationLabels DetectText SearchFacesByImage",
    "bedrock": "InvokeModel InvokeModelWithResponseStream",
    "iot": "Publish",
    "translate": "TranslateText",
    "polly": "SynthesizeSpeech",
    "comprehend": "DetectEntities DetectKeyPhrases DetectSentiment",
    "transcribe": "GetTranscriptionJob StartTranscriptionJob",
    "appsync": "GraphQL",
    "athena": "GetQueryExecution GetQueryResults StartQueryExecution StopQueryExecution",
}
"""What applications use of a service, for ``service:*``: all of a service is more than anybody means."""
OWN_WORDS = {"dynamodb", "kms", "lambda", "s3", "secretsmanager", "sqs", "ssm"}
"""Services that are never allowed on every resource (``stacks.description.statements``)."""
_MOST = 25
"""Actions that a wildcard may stand for before a person has to choose."""
_KEYS = ("Sid", "Effect", "Action", "Resource", "Condition")


@cache
def known_actions(service: str) -> tuple[str, ...]:
    """The actions of a service, without its prefix; nothing for a service that awacs does not know."""
    if not re.fullmatch(r"[a-z0-9-]+", service):
        return ()
    try:
        module = import_module(f"awacs.{service.replace('-', '_')}")
    except ModuleNotFoundError:
        return ()
    return tuple(sorted({str(var.action) for var in vars(module).values() if hasattr(var, "action")}))


def named(action: str) -> tuple[str, ...] | None:
    """The single actions that one with wildcards allows, as ``s3:Get*``; None when there are too many."""
    service, _, name = action.partition(":")
    service = service.lower()
    if not name:
        return None
    known = known_actions(service)
    if not re.search(r"[*?]", name):
        exact = next((item for item in known if item.lower() == name.lower()), name)
        return (f"{service}:{exact}",)
    if name == "*" and service in _USUAL:
        return tuple(f"{service}:{part}" for part in _USUAL[service].split())
    parts = [item for item in known if fnmatchcase(item.lower(), name.lower()) and exists(f"{service}:{item}")]
    if len(parts) > _MOST and service in _USUAL:
        parts = [part for part in _USUAL[service].split() if part in parts]
    return tuple(f"{service}:{part}" for part in parts) if 0 < len(parts) <= _MOST else None


def carried(statement: Any, place: Place, obstacles: Obstacles, own: Mapping[str, list[Any]]) -> Iterator[JsonDict]:
    """What of a statement app.yaml takes. ``own`` has the ARNs of the service's own resources, by service."""
    if not hasattr(statement, "keys"):
        obstacles.lost(place, "IAM statement", "is not a mapping", "Write it under the function's 'statements'")
        return
    subject = f"IAM statement {statement['Sid']}" if isinstance(statement.get("Sid"), str) else "IAM statement"
    odd = sorted(set(statement) - set(_KEYS))
    if odd:
        what = f"has {', '.join(odd)}, which a role's statements do not take here"
        obstacles.lost(place, subject, what, "Name the actions and resources it allows under 'statements'")
        return
    effect = str(statement.get("Effect", "Allow")).capitalize()
    actions = list(_actions(statement.get("Action"), effect, subject, place, obstacles))
    resources = [plain(entry) for entry, _ in items(statement.get("Resource"), place)]
    if not actions:
        return
    if not resources:
        obstacles.lost(place, subject, "has no Resource", "Name it under the function's 'statements'")
        return
    result = {"Effect": effect, "Action": actions, "Resource": _single(resources)}
    result |= {key: plain(statement[key]) for key in ("Condition",) if key in statement}
    if effect == "Allow" and any(
        isinstance(resource, str) and resource.strip("*:") in {"", "arn"} for resource in resources
    ):
        yield from _narrowed(result, own, subject, place, obstacles)
    else:
        yield result


def _single(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _actions(result: object, effect: str, subject: str, place: Place, obstacles: Obstacles) -> Iterator[str]:
    seen = set[str]()
    for action, at in items(result, place):
        if not isinstance(action, str):
            obstacles.lost(at, subject, f"{plain(action)!r} is not an action", "Name it under 'statements'")
            continue
        service = action.partition(":")[0].lower()
        if effect == "Allow" and action.lower() in UNNEEDED:
            obstacles.note(at, action, f"is not needed: {UNNEEDED[action.lower()]}", "Nothing to do")
            continue
        if effect == "Allow" and service in CLOSED:
            what = f"allows {action}, which no function may do here"
            obstacles.lost(at, subject, what, "Move what needs it out of the function, or to a stack of your own")
            continue
        names = named(action)
        if names and not re.search(r"[*?]", action) and not exists(names[0]):
            what = "is not an action that IAM has, so it allows nothing"
            obstacles.changed(at, action, what, "Name the action that the code needs under 'statements'")
            continue
        if names is None:
            what = f"allows {action}, which stands for too many actions to choose from"
            obstacles.lost(at, subject, what, "Name the actions that the code uses under the function's 'statements'")
            continue
        if names != (action,) and re.search(r"[*?]", action):
            obstacles.changed(at, action, f"is written out as {', '.join(names)}", "Add what else the code uses")
        for name in names:
            if effect != "Allow" or name.lower() not in UNNEEDED:
                yield from () if name in seen else (name,)
                seen.add(name)


def _narrowed(
    statement: JsonDict, own: Mapping[str, list[Any]], subject: str, place: Place, obstacles: Obstacles
) -> Iterator[JsonDict]:
    """The statement by what its actions are about: the service's own resources, else all of a kind in the account."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for action in statement["Action"]:
        service = action.partition(":")[0]
        bound = has_resources(action) or service in OWN_WORDS
        groups.setdefault((service, *(_formats(action) if bound else ("*",))), []).append(action)
    for (service, *formats), some in groups.items():
        shown = ", ".join(some)
        resources: list[Any] = list(formats)
        if formats != ["*"] and own.get(service):
            resources = list(own[service])
            what = f"allows {shown} on everything; it is narrowed to this application's own resources"
            obstacles.changed(place, subject, what, "Add other resources that the code uses to 'statements'")
        elif service == "s3":
            what = f"allows {shown} on every bucket of the account, which is not allowed here"
            obstacles.lost(place, subject, what, "Name the buckets under the function's 'statements', by their ARNs")
            continue
        elif formats != ["*"]:
            what = f"allows {shown} on everything; it is narrowed to this account and region"
            obstacles.changed(place, subject, what, "Name the resources that the code uses")
        yield {**statement, "Action": some, "Resource": _single(resources)}


def _formats(action: str) -> tuple[str, ...]:
    """Everything that an action can be about, in this account and region, as ARNs for ``Fn::Sub``."""
    known = {"${Partition}": "${AWS::Partition}", "${Region}": "${AWS::Region}", "${Account}": "${AWS::AccountId}"}
    formats = arn_formats(action) or (f"arn:${{Partition}}:{action.partition(':')[0]}:${{Region}}:${{Account}}:.*",)
    put = (re.sub(r"\$\{\w+\}", lambda match: known.get(match[0], "*"), text) for text in formats)
    return tuple(dict.fromkeys(text.replace(".*", "*") for text in put))


def merged(statements: Iterable[JsonDict]) -> list[JsonDict]:
    """The statements, each once, those on the same resources in one."""
    result: dict[str, JsonDict] = {}
    for statement in statements:
        key = repr([statement["Effect"], statement["Resource"], statement.get("Condition")])
        if key in result:
            result[key]["Action"] += [action for action in statement["Action"] if action not in result[key]["Action"]]
        else:
            result[key] = {**statement, "Action": list(statement["Action"])}
    return list(result.values())
