"""What this project knows of an AWS resource type, as one record. What the registry knows is asked by ``registry``."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Literal

from stacks.values import positional_value, value

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTITION, ACCOUNT = "arn:${AWS::Partition}", "${AWS::AccountId}"


def arn(service: str, resource: str, *, region: str = "{region}", account: str = ACCOUNT) -> str:
    """An ARN of a scope. It may hold ``{name}``, ``{path}`` and ``{region}``."""
    return f"{PARTITION}:{service}:{region}:{account}:{resource}"


@positional_value
class TypeScope:
    """How the resources of a type are distinguished from others: by name, by IAM path, or by the tag ``stack``.

    An ARN may hold ``{name}`` (the physical names found in the template), ``{path}`` (the stack's IAM path) and
    ``{region}``. ARN formats are those of the service authorization reference:
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """

    arns: tuple[str, ...]
    name: str = ""
    """The property (``Budget.BudgetName``) with the physical name, or with a reference to what has it. Of a type in
    ``TYPES`` it is ``Type.name``, unless it is said here."""
    exact: bool = False
    """Names are written out; otherwise those that start with ``notes-dev-`` share one pattern."""
    tagged: bool = False
    """The physical name is AWS's choice: resources are recognised by their tag ``stack``."""
    inherits: bool = True
    """Where ``tagged``: parts carry the tags of the whole. Otherwise a tag must be ours only where there is one."""
    creates_on: str = ""
    """Where a create action applies when that is not one of ``arns``."""
    key: str = ""
    """A condition key that holds the ARN of the function a resource belongs to."""
    by_id: bool = False
    """CloudFormation makes the name of the logical id, where the property with it is not set."""

    @property
    def service(self) -> str:
        """The service of the ARNs, as actions begin with it."""
        return self.arns[0].removeprefix(f"{PARTITION}:").partition(":")[0]


@positional_value
class Quota:
    """The most items of a list, or characters of a text, in a property of a resource type."""

    path: str
    """``Scopes.*.ScopeDescription``; ``*`` is each item of a list. Empty where resources of the type are counted."""
    most: int
    what: str
    """``addresses to come back to``."""
    fix: str
    source: str = ""
    """The page, where the registry says nothing."""
    raisable: bool = False
    """AWS allows more on request."""
    measure: Literal["", "json", "pairs"] = ""
    """Of a mapping: its characters as JSON, or the bytes of its names and values together."""


@positional_value
class Document:
    """The policy document of a type: its property, and how many characters without white space it may have."""

    property: str
    most: int
    raised: int = 0
    """How many AWS allows on request."""


@positional_value
class Erasure:
    """How ``destroy`` deletes a resource that no stack holds any more, with its data (``aws.stored_data``)."""

    actions: Mapping[str, tuple[str, ...]]
    """ARN → the actions on it. It may hold ``{prefix}`` and ``{region}``."""
    tagged: bool = False
    """The ARN has no name of ours: the tag ``stack`` has one."""


@positional_value
class Wait:
    """Why AWS takes long to create or update a resource."""

    why: str
    source: str
    """The page of the service's guide about what is waited for."""


@positional_value
class OnlyIf:
    """Actions of a handler's list that deploying needs only where a property is set.

    ``Path~text`` asks that its value mentions ``text``.
    """

    path: str
    actions: tuple[str, ...]
    why: str
    """``handler``: the schema lists the action, and this property is the only one whose documentation mentions that
    service. Otherwise a page under https://docs.aws.amazon.com/."""


@positional_value
class Missing:
    """An action that the handler does not list; needed where ``path`` is set (always when it is empty)."""

    path: str
    action: str
    why: str
    """As in ``OnlyIf``."""


@value
class Type:
    """A resource type. A field that is not set says that the project knows, or needs to know, nothing of it."""

    name: str = ""
    """The property with the physical name."""
    longest_name: int = 0
    """Characters of the name (the service's API reference)."""
    unique: bool = False
    """Whether a name exists once in an account and region, or everywhere."""
    scope: TypeScope | None = None
    """Where rights to deploy resources of the type apply."""
    identifier: str = ""
    """What the registry's identifier is made of, where AWS makes an ARN or URL of names that the template gives: with
    pseudo parameters and properties, for ``Fn::Sub``."""
    holds_data: bool = False
    """What cannot be made again, where cfn-lint's list of stateful types lacks it."""
    content: str = "item"
    """What it holds, as people count it: ``object``, ``user``."""
    emptied: bool = False
    """CloudFormation deletes only an empty one, so ``destroy`` empties it before."""
    erasure: Erasure | None = None
    """How ``destroy --delete-data`` deletes what stacks keep; None for what it leaves to people."""
    snapshot: bool = False
    """A copy of another resource as it is at one time: each release makes one, under a logical id of its own."""
    credential: str = ""
    """What it gives somebody that does not expire: ``an access key``.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles"""
    deleted_by_people: bool = False
    """No deploy role deletes one, whatever the template says; a person removes it. Of tables ``NEVER`` says so.

    A template therefore retains it, or a first create that fails could not be rolled back. Only with
    ``RetainExceptOnCreate`` CloudFormation deletes it, in such a rollback, and the role has the right to.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"""
    deletion_default: str = "Delete"
    """The ``DeletionPolicy`` of a resource without one.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"""
    create_only: tuple[str, ...] = ()
    """Properties that only a new resource can have, of a type whose names are unique: the registry's, and those that it
    lacks. The emulator's environment has no registry."""
    linked_role: str = ""
    """The service whose service-linked role its handler may have to create.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html"""
    hands_roles: Mapping[str, str] = field(default_factory=dict)
    """Property → the service that it hands a role to: the only places where ``iam:PassRole`` is granted.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    handlers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Operation → its actions, of a type that the registry knows without handlers."""
    only_if: tuple[OnlyIf, ...] = ()
    missing: tuple[Missing, ...] = ()
    document: Document | None = None
    quotas: tuple[Quota, ...] = ()
    """The most that its properties take."""
    count: Quota | None = None
    """The most resources of the type in all stacks of a stage."""
    each_api: Quota | None = None
    """The most resources of the type in an API, or of what an API's OpenAPI document says instead."""
    is_api: bool = False
    """An API: its ``Body`` may be an OpenAPI document, and ``Ref`` is an id that AWS chooses."""
    stage_of: str = ""
    """The property that names the API, of a type that makes a stage of one."""
    wait: Wait | None = None
    emulator_drops: tuple[str, ...] = ()
    """Properties that a resource can do without: the emulator drops them, instead of the resource, when they need
    something that it lacks."""
    emulator_ref: str = ""
    """The attribute whose value AWS gives for ``Ref``, where the emulator gives its own name for it."""

    def most(self, path: str) -> int:
        """What the quota of a property allows.

        Raises:
            KeyError: there is no quota of it.
        """
        return {quota.path: quota.most for quota in self.quotas}[path]

    @property
    def has_path(self) -> bool:
        """Whether it has an IAM path, in the property ``Path``."""
        return self.scope is not None and any("{path}" in item for item in self.scope.arns)

    @property
    def named_scope(self) -> TypeScope | None:
        """The scope with the property that names what its ARNs name."""
        scope = self.scope
        if scope is None or scope.name or not any("{name}" in item for item in scope.arns):
            return scope
        return replace(scope, name=self.name)
