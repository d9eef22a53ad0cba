"""Databases in the data stack, and the rights to connect to them.

A cluster has an id that AWS chooses and no name: the stage's tags identify it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Principal
from troposphere import GetAtt, Sub, dsql

from stacks import naming, wiring
from stacks.kinds.databases import DATABASES
from stacks.parts.keys import own_key
from stacks.parts.kinds import Right
from stacks.parts.policies import ACCOUNT, KEY_USE, allow, arn, of_stage, tagged, when
from stacks.stages.stacks import DATA as STACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import Template, kms

    from stacks.app import Function, Stage
    from stacks.blocks.policies import Value

_SERVICE = "dsql.amazonaws.com"


def add(template: Template, stage: Stage) -> None:
    """Put the described databases with their keys into the data template; hosts and ARNs as outputs."""
    for name, described in stage.data.databases.items():
        cluster = dsql.Cluster(
            naming.logical_id(name, "Database"),
            DeletionProtectionEnabled=True,
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
            Tags=tagged(stage, STACK),
        )
        if described.encryption == "own":
            cluster.KmsEncryptionKey = GetAtt(template.add_resource(_key(name, stage)), "Arn")
        template.add_resource(cluster)
        host, arn = GetAtt(cluster, "Endpoint"), GetAtt(cluster, "ResourceArn")
        template.add_output(wiring.database_host(name).declare(host, f"Host of database {name}"))
        template.add_output(wiring.database_arn(name).declare(arn, f"ARN of database {name}"))


def _key(name: str, stage: Stage) -> kms.Key:
    """The database's own key, used by Aurora DSQL for clusters of this account.

    https://docs.aws.amazon.com/aurora-dsql/latest/userguide/data-encryption.html
    """
    clusters = when(
        StringEquals={"aws:SourceAccount": Sub(ACCOUNT)}, ArnLike={"aws:SourceArn": arn("dsql", "cluster/*")}
    )
    use = allow(*KEY_USE, on="*", Sid="Databases", Principal=Principal("Service", [_SERVICE]), Condition=clusters)
    description = f"Encrypts database {naming.prefix(stage)}-{name}"
    return own_key(naming.logical_id(name, "DatabaseKey"), stage, use, stack=STACK, description=description)


def identity(name: str, stage: Stage) -> Value:
    """What a function learns about a database: its host."""
    return wiring.database_host(name).read(stage)


def arns(name: str, stage: Stage) -> list[Value]:
    """The ARN of a database's cluster."""
    return [wiring.database_arn(name).read(stage)]


def all_arns(_stage: Stage) -> list[Value]:
    """The ARNs of every cluster of the account and region, whose ids AWS makes up."""
    return [arn("dsql", "cluster/*")]


def rights(_name: str, function: Function, stage: Stage) -> Iterator[Right]:
    """The right to connect; the boundary allows it for clusters with the stage's tags."""
    for name, access in function.databases.items():
        yield Right(
            actions=DATABASES.uses[access],
            on=arns(name, stage),
            most=tuple(action for actions in DATABASES.uses.values() for action in actions),
            every=all_arns(stage),
            every_condition=of_stage(stage),
        )
