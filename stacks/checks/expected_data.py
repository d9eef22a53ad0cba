"""Rules that a property has a value: buckets, tables and users, on any template.

These controls cost nothing, and most are Security Hub's too; scanners report each; here they are reported while
rendering, without a scanner.
"""

from __future__ import annotations

from stacks.checks.row import HUB, Row, is_one_of, is_set
from stacks.checks.values import text, texts
from stacks.json_types import at, items

_S3 = f"{HUB}/s3-controls.html"
_COGNITO = f"{HUB}/cognito-controls.html"
_BUCKET = "AWS::S3::Bucket"
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_CLASSES = ("RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols")
_SHORTEST_PASSWORD = 12


def _has_strong_passwords(policy: object) -> bool:
    length = at(policy, "MinimumLength")
    return (
        isinstance(length, int)
        and length >= _SHORTEST_PASSWORD
        and all(at(policy, name) is True for name in _CLASSES)
        and at(policy, "TemporaryPasswordValidityDays") == 1
        and bool(at(policy, "PasswordHistorySize"))
    )


def _cleans_up(rules: object) -> bool:
    return any(at(rule, "AbortIncompleteMultipartUpload") and at(rule, "Status") == "Enabled" for rule in items(rules))


def _has_account(name: object) -> bool:
    return name is None or "${AWS::AccountId}" in (text(name) or "${AWS::AccountId}")


_ROWS = (
    Row(
        id="BUCKET-PUBLIC",
        type=_BUCKET,
        path="PublicAccessBlockConfiguration",
        right=lambda block: all(at(block, name) is True for name in _BLOCKS),
        what="lets a policy or an ACL make it public",
        why="one wrong statement opens everything in it to the world",
        fix="Set all four blocks of PublicAccessBlockConfiguration to true",
        source=_S3,
    ),
    Row(
        id="BUCKET-ENCRYPTION",
        type=_BUCKET,
        path="BucketEncryption.ServerSideEncryptionConfiguration",
        right=lambda rules: bool(items(rules)),
        what="does not say how it is encrypted",
        why="what is stored is to be encrypted with a key that is named",
        fix="Set BucketEncryption, with AES256 or aws:kms",
        source=_S3,
    ),
    Row(
        id="BUCKET-VERSIONS",
        type=_BUCKET,
        path="VersioningConfiguration.Status",
        right=is_one_of("Enabled"),
        what="keeps no versions",
        why="what is overwritten or deleted by mistake is gone",
        fix="Set VersioningConfiguration.Status to Enabled",
        source=_S3,
    ),
    Row(
        id="BUCKET-CLEANUP",
        type=_BUCKET,
        path="LifecycleConfiguration.Rules",
        right=_cleans_up,
        what="keeps parts of uploads that were never finished",
        why="they cost money and are not listed among the objects",
        fix="Add a lifecycle rule with AbortIncompleteMultipartUpload",
        source=_S3,
    ),
    Row(
        id="BUCKET-ACL",
        type=_BUCKET,
        path="OwnershipControls.Rules",
        right=lambda rules: at(rules, 0, "ObjectOwnership") == "BucketOwnerEnforced",
        what="takes access control lists",
        why="rights outside the bucket's policy are easily overlooked",
        fix="Set OwnershipControls to BucketOwnerEnforced",
        source=_S3,
    ),
    Row(
        id="BUCKET-EVENTS",
        type=_BUCKET,
        path="NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled",
        right=is_one_of(True),
        what="sends no notifications of its events",
        why="what is put in or deleted cannot be reacted to",
        fix="Set EventBridgeEnabled to true; it is free",
        source=_S3,
    ),
    Row(
        id="BUCKET-SQUAT",
        type=_BUCKET,
        path="BucketName",
        right=_has_account,
        what="has a name that anyone can guess and take first",
        why="a bucket that somebody else made gets our files",
        fix="Put ${AWS::AccountId} and ${AWS::Region} into the name, or leave it out",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
    ),
    Row(
        id="TABLE-RESTORE",
        type="AWS::DynamoDB::Table",
        path="PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        right=is_one_of(True),
        what="cannot be restored to a point in time",
        why="a bug that overwrites items cannot be undone",
        fix="Set PointInTimeRecoveryEnabled to true",
        source=f"{HUB}/dynamodb-controls.html",
    ),
    Row(
        id="USERS-PASSWORD",
        type="AWS::Cognito::UserPool",
        path="Policies.PasswordPolicy",
        right=_has_strong_passwords,
        what=f"allows passwords under {_SHORTEST_PASSWORD} characters, of few kinds, used before, or sent out days ago",
        why="short and old passwords are guessed",
        fix=f"Ask for {_SHORTEST_PASSWORD} characters of four kinds and a history; let temporary ones live a day",
        source=_COGNITO,
    ),
    Row(
        id="USERS-PROTECTION",
        type="AWS::Cognito::UserPool",
        path="DeletionProtection",
        right=is_one_of("ACTIVE"),
        what="can be deleted by one call",
        why="with the pool go all accounts, for good",
        fix="Set DeletionProtection to ACTIVE",
        source=_COGNITO,
    ),
    Row(
        id="USERS-ADDRESS",
        type="AWS::Cognito::UserPool",
        path="UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate",
        right=lambda names: "email" in texts(names),
        what="takes a new e-mail address before it is verified",
        why="who mistypes an address, or takes over a session, locks the owner out",
        fix="List email in AttributesRequireVerificationBeforeUpdate",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-email-phone-verification.html",
    ),
    Row(
        id="USERS-RECOVERY",
        type="AWS::Cognito::UserPool",
        path="AccountRecoverySetting.RecoveryMechanisms",
        right=lambda ways: (
            {text(at(way, "Name")) for way in items(ways)} <= {"verified_email", "admin_only"} and bool(ways)
        ),
        what="gives accounts to anyone who has the telephone number",
        why="numbers are taken over by calling the telephone company",
        fix="Let verified_email be the one way, or admin_only",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html",
    ),
    Row(
        id="CLIENT-READS",
        type="AWS::Cognito::UserPoolClient",
        path="ReadAttributes",
        right=is_set,
        what="reads all that is known of a person",
        why="a script on the page gets everything that the application never shows",
        fix="List what the application needs in ReadAttributes",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html",
    ),
    Row(
        id="USERS-CLASSIC",
        type="AWS::Cognito::IdentityPool",
        path="AllowClassicFlow",
        right=is_one_of(False, None),
        what="lets callers choose their role and session by themselves",
        why="the older flow goes around what the pool decides about roles",
        fix="Set AllowClassicFlow to false",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html",
    ),
    Row(
        id="USERS-GUESTS",
        type="AWS::Cognito::IdentityPool",
        path="AllowUnauthenticatedIdentities",
        right=is_one_of(False),
        what="gives credentials to guests",
        why="anyone gets AWS credentials without signing in",
        fix="Set AllowUnauthenticatedIdentities to false",
        source=_COGNITO,
    ),
)

RULES = tuple(row.rule() for row in _ROWS)
