"""What Lambda refuses: variables, packages, networks, permissions, event sources, aliases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stacks.checks.refused.reading import number, of_stack, own, plain
from stacks.checks.rule import Hit, Resource, Stacks, refusal
from stacks.checks.values import estimate, known_list, text, texts
from stacks.intrinsics.functions import is_function
from stacks.json_types import at, mapping
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTION, _PERMISSION = "AWS::Lambda::Function", "AWS::Lambda::Permission"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
_REFERENCE = "https://docs.aws.amazon.com/lambda/latest/api"
_MOST_ENVIRONMENT, _MOST_LAYERS = (known(_FUNCTION).most(path) for path in ("Environment.Variables", "Layers"))
_MOST_INLINE = 4_194_304
_LARGE_BATCH = 10
"""Messages of a standard queue in one batch without a window (Lambda, "Configuring scaling behavior for SQS")."""

# What Lambda sets itself and does not take. TZ and AWS_XRAY_... are not among them.
_RESERVED = frozenset(
    (
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"),
        *("AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME"),
        *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME"),
        *("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY"),
        *("AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT"),
    )
)


@refusal(
    "FN-VARIABLES",
    why="Lambda refuses the function",
    fix="Use letters, digits and '_' for names, texts as values, no name that Lambda sets itself, and 4 KB together",
    source=f"{_LAMBDA}/configuration-envvars.html",
)
def variables_are_ones_lambda_takes(stacks: Stacks) -> Iterator[Hit]:
    """Environment variables have names, values and a size that Lambda takes."""
    for function in stacks.of(_FUNCTION):
        written = function.at("Environment", "Variables")
        if written is not None and not isinstance(written, Mapping):
            yield function.hit("Environment.Variables", "is not a mapping of names to texts")
        variables = mapping(written)
        if is_function(variables):
            continue
        size = 0
        for name, value in variables.items():
            content = estimate(value, function.region)
            size += len(str(name).encode()) + len((content or "").encode())
            if problem := _refusal(str(name), value):
                yield function.hit(f"Environment.Variables.{name}", problem)
        if size > _MOST_ENVIRONMENT:
            what = f"have {size:,} bytes together, {_MOST_ENVIRONMENT:,} are allowed"
            yield function.hit("Environment.Variables", what)
        for name in mapping(function.at("Environment")):
            if name != "Variables" and not is_function(function.at("Environment")):
                yield function.hit(f"Environment.{name}", "is set next to Variables, not in it")


def _refusal(name: str, value: object) -> str | None:
    if name in _RESERVED:
        return "is set by Lambda itself"
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", name):
        return "is not a name that Lambda takes"
    if value is None or isinstance(value, list) or (isinstance(value, Mapping) and not is_function(value)):
        return "is not a text"
    return None


@refusal(
    "FN-PACKAGE",
    why="Lambda refuses a zip without handler and runtime, and an image with them",
    fix="Set Handler and Runtime for a zip; for PackageType Image leave out Handler, Runtime and Layers",
    source=f"{_REFERENCE}/API_CreateFunction.html",
)
def packages_are_complete(stacks: Stacks) -> Iterator[Hit]:
    """A zip has a handler and a runtime; an image has neither of them, and no layers."""
    for resource in stacks.of(_FUNCTION):
        image = resource.at("PackageType") == "Image" or resource.at("Code", "ImageUri") is not None
        for name in ("Handler", "Runtime", "Layers"):
            if image and resource.at(name):
                yield resource.hit(name, "is set for an image")
            elif not image and name != "Layers" and not resource.at(name):
                yield resource.hit(name, "is missing for a zip")
        inline = resource.at("Code", "ZipFile")
        if isinstance(inline, str) and len(inline.encode()) > _MOST_INLINE:
            yield resource.hit("Code.ZipFile", f"has {len(inline.encode()):,} bytes, {_MOST_INLINE:,} are allowed")
        runtime = text(resource.at("Runtime"))
        if inline is not None and runtime and "$" not in runtime and not runtime.startswith(("nodejs", "python")):
            yield resource.hit("Code.ZipFile", f"is for Node.js and Python, not for {runtime}")


@refusal(
    "FN-LAYERS",
    why="Lambda refuses more than five layers, and two versions of one",
    fix="Merge layers, and name each once, with its version",
    source=f"{_LAMBDA}/chapter-layers.html",
)
def layers_are_few_and_differ(stacks: Stacks) -> Iterator[Hit]:
    """A function has at most five layers, each once and with a version."""
    for resource in stacks.of(_FUNCTION):
        layers = [text(layer) for layer in known_list(resource.at("Layers"))]
        if len(layers) > _MOST_LAYERS:
            yield resource.hit("Layers", f"are {len(layers)}, {_MOST_LAYERS} are allowed")
        names = [re.sub(r":\d+$", "", layer) for layer in layers if layer]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield resource.hit("Layers", f"have {name} twice")
        for layer in layers:
            if layer and layer.startswith("arn:") and "$" not in layer and not re.search(r":layer:[^:]+:\d+$", layer):
                yield resource.hit("Layers", f"{layer!r} names no version")


@refusal(
    "FN-NETWORK",
    why="Lambda refuses subnets without security groups, and groups without subnets",
    fix="Set both SubnetIds and SecurityGroupIds, or neither",
    source=f"{_REFERENCE}/API_VpcConfig.html",
)
def networks_are_complete(stacks: Stacks) -> Iterator[Hit]:
    """A function in a network has subnets and security groups."""
    for resource in stacks.of(_FUNCTION):
        config = mapping(resource.at("VpcConfig"))
        missing = [name for name in ("SubnetIds", "SecurityGroupIds") if not config.get(name)]
        if len(missing) == 1 and not is_function(config):
            yield resource.hit(f"VpcConfig.{missing[0]}", "is missing")


@refusal(
    "FN-SNAPSTART",
    why="Lambda refuses SnapStart for other runtimes, with more than 512 MB of storage, with a file system, and with "
    "provisioned concurrency",
    fix="Use java11, python3.12, dotnet8 or newer, without these; or drop SnapStart",
    source=f"{_LAMBDA}/snapstart.html",
)
def snapshots_are_possible(stacks: Stacks) -> Iterator[Hit]:
    """SnapStart is on only where Lambda can do it."""
    for resource in stacks.of(_FUNCTION):
        if resource.at("SnapStart", "ApplyOn") != "PublishedVersions":
            continue
        runtime = text(resource.at("Runtime")) or ""
        match = re.fullmatch(r"(java|python3\.|dotnet)(\d+)(?:\..*)?", runtime)
        least = {"java": 11, "python3.": 12, "dotnet": 8}
        if runtime and "$" not in runtime and (not match or int(match[2]) < least[match[1]]):
            yield resource.hit("SnapStart.ApplyOn", f"is not possible with {runtime}")
        if (number(resource.at("EphemeralStorage", "Size")) or 0) > 512:  # noqa: PLR2004 - MB of Lambda's default
            yield resource.hit("EphemeralStorage.Size", "is more than 512 MB with SnapStart")
        if resource.at("FileSystemConfigs"):
            yield resource.hit("FileSystemConfigs", "are not possible with SnapStart")
        for alias in of_stack(stacks, resource, "AWS::Lambda::Alias"):
            if own(stacks, alias.at("FunctionName"), alias, _FUNCTION) is resource and alias.at(
                "ProvisionedConcurrencyConfig"
            ):
                yield alias.hit("ProvisionedConcurrencyConfig", f"is not possible with SnapStart of {resource.id}")


@refusal(
    "FN-ALIAS",
    why="Lambda refuses provisioned concurrency and weights on $LATEST",
    fix="Point the alias to a published version",
    source=f"{_LAMBDA}/configuration-aliases.html",
)
def aliases_point_to_versions(stacks: Stacks) -> Iterator[Hit]:
    """An alias with weights or provisioned concurrency points to a version; weights are shares of one."""
    for resource in stacks.of("AWS::Lambda::Alias"):
        weights = known_list(resource.at("RoutingConfig", "AdditionalVersionWeights"))
        special = weights or resource.at("ProvisionedConcurrencyConfig")
        if resource.at("FunctionVersion") == "$LATEST" and special:
            yield resource.hit("FunctionVersion", "is $LATEST")
        for weight in weights:
            share = number(at(weight, "FunctionWeight"))
            if share is not None and not 0 <= share <= 1:
                yield resource.hit("RoutingConfig.AdditionalVersionWeights", f"has the weight {share:g}, not 0 to 1")
    for entry in stacks.of("AWS::Lambda::Url"):
        if re.fullmatch(r"\$LATEST|\d+", text(entry.at("Qualifier")) or ""):
            yield entry.hit("Qualifier", "is a version: a URL is of an alias or of the function")


@refusal(
    "EVENT-PERMISSION",
    why="EventBridge never calls the function: it does not send the account that the permission asks for",
    fix="Drop SourceAccount and name the rule in SourceArn",
    source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html",
)
def event_permissions_can_be_used(stacks: Stacks) -> Iterator[Hit]:
    """A permission for EventBridge asks for the rule, not for the account."""
    for resource in stacks.of(_PERMISSION):
        if resource.at("Principal") == "events.amazonaws.com" and resource.at("SourceAccount") is not None:
            yield resource.hit("SourceAccount", "is asked of EventBridge, which does not send it")


_SOURCES = {
    "events.amazonaws.com": r"arn:[^:]+:events:[^:]+:[^:]+:(?:rule|event-bus|\*).*",
    "apigateway.amazonaws.com": r"arn:[^:]+:execute-api:[^:]+:[^:]+:.+",
    "s3.amazonaws.com": r"arn:[^:]+:s3:::[^/]+",
    "sns.amazonaws.com": r"arn:[^:]+:sns:[^:]+:[^:]+:.+",
    "cognito-idp.amazonaws.com": r"arn:[^:]+:cognito-idp:[^:]+:[^:]+:userpool/.+",
    "logs.amazonaws.com": r"arn:[^:]+:logs:[^:]+:[^:]+:log-group:.+",
    "scheduler.amazonaws.com": r"arn:[^:]+:scheduler:.+",
}
"""Service → the ARNs it calls for; see the "Invoking Lambda with other services" page of each."""


@refusal(
    "FN-PERMISSION-SOURCE",
    why="the service never comes with such an ARN, so it can never call the function; S3 refuses the notification",
    fix="Name the ARN of the rule, API, bucket, topic, pool or log group",
    source=f"{_LAMBDA}/lambda-services.html",
)
def permissions_name_a_source_of_their_service(stacks: Stacks) -> Iterator[Hit]:
    """The SourceArn of a permission is of the service that it lets in."""
    for resource in stacks.of(_PERMISSION):
        pattern = _SOURCES.get(text(resource.at("Principal")) or "")
        source = estimate(resource.at("SourceArn"), resource.region)
        # A reference to a resource is an ARN that is not known before.
        if pattern and source and source.startswith("arn:") and not re.fullmatch(pattern, source):
            yield resource.hit("SourceArn", f"{source!r} is not an ARN of {text(resource.at('Principal'))}")


@refusal(
    "BUCKET-NOTIFICATION",
    why="S3 refuses the bucket: Unable to validate the following destination configurations",
    fix="Add an AWS::Lambda::Permission for s3.amazonaws.com, and let the bucket depend on it",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
)
def notified_functions_may_be_called(stacks: Stacks) -> Iterator[Hit]:
    """A function that a bucket calls has a permission for S3, made before the bucket."""
    for bucket in stacks.of("AWS::S3::Bucket"):
        for index, config in enumerate(known_list(bucket.at("NotificationConfiguration", "LambdaConfigurations"))):
            function = own(stacks, at(config, "Function"), bucket, _FUNCTION)
            if function is None:
                continue
            permissions = [
                resource.id
                for resource in of_stack(stacks, bucket, _PERMISSION)
                if text(resource.at("Principal")) in {"s3.amazonaws.com", "*"}
                and own(stacks, resource.at("FunctionName"), resource, _FUNCTION) in [function, None]
            ]
            place = f"NotificationConfiguration.LambdaConfigurations[{index}]"
            if not permissions:
                yield bucket.hit(place, f"calls {function.id}, which S3 may not call")
            elif not set(permissions) & set(texts(bucket.body.get("DependsOn"))):
                yield bucket.hit("DependsOn", f"does not wait for {permissions[0]}")


@refusal(
    "SOURCE-SETTINGS",
    why="Lambda refuses the event source mapping",
    fix="Set StartingPosition for streams only, and a window with more than ten messages of a queue",
    source=f"{_REFERENCE}/API_CreateEventSourceMapping.html",
)
def event_sources_fit_their_kind(stacks: Stacks) -> Iterator[Hit]:
    """Streams have a starting position, queues none; large batches have a window; a FIFO queue has neither."""
    for resource in stacks.of("AWS::Lambda::EventSourceMapping"):
        source = text(resource.at("EventSourceArn")) or ""
        queue = own(stacks, resource.at("EventSourceArn"), resource, "AWS::SQS::Queue")
        is_queue = queue is not None or ":sqs:" in source
        is_stream = source.endswith(".StreamArn}") or re.match(r"arn:[^:]+:(?:dynamodb|kinesis):", source)
        if is_stream and not resource.at("StartingPosition"):
            yield resource.hit("StartingPosition", "is missing for a stream")
        if is_queue and resource.at("StartingPosition"):
            yield resource.hit("StartingPosition", "is for streams, not for a queue")
        for name in ("BisectBatchOnFunctionError", "ParallelizationFactor", "MaximumRecordAgeInSeconds"):
            if is_queue and resource.at(name) is not None:
                yield resource.hit(name, "is for streams, not for a queue")
        if is_queue:
            yield from _batches(resource, queue, source)


def _batches(resource: Resource, queue: Resource | None, source: str) -> Iterator[Hit]:
    batch, window = number(resource.at("BatchSize")), number(resource.at("MaximumBatchingWindowInSeconds")) or 0
    fifo = source.endswith(".fifo") or (queue is not None and queue.at("FifoQueue") in (True, "true"))
    if fifo and window:
        yield resource.hit("MaximumBatchingWindowInSeconds", "is not for FIFO queues")
    if batch is not None and batch > _LARGE_BATCH and (fifo or window < 1):
        more = "a FIFO queue" if fifo else "a queue without MaximumBatchingWindowInSeconds"
        yield resource.hit("BatchSize", f"is {batch:g}, {_LARGE_BATCH} are allowed for {more}")


@refusal(
    "SOURCE-VISIBILITY",
    why="Lambda refuses it: Queue visibility timeout is less than Function timeout",
    fix="Set VisibilityTimeout to six times the function's Timeout",
    source=f"{_LAMBDA}/services-sqs-configure.html",
)
def messages_stay_hidden_while_a_function_runs(stacks: Stacks) -> Iterator[Hit]:
    """A queue hides messages at least as long as the function that reads it may run."""
    for resource in stacks.of("AWS::Lambda::EventSourceMapping"):
        queue = own(stacks, resource.at("EventSourceArn"), resource, "AWS::SQS::Queue")
        function = own(stacks, resource.at("FunctionName"), resource, _FUNCTION, "AWS::Lambda::Alias")
        if function and function.type != _FUNCTION:
            function = own(stacks, function.at("FunctionName"), function, _FUNCTION)
        if queue and function:
            hidden, runs = _seconds(queue, "VisibilityTimeout", 30), _seconds(function, "Timeout", 3)
            if hidden is not None and runs is not None and hidden < runs:
                yield queue.hit("VisibilityTimeout", f"is {hidden:g} s, {function.id} may run {runs:g} s")


def _seconds(resource: Resource, name: str, default: float) -> float | None:
    value: Any = resource.at(name)
    return default if value is None else number(value)


@refusal(
    "FN-DEAD-LETTERS",
    why="Lambda refuses anything but a standard queue or topic for dead letters",
    fix="Name a queue or topic without FIFO",
    source=f"{_LAMBDA}/invocation-async-retain-records.html",
)
def dead_letters_go_to_standard_queues(stacks: Stacks) -> Iterator[Hit]:
    """A function's dead letters go to a standard queue or topic."""
    for entry in stacks.of(_FUNCTION):
        target = entry.at("DeadLetterConfig", "TargetArn")
        resource = own(stacks, target, entry, "AWS::SQS::Queue", "AWS::SNS::Topic")
        fifo = resource and (resource.at("FifoQueue") or resource.at("FifoTopic"))
        arn = plain(target, entry.region) or ""
        other = arn.startswith("arn:") and not re.match(r"arn:[^:]+:(?:sqs|sns):", arn)
        if fifo or arn.endswith(".fifo") or other:
            yield entry.hit("DeadLetterConfig.TargetArn", "is not a standard queue or topic")


RULES = (
    variables_are_ones_lambda_takes,
    packages_are_complete,
    layers_are_few_and_differ,
    networks_are_complete,
    snapshots_are_possible,
    aliases_point_to_versions,
    event_permissions_can_be_used,
    permissions_name_a_source_of_their_service,
    notified_functions_may_be_called,
    event_sources_fit_their_kind,
    messages_stay_hidden_while_a_function_runs,
    dead_letters_go_to_standard_queues,
)
