"""What is intended of sites, buckets, tables and users, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions.graph import is_described, is_for
from stacks.suppressions.when import (
    PAID,
    Suppression,
    allows_more_content,
    both,
    has_no_log,
    has_no_resource,
    has_own_kms_key,
    is_delivered,
    lacks_rule_groups,
    lets_bad_inputs_through,
    lets_only_own_through,
    limits_late,
    migrates_users,
    only_counts,
    only_reports,
    signs_up_everyone,
    stays_signed_in,
    takes_lists,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_TYPE: Mapping[str, tuple[Suppression, ...]] = {
    "AWS::CloudFront::Distribution": (
        Suppression(
            reason="requests are logged by a delivery of CloudWatch Logs in us-east-1, which scanners do not look for",
            when=is_delivered,
            checkov=("CKV_AWS_86",),
            nag=("CFR3",),
        ),
        Suppression(
            reason="the description says 'access_log: false': requests that the edge answers itself are not logged",
            when=has_no_log,
            checkov=("CKV_AWS_86",),
            nag=("CFR3",),
        ),
        Suppression(
            reason="has no domain of its own: CloudFront's certificate comes with its own TLS policy",
            when=without("DistributionConfig", "ViewerCertificate", "AcmCertificateArn"),
            checkov=("CKV_AWS_174",),
            nag=("CFR4",),
        ),
        Suppression(
            reason="the audience is the whole world; restrict it where that is not so",
            when=without("DistributionConfig", "Restrictions", "GeoRestriction", "Locations"),
            nag=("CFR1",),
        ),
        Suppression(
            reason=f"the web ACL is {PAID}",
            when=without("DistributionConfig", "WebACLId"),
            checkov=("CKV_AWS_68",),
            nag=("CFR2",),
        ),
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": (
        Suppression(
            reason="the description says 'report_only: true': browsers report violations before they block them",
            when=only_reports,
            own=("HEADERS-COMPLETE",),
        ),
        Suppression(
            reason="the description allows more under 'csp.sources' than a strict policy would",
            when=allows_more_content,
            own=("CSP-WEAK",),
        ),
    ),
    "AWS::S3::Bucket": (
        Suppression(
            reason="in one region by design: 'package' and 'publish' make its contents again from the source",
            when=both(without("ReplicationConfiguration"), is_for("code", "site")),
            nag=("S3BucketReplicationEnabled",),
        ),
        Suppression(
            reason="in one region by design: logs of what happens there, kept for a time; a lost region loses them",
            when=both(without("ReplicationConfiguration"), is_for("logs", "cdn-logs")),
            nag=("S3BucketReplicationEnabled",),
        ),
        Suppression(
            reason="in one region by design; CloudTrail itself keeps the management events of 90 days in every region",
            when=both(without("ReplicationConfiguration"), is_for("trail")),
            nag=("S3BucketReplicationEnabled",),
        ),
        Suppression(
            reason="in one region by design: versions restore what was overwritten or deleted, a lost region loses it",
            when=both(without("ReplicationConfiguration"), is_described),
            nag=("S3BucketReplicationEnabled",),
        ),
        Suppression(
            reason=f"encrypted with S3's own key; one of the account is {PAID}",
            when=lambda properties, _: not has_own_kms_key(properties),
            nag=("S3DefaultEncryptionKMS",),
        ),
        Suppression(
            reason="CloudFront writes legacy access logs by access control lists only; the description asks for them",
            when=takes_lists,
            own=("BUCKET-ACL",),
        ),
        Suppression(
            reason="this is the bucket that access logs go to; logging itself would never end",
            when=both(without("LoggingConfiguration"), is_for("logs")),
            checkov=("CKV_AWS_18",),
        ),
    ),
    "AWS::DynamoDB::Table": (
        Suppression(
            reason=f"encrypted with a key of AWS; one of the table's own is {PAID}",
            when=without("SSESpecification", "KMSMasterKeyId"),
            checkov=("CKV_AWS_119",),
        ),
        Suppression(
            reason=f"restorable to any second of 35 days; a backup plan is {PAID}",
            when=has_no_resource("AWS::Backup::BackupSelection"),
            nag=("DynamoDBInBackupPlan",),
        ),
    ),
    "AWS::Backup::BackupVault": (
        Suppression(
            reason="encrypted with AWS Backup's key; copies of tables with own keys stay under those",
            when=without("EncryptionKeyArn"),
            checkov=("CKV_AWS_166",),
        ),
    ),
    "AWS::WAFv2::WebACL": (
        Suppression(
            reason="the description names it under 'count': it is looked at before it blocks",
            when=only_counts,
            own=("WAF-COUNTS",),
        ),
        Suppression(
            reason="is behind the web ACL at the edge, which has the rule groups, and lets nothing else through",
            when=lets_only_own_through,
            checkov=("CKV_AWS_192",),
        ),
        Suppression(
            reason="the description says 'rate_limit': an address may send that many requests in five minutes",
            when=limits_late,
            own=("WAF-LIMIT",),
        ),
        Suppression(
            reason="the description names its rule groups under 'groups', and leaves out some that keep attacks out",
            when=lacks_rule_groups,
            own=("WAF-GROUPS",),
        ),
        Suppression(
            reason="the description leaves the group 'bad-inputs' out, or names it under 'count'",
            when=lets_bad_inputs_through,
            checkov=("CKV_AWS_192",),
        ),
    ),
    "AWS::Cognito::IdentityPool": (
        Suppression(
            reason="the description gives rights to 'guests': who has not signed in gets credentials for those alone",
            when=lambda properties, _: properties.get("AllowUnauthenticatedIdentities") is True,
            checkov=("CKV_AWS_366",),
            nag=("COG7",),
            own=("USERS-GUESTS",),
        ),
    ),
    "AWS::Cognito::UserPool": (
        Suppression(
            reason="the description says 'mfa: optional': each user decides whether to add a second factor",
            when=lambda properties, _: properties.get("MfaConfiguration") == "OPTIONAL",
            nag=("COG2",),
        ),
        Suppression(
            reason="the description says 'mfa: off': anyone who knows a password is signed in",
            when=lambda properties, _: properties.get("MfaConfiguration", "OFF") == "OFF",
            nag=("COG2",),
            own=("USERS-MFA",),
        ),
        Suppression(
            reason=f"threat protection, paid by user, is {PAID}",
            when=without("UserPoolAddOns"),
            nag=("COG8",),
            own=("USERS-THREATS",),
        ),
        Suppression(
            reason="the description says 'self_sign_up: true': the application is open to everyone",
            when=signs_up_everyone,
            own=("USERS-SIGN-UP",),
        ),
    ),
    "AWS::Cognito::UserPoolClient": (
        Suppression(
            reason="the description says 'access_minutes': people stay signed in longer than an hour",
            when=stays_signed_in,
            own=("CLIENT-ACCESS",),
        ),
        Suppression(
            reason="the description names a 'user_migration' trigger, which has to see the password to move an account",
            when=migrates_users,
            own=("CLIENT-PASSWORD",),
        ),
    ),
}
