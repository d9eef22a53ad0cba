"""Which changes a person should read twice: rights, public access, network, encryption, protection of data.

Decided by the type of a resource, or by the name of the property that changes. Tags never count.
"""

from __future__ import annotations

_TYPES = (
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudTrail::",
    "AWS::Cognito::IdentityPoolRoleAttachment",
    "AWS::EC2::FlowLog",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Logs::MetricFilter",
    "AWS::S3::AccessPoint",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::WAFv2::",
)
"""Types, or beginnings of types, of which every change counts. What a person should read twice is our decision, and
whole services are meant: no fields of records."""
_EXACT = frozenset({"AWS::EC2::Route"})
_PROPERTIES = frozenset(
    {
        *("AccessControl", "AdminCreateUserConfig", "AllowedOAuthFlows", "ApiKeyRequired"),
        *("AuthorizationScopes", "AuthorizationType", "AuthorizerId", "BucketEncryption", "CallbackURLs"),
        *("CorsConfiguration", "DeletionPolicy", "DeletionProtection", "DeletionProtectionEnabled"),
        *("DisableExecuteApiEndpoint", "EnabledMfas", "EncryptionConfiguration", "EndpointConfiguration"),
        *("ExplicitAuthFlows", "KMSKeyId", "KmsKeyArn", "KmsKeyId", "LogoutURLs"),
        *("MapPublicIpOnLaunch", "MfaConfiguration", "MinimumProtocolVersion", "ObjectLockConfiguration"),
        *("OwnershipControls", "PermissionsBoundary", "PointInTimeRecoverySpecification", "Policies", "Policy"),
        *("PolicyDocument", "PreventUserExistenceErrors", "PublicAccessBlockConfiguration", "ResourcePolicy", "Role"),
        *("RoleArn", "SSESpecification", "SecurityGroupIds", "SecurityGroups", "SecurityPolicy", "UpdateReplacePolicy"),
        *("security", "securityDefinitions", "securitySchemes"),
        *("UserPoolAddOns", "VersioningConfiguration", "ViewerCertificate", "ViewerProtocolPolicy", "VpcConfig"),
        *("WebACLId",),
    }
)
_TAGS = frozenset({"Tags", "UserPoolTags", "HostedZoneTags"})


def is_security_type(type_name: str) -> bool:
    """Whether adding, removing or changing a resource of this type counts."""
    return type_name in _EXACT or type_name.startswith(_TYPES)


def is_security_change(type_name: str, keys: tuple[str, ...]) -> bool:
    """Whether a change at this path (keys only) of a resource counts."""
    if not keys or keys[0] in _TAGS:
        return False
    return is_security_type(type_name) or not _PROPERTIES.isdisjoint(keys)
