"""A template as the emulator can deploy it: what it does not know left out, API origins pointed at the local gateway.

Pure: text and mappings in, mappings and notices out. Never silent: whatever differs from the client's template is a
notice, for the user to read. The client's own text travels along in the Metadata, so that GetTemplate can give it back.
"""

from __future__ import annotations

import base64
import copy
import json
import re
import zlib
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, unescape

from stacks.intrinsics.functions import Ref, Sub, function
from stacks.intrinsics.reading import load
from stacks.intrinsics.references import Reference, names, outputs, substitute
from stacks.json_types import items
from stacks.types import known

from .imported import with_routes_as_resources
from .second import SECOND

if TYPE_CHECKING:
    from stacks.intrinsics.functions import GetStackOutput
    from stacks.json_types import JsonDict

NoticeData = dict[str, str]

READS = "AWS::SSM::Parameter::Value<String>"  # a template parameter with a value of Parameter Store
ORIGINAL = "LocalAwsOriginalTemplate"  # Metadata key: the client's own template, compressed

IMPORTED = "the routes of its OpenAPI body are deployed as resources and methods"
API_HOST = re.compile(r"^\$\{(?P<api>[^}]+)\}\.execute-api\.")


def parse(body: str) -> JsonDict:
    """A template from its JSON or YAML text; ValueError when it is neither or not a mapping."""
    template = load(body)
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise ValueError("no template: a mapping with Resources is wanted")  # noqa: TRY004
    return template


def resources_of(template: JsonDict) -> dict[str, JsonDict]:
    """The resources by logical id, without what is not a resource (``Fn::ForEach``)."""
    return {name: body for name, body in template["Resources"].items() if isinstance(body, dict)}


def needs(node: object) -> set[str]:
    """Every logical id a value refers to (Ref, GetAtt, Sub) and, as ``stack/Output``, every other stack's output."""
    return {*names(node), *(f"{output.stack}/{output.output}" for output in outputs(node))}


def localize(
    template: JsonDict,
    unknown: frozenset[str],
    gateway_port: int,
    missing: frozenset[str] = frozenset(),
    site: str = "",
) -> tuple[JsonDict, list[NoticeData]]:
    """The template as the emulator can deploy it, and one notice for each thing that is not as it was.

    ``unknown`` are resource types the emulator refuses; ``missing`` are outputs, as ``stack/Output``, that other
    stacks lost here; ``site`` is where the distribution answers on this machine. What refers to either goes too: a
    property that it can do without (``Type.emulator_drops``), else the resource, and outputs.
    """
    result = copy.deepcopy(template)
    imported = with_routes_as_resources(result["Resources"])
    missing |= _unpublished(result, missing)
    resources = resources_of(result)
    gone = {name: "the local AWS has no such type" for name, body in resources.items() if body.get("Type") in unknown}
    gone |= {name: "its hosted zone is on AWS" for name, body in resources.items() if _is_in_a_zone_elsewhere(body)}
    notices = _leave_out(resources, gone, missing)
    notices += [_notice("left out", name, str(resources[name]["Type"]), why) for name, why in gone.items()]
    notices += [_notice("substituted", name, str(resources[name]["Type"]), IMPORTED) for name in imported]
    lost = {*gone, *missing}
    for name in [name for name, body in (result.get("Outputs") or {}).items() if lost & needs(body)]:
        why = _needed(result["Outputs"].pop(name), lost)
        notices.append(_notice("left out", name, "Output", why))
    result["Resources"] = {
        name: _without_dependencies(body, gone) for name, body in result["Resources"].items() if name not in gone
    } or {"NothingRunsLocally": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
    if not result.get("Outputs"):
        result.pop("Outputs", None)
    records = {name: known(str(body.get("Type"))) for name, body in resources.items()}
    attributes = {name: record.emulator_ref for name, record in records.items() if record.emulator_ref}
    result = _as_aws_refers(result, attributes) if attributes else result
    notices += _local_origins(result["Resources"], gateway_port)
    notices += _local_groups(resources_of(result))
    notices += _local_error_pages(resources_of(result))
    notices += _local_logs(resources_of(result))
    notices += _local_senders(resources_of(result))
    return result, notices + _local_cdn(resources_of(result), site)


def _unpublished(template: JsonDict, missing: frozenset[str]) -> set[str]:
    """Take out the parameters that read what another stack lost here, and return their names: nothing publishes it.

    ``/notes/dev/data/UserPoolId`` in Parameter Store is the output ``notes-dev-data/UserPoolId``.
    """
    parameters = template.get("Parameters") or {}
    results = set()
    for name, body in list(parameters.items()):
        *stack, output = str((body or {}).get("Default", "")).strip("/").split("/")
        if (body or {}).get("Type") == READS and f"{'-'.join(stack)}/{output}" in missing:
            results.add(name)
            del parameters[name]
    return results


def _is_in_a_zone_elsewhere(body: JsonDict) -> bool:
    zone = (body.get("Properties") or {}).get("HostedZoneId")
    return body.get("Type") == "AWS::Route53::RecordSet" and isinstance(zone, str)


def _leave_out(resources: dict[str, JsonDict], gone: dict[str, str], missing: frozenset[str]) -> list[NoticeData]:
    """Add to ``gone`` what needs something that is gone, to the last; drop the properties that can be dropped."""
    notices: list[NoticeData] = []
    settled = False
    while not settled:
        settled = True
        for name, body in resources.items():
            lost = {*gone, *missing}
            if name in gone or not lost & needs(body.get("Properties")):
                continue
            notices += _drop_properties(name, body, lost)
            if lost & needs(body.get("Properties")):
                gone[name] = _needed(body.get("Properties"), lost)
                settled = False
    return [notice for notice in notices if notice["logical_id"] not in gone]


def _drop_properties(name: str, body: JsonDict, lost: set[str]) -> list[NoticeData]:
    notices = []
    for path in known(str(body.get("Type"))).emulator_drops:
        *parents, last = path.split(".")
        holder = body["Properties"]
        for parent in parents:
            holder = holder.get(parent) or {}
        if lost & needs(holder.get(last)):
            why = f"its property {path} {_needed(holder.pop(last), lost)}"
            notices.append(_notice("left out", name, str(body["Type"]), why))
    return notices


def _needed(node: object, lost: set[str]) -> str:
    return "needs " + ", ".join(sorted(lost & needs(node))) + ", which is left out"


def _without_dependencies(body: object, gone: dict[str, str]) -> object:
    if not isinstance(body, dict) or "DependsOn" not in body:
        return body
    wanted = [body["DependsOn"]] if isinstance(body["DependsOn"], str) else body["DependsOn"]
    kept = [name for name in wanted if name not in gone]
    rest = {key: value for key, value in body.items() if key != "DependsOn"}
    return {**rest, "DependsOn": kept} if kept else rest


def _as_aws_refers(node: object, attributes: dict[str, str]) -> Any:
    """The value with each Ref to a named resource as a GetAtt of its attribute, in Sub too."""

    def attribute(reference: Reference | GetStackOutput) -> Any:
        if not isinstance(reference, Reference) or reference.attribute or reference.name not in attributes:
            return None
        return {"Fn::GetAtt": [reference.name, attributes[reference.name]]}

    return substitute(node, attribute)


def _local_origins(resources: JsonDict, gateway_port: int) -> list[NoticeData]:
    """Point the distributions' API origins at the gateway: the emulator refuses AWS's own host names as origins."""
    notices = []
    for name, body in resources.items():
        if isinstance(body, dict) and body.get("Type") == "AWS::CloudFront::Distribution":
            config = (body.get("Properties") or {}).get("DistributionConfig") or {}
            for origin in config.get("Origins") or []:
                if api := _api_of(origin.get("DomainName")):
                    _use_gateway(origin, api, gateway_port)
                    detail = f"origin {origin.get('Id')} is the local API Gateway on port {gateway_port}, over http"
                    notices.append(_notice("substituted", name, body["Type"], detail))
    return notices


def _local_groups(resources: dict[str, JsonDict]) -> list[NoticeData]:
    """Groups of two origins as two behaviours: the edge asks the second for what the first lacks (``second``)."""
    notices = []
    for name, body in resources.items():
        config = (body.get("Properties") or {}).get("DistributionConfig") or {}
        groups = {
            item["Id"]: item["Members"]["Items"] for item in (config.pop("OriginGroups", None) or {}).get("Items", ())
        }
        seconds = []
        for behavior in [*(config.get("CacheBehaviors") or []), config.get("DefaultCacheBehavior") or {}]:
            if members := groups.get(behavior.get("TargetOriginId")):
                behavior["TargetOriginId"] = members[0]["OriginId"]
                pattern = SECOND + behavior.get("PathPattern", "/*")
                seconds.append({**behavior, "PathPattern": pattern, "TargetOriginId": members[1]["OriginId"]})
        if seconds:
            config["CacheBehaviors"] = [*(config.get("CacheBehaviors") or []), *seconds]
            notices.append(_notice("substituted", name, body["Type"], "the edge asks the second origin of a group"))
    return notices


def _local_error_pages(resources: dict[str, JsonDict]) -> list[NoticeData]:
    """Show the page for 404 where the emulator's S3 refuses a file that does not exist (``misses``)."""
    notices = []
    for name, body in resources.items():
        config = (body.get("Properties") or {}).get("DistributionConfig") or {}
        pages = {page.get("ErrorCode"): page for page in config.get("CustomErrorResponses") or []}
        if 404 in pages and 403 not in pages:  # noqa: PLR2004 - HTTP's own
            config["CustomErrorResponses"].append({**pages[404], "ErrorCode": 403})
            notices.append(_notice("substituted", name, body["Type"], "the page for 404 is shown for 403, too"))
    return notices


def _local_cdn(resources: dict[str, JsonDict], site: str) -> list[NoticeData]:
    """Give functions the CDN's address on this machine: no browser finds ``d….cloudfront.net`` here."""
    notices = []
    for name, body in resources.items():
        properties = body.get("Properties") or {}
        variables = (properties.get("Environment") or {}).get("Variables") or {}
        if body.get("Type") == "AWS::Lambda::Function" and site and "CDN_DOMAIN" in variables:
            variables["CDN_DOMAIN"] = site
            notices.append(_notice("substituted", name, body["Type"], f"CDN_DOMAIN is {site}"))
    return notices


def _local_logs(resources: dict[str, JsonDict]) -> list[NoticeData]:
    """Take log groups of other names from functions: the emulator writes into Lambda's default one all the same."""
    notices = []
    for name, body in resources.items():
        properties = body.get("Properties") or {}
        logging = properties.get("LoggingConfig") if body.get("Type") == "AWS::Lambda::Function" else None
        if logging and "LogGroup" in logging and not _is_default(logging["LogGroup"], properties, resources):
            del logging["LogGroup"]
            notices.append(_notice("substituted", name, body["Type"], "it logs into Lambda's default group"))
    return notices


def _local_senders(resources: dict[str, JsonDict]) -> list[NoticeData]:
    """Rights to send e-mail from one identity become rights to send from any: the emulator ignores identities there."""
    notices = []
    for name, body in resources.items():
        document = (body.get("Properties") or {}).get("PolicyDocument") or {}
        statements = [
            entry for entry in document.get("Statement") or () if isinstance(entry, dict) and _is_about_email(entry)
        ]
        for statement in statements:
            statement["Resource"] = "*"
        if statements and body.get("Type") == "AWS::IAM::ManagedPolicy":
            notices.append(_notice("substituted", name, body["Type"], "its rights to send e-mail are for any sender"))
    return notices


def _is_about_email(statement: JsonDict) -> bool:
    names = items(statement.get("Action"))
    return statement.get("Effect") == "Allow" and bool(names) and all(str(name).startswith("ses:") for name in names)


def _is_default(group: object, properties: JsonDict, resources: dict[str, JsonDict]) -> bool:
    match function(group):
        case Ref(name) if name in resources:
            log_group = (resources[name].get("Properties") or {}).get("LogGroupName")
        case _:
            log_group = group
    return bool(log_group == f"/aws/lambda/{properties.get('FunctionName')}")


def _api_of(domain: object) -> JsonDict | None:
    """The Sub of just the API's id, when a domain name is a Sub of ``${api}.execute-api.…``."""
    match function(domain):
        case Sub(text, own) if match := API_HOST.match(text):
            used = {key: value for key, value in own.items() if key == match["api"]}
            path = f"/_aws/execute-api/${{{match['api']}}}"
            return {"Fn::Sub": [path, used] if used else path}
    return None


def _use_gateway(origin: JsonDict, api: JsonDict, gateway_port: int) -> None:
    origin["DomainName"] = "localhost"
    # Without a stage's name in the path, the emulator takes the first part for one, and /admin/ loses its slash.
    origin["OriginPath"] = {"Fn::Join": ["", [api, origin.get("OriginPath") or "/$default"]]}
    origin["CustomOriginConfig"] = {"OriginProtocolPolicy": "http-only", "HTTPPort": gateway_port}


def _notice(kind: str, logical_id: str, type_: str, detail: str) -> NoticeData:
    return {"kind": kind, "logical_id": logical_id, "type": type_, "detail": detail}


def with_original(template: JsonDict, original: str) -> JsonDict:
    """The template with the client's own text kept in its Metadata."""
    packed = base64.b64encode(zlib.compress(original.encode(), 9)).decode()
    return {**template, "Metadata": {**(template.get("Metadata") or {}), ORIGINAL: packed}}


def original_answer(answer: str) -> str:
    """GetTemplate's XML answer with the client's own template in the place of the adapted one."""
    match = re.search(r"<TemplateBody>(\{.*?)</TemplateBody>", answer, re.DOTALL)
    if not match or ORIGINAL not in match[1]:
        return answer
    packed = json.loads(unescape(match[1], {"&quot;": '"', "&apos;": "'", "&#x27;": "'", "&#39;": "'"}))
    text = zlib.decompress(base64.b64decode(packed["Metadata"][ORIGINAL])).decode()
    return answer[: match.start(1)] + escape(text) + answer[match.end(1) :]
