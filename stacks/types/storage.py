"""Types of tables, buckets, secrets, parameters, backups, and other types that hold data."""

from __future__ import annotations

from stacks.types.record import Document, Erasure, Missing, OnlyIf, Quota, Type, TypeScope, Wait, arn

_AMAZONDYNAMODB_SERVICEQUOTAS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"
_DSQL_CLUSTER = "AWSCloudFormation/latest/TemplateReference/aws-resource-dsql-cluster.html"
_DSQL_KEYS = "aurora-dsql/latest/userguide/data-encryption.html"
_INDEXES_ONLINE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html"
_DATABASES = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateDBInstance.html"
_CLUSTERS = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.CreateInstance.html"
_TABLE_ERASURE = Erasure(
    {
        arn("dynamodb", "table/{prefix}-*"): (
            "dynamodb:DeleteTable",
            "dynamodb:DescribeTable",
            "dynamodb:UpdateTable",
        )
    }
)
_INDEXES_FILL = Wait("DynamoDB fills indexes and replicas in the background", _INDEXES_ONLINE)

STORAGE: dict[str, Type] = {
    "AWS::Backup::BackupPlan": Type(scope=TypeScope((arn("backup", "backup-plan:*"),), tagged=True)),
    "AWS::Backup::BackupSelection": Type(
        scope=TypeScope((arn("backup", "backup-plan:*"),), tagged=True),
        hands_roles={"BackupSelection.IamRoleArn": "backup"},
        quotas=(
            Quota(
                "BackupSelection.Resources",
                500,
                "tables in a backup",
                "Describe fewer tables, or back some up in an account of their own",
                source="https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html",
            ),
        ),
    ),
    "AWS::Backup::BackupVault": Type(
        name="BackupVaultName",
        scope=TypeScope((arn("backup", "backup-vault:{name}"),), exact=True),
        deleted_by_people=True,
        only_if=(
            OnlyIf(
                "AccessPolicy", ("backup:DeleteBackupVaultAccessPolicy", "backup:PutBackupVaultAccessPolicy"), "handler"
            ),
            OnlyIf("LockConfiguration", ("backup:PutBackupVaultLockConfiguration",), "handler"),
            OnlyIf(
                "Notifications",
                ("backup:DeleteBackupVaultNotifications", "backup:PutBackupVaultNotifications"),
                "handler",
            ),
        ),
    ),
    "AWS::DSQL::Cluster": Type(
        holds_data=True,
        erasure=Erasure(
            {arn("dsql", "cluster/*"): ("dsql:DeleteCluster", "dsql:GetCluster", "dsql:UpdateCluster")}, tagged=True
        ),
        deleted_by_people=True,
        linked_role="dsql.amazonaws.com",
        only_if=(
            OnlyIf(
                "MultiRegionProperties",
                (
                    "dsql:AddPeerCluster",
                    "dsql:PutMultiRegionProperties",
                    "dsql:PutWitnessRegion",
                    "dsql:RemovePeerCluster",
                ),
                _DSQL_CLUSTER,
            ),
            OnlyIf("PolicyDocument", ("dsql:DeleteClusterPolicy", "dsql:PutClusterPolicy"), "handler"),
            OnlyIf(
                "KmsEncryptionKey", ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"), "handler"
            ),
        ),
        missing=(
            Missing("KmsEncryptionKey", "kms:ReEncryptFrom", _DSQL_KEYS),
            Missing("KmsEncryptionKey", "kms:ReEncryptTo", _DSQL_KEYS),
        ),
        count=Quota(
            "",
            20,
            "databases (clusters of a region's account)",
            "Use schemas of one database",
            source="https://docs.aws.amazon.com/aurora-dsql/latest/userguide/CHAP_quotas.html",
            raisable=True,
        ),
    ),
    "AWS::DynamoDB::GlobalTable": Type(
        name="TableName",
        longest_name=255,
        unique=True,
        scope=TypeScope((arn("dynamodb", "table/{name}", region="*"),)),
        erasure=_TABLE_ERASURE,
        wait=_INDEXES_FILL,
        linked_role="replication.dynamodb.amazonaws.com",
        only_if=(
            OnlyIf(
                "WriteProvisionedThroughputSettings",
                (
                    "application-autoscaling:DeleteScalingPolicy",
                    "application-autoscaling:DeleteScheduledAction",
                    "application-autoscaling:DeregisterScalableTarget",
                    "application-autoscaling:PutScalingPolicy",
                    "application-autoscaling:PutScheduledAction",
                    "application-autoscaling:RegisterScalableTarget",
                    "cloudwatch:PutMetricData",
                    "dynamodb:UpdateTableReplicaAutoScaling",
                ),
                "handler",
            ),
            OnlyIf(
                "Replicas~KMSMasterKeyId",
                ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:ListAliases", "kms:RevokeGrant"),
                "handler; a replica's own key",
            ),
            OnlyIf(
                "Replicas~KinesisStreamSpecification",
                (
                    "dynamodb:EnableKinesisStreamingDestination",
                    "dynamodb:DisableKinesisStreamingDestination",
                    "dynamodb:UpdateKinesisStreamingDestination",
                    "kinesis:DescribeStream",
                    "kinesis:PutRecords",
                    "kinesis:ListStreams",
                ),
                "handler",
            ),
            OnlyIf(
                "Replicas~ResourcePolicy", ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"), "handler"
            ),
            OnlyIf("TimeToLiveSpecification", ("dynamodb:UpdateTimeToLive",), "handler; it deletes items"),
        ),
        missing=(
            Missing(
                "Replicas",
                "dynamodb:DescribeContinuousBackups",
                "handler; it lists dynamodb:Describe*, which is not an action",
            ),
            Missing(
                "Replicas",
                "dynamodb:DescribeContributorInsights",
                "handler; it lists dynamodb:Describe*, which is not an action",
            ),
            Missing(
                "Replicas", "dynamodb:DescribeTable", "handler; it lists dynamodb:Describe*, which is not an action"
            ),
            Missing(
                "Replicas",
                "dynamodb:DescribeTimeToLive",
                "handler; it lists dynamodb:Describe*, which is not an action",
            ),
        ),
        quotas=(
            Quota(
                "GlobalSecondaryIndexes",
                20,
                "global indexes of a table",
                "Drop an index, or let one serve several queries",
                source=_AMAZONDYNAMODB_SERVICEQUOTAS,
                raisable=True,
            ),
            Quota(
                "GlobalSecondaryIndexes.*.Projection.NonKeyAttributes",
                20,
                "attributes in an index",
                "Hold fewer attributes, or 'holds: all'",
            ),
            Quota(
                "LocalSecondaryIndexes",
                5,
                "local indexes of a table",
                "Drop an index, or let one serve several queries",
                source=_AMAZONDYNAMODB_SERVICEQUOTAS,
            ),
        ),
    ),
    "AWS::DynamoDB::Table": Type(
        name="TableName",
        longest_name=255,
        unique=True,
        scope=TypeScope((arn("dynamodb", "table/{name}"),)),
        erasure=_TABLE_ERASURE,
        wait=_INDEXES_FILL,
        create_only=("ImportSourceSpecification", "KeySchema", "LocalSecondaryIndexes"),
        linked_role="contributorinsights.dynamodb.amazonaws.com",
        only_if=(
            OnlyIf(
                "ImportSourceSpecification",
                (
                    "dynamodb:ImportTable",
                    "dynamodb:DescribeImport",
                    "s3:GetObject",
                    "s3:ListBucket",
                    "logs:CreateLogGroup",
                    "logs:DescribeLogGroups",
                    "logs:PutRetentionPolicy",
                ),
                "handler",
            ),
            OnlyIf(
                "KinesisStreamSpecification",
                (
                    "dynamodb:EnableKinesisStreamingDestination",
                    "dynamodb:DisableKinesisStreamingDestination",
                    "dynamodb:UpdateKinesisStreamingDestination",
                    "kinesis:DescribeStream",
                    "kinesis:PutRecords",
                ),
                "handler",
            ),
            OnlyIf(
                "SSESpecification.KMSMasterKeyId",
                (
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:ListAliases",
                    "kms:RevokeGrant",
                ),
                "handler",
            ),
            OnlyIf("ResourcePolicy", ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"), "handler"),
            OnlyIf(
                "ContributorInsightsSpecification",
                ("dynamodb:UpdateContributorInsights", "iam:CreateServiceLinkedRole"),
                "amazondynamodb/latest/developerguide/contributorinsights_IAM.html",
            ),
            OnlyIf("TimeToLiveSpecification", ("dynamodb:UpdateTimeToLive",), "handler; it deletes items"),
            OnlyIf(
                "Replicas",
                ("dynamodb:AssociateTableReplica", "dynamodb:CreateTableReplica"),
                "handler; the type has no such property, AWS::DynamoDB::GlobalTable has",
            ),
        ),
        quotas=(
            Quota(
                "GlobalSecondaryIndexes",
                20,
                "global indexes of a table",
                "Drop an index, or let one serve several queries",
                source=_AMAZONDYNAMODB_SERVICEQUOTAS,
                raisable=True,
            ),
            Quota(
                "GlobalSecondaryIndexes.*.Projection.NonKeyAttributes",
                20,
                "attributes in an index",
                "Hold fewer attributes, or 'holds: all'",
                source=_AMAZONDYNAMODB_SERVICEQUOTAS,
            ),
            Quota(
                "LocalSecondaryIndexes",
                5,
                "local indexes of a table",
                "Drop an index, or let one serve several queries",
                source=_AMAZONDYNAMODB_SERVICEQUOTAS,
            ),
            Quota(
                "LocalSecondaryIndexes.*.Projection.NonKeyAttributes",
                20,
                "attributes in an index",
                "Hold fewer attributes, or 'holds: all'",
                source=_AMAZONDYNAMODB_SERVICEQUOTAS,
            ),
            Quota(
                "ImportSourceSpecification.InputFormatOptions.Csv.HeaderList",
                255,
                "columns of a CSV file",
                "Write the names into the files' first line instead",
                source="https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CsvOptions.html",
            ),
        ),
        count=Quota(
            "", 2500, "tables (of a region's account)", "Use fewer", source=_AMAZONDYNAMODB_SERVICEQUOTAS, raisable=True
        ),
    ),
    "AWS::ECR::Repository": Type(holds_data=True),
    "AWS::EFS::FileSystem": Type(deleted_by_people=True),
    "AWS::RDS::DBCluster": Type(
        deletion_default="Snapshot",
        deleted_by_people=True,
        wait=Wait("a database cluster takes 5 to 15 minutes", _CLUSTERS),
    ),
    "AWS::RDS::DBInstance": Type(
        deletion_default="Snapshot",
        deleted_by_people=True,
        wait=Wait("a database instance takes 5 to 15 minutes", _DATABASES),
    ),
    "AWS::S3::Bucket": Type(
        name="BucketName",
        longest_name=63,
        unique=True,
        create_only=("BucketNamePrefix", "BucketNamespace"),
        scope=TypeScope(("arn:${AWS::Partition}:s3:::{name}",), exact=True),
        content="object",
        emptied=True,
        erasure=Erasure(
            {
                "arn:${AWS::Partition}:s3:::{prefix}-*": ("s3:DeleteBucket", "s3:ListBucket", "s3:ListBucketVersions"),
                "arn:${AWS::Partition}:s3:::{prefix}-*/*": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
            }
        ),
        deleted_by_people=True,
        hands_roles={"ReplicationConfiguration": "s3"},
        only_if=(
            OnlyIf("ReplicationConfiguration", ("s3:PutReplicationConfiguration",), "handler"),
            OnlyIf(
                "MetadataConfiguration",
                (
                    "s3:CreateBucketMetadataTableConfiguration",
                    "s3:DeleteBucketMetadataTableConfiguration",
                    "s3:UpdateBucketMetadataAnnotationTableConfiguration",
                    "s3:UpdateBucketMetadataInventoryTableConfiguration",
                    "s3:UpdateBucketMetadataJournalTableConfiguration",
                    "s3tables:CreateNamespace",
                    "s3tables:CreateTable",
                    "s3tables:CreateTableBucket",
                    "s3tables:GetTable",
                    "s3tables:GetTableMetadataLocation",
                    "s3tables:PutTableBucketPolicy",
                    "s3tables:PutTableEncryption",
                    "s3tables:PutTablePolicy",
                    "s3tables:UpdateTableMetadataLocation",
                ),
                "handler",
            ),
            OnlyIf("AccelerateConfiguration", ("s3:PutAccelerateConfiguration",), "handler"),
            OnlyIf("AnalyticsConfigurations", ("s3:PutAnalyticsConfiguration",), "handler"),
            OnlyIf("AbacStatus", ("s3:PutBucketAbac",), "handler"),
            OnlyIf("AccessControl", ("s3:PutBucketAcl", "s3:GetBucketAcl"), "handler; an ACL can make public"),
            OnlyIf("CorsConfiguration", ("s3:PutBucketCORS",), "handler"),
            OnlyIf("InventoryConfigurations", ("s3:PutInventoryConfiguration",), "handler"),
            OnlyIf("IntelligentTieringConfigurations", ("s3:PutIntelligentTieringConfiguration",), "handler"),
            OnlyIf("MetricsConfigurations", ("s3:PutMetricsConfiguration",), "handler"),
            OnlyIf("ObjectLockConfiguration", ("s3:PutBucketObjectLockConfiguration",), "handler"),
            OnlyIf("WebsiteConfiguration", ("s3:PutBucketWebsite", "s3:DeleteBucketWebsite"), "handler"),
        ),
        emulator_drops=("LoggingConfiguration", "NotificationConfiguration"),
    ),
    "AWS::S3::BucketPolicy": Type(
        scope=TypeScope(("arn:${AWS::Partition}:s3:::{name}",), name="Bucket", exact=True),
        document=Document("PolicyDocument", 20480),
    ),
    "AWS::S3Express::DirectoryBucket": Type(holds_data=True),
    "AWS::S3Tables::TableBucket": Type(holds_data=True),
    "AWS::SSM::Parameter": Type(
        name="Name",
        unique=True,
        scope=TypeScope((arn("ssm", "parameter/{name}"),), exact=True),
        quotas=(
            Quota(
                "Value",
                4096,
                "characters of a parameter's value",
                "Keep large values in a file of the code",
                source="https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html",
            ),
        ),
    ),
    "AWS::SecretsManager::ResourcePolicy": Type(document=Document("ResourcePolicy", 20480)),
    "AWS::SecretsManager::Secret": Type(
        name="Name",
        longest_name=512,
        unique=True,
        scope=TypeScope((arn("secretsmanager", "secret:{name}-*"),), tagged=True, by_id=True),
        only_if=(
            OnlyIf(
                "ReplicaRegions",
                ("secretsmanager:ReplicateSecretToRegions", "secretsmanager:RemoveRegionsFromReplication"),
                "handler",
            ),
        ),
        missing=(
            Missing("KmsKeyId", "kms:GenerateDataKey", "secretsmanager/latest/userguide/security-encryption.html"),
            Missing("KmsKeyId", "kms:Decrypt", "secretsmanager/latest/userguide/security-encryption.html"),
        ),
        emulator_ref="Id",
    ),
}
