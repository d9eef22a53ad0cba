"""What a destroyed stack left behind can be taken back by the next create."""

from __future__ import annotations

from typing import Any

from stacks.deploy.adoption import with_plain_names


def test_a_create_writes_bucket_names_out() -> None:
    name = {"Fn::Sub": "notes-dev-site-${AWS::AccountId}-${AWS::Region}"}
    template: dict[str, Any] = {
        "Outputs": {"Name": {"Value": name}},
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Retain",
                "Properties": {"BucketName": name, "Tags": []},
            },
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "notes-dev-notes"}},
            "Wait": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        },
    }
    names = with_plain_names(template, "111111111111", "eu-west-1", "t-x-data")
    plain = "notes-dev-site-111111111111-eu-west-1"
    bucket = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"BucketName": plain, "Tags": []}}
    assert names == {**template, "Resources": {**template["Resources"], "Bucket": bucket}}
