"""What an API writes of each request: field → variable of API Gateway. No body, no token, no e-mail address."""

from __future__ import annotations

REST_LOG = {
    "requestId": "$context.requestId",
    "extendedRequestId": "$context.extendedRequestId",
    "time": "$context.requestTimeEpoch",
    "ip": "$context.identity.sourceIp",
    "user": "$context.authorizer.claims.sub",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
    "integrationRequestId": "$context.integration.requestId",
    "integrationMs": "$context.integration.latency",
    "error": "$context.error.message",
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html"""
HTTP_LOG = {
    **REST_LOG,
    "resource": "$context.routeKey",
    "integrationStatus": "$context.integration.integrationStatus",
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html"""
