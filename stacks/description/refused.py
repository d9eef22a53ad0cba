"""What AWS refuses of a description before there is a template: the part of the book that ``lint --rules`` lists of it.

A problem of a description names what AWS refuses by an id: one of these, or one of the rules over templates, which find
the same in templates that come from elsewhere. Everything else that a description is refused for is this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass

_AWS = "https://docs.aws.amazon.com"
_CFN = f"{_AWS}/AWSCloudFormation/latest"
_COGNITO = f"{_AWS}/cognito/latest/developerguide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A fact about AWS that makes a description wrong. Texts carry no closing full stop."""

    id: str
    why: str
    fix: str
    source: str


REFUSALS = (
    Refusal(
        id="API-AUDIENCE",
        why="an HTTP API answers 401 to tokens of clients that its authorizer does not name, and those of the frontend"
        " are made after it",
        fix="Write whole addresses as the client's callbacks, or use a REST API",
        source=f"{_AWS}/apigateway/latest/developerguide/http-api-jwt-authorizer.html",
    ),
    Refusal(
        id="API-DOMAIN-CERT",
        why="API Gateway refuses a domain without a certificate of ACM",
        fix="Give its hosted zone's id, or the ARN of a certificate",
        source=f"{_AWS}/apigateway/latest/developerguide/how-to-custom-domains-prerequisites.html",
    ),
    Refusal(
        id="API-KIND",
        why="an HTTP API has no keys, no edge endpoint and no models, a REST API no JWT authorizer",
        fix="Choose the other type, or leave the option out",
        source=f"{_AWS}/apigateway/latest/developerguide/http-api-vs-rest.html",
    ),
    Refusal(
        id="API-MODEL",
        why="API Gateway refuses a model that is not JSON Schema draft 4, larger than 400 KB, or not named by letters"
        " and digits; an import leaves other words out",
        fix="Write what draft 4 has, and check the rest in the function",
        source=f"{_AWS}/apigateway/latest/developerguide/api-gateway-known-issues.html",
    ),
    Refusal(
        id="API-PING",
        why="API Gateway answers /ping and /sping itself where an API has a domain of its own",
        fix="Choose another path, such as /health",
        source=f"{_AWS}/apigateway/latest/developerguide/api-gateway-known-issues.html",
    ),
    Refusal(
        id="BUCKET-LOCK-DAYS",
        why="S3 locks objects for 1 to 36,500 days",
        fix="Use 1 to 36,500",
        source=f"{_AWS}/AmazonS3/latest/userguide/object-lock.html",
    ),
    Refusal(
        id="CLIENT-SCOPE",
        why="Cognito refuses scopes that neither it nor a resource server of the pool has: ScopeDoesNotExistException",
        fix="Name a scope of 'resource_servers', or openid, email, phone, profile",
        source=f"{_COGNITO}/cognito-user-pools-define-resource-servers.html",
    ),
    Refusal(
        id="HOST-TAKEN",
        why="CloudFront, Cognito and API Gateway take each host name once, and it has one record in the DNS",
        fix="Give each its own, as auth.example.com and api.example.com",
        source=f"{_AWS}/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html",
    ),
    Refusal(
        id="NAME-TAKEN",
        why="AWS refuses a second table, bucket, function or stack of one name in an account and region",
        fix="Rename it, or one of the stages",
        source=f"{_CFN}/TemplateReference/aws-properties-name.html",
    ),
    Refusal(
        id="REGION",
        why="there is no such region",
        fix="Write one such as eu-west-1",
        source=f"{_AWS}/global-infrastructure/latest/regions/aws-regions.html",
    ),
    Refusal(
        id="RESOURCE-SCHEMA",
        why="CloudFormation refuses types, attributes and properties that its registry does not have in the region",
        fix="Correct the name",
        source=f"{_CFN}/TemplateReference/aws-template-resource-type-ref.html",
    ),
    Refusal(
        id="TABLE-ATTRIBUTE-NAME",
        why="DynamoDB refuses names of keys that are empty, longer than 255 bytes, or begin with 'aws:'",
        fix="Write 1 to 255 characters",
        source=f"{_AWS}/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html",
    ),
    Refusal(
        id="USERS-ATTRIBUTES",
        why="Cognito takes up to 50 custom attributes, texts of up to 2,048 characters",
        fix="Keep the rest in a table",
        source=f"{_COGNITO}/quotas.html",
    ),
    Refusal(
        id="USERS-PREFIX-TAKEN",
        why="Cognito gives a prefix once in a region, to whichever account asks first",
        fix="Give each stage its own",
        source=f"{_COGNITO}/cognito-user-pools-assign-domain-prefix.html",
    ),
    Refusal(
        id="USERS-PROVIDER-DETAILS",
        why="Cognito refuses a provider without its details, and a second one of Google, Facebook, Amazon or Apple",
        fix="Give what the kind of provider needs, once",
        source=f"{_AWS}/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html",
    ),
    Refusal(
        id="USERS-PROVIDER-MAPPING",
        why="Cognito answers with an error at sign-in when an attribute is required and not mapped, does not exist,"
        " or may not be written",
        fix="Map every required attribute, and only those that people may change",
        source=f"{_COGNITO}/cognito-user-pools-specifying-attribute-mapping.html",
    ),
    Refusal(
        id="WAF-BODY-SIZE",
        why="WAF looks at 64 KB of a body at most",
        fix="Use 1 to 65,536",
        source=f"{_AWS}/waf/latest/developerguide/waf-oversize-request-components.html",
    ),
    Refusal(
        id="WAF-COUNTRY",
        why="WAF and CloudFront know countries by their two letters of ISO 3166 only",
        fix="Write two letters, as DE",
        source=f"{_AWS}/waf/latest/APIReference/API_GeoMatchStatement.html",
    ),
    Refusal(
        id="ZONES",
        why="an account sees fewer availability zones in this region",
        fix="Use fewer zones",
        source=f"{_AWS}/global-infrastructure/latest/regions/aws-availability-zones.html",
    ),
)
"""In the order of their ids."""
