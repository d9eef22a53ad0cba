"""serverless.yml → app.yaml: what is carried over, and what is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks import naming
from stacks.rendering import render

if TYPE_CHECKING:
    from stacks.migrating.migration import Migration
    from tests.migrating.conftest import Migrate

HEAD = """
service: shop
provider:
  name: aws
  runtime: python3.12
"""

NOTES = """
service: shop-api
frameworkVersion: '3'
plugins: [serverless-python-requirements, serverless-offline]
custom:
  table: ${self:service}-notes-${sls:stage}
provider:
  name: aws
  runtime: python3.12
  region: eu-central-1
  environment:
    NOTES: ${self:custom.table}
    LEVEL: info
  iam:
    role:
      statements:
        - Effect: Allow
          Action: [dynamodb:Query, dynamodb:GetItem, dynamodb:PutItem]
          Resource: !GetAtt NotesTable.Arn
functions:
  listNotes:
    handler: src/notes.list_notes
    events:
      - httpApi: GET /notes
  addNote:
    handler: src/notes.add_note
    timeout: 10
    events:
      - httpApi: {method: post, path: '/notes/{owner}'}
      - schedule: rate(1 hour)
resources:
  Resources:
    NotesTable:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: ${self:custom.table}
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions:
          - {AttributeName: owner, AttributeType: S}
          - {AttributeName: created, AttributeType: N}
        KeySchema:
          - {AttributeName: owner, KeyType: HASH}
          - {AttributeName: created, KeyType: RANGE}
"""


def lost(migration: Migration) -> str:
    return "\n".join(str(obstacle) for obstacle in migration.obstacles if obstacle.kind == "lost")


def reported(migration: Migration) -> str:
    return "\n".join(str(obstacle) for obstacle in migration.obstacles if obstacle.kind != "note")


def test_routes_settings_rights_and_keys_are_carried_over(migrate: Migrate) -> None:
    migration = migrate(NOTES, files={"src/notes.py": ""})
    assert migration.app is not None
    stage = migration.app.stages["dev"]
    assert stage.region == "eu-central-1"
    functions = stage.backend.functions
    assert functions["list-notes"].routes == ("GET /notes",)
    assert functions["list-notes"].handler == "src/notes.py:list_notes"
    assert functions["add-note"].routes == ("POST /notes/{owner}",)
    assert [schedule.at for schedule in functions["add-note"].events.schedules] == ["rate(1 hour)"]
    assert functions["add-note"].timeout == 10
    assert set(functions["add-note"].environment) == {"NOTES", "LEVEL"}
    (statement,) = functions["add-note"].statements
    assert set(statement["Action"]) == {"dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem"}
    table = stage.data.tables["notes"]
    assert (table.partition_key.name, table.sort_key.name if table.sort_key else "") == ("owner", "created")
    assert table.sort_key is not None
    assert table.sort_key.type == "N"
    assert stage.backend.api.type == "http"


def test_a_name_that_was_chosen_becomes_a_reference_to_the_new_one(migrate: Migrate) -> None:
    migration = migrate(NOTES, files={"src/notes.py": ""})
    assert "NOTES: !GetAtt data.NotesTableName" in migration.text
    assert "shop-api-notes-dev" not in migration.text.replace("Migrated", "")


def test_what_is_written_renders(migrate: Migrate) -> None:
    migration = migrate(NOTES, files={"src/notes.py": ""})
    assert migration.app is not None
    stacks = {stack.stack: stack for stack in render(migration.app, migration.app.stages["dev"])}
    assert naming.logical_id("notes", "Table") in stacks["data"].template["Resources"]


def test_everything_unknown_is_listed_with_its_line(migrate: Migrate) -> None:
    text = HEAD + (
        "  colour: blue\n"
        "plugins: [serverless-does-wonders]\n"
        "wonders: {many: true}\n"
        "functions:\n"
        "  hello:\n"
        "    handler: handler.hello\n"
        "    sparkle: 3\n"
        "    events:\n"
        "      - telepathy: loud\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    for line in (
        "serverless.yml:6: provider.colour",
        "serverless.yml:7: plugin serverless-does-wonders",
        "serverless.yml:8: wonders",
        "serverless.yml:12: functions.hello.sparkle",
        "serverless.yml:14: functions.hello.events.telepathy",
    ):
        assert line in lost(migration)


def test_an_authorizer_of_elsewhere_closes_its_routes(migrate: Migrate) -> None:
    text = HEAD + (
        "functions:\n"
        "  hello:\n"
        "    handler: handler.hello\n"
        "    events:\n"
        "      - http: {path: open, method: get}\n"
        "      - http:\n"
        "          path: closed\n"
        "          method: get\n"
        "          authorizer: {arn: 'arn:aws:lambda:us-east-1:123456789012:function:judge'}\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    functions = migration.app.stages["dev"].backend.functions
    assert {name: (function.routes, function.public, function.authorizer) for name, function in functions.items()} == {
        "hello": (("GET /open",), True, None),
        "hello-iam": (("GET /closed",), False, "iam"),
    }
    assert "is not of this service" in lost(migration)


def test_a_function_of_the_service_judges_requests(migrate: Migrate) -> None:
    text = HEAD + (
        "functions:\n"
        "  judge: {handler: handler.judge}\n"
        "  hello:\n"
        "    handler: handler.hello\n"
        "    events:\n"
        "      - http: {path: /notes/, method: GET, authorizer: judge}\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    backend = migration.app.stages["dev"].backend
    assert backend.functions["hello"].authorizer == "judge"
    assert backend.api.authorizers["judge"].function == "judge"


def test_wildcards_never_allow_more_than_before(migrate: Migrate) -> None:
    text = HEAD + (
        "  iamRoleStatements:\n"
        "    - {Effect: Allow, Action: 'dynamodb:*', Resource: '*'}\n"
        "    - {Effect: Allow, Action: ['s3:Get*', 'iam:PassRole', 'logs:PutLogEvents'], Resource: 'arn:aws:s3:::b'}\n"
        "functions: {hello: {handler: handler.hello}}\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    statements = migration.app.stages["dev"].backend.functions["hello"].statements
    actions = {action for statement in statements for action in statement["Action"]}
    assert {action.partition(":")[0] for action in actions} <= {"dynamodb", "s3"}
    assert all(action.startswith(("dynamodb:", "s3:Get")) and "*" not in action for action in actions)
    assert "iam:PassRole" in lost(migration)


def test_secrets_are_not_written_into_the_description(migrate: Migrate) -> None:
    text = HEAD + (
        "  environment: {API_TOKEN: hunter2-and-more, TOKEN_TTL: 3600, DB: 'postgres://me:hunter2-and-more@db/x'}\n"
        "functions: {hello: {handler: handler.hello}}\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    assert "hunter2" not in migration.text
    function = migration.app.stages["dev"].backend.functions["hello"]
    assert set(function.secrets) == {"api-token", "db"}
    assert set(function.environment) == {"TOKEN_TTL"}


def test_a_flask_application_is_served_as_it_is(migrate: Migrate) -> None:
    text = HEAD + (
        "plugins: [serverless-wsgi]\n"
        "custom: {wsgi: {app: app.app}}\n"
        "functions:\n"
        "  api:\n"
        "    handler: wsgi_handler.handler\n"
        "    events: [http: 'ANY /', http: 'ANY {proxy+}']\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    function = migration.app.stages["dev"].backend.functions["api"]
    assert function.wsgi == "app.py:app"
    assert function.all_routes == ("ANY /", "ANY /{proxy+}")


def test_functions_with_packages_of_their_own_share_one_zip(migrate: Migrate) -> None:
    text = HEAD + (
        "functions:\n"
        "  first: {handler: a/first.run, package: {patterns: ['!**', a/**]}}\n"
        "  second: {handler: a/second.run, package: {patterns: ['!**', a/**, b/**]}}\n"
    )
    migration = migrate(text, files={"a/first.py": "", "a/second.py": "", "b/c.py": ""})
    assert migration.app is not None
    functions = migration.app.stages["dev"].backend.functions
    assert {function.only for function in functions.values()} == {("a", "b")}


def test_a_layer_of_requirements_is_shared_requirements(migrate: Migrate) -> None:
    text = HEAD + "  layers: [!Ref PythonRequirementsLambdaLayer]\nfunctions: {hello: {handler: handler.hello}}\n"
    with_file, without = migrate(text, files={"poetry.lock": ""}), migrate(text)
    assert with_file.app is not None
    assert without.app is not None
    assert with_file.app.stages["dev"].backend.shared_requirements == "poetry.lock"
    assert without.app.stages["dev"].backend.shared_requirements is None
    assert "no file of requirements" in lost(without)


def test_stages_differ_only_where_the_configuration_does(migrate: Migrate) -> None:
    text = (
        "service: shop\n"
        "params: {dev: {size: 256}, production: {size: 2048}}\n"
        "provider: {name: aws, runtime: python3.14, timeout: 15}\n"
        "functions: {hello: {handler: handler.hello, memorySize: '${param:size}'}}\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    sizes = {name: stage.backend.functions["hello"].memory for name, stage in migration.app.stages.items()}
    assert sizes == {"dev": 256, "prod": 2048}
    assert migration.text.count("handler:") == 1


def test_a_bucket_behind_a_distribution_becomes_the_site(migrate: Migrate) -> None:
    text = HEAD + (
        "plugins: [serverless-s3-sync]\n"
        "custom: {s3Sync: [{bucketName: my-site, localDir: web/dist}]}\n"
        "functions: {hello: {handler: handler.hello, events: [http: GET api/notes]}}\n"
        "resources:\n"
        "  Resources:\n"
        "    Site: {Type: 'AWS::S3::Bucket', Properties: {BucketName: my-site}}\n"
        "    Cdn:\n"
        "      Type: AWS::CloudFront::Distribution\n"
        "      Properties:\n"
        "        DistributionConfig:\n"
        "          Enabled: true\n"
        "          Origins: [{Id: s3, DomainName: !GetAtt Site.RegionalDomainName}]\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    frontend = migration.app.stages["dev"].frontend
    assert [site.folder for site in frontend.site] == ["web/dist"]
    assert migration.app.stages["dev"].data.buckets == {}


def test_resources_without_words_of_their_own_are_carried_over_raw(migrate: Migrate) -> None:
    text = HEAD + (
        "functions: {hello: {handler: handler.hello}}\n"
        "resources:\n"
        "  Resources:\n"
        "    Bus: {Type: 'AWS::Events::EventBus', Properties: {Name: orders, Sparkle: 3}}\n"
        "    Old: {Type: 'Custom::Thing', Properties: {ServiceToken: x}}\n"
        "    Reads: {Type: 'AWS::Events::Archive', Properties: {SourceArn: !GetAtt Old.Arn}}\n"
        "  Outputs: {BusName: {Value: !Ref Bus}}\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    resources = migration.app.stages["dev"].backend.resources
    assert resources == {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}}
    for what in ("resources.Bus.Sparkle", "resources.Old", "resources.Reads"):
        assert what in lost(migration)


@pytest.mark.parametrize(
    ("event", "needle"),
    [
        ("sns: orders", "topics: [orders]"),
        ("eventBridge: {pattern: {source: [orders]}}", "default: {source: [orders]}"),
        ("eventBridge: {pattern: {source: [orders]}, inputPath: $.detail}", "AWS::Events::Rule"),
        ("sns: {arn: 'arn:aws:sns:us-east-1:123456789012:orders'}", "AWS::SNS::Subscription"),
        ("schedule: {rate: cron(0 9 ? * MON-FRI *), timezone: Europe/Berlin}", "zone: Europe/Berlin"),
        ("schedule: {rate: rate(1 day), input: {a: 1}}", "AWS::Events::Rule"),
        ("sqs: 'arn:aws:sqs:us-east-1:123456789012:jobs'", "AWS::Lambda::EventSourceMapping"),
        ("stream: 'arn:aws:kinesis:us-east-1:123456789012:stream/clicks'", "AWS::Lambda::EventSourceMapping"),
        ("alexaSkill: amzn1.ask.skill.1", "AWS::Lambda::Permission"),
        ("iot: {sql: \"SELECT * FROM 'x'\"}", "AWS::IoT::TopicRule"),
        ("s3: uploads-of-mine", "buckets: [uploads-of-mine]"),
    ],
)
def test_events_start_the_function_as_before(migrate: Migrate, event: str, needle: str) -> None:
    text = HEAD + f"functions:\n  hello:\n    handler: handler.hello\n    events:\n      - {event}\n"
    migration = migrate(text)
    assert migration.app is not None
    assert needle in migration.text


def test_every_route_and_setting_has_its_obstacle_or_its_place(migrate: Migrate) -> None:
    text = HEAD + (
        "functions:\n"
        "  node: {handler: index.handler, runtime: nodejs20.x}\n"
        "  image: {image: repository}\n"
        "  fine: {handler: handler.fine, events: [http: 'GET ~bad', http: {path: x, method: brew}]}\n"
    )
    migration = migrate(text)
    assert migration.app is not None
    assert set(migration.app.stages["dev"].backend.functions) == {"fine"}
    for what in ("functions.node", "functions.image", "route GET /~bad", "BREW is not a method"):
        assert what in lost(migration)


def test_path_parameters_at_one_place_get_one_name(migrate: Migrate) -> None:
    migration = migrate(
        HEAD
        + """
functions:
  get: {handler: handler.get, events: [httpApi: 'GET /notes/{id}']}
  put: {handler: handler.put, events: [httpApi: 'PUT /notes/{key}/text']}
"""
    )
    assert migration.app is not None
    functions = migration.app.stages["dev"].backend.functions
    assert functions["put"].routes == ("PUT /notes/{id}/text",)
    assert "Read the path parameter 'id' in the handler" in reported(migration)


def test_the_stages_name_is_no_setting_and_shared_settings_are_reported_once(migrate: Migrate) -> None:
    migration = migrate(
        HEAD
        + """
  environment: {STAGE: '${sls:stage}', DEBUG_KEY: '${ssm:/debug~true}', PYTHON_ENV: dev}
functions:
  get: {handler: handler.get}
  put: {handler: handler.put}
"""
    )
    assert "STAGE" not in reported(migration)
    assert [str(obstacle) for obstacle in migration.obstacles if obstacle.subject == "environment.DEBUG_KEY"]
    assert "functions.get" not in lost(migration)
    assert "PYTHON_ENV" in migration.text


def test_documented_keys_of_the_provider_are_known(migrate: Migrate) -> None:
    migration = migrate(
        HEAD
        + """
  stage: dev
  region: eu-west-1
  memorySize: 512
  timeout: 10
  architecture: arm64
  profile: work
  deploymentBucket: {name: deployments}
  versionFunctions: false
  eventBridge: {useCloudFormation: true}
  lambdaHashingVersion: 20201221
functions: {get: {handler: handler.get}}
"""
    )
    assert lost(migration) == ""
