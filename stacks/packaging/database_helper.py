"""Connects SQLAlchemy to the databases that a function is given; this file is ``stacks_database.py`` in its zip.

It runs inside Lambda, where nothing of this library exists: it imports the standard library, and boto3 and SQLAlchemy
when they are needed. The dialect is AWS's own, ``aurora-dsql-sqlalchemy``.

    from stacks_database import ENGINE_OPTIONS, database_url

    app.config["SQLALCHEMY_DATABASE_URI"] = database_url("main")
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = ENGINE_OPTIONS
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from stacks.json_types import JsonDict

ENGINE_OPTIONS = {"pool_pre_ping": True, "pool_recycle": 3000}
"""For SQLAlchemy's ``create_engine``: Aurora DSQL ends a connection after an hour, and Lambda freezes functions.
https://docs.aws.amazon.com/aurora-dsql/latest/userguide/CHAP_quotas.html"""
_HOST = re.compile(r"[a-z0-9]+\.dsql(?:-\w+)?\.(?P<region>[a-z0-9-]+)\.on\.aws")


def database_url(name: str = "main", user: str = "admin") -> str:
    """The SQLAlchemy URL of the database ``name`` that the description lists under the function's ``databases``.

    It holds no password: a token is signed with the function's own credentials for each new connection, whose server
    has to prove its name by TLS. ``user`` is a role of the database; ``admin`` needs ``databases: {main: admin}``.
    On the local AWS it is the URL of a database there.

    Raises:
        KeyError: the function does not list it.
        ModuleNotFoundError: the function's requirements lack the dialect or the driver.
    """
    variable = f"{name.replace('-', '_').upper()}_DATABASE"
    if variable not in os.environ:
        raise KeyError(f"This function is not given {name!r}: list it under its 'databases'.")
    value = os.environ[variable]
    if "://" in value:
        return value
    for module, package in (("aurora_dsql_sqlalchemy", "aurora-dsql-sqlalchemy"), ("psycopg", "psycopg[binary]")):
        if find_spec(module) is None:
            raise ModuleNotFoundError(f"Add {package} to the requirements: databases are reached by it.", name=module)
    _sign_connections()
    if "alembic" in sys.modules:
        _let_alembic_migrate()
    options = urlencode({"sslmode": "verify-full", "sslrootcert": _authorities()})
    return f"auroradsql+psycopg://{quote(user, safe='')}@{value}:5432/postgres?{options}"


@cache
def _sign_connections() -> None:
    """Let every engine of this process sign its connections to Aurora DSQL.

    https://docs.sqlalchemy.org/en/20/core/engines.html#generating-dynamic-authentication-tokens
    """
    from sqlalchemy import event  # noqa: PLC0415
    from sqlalchemy.engine import Engine  # noqa: PLC0415

    event.listen(Engine, "do_connect", _signed)


@cache
def _let_alembic_migrate() -> None:
    """Register the dialect with Alembic, and that each statement is a transaction: Aurora DSQL takes one DDL in each.

    https://docs.aws.amazon.com/aurora-dsql/latest/userguide/working-with-ddl.html
    """
    from alembic.ddl.postgresql import PostgresqlImpl  # noqa: PLC0415

    class AuroraImpl(PostgresqlImpl):  # type: ignore[misc]
        __dialect__ = "auroradsql"
        transactional_ddl = False

        def __init__(self, dialect: Any, connection: Any, *rest: Any) -> None:
            if connection is not None:
                connection.execution_options(isolation_level="AUTOCOMMIT")
            super().__init__(dialect, connection, *rest)


def _signed(_dialect: object, _record: object, _arguments: object, parameters: JsonDict) -> None:
    """Put a fresh token in the place of the password, which Aurora DSQL asks for once per connection."""
    host = str(parameters.get("host", ""))
    if match := _HOST.fullmatch(host):
        client = _client(match["region"])
        admin = parameters.get("user") == "admin"
        sign = client.generate_db_connect_admin_auth_token if admin else client.generate_db_connect_auth_token
        parameters["password"] = sign(Hostname=host, Region=match["region"])


@cache
def _client(region: str) -> Any:
    import boto3  # noqa: PLC0415 - Lambda's Python has it

    return boto3.client("dsql", region_name=region)


def _authorities() -> str:
    """The certificates that botocore trusts, Amazon's among them: a driver's own OpenSSL has none in Lambda."""
    import botocore  # noqa: PLC0415 - Lambda's Python has it

    return os.path.join(os.path.dirname(botocore.__file__), "cacert.pem")  # noqa: PTH118, PTH120 - one line of strings
