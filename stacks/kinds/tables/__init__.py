"""DynamoDB tables: functions read and write items, and start on changes of them."""

from __future__ import annotations

from stacks.kinds.kind import Kind

_READ = ("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query")
_WRITE = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")

TABLES = Kind(
    name="tables",
    singular="table",
    title="DynamoDB table",
    section="data",
    type="AWS::DynamoDB::Table",
    also=("AWS::DynamoDB::GlobalTable",),
    suffix="Table",
    service="dynamodb",
    endpoint="dynamodb",
    uses={"read": _READ, "write": _WRITE, "read-write": (*_READ, *_WRITE)},
    variable=("TABLE", "the name"),
    starts="streamed",
    named=True,
    always=(
        tuple(sorted({*_READ, *_WRITE, "dynamodb:Scan"})),
        ("table/{}-*", "table/{}-*/index/*"),
    ),
    endings=("TableKey",),
    parts=("resources", "rules"),
)
