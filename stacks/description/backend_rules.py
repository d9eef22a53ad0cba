"""The backend of one stage → what does not agree with the rest of the description. Pure.

Each problem is a path of the description with what is wrong and its fix; ``consistency`` gathers them.
Settings and statements, which are judged by their texts alone, are in ``backend_texts`` and ``statements``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.description.body_rules import body_problems
from stacks.description.secret_settings import settings_problems
from stacks.description.statements import identity_problems
from stacks.errors import nearest
from stacks.kinds import KINDS
from stacks.model.backend import Function
from stacks.naming import EDGE_REGION
from stacks.stages.code import code_of, shared_layer
from stacks.stages.kinds import known, started_by, used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath
    from stacks.model.api import Api
    from stacks.stages.code import Code

_GATEWAYS = {"dynamodb", "s3"}
"""Services that every network of ours reaches by gateway endpoints."""
_LAYERS = 5  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


def backend_problems(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Everything that does not agree in the backend of ``stage``, which is described at ``at``."""
    yield from _api(stage, (*at, "backend", "api"))
    yield from _audience(stage, (*at, "data", "users", "clients"))
    yield from _packages(stage, (*at, "backend", "functions"))
    yield from _parameters(stage)
    for name, function in stage.backend.functions.items():
        where: KeyPath = (*at, "backend", "functions", name)
        yield from _names(function, stage, where)
        yield from _application(function, where)
        yield from _access(function, stage, where)
        yield from _url(function, stage, (*where, "url"))
        yield from body_problems(function, stage, where)
        yield from _layers(function, stage, where)
        yield from _versions(function, where)
        yield from _network(function, stage, where)
        yield from identity_problems(function.statements, (*where, "statements"))
        yield from settings_problems(function, where)
        yield from _zones(function, (*where, "events", "schedules"))


def _names(function: Function, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    for kind in KINDS:
        resources = known(kind, stage)
        by_name = not (kind.access or kind.single)
        named: list[tuple[KeyPath, str]] = [
            ((kind.use_field, name) if by_name else (kind.use_field,), name) for name in used(kind, function)
        ]
        named += [(("events", kind.name), name) for name in started_by(kind, function)]
        for path, name in named:
            if name not in resources and kind.single:
                fix = f"Add '{kind.name}: true' under '{kind.section}'"
                yield (*at, *path), f"the stage has no {kind.singular}", fix
            elif name not in resources:
                yield (*at, *path), f"there is no {kind.singular} {name!r}", nearest(name, resources)


def _application(function: Function, at: KeyPath) -> Iterator[Finding]:
    """A WSGI or ASGI application is called with HTTP requests; the generated handler refuses every other event."""
    events = function.events
    if function.application and (events.schedules or any(started_by(kind, function) for kind in KINDS)):
        what = f"{function.entry_text} is a web application, which answers HTTP requests only"
        yield (*at, "events"), what, "Move the events to a function with a 'handler'"


def _zones(function: Function, at: KeyPath) -> Iterator[Finding]:
    """EventBridge Scheduler takes the time zones of the IANA database; where this machine has none, AWS judges."""
    zones = [(index, schedule.zone) for index, schedule in enumerate(function.events.schedules) if schedule.zone]
    if not zones:
        return
    from zoneinfo import available_timezones  # noqa: PLC0415 - reads what this machine has; few schedules have a zone

    known = available_timezones()
    for index, zone in zones:
        if zone not in known and known:
            yield (*at, index, "zone"), f"there is no time zone {zone!r}", nearest(zone, known)


def _packages(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """A zip is named by its folder and the first of what it holds of it; each name stands for one zip."""
    first: dict[str, tuple[str, Code]] = {}
    for name, function in stage.backend.functions.items():
        code = code_of(function)
        other, known = first.setdefault(code.parameter, (name, code))
        if known == code:
            continue
        if known.folder == code.folder and known.contents[:1] == code.contents[:1]:
            what = f"differs from that of {other!r}, whose zip has the same name"
            yield (*at, name, "only"), what, "Use the same list in both, or put another entry first"
        else:
            what = f"its folder {code.folder} and {known.folder} of {other!r} both become the zip {known.name}"
            yield (*at, name), what, "Rename one of the folders"


def _parameters(stage: Stage) -> Iterator[Finding]:
    """The application's name begins the names in Parameter Store by which stacks read each other.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html (Name)
    """
    if stage.app_name.startswith(("aws", "ssm")):
        what = f"{stage.app_name!r} begins with 'aws' or 'ssm', and Parameter Store takes no such names"
        yield ("name",), what, "Choose another name", "PARAMETER-NAME"


def _access(function: Function, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    api = stage.backend.api
    if function.authorizer not in {None, "users", "iam", *api.authorizers}:
        known = {"users", "iam", *api.authorizers}
        yield (*at, "auth"), f"there is no authorizer {function.authorizer!r}", nearest(str(function.authorizer), known)
    authorizer = api.authorizers.get(function.authorizer or "")
    if function.scopes and function.authorizer != "users" and not (authorizer and authorizer.issuer):
        yield (*at, "scopes"), "only tokens have scopes", "Set 'auth: users', or an authorizer with an 'issuer'"
    yield from _tokens(function, stage, (*at, "auth", "users"))
    if function.api_key and not (api.keys and api.type == "rest"):
        yield (*at, "api_key"), "there are no API keys", "Name them under 'backend.api.keys' of a REST API"


def _url(function: Function, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Nothing protects a function's URL."""
    url, waf = function.url, stage.frontend.waf
    if url is None or url.auth != "none":
        return
    if not function.public:
        yield at, "lets everyone call the function", "Set 'public: true' for the function, too, or 'url: true'"
    if function.all_routes and waf and not waf.direct_api and stage.frontend.is_described:
        what = "everyone can go around the site's web ACL here"
        yield at, what, "Leave it out, or set 'direct_api: true' under 'frontend.waf'"


def _network(function: Function, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """A call that has no way out of the network hangs until the function's time is up."""
    if not function.vpc:
        return
    vpc = stage.base.vpc
    if vpc is None:
        yield (*at, "vpc"), "the stage has no network", "Set 'vpc: true' under 'base'"
    elif vpc.is_ours and vpc.nat == "none":
        for kind, service in _called(function, stage):
            if service not in vpc.endpoints and service not in _GATEWAYS:
                what = f"uses {kind!r}, which cannot be reached from the network"
                way = f"'endpoints: [{service}]'" if service else "'nat: one'"
                fix = f"Set {way} under 'base.vpc', or leave 'vpc' out: functions reach AWS without it"
                yield (*at, kind), what, fix


def _called(function: Function, stage: Stage) -> Iterator[tuple[str, str | None]]:
    """What a function calls itself that has no gateway endpoint, and the service that answers."""
    for kind in KINDS:
        resources = known(kind, stage)
        endpoints = {getattr(resources.get(name), "endpoint", kind.endpoint) for name in used(kind, function)}
        yield from ((kind.use_field, endpoint) for endpoint in sorted(endpoints, key=str))


def _versions(function: Function, at: KeyPath) -> Iterator[Finding]:
    """What does not go together: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html."""
    if function.snap_start and function.runtime == "python3.11":
        yield (*at, "snap_start"), "Lambda has it from python3.12 on", "Use a newer runtime", "FN-SNAPSTART"
    if function.snap_start and function.provisioned_concurrency:
        yield (*at, "snap_start"), "does not go with 'provisioned_concurrency'", "Leave one out", "FN-SNAPSTART"
    if function.snap_start and function.storage > Function.storage:
        what = f"goes with {Function.storage} MB of storage only"
        yield (*at, "snap_start"), what, "Leave 'storage' out", "FN-SNAPSTART"
    reserved, ready = function.reserved_concurrency, function.provisioned_concurrency
    if reserved is not None and ready and ready > reserved:
        what = f"{ready} instances are to be warm, but only {reserved} may run"
        yield (*at, "provisioned_concurrency"), what, "Raise 'reserved_concurrency'", "FN-RESERVED"


def _layers(function: Function, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    has_shared = shared_layer(function.runtime, function.architecture, stage) is not None
    count = len(function.layers) + has_shared
    if count > _LAYERS:
        shared = ", the one of 'shared_requirements' among them" if has_shared else ""
        what = f"has {count} layers{shared}; Lambda takes {_LAYERS}"
        yield (*at, "layers"), what, "Join some of them", "FN-LAYERS"
    for index, layer in enumerate(function.layers):
        region = layer.split(":")[3]
        if region != stage.region:
            what = f"the layer is in {region}, the stage in {stage.region}"
            fix = "Lambda takes layers of its own region: name another for this stage"
            yield (*at, "layers", index), what, fix, "FN-LAYER-ARN"


def _api(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    api = stage.backend.api
    yield from _kind(api, at)
    yield from _domain(stage, (*at, "domain"))
    if api.quota and not api.keys:
        yield (*at, "quota"), "counts requests for each key, and there are no keys", "Name keys under 'keys'"
    for name, authorizer in api.authorizers.items():
        where: KeyPath = (*at, "authorizers", name)
        if name in {"users", "iam"}:
            yield where, f"{name!r} is known already", "Choose another name"
        if authorizer.function and authorizer.function not in stage.backend.functions:
            what = f"there is no function {authorizer.function!r}"
            yield (*where, "function"), what, nearest(authorizer.function, stage.backend.functions)


def _tokens(function: Function, stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """What is said of tokens must be kept by somebody: API Gateway, or the adapter of a web application."""
    rules, users = function.tokens, stage.data.users
    known = {"site", *(users.clients if users else ())}
    for name in rules.clients:
        if name not in known:
            yield (*at, "clients"), f"there is no client {name!r}", nearest(name, known)
        elif users and name in users.clients and users.clients[name].needs_site:
            what = f"client {name!r} is made with the frontend, after this function"
            yield (*at, "clients"), what, "Write whole addresses as its callbacks, as https://example.com/app"
    if rules.clients and not function.application:
        what = "are the same for API Gateway, and this function has a handler of its own"
        yield (*at, "clients"), what, "Compare 'client_id' (or 'aud') of the claims there, or give clients own 'scopes'"
    if rules.use == "id" and function.scopes:
        yield (*at, "use"), "ID tokens have no scopes", "Set 'use: access', or leave 'scopes' out"
    elif rules.use == "id" and stage.backend.api.type == "http" and not function.application:
        what = "an HTTP API takes access tokens, too, and this function has a handler of its own"
        yield (*at, "use"), what, "Compare 'token_use' of the claims there"


def _audience(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    """Clients whose ids the JWT authorizer of an HTTP API cannot name: they are made after it, with the frontend.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """
    asking = [name for name, function in stage.backend.functions.items() if function.authorizer == "users"]
    if stage.backend.api.type != "http" or not asking or stage.data.users is None:
        return
    for name, client in stage.data.users.clients.items():
        if client.needs_site:
            what = (
                f"has a path of the site: its tokens would get 401 from the HTTP API ({asking[0]!r} has 'auth: users')"
            )
            fix = "Write whole addresses, as https://example.com/app, or leave 'type: http' out"
            yield (*at, name), what, fix, "API-AUDIENCE"


def _domain(stage: Stage, at: KeyPath) -> Iterator[Finding]:
    domain = stage.backend.api.domain
    if domain is None:
        return
    wanted = EDGE_REGION if stage.backend.api.endpoint == "edge" else stage.region
    region = domain.certificate.split(":")[3] if domain.certificate else stage.region
    if region != wanted:
        what = (
            f"the certificate {'is' if domain.certificate else 'would be made'} in {region}, and is needed in {wanted}"
        )
        fix = "Request one there" if domain.certificate else "Name one there, or leave 'endpoint: edge' out"
        yield (*at, "certificate"), what, fix, "API-CERT-REGION"
    waf = stage.frontend.waf
    if stage.frontend.is_described and waf and not waf.direct_api:
        what = "the site's web ACL closes the API to all who do not come through the site"
        yield at, what, "Leave the domain out, or set 'direct_api: true' under 'frontend.waf'"
    if not any(function.all_routes for function in stage.backend.functions.values()):
        yield at, "there is no API, as no function has routes", "Leave it out"


def _kind(api: Api, at: KeyPath) -> Iterator[Finding]:
    """What one kind of API has and the other has not."""
    if api.type == "rest":
        for name, authorizer in api.authorizers.items():
            if authorizer.issuer:
                what = "a REST API knows no issuers of tokens but the stage's user pool"
                fix = "Set 'type: http', 'auth: users', or let a 'function' judge"
                yield (*at, "authorizers", name), what, fix, "API-KIND"
        if api.cors and len(api.cors.origins) > 1:
            what = f"names {len(api.cors.origins)} origins, and a REST API's own error answers can name only one"
            yield (*at, "cors", "origins"), what, "Name one, or set 'type: http'"
        return
    if api.keys:
        yield (*at, "keys"), "an HTTP API has no API keys", "Leave 'type: http' out, or the keys", "API-KIND"
    if api.endpoint == "edge":
        fix = "Leave 'endpoint' out, or set 'type: rest'"
        yield (*at, "endpoint"), "an HTTP API is always regional", fix, "API-KIND"
