"""SAM's policy templates → statements. Pure.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stacks.json_types import JsonObject
    from stacks.migrating.located import Place
    from stacks.migrating.obstacles import Obstacles

_ARN = "arn:${AWS::Partition}:"
_HERE = "${AWS::Region}:${AWS::AccountId}:"
_TABLE = (f"{_ARN}dynamodb:{_HERE}table/@TableName@", f"{_ARN}dynamodb:{_HERE}table/@TableName@/index/*")
_BUCKET = (f"{_ARN}s3:::@BucketName@", f"{_ARN}s3:::@BucketName@/*")
_CRUD = (
    "dynamodb:GetItem dynamodb:DeleteItem dynamodb:PutItem dynamodb:Scan dynamodb:Query dynamodb:UpdateItem"
    " dynamodb:BatchWriteItem dynamodb:BatchGetItem dynamodb:DescribeTable dynamodb:ConditionCheckItem"
)
_TEMPLATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "DynamoDBCrudPolicy": (_CRUD, _TABLE),
    "DynamoDBReadPolicy": (
        "dynamodb:GetItem dynamodb:Scan dynamodb:Query dynamodb:BatchGetItem dynamodb:DescribeTable",
        _TABLE,
    ),
    "DynamoDBWritePolicy": ("dynamodb:PutItem dynamodb:UpdateItem dynamodb:BatchWriteItem", _TABLE),
    "S3ReadPolicy": ("s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion", _BUCKET),
    "S3WritePolicy": ("s3:PutObject s3:PutObjectAcl", _BUCKET),
    "S3CrudPolicy": (
        "s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion s3:PutObject s3:DeleteObject",
        _BUCKET,
    ),
    "S3FullAccessPolicy": ("s3:GetObject s3:ListBucket s3:PutObject s3:DeleteObject s3:GetObjectTagging", _BUCKET),
    "SQSSendMessagePolicy": ("sqs:SendMessage", (f"{_ARN}sqs:{_HERE}@QueueName@",)),
    "SQSPollerPolicy": (
        "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
        (f"{_ARN}sqs:{_HERE}@QueueName@",),
    ),
    "SNSPublishMessagePolicy": ("sns:Publish", (f"{_ARN}sns:{_HERE}@TopicName@",)),
    "LambdaInvokePolicy": ("lambda:InvokeFunction", (f"{_ARN}lambda:{_HERE}function:@FunctionName@",)),
    "SSMParameterReadPolicy": (
        "ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath",
        (f"{_ARN}ssm:{_HERE}parameter/@ParameterName@",),
    ),
    "AWSSecretsManagerGetSecretValuePolicy": ("secretsmanager:GetSecretValue", ("@SecretArn@",)),
    "SESCrudPolicy": ("ses:SendEmail ses:SendRawEmail", (f"{_ARN}ses:{_HERE}identity/@IdentityName@",)),
    "SESSendBouncePolicy": ("ses:SendBounce", (f"{_ARN}ses:{_HERE}identity/@IdentityName@",)),
    "StepFunctionsExecutionPolicy": (
        "states:StartExecution",
        (f"{_ARN}states:{_HERE}stateMachine:@StateMachineName@",),
    ),
    "EventBridgePutEventsPolicy": ("events:PutEvents", (f"{_ARN}events:{_HERE}event-bus/@EventBusName@",)),
    "KMSDecryptPolicy": ("kms:Decrypt", (f"{_ARN}kms:{_HERE}key/@KeyId@",)),
    "KMSEncryptPolicy": ("kms:Encrypt", (f"{_ARN}kms:{_HERE}key/@KeyId@",)),
    "KinesisStreamReadPolicy": (
        "kinesis:GetRecords kinesis:GetShardIterator",
        (f"{_ARN}kinesis:{_HERE}stream/@StreamName@",),
    ),
    "FirehoseWritePolicy": (
        "firehose:PutRecord firehose:PutRecordBatch",
        (f"{_ARN}firehose:{_HERE}deliverystream/@DeliveryStreamName@",),
    ),
    "CloudWatchPutMetricPolicy": ("cloudwatch:PutMetricData", ("*",)),
    "RekognitionDetectOnlyPolicy": ("rekognition:DetectFaces rekognition:DetectLabels rekognition:DetectText", ("*",)),
    "ComprehendBasicAccessPolicy": (
        "comprehend:DetectKeyPhrases comprehend:DetectSentiment comprehend:DetectEntities",
        ("*",),
    ),
    "PollyFullAccessPolicy": ("polly:SynthesizeSpeech", ("*",)),
    "TextractPolicy": ("textract:DetectDocumentText textract:AnalyzeDocument", ("*",)),
    "BedrockInvokeModelPolicy": ("bedrock:InvokeModel", (f"{_ARN}bedrock:*::foundation-model/*",)),
}
_UNNEEDED = {"VPCAccessPolicy", "DynamoDBStreamReadPolicy"}


def statements_of_template(name: str, values: Any, place: Place, obstacles: Obstacles) -> list[tuple[Any, Place]]:
    """The statements of a policy template with its parameters filled in."""
    if name in _UNNEEDED:
        obstacles.note(place, name, "is not needed: functions have these rights where they need them", "Nothing to do")
        return []
    if name not in _TEMPLATES:
        what = "is a policy template that is unknown"
        obstacles.lost(place, name, what, "Write the actions that the code uses under the function's 'statements'")
        return []
    actions, resources = _TEMPLATES[name]
    parameters = values if hasattr(values, "items") else {}
    filled = [_filled(resource, parameters) for resource in resources]
    return [({"Effect": "Allow", "Action": actions.split(), "Resource": filled}, place)]


def _filled(resource: str, values: JsonObject) -> Any:
    """An ARN with the parameters of its template: texts in place, references by ``Fn::Sub``."""
    before, _, rest = resource.partition("@")
    if not rest:
        return {"Fn::Sub": resource} if "${" in resource else resource
    name, _, after = rest.partition("@")
    value = values.get(name, "*")
    if not before and not after:
        return value
    if isinstance(value, str):
        return {"Fn::Sub": f"{before}{value}{after}"}
    return {"Fn::Sub": [f"{before}${{{name}}}{after}", {name: value}]}
