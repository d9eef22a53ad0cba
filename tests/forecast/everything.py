"""Descriptions in which every list and mapping has a given number of entries, to see what templates make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.loading import validated
from stacks.rendering import render

if TYPE_CHECKING:
    from stacks import App
    from stacks.template.rendered import Rendered

_ENDPOINTS = ["sqs", "ssm", "sns", "kms", "lambda", "logs", "events", "secretsmanager", "cognito-idp", "sts", "xray"]
_COUNTRIES = ["DE", "AT", "CH", "FR", "IT", "ES", "PL", "NL", "BE", "LU"]
_PEOPLE = ["family_name", "given_name", "name", "nickname", "locale", "picture", "profile", "website"]
_REGIONS = ["eu-central-1", "eu-west-2", "eu-west-3", "eu-north-1"]
_TRIGGERS = ["pre_sign_up", "post_confirmation", "custom_message", "pre_token_generation"]
_ERRORS = ["404", "403", "500", "502"]
_ACCOUNT = "123456789012"


def everything(count: int, *, kind: str = "rest") -> App:
    """An application whose lists have ``count`` entries each (2 to 4), behind an API of a ``kind``."""
    described = {
        "name": "n",
        "stages": {"s": {"region": "eu-west-1", "account": _ACCOUNT}},
        "tags": {f"t{n}": "x" for n in range(count)},
        "base": _base(count),
        "data": _data(count),
        "backend": _backend(count, kind),
        "frontend": _frontend(count, kind),
        "stacks": {f"own-{n}": {"template": {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}} for n in range(count)},
    }
    return validated(described)


def stacks_of(app: App) -> tuple[Rendered, ...]:
    """The stacks of its stage."""
    return render(app, app.stages["s"])


def _own(count: int, name: str) -> dict[str, Any]:
    """Resources, outputs and parameters of your own."""
    return {
        "resources": {f"{name}{n}": {"Type": "AWS::SNS::Topic"} for n in range(count)},
        "outputs": {f"{name}Out{n}": {"Value": "x"} for n in range(count)},
        "parameters": {f"{name}In{n}": {"Type": "String", "Default": "x"} for n in range(count)},
        "overrides": {},
    }


def _base(count: int) -> dict[str, Any]:
    return {
        **_own(count, "Base"),
        "trail": {"cloudwatch": True},
        "alarms": {"email": "a@example.com"},
        "identity_providers": ["github", "gitlab"][:count],
        "vpc": {"endpoints": _ENDPOINTS[:count], "zones": min(count, 3)},
        "pipelines": {
            "source": "github",
            "repository": "owner/name",
            "stacks": ["data", "backend", "frontend"][:count],
            "paths": {stack: [f"p{n}/**" for n in range(count)] for stack in ("data", "backend")},
            "install": [f"echo {n}" for n in range(count)],
            "build": [f"echo {n}" for n in range(count)],
            "allow_replacement": [f"Id{n}" for n in range(count)],
        },
    }


def _data(count: int) -> dict[str, Any]:
    held = [f"h{n}" for n in range(count)]
    table = {
        "partition_key": "a",
        "sort_key": "b",
        "stream": "both",
        "local_indexes": {f"loc{n}": {"sort_key": f"l{n}", "holds": held} for n in range(count)},
        "global_indexes": {f"glo{n}": {"partition_key": f"g{n}", "holds": held} for n in range(count)},
        "statements": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::12345678901{n}:root"}, "Action": "dynamodb:GetItem"}
            for n in range(count)
        ],
    }
    statements = [
        {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": f"arn:aws:ses:eu-west-1:{_ACCOUNT}:identity/{n}"}
        for n in range(count)
    ]
    addresses = [f"https://example.com/{n}" for n in range(count)]
    client = {
        "kind": "browser",
        "callbacks": addresses,
        "logouts": addresses,
        "scopes": [f"r0/s{n}" for n in range(count)],
    }
    mapped = {"email": "email", **{item: item for item in _PEOPLE[:count]}}
    oidc = {
        "kind": "oidc",
        "client_id": "x",
        "client_secret": "apps/login",
        "issuer": "https://example.com",
        "attributes": mapped,
    }
    return {
        **_own(count, "Data"),
        "tables": {
            **{f"t{n}": table for n in range(count)},
            "copied": {"partition_key": "a", "replicas": _REGIONS[:count]},
            "filled": {
                "partition_key": "a",
                "import_from": {"bucket": "filled-from", "format": "csv", "columns": [f"c{n}" for n in range(count)]},
            },
        },
        "buckets": {f"b{n}": {"cors": [f"https://o{m}.example.com" for m in range(count)]} for n in range(count)},
        "databases": {f"db{n}": True for n in range(count)},
        "backup": True,
        "users": {
            "domain": "n-sign-in",
            "email": "a@example.com",
            "recovery": "administrator",
            "mfa": "optional",
            "factors": ["app", "email"][:count],
            "attributes": {f"a{n}": {} for n in range(count)},
            "required": _PEOPLE[:count],
            "triggers": dict.fromkeys(_TRIGGERS[:count], "worker"),
            "groups": [f"g{n}" for n in range(count)],
            "clients": {f"app{n}": client for n in range(count)},
            "resource_servers": {f"r{n}": {f"s{m}": "x" for m in range(count)} for n in range(count)},
            "providers": {f"login{n}": oidc for n in range(count)},
            "credentials": {
                "tables": {f"t{n}": "read" for n in range(count)},
                "statements": statements,
                "guests": statements,
            },
        },
    }


def _backend(count: int, kind: str) -> dict[str, Any]:
    judges: dict[str, Any] = {f"judge{n}": {"function": "worker"} for n in range(count)}
    if kind == "http":
        audience = [f"a{n}" for n in range(count)]
        judges = {f"judge{n}": {"issuer": "https://example.com", "audience": audience} for n in range(count)}
    handler = {"handler": "lambda_src/api/notes.py:add_note"}
    schema = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(count)}}
    worker = {
        **handler,
        "only": [f"m{n}.py" for n in range(count)] + ["notes.py"],
        "events": {
            "schedules": [f"rate({n + 2} days)" for n in range(count)],
            "tables": [f"t{n}" for n in range(count)],
            "queues": [f"heard{n}" for n in range(count)],
            "buckets": [f"b{n}" for n in range(count)],
            "topics": [f"heard{n}" for n in range(count)],
            "buses": {f"bus{n}": {"source": [f"s{m}" for m in range(count)]} for n in range(count)},
        },
        "tables": {f"t{n}": "read" for n in range(count)},
        "buckets": {f"b{n}": "read" for n in range(count)},
        "queues": {f"q{n}": "send" for n in range(count)},
        "topics": {f"heard{n}": "publish" for n in range(count)},
        "buses": {f"bus{n}": "put" for n in range(count)},
        "workflows": {f"flow{n}": "start" for n in range(count)},
        "invoke": [f"f{n}" for n in range(count)],
        "secrets": [f"s{n}" for n in range(count)],
        "statements": [
            {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": f"arn:aws:ses:eu-west-1:{_ACCOUNT}:identity/{n}"}
            for n in range(count)
        ],
        "environment": {f"SETTING{n}": "x" for n in range(count)},
        "layers": [f"arn:aws:lambda:eu-west-1:{_ACCOUNT}:layer:l{n}:1" for n in range(count)],
        "url": {
            "auth": "iam",
            "cors": {
                "origins": [f"https://o{n}.example.com" for n in range(count)],
                "headers": [f"x-{n}" for n in range(count)],
            },
        },
    }
    routes = {
        f"f{n}": {**handler, "routes": [f"GET /api/f{n}/{m}" for m in range(count)], "auth": f"judge{n}"}
        for n in range(count)
    }
    scoped = {
        "databases": {f"db{n}": "connect" for n in range(count)},
        "senders": {f"sender{n}": "send" for n in range(count)},
        **handler,
        "routes": ["GET /api/scoped"],
        "auth": "users",
        "scopes": [f"r0/s{n}" for n in range(count)],
    }
    checked = {
        **handler,
        "routes": [f"POST /api/checked/{n}" for n in range(count)],
        "public": True,
        "body": {f"POST /api/checked/{n}": {**schema, "title": f"T{n}"} for n in range(count)},
    }
    metered = {**handler, "routes": ["GET /api/metered"], "public": True, "api_key": True}
    rest = {"checked": checked, "metered": metered} if kind == "rest" else {}
    api: dict[str, Any] = {"type": kind, "authorizers": judges}
    if kind == "rest":
        api |= {"keys": [f"k{n}" for n in range(count)], "quota": 1000}
        api["cors"] = {"origins": ["https://example.com"], "headers": [f"x-{n}" for n in range(count)]}
    else:
        api["cors"] = {
            "origins": [f"https://o{n}.example.com" for n in range(count)],
            "headers": [f"x-{n}" for n in range(count)],
        }
    return {
        **_own(count, "Backend"),
        "functions": {"worker": worker, "scoped": scoped, **routes, **rest},
        "secrets": {f"s{n}": True for n in range(count)},
        "queues": {f"{name}{n}": True for n in range(count) for name in ("q", "heard")},
        "buses": {f"bus{n}": True for n in range(count)},
        "senders": {f"sender{n}": f"s{n}.example.com" for n in range(count)},
        "workflows": {f"flow{n}": _workflow(count) for n in range(count)},
        "topics": {
            f"heard{n}": {
                "email": [f"a{m}@example.com" for m in range(count)],
                "queues": [f"q{m}" for m in range(count)],
            }
            for n in range(count)
        },
        "api": api,
    }


def _workflow(count: int) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": f"arn:aws:ses:eu-west-1:{_ACCOUNT}:identity/{n}"}
        for n in range(count)
    ]
    states = {f"S{n}": {"Type": "Succeed"} for n in range(count)}
    return {"definition": {"StartAt": "S0", "States": states}, "statements": statements}


def _frontend(count: int, kind: str) -> dict[str, Any]:
    hosts = {f"/p{n}/*": f"h{n}.example.com" for n in range(count)}
    networks = [f"10.{n}.0.0/16" for n in range(count)]
    waf: dict[str, Any] = {
        "groups": ["reputation", "anonymous", "common", "bad-inputs"][:count],
        "allow": networks,
        "block": networks,
        "block_countries": _COUNTRIES[:count],
        "count": ["rate-limit", "block", "countries", "reputation"][:count],
        "direct_api": kind == "http",
    }
    if kind == "rest":
        waf["allow_only"] = networks
    return {
        **_own(count, "Frontend"),
        "static": "lambda_src/web/static",
        "site": [{"folder": f"site{n}", "path": f"/s{n}"} for n in range(count)],
        "paths": hosts,
        "waf": waf,
        "csp": {
            "sources": {entry: [f"https://i{n}.example.com" for n in range(count)] for entry in ("img-src", "font-src")}
        },
        "countries": {"only": _COUNTRIES[:count]} if kind == "rest" else {"none_of": _COUNTRIES[:count]},
    }
