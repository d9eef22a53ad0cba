"""Aurora DSQL clusters: PostgreSQL without servers, a network or passwords."""

from __future__ import annotations

from stacks.kinds.kind import Kind

ADMIN, CONNECT = ("dsql:DbConnectAdmin",), ("dsql:DbConnect",)
"""As the database role ``admin``, or as any role that ``admin`` made and tied to an IAM role.
https://docs.aws.amazon.com/aurora-dsql/latest/userguide/authentication-authorization.html"""

DATABASES = Kind(
    name="databases",
    singular="database",
    title="Aurora DSQL",
    section="data",
    type="AWS::DSQL::Cluster",
    suffix="Database",
    service="dsql",
    endpoint=None,
    uses={"connect": CONNECT, "admin": ADMIN},
    variable=("DATABASE", "the host"),
    by_prefix=False,
    parts=("prices", "resources"),
)
