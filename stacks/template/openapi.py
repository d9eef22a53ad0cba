"""An OpenAPI document in a template → its routes, and what each of them asks of its callers.

Reads what is rendered here and what other frameworks write (OpenAPI 3 and 2), without trust: what is not a document, or
is an intrinsic function, has no routes.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stacks.json_types import mapping
from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject, Properties

ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")
_VALIDATOR = "x-amazon-apigateway-request-validator"


@value
class ApiOperation:
    """One operation of a document."""

    method: str
    """As routes are described: ``GET``, or ``ANY``."""
    path: str
    key: str
    """The method as the document writes it."""
    operation: JsonObject
    asks: frozenset[str]
    """How callers are judged: ``cognito_user_pools``, ``custom``, ``jwt``, ``awssigv4``, ``api_key`` …"""
    validated: bool

    @property
    def place(self) -> str:
        """The property path of the operation in its API."""
        return f"Body.paths.{self.path}.{self.key}"

    @property
    def text(self) -> str:
        """``GET /notes``."""
        return f"{self.method} {self.path}"

    @property
    def integration(self) -> JsonObject:
        """What answers the route."""
        return mapping(self.operation.get(INTEGRATION))

    @property
    def is_preflight(self) -> bool:
        """Whether it answers browsers' preflight requests."""
        return self.method == "OPTIONS"

    @property
    def is_open(self) -> bool:
        """Whether everyone may call it; an API key counts callers, it does not identify them."""
        return not self.asks - {"api_key"}

    @property
    def is_answered_here(self) -> bool:
        """Whether the gateway answers it itself."""
        return str(self.integration.get("type")).lower() == "mock"


def routes_of(properties: Properties) -> Iterator[ApiOperation]:
    """The routes in the ``Body`` of an API's properties, in its order."""
    body = mapping(properties.get("Body"))
    schemes = schemes_of(body)
    for path, operations in mapping(body.get("paths")).items():
        for key, operation in mapping(operations).items():
            if (key.lower() in _METHODS or key == ANY) and isinstance(operation, Mapping):
                asked = operation.get("security", body.get("security"))
                yield ApiOperation(
                    method="ANY" if key == ANY else key.upper(),
                    path=str(path),
                    key=key,
                    operation=operation,
                    asks=frozenset(_asked(asked, schemes, operation)),
                    validated=bool(operation.get(_VALIDATOR) or body.get(_VALIDATOR)),
                )


def schemes_of(body: JsonObject) -> JsonObject:
    """The security schemes of a document by name."""
    return mapping(mapping(body.get("components")).get("securitySchemes") or body.get("securityDefinitions"))


def _asked(security: object, schemes: JsonObject, operation: JsonObject) -> Iterator[str]:
    """The kinds of the schemes that a route names; a name that the document does not explain asks for nothing."""
    for requirement in security if isinstance(security, list) else ():
        for name in mapping(requirement):
            if kind := kind_of(mapping(schemes.get(name))):
                yield kind
    own = str(mapping(operation.get("x-amazon-apigateway-auth")).get("type", "NONE")).upper()
    if own == "AWS_IAM":
        yield "awssigv4"


def kind_of(scheme: JsonObject) -> str:
    """How a security scheme judges callers, empty when it does not."""
    settings = mapping(scheme.get("x-amazon-apigateway-authorizer"))
    kind = str(scheme.get("x-amazon-apigateway-authtype") or settings.get("type") or "").lower()
    if kind in {"token", "request"}:
        return "custom"
    if not kind and scheme.get("type") == "apiKey" and str(scheme.get("name")).lower() == "x-api-key":
        return "api_key"
    return kind
