"""``python -m tools.corpus [COUNT]``: random descriptions, rendered; prints a digest of each template. Deterministic.

To see that a change of the code moves no template, run it before and after, and compare: ``diff before.txt after.txt``.
A description that is refused is one line with its message, so messages are compared, too.
"""

from __future__ import annotations

import hashlib
import sys
from random import Random
from typing import TYPE_CHECKING, Any

from stacks import render
from stacks.errors import StacksError
from stacks.loading import validated

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = {"Fn::Sub": "${data.Marker}/x"}
_CONNECTION = "arn:aws:codeconnections:eu-west-1:111122223333:connection/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
_REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "us-gov-west-1")
_ALARM: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::Sub": "of ${AWS::StackName}"}}}


def _some(random: Random, chance: float, **options: Any) -> dict[str, Any]:
    """Each option with this chance; a callable gives its value."""
    chosen = ((name, value) for name, value in options.items() if random.random() < chance)
    return {name: value() if callable(value) else value for name, value in chosen if value is not None}


def _table(random: Random) -> dict[str, Any]:
    index = {"by-state": {"partition_key": "state", "sort_key": {"name": "at", "type": "N"}}}
    scale = {"low": 1, "high": 10}
    return {
        "partition_key": "owner",
        **_some(
            random,
            0.3,
            sort_key="id",
            global_indexes=index,
            expires="until",
            stream="both",
            encryption=random.choice(["account", "own"]),
            contributor_insights=True,
            table_class="infrequent-access",
        ),
        **_some(random, 0.15, capacity={"read": scale, "write": scale}),
        **_some(random, 0.1, replicas=["eu-west-3"]),
    }


def _users(random: Random) -> dict[str, Any]:
    clients = {"app": {"kind": "browser"}, "partner": {"kind": "server", "callbacks": ["https://partner.example/in"]}}
    return _some(
        random,
        0.3,
        self_sign_up=True,
        mfa=random.choice(["off", "required"]),
        groups=["admins", "readers"],
        clients=clients,
        domain="shop-sign-in",
        attributes={"plan": {"type": "text"}},
        credentials={"tables": {"notes": "read"}},
    )


def _data(random: Random) -> dict[str, Any]:
    tables = {name: _table(random) for name in ("notes", "orders", "log")[: random.randint(1, 3)]}
    buckets = {"uploads": True, **_some(random, 0.4, reports={"expire_after": 30})}
    result = _some(random, 0.6, users=lambda: _users(random))
    return {"tables": tables, "buckets": buckets, **result, **_some(random, 0.2, backup=True)}


def _function(random: Random, number: int, data: dict[str, Any], *, queues: bool) -> dict[str, Any]:
    tables = {name: random.choice(["read", "write", "read-write"]) for name in data["tables"] if random.getrandbits(1)}
    with_stream = [name for name, table in data["tables"].items() if table.get("stream")]
    events = _some(random, 0.3, schedules=["rate(1 hour)"], queues=["jobs"] if queues else [])
    if with_stream and random.getrandbits(1):
        events["tables"] = with_stream[:1]
    auth = random.choice(["users", "users", "iam", "none"]) if "users" in data else random.choice(["iam", "none"])
    routes = {"routes": [f"GET /api/f{number}", f"POST /api/f{number}/{{id}}"]}
    public = {"public": True} if auth == "none" else {"auth": auth}
    return {
        "handler": "lambda_src/api/notes.py:list_notes",
        **(random.choice([{**routes, **public}, {}]) if number else {**routes, **public}),
        **({"tables": tables} if tables else {}),
        **({"events": events} if events else {}),
        **_some(
            random,
            0.15,
            memory=random.choice([128, 1024]),
            timeout=20,
            storage=1024,
            reserved_concurrency=5,
            tracing=True,
            snap_start=True,
            vpc=True,
            users="read" if "users" in data else None,
            queues={"jobs": "send"} if queues else {},
            secrets=["session-key"],
            environment={"LEVEL": "info", "OUT": {"Fn::GetAtt": ["data", "Marker"]}, "TEXT": _TEXT},
            url={"auth": "iam"},
            buckets={"uploads": "read-write"},
        ),
    }


def _frontend(random: Random) -> dict[str, Any]:
    return {
        **_some(random, 0.7, site={"folder": "site", "path": random.choice(["/", "/app"])}),
        **_some(
            random,
            0.25,
            waf=random.choice([False, {"rate_limit": 500, "block_countries": ["KP"]}]),
            domain={"name": "shop.example.com", "zone": "Z0123456789ABCDEFGHIJ"},
            serve="split",
            access_log=random.choice(["legacy", False]),
            countries={"only": ["DE", "FR"]},
            maintenance=True,
            price_class="all",
            csp={"report_only": True},
        ),
    }


def _base(random: Random) -> dict[str, Any]:
    pipelines = {"repository": "me/shop", "connection": _CONNECTION}
    return _some(
        random,
        0.3,
        trail=random.choice([True, False]),
        vpc=random.choice([True, False, {"nat": "one"}]),
        alarms="ops@example.com",
        budget={"amount": 100, "email": "ops@example.com"},
        log_encryption="own",
        pipelines=pipelines,
    )


def description(seed: int) -> dict[str, Any]:
    """The description of a seed; some are refused."""
    random = Random(seed)  # noqa: S311 - not for secrets
    data = _data(random)
    queues = bool(random.getrandbits(1))
    names = [f"job-{number}" for number in range(random.randint(1, 6))]
    backend: dict[str, Any] = {
        "functions": {name: _function(random, number, data, queues=queues) for number, name in enumerate(names)},
        "secrets": {"session-key": True},
        **({"queues": {"jobs": True}} if queues else {}),
        **_some(random, 0.25, stacks=2, resources={"Alerts": _ALARM}, outputs={"AlertsArn": {"Ref": "Alerts"}}),
        **_some(random, 0.2, api={"type": "http"}, overrides={"Job0Function": {"Properties": {"MemorySize": 333}}}),
    }
    data |= {"resources": {"Extra": _ALARM}, "outputs": {"Marker": {"Value": {"Ref": "Extra"}}}}
    return {
        "name": "shop",
        "stages": {"dev": {"region": random.choice(_REGIONS)}},
        "data": data,
        "backend": backend,
        **_some(random, 0.7, frontend=lambda: _frontend(random)),
        **_some(random, 0.7, base=lambda: _base(random)),
    }


def digests(count: int) -> Iterator[str]:
    """A line for each template of ``count`` descriptions, and one for each refusal on the way to them."""
    seed = accepted = 0
    while accepted < count:
        seed += 1
        try:
            app = validated(description(seed))
            for stack in render(app, app.stages["dev"]):
                yield f"{seed} {stack.stack} {stack.region} {hashlib.sha256(stack.body.encode()).hexdigest()}"
            accepted += 1
        except StacksError as error:
            yield f"{seed} refused: {' '.join(str(error).split())}"


if __name__ == "__main__":
    for line in digests(int(sys.argv[1]) if sys.argv[1:] else 200):
        print(line)  # noqa: T201 - to be compared
