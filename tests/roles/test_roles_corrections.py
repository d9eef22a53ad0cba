"""The tables by hand still fit the registry and IAM, and every kind of backend has a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from stacks import registry
from stacks.loading import validated
from stacks.rendering import render
from stacks.roles import authorization, derive
from stacks.roles.corrections import NEVER
from stacks.types import TYPES

if TYPE_CHECKING:
    from stacks.registry import Operation

OPERATIONS: tuple[Operation, ...] = ("create", "read", "update", "delete")


def _listed(kind: str) -> set[str]:
    results = (registry.handler_actions(kind, operation) or () for operation in OPERATIONS)
    return {action.lower() for some in results for action in some}


def test_every_record_is_of_a_type_of_the_registry() -> None:
    assert TYPES.keys() <= registry.types()


def test_every_optional_action_is_one_that_the_handler_lists() -> None:
    lines = [(kind, line) for kind, record in TYPES.items() for line in record.only_if]
    stale = {(kind, name) for kind, line in lines for name in line.actions if name.lower() not in _listed(kind)}
    assert stale == set()


def test_every_missing_action_is_missing() -> None:
    lines = [(kind, line) for kind, record in TYPES.items() for line in record.missing]
    assert [line for kind, line in lines if line.action.lower() in _listed(kind)] == []


def test_every_action_by_hand_is_one_of_iam() -> None:
    named = {name for line in NEVER for name in line.actions}
    named |= {line.action for record in TYPES.values() for line in record.missing}
    named |= {name for record in TYPES.values() for names in record.handlers.values() for name in names}
    assert {name for name in named if not authorization.exists(name)} == set()


def test_types_without_handlers_have_none() -> None:
    with_handlers = [kind for kind, record in TYPES.items() if record.handlers]
    assert [kind for kind in with_handlers if registry.handler_actions(kind, "create") is not None] == []


def test_every_line_has_a_source() -> None:
    reasons = [line.why for line in NEVER]
    reasons += [line.why for record in TYPES.values() for line in record.only_if]
    reasons += [line.why for record in TYPES.values() for line in record.missing]
    assert all(reasons)


def test_names_that_iam_does_not_know_are_dropped() -> None:
    listed = registry.handler_actions("AWS::S3::Bucket", "update") or frozenset()
    assert ("s3:DeleteBucketCors" in listed, authorization.exists("s3:DeleteBucketCors")) == (True, False)


FULL = """
name: notes
stages: {dev: {region: eu-west-1}}
data:
  tables: {notes: {partition_key: id}, log: {partition_key: id}}
  buckets: {uploads: true}
  users: true
backend:
  secrets: {session-key: true}
  queues: {jobs: {}}
  functions:
    web:
      wsgi: "lambda_src/web/app.py:app"
      public: true
      tables: {notes: read-write}
      reserved_concurrency: 5
      layers: ["arn:aws:lambda:eu-west-1:123456789012:layer:name:7"]
    work:
      handler: "lambda_src/api/notes.py:list_notes"
      routes: [GET /api/x]
      auth: users
      events: {schedules: [rate(5 minutes)], tables: [log], queues: [jobs], buckets: [uploads]}
      queues: {jobs: send}
      invoke: [web]
"""
KINDS = [
    {},
    {"api": {"type": "http"}},
    {"api": {"keys": ["partner"]}},
    {"stacks": 2},
    {"stacks": 2, "api": {"type": "http"}},
]


@pytest.mark.parametrize("more", KINDS, ids=str)
def test_every_kind_of_backend_has_a_role_of_at_most_130_actions(more: dict[str, object]) -> None:
    described = yaml.safe_load(FULL)
    described["backend"] |= more
    app = validated(described)
    rights = [derive(app.stages["dev"], stack) for stack in render(app, app.stages["dev"]) if stack.stack != "base"]
    assert all(len(deploy_rights.actions) <= 130 and len(deploy_rights.policies) <= 3 for deploy_rights in rights)


DOMAINS = """
backend: {api: {domain: {name: api.example.com, zone: Z0123456789ABCDEFGHIJ}}}
frontend: {waf: false, site: {folder: site, path: /app}, domain: {name: example.com, zone: Z0123456789ABCDEFGHIJ}}
"""


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_a_domain_touches_its_own_zone_only(kind: str) -> None:
    described, domains = yaml.safe_load(FULL), yaml.safe_load(DOMAINS)
    described["backend"]["api"] = {**domains["backend"]["api"], "type": kind}
    described["frontend"] = domains["frontend"]
    app = validated(described)
    rights = [derive(app.stages["dev"], stack) for stack in render(app, app.stages["dev"]) if stack.stack != "base"]
    statements = [
        statement for deploy_rights in rights for statement in deploy_rights.statements if statement.effect == "Allow"
    ]
    changing = [
        statement.place.arns for statement in statements if "route53:ChangeResourceRecordSets" in statement.actions
    ]
    zone = "arn:${AWS::Partition}:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
    assert {arn for arns in changing for arn in arns} == {zone}


def test_a_part_of_a_split_backend_shares_its_tag_and_path() -> None:
    described = yaml.safe_load(FULL)
    described["backend"]["stacks"] = 2
    app = validated(described)
    (part,) = [stack for stack in render(app, app.stages["dev"]) if stack.stack == "backend-1"]
    text = str(derive(app.stages["dev"], part).documents())
    assert ("role/notes-dev/backend/*" in text, "'aws:ResourceTag/stack': 'notes-dev-backend'" in text) == (True, True)


@pytest.mark.parametrize(("region", "stack"), [("us-east-1", "frontend"), ("eu-west-1", "frontend-logs-edge")])
def test_the_access_log_is_delivered_for_the_stages_own_distribution_only(region: str, stack: str) -> None:
    frontend = {"waf": False, "static": "static", "access_log": "v2"}
    app = validated({"name": "notes", "stages": {"dev": {"region": region}}, "frontend": frontend})
    (rendered,) = (rendered_stack for rendered_stack in render(app, app.stages["dev"]) if rendered_stack.stack == stack)
    statements = derive(app.stages["dev"], rendered).statements
    (allowed,) = (
        statement
        for statement in statements
        if "cloudfront:AllowVendedLogDeliveryForResource" in statement.actions and statement.effect == "Allow"
    )
    assert allowed.place.arns == ("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/*",)
    assert allowed.place.conditions == {"StringEquals": {"aws:ResourceTag/stack": "notes-dev-frontend"}}
    (put,) = (
        statement
        for statement in statements
        if "logs:PutDeliverySource" in statement.actions and statement.effect == "Allow"
    )
    source = "arn:${AWS::Partition}:logs:us-east-1:${AWS::AccountId}:delivery-source:notes-dev-site"
    assert source in put.place.arns
