"""The users of a description: a Cognito user pool, who may sign in how, and the clients they sign in with.

Shapes and the limits of single values; what needs two places to be compared is in ``rules``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.kinds.users.model.credentials import Credentials
from stacks.model.access import Access
from stacks.model.described import Described
from stacks.model.texts import Between, EmailAddress, Mistake, Name, Switch, Text, short_for
from stacks.values import value

# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
_STANDARD = (
    "address birthdate email email_verified family_name gender given_name locale middle_name name nickname "
    "phone_number phone_number_verified picture preferred_username profile sub updated_at website zoneinfo"
)
STANDARD_ATTRIBUTES = frozenset(_STANDARD.split())
"""The attributes that every pool has."""
StandardAttribute = Literal[
    "address", "birthdate", "family_name", "gender", "given_name", "locale", "middle_name", "name", "nickname",
    "phone_number", "picture", "preferred_username", "profile", "website", "zoneinfo",
]  # fmt: skip
Trigger = Literal[
    "custom_message", "define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response",
    "post_authentication", "post_confirmation", "pre_authentication", "pre_sign_up", "pre_token_generation",
    "user_migration",
]  # fmt: skip
PoolAttributeName = Annotated[
    str,
    Text(
        r"(?!(?:custom|dev|cognito):)[A-Za-z0-9_-]+",
        "is not a name of an attribute",
        "Use 1 to 20 letters, digits, '_' and '-', without 'custom:' before it",
        20,
        "USERS-ATTRIBUTE-NAME",
    ),
]
_REST_OF_ADDRESS = r"[^\s#*\\]*"
Address = Annotated[
    str,
    # Exact, absolute, without a fragment: https, http of this machine, or the scheme of an application of a telephone.
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
    # Cognito compares whole addresses, so '*' never matches; a browser reads //host as another site.
    Text(
        rf"/(?![/\\]){_REST_OF_ADDRESS}"
        rf"|https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d+)?(?:[/?]{_REST_OF_ADDRESS})?"
        rf"|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:[/?]{_REST_OF_ADDRESS})?"
        r"|(?!(?:https?|wss?|ftp|file|data|blob|about|javascript|vbscript|mailto|tel):)"
        rf"[a-z][a-z0-9+.-]+:(?!//[^/]*@)[^\s#*\\]{_REST_OF_ADDRESS}",
        "is not an address to come back to",
        "Write a path of the site, as /callback, an exact https address, or one of an application, as"
        " com.example.notes://callback; http is for localhost",
        rule="CLIENT-CALLBACK",
    ),
]
ScopeName = Annotated[
    str,
    Text(r"[A-Za-z0-9_.-]+", "is not a name of a scope", "Use letters, digits, '_', '.' and '-'", 256, "CLIENT-SCOPE"),
]
ScopeUse = Annotated[
    str,
    Text(
        r"openid|email|phone|profile|aws\.cognito\.signin\.user\.admin|[A-Za-z0-9_.:/-]+/[A-Za-z0-9_.-]+",
        "is not a scope",
        "Write openid, email, phone, profile, or server/scope as 'resource_servers' has it",
        rule="CLIENT-SCOPE",
    ),
]
DomainPrefix = Annotated[
    str,
    Text(
        r"(?!.*(?:aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]*[a-z0-9])?",
        "is not a prefix of a sign-in domain",
        "Use lower-case letters, digits and hyphens, without the words aws, amazon and cognito",
        63,
        "USERS-PREFIX",
    ),
]
HostName = Annotated[
    str,
    Text(
        r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){2,}[a-z]{2,}",
        "is not a domain to sign in at",
        "Write one such as auth.example.com",
        253,
    ),
]
CertificateArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]{36}",
        "is not an ARN of a certificate in us-east-1",
        "Make the certificate in us-east-1, as Cognito's domains ask, and copy its ARN",
        rule="USERS-DOMAIN-CERT",
    ),
]
SecretId = Annotated[
    str,
    Text(
        r"[A-Za-z0-9/_+=.@:-]+",
        "is not a name or ARN of a secret",
        "Name the secret in Secrets Manager, not its value",
        512,
    ),
]
AppleId = Annotated[str, Text(r"[A-Z0-9]{10}", "is not an id of Apple's", "Write its ten capitals and digits")]
_Https = Annotated[str, Text(r"https://[^\s?#]+", "is not an https address", "Write it as https://example.com/…")]


@value
class Attribute(Described):
    """A custom attribute of users, ``custom:name`` in tokens. Cognito never removes or changes one."""

    type: Literal["text", "number", "date", "boolean"] = "text"
    longest: Annotated[int, Between(1, 2048, "characters", rule="USERS-ATTRIBUTES")] = 256
    """The most characters of a text."""
    changeable: bool = True
    """Whether it can be changed after the account is made; cannot be changed later."""
    by_user: bool = False
    """Let people change it about themselves. Never for what grants rights."""


@value
class EmailSettings(Described):
    """Send e-mail through SES. Cognito's own sends 50 a day, which is enough to try things out."""

    address: EmailAddress
    """The address that mail comes from; SES must have verified it or its domain."""
    identity: str | None = None
    """The verified identity in SES: a domain, or an address; the address itself when not given."""
    reply_to: EmailAddress | None = None
    name: Annotated[str, Text(r"[^\r\n<>\"@]+", "is not a name", "Leave out line ends, quotes, '<', '>' and '@'", 64)] | None = None  # fmt: skip # noqa: E501
    """The name that people see with the address."""


@value
class Client(Described):
    """Something that signs in: a program in a browser or on a telephone, a server, or a machine by itself.

    A client whose addresses are paths of the site is made with the frontend, which knows the site's address.
    """

    kind: Literal["browser", "server", "machine"]
    """``browser`` has no secret; ``server`` has one and signs people in; ``machine`` signs itself in with its own."""
    callbacks: tuple[Address, ...] = ()
    """Where people come back to after signing in at the pool's own pages (authorization code flow): paths of the site,
    exact https addresses, or an address of an application on a telephone, as ``com.example.notes://callback``."""
    logouts: tuple[Address, ...] = ()
    """Where they come back to after signing out."""
    scopes: tuple[ScopeUse, ...] = ()
    """What its tokens are good for; openid and email when people come back to ``callbacks``."""
    secret: bool | None = None
    """Said only to be checked: a browser cannot keep one, servers and machines need one."""
    access_minutes: Annotated[int, Between(5, 1440, "minutes", rule="CLIENT-LIFETIME")] = 60
    """How long access and id tokens are good: at most as long as people stay signed in."""
    refresh_hours: Annotated[int, Between(1, 720, "hours")] = 24
    """How long people stay signed in."""

    def __post_init__(self) -> None:
        if self.secret is not None and self.secret != (self.kind != "browser"):
            what = "has a secret in a browser, where everyone can read it" if self.secret else "has no secret"
            fix = "Drop 'secret'" if self.secret else f"Drop 'secret': a {self.kind} needs one"
            raise Mistake(what, fix, "CLIENT-SECRET" if self.kind == "machine" else "")
        if self.kind == "machine" and self.callbacks:
            raise Mistake(
                "is a machine with callbacks", "Machines sign in by themselves; use 'server' for people", "CLIENT-OAUTH"
            )
        if self.kind == "machine" and not [scope for scope in self.scopes if "/" in scope]:
            raise Mistake(
                "is a machine without a scope", "Add one of 'resource_servers', as 'notes/read'", "CLIENT-OAUTH"
            )
        if (self.logouts or self.scopes) and self.kind != "machine" and not self.callbacks:
            fix = "Add where people come back to"
            raise Mistake("has logouts or scopes, but no callbacks", fix, "CLIENT-OAUTH")

    @property
    def needs_site(self) -> bool:
        """Whether an address of it is a path of the site."""
        return any(address.startswith("/") for address in (*self.callbacks, *self.logouts))


_TAKEN_BY = {
    "apple": ("client_id", "client_secret", "key_id", "team_id"),
    "facebook": ("client_id", "client_secret"),
    "google": ("client_id", "client_secret"),
    "oidc": ("client_id", "client_secret", "issuer"),
    "saml": ("metadata",),
}
"""What each kind of provider is described with."""


@value
class Provider(Described):
    """People of another house: Apple, Facebook, Google, an OIDC or a SAML provider."""

    kind: Literal["apple", "facebook", "google", "oidc", "saml"]
    client_id: Annotated[str, Text(r"\S+", "is not a client id", "Write what the provider gave you")] | None = None
    """Apple's Services ID, Facebook's App ID, the client id of the others."""
    client_secret: SecretId | None = None
    """The name or ARN of a secret in Secrets Manager with the key ``client_secret`` (Apple: ``private_key``, the text
    of the .p8 file without its first and last line); never the secret itself."""
    team_id: AppleId | None = None
    """Apple: the ten characters of your team."""
    key_id: AppleId | None = None
    """Apple: the ten characters of the key."""
    issuer: _Https | None = None
    """OIDC: who issues the tokens."""
    metadata: _Https | None = None
    """SAML: where the provider's metadata is."""
    attributes: Mapping[str, str] = field(default_factory=lambda: {"email": "email"})
    """Attribute of the pool → that of the provider. Custom ones are ``custom:name``, and ``by_user``."""

    def __post_init__(self) -> None:
        needed = _TAKEN_BY[self.kind]
        for name in sorted({name for names in _TAKEN_BY.values() for name in names}):
            if (getattr(self, name) is not None) != (name in needed):
                what = f"has no '{name}'" if name in needed else f"has '{name}', which {self.kind} does not take"
                raise Mistake(what, f"Give {' and '.join(needed)}", "USERS-PROVIDER-DETAILS")


@value
class SignInDomain(Described):
    """Where the pool's own sign-in pages are: under a prefix of Cognito's domain, or at a domain of your own."""

    prefix: DomainPrefix | None = None
    """``https://<prefix>.auth.<region>.amazoncognito.com``; nobody else of the region may have it."""
    name: HostName | None = None
    """A domain of your own, as auth.example.com; example.com must have an address already."""
    certificate: CertificateArn | None = None
    """The certificate of ``name``, in us-east-1."""
    pages: Literal["managed", "classic"] = "managed"
    """Managed login, or the hosted pages before it."""

    def __post_init__(self) -> None:
        if (self.prefix is None) == (self.name is None):
            raise Mistake("says not exactly one of 'prefix' and 'name'", "Use one of the two")
        if (self.name is None) != (self.certificate is None):
            raise Mistake(
                "needs 'name' and 'certificate' together", "Give both, or 'prefix' alone", "USERS-DOMAIN-CERT"
            )

    def host(self, region: str) -> str:
        """Where the pages are, and where tokens are asked for."""
        return self.name or f"{self.prefix}.auth.{region}.amazoncognito.com"


@value
class Users(Described):
    """A Cognito user pool: people sign in with their e-mail address."""

    self_sign_up: bool = False
    """Let anyone create an account; otherwise only an administrator does."""
    user_names: bool = False
    """People choose a name to sign in with, in addition to their e-mail address; cannot be changed later."""
    mfa: Literal["off", "optional", "required"] = "optional"
    """A second factor."""
    factors: tuple[Literal["app", "email"], ...] = ("app",)
    """Which: an authenticator app (TOTP), or a code by e-mail next to it, which needs ``email`` and
    ``recovery: administrator``."""
    password_length: Annotated[int, Between(12, 99, "characters", rule="USERS-PASSWORD-RANGE", own_low=True)] = 14
    """The fewest characters of a password; it also needs a letter of either case, a digit and a symbol."""
    recovery: Literal["email", "administrator"] = "email"
    """How people who forgot their password get back in: by a code to their address, or by an administrator alone."""
    attributes: Mapping[PoolAttributeName, Attribute] = field(default_factory=dict)
    """Attributes of your own, at most 50; they can be added later, never removed or changed."""
    required: tuple[StandardAttribute, ...] = ()
    """Standard attributes that everyone must have besides e-mail; cannot be changed later."""
    email: Annotated[EmailSettings | None, short_for("address")] = None
    """Send through SES, from this address; Cognito's own otherwise."""
    triggers: Mapping[Trigger, Name] = field(default_factory=dict)
    """Functions of the backend that Cognito calls on the way. With challenges of your own, or ``user_migration``, which
    has to see the password, clients are allowed the sign-in that these need."""
    groups: tuple[Name, ...] = ()
    """Groups, the most powerful first; tokens contain them as ``cognito:groups``."""
    clients: Mapping[Name, Client] = field(default_factory=dict)
    """Clients in addition to the one that browsers sign in with through the library of the site."""
    resource_servers: Mapping[Name, Mapping[ScopeName, str]] = field(default_factory=dict)
    """APIs with their scopes and what each allows: ``{notes: {read: Read notes}}`` makes the scope notes/read."""
    domain: Annotated[SignInDomain | None, short_for("prefix")] = None
    """Sign-in pages, which ``callbacks``, machines and providers need."""
    providers: Mapping[Name, Provider] = field(default_factory=dict)
    """Who else people may be known by."""
    credentials: Credentials | None = None
    """Credentials of AWS for users who signed in (an identity pool), for applications that ask AWS from the browser."""
    threat_protection: bool = False
    """Notice unusual sign-ins and stop them: the Plus tier, paid by user. Known stolen passwords are found when a
    password is chosen or reset, not at sign-in: our clients use SRP, with which Cognito never sees the password.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-compromised-credentials.html"""

    def __post_init__(self) -> None:
        if self.mfa != "off" and not self.factors:
            fix = "Add 'factors: [app]', or set 'mfa: off'"
            raise Mistake(f"has 'mfa: {self.mfa}', but no factor", fix, "USERS-FACTORS")
        if self.mfa != "off" and "email" in self.factors and self.email is None:
            what = "has codes by e-mail as a factor, which Cognito's own sender does not send"
            raise Mistake(what, "Add 'email'", "USERS-FACTORS")
        if len(self.attributes) > 50:  # noqa: PLR2004 - https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
            what = f"has {len(self.attributes)} attributes, Cognito allows 50"
            raise Mistake(what, "Keep the rest in a table", "USERS-ATTRIBUTES")
        for name in self.attributes:
            if name in STANDARD_ATTRIBUTES:
                what = f"has the attribute {name!r}, which every pool has"
                raise Mistake(what, "Choose another name", "USERS-ATTRIBUTE-NAME")


@value
class OfData(Described):
    """Users in the section ``data``."""

    users: Annotated[Users | None, Switch] = None
    """The people who sign in; false, the default, makes no user pool."""


@value
class OfFunction(Described):
    """How a function uses the user pool."""

    users: Access | None = None
    """Whether it looks at or changes the accounts of the stage's user pool; it gets the pool's id, as
    ``USER_POOL_ID``."""
