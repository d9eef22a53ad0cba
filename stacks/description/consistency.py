"""App → problems that no single value shows: names that meet, references to what is not described.

Pure: the description is judged by itself, files on disk are judged in ``stacks.loading``.
Each problem is a path of the description with what is wrong and its fix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.description.backend_rules import backend_problems
from stacks.description.base_rules import base_problems
from stacks.description.ci_rules import ci_problems
from stacks.description.data_rules import data_problems
from stacks.description.extension_rules import extension_problems
from stacks.description.frontend_rules import frontend_problems
from stacks.description.kind_rules import kind_problems
from stacks.description.moved_rules import moved_problems
from stacks.description.pipeline_rules import pipeline_problems
from stacks.description.regions import region_problems
from stacks.description.route_rules import route_problems
from stacks.description.unique import repeated, uniqueness_problems
from stacks.kinds import KINDS
from stacks.stages.kinds import described
from stacks.stages.variables import given_variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import App, Function, Stage
    from stacks.description.finding import Finding, KeyPath

_LAMBDAS_OWN = """
AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_MEMORY_SIZE
AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_GROUP_NAME
AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_MAX_CONCURRENCY AWS_LAMBDA_METADATA_API AWS_LAMBDA_METADATA_TOKEN
AWS_LAMBDA_RUNTIME_API AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SECRET_KEY AWS_SECURITY_TOKEN AWS_SESSION_TOKEN
LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT
"""
_RESERVED = frozenset(_LAMBDAS_OWN.split())
"""Variables that Lambda sets itself, and refuses in a function's configuration.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime"""
# Read by the dynamic linker, Python, bash and Node before the function's first line: ld.so(8), python(1), bash(1).
_CHANGES_PROCESS = re.compile(
    r"PATH|LD_\w+|PYTHON(?!UNBUFFERED|UTF8|IOENCODING|WARNINGS|HASHSEED|_ENV$)\w*|NODE_OPTIONS|NODE_PATH|BASH_ENV"
)
# All that the SDKs read but what only tunes them: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
_STEERS_SDK = re.compile(
    r"AWS_(?!LAMBDA_EXEC_WRAPPER$|RETRY_MODE$|MAX_ATTEMPTS$|DEFAULTS_MODE$|XRAY_|APPCONFIG_EXTENSION_"
    r"|STS_REGIONAL_ENDPOINTS$|USE_FIPS_ENDPOINT$|USE_DUALSTACK_ENDPOINT$|NODEJS_CONNECTION_REUSE_ENABLED$)"
)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_RESERVED_BUCKETS = ("amzn-s3-demo-", "sthree-")
_MOST_TAGS = 40  # 50 on a resource: https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html
_LONGEST_BUCKET_PREFIX = (
    25  # 63, less "-trail-", 12 digits of the account, "-", 14 characters of the region, "-an" and 1
)


def inconsistencies(app: App) -> Iterator[Finding]:
    """Every inconsistency of every stage."""
    if f"{app.name}-".startswith(_RESERVED_BUCKETS):
        yield (
            ("name",),
            f"{app.name!r} begins the names of buckets, and S3 refuses such",
            "Choose another name",
            "BUCKET-NAME",
        )
    for name, stage in app.stages.items():
        at: KeyPath = ("stages", name)
        yield from _names(stage, at)
        yield from repeated(stage, at)
        yield from region_problems(stage.region, at)
        yield from _functions(stage, at)
        yield from route_problems(stage, at)
        yield from _template(stage, (*at, "backend"))
        yield from backend_problems(stage, at)
        yield from kind_problems(stage, at)
        yield from base_problems(app, stage, at)
        yield from data_problems(stage, at)
        yield from frontend_problems(stage, at)
        yield from moved_problems(stage, at)
        yield from extension_problems(stage, f"{app.name}-{name}", at)
        yield from pipeline_problems(app, stage, at)
        yield from ci_problems(app, stage, at)
    yield from uniqueness_problems(app)


def _names(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    if len(stage.tags) > _MOST_TAGS:
        yield (
            (*at, "tags"),
            f"are {len(stage.tags)}; with ours and AWS's, {_MOST_TAGS} fit on a resource",
            "Use fewer",
            "TAGS",
        )
    for index, key in enumerate(keys := [*stage.tags]):
        if key.lower() in {other.lower() for other in keys[:index]}:
            yield (
                (*at, "tags", key),
                f"{key!r} differs from another tag by case alone, which IAM refuses",
                "Keep one",
                "TAGS",
            )
    together = len(stage.app_name) + len(stage.name)
    if together > _LONGEST_BUCKET_PREFIX:
        what = f"the names {stage.app_name!r} and {stage.name!r} have {together} characters together"
        yield at, what, f"Shorten one: bucket names leave room for {_LONGEST_BUCKET_PREFIX}", "BUCKET-NAME"


def _template(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    backend = stage.backend
    others = [kind.name for kind in KINDS if kind.section == "backend" and described(kind, stage)]
    if backend.template and not backend.functions and others:
        yield (
            (*at, "template"),
            f"is given together with {' and '.join(others)}",
            "Move the template into a stack of its own: stacks: {legacy: {template: …}}",
        )
    waf = stage.frontend.waf
    api = "ApiId" in backend.outputs or (backend.template and backend.functions)
    if api and stage.frontend.is_described and waf and not waf.direct_api:
        what = "is an API of another framework, which can be called around the site's web ACL"
        yield (*at, "outputs"), what, "Confirm it with 'waf: {direct_api: true}', or 'waf: false'"
    for key in ("parameters", "outputs"):
        for name, content in getattr(backend, key).items():
            if isinstance(content, str) and not backend.template:
                what = "names something in 'template', which is not given"
                yield (*at, key, name), what, "Add 'template', or give a value such as !Ref Alerts"


def _functions(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    for name, function in stage.backend.functions.items():
        where: KeyPath = (*at, "backend", "functions", name)
        yield from _access(function, stage, where)
        variables = given_variables(function, stage)
        for variable in function.environment:
            if variable in _RESERVED or variable.startswith("_"):
                taken = f"{variable!r} is set by Lambda itself"
                yield (*where, "environment", variable), taken, "Choose another name", "FN-VARIABLES"
            elif what := variables.get(variable):
                taken = f"{variable!r} is given to the function already: {what}"
                yield (*where, "environment", variable), taken, "Choose another name, or leave it out"
            elif _CHANGES_PROCESS.fullmatch(variable):
                taken = f"{variable!r} decides which code the function's process loads and runs"
                fix = "Choose another name; put code and packages into the function's folder and its requirements"
                yield (*where, "environment", variable), taken, fix
            elif _STEERS_SDK.match(variable):
                taken = f"{variable!r} takes the AWS SDK to other credentials or endpoints than the function's own"
                yield (*where, "environment", variable), taken, "Choose another name"


def _access(function: Function, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    if function.all_routes and not (function.public or function.authorizer or stage.backend.template):
        yield at, "has routes, but does not say who may call them", "Add 'auth: users', or 'public: true' for everyone"
    if function.authorizer == "users" and stage.data.users is None:
        yield (*at, "auth"), "the stage has no user pool", "Add 'users: true' under 'data', or set 'public: true'"
    if function.all_routes and function.timeout > 29 and not function.commands:  # noqa: PLR2004 - API Gateway's integration timeout, 29 s
        yield (
            (*at, "timeout"),
            f"{function.timeout} s, but API Gateway waits 29 s",
            "Use 29 or less, or drop the routes",
        )
