"""Types of topics, queues and senders of e-mail."""

from __future__ import annotations

from stacks.types.record import Document, OnlyIf, Type, TypeScope, arn

MESSAGING: dict[str, Type] = {
    "AWS::SES::EmailIdentity": Type(
        name="EmailIdentity", scope=TypeScope((arn("ses", "identity/{name}"),), exact=True)
    ),
    "AWS::SNS::Subscription": Type(
        scope=TypeScope((arn("sns", "{name}"),), name="TopicArn"),
        only_if=(OnlyIf("SubscriptionRoleArn", ("iam:GetRole",), "handler"),),
    ),
    "AWS::SNS::Topic": Type(
        name="TopicName",
        longest_name=256,
        unique=True,
        create_only=("FifoTopic",),
        scope=TypeScope((arn("sns", "{name}"),)),
        identifier="arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${TopicName}",
        only_if=(
            OnlyIf("DeliveryStatusLogging", ("iam:GetRole",), "handler"),
            OnlyIf("Subscription", ("sns:Subscribe", "sns:Unsubscribe"), "handler"),
            OnlyIf("DataProtectionPolicy", ("sns:PutDataProtectionPolicy",), "handler"),
        ),
    ),
    "AWS::SNS::TopicPolicy": Type(
        scope=TypeScope((arn("sns", "{name}"),), name="Topics"), document=Document("PolicyDocument", 30720)
    ),
    "AWS::SQS::Queue": Type(
        name="QueueName",
        longest_name=80,
        unique=True,
        create_only=("FifoQueue",),
        scope=TypeScope((arn("sqs", "{name}"),)),
        identifier="https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/${QueueName}",
    ),
    "AWS::SQS::QueuePolicy": Type(scope=TypeScope((arn("sqs", "{name}"),), name="Queues")),
}
