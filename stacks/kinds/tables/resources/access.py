"""Who else may use a table, and what it is filled from when it is made. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import dynamodb

from stacks import naming
from stacks.parts.policies import arn, policy, with_described

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.kinds.tables.model import Import, Table

_FORMATS = {"csv": "CSV", "dynamodb-json": "DYNAMODB_JSON", "ion": "ION"}


def table_policy(name: str, described: Table, stage: Stage, *, region: str = "${AWS::Region}") -> JsonDict:
    """The table's resource policy as its one property; none without statements. A replica has its own, by region.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-examples.html
    """
    if not described.statements:
        return {}
    table = f"table/{naming.prefix(stage)}-{name}"
    resources = [arn("dynamodb", table, region=region), arn("dynamodb", f"{table}/index/*", region=region)]
    document = with_described(policy(), described.statements, Resource=resources)
    return {"ResourcePolicy": dynamodb.ResourcePolicy(PolicyDocument=document)}


def import_source(described: Import) -> dynamodb.ImportSourceSpecification:
    """The files that DynamoDB fills the table from."""
    optional = {"S3KeyPrefix": described.prefix, "S3BucketOwner": described.owner}
    source = {name: value for name, value in optional.items() if value}
    return dynamodb.ImportSourceSpecification(
        S3BucketSource=dynamodb.S3BucketSource(S3Bucket=described.bucket, **source),
        InputFormat=_FORMATS[described.format],
        InputCompressionType=described.compression.upper(),
        **_columns(described),
    )


def _columns(described: Import) -> JsonDict:
    """How CSV files are written."""
    if described.format != "csv":
        return {}
    header: JsonDict = {"HeaderList": list(described.columns)} if described.columns else {}
    return {
        "InputFormatOptions": dynamodb.InputFormatOptions(Csv=dynamodb.Csv(Delimiter=described.delimiter, **header))
    }
