"""The API part of a backend's description: which kind, who may call it, from where, and at which domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.frontend import SiteHostName, ZoneId
from stacks.model.texts import Between, Mistake, Name, ShortFor, Text, short_for
from stacks.values import value

Origin = Annotated[
    str,
    Text(
        r"https://[a-z0-9.-]+(?::\d+)?|http://(?:localhost|127\.0\.0\.1)(?::\d+)?",
        "is not an exact origin",
        "Write scheme and host alone, as https://app.example.com; http is for localhost, '*' is not allowed",
    ),
]
HeaderName = Annotated[str, Text(r"[A-Za-z0-9-]+", "is not a header name", "Use letters, digits and '-'")]
Issuer = Annotated[
    str, Text(r"https://[^\s?#]+", "is not an issuer of tokens", "Write its https address, as the tokens' 'iss' has it")
]
ApiCertificateArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9A-Za-z-]+",
        "is not a certificate of ACM",
        "Write its ARN, or give a 'zone' and leave 'certificate' out",
    ),
]


@value
class Cors(Described):
    """The one place that says which other origins may call the API from a browser."""

    origins: Annotated[tuple[Origin, ...], ShortFor(lambda result: [result] if isinstance(result, str) else result, ())]
    """Exact origins. A REST API takes one: its own error answers can name only one."""
    headers: tuple[HeaderName, ...] = ("authorization", "content-type")
    """Request headers they may send."""
    credentials: bool = False
    """Let browsers send cookies along."""
    max_age: Annotated[int, Between(0, 86_400, "s")] = 600
    """Seconds that a browser may keep the answer to its question (preflight)."""

    def __post_init__(self) -> None:
        if not self.origins:
            raise Mistake("names no origin", "Add one, or leave 'cors' out")


@value
class FunctionUrl(Described):
    """An address of a function's own, without an API: no throttling, no keys, no web ACL, answers up to 15 minutes."""

    auth: Literal["iam", "none"] = "iam"
    """Who may call it: ``iam`` asks for a signed request of this account; ``none`` lets everyone, and the function says
    ``public: true``, too."""
    cors: Annotated[Cors | None, short_for("origins")] = None
    """Which other origins may call it from a browser; Lambda answers their questions and adds the headers."""


@value
class Authorizer(Described):
    """An authorizer of requests: an issuer of JSON Web Tokens (HTTP APIs), or one of our functions."""

    issuer: Issuer | None = None
    """Whose tokens are taken."""
    audience: tuple[str, ...] = ()
    """For whom they are issued: one of these must be in the token's ``aud``."""
    function: Name | None = None
    """The function that answers with a policy; it sees the ``Authorization`` header."""
    keep: Annotated[int, Between(0, 3600, "s", rule="AUTHORIZER-TTL-RANGE")] = 300
    """Seconds that a function's verdict on a token is kept."""

    def __post_init__(self) -> None:
        if (self.issuer is None) == (self.function is None):
            raise Mistake("names not exactly one judge", "Set 'issuer' with 'audience', or 'function'")
        if self.issuer and not self.audience:
            raise Mistake("takes tokens that were issued for anybody", "Add 'audience'", "API-AUTHORIZER")


@value
class ApiDomain(Described):
    """A domain of the API's own, over TLS 1.2."""

    name: SiteHostName
    zone: ZoneId | None = None
    """The hosted zone of Route 53 that gets the record; without one, an output says what to enter elsewhere."""
    certificate: ApiCertificateArn | None = None
    """The certificate: in the stage's region, for an edge endpoint in us-east-1. Without one it is made and proved
    through the zone."""
    base_path: Annotated[
        str, Text(r"[A-Za-z0-9._-]*", "is not a base path", "Use letters, digits, '.', '_' and '-'")
    ] = ""
    """What precedes the API's own paths, as ``v1``; nothing by default."""

    def __post_init__(self) -> None:
        if not self.zone and not self.certificate:
            what = f"{self.name} has neither 'zone' nor 'certificate'"
            raise Mistake(what, "Give its hosted zone's id, or the ARN of a certificate", "API-DOMAIN-CERT")


@value
class Api(Described):
    """The API in front of the functions."""

    type: Literal["rest", "http"] = "rest"
    """``rest`` is API Gateway's REST API (v1): keys, usage plans, edge endpoints, web ACLs. ``http`` (v2) costs a
    third, has JWT authorizers, and no web ACL."""
    endpoint: Literal["regional", "edge"] = "regional"
    """Where a REST API is met: in the stage's region, or at CloudFront's edges. With our own CloudFront in front of
    it, regional is right."""
    rate: Annotated[int, Between(1, 10_000)] = 100
    """Requests per second over all callers; more get 429."""
    burst: Annotated[int, Between(1, 5_000)] = 200
    """Requests at one moment."""
    cors: Annotated[Cors | None, short_for("origins")] = None
    """Which other origins may call it from a browser; none by default. A text is the one origin. Behind a REST API
    web applications get the headers added; a handler of your own finds the origin in ``CORS_ORIGINS`` and names it in
    ``Access-Control-Allow-Origin``. An HTTP API adds them to every answer."""
    authorizers: Mapping[Name, Authorizer] = field(default_factory=dict)
    """Judges of requests besides ``users`` and ``iam``."""
    domain: ApiDomain | None = None
    """A domain of its own, for callers that do not come through the site."""
    keys: tuple[Name, ...] = ()
    """API keys, one for each caller that is metered. API Gateway makes their values."""
    quota: Annotated[int, Between(1, 2_000_000_000)] | None = None
    """Requests a day for each key; more get 429."""
