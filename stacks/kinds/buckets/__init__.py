"""S3 buckets for files that functions read and write; a new file may start a function."""

from __future__ import annotations

from stacks.kinds.kind import Kind

LIST = ("s3:ListBucket",)
GET, PUT = ("s3:GetObject",), ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject")

BUCKETS = Kind(
    name="buckets",
    singular="bucket",
    title="S3 bucket",
    section="data",
    type="AWS::S3::Bucket",
    suffix="Bucket",
    service="s3",
    endpoint="s3",
    uses={"read": GET, "write": PUT, "read-write": (*GET, *PUT)},
    variable=("BUCKET", "the name"),
    starts="pushed",
    named=True,
    by_prefix=False,
    endings=("BucketPolicy",),
    parts=("resources", "rules"),
)
