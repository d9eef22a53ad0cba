"""What each option of the backend becomes in the templates, and that nothing else does."""

from __future__ import annotations

import json
from typing import Any

from awacs import aws as awacs
from awacs import ses

from stacks import render
from stacks.app import App, Backend, Function, Stage
from stacks.loading import validated
from tests.backend.describing import WORKER, properties_of, resources_of, stacks_of, statements_of

WORK = f"functions: {{work: {{{WORKER}"
UPLOADS = "arn:${AWS::Partition}:s3:::notes-dev-uploads-${AWS::AccountId}-${AWS::Region}-an"


def role_policy(text: str) -> dict[str, Any]:
    document: dict[str, Any] = resources_of(f"{WORK}, {text}}}}}")["WorkPolicy"]["Properties"]["PolicyDocument"]
    return document


def boundary(backend: str) -> dict[str, Any]:
    properties: dict[str, Any] = stacks_of(backend)["base"]["Resources"]["ApplicationBoundary"]["Properties"]
    return dict(properties["PolicyDocument"])


def variables(text: str) -> dict[str, Any]:
    (function,) = properties_of(f"{WORK}, {text}}}}}", "AWS::Lambda::Function")
    result: dict[str, Any] = function["Environment"]["Variables"]
    return result


def test_a_function_has_only_the_properties_its_description_asks_for() -> None:
    (plain,) = properties_of(f"{WORK}}}}}", "AWS::Lambda::Function")
    asked = "storage: 1024, reserved_concurrency: 2, tracing: true"
    layer = "arn:aws:lambda:eu-west-1:123456789012:layer:tools:3"
    (full,) = properties_of(f"{WORK}, {asked}, layers: ['{layer}']}}}}", "AWS::Lambda::Function")
    assert {key: value for key, value in full.items() if key not in plain} == {
        "EphemeralStorage": {"Size": 1024},
        "Layers": [layer],
        "ReservedConcurrentExecutions": 2,
        "TracingConfig": {"Mode": "Active"},
    }


def test_reading_a_bucket_allows_neither_writing_nor_deleting() -> None:
    document = role_policy("buckets: {uploads: read}")
    listing, reading = statements_of(document, "s3")
    assert (listing["Action"], listing["Resource"]) == (["s3:ListBucket"], [{"Fn::Sub": UPLOADS}])
    assert (reading["Action"], reading["Resource"]) == (["s3:GetObject"], [{"Fn::Sub": f"{UPLOADS}/*"}])


def test_writing_a_bucket_allows_no_reading() -> None:
    (writing,) = statements_of(role_policy("buckets: {uploads: write}"), "s3")
    assert writing["Action"] == ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]


def test_functions_get_the_names_of_what_they_use() -> None:
    result = variables("buckets: {uploads: read}, invoke: [work]")
    assert result["UPLOADS_BUCKET"] == {"Fn::Sub": "notes-dev-uploads-${AWS::AccountId}-${AWS::Region}-an"}
    assert result["WORK_FUNCTION"] == "notes-dev-work"


def test_sending_to_a_queue_allows_no_receiving() -> None:
    backend = f"queues: {{jobs: true}}\n{WORK}, queues: {{jobs: send}}}}}}"
    (sending,) = statements_of(resources_of(backend)["WorkPolicy"]["Properties"]["PolicyDocument"], "sqs")
    assert (sending["Action"], sending["Resource"]) == (["sqs:SendMessage"], [{"Fn::GetAtt": ["JobsQueue", "Arn"]}])


def test_a_function_may_send_to_the_queue_that_starts_it() -> None:
    backend = f"queues: {{jobs: true}}\n{WORK}, queues: {{jobs: send}}, events: {{queues: [jobs]}}}}}}"
    statements = statements_of(resources_of(backend)["WorkPolicy"]["Properties"]["PolicyDocument"], "sqs")
    actions = {action for statement in statements for action in statement["Action"]}
    assert {"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"} <= actions


def test_a_function_may_call_the_functions_it_names_and_no_other() -> None:
    (calling,) = statements_of(role_policy("invoke: [work]"), "lambda")
    assert calling["Action"] == ["lambda:InvokeFunction"]
    assert calling["Resource"][0]["Fn::Sub"].endswith(":function:notes-dev-work")


def test_a_given_secret_is_in_no_template_and_is_read_by_its_own_name() -> None:
    backend = f"secrets: {{stripe-key: given}}\n{WORK}, secrets: [stripe-key]}}}}"
    resources = resources_of(backend)
    assert not [body for body in resources.values() if body["Type"] == "AWS::SecretsManager::Secret"]
    (function,) = properties_of(backend, "AWS::Lambda::Function")
    assert function["Environment"]["Variables"]["STRIPE_KEY_SECRET_ID"] == "notes-dev/stripe-key"
    (reading,) = statements_of(resources["WorkPolicy"]["Properties"]["PolicyDocument"], "secretsmanager")
    assert reading["Resource"][0]["Fn::Sub"].endswith(":secret:notes-dev/stripe-key-??????")


def test_a_parameter_is_in_no_template_and_only_it_can_be_read_and_decrypted() -> None:
    backend = f"secrets: {{mail-key: parameter, push-key: parameter}}\n{WORK}, secrets: [mail-key]}}}}"
    resources = resources_of(backend)
    assert not [body for body in resources.values() if body["Type"].startswith(("AWS::SSM::", "AWS::SecretsManager"))]
    (function,) = properties_of(backend, "AWS::Lambda::Function")
    assert function["Environment"]["Variables"]["MAIL_KEY_SECRET_ID"] == "/notes-dev/mail-key"
    document = resources["WorkPolicy"]["Properties"]["PolicyDocument"]
    (reading,), (decrypting,) = statements_of(document, "ssm"), statements_of(document, "kms")
    (mail_key,) = reading["Resource"]
    assert mail_key["Fn::Sub"].endswith(":parameter/notes-dev/mail-key")
    assert (reading["Action"], decrypting["Action"]) == (["ssm:GetParameter"], ["kms:Decrypt"])
    assert decrypting["Condition"] == {
        "StringEquals": {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:PARAMETER_ARN": [mail_key]},
    }
    (most,) = statements_of(boundary(backend), "ssm")
    assert most["Resource"][0]["Fn::Sub"].endswith(":parameter/notes-dev/*")


def test_looking_at_accounts_allows_no_change_of_them_and_nothing_signs_anybody_in() -> None:
    backend = f"{WORK}, users: read}}}}"
    (looking,) = statements_of(role_policy("users: read"), "cognito-idp")
    assert looking["Resource"] == [{"Ref": "DataUserPoolArn"}]
    assert {name.partition(":")[2] for name in looking["Action"]} == {
        "AdminGetUser",
        "AdminListGroupsForUser",
        "ListGroups",
        "ListUsers",
        "ListUsersInGroup",
    }
    (most,) = statements_of(boundary(backend), "cognito-idp")
    assert set(looking["Action"]) < set(most["Action"])
    assert not [name for name in most["Action"] if ("Password" in name and "Reset" not in name) or "Auth" in name]
    assert most["Condition"]["StringEquals"] == {"aws:ResourceTag/app": "notes", "aws:ResourceTag/stage": "dev"}
    assert variables("users: read")["USER_POOL_ID"] == {"Ref": "DataUserPoolId"}


def test_without_parameters_the_boundary_allows_none() -> None:
    assert statements_of(boundary(f"{WORK}}}}}"), "ssm") == []


def test_extra_statements_join_the_role_and_the_boundary() -> None:
    statement = (
        "{Sid: Mail, Effect: Allow, Action: ['ses:SendEmail'], Resource: 'arn:${AWS::Partition}:ses:::identity/a'}"
    )
    backend = f"{WORK}, statements: [{statement}]}}}}"
    (own,) = statements_of(resources_of(backend)["WorkPolicy"]["Properties"]["PolicyDocument"], "ses")
    (most,) = statements_of(boundary(backend), "ses")
    assert own["Resource"] == most["Resource"] == {"Fn::Sub": "arn:${AWS::Partition}:ses:::identity/a"}
    assert (own["Sid"], "Sid" in most) == ("Mail", False)


def test_a_statement_may_be_built_with_awacs() -> None:
    statement = awacs.Statement(Effect=awacs.Allow, Action=[ses.SendEmail], Resource=["*"])
    function = Function(handler="lambda_src/api/notes.py:add_note", statements=(statement,))
    stage = Stage(name="dev", region="eu-west-1", backend=Backend(functions={"work": function}))
    app = App(name="notes", stages={"dev": stage})
    assert validated(app).stages["dev"].backend.functions["work"].statements[0]["Action"] == ["ses:SendEmail"]
    result = {stack.stack: stack.template for stack in render(app, stage)}
    document = result["backend"]["Resources"]["WorkPolicy"]["Properties"]["PolicyDocument"]
    assert statements_of(document, "ses") == [{"Effect": "Allow", "Action": ["ses:SendEmail"], "Resource": ["*"]}]


def test_the_boundary_grows_only_with_what_the_stage_uses() -> None:
    plain = boundary(f"{WORK}}}}}")["Statement"]
    uses = "queues: {jobs: send}, buckets: {uploads: read}, invoke: [work], tracing: true"
    more = boundary(f"queues: {{jobs: true}}\n{WORK}, {uses}}}}}")["Statement"]
    assert more[: len(plain)] == plain
    added = {action for statement in more[len(plain) :] for action in statement["Action"]}
    assert {action.partition(":")[0] for action in added} == {"s3", "sqs", "lambda", "xray"}
    assert not {action for action in added if action.endswith("*")}


def test_a_schedule_calls_the_function_and_nobody_else_may_in_its_name() -> None:
    resources = resources_of(f"{WORK}, events: {{schedules: [rate(1 day)]}}}}}}")
    rule = resources["WorkSchedule1"]["Properties"]
    assert rule["ScheduleExpression"] == "rate(1 day)"
    assert rule["Targets"] == [{"Id": "function", "Arn": {"Fn::GetAtt": ["WorkFunction", "Arn"]}}]
    permission = resources["WorkSchedule1Permission"]["Properties"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["WorkSchedule1", "Arn"]}
    # EventBridge sends no account: with SourceAccount it never calls the function, and reports nothing.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    assert "SourceAccount" not in permission


def test_what_a_function_fails_to_handle_is_kept() -> None:
    resources = resources_of(f"{WORK}, events: {{schedules: [rate(1 day)]}}}}}}")
    queue = {"Fn::GetAtt": ["WorkDeadLetters", "Arn"]}
    assert resources["WorkFunction"]["Properties"]["DeadLetterConfig"] == {"TargetArn": queue}
    assert resources["WorkDeadLetters"]["Properties"]["MessageRetentionPeriod"] == 14 * 86_400
    (sending,) = statements_of(resources["WorkPolicy"]["Properties"]["PolicyDocument"], "sqs")
    assert (sending["Action"], sending["Resource"]) == (["sqs:SendMessage"], [queue])


def test_dead_letters_are_thrown_away_only_on_request() -> None:
    resources = resources_of(f"{WORK}, dead_letters: false, events: {{schedules: [rate(1 day)]}}}}}}")
    assert "WorkDeadLetters" not in resources
    assert "DeadLetterConfig" not in resources["WorkFunction"]["Properties"]


def test_a_table_that_is_listened_to_gets_a_stream() -> None:
    stacks = stacks_of(f"{WORK}, events: {{tables: [notes], batch: 100}}}}}}")
    table = stacks["data"]["Resources"]["NotesTable"]["Properties"]
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    source = stacks["backend"]["Resources"]["WorkFromNotesTable"]["Properties"]
    assert source["EventSourceArn"] == {"Ref": "DataNotesTableStreamArn"}
    assert (source["BatchSize"], source["BisectBatchOnFunctionError"]) == (100, True)
    assert source["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["WorkDeadLetters", "Arn"]}


def test_a_table_that_nobody_listens_to_has_no_stream() -> None:
    assert "StreamSpecification" not in stacks_of(f"{WORK}}}}}")["data"]["Resources"]["NotesTable"]["Properties"]


def test_new_files_reach_the_function_of_their_bucket_only() -> None:
    rule = resources_of(f"{WORK}, events: {{buckets: [uploads]}}}}}}")["WorkFromUploadsBucket"]["Properties"]
    (name,) = rule["EventPattern"]["detail"]["bucket"]["name"]
    assert name == {"Fn::Sub": "notes-dev-uploads-${AWS::AccountId}-${AWS::Region}-an"}


def test_a_message_is_hidden_six_times_as_long_as_its_function_may_take() -> None:
    backend = f"queues: {{jobs: {{tries: 3}}}}\n{WORK}, timeout: 100, events: {{queues: [jobs]}}}}}}"
    queue = resources_of(backend)["JobsQueue"]["Properties"]
    assert queue["VisibilityTimeout"] == 600
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 3


def test_queues_are_encrypted_and_refuse_what_comes_without_tls() -> None:
    backend = f"queues: {{jobs: true}}\n{WORK}, events: {{schedules: [rate(1 day)]}}}}}}"
    queues = [name for name, body in resources_of(backend).items() if body["Type"] == "AWS::SQS::Queue"]
    policies = properties_of(backend, "AWS::SQS::QueuePolicy")
    assert sorted(queues) == ["JobsQueue", "JobsQueueDeadLetters", "WorkDeadLetters"]
    assert all(entry["SqsManagedSseEnabled"] for entry in properties_of(backend, "AWS::SQS::Queue"))
    assert sorted(policy["Queues"][0]["Ref"] for policy in policies) == sorted(queues)
    assert {policy["PolicyDocument"]["Statement"][0]["Sid"] for policy in policies} == {"TlsOnly"}


def test_described_buckets_are_retained_and_never_public() -> None:
    bucket = stacks_of(f"{WORK}}}}}")["data"]["Resources"]["UploadsBucket"]
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}


def test_all_of_it_is_plain_data() -> None:
    backend = f"queues: {{jobs: true}}\n{WORK}, events: {{tables: [notes], queues: [jobs]}}}}}}"
    assert json.loads(json.dumps(stacks_of(backend))) == stacks_of(backend)


def test_a_function_in_the_network_lets_nothing_in_and_its_code_may_not_change_the_network() -> None:
    stacks = stacks_of(f"{WORK}, vpc: true}}}}")
    group = stacks["base"]["Resources"]["FunctionSecurityGroup"]["Properties"]
    assert "SecurityGroupIngress" not in group
    assert [(rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupEgress"]] == [(443, 443)]
    config = stacks["backend"]["Resources"]["WorkFunction"]["Properties"]["VpcConfig"]
    outputs = [ids["Ref"] for ids in config["SubnetIds"]]
    assert outputs == ["BasePrivateSubnet1Id", "BasePrivateSubnet2Id"]
    allowed, denied = statements_of(stacks["backend"]["Resources"]["WorkPolicy"]["Properties"]["PolicyDocument"], "ec2")
    assert allowed["Action"] == denied["Action"]
    assert list(denied["Condition"]["ArnEquals"]) == ["lambda:SourceFunctionArn"]


def test_without_functions_in_it_the_network_has_no_security_group_of_theirs() -> None:
    assert "FunctionSecurityGroup" not in stacks_of(f"{WORK}}}}}")["base"]["Resources"]
