"""The data section of one stage → what does not agree in it, or with the rest of the description. Pure.

Each problem is a path of the description with what is wrong and its fix; ``consistency`` gathers them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.description.statements import identity_problems, table_problems
from stacks.errors import nearest
from stacks.naming import logical_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.app import Stage
    from stacks.description.finding import Finding, Path
    from stacks.model.data import Table
    from stacks.model.users import Users

_PROVIDER_NAME = range(3, 33)
"""https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html"""
_KINDS = {"S": "string", "N": "number", "B": "binary"}


def data_problems(stage: Stage, at: Path) -> Iterator[Finding]:
    """Every problem of the data section, which stands at ``at`` + ``data``."""
    data: Path = (*at, "data")
    for name, table in stage.data.tables.items():
        yield from _keys(table, (*data, "tables", name))
        yield from _indexes(table, (*data, "tables", name))
        yield from _replicas(table, stage, (*data, "tables", name))
        yield from _stream(name, table, stage, (*data, "tables", name))
        yield from table_problems(table.statements, (*data, "tables", name, "statements"))
    if stage.data.backup and not stage.data.tables:
        yield (*data, "backup"), "there is no table to copy", "Describe one under 'tables', or drop 'backup'"
    if stage.data.users:
        users: Path = (*data, "users")
        yield from _triggers(stage.data.users, stage, users)
        yield from _clients(stage.data.users, stage, users)
        yield from _names(stage.data.users, users)
        yield from _credentials(stage.data.users, stage, (*users, "credentials"))


def _keys(table: Table, at: Path) -> Iterator[Finding]:
    """One attribute has one type, and none of the names that DynamoDB keeps for itself."""
    seen: dict[str, str] = {}
    for key in table.keys:
        kind = seen.setdefault(key.name, key.type)
        if kind != key.type:
            what = f"{key.name!r} is a {_KINDS[kind]} in one key and a {_KINDS[key.type]} in another"
            yield at, what, "Give an attribute one type"
        if key.name == table.expires and key.type != "N":
            what = f"is {key.name!r}, a {_KINDS[key.type]} in a key; items expire at a number of seconds"
            yield (*at, "expires"), what, "Use another attribute, or give the key 'type: N'"
        if key.name.startswith("aws:"):
            yield at, f"{key.name!r} is reserved for DynamoDB", "Choose a name without 'aws:'"


def _indexes(table: Table, at: Path) -> Iterator[Finding]:
    for name in table.local_indexes.keys() & table.global_indexes.keys():
        yield (*at, "local_indexes", name), f"{name!r} is a global index too", "Give each index a name of its own"
    for name, index in table.local_indexes.items():
        if table.sort_key and index.sort_key.name in {table.partition_key.name, table.sort_key.name}:
            what = f"sorts by {index.sort_key.name!r}, a key of the table already"
            yield (*at, "local_indexes", name), what, "Sort by another attribute"
    for name, other in table.global_indexes.items():
        if other.sort_key and other.sort_key.name == other.partition_key.name:
            what = f"has {other.sort_key.name!r} as both keys"
            yield (*at, "global_indexes", name), what, "Sort by another attribute, or drop 'sort_key'"
    if table.sort_key and table.sort_key.name == table.partition_key.name:
        yield (*at, "sort_key"), f"has {table.sort_key.name!r} as both keys", "Sort by another attribute"


def _replicas(table: Table, stage: Stage, at: Path) -> Iterator[Finding]:
    for index, region in enumerate(table.replicas):
        if region == stage.region or region in table.replicas[:index]:
            what = f"names {region} twice" if region != stage.region else f"names {region}, the stage's own region"
            yield (*at, "replicas"), what, "Name each other region once"


def _stream(name: str, table: Table, stage: Stage, at: Path) -> Iterator[Finding]:
    heard = any(name in function.events.tables for function in stage.backend.functions.values())
    if heard and table.stream not in {None, "both"}:
        what = f"tells {table.stream} images, but a function listens and gets both"
        yield (*at, "stream"), what, "Say 'both', or leave 'stream' out"


def _triggers(users: Users, stage: Stage, at: Path) -> Iterator[Finding]:
    for trigger, name in users.triggers.items():
        if name not in stage.backend.functions:
            yield (*at, "triggers", trigger), f"there is no function {name!r}", nearest(name, stage.backend.functions)


def _clients(users: Users, stage: Stage, at: Path) -> Iterator[Finding]:
    known = {f"{server}/{scope}" for server, scopes in users.resource_servers.items() for scope in scopes}
    for name, client in users.clients.items():
        where: Path = (*at, "clients", name)
        if client.needs_site and not (stage.frontend.site or stage.frontend.static):
            fix = "Describe 'frontend', or write whole https addresses"
            yield (*where, "callbacks"), "is a path of the site, but the stage has no frontend", fix
        if users.domain is None and (client.callbacks or client.kind == "machine"):
            yield where, "signs in at the pool's own pages, which it does not have", "Add 'domain' under 'users'"
        for scope in client.scopes:
            if "/" in scope and scope not in known:
                yield (*where, "scopes"), f"there is no scope {scope!r}", nearest(scope, known)
    if users.providers and users.domain is None:
        yield (*at, "providers"), "are asked by the pool's own pages, which it does not have", "Add 'domain'"


def _credentials(users: Users, stage: Stage, at: Path) -> Iterator[Finding]:
    if users.credentials is None:
        return
    for name in users.credentials.tables:
        table = stage.data.tables.get(name)
        if table is None:
            yield (*at, "tables", name), f"there is no table {name!r}", nearest(name, stage.data.tables)
        elif table.partition_key.type != "S":
            what = "has a partition key that is no string, so it cannot be an identity id"
            yield (*at, "tables", name), what, "Use a table whose partition key is a string"
    yield from identity_problems(users.credentials.statements, (*at, "statements"))
    yield from identity_problems(users.credentials.guests, (*at, "guests"))


def _names(users: Users, at: Path) -> Iterator[Finding]:
    for kind in ("clients", "groups", "resource_servers", "providers"):
        yield from _same_ids(getattr(users, kind), (*at, kind))
    for name in users.clients:
        if logical_id(name, "Client") == "UserPoolClient" or name == "browser":
            what = f"{name!r} is the name of the client that every pool has"
            yield (*at, "clients", name), what, "Choose another name"
    for name, provider in users.providers.items():
        if provider.kind != "google" and len(name) not in _PROVIDER_NAME:
            yield (*at, "providers", name), f"{name!r} has {len(name)} characters", "Use 3 to 32, as Cognito asks"
    google = [name for name, provider in users.providers.items() if provider.kind == "google"]
    if len(google) > 1:
        yield (*at, "providers", google[1]), "is the second Google; Cognito takes one", "Keep one"


def _same_ids(names: Iterable[str], at: Path) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(logical_id(name), name)
        if other != name:
            yield at, f"{name!r} and {other!r} become the same logical id {logical_id(name)}", "Rename one"
