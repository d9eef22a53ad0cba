"""What CIS AWS Foundations 1.4 wants alarms for, and how a filter finds it in a trail. Data.

The patterns are those that Security Hub looks for, which passes no others.
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

from __future__ import annotations


def _events(names: str, source: str = "") -> str:
    """The pattern of any of these events."""
    result = " || ".join(f"($.eventName={name})" for name in names.split())
    return f"{{($.eventSource={source}.amazonaws.com) && ({result})}}" if source else f"{{{result}}}"


_WITHOUT_MFA = (
    '{($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
    '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success")}'
)
CIS: dict[str, tuple[str, str]] = {
    "unauthorized-calls": (
        "4.1: a call was refused for want of rights",
        '{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}',
    ),
    "sign-in-without-mfa": (
        "4.2: somebody signed in to the console without a second factor",
        _WITHOUT_MFA,
    ),
    "root": (
        "4.3: the root user did something",
        '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}',
    ),
    "iam-policies": (
        "4.4: a policy of IAM changed",
        _events(
            "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy"
            " CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy"
            " AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy",
            "iam",
        ),
    ),
    "trails": (
        "4.5: the audit trail changed",
        _events("CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
    ),
    "failed-sign-ins": (
        "4.6: a sign-in to the console failed",
        '{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}',
    ),
    "keys": ("4.7: a KMS key was disabled or is to be deleted", _events("DisableKey ScheduleKeyDeletion", "kms")),
    "buckets": (
        "4.8: a policy of a bucket changed",
        _events(
            "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy"
            " DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
            "s3",
        ),
    ),
    "config": (
        "4.9: AWS Config changed",
        _events(
            "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder", "config"
        ),
    ),
    "security-groups": (
        "4.10: a security group changed",
        _events(
            "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress"
            " RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup"
        ),
    ),
    "network-acls": (
        "4.11: a network ACL changed",
        _events(
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry"
            " ReplaceNetworkAclAssociation"
        ),
    ),
    "gateways": (
        "4.12: a gateway of a network changed",
        _events(
            "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway"
            " DeleteInternetGateway DetachInternetGateway"
        ),
    ),
    "route-tables": (
        "4.13: a route table changed",
        _events(
            "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute"
            " DisassociateRouteTable",
            "ec2",
        ),
    ),
    "networks": (
        "4.14: a network changed",
        _events(
            "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection"
            " DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc"
            " DisableVpcClassicLink EnableVpcClassicLink"
        ),
    ),
    "organization": (
        "4.15: the organization changed",
        _events(
            "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake"
            " DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType"
            " InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy"
            " UpdateOrganizationalUnit",
            "organizations",
        ),
    ),
}
"""Event → what has happened, and the pattern of its records."""
