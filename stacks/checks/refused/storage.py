"""What DynamoDB, S3, KMS, SQS and others refuse of what they store, and of tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.documents import statements
from stacks.checks.refused.reading import number, own, values_at
from stacks.checks.rule import Hit, Resource, Stacks, refusal
from stacks.checks.values import estimate, known_list, text, texts
from stacks.forecast.table_parts import TABLES
from stacks.intrinsics.functions import is_function
from stacks.json_types import at, items, mapping
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUCKET = "AWS::S3::Bucket"
_LIMITS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"
_DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference"
_S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
_MOST_LOCAL, _MOST_PROJECTED = known(TABLES[0]).most("LocalSecondaryIndexes"), 100
_MOST_TAGS = 50
_TAGS_RAISABLE = {"AWS::CloudFront::Distribution"}
"""Types of which an account can have more tags (CloudFront quotas)."""


@refusal(
    "TABLE-INDEXES",
    why=f"DynamoDB refuses a table with more than {_MOST_LOCAL} local indexes",
    fix=f"Keep to {_MOST_LOCAL}, or use global indexes",
    source=_LIMITS,
)
def tables_have_few_indexes(stacks: Stacks) -> Iterator[Hit]:
    """A table has at most 5 local indexes. Of global ones there is a quota, which accounts can have raised."""
    for table in stacks.of(*TABLES):
        count = len(items(table.properties.get("LocalSecondaryIndexes")))
        if count > _MOST_LOCAL:
            yield table.hit("LocalSecondaryIndexes", f"are {count}, {_MOST_LOCAL} are allowed")


@refusal(
    "TABLE-NAME",
    why="DynamoDB refuses a name of other characters or another length",
    fix="Use 3 to 255 letters, digits, '_', '-' and '.'",
    source=_LIMITS,
)
def table_names_are_allowed(stacks: Stacks) -> Iterator[Hit]:
    """The names of tables and indexes are ones DynamoDB takes."""
    for table in stacks.of(*TABLES):
        names = [("TableName", table.properties.get("TableName"))]
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            result = enumerate(items(table.properties.get(kind)))
            names += [(f"{kind}[{index}].IndexName", at(entry, "IndexName")) for index, entry in result]
        for path, value in names:
            name = estimate(value, table.region)
            if name is not None and "${" not in name and not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", name):
                yield table.hit(path, f"{name!r} is not a name of a table or index")


@refusal(
    "BUCKET-NAME",
    why="S3 refuses to make such a bucket",
    fix="Use 3 to 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
)
def bucket_names_are_allowed(stacks: Stacks) -> Iterator[Hit]:
    """The names of buckets are ones S3 takes, with account and region put in."""
    for bucket in stacks.of("AWS::S3::Bucket"):
        name = estimate(bucket.properties.get("BucketName"), bucket.region)
        if name is not None and "${" not in name and not _is_bucket_name(name):
            yield bucket.hit("BucketName", f"{name!r} ({len(name)} characters) is not a name of a bucket")


@refusal(
    "TAGS",
    why="AWS refuses the resource",
    fix=f"Use at most {_MOST_TAGS} tags, each key once, none starting with 'aws:'",
    source="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
)
def tags_are_few_and_differ(stacks: Stacks) -> Iterator[Hit]:
    """At most 50 tags, each key once, none of AWS's own."""
    for resource in stacks.resources:
        keys = resource.tags
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if len(keys) > _MOST_TAGS and resource.type not in _TAGS_RAISABLE:
            yield resource.hit("Tags", f"are {len(keys)}, {_MOST_TAGS} are allowed")
        if twice:
            yield resource.hit("Tags", f"have {twice[0]!r} twice")
        for key in keys:
            if key.lower().startswith("aws:"):
                yield resource.hit("Tags", f"{key!r} is reserved for AWS")


def _is_bucket_name(name: str) -> bool:
    shape = re.fullmatch(r"(?=.{3,63}$)[a-z0-9](?:[a-z0-9-]|\.(?!\.))*[a-z0-9]", name)
    address = re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name)
    taken = name.startswith(("xn--", "sthree-", "amzn-s3-demo-")) or name.endswith(
        ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
    )
    return bool(shape) and not address and not taken


@refusal(
    "TABLE-KEYS",
    why="DynamoDB refuses a key that is not defined, and a definition that no key uses",
    fix="Define exactly the attributes of the keys, HASH first, RANGE second; RANGE is needed for local indexes",
    source=f"{_DYNAMODB}/API_CreateTable.html",
)
def keys_are_defined(stacks: Stacks) -> Iterator[Hit]:
    """A table defines the attributes of its keys and of those of its indexes, and no others."""
    for table in stacks.of(*TABLES):
        listed = [("", table.properties)]
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            listed += [(place, mapping(entry)) for place, entry in values_at(table.properties, f"{kind}.*")]
        used, unknown = set(), is_function(table.at("AttributeDefinitions"))
        for place, holder in listed:
            schema = holder.get("KeySchema")
            names = [text(at(entry, "AttributeName")) for entry in known_list(schema)]
            kinds = [str(text(at(entry, "KeyType"))) for entry in known_list(schema)]
            unknown = unknown or is_function(schema) or None in names
            used |= {name for name in names if name}
            where = f"{place}.KeySchema".lstrip(".")
            if not unknown and "HASH" in kinds and kinds != sorted(kinds):
                yield table.hit(where, "does not begin with HASH")
            if not unknown and place.startswith("Local") and "RANGE" not in kinds:
                yield table.hit(where, "has no RANGE, which a local index needs")
        defined = {text(at(entry, "AttributeName")) for entry in known_list(table.at("AttributeDefinitions"))}
        if unknown or None in defined or not used:
            continue
        for name in sorted(used - defined):
            yield table.hit("AttributeDefinitions", f"do not define {name}, a key")
        for name in sorted(str(entry) for entry in defined - used):
            yield table.hit("AttributeDefinitions", f"define {name}, which is not a key")


@refusal(
    "TABLE-CAPACITY",
    why="DynamoDB refuses a capacity on demand, and provisioned tables and indexes without one",
    fix="Set ProvisionedThroughput with PROVISIONED (also of each index), and leave it out with PAY_PER_REQUEST",
    source=f"{_DYNAMODB}/API_CreateTable.html",
)
def capacity_fits_the_billing_mode(stacks: Stacks) -> Iterator[Hit]:
    """Capacity is provisioned where the table is."""
    for table in stacks.of("AWS::DynamoDB::Table"):
        mode = table.at("BillingMode")
        if is_function(mode):
            continue
        holders = [("", table.properties)]
        holders += [
            (f"{place}.", mapping(entry)) for place, entry in values_at(table.properties, "GlobalSecondaryIndexes.*")
        ]
        for place, holder in holders:
            if mode == "PAY_PER_REQUEST" and holder.get("ProvisionedThroughput"):
                yield table.hit(f"{place}ProvisionedThroughput", "is set on demand")
            if (mode is None or mode == "PROVISIONED") and not holder.get("ProvisionedThroughput"):
                yield table.hit(f"{place}ProvisionedThroughput", "is missing")


@refusal(
    "TABLE-PROJECTION",
    why="DynamoDB refuses attributes of a projection that is not INCLUDE, and more than 100 of them",
    fix="Set ProjectionType to INCLUDE with NonKeyAttributes, else leave them out",
    source=f"{_DYNAMODB}/API_Projection.html",
)
def projections_name_attributes_only_to_include_them(stacks: Stacks) -> Iterator[Hit]:
    """An index names attributes exactly when it includes some."""
    for table in stacks.of(*TABLES):
        count = 0
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            for place, projection in values_at(table.properties, f"{kind}.*.Projection"):
                names, kind_of = at(projection, "NonKeyAttributes"), at(projection, "ProjectionType")
                count += len(known_list(names))
                if isinstance(kind_of, str) and bool(names) != (kind_of == "INCLUDE"):
                    yield table.hit(place, f"is {kind_of} {'with' if names else 'without'} NonKeyAttributes")
        if count > _MOST_PROJECTED:
            yield table.hit("GlobalSecondaryIndexes", f"project {count} attributes, {_MOST_PROJECTED} are allowed")


@refusal(
    "TABLE-REPLICAS",
    why="CloudFormation refuses a global table without a replica in its own region, and several without a stream",
    fix="List the stack's region among Replicas, each once, and set StreamSpecification to NEW_AND_OLD_IMAGES",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html",
)
def global_tables_are_here(stacks: Stacks) -> Iterator[Hit]:
    """A global table has a replica in the region of its stack, and a stream when it has several."""
    for table in stacks.of("AWS::DynamoDB::GlobalTable"):
        regions = [estimate(at(entry, "Region"), table.region) for entry in known_list(table.at("Replicas"))]
        if regions and None not in regions and not any("$" in str(region) for region in regions):
            if table.region not in regions:
                yield table.hit("Replicas", f"have none in {table.region}")
            if len(set(regions)) < len(regions):
                yield table.hit("Replicas", "have a region twice")
            strong = table.at("MultiRegionConsistency") == "STRONG"  # replicates without a stream
            if len(regions) > 1 and not strong and not table.at("StreamSpecification"):
                yield table.hit("StreamSpecification", "is missing for several replicas")


@refusal(
    "TABLE-IMPORT",
    why="DynamoDB imports a table from S3 without local indexes only",
    fix="Drop LocalSecondaryIndexes or ImportSourceSpecification",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html",
)
def imported_tables_have_no_local_indexes(stacks: Stacks) -> Iterator[Hit]:
    """A table that is filled from S3 has no local indexes."""
    for table in stacks.of("AWS::DynamoDB::Table"):
        if table.at("ImportSourceSpecification") and table.at("LocalSecondaryIndexes"):
            yield table.hit("LocalSecondaryIndexes", "are not possible with ImportSourceSpecification")


@refusal(
    "BUCKET-LISTS",
    why="S3 refuses access control lists of a bucket that takes none, as new buckets are: Bucket cannot have ACLs set "
    "with ObjectOwnership's BucketOwnerEnforced setting",
    fix="Drop AccessControl and write a bucket policy, or set OwnershipControls to BucketOwnerPreferred",
    source=f"{_S3}/about-object-ownership.html",
)
def buckets_without_lists_have_none(stacks: Stacks) -> Iterator[Hit]:
    """A bucket has an access control list only where its ownership controls allow that."""
    for bucket in stacks.of(_BUCKET):
        listed = bucket.at("AccessControl")
        owner = at(known_list(bucket.at("OwnershipControls", "Rules")), 0, "ObjectOwnership")
        if isinstance(listed, str) and listed != "Private" and owner in {None, "BucketOwnerEnforced"}:
            yield bucket.hit("AccessControl", f"is {listed} without OwnershipControls that allow it")
        if isinstance(listed, str) and listed.startswith("PublicRead") and not _unblocks(bucket, "BlockPublicAcls"):
            yield bucket.hit("AccessControl", f"is {listed}, and BlockPublicAcls is not false")


def _unblocks(bucket: Resource, name: str) -> bool:
    """Whether the bucket turns off a block that S3 sets for new buckets."""
    return bucket.at("PublicAccessBlockConfiguration", name) in (False, "false")


@refusal(
    "BUCKET-POLICY-PUBLIC",
    why="S3 refuses a public policy while BlockPublicPolicy is on, as it is for new buckets: Access Denied",
    fix="Let CloudFront read the bucket; or set BlockPublicPolicy to false with a reason",
    source=f"{_S3}/access-control-block-public-access.html",
)
def public_policies_are_unblocked(stacks: Stacks) -> Iterator[Hit]:
    """A bucket policy lets everybody in only where the bucket does not block that."""
    for statement in statements(stacks, "resource"):
        owner = statement.document.owner
        bucket = own(stacks, owner.at("Bucket"), owner, _BUCKET) if owner.type == "AWS::S3::BucketPolicy" else None
        principal = statement.content.get("Principal")
        everybody = "*" in [*texts(principal), *texts(at(principal, "AWS"))]
        if (
            bucket
            and statement.allows
            and everybody
            and not statement.keys
            and not _unblocks(bucket, "BlockPublicPolicy")
        ):
            yield statement.hit(f"is public, and {bucket.id} does not set BlockPublicPolicy to false")


@refusal(
    "BUCKET-LIFECYCLE",
    why="S3 refuses the lifecycle rule",
    fix="Give each rule an action; move objects to IA classes after 30 days or more, expire them after that",
    source=f"{_S3}/lifecycle-transition-general-considerations.html",
)
def lifecycles_are_possible(stacks: Stacks) -> Iterator[Hit]:
    """Each lifecycle rule does something, in an order that S3 takes; ids exist once."""
    actions = (
        "AbortIncompleteMultipartUpload", "ExpirationDate", "ExpirationInDays", "ExpiredObjectDeleteMarker",
        "NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays", "NoncurrentVersionTransition",
        "NoncurrentVersionTransitions", "Transition", "Transitions",
    )  # fmt: skip
    for bucket in stacks.of(_BUCKET):
        rules = list(values_at(bucket.properties, "LifecycleConfiguration.Rules.*"))
        ids = [text(at(rule, "Id")) for _, rule in rules]
        for name in sorted({entry for entry in ids if entry and ids.count(entry) > 1}):
            yield bucket.hit("LifecycleConfiguration.Rules", f"have the id {name} twice")
        for place, rule in rules:
            if is_function(rule):
                continue
            if not any(name in mapping(rule) for name in actions):
                yield bucket.hit(place, "does nothing")
            last = number(at(rule, "ExpirationInDays"))
            for change in (*known_list(at(rule, "Transitions")), *known_list(at(rule, "Transition"))):
                days, kind = number(at(change, "TransitionInDays")), text(at(change, "StorageClass"))
                if days is not None and kind in {"STANDARD_IA", "ONEZONE_IA"} and days < 30:  # noqa: PLR2004 - S3's
                    yield bucket.hit(place, f"moves objects to {kind} after {days:g} days, 30 are the least")
                if days is not None and last is not None and last <= days:
                    yield bucket.hit(place, f"expires objects after {last:g} days, before it moves them")


@refusal(
    "BUCKET-SETTINGS",
    why="S3 refuses replication without versions, a lock without ObjectLockEnabled, a key without aws:kms",
    fix="Set VersioningConfiguration, ObjectLockEnabled or SSEAlgorithm",
    source=f"{_S3}/replication-requirements.html",
)
def bucket_settings_have_what_they_need(stacks: Stacks) -> Iterator[Hit]:
    """Replication has versions, a lock is enabled, a key is used."""
    for bucket in stacks.of(_BUCKET):
        versions = bucket.at("VersioningConfiguration", "Status")
        if bucket.at("ReplicationConfiguration") and versions != "Enabled" and not is_function(versions):
            yield bucket.hit("ReplicationConfiguration", "needs versions")
        if bucket.at("ObjectLockConfiguration") and bucket.at("ObjectLockEnabled") in (None, False, "false"):
            yield bucket.hit("ObjectLockConfiguration", "needs ObjectLockEnabled")
        for place, default in values_at(
            bucket.properties, "BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault"
        ):
            if at(default, "KMSMasterKeyID") and at(default, "SSEAlgorithm") == "AES256":
                yield bucket.hit(place, "names a key for AES256")
        website = mapping(bucket.at("WebsiteConfiguration"))
        if website.get("RedirectAllRequestsTo") and len(website) > 1:
            yield bucket.hit("WebsiteConfiguration", "redirects all requests, and says more")


@refusal(
    "MESSAGES-FIFO",
    why="SQS and SNS refuse a FIFO queue for a standard one's dead letters, and the other way round",
    fix="Use the same kind for both; names of FIFO queues and topics end with .fifo",
    source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
)
def dead_letters_are_of_the_same_kind(stacks: Stacks) -> Iterator[Hit]:
    """A queue and the one for its dead letters are both FIFO or both not."""
    for queue in stacks.of("AWS::SQS::Queue"):
        other = own(stacks, at(queue.at("RedrivePolicy"), "deadLetterTargetArn"), queue, "AWS::SQS::Queue")
        if other and _is_fifo(other) != _is_fifo(queue):
            yield queue.hit("RedrivePolicy", f"hands messages to {other.id}, which is of the other kind")
        for name in ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"):
            if queue.at(name) not in (None, False, "false") and not _is_fifo(queue) and not queue.at("FifoQueue"):
                yield queue.hit(name, "is for FIFO queues")
        if queue.at("SqsManagedSseEnabled") in (True, "true") and queue.at("KmsMasterKeyId"):
            yield queue.hit("KmsMasterKeyId", "is set together with SqsManagedSseEnabled: true")


def _is_fifo(resource: Resource) -> bool:
    return resource.at("FifoQueue") in (True, "true")


@refusal(
    "SECRET-VALUE",
    why="Secrets Manager refuses a text together with a generated one, and a template without its key",
    fix="Set GenerateSecretString or SecretString; SecretStringTemplate and GenerateStringKey together",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html",
)
def secrets_have_one_value(stacks: Stacks) -> Iterator[Hit]:
    """A secret is given or generated."""
    for resource in stacks.of("AWS::SecretsManager::Secret"):
        result = mapping(resource.at("GenerateSecretString"))
        if resource.at("GenerateSecretString") is not None and resource.at("SecretString"):
            yield resource.hit("SecretString", "is set together with GenerateSecretString")
        if bool(result.get("SecretStringTemplate")) != bool(result.get("GenerateStringKey")):
            yield resource.hit("GenerateSecretString", "has only one of SecretStringTemplate and GenerateStringKey")


_MOST_VALUE = known("AWS::SSM::Parameter").most("Value")


@refusal(
    "PARAMETER-VALUE",
    why="Parameter Store refuses an empty value, and more than 4,096 characters (8,192 in the advanced tier)",
    fix="Shorten it, or set Tier to Advanced",
    source="https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
)
def parameters_have_a_value(stacks: Stacks) -> Iterator[Hit]:
    """A parameter has a value that fits."""
    for resource in stacks.of("AWS::SSM::Parameter"):
        value = resource.at("Value")
        most = 2 * _MOST_VALUE if text(resource.at("Tier")) in {"Advanced", "Intelligent-Tiering"} else _MOST_VALUE
        if isinstance(value, str) and not 0 < len(value.encode()) <= most:
            yield resource.hit("Value", f"has {len(value.encode()):,} bytes, 1 to {most:,} are allowed")


RULES = (
    tables_have_few_indexes,
    table_names_are_allowed,
    bucket_names_are_allowed,
    tags_are_few_and_differ,
    keys_are_defined,
    capacity_fits_the_billing_mode,
    projections_name_attributes_only_to_include_them,
    global_tables_are_here,
    imported_tables_have_no_local_indexes,
    buckets_without_lists_have_none,
    public_policies_are_unblocked,
    lifecycles_are_possible,
    bucket_settings_have_what_they_need,
    dead_letters_are_of_the_same_kind,
    secrets_have_one_value,
    parameters_have_a_value,
)
