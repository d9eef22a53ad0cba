"""Descriptions that use everything: cfn-lint and the project's own rules find nothing in what they become."""

from __future__ import annotations

import pytest

from stacks import render
from stacks.checks.run import check
from stacks.errors import CheckError
from stacks.linting import lint
from stacks.loading import validated
from tests.backend.describing import WORKER, described

EVERYTHING = f"""
queues: {{jobs: true, slow: {{tries: 2}}}}
shared_requirements: lambda_src/web/requirements.txt
secrets: {{session-key: true, stripe-key: given, push-key: parameter}}
functions:
  web:
    wsgi: lambda_src/web/app.py:app
    public: true
    tables: {{notes: read-write}}
    buckets: {{uploads: read-write}}
    users: read-write
    queues: {{jobs: send, slow: send-receive}}
    invoke: [tidy]
    secrets: [session-key, stripe-key, push-key]
    statements:
      - {{Effect: Allow, Action: 'rekognition:DetectLabels', Resource: '*'}}
    environment: {{GREETING: hello, TOKEN_MINUTES: {{value: '5', secret: false}}}}
    tracing: true
    storage: 1024
    reserved_concurrency: 5
    provisioned_concurrency: 2
    gradual: linear-1m
    layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:tools:3']
  one: {{{WORKER}, routes: [GET /api/one, 'GET /api/one/{{id}}'], auth: users, scopes: [notes/read]}}
  two: {{{WORKER}, routes: [POST /api/two], auth: own, url: true}}
  four: {{{WORKER}, public: true, gradual: canary-5m, url: {{auth: none, cors: https://app.example.com}}}}
  three: {{{WORKER}, routes: [ANY /api/three], auth: iam}}
  judge: {{{WORKER}, vpc: true, tables: {{notes: read}}}}
  tidy:
    {WORKER}
    timeout: 300
    snap_start: true
    events:
      schedules: [rate(1 day), 'cron(0 4 ? * MON-FRI *)']
      tables: [notes]
      queues: [jobs]
      buckets: [uploads]
      batch: 100
"""

OWN = "own: {function: judge}"
DOMAIN = "domain: {name: api.example.com, zone: Z0123456789, base_path: v1}"
EAST = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
APIS = {
    "rest": f"{{cors: https://app.example.com, keys: [partner], quota: 1000, authorizers: {{{OWN}}}, {DOMAIN}}}",
    "edge": f"{{endpoint: edge, authorizers: {{{OWN}}}, domain: {{name: api.example.com, certificate: '{EAST}'}}}}",
    "http": (
        "{type: http, cors: {origins: [https://a.example, https://b.example], credentials: true}, "
        f"authorizers: {{{OWN}, sso: {{issuer: https://i.example, audience: [notes]}}}}, {DOMAIN}}}"
    ),
}


@pytest.mark.parametrize("kind", APIS)
def test_everything_at_once_lints_clean(kind: str) -> None:
    everything = EVERYTHING.replace("auth: iam}", "auth: iam, api_key: true}") if kind == "rest" else EVERYTHING
    app = validated(described(f"{everything}\napi: {APIS[kind]}"))
    rendered = render(app, app.stages["dev"])
    assert [str(finding) for finding in lint(rendered) if finding.fails] == []
    assert [str(finding) for finding in check(rendered)] == []


def test_a_region_that_cfn_lint_does_not_know_is_reported() -> None:
    app = validated({"name": "notes", "stages": {"dev": {"region": "sa-west-1"}}})
    with pytest.raises(CheckError, match="notes-dev-base: cfn-lint does not know the region sa-west-1"):
        lint(render(app, app.stages["dev"]))
