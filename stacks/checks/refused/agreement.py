"""What AWS refuses because two values of a template do not agree: regions, capacities, keys, states."""

from __future__ import annotations

import json
from ipaddress import ip_network
from typing import TYPE_CHECKING

from stacks.checks.refused.reading import number, own, plain, values_at
from stacks.checks.rule import refusal
from stacks.checks.values import known_list, text
from stacks.json_types import at, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.checks.rule import Hit, Stacks
    from stacks.json_types import JsonObject, Properties

_AWS = "https://docs.aws.amazon.com"
_FUNCTION = "AWS::Lambda::Function"


@refusal(
    "FN-LAYER-ARN",
    why="Lambda takes the ARN of a layer's version, in the function's own region",
    fix="Write the ARN with its version, of the function's region",
    source=f"{_AWS}/lambda/latest/dg/adding-layers.html",
)
def layers_are_of_the_functions_region(stacks: Stacks) -> Iterator[Hit]:
    """A layer is a version's ARN in the region of the function."""
    for function in stacks.of(_FUNCTION):
        for place, layer in values_at(function.properties, "Layers.*"):
            parts = (plain(layer, function.region) or "").split(":")
            if parts[0] == "arn" and len(parts) > 3 and parts[3] != function.region:  # noqa: PLR2004 - the region of an ARN
                yield function.hit(place, f"is a layer in {parts[3]}, the function is in {function.region}")


@refusal(
    "FN-RESERVED",
    why="Lambda refuses more provisioned than reserved concurrency",
    fix="Raise ReservedConcurrentExecutions, or lower ProvisionedConcurrentExecutions",
    source=f"{_AWS}/lambda/latest/dg/provisioned-concurrency.html",
)
def provisioned_fits_into_reserved(stacks: Stacks) -> Iterator[Hit]:
    """Provisioned concurrency is not more than its function reserves."""
    for holder in stacks.of("AWS::Lambda::Version", "AWS::Lambda::Alias"):
        function = own(stacks, holder.properties.get("FunctionName"), holder, _FUNCTION)
        ready = number(holder.at("ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"))
        reserved = number(function.properties.get("ReservedConcurrentExecutions")) if function else None
        if ready is not None and reserved is not None and ready > reserved:
            path = "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"
            yield holder.hit(path, f"is {ready:.0f}, and its function reserves {reserved:.0f}")


@refusal(
    "TABLE-KEY-SCHEMA",
    why="DynamoDB refuses a key of two types, one attribute as both keys, two indexes of one name, and local indexes"
    " that do not share the table's partition key or whose table has no sort key",
    fix="Give each key an attribute, each attribute one type, and each index a name of its own",
    source=f"{_AWS}/amazondynamodb/latest/APIReference/API_CreateTable.html",
)
def local_indexes_share_the_partition_key(stacks: Stacks) -> Iterator[Hit]:
    """A local index has the table's partition key and another name than the global ones; its table has a sort key."""
    for table in stacks.of("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        keys = _keys(table.properties)
        names = {text(at(entry, "IndexName")) for entry in known_list(table.properties.get("GlobalSecondaryIndexes"))}
        for place, index in values_at(table.properties, "LocalSecondaryIndexes.*"):
            first = _keys(mapping(index)).get("HASH")
            if "HASH" in keys and "RANGE" not in keys:
                yield table.hit(place, "is a local index of a table without a sort key")
            elif first and keys.get("HASH") and first != keys["HASH"]:
                yield table.hit(f"{place}.KeySchema", f"begins with {first}, the table with {keys['HASH']}")
            if text(at(index, "IndexName")) in names - {None}:
                yield table.hit(place, f"is named {text(at(index, 'IndexName'))}, as a global index")


def _keys(holder: JsonObject) -> dict[str, str]:
    listed = known_list(holder.get("KeySchema"))
    return {str(text(at(entry, "KeyType"))): str(text(at(entry, "AttributeName"))) for entry in listed}


@refusal(
    "TABLE-IMPORT-FORMAT",
    why="DynamoDB refuses options of CSV for other formats",
    fix="Set InputFormat to CSV, or leave InputFormatOptions out",
    source=f"{_AWS}/amazondynamodb/latest/APIReference/API_InputFormatOptions.html",
)
def options_of_csv_are_for_csv(stacks: Stacks) -> Iterator[Hit]:
    """Options of CSV come with CSV."""
    for table in stacks.of("AWS::DynamoDB::Table"):
        source = mapping(table.properties.get("ImportSourceSpecification"))
        kind = text(source.get("InputFormat"))
        if at(source, "InputFormatOptions", "Csv") and kind in {"ION", "DYNAMODB_JSON"}:
            yield table.hit("ImportSourceSpecification.InputFormatOptions", f"has options of CSV for {kind}")


@refusal(
    "SCALING",
    why="Application Auto Scaling refuses targets outside of 20 to 90 % for DynamoDB, and a minimum over the maximum",
    fix="Use a target of 20 to 90, and let the minimum be the smaller one",
    source=f"{_AWS}/amazondynamodb/latest/developerguide/AutoScaling.html",
)
def scaling_goes_from_less_to_more(stacks: Stacks) -> Iterator[Hit]:
    """The minimum is not over the maximum; a table's target is 20 to 90 %."""
    for target in stacks.of("AWS::ApplicationAutoScaling::ScalableTarget"):
        low, high = (number(target.properties.get(name)) for name in ("MinCapacity", "MaxCapacity"))
        if low is not None and high is not None and low > high:
            yield target.hit("MinCapacity", f"is {low:.0f}, over the MaxCapacity of {high:.0f}")
    for policy in stacks.of("AWS::ApplicationAutoScaling::ScalingPolicy"):
        path = "TargetTrackingScalingPolicyConfiguration"
        metric = text(policy.at(path, "PredefinedMetricSpecification", "PredefinedMetricType")) or ""
        wanted = number(policy.at(path, "TargetValue"))
        if metric.startswith("DynamoDB") and wanted is not None and not 20 <= wanted <= 90:  # noqa: PLR2004 - as documented
            yield policy.hit(f"{path}.TargetValue", f"is {wanted:.0f} %")


@refusal(
    "BUCKET-NAMESPACE",
    why="S3 refuses a bucket of the account-regional namespace whose name does not end with account, region and -an",
    fix="End the name with -${AWS::AccountId}-${AWS::Region}-an, or leave BucketNamespace out",
    source=f"{_AWS}/AmazonS3/latest/userguide/gpbucketnamespaces.html",
)
def names_fit_their_namespace(stacks: Stacks) -> Iterator[Hit]:
    """The name of a bucket in the account-regional namespace ends as that asks."""
    for bucket in stacks.of("AWS::S3::Bucket"):
        name = plain(bucket.properties.get("BucketName"), bucket.region)
        regional = bucket.properties.get("BucketNamespace") == "account-regional"
        if regional and name is not None and not name.endswith(f"-{bucket.region}-an"):
            yield bucket.hit("BucketName", f"{name!r} does not end with -<account>-{bucket.region}-an")


@refusal(
    "WAF-ADDRESS",
    why="WAF refuses addresses of another version than the set's, and addresses without their bits",
    fix="Write address/bits of the set's IPAddressVersion",
    source=f"{_AWS}/waf/latest/APIReference/API_CreateIPSet.html",
)
def addresses_are_of_their_sets_version(stacks: Stacks) -> Iterator[Hit]:
    """The addresses of a set are all IPv4, or all IPv6."""
    for resource in stacks.of("AWS::WAFv2::IPSet"):
        wanted = {"IPV4": 4, "IPV6": 6}.get(str(text(resource.properties.get("IPAddressVersion"))))
        for place, address in values_at(resource.properties, "Addresses.*"):
            result = plain(address, resource.region)
            try:
                version = ip_network(result, strict=False).version if result else wanted
            except ValueError:
                continue  # the rule CIDR says so
            if wanted and version != wanted:
                yield resource.hit(place, f"{result} is IPv{version}, the set is IPv{wanted}")


@refusal(
    "SNS-ENDPOINT",
    why="SNS refuses a subscription whose endpoint its protocol cannot reach: Invalid parameter: Endpoint",
    fix="Give an address for e-mail, an ARN for queues and functions, and an https address for https",
    source=f"{_AWS}/sns/latest/api/API_Subscribe.html",
)
def endpoints_fit_their_protocol(stacks: Stacks) -> Iterator[Hit]:
    """A subscription's endpoint is one of its protocol."""
    for resource in stacks.of("AWS::SNS::Subscription"):
        yield from (resource.hit(place, what) for place, what in _endpoint(resource.properties, "", resource.region))
    for topic in stacks.of("AWS::SNS::Topic"):
        for place, inner in values_at(topic.properties, "Subscription.*"):
            results = _endpoint(mapping(inner), f"{place}.", topic.region)
            yield from (topic.hit(where, what) for where, what in results)


_BEGINNINGS = {
    "https": ("https://",),
    "http": ("http://",),
    "sqs": ("arn:",),
    "lambda": ("arn:",),
    "firehose": ("arn:",),
    "application": ("arn:",),
}


def _endpoint(properties: Properties, place: str, region: str) -> Iterator[tuple[str, str]]:
    protocol, endpoint = text(properties.get("Protocol")) or "", plain(properties.get("Endpoint"), region)
    if endpoint is None:
        return
    if protocol.startswith("email") and "@" not in endpoint:
        yield f"{place}Endpoint", f"{endpoint!r} is not an e-mail address"
    elif protocol in _BEGINNINGS and not endpoint.startswith(_BEGINNINGS[protocol]):
        yield f"{place}Endpoint", f"{endpoint!r} is not an endpoint for {protocol}"


@refusal(
    "WORKFLOW-STATES",
    why="Step Functions refuses a definition without states, and one that names a state that is missing",
    fix="Correct StartAt, Next and Default",
    source=f"{_AWS}/step-functions/latest/dg/statemachine-structure.html",
)
def states_are_there(stacks: Stacks) -> Iterator[Hit]:
    """Every state that a definition leads to is in it."""
    for machine in stacks.of("AWS::StepFunctions::StateMachine"):
        for name in ("Definition", "DefinitionString"):
            definition = machine.properties.get(name)
            if isinstance(definition, str):
                try:
                    definition = json.loads(definition)
                except ValueError:
                    continue  # it may contain substitutions as they are
            for place, what in _dangling(mapping(definition), name) if definition is not None else ():
                yield machine.hit(place, what)


def _dangling(machine: JsonObject, place: str) -> Iterator[tuple[str, str]]:
    states = mapping(machine.get("States"))
    if "Fn::Transform" in machine or any(key.startswith("Fn::") for key in machine):
        return
    if not states or text(machine.get("StartAt")) not in states:
        yield f"{place}.StartAt", f"names {machine.get('StartAt')!r}, which is not a state"
    for name, state in states.items():
        for where, target in _targets(mapping(state)):
            if target not in states:
                yield f"{place}.States.{name}.{where}", f"names {target!r}, which is not a state"
        for path in ("Branches.*", "ItemProcessor", "Iterator"):
            for where, inner in values_at(mapping(state), path):
                yield from _dangling(mapping(inner), f"{place}.States.{name}.{where}")


def _targets(state: JsonObject) -> Iterator[tuple[str, str]]:
    for path in ("Next", "Default", "Choices.*.Next", "Catch.*.Next"):
        yield from ((where, target) for where, target in values_at(state, path) if isinstance(target, str))


RULES = (
    layers_are_of_the_functions_region,
    provisioned_fits_into_reserved,
    local_indexes_share_the_partition_key,
    options_of_csv_are_for_csv,
    scaling_goes_from_less_to_more,
    names_fit_their_namespace,
    addresses_are_of_their_sets_version,
    endpoints_fit_their_protocol,
    states_are_there,
)
