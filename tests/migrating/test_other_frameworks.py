"""SAM, Zappa and Chalice → app.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.errors import UsageError
from stacks.rendering import render

if TYPE_CHECKING:
    from stacks.migrating.migration import Migration
    from tests.migrating.conftest import Migrate

SAM = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Level: {Type: String, Default: info}
Globals:
  Function: {Runtime: python3.12, Timeout: 10, Environment: {Variables: {LEVEL: !Ref Level}}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      Auth:
        DefaultAuthorizer: People
        Authorizers: {People: {UserPoolArn: !GetAtt Pool.Arn}}
  Pool: {Type: AWS::Cognito::UserPool}
  Notes:
    Type: AWS::Serverless::SimpleTable
    Properties: {PrimaryKey: {Name: owner, Type: String}, TableName: !Sub 'notes-${Stage}'}
  ListFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: notes.list_notes
      MemorySize: 256
      Policies: [{DynamoDBReadPolicy: {TableName: !Ref Notes}}, AWSLambdaBasicExecutionRole]
      Environment: {Variables: {TABLE: !Ref Notes}}
      Events:
        Get: {Type: Api, Properties: {Path: /notes, Method: get, RestApiId: !Ref Api}}
        Open: {Type: Api, Properties: {Path: /health, Method: get, RestApiId: !Ref Api, Auth: {Authorizer: NONE}}}
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Image:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
Outputs:
  Table: {Value: !Ref Notes}
"""

ZAPPA = """{
  "dev": {
    "app_function": "shop.app", "aws_region": "eu-central-1", "s3_bucket": "code", "runtime": "python3.12",
    "environment_variables": {"LEVEL": "info"}, "surprise": 1,
    "events": [{"function": "shop.tasks.daily", "expression": "rate(1 day)"}]
  },
  "prod": {"extends": "dev", "memory_size": 1024}
}"""

ZAPPA_TOML = """
[dev]
app_function = "shop.app"
aws_region = "eu-central-1"
runtime = "python3.12"
surprise = 1
[dev.environment_variables]
LEVEL = "info"
[[dev.events]]
function = "shop.tasks.daily"
expression = "rate(1 day)"
[prod]
extends = "dev"
memory_size = 1024
"""

ZAPPA_YAML = """
dev:
  app_function: shop.app
  aws_region: eu-central-1
  runtime: python3.12
  surprise: 1
  environment_variables: {LEVEL: info}
  events: [{function: shop.tasks.daily, expression: rate(1 day)}]
prod: {extends: dev, memory_size: 1024}
"""

CHALICE = """
from chalice import Chalice, Cron, Rate

app = Chalice(app_name="shop")


@app.authorizer()
def judge(request):
    pass


@app.route("/notes/{id}", methods=["GET", "PUT"], authorizer=judge)
def note(id):
    return {}


@app.get("/health")
def health():
    return {}


@app.schedule(Rate(5, unit=Rate.MINUTES))
def tick(event):
    pass


@app.schedule(Cron(0, 18, "?", "*", "MON-FRI", "*"))
def evening(event):
    pass


@app.on_kinesis_record(stream="clicks")
def clicks(event):
    pass
"""


def lost(migration: Migration) -> str:
    return "\n".join(str(obstacle) for obstacle in migration.obstacles if obstacle.kind == "lost")


def test_a_sam_template_keeps_routes_keys_and_rights(migrate: Migrate) -> None:
    migration = migrate(SAM, file="template.yaml", files={"src/notes.py": ""})
    assert migration.app is not None
    assert set(migration.app.stages) == {"dev", "prod"}
    stage = migration.app.stages["dev"]
    functions = stage.backend.functions
    assert {name: (entry.routes, entry.authorizer) for name, entry in functions.items()} == {
        "list": (("GET /notes",), "users"),
        "list-public": (("GET /health",), None),
    }
    function = functions["list"]
    assert (function.handler, function.memory, function.timeout) == ("src/notes.py:list_notes", 256, 10)
    assert set(function.environment) == {"LEVEL", "TABLE"}
    assert function.events.schedules[0].at == "rate(1 day)"
    actions = {action for statement in function.statements for action in statement["Action"]}
    assert actions == {f"dynamodb:{entry}" for entry in ("GetItem", "Scan", "Query", "BatchGetItem", "DescribeTable")}
    assert stage.data.tables["notes"].partition_key.name == "owner"
    assert "Resources.Image" in lost(migration)
    assert [stack.stack for stack in render(migration.app, stage)][-1] == "backend"


def test_transforms_that_only_aws_runs_are_listed(migrate: Migrate) -> None:
    text = SAM.replace(
        "Transform: AWS::Serverless-2016-10-31", "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]"
    )
    migration = migrate(text, file="template.yaml", files={"src/notes.py": ""})
    assert "asks for the transform AWS::LanguageExtensions" in lost(migration)


def test_plain_cloudformation_is_used_as_it_is(migrate: Migrate) -> None:
    with pytest.raises(UsageError, match="a template of plain CloudFormation"):
        migrate("Resources: {Bus: {Type: 'AWS::Events::EventBus'}}", file="template.yaml")


@pytest.mark.parametrize(
    ("file", "text"),
    [("zappa_settings.json", ZAPPA), ("zappa_settings.toml", ZAPPA_TOML), ("zappa_settings.yml", ZAPPA_YAML)],
)
def test_zappa_settings_become_an_application_and_its_events(migrate: Migrate, file: str, text: str) -> None:
    migration = migrate(text, file=file, files={"shop/__init__.py": "", "shop/tasks.py": ""})
    assert migration.app is not None
    dev, prod = migration.app.stages["dev"], migration.app.stages["prod"]
    web = dev.backend.functions["web"]
    assert (web.wsgi, web.source, web.only[0]) == ("shop/__init__.py:app", ".", "shop")
    assert web.all_routes == ("ANY /", "ANY /{proxy+}")
    assert set(web.environment) == {"LEVEL"}
    assert dev.backend.functions["daily"].events.schedules[0].at == "rate(1 day)"
    assert (web.memory, prod.backend.functions["web"].memory) == (512, 1024)
    line = next(item for item in lost(migration).splitlines() if "surprise" in item)
    assert line.startswith(f"{file}:")


def test_djangos_settings_name_its_application(migrate: Migrate) -> None:
    text = '{"dev": {"django_settings": "shop.settings", "aws_region": "eu-central-1", "runtime": "python3.12"}}'
    migration = migrate(text, file="zappa_settings.json", files={"shop/wsgi.py": ""})
    assert migration.app is not None
    assert migration.app.stages["dev"].backend.functions["web"].wsgi == "shop/wsgi.py:application"


def test_chalices_routes_and_events_are_read_from_its_code(migrate: Migrate) -> None:
    config = '{"version": "2.0", "app_name": "shop", "stages": {"dev": {"lambda_memory_size": 256}}}'
    migration = migrate(config, file=".chalice/config.json", files={"app.py": CHALICE, "chalicelib/a.py": ""})
    assert migration.app is not None
    backend = migration.app.stages["dev"].backend
    functions = backend.functions
    assert {name: function.routes for name, function in functions.items() if function.routes} == {
        "api": ("GET /notes/{id}", "PUT /notes/{id}"),
        "api-public": ("GET /health",),
    }
    assert functions["api"].authorizer == "judge"
    assert functions["tick"].events.schedules[0].at == "rate(5 minutes)"
    assert functions["evening"].events.schedules[0].at == "cron(0 18 ? * MON-FRI *)"
    assert functions["api"].only == ("app.py", "chalicelib")
    assert "on_kinesis_record of clicks" in lost(migration)
    assert "app.py:" in lost(migration)


@pytest.mark.parametrize("role", ["!GetAtt ReaderRole.Arn", "!Ref ReaderRole"])
def test_statements_of_a_role_of_the_template_are_the_functions_own(migrate: Migrate, role: str) -> None:
    migration = migrate(
        f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Reader:
    Type: AWS::Serverless::Function
    Properties: {{Handler: handler.get, Runtime: python3.12, Role: {role}}}
  ReaderRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: queue
          PolicyDocument: {{Statement: [{{Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}}]}}
  ReaderPolicy:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref ReaderRole]
      PolicyDocument: {{Statement: [{{Effect: Allow, Action: 'sns:Publish', Resource: '*'}}]}}
""",
        file="template.yaml",
    )
    assert migration.app is not None
    statements = str(migration.app.stages["dev"].backend.functions["reader"].statements)
    assert "sqs:SendMessage" in statements and "sns:Publish" in statements  # noqa: PT018 - both policies
    assert "ReaderRole" not in migration.text
    assert lost(migration) == ""


def test_a_role_of_another_template_is_reported(migrate: Migrate) -> None:
    text = "service: s\nprovider: {name: aws, runtime: python3.12, role: 'arn:aws:iam::111122223333:role/lab'}\n"
    migration = migrate(f"{text}functions: {{get: {{handler: handler.get}}}}\n")
    assert "runs as arn:aws:iam::111122223333:role/lab. Write what the role allows" in lost(migration)
