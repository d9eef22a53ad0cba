"""CloudFormation resources → tables, buckets, queues and users of app.yaml, where it has words for them. Pure.

Settings that app.yaml has no words for are kept as ``overrides`` of the generated resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stacks import naming
from stacks.intrinsics.references import blanked
from stacks.migrating.located import Map, Place, plain
from stacks.migrating.names import slug, unique
from stacks.migrating.references import AnyTarget, LostError, References, ReferenceTarget, canonical, get_att, owner
from stacks.migrating.table_keys import table_indexes, table_keys

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Service

_TABLE_DONE = {
    "AttributeDefinitions",
    "BillingMode",
    "KeySchema",
    "TableName",
    "Tags",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
    "TimeToLiveSpecification",
    "StreamSpecification",
    "SSESpecification",
    "PointInTimeRecoverySpecification",
    "DeletionProtectionEnabled",
    "TableClass",
    "OnDemandThroughput",
}
_BUCKET_DONE = {
    "BucketName",
    "Tags",
    "BucketEncryption",
    "PublicAccessBlockConfiguration",
    "VersioningConfiguration",
    "OwnershipControls",
}
_BUCKET_KEPT = {"CorsConfiguration", "AccelerateConfiguration"}
_STREAMS = {"KEYS_ONLY": "keys", "NEW_IMAGE": "new", "OLD_IMAGE": "old", "NEW_AND_OLD_IMAGES": "both"}
_TRIGGERS = {
    "PreSignUp": "pre_sign_up",
    "PostConfirmation": "post_confirmation",
    "PreAuthentication": "pre_authentication",
    "PostAuthentication": "post_authentication",
    "PreTokenGeneration": "pre_token_generation",
    "CustomMessage": "custom_message",
    "DefineAuthChallenge": "define_auth_challenge",
    "CreateAuthChallenge": "create_auth_challenge",
    "VerifyAuthChallengeResponse": "verify_auth_challenge_response",
    "UserMigration": "user_migration",
}
_SAYING_NOTHING = {
    "dynamo-db",
    "dynamo-db-table",
    "dynamodb",
    "dynamodb-table",
    "my-table",
    "table",
    "bucket",
    "s3-bucket",
}
_SECTIONS = {"table": "data", "bucket": "data", "queue": "backend", "topic": "backend"}
_BUCKET = 63
"""Characters of a bucket's name, of which the application, account and region take their share (``stacks.naming``)."""
_ENDINGS = (
    "-dynamo-db-table",
    "-dynamodb-table",
    "-dynamo-table",
    "-table",
    "-bucket",
    "-queue",
    "-s3",
    "-sns-topic",
    "-topic",
)


@dataclass(slots=True)
class Recognised:
    """What is described in app.yaml's own words, by section; and what became of each logical id."""

    tables: dict[str, JsonDict] = field(default_factory=dict)
    buckets: JsonDict = field(default_factory=dict)
    queues: JsonDict = field(default_factory=dict)
    topics: JsonDict = field(default_factory=dict)
    users: JsonDict | None = None
    overrides: dict[str, JsonDict] = field(default_factory=dict)
    """Section → logical id → override."""
    by_id: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Logical id of the source → kind and name here."""
    places: dict[tuple[str | int, ...], Place] = field(default_factory=dict)
    """Path in app.yaml → where it comes from."""
    streams: set[str] = field(default_factory=set)
    """Tables whose own streams something reads."""


class Recogniser:
    """Takes the resources of a service one by one."""

    def __init__(self, service: Service, references: References, obstacles: Obstacles, prefix: str) -> None:
        self._service, self._references, self._obstacles = service, references, obstacles
        self._stage = prefix.rpartition("-")[2]
        self._longest_bucket = max(3, _BUCKET - len(f"{prefix}--{'0' * 12}-{service.region}-an"))
        self.result = Recognised()
        self._taken: dict[str, set[str]] = {
            "table": set(),
            "bucket": {"code", "logs", "site", "trail"},
            "queue": set(),
            "topic": set(),
        }

    def name(self, logical_id: str, kind: str, called: object = None) -> str:
        """A name for a resource, from its logical id less its kind: ``TodosDynamoDbTable`` is ``todos``.

        ``called`` is its physical name, for a logical id that says nothing.
        """
        base = slug(logical_id, 60)
        if base in _SAYING_NOTHING and isinstance(called, str):
            base = slug(blanked(called), 60)
            own = slug(self._service.name, 60)
            base = base.removeprefix(f"{own}-").removesuffix(f"-{self._stage}") or base
        for ending in _ENDINGS:
            if base.endswith(ending):
                base = base.removesuffix(ending)
                break
        longest = self._longest_bucket if kind == "bucket" else 30
        return unique(base, self._taken[kind], kind if kind not in self._taken[kind] else f"{kind}-2", longest)

    def table(self, logical_id: str, body: Map, place: Place) -> bool:
        """Describe a table; False when app.yaml has no words for it."""
        settings = self._plain(body.get("Properties"))
        if settings is None or not isinstance(settings.get("KeySchema"), list):
            return False
        kinds = {
            definition.get("AttributeName"): definition.get("AttributeType")
            for definition in settings.get("AttributeDefinitions") or []
        }
        keys = table_keys(settings["KeySchema"], kinds)
        if keys is None:
            return False
        described: JsonDict = {**keys}
        for part, key in (("GlobalSecondaryIndexes", "global_indexes"), ("LocalSecondaryIndexes", "local_indexes")):
            indexes = table_indexes(settings.get(part) or [], kinds, is_local=key == "local_indexes")
            if indexes is None:
                return False
            if indexes:
                described[key] = indexes
        name = self.name(logical_id, "table", settings.get("TableName"))
        described |= self._table_settings(settings, body, logical_id)
        self._rest(settings, _TABLE_DONE, set(), "data", naming.logical_id(name, "Table"), body, f"table {logical_id}")
        self.result.tables[name] = described
        self._in_data(logical_id, "table", name, place, settings.get("TableName"), "StreamArn")
        what = "is created again, empty"
        if "TableName" in settings:
            what = f"was called {_shown(settings['TableName'])}, and is created again under a name of this application"
        self._copied(f"resources.{logical_id}", place, what, "Tables")
        return True

    def _table_settings(self, settings: JsonObject, body: Map, logical_id: str) -> JsonDict:
        described: JsonDict = {}
        ttl = settings.get("TimeToLiveSpecification") or {}
        if isinstance(ttl.get("AttributeName"), str):
            enabled = str(ttl.get("Enabled", True)).lower() == "true"
            described["expires"] = (
                ttl["AttributeName"] if enabled else {"attribute": ttl["AttributeName"], "enabled": False}
            )
        view = (settings.get("StreamSpecification") or {}).get("StreamViewType")
        if view in _STREAMS:
            described["stream"] = _STREAMS[view]
        if settings.get("TableClass") == "STANDARD_INFREQUENT_ACCESS":
            described["table_class"] = "infrequent-access"
        sse = settings.get("SSESpecification") or {}
        if sse.get("KMSMasterKeyId"):
            properties = body.get("Properties")
            at = properties.at("SSESpecification") if isinstance(properties, Map) else body.place
            what = "is encrypted with a key of yours; here it is the account's aws/dynamodb"
            self._obstacles.changed(at, f"resources.{logical_id}", what, "Set 'encryption: own' for a key of its own")
        if str(sse.get("SSEEnabled", "")).lower() == "true":
            described["encryption"] = "account"
        if settings.get("BillingMode") != "PAY_PER_REQUEST" and settings.get("ProvisionedThroughput"):
            at = body["Properties"].at("ProvisionedThroughput")
            what = "has provisioned capacity; here it is paid by request"
            fix = "Add 'capacity' if the load is even: capacity: {read: {low: 1, high: 10}, write: {low: 1, high: 10}}"
            self._obstacles.changed(at, f"resources.{logical_id}", what, fix)
        return described

    def bucket(self, logical_id: str, body: Map, place: Place) -> bool:
        """Describe a bucket of the application's files."""
        settings = self._plain(body.get("Properties") or Map([], place, {}))
        if settings is None:
            return False
        name = self.name(logical_id, "bucket", settings.get("BucketName"))
        described: JsonDict = {}
        days = _expiry(settings.get("LifecycleConfiguration"))
        if days:
            described["expire_after"] = days
        done = _BUCKET_DONE | ({"LifecycleConfiguration"} if days else set())
        if "AccessControl" in settings and str(settings["AccessControl"]) == "Private":
            done = done | {"AccessControl"}
        self._rest(
            settings, done, _BUCKET_KEPT, "data", naming.logical_id(name, "Bucket"), body, f"bucket {logical_id}"
        )
        self.result.buckets[name] = described or True
        self._in_data(logical_id, "bucket", name, place, settings.get("BucketName"))
        called = f"was called {_shown(settings['BucketName'])}, and" if "BucketName" in settings else "is private, and"
        what = f"{called} is created again under a name of this application"
        self._copied(f"resources.{logical_id}", place, what, "Buckets")
        return True

    def implied_bucket(self, called: str, place: Place) -> str:
        """A bucket that an event of the Serverless Framework makes: its name here."""
        for known, (kind, name) in self.result.by_id.items():
            if kind == "bucket" and known == f"bucket {called}":
                return name
        name = self.name(called, "bucket")
        self.result.buckets[name] = True
        self._in_data(f"bucket {called}", "bucket", name, place, called)
        self._copied(f"bucket {called}", place, "is created again under a name of this application", "Buckets")
        return name

    def queue(self, logical_id: str, body: Map, place: Place) -> bool:
        """Describe a standard queue; its dead letter queue goes into it."""
        settings = self._plain(body.get("Properties") or Map([], place, {}))
        if settings is None or settings.get("FifoQueue"):
            return False
        name = self.name(logical_id, "queue")
        described: JsonDict = {}
        redrive = settings.get("RedrivePolicy")
        if isinstance(redrive, Mapping) and isinstance(redrive.get("maxReceiveCount"), int):
            described["tries"] = redrive["maxReceiveCount"]
        title = naming.logical_id(name, "Queue")
        done = {"QueueName", "Tags", "RedrivePolicy", "KmsMasterKeyId", "SqsManagedSseEnabled", "FifoQueue"}
        kept = {"DelaySeconds", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout"}
        self._rest(settings, done, kept, "backend", title, body, f"queue {logical_id}")
        self.result.queues[name] = described or True
        self._in_backend(logical_id, "queue", name, place)
        self._renamed(settings.get("QueueName"), get_att(title, "QueueName"), get_att(title, "Arn"))
        return True

    def topic(self, logical_id: str, body: Map, place: Place) -> bool:
        """Describe a standard topic; who subscribes is said elsewhere."""
        settings = self._plain(body.get("Properties") or Map([], place, {}))
        if settings is None or settings.get("FifoTopic"):
            return False
        name = self.name(logical_id.removeprefix("SNSTopic") or logical_id, "topic")
        title = naming.logical_id(name, "Topic")
        done = {"TopicName", "Tags", "KmsMasterKeyId", "FifoTopic"}
        self._rest(settings, done, {"DisplayName"}, "backend", title, body, f"topic {logical_id}")
        self.result.topics[name] = True
        self._in_backend(logical_id, "topic", name, place)
        self._renamed(settings.get("TopicName"), get_att(title, "TopicName"), {"Ref": title})
        return True

    def users(self, logical_id: str, body: Map, place: Place, functions: Mapping[str, str]) -> bool:
        """Describe the user pool; ``functions`` has the names of functions by logical id."""
        settings = self._plain(body.get("Properties") or Map([], place, {}))
        if settings is None or self.result.users is not None:
            return False
        described: JsonDict = {}
        only_admin = (settings.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly")
        if str(only_admin).lower() != "true":
            described["self_sign_up"] = True
        mfa = {"ON": "required", "OFF": "off", "OPTIONAL": "optional"}.get(str(settings.get("MfaConfiguration", "OFF")))
        described["mfa"] = mfa or "off"
        triggers = {}
        for trigger, target in (settings.get("LambdaConfig") or {}).items():
            function = functions.get(owner(target) or "")
            if function and trigger in _TRIGGERS:
                triggers[_TRIGGERS[trigger]] = function
            else:
                self._obstacles.lost(
                    place, f"resources.{logical_id}.LambdaConfig.{trigger}", "is not a function of this service",
                    "Describe the function, and name it under 'data.users.triggers'",
                )  # fmt: skip
        if triggers:
            described["triggers"] = triggers
        self.result.users = described
        self.result.by_id[logical_id] = ("users", "users")
        self.result.places["data", "users"] = place
        attributes = {
            "Arn": get_att("data", "UserPoolArn"),
            "ProviderName": _provider(),
            "UserPoolId": get_att("data", "UserPoolId"),
        }
        self._references.targets[logical_id] = ReferenceTarget(ref=get_att("data", "UserPoolId"), attributes=attributes)
        what = "becomes 'data.users': people sign in with their e-mail address, and accounts are created again"
        fix = "Compare its settings with docs for 'data.users', and move the accounts: see 'Users' in docs/migrating.md"
        self._obstacles.changed(place, f"resources.{logical_id}", what, fix)
        return True

    def take(self, logical_id: str, target: ReferenceTarget, service: Service) -> None:
        """Take a resource out of the service, whose references go to ``target`` then."""
        service.resources.pop(logical_id, None)
        self._references.targets[logical_id] = target

    def _plain(self, properties: object) -> JsonDict | None:
        """The properties with conditions worked out and names as texts; None when that is not possible."""
        if not isinstance(properties, Mapping):
            return None
        anything = replace(self._references, targets=AnyTarget(), names={})
        mapping: JsonDict = {}
        for key, item in properties.items():
            try:
                result = anything.value(item)
            except LostError as error:
                place = properties.at(key) if isinstance(properties, Map) else Place("")
                self._obstacles.lost(place, key, str(error), "Write its value into app.yaml")
                continue
            if result != {"Ref": "AWS::NoValue"}:
                mapping[key] = result
        return mapping

    def _rest(  # noqa: PLR0913, PLR0917 - the properties, and what is to become of them
        self, settings: JsonObject, done: set[str], kept: set[str], section: str, title: str, body: Map, what: str
    ) -> None:
        """Keep the properties among ``kept`` as overrides; report the rest."""
        properties = body.get("Properties")
        for key, value in settings.items():
            if key in done:
                continue
            place = properties.at(key) if isinstance(properties, Map) else body.place
            if key in kept:
                override = self.result.overrides.setdefault(section, {}).setdefault(title, {"Properties": {}})
                override["Properties"][key] = plain(value)
            else:
                fix = f"Write it under '{section}.overrides', as {title}: {{Properties: {{{key}: …}}}}"
                self._obstacles.lost(place, f"{what}, {key}", "is not carried over", fix)

    def _in_data(self, logical_id: str, kind: str, name: str, place: Place, called: object, *more: str) -> None:
        """A table or bucket, which others read by outputs of the data stack; ``more`` are attributes besides its ARN.

        ``called`` is its former name, in whose place texts get the new one.
        """
        title = kind.title()
        parts = ("Name", "Arn", *more)
        outputs = {part: get_att("data", naming.logical_id(name, f"{title}{part}")) for part in parts}
        self._described(logical_id, kind, name, place, ReferenceTarget(ref=outputs.pop("Name"), attributes=outputs))
        self._renamed(called, self._references.targets[logical_id].ref, outputs["Arn"])

    def _in_backend(self, logical_id: str, kind: str, name: str, place: Place) -> None:
        title = naming.logical_id(name, kind.title())
        self._described(logical_id, kind, name, place, ReferenceTarget(ref={"Ref": title}, same=True, id=title))

    def _described(self, logical_id: str, kind: str, name: str, place: Place, target: ReferenceTarget) -> None:
        self.result.by_id[logical_id] = (kind, name)
        self.result.places[_SECTIONS[kind], f"{kind}s", name] = place
        self._references.targets[logical_id] = target

    def _renamed(self, called: object, name: JsonDict, arn: JsonDict) -> None:
        if known := canonical(called):
            self._references.names[known] = (name, arn)

    def _copied(self, subject: str, place: Place, what: str, page: str) -> None:
        """Report data that does not come along; ``page`` is the part of the documentation."""
        content = {"Tables": "items", "Buckets": "files"}[page]
        fix = f"Copy its {content} before you switch: see '{page}' in docs/migrating.md"
        self._obstacles.changed(place, subject, what, fix)


def _provider() -> JsonDict:
    return {"Fn::Sub": "cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${data.UserPoolId}"}


def _expiry(lifecycle: object) -> int | None:
    """Days of a lifecycle that only expires everything."""
    match lifecycle:
        case {"Rules": [{"ExpirationInDays": int(days), **others}]} if others.keys() <= {"Id", "Status"}:
            return days
    return None


def _shown(value: object) -> str:
    return canonical(value) or "by a computed name"
