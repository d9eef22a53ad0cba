"""The policy documents of a stage: whose they are, and their statements one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from stacks.checks.values import at, items, mapping, text, texts

if TYPE_CHECKING:
    from stacks.checks.rule import Hit, Resource, Stacks

Kind = Literal["identity", "trust", "resource"]

_PLACES: dict[str, tuple[tuple[Kind, str], ...]] = {
    "AWS::IAM::ManagedPolicy": (("identity", "PolicyDocument"),),
    "AWS::IAM::Policy": (("identity", "PolicyDocument"),),
    "AWS::IAM::RolePolicy": (("identity", "PolicyDocument"),),
    "AWS::IAM::UserPolicy": (("identity", "PolicyDocument"),),
    "AWS::IAM::GroupPolicy": (("identity", "PolicyDocument"),),
    "AWS::IAM::Role": (("trust", "AssumeRolePolicyDocument"), ("identity", "Policies")),
    "AWS::IAM::User": (("identity", "Policies"),),
    "AWS::IAM::Group": (("identity", "Policies"),),
    "AWS::S3::BucketPolicy": (("resource", "PolicyDocument"),),
    "AWS::KMS::Key": (("resource", "KeyPolicy"),),
    "AWS::SNS::TopicPolicy": (("resource", "PolicyDocument"),),
    "AWS::SQS::QueuePolicy": (("resource", "PolicyDocument"),),
    "AWS::SecretsManager::ResourcePolicy": (("resource", "ResourcePolicy"),),
    "AWS::ApiGateway::RestApi": (("resource", "Policy"),),
    "AWS::SNS::TopicInlinePolicy": (("resource", "PolicyDocument"),),
    "AWS::SQS::QueueInlinePolicy": (("resource", "PolicyDocument"),),
    "AWS::S3::AccessPoint": (("resource", "Policy"),),
    "AWS::Kinesis::ResourcePolicy": (("resource", "ResourcePolicy"),),
    "AWS::ECR::Repository": (("resource", "RepositoryPolicyText"),),
    "AWS::Backup::BackupVault": (("resource", "AccessPolicy"),),
    "AWS::DynamoDB::Table": (("resource", "ResourcePolicy.PolicyDocument"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A policy document and where it stands."""

    owner: Resource
    kind: Kind
    path: str
    content: Mapping[str, Any]

    def statements(self) -> Iterator[Statement]:
        """Its statements."""
        for index, one in enumerate(items(self.content.get("Statement"))):
            if isinstance(one, Mapping):
                yield Statement(document=self, path=f"{self.path}.Statement[{index}]", content=one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy."""

    document: Document
    path: str
    content: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it allows rather than denies."""
        return self.content.get("Effect") == "Allow"

    @property
    def actions(self) -> list[str]:
        """The actions it names, in lower case."""
        return [action.lower() for action in texts(self.content.get("Action"))]

    @property
    def resources(self) -> list[str]:
        """The resources it names, as far as they can be read."""
        return texts(self.content.get("Resource"))

    @property
    def services(self) -> list[str]:
        """The services it lets in, as ``cloudfront``."""
        return [name.partition(".amazonaws.")[0] for name in texts(at(self.content, "Principal", "Service"))]

    @property
    def keys(self) -> set[str]:
        """The condition keys it asks for, in lower case."""
        return {key.lower() for values in mapping(self.content.get("Condition")).values() for key in mapping(values)}

    def gives(self, action: str) -> bool:
        """Whether the action, in lower case, is among those it names, by itself or by a wildcard after some of it."""
        return any(
            action == name or (name.endswith("*") and name != "*" and action.startswith(name.removesuffix("*")))
            for name in self.actions
        )

    def hit(self, what: str) -> Hit:
        """A finding at this statement."""
        return self.document.owner.hit(self.path, what)


def documents(stacks: Stacks, *kinds: Kind) -> Iterator[Document]:
    """The policy documents of these kinds, all without."""
    for resource in stacks.resources:
        for kind, name in _PLACES.get(resource.type, ()):
            if not kinds or kind in kinds:
                yield from _documents(resource, kind, name)


def _documents(resource: Resource, kind: Kind, name: str) -> Iterator[Document]:
    if name == "Policies":
        for index, inline in enumerate(items(resource.properties.get(name))):
            path, content = f"Policies[{index}].PolicyDocument", mapping(at(inline, "PolicyDocument"))
            yield Document(owner=resource, kind=kind, path=path, content=content)
    else:
        yield Document(owner=resource, kind=kind, path=name, content=mapping(at(resource.properties, *name.split("."))))


def statements(stacks: Stacks, *kinds: Kind) -> Iterator[Statement]:
    """Every statement of these kinds of documents."""
    for document in documents(stacks, *kinds):
        yield from document.statements()


def of_role(stacks: Stacks, role: Resource) -> Iterator[Statement]:
    """What a role may do: its inline policies and those of its stack that are attached to it."""
    attached = {(text(one) or "")[2:-1] for one in items(role.properties.get("ManagedPolicyArns"))}
    for statement in statements(stacks, "identity"):
        owner = statement.document.owner
        names = texts(owner.properties.get("Roles")) + texts(owner.properties.get("RoleName"))
        if owner.stack == role.stack and (owner.id in {role.id, *attached} or f"${{{role.id}}}" in names):
            yield statement


def trusted(role: Resource) -> set[str]:
    """The services that may take a role."""
    document = Document(owner=role, kind="trust", path="", content=mapping(role.at("AssumeRolePolicyDocument")))
    return {name for statement in document.statements() for name in statement.services}
