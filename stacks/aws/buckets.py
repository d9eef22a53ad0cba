"""Objects of S3 buckets: the part of ``Cloud`` that is S3, paginated to the end."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from stacks.aws.clients import BotoClients, aws_errors, error_code
from stacks.aws.refusals import cloud_refusal
from stacks.aws.uploads import LARGEST, Uploads
from stacks.cloud import Stored, Version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from stacks.cloud import Headers
    from stacks.json_types import JsonDict

_MOST_REMOVED = 1000
"""Keys in one call of DeleteObjects (its API reference)."""
_CHUNK = 1 << 20
_MISSING = {"404", "NoSuchKey", "NotFound"}
_OTHERWISE = {"412", "PreconditionFailed", "ConditionalRequestConflict"}
"""The condition of a write does not hold, or another one is being written."""


class BotoBuckets(BotoClients):
    """Buckets of an account."""

    def has(self, bucket: str, key: str) -> bool:
        """See ``Cloud.has``."""
        with aws_errors(f"s3://{bucket}/{key}"):
            client = self._s3()
            try:
                client.head_object(Bucket=bucket, Key=key)
            except client.exceptions.ClientError as error:
                if error_code(error) in _MISSING:
                    return False
                raise
        return True

    def get(self, bucket: str, key: str) -> bytes | None:
        """See ``Cloud.get``."""
        with aws_errors(f"s3://{bucket}/{key}"):
            client = self._s3()
            try:
                return client.get_object(Bucket=bucket, Key=key)["Body"].read()
            except client.exceptions.ClientError as error:
                if error_code(error) in _MISSING:
                    return None
                raise

    def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
        """See ``Cloud.put``."""
        more: JsonDict = {"CacheControl": headers.cache_control} if headers.cache_control else {}
        more |= {"ContentType": headers.content_type, "Metadata": headers.metadata}
        with aws_errors(f"s3://{bucket}/{key}"):
            if isinstance(body, bytes):
                return self._s3().put_object(Bucket=bucket, Key=key, Body=body, **more)["ETag"]
            small = body.stat().st_size <= LARGEST
            if small and (etag := self._quick().put(bucket, key, body.read_bytes(), headers)):
                return etag
            with body.open("rb") as opened:
                return self._s3().put_object(Bucket=bucket, Key=key, Body=opened, **more)["ETag"]

    def put_new(self, bucket: str, key: str, body: bytes | Path) -> str | None:
        """See ``Cloud.put_new``. S3 keeps the object's SHA-256, which it computes itself."""
        with aws_errors(f"s3://{bucket}/{key}"), ExitStack() as files:
            client = self._s3()
            content = body if isinstance(body, bytes) else files.enter_context(body.open("rb"))
            try:
                return client.put_object(
                    Bucket=bucket, Key=key, Body=content, IfNoneMatch="*", ChecksumAlgorithm="SHA256"
                )["ETag"]
            except client.exceptions.ClientError as error:
                if error_code(error) in _OTHERWISE:
                    return None
                raise

    def sha256(self, bucket: str, key: str) -> str | None:
        """See ``Cloud.sha256``. What S3 has no SHA-256 of is read.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        with aws_errors(f"s3://{bucket}/{key}"):
            client = self._s3()
            try:
                head = client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
            except client.exceptions.ClientError as error:
                if error_code(error) in _MISSING:
                    return None
                raise
            of_whole_object = head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
            if of_whole_object and (known := head.get("ChecksumSHA256")):
                return b64decode(known).hex()
            digest = hashlib.sha256()
            for part in client.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(_CHUNK):
                digest.update(part)
            return digest.hexdigest()

    def remove_if(self, bucket: str, key: str, etag: str) -> None:
        """See ``Cloud.remove_if``."""
        with aws_errors(f"s3://{bucket}/{key}"):
            client = self._s3()
            try:
                client.delete_object(Bucket=bucket, Key=key, IfMatch=etag)
            except client.exceptions.ClientError as error:
                if error_code(error) not in _OTHERWISE | _MISSING | {"NoSuchBucket"}:
                    raise

    def objects(self, bucket: str) -> tuple[Stored, ...]:
        """See ``Cloud.objects``."""
        with aws_errors(f"s3://{bucket}"):
            pages = self._s3().get_paginator("list_objects_v2").paginate(Bucket=bucket)
            results = [content for page in pages for content in page.get("Contents", [])]
        stored = (Stored(key=result["Key"], size=result["Size"], etag=result["ETag"]) for result in results)
        return tuple(sorted(stored, key=lambda entry: entry.key))

    def versions(self, bucket: str) -> tuple[Version, ...]:
        """See ``Cloud.versions``."""
        with aws_errors(f"s3://{bucket}"):
            pages = self._s3().get_paginator("list_object_versions").paginate(Bucket=bucket)
            results = [version for page in pages for version in page.get("Versions", [])]
        versions = (Version(key=result["Key"], id=result["VersionId"], etag=result["ETag"]) for result in results)
        return tuple(sorted(versions, key=lambda version: version.key))

    def restore(self, bucket: str, key: str, version: str, headers: Headers) -> str:
        """See ``Cloud.restore``."""
        with aws_errors(f"s3://{bucket}/{key}"):
            copied = self._s3().copy_object(
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": bucket, "Key": key, "VersionId": version},
                MetadataDirective="REPLACE",
                ContentType=headers.content_type,
                CacheControl=headers.cache_control,
                Metadata=headers.metadata,
            )
        return copied["CopyObjectResult"]["ETag"]

    def remove(self, bucket: str, keys: Sequence[str]) -> None:
        """See ``Cloud.remove``."""
        with aws_errors(f"s3://{bucket}"):
            for start in range(0, len(keys), _MOST_REMOVED):
                self._remove(bucket, [{"Key": key} for key in keys[start : start + _MOST_REMOVED]])

    def empty(self, bucket: str) -> int:
        """See ``Cloud.empty``."""
        count = 0
        with aws_errors(f"s3://{bucket}"):
            for page in self._s3().get_paginator("list_object_versions").paginate(Bucket=bucket):
                listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                if listed:
                    self._remove(bucket, [{"Key": tag["Key"], "VersionId": tag["VersionId"]} for tag in listed])
                count += len(listed)
        return count

    def _remove(self, bucket: str, listed: list[ObjectIdentifierTypeDef]) -> None:
        answer = self._s3().delete_objects(Bucket=bucket, Delete={"Objects": listed, "Quiet": True})
        for error in answer.get("Errors", []):
            raise cloud_refusal(f"s3://{bucket}/{error.get('Key')}", "", error.get("Code"), error.get("Message", ""))

    def _quick(self) -> Uploads:
        client, place = self._s3(), ("uploads", self._region)
        with self._making:
            if place not in self._clients:
                credential: Any = self._session.get_credentials()
                if credential is None:
                    raise cloud_refusal("credentials", "NoCredentialsError", None, "")
                self._clients[place] = Uploads(client, credential, by_path=self._endpoint is not None)
            uploads: Uploads = self._clients[place]
            return uploads

    def _s3(self) -> S3Client:
        client: S3Client = self._client("s3")
        return client
