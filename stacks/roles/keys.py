"""Needs on KMS → where they are granted: keys have made-up ids, so tags, aliases and the calling service identify them.

KMS counts tags and aliases up to five minutes late. So what has neither a tag ``stack`` nor an alias counts as a key
just made; people's keys have an alias, which the console asks for.
https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from stacks.intrinsics import references
from stacks.intrinsics.functions import function
from stacks.roles import scopes
from stacks.roles.grants import GrantPlace, single_or_list
from stacks.roles.names import filled, named_resources, own_arns, pattern
from stacks.roles.scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject
    from stacks.roles.names import Surroundings
    from stacks.roles.needs import Need

KEY, ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"
_LONGEST = 30
"""Days that a key waits for its deletion, where nothing is said."""
_AT_ONCE = (
    "DescribeKey", "EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags",
)  # fmt: skip
"""What CloudFormation calls at once for a key that it made."""
OF_NEW_KEYS = (*_AT_ONCE, "TagResource", "ScheduleKeyDeletion")
_TAG, _ALIASES = "aws:ResourceTag/stack", "kms:ResourceAliases"
_NEW = {"Null": {_TAG: "true", _ALIASES: "true"}}
_PROPERTY = re.compile(r"(?i)(sse)?kms\w*key\w*|encryptionkey\w*")
"""What registry types call the property that names a key."""
_KEY_ARN = re.compile(r"arn:.+:kms:.+:key/[^*$]+")


def new_key_places(verb: str, here: Surroundings) -> Iterator[GrantPlace]:
    """A key of the stack: one with its tag, or one whose tag is not counted yet."""
    keys, own = (filled(scopes.KEYS, here),), {_TAG: here.name}
    asked = {"aws:RequestTag/stack": here.name}
    if verb == "ScheduleKeyDeletion":
        days = sorted({str(body.get("PendingWindowInDays", _LONGEST)) for _, body in named_resources(KEY, here)})
        window = {"kms:ScheduleKeyDeletionPendingWindowInDays": single_or_list(tuple(days))}
        yield GrantPlace(arns=keys, conditions={"StringEquals": own, "NumericEquals": window})
    elif verb == "TagResource":
        yield GrantPlace(arns=keys, conditions={"StringEquals": asked, **_NEW})
        yield GrantPlace(arns=keys, conditions={"StringEquals": own, "StringEqualsIfExists": asked})
    else:
        yield GrantPlace(arns=keys, conditions={"StringEquals": own})
        yield GrantPlace(arns=keys, conditions=_NEW)


def alias_places(verb: str, here: Surroundings) -> Iterator[GrantPlace]:
    """The alias itself, and the keys that it is given to or taken from: IAM checks both.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
    """
    aliases = own_arns(ALIAS, SCOPES[ALIAS], here)
    yield GrantPlace(arns=aliases, conditions={})
    named = [body["TargetKeyId"] for _, body in named_resources(ALIAS, here) if "TargetKeyId" in body]
    places = _conditions(named, here)
    if verb == "DeleteAlias":
        # The key may be another one by now; it has the alias that is deleted.
        names = tuple(sorted(arn.rpartition(":")[2] for arn in aliases))
        places = [((filled(scopes.KEYS, here),), {"ForAnyValue:StringLike": {_ALIASES: single_or_list(names)}})]
    yield from (GrantPlace(arns=arns, conditions=conditions) for arns, conditions in places)


def key_places(need: Need, verb: str, here: Surroundings) -> Iterator[GrantPlace]:
    """Keys that resources of other services use: those that the template names, through the type's service only.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    service = need.type.split("::")[1].lower()
    through: dict[str, JsonObject] = {"StringEquals": {"kms:ViaService": f"{service}.{here.region}.amazonaws.com"}}
    if verb == "CreateGrant":
        through["Bool"] = {"kms:GrantIsForAWSResource": "true"}
    named = [entry for _, body in named_resources(need.type, here) for entry in _keys_in(body)]
    if not named:  # the key that AWS keeps for the service
        of_aws = {"ForAnyValue:StringLikeIfExists": {_ALIASES: "alias/aws/*"}}
        yield GrantPlace(arns=(filled(scopes.KEYS, here),), conditions={**through, **of_aws})
    for arns, conditions in _conditions(named, here):
        merged = {name: {**through.get(name, {}), **conditions.get(name, {})} for name in (*through, *conditions)}
        yield GrantPlace(arns=arns, conditions=merged)


def _keys_in(value: object) -> Iterator[Any]:
    """What properties with the name of a key hold, at any depth."""
    if isinstance(value, list):
        yield from (result for entry in value for result in _keys_in(entry))
    elif isinstance(value, dict) and function(value) is None:
        for name, inside in value.items():
            if _PROPERTY.fullmatch(name) and (isinstance(inside, str) or function(inside) is not None):
                yield inside
            else:
                yield from _keys_in(inside)


_KeyName = Literal["arn", "alias", "stack", "nothing"]


def _conditions(named: list[Any], here: Surroundings) -> list[tuple[tuple[str, ...], dict[str, JsonObject]]]:
    """The keys that values name: by ARN, by alias, by their stack; any key, where nothing identifies it."""
    message: dict[_KeyName, set[str]] = {}
    for value in named:
        how, text = _named_key(value, here)
        message.setdefault(how, set()).add(text)
    every = (filled(scopes.KEYS, here),)
    by = {how: single_or_list(tuple(sorted(texts))) for how, texts in message.items()}
    conditions: list[tuple[tuple[str, ...], dict[str, JsonObject]]] = []
    if "arn" in message:
        conditions.append((tuple(sorted(message["arn"])), {}))
    if "alias" in message:
        conditions.append((every, {"ForAnyValue:StringEquals": {_ALIASES: by["alias"]}}))
    if "stack" in message:
        conditions.append((every, {"StringEquals": {_TAG: by["stack"]}}))
    if here.name in message.get("stack", ()):
        conditions.append((every, dict(_NEW)))
    if "nothing" in message:
        conditions.append((every, {}))
    return conditions


def _named_key(value: object, here: Surroundings) -> tuple[_KeyName, str]:
    if isinstance(value, str) and value.startswith("alias/"):
        return "alias", value
    if isinstance(value, str) and not value.startswith(("arn:", "${")):
        return "arn", filled(scopes.KEYS, here).removesuffix("*") + value
    if (written := pattern(value, here)) and _KEY_ARN.fullmatch(written):
        return "arn", written
    owner = _owner(value, here)
    return ("nothing", "") if owner is None else ("stack", owner)


def _owner(value: object, here: Surroundings) -> str | None:
    """The stack that the key is in which a reference leads to; None for what a parameter holds."""
    (name, *_) = sorted(references.names(value)) or [""]
    if name in here.reads:
        return here.reads[name]
    return here.name if name in {title for title, _ in named_resources(KEY, here)} else None
