"""Bad input of the backend: one clear problem each, before anything is rendered."""

from __future__ import annotations

import pytest

from stacks import DescriptionError
from stacks.loading import validated
from tests.backend.describing import WORKER, described, problems_of

WORK = f"functions: {{work: {{{WORKER}"

FUNCTIONS = {
    "tables: {note: read}": "there is no table 'note'. Did you mean 'notes'?",
    "buckets: {upload: read}": "there is no bucket 'upload'. Did you mean 'uploads'?",
    "queues: {jobs: send}": "there is no queue 'jobs'",
    "invoke: [wrok]": "there is no function 'wrok'. Did you mean 'work'?",
    "secrets: [key]": "there is no secret 'key'",
    "events: {tables: [logs]}": "there is no table 'logs'",
    "events: {queues: [jobs]}": "there is no queue 'jobs'",
    "events: {buckets: [files]}": "there is no bucket 'files'",
    "events: {schedules: [daily]}": "'daily' is not a schedule",
    "events: {batch: 0}": "0 is below the 1",
    "routes: [GET /], auth: user": "there is no authorizer 'user'. Did you mean 'users'?",
    "routes: [GET /], auth: iam, scopes: [a/b]": "only tokens have scopes",
    "routes: [GET /], public: true, api_key: true": "there are no API keys",
    "routes: [GET /], auth: iam, public: true": "is both 'public' and behind 'auth'",
    "layers: ['arn:aws:lambda:us-east-1:123456789012:layer:a:1']": "the layer is in us-east-1, the stage in eu-west-1",
    "layers: [tools]": "'tools' is not an ARN of a layer's version",
    "snap_start: true, runtime: python3.11": "Lambda has it from python3.12 on",
    "snap_start: true, provisioned_concurrency: 1": "does not go with 'provisioned_concurrency'",
    "snap_start: true, storage: 1024": "goes with 512 MB of storage only",
    "reserved_concurrency: 1, provisioned_concurrency: 2": "2 instances are to be warm, but only 1 may run",
    "gradual: slowly": "'slowly' is not allowed",
    "vpc: true, invoke: [work]": "uses 'invoke', which cannot be reached from the network",
    "vpc: true, users: read": "Set 'endpoints: [cognito-idp]' under 'base.vpc'",
    "storage: 100": "100 is below the 512 MB Lambda allows",
    "reserved_concurrency: -1": "-1 is below the 0",
    "environment: {AWS_REGION: x}": "'AWS_REGION' is set by Lambda itself",
    "environment: {LAMBDA_TASK_ROOT: x}": "'LAMBDA_TASK_ROOT' is set by Lambda itself",
    "environment: {STAGE: x}": "'STAGE' is given to the function already: the name of the stage",
    "tables: {notes: read}, environment: {NOTES_TABLE: x}": "given to the function already: the name of table 'notes'",
    "invoke: [work], environment: {WORK_FUNCTION: x}": "given to the function already: the name of function 'work'",
    "environment: {STRIPE_SECRET: sk_live}": "looks like a secret in plain text",
    "environment: {STRIPE: {secret: true}}": "Write 'stripe: given' or 'stripe: parameter' under 'backend.secrets'",
    "environment: {STRIPE_TOKEN: {value: x, secret: true}}": "is a secret, and everyone who may look at the function",
    "environment: {PORT: 5}": '5 is not text. Write it in quotes, as "5"',
    "environment: {DEBUG: true}": 'true is not text. Write it in quotes, as "true"',
    "environment: {AWS_ENDPOINT_URL: 'http://x'}": "'AWS_ENDPOINT_URL' takes the AWS SDK to other credentials",
    "environment: {AWS_PROFILE: x}": "'AWS_PROFILE' takes the AWS SDK to other credentials",
    "environment: {PATH: /tmp}": "'PATH' decides which code the function's process loads and runs",
    "environment: {PYTHONPATH: /tmp}": "'PYTHONPATH' decides which code",
    "environment: {LD_PRELOAD: /tmp/x.so}": "'LD_PRELOAD' decides which code",
    "environment: {LD_LIBRARY_PATH: /tmp}": "'LD_LIBRARY_PATH' decides which code",
    "environment: {PYTHONSTARTUP: x.py}": "'PYTHONSTARTUP' decides which code",
    "environment: {API_TOKEN: abc}": "looks like a secret in plain text",
    "environment: {DB_PASSWORD: hunter2}": "looks like a secret in plain text",
    "environment: {SIGNING_KEY: abc}": "looks like a secret in plain text",
    "environment: {DATABASE_URL: 'postgres://ada:pw@db/notes'}": "looks like a secret in plain text",
    "environment: {URL: {value: 'https://a:b@c', secret: false}}": "looks like a secret in plain text",
}

STATEMENTS = {
    "{Effect: Allow, Action: '*', Resource: '*'}": "allows '*', which is not a single action",
    "{Effect: Allow, Action: 'ses:*', Resource: '*'}": "allows 'ses:*', which is not a single action",
    "{Effect: Allow, Action: 'iam:PassRole', Resource: '*'}": "allows 'iam:PassRole', which no function may do here",
    "{Effect: Allow, Action: 'sts:AssumeRole', Resource: '*'}": "which no function may do here",
    "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}": "allows 's3:GetObject' on everything in the account",
    "{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:*:*'}": "allows 's3:GetObject' on everything",
    "{Effect: Allow, NotAction: 'ses:SendEmail', Resource: '*'}": "is not allowed in such a statement",
    "{Action: 'ses:SendEmail', Resource: '*'}": "has no Effect",
    "{Effect: Allow, Action: 'ses:SendEmail'}": "has no Resource",
    "{Effect: Allow, Resource: '*'}": "has no Action",
    "{Effect: Allow, Action: [ses:SendEmail, {Ref: A}], Resource: '*'}": "has no Action",
    "{Effect: Allow, Action: 'ses:SendEmail', Resource: '${Queue.Arn}'}": "'${Queue.Arn}' cannot be filled in",
}

EAST = "arn:aws:acm:us-east-1:123456789012:certificate/1f"
HERE = "arn:aws:acm:eu-west-1:123456789012:certificate/1f"
APIS = {
    "cors: {origins: ['*']}": "'*' is not an exact origin",
    "cors: http://app.example.com": "'http://app.example.com' is not an exact origin",
    "cors: https://app.example.com/": "is not an exact origin",
    "cors: {origins: []}": "names no origin",
    "cors: {origins: [https://a.example, https://b.example]}": "names 2 origins, and a REST API's own error answers",
    "authorizers: {sso: {issuer: https://i.example, audience: [a]}}": "a REST API knows no issuers of tokens",
    "authorizers: {judge: {function: wrok}}": "there is no function 'wrok'. Did you mean 'work'?",
    "authorizers: {users: {function: work}}": "'users' is known already",
    "authorizers: {sso: {}}": "names not exactly one judge",
    "type: http, authorizers: {sso: {issuer: https://i.example}}": "takes tokens that were issued for anybody",
    "type: http, keys: [partner]": "an HTTP API has no API keys",
    "type: http, endpoint: edge": "an HTTP API is always regional",
    "quota: 10": "counts requests for each key, and there are no keys",
    "domain: {name: api.example.com}": "has neither 'zone' nor 'certificate'",
    "domain: {name: 'https://api.example.com', zone: Z0123456789}": "is not a host name",
    f"domain: {{name: api.example.com, certificate: '{EAST}'}}": "is in us-east-1, and is needed in eu-west-1",
    "endpoint: edge, domain: {name: api.example.com, zone: Z0123456789}": "would be made in eu-west-1, and is needed",
    f"endpoint: edge, domain: {{name: a.example.com, certificate: '{HERE}'}}": "is in eu-west-1, and is needed in us-e",
    "type: soap": "'soap' is not allowed",
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_a_function_that_cannot_work_is_reported(text: str) -> None:
    (problem,) = problems_of(f"{WORK}, {text}}}}}")
    assert problem.startswith("backend.functions.work")
    assert FUNCTIONS[text] in problem


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_statement_that_promises_too_much_is_refused(text: str) -> None:
    (problem,) = problems_of(f"{WORK}, statements: [{text}]}}}}")
    assert problem.startswith("backend.functions.work.statements[0]")
    assert STATEMENTS[text] in problem


@pytest.mark.parametrize("text", APIS)
def test_an_impossible_api_is_reported(text: str) -> None:
    (problem,) = problems_of(f"{WORK}, routes: [GET /], public: true}}}}\napi: {{{text}}}")
    assert problem.startswith("backend.api")
    assert APIS[text] in problem


def test_a_queue_with_two_listeners_is_reported() -> None:
    item = f"{{{WORKER}, events: {{queues: [jobs]}}}}"
    (problem,) = problems_of(f"queues: {{jobs: true}}\nfunctions: {{a: {item}, b: {item}}}")
    assert "queue 'jobs' starts 'a' already" in problem


def test_the_value_of_a_refused_setting_is_never_printed() -> None:
    (problem,) = problems_of(f"{WORK}, environment: {{STRIPE_SECRET: sk_live_51}}}}}}")
    assert "sk_live_51" not in problem
    assert "stacks secrets set stripe-secret" in problem


def test_accounts_of_a_stage_without_any_are_reported() -> None:
    description = described(f"{WORK}, users: read}}}}")
    del description["data"]["users"]
    with pytest.raises(DescriptionError, match=r"functions\.work\.users: the stage has no user pool"):
        validated(description)


def test_a_sixth_layer_is_reported_when_shared_requirements_are_one() -> None:
    layers = ", ".join(f"'arn:aws:lambda:eu-west-1:123456789012:layer:a:{version}'" for version in range(5))
    assert validated(described(f"{WORK}, layers: [{layers}]}}}}"))
    (problem,) = problems_of(f"shared_requirements: a/requirements.txt\n{WORK}, layers: [{layers}]}}}}")
    assert problem.startswith("backend.functions.work.layers: has 6 layers, the one of 'shared_requirements' among")


@pytest.mark.parametrize("file", ["/etc/requirements.txt", "../requirements.txt", "lambda_src", "requirements.yaml"])
def test_shared_requirements_are_a_file_of_the_project(file: str) -> None:
    (problem,) = problems_of(f"shared_requirements: {file}\n{WORK}}}}}")
    assert problem.startswith(f"backend.shared_requirements: '{file}' is not a requirements file inside the project")


@pytest.mark.parametrize("kind", ["secrets", "queues"])
def test_what_cannot_be_switched_off_is_reported(kind: str) -> None:
    (problem,) = problems_of(f"{kind}: {{one: false}}")
    assert problem == f"backend.{kind}.one: false is not a mapping. Write a mapping, or leave it out."


def test_the_length_of_a_secret_that_is_given_is_reported() -> None:
    (problem,) = problems_of("secrets: {mail-key: {kind: parameter, length: 40}}")
    assert problem.startswith("backend.secrets.mail-key: has a 'length', and its value is given")


def test_an_application_whose_parameters_would_have_a_name_that_aws_reserves_is_refused() -> None:
    description = described("secrets: {}")
    description["name"] = "awsome"
    with pytest.raises(DescriptionError, match=r"^name: 'awsome' begins with"):
        validated(description)


def test_a_domain_that_the_sites_web_acl_would_block_is_reported() -> None:
    description = described(
        f"{WORK}, routes: [GET /], public: true}}}}\napi: {{domain: {{name: a.example.com, zone: Z0123456789}}}}"
    )
    description["frontend"] = {"site": "site"}
    with pytest.raises(DescriptionError, match="closes the API to all who do not come through the site"):
        validated(description)
