"""The section ``frontend`` of a description: the site, its CDN, its domain and what protects it.

As in ``stacks.app``: shapes and limits of single values, nothing that compares two places.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.countries import Country
from stacks.model.described import Described
from stacks.model.extension import Extended
from stacks.model.texts import (
    Between,
    FolderPath,
    Hidden,
    Mistake,
    Name,
    ShortFor,
    Switch,
    Text,
    UrlPath,
    as_digits,
    one_or_more,
)
from stacks.values import value

SiteHostName = Annotated[
    str,
    Text(
        r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]",
        "is not a host name",
        "Write it in lower case without scheme and path, as notes.example.com",
    ),
]
ZoneId = Annotated[
    str, Text(r"Z[A-Z0-9]{5,31}", "is not a hosted zone id of Route 53", "Write one such as Z0123456789ABCDEFGHIJ")
]
SiteCertificateArn = Annotated[
    str,
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
    Text(
        r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9A-Za-z-]+",
        "is not a certificate of ACM in us-east-1, where CloudFront looks for it",
        "Request one there, or give a 'zone' and leave 'certificate' out",
        rule="CDN-CERT-REGION",
    ),
]
WebAclArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global/webacl/[\w-]+/[0-9a-f-]+",
        "is not a web ACL for CloudFront (scope CLOUDFRONT, us-east-1)",
        "Copy the ARN from the web ACL's page in us-east-1",
        rule="CDN-WAF-SCOPE",
    ),
]
Cidr = Annotated[
    str,
    Text(
        r"(?:\d{1,3}\.){3}\d{1,3}/(?:[1-9]|[12]\d|3[0-2])|(?=.*:)[0-9a-f:]+/(?:[1-9]\d?|1[01]\d|12[0-8])",
        "is not a network",
        "Write address/bits, as 203.0.113.0/24 or 2001:db8::/32; one address is /32 or /128",
        rule="CIDR",
    ),
]
CspSource = Annotated[
    str,
    # https://www.w3.org/TR/CSP3/#framework-directive-source-list
    Text(
        r"'(?:self|none|unsafe-inline|unsafe-eval|wasm-unsafe-eval|unsafe-hashes|strict-dynamic|report-sample)'"
        r"|'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'"
        r"|[a-z][a-z0-9+.-]*:"
        r"|(?:(?:https?|wss?)://)?(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::(?:\d+|\*))?(?:/[^\s;,']*)?"
        r"|(?:https?|wss?)://localhost(?::(?:\d+|\*))?",
        "is not a source of a Content-Security-Policy",
        "Write a host (https://cdn.example.com), a scheme (data:), or a quoted word such as 'self' or 'sha256-…'",
    ),
]
UrlPattern = Annotated[
    str,
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
    Text(
        r"/[A-Za-z0-9_.*?$/~\"'@:+&;-]+",
        "is not a path pattern",
        "Start with '/', and use letters, digits, '*' for anything and '?' for one character, as /media/*",
        255,
        "CDN-PATH-PATTERN",
    ),
]
PathTarget = Annotated[
    str,
    Text(
        r"api|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]",
        "is neither 'api' nor a host name",
        "Use api, or a host without scheme and path, as media.example.com",
        253,
    ),
]
ErrorCode = Annotated[
    str,
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
    Text(
        r"40[0345]|41[46]|50[0-4]",
        "is not an error that CloudFront has pages for",
        "Use 400, 403, 404, 405, 414, 416, 500, 501, 502, 503 or 504",
        rule="CDN-ERROR-CODE",
    ),
    as_digits,
]
UserName = Annotated[
    str,
    # https://www.rfc-editor.org/rfc/rfc7617#section-2
    Text(r"[!-9;-~]{1,64}", "is not a user name for basic auth", "Use letters, digits and signs other than ':'"),
]
Password = Annotated[
    str,
    # 16 random letters and digits are 95 bits, which nobody finds from a hash.
    Hidden(
        r"[ -~]{16,128}",
        "the password is too short, or has characters that browsers encode differently",
        "Take 16 to 128 random letters, digits and signs of ASCII",
    ),
]
Directive = Literal[
    "base-uri",
    "child-src",
    "connect-src",
    "default-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "object-src",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "worker-src",
]
ManagedGroup = Literal["reputation", "anonymous", "common", "bad-inputs", "bots"]


@value
class Site(Described):
    """A folder of built files: a single-page application, or the pages of a static site generator."""

    folder: FolderPath
    """The folder of built files, with an index.html; Angular's dist/<app>/browser is found in it."""
    path: UrlPath = "/"
    """Its path on the site. Anywhere but at ``/`` the API answers the rest."""
    pages: Literal["app", "folders", "names", "files"] | None = None
    """How pages are addressed. ``app``: one index.html answers every path without a file. Otherwise each page has one
    address, to which its other forms redirect: ``folders`` /about/, ``names`` /about, ``files`` /about.html. Left out,
    the folder decides: a 404.html or pages next to index.html make it a site of many pages."""

    @property
    def prefix(self) -> str:
        """What its paths start with: ``/app/`` for ``/app``."""
        return f"{self.path.rstrip('/')}/"

    @property
    def form(self) -> str | None:
        """How the router addresses its pages: a form of addresses, or the page that answers all."""
        return "index.html" if self.pages == "app" else self.pages


@value
class Domain(Described):
    """A domain of your own, over HTTPS with TLS 1.2 or newer."""

    name: SiteHostName
    zone: ZoneId | None = None
    """The hosted zone of Route 53 that gets the records; without one, the outputs say what to enter elsewhere."""
    certificate: SiteCertificateArn | None = None
    """The certificate, in us-east-1; without one it is made and proved through the zone."""
    www: bool = False
    """Answer at www.<name> too, by a redirect to the name."""

    def __post_init__(self) -> None:
        if not self.zone and not self.certificate:
            what = f"{self.name} has neither 'zone' nor 'certificate'"
            fix = "Give its hosted zone's id, or the ARN of a certificate in us-east-1"
            raise Mistake(what, fix, "CDN-ALIAS")
        if self.www and self.name.startswith("www."):
            raise Mistake(f"{self.name} starts with www. already", "Leave 'www' out, or name the domain without it")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers at, the main one first."""
        return (self.name, f"www.{self.name}") if self.www else (self.name,)


def _check_network(text: str) -> None:
    """The pattern takes 300.1.1.1/24 and 203.0.113.5/24, which name no network."""
    import ipaddress  # noqa: PLC0415 - few list networks

    try:
        meant = ipaddress.ip_network(text, strict=False)
    except ValueError:
        fix = "Write address/bits, as 203.0.113.0/24 or 2001:db8::/32"
        raise Mistake(f"{text!r} is not a network", fix, "CIDR") from None
    if meant.network_address != ipaddress.ip_address(text.partition("/")[0]):
        fix = f"Write {meant}, or one address with /{meant.max_prefixlen}"
        raise Mistake(f"{text!r} is an address inside a network", fix, "CIDR")


PricingPlan = Literal["free", "pro"]
"""A tier of CloudFront's flat-rate pricing plans, as ``AWS::PricingPlanManager::Subscription`` takes it in capitals."""


@value
class Waf(Described):
    """A web ACL in front of the site: bad addresses, known attacks, and a rate limit."""

    rate_limit: Annotated[int, Between(10, 2_000_000_000, "requests", rule="WAF-LIMIT-RANGE")] = 2000
    """Requests per address in five minutes; more are blocked."""
    groups: tuple[ManagedGroup, ...] = ("reputation", "common", "bad-inputs")
    """AWS's rule groups. ``anonymous`` blocks proxies and hosters; ``bots`` costs 10 USD a month and 1 USD for a
    million requests more."""
    allow: tuple[Cidr, ...] = ()
    """Networks that pass whatever the other rules say."""
    allow_only: tuple[Cidr, ...] = ()
    """The only networks that are let in, an office's say; all others are blocked. The other rules hold for them too. An
    IPv4 network alone keeps everyone out who comes by IPv6."""
    block: tuple[Cidr, ...] = ()
    """Networks that are blocked."""
    block_countries: tuple[Country, ...] = ()
    """Countries that are blocked, by the address of the caller."""
    body_limit: Annotated[int, Between(1, 65_536, "bytes", "WAF looks at", "WAF-BODY-SIZE")] | None = None
    """Bytes of a request's body at most. The common rules stop at 8 kB; with a limit of your own they let it be."""
    count: tuple[str, ...] = ()
    """Rules and groups that only count, to be looked at before they block: ``rate-limit``, ``common``."""
    existing: WebAclArn | None = None
    """A web ACL that already exists, in place of all of this."""
    direct_api: bool = False
    """Leave the API's own address open next to the site, and around the web ACL. Otherwise a second, regional web ACL
    (6 USD a month) lets through what comes from the site."""

    def __post_init__(self) -> None:
        known = {*self.groups, "rate-limit", "allow", "allow-only", "block", "countries", "body-size"}
        if unknown := [name for name in self.count if name not in known - {"allow"}]:
            raise Mistake(f"'count' names {unknown[0]!r}, which is not a rule here", f"Use {', '.join(sorted(known))}")
        for network in (*self.allow, *self.allow_only, *self.block):
            _check_network(network)


def _level(level: object) -> object:
    if isinstance(level, str) and level != "basic":
        raise Mistake(f"{level!r} is not a level of the web ACL", "Write basic, true, false, or its options")
    return {"groups": ["reputation"]} if level == "basic" else level


@value
class Csp(Described):
    """The Content-Security-Policy of answers without one of their own: nothing from elsewhere but what is named."""

    sources: Mapping[Directive, tuple[CspSource, ...]] = field(default_factory=dict)
    """Sources in addition to those the description knows, for each directive: ``{img-src: [https://img.example.com]}``."""
    report_only: bool = False
    """Only report what would be blocked, in the browser's console."""

    def __post_init__(self) -> None:
        for directive, sources in self.sources.items():
            if "'none'" in sources and len(sources) > 1:
                others = ", ".join(source for source in sources if source != "'none'")
                raise Mistake(f"{directive} has 'none' together with {others}", "Keep one: 'none' allows nothing")


@value
class Countries(Described):
    """Who CloudFront answers, by country: exactly one of the two lists."""

    only: tuple[Country, ...] = ()
    none_of: tuple[Country, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.only) == bool(self.none_of):
            raise Mistake("needs one of 'only' and 'none_of'", "Use one list of countries, as 'only: [DE, AT]'")


@value
class BasicAuth(Described):
    """A name and a password, asked for at the edge before a stage shows anything; its users sign in as ever."""

    user: UserName
    """The name to enter."""
    password: Password = field(repr=False)
    """From the environment, as ``${env:SITE_PASSWORD}``: 16 characters or more. Templates show only the hash of a hash
    of it, which is as safe as the password is random."""

    @property
    def lock(self) -> str:
        """What the edge compares with: the hash of what a browser keeps, itself the hash of name and password."""
        key = hashlib.sha256(f"{self.user}:{self.password}".encode()).hexdigest()
        return hashlib.sha256(key.encode()).hexdigest()


@value
class Frontend(Extended):
    """What browsers reach: a private bucket and the API behind one CloudFront distribution."""

    site: Annotated[tuple[Site, ...], one_or_more("folder", "path", "pages")] = ()
    """The single-page application or site of pages; a text is its folder. Several are a list, or a mapping from paths:
    ``{/: site, /admin: {folder: admin/dist}}``."""
    static: FolderPath | None = None
    """The static files of the Flask application, served at /static from the bucket; of Django its ``STATIC_ROOT``."""
    collect: Name | None = None
    """The function of a Django project whose static files are collected into ``static`` before they are published
    (``manage.py collectstatic``)."""
    serve: Literal["one-origin", "split"] = "one-origin"
    """``split``: pages from the API's own address, static files from the CDN, which functions know as CDN_DOMAIN."""
    domain: Domain | None = None
    """A domain of your own; CloudFront's without one."""
    paths: Mapping[UrlPattern, PathTarget] = field(default_factory=dict)
    """What else answers at the site: the ``api`` or another host, by HTTPS: ``{/media/*: media.example.com}``. They are
    tried first, in this order; a host's answers are kept as they say, and it gets no cookie and no query string."""
    waf: Annotated[Waf | None, Switch, ShortFor(_level, ("string",))] = Waf()
    """The web ACL, about 15 USD a month and 1.20 USD for a million requests. ``basic`` has a rate limit and the list of
    bad addresses only, for 2 USD less; false leaves it out."""
    plan: PricingPlan | None = None
    """A flat-rate pricing plan instead of paying for the CDN, its web ACL and its log by use: ``free`` (a million
    requests and 100 GB a month) or ``pro`` (15 USD; 10 million and 50 TB), without overage. ``pro`` waits for a
    person's approval; no deployment changes the plan. docs/costs.md has what is not known."""
    csp: Csp = Csp()
    """What pages may load and call."""
    countries: Countries | None = None
    """Who is answered; everyone without it."""
    access_log: Literal["v2", "legacy", False] = "v2"
    """Log every request CloudFront answers: ``v2`` to CloudWatch Logs (0.50 USD a GB), ``legacy`` to a bucket."""
    errors: Mapping[ErrorCode, UrlPath] = field(default_factory=dict)
    """Pages of the site in place of errors, whose status stays: ``{404: /static/404.html}``. Only where no API is
    behind CloudFront, whose error pages are the whole distribution's."""
    basic_auth: BasicAuth | None = None
    """Ask for a name and a password before anything is shown, as for a stage that is not public yet."""
    maintenance: bool = False
    """Answer everything with 503 and a short page, to work behind it."""
    cdn: bool = False
    """Answer through CloudFront although there are neither a site nor static files: the API alone is behind it.
    ``basic_auth``, ``countries``, ``domain``, ``paths``, ``maintenance`` and a ``waf`` that is written say so, too."""
    price_class: Literal["100", "200", "all"] = "100"
    """Where CloudFront answers: Europe and North America (100), plus Asia, Africa and the Gulf (200), everywhere."""

    @property
    def has_files(self) -> bool:
        """Whether there are files to publish."""
        return bool(self.site or self.static)

    @property
    def is_described(self) -> bool:
        """Whether the stage has a distribution: for files, or for what only it can do in front of the API."""
        asked = self.cdn or self.maintenance or self.basic_auth or self.countries or self.domain or self.paths
        return self.has_files or bool(asked)
