"""Managed policies that functions commonly have → statements with named actions, or a word of app.yaml. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.intrinsics.functions import Sub, function

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.located import Place
    from stacks.migrating.obstacles import Obstacles

_UNNEEDED = {
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
}
"""What every function may do here, or gets with its events, its network or 'tracing'."""
_ACTIONS = {
    "AmazonDynamoDBFullAccess": "dynamodb:*",
    "AmazonDynamoDBReadOnlyAccess": "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query dynamodb:Scan"
    " dynamodb:DescribeTable",
    "AmazonS3FullAccess": "s3:*",
    "AmazonS3ReadOnlyAccess": "s3:GetObject s3:ListBucket",
    "AmazonSQSFullAccess": "sqs:*",
    "AmazonSNSFullAccess": "sns:*",
    "AmazonSESFullAccess": "ses:*",
    "AmazonSSMReadOnlyAccess": "ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath",
    "SecretsManagerReadWrite": "secretsmanager:GetSecretValue secretsmanager:DescribeSecret",
    "AWSLambdaRole": "lambda:InvokeFunction",
    "AWSLambda_FullAccess": "lambda:InvokeFunction",
    "AWSStepFunctionsFullAccess": "states:*",
    "AmazonTextractFullAccess": "textract:*",
    "AmazonRekognitionFullAccess": "rekognition:*",
    "CloudWatchLambdaInsightsExecutionRolePolicy": "",
}


def statements_of(policy: object, place: Place, obstacles: Obstacles) -> list[JsonDict]:
    """The statements that stand for a managed policy, on every resource: they are narrowed afterwards."""
    value = function(policy)
    name = value.text if isinstance(value, Sub) else str(policy)
    short = name.rpartition("/")[2]
    if short in _UNNEEDED:
        obstacles.note(place, short, "is not needed: functions have these rights where they need them", "Nothing to do")
        return []
    actions = _ACTIONS.get(short, "").split()
    if not actions:
        what = "is a managed policy, and app.yaml names each action"
        obstacles.lost(
            place, short[:80], what, "Write the actions that the code uses under the function's 'statements'"
        )
        return []
    obstacles.changed(place, short, f"becomes statements with {', '.join(actions)}", "Add what else the code uses")
    return [{"Effect": "Allow", "Action": actions, "Resource": "*"}]
