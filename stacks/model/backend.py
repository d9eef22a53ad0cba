"""The backend section of a description: functions, what they use and listen to, and the API in front of them.

Shapes and the limits of single values; what needs two places to be compared is in ``stacks.description.backend_rules``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from stacks.kinds import KINDS
from stacks.kinds.described import OfBackend, OfEvents, OfFunction
from stacks.model.api import Api, FunctionUrl
from stacks.model.auth import SIGNED_IN, Auth, Tokens
from stacks.model.commands import check_commands
from stacks.model.extension import Extended, RawOutput, RawParameter, TemplateFile
from stacks.model.schedules import Schedule
from stacks.model.settings import Setting, setting
from stacks.model.statements import PolicyStatement, plain_statement
from stacks.model.texts import (
    Between,
    CodePath,
    EnvironmentName,
    FolderPath,
    HandlerPath,
    Mistake,
    Name,
    PackedPath,
    Route,
    ShortFor,
    Switch,
    Text,
    short_for,
    split_route,
)
from stacks.values import value

Gradual = Literal[
    "canary-5m", "canary-10m", "canary-15m", "canary-30m", "linear-1m", "linear-2m", "linear-3m", "linear-10m"
]
Architecture = Literal["arm64", "x86_64"]
Interface = Literal["wsgi", "asgi"]
"""How a web application is called: PEP 3333, or the Asynchronous Server Gateway Interface."""
Runtime = Literal["python3.11", "python3.12", "python3.13", "python3.14", "nodejs22.x", "nodejs24.x"]
_NODE = "nodejs24.x"
LayerArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[A-Za-z0-9_-]+:\d+",
        "is not an ARN of a layer's version",
        "Write it with its version, as arn:aws:lambda:eu-west-1:123456789012:layer:name:7",
        rule="FN-LAYER-ARN",
    ),
]
OAuthScope = Annotated[str, Text(r"[!#-\[\]-~]+", "is not an OAuth scope", "Write one such as notes/read")]


RequirementsPath = Annotated[
    str,
    Text(
        r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\\0]+\.(?:txt|lock|toml)",
        "is not a requirements file inside the project",
        "Write its path from app.yaml, as lambda_src/requirements.txt",
    ),
]
_schema_file = Text(
    r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\\0]+\.json",
    "is not a JSON Schema file inside the project",
    "Write its path from app.yaml, as lambda_src/api/note.json",
)
BodySchema = Annotated[
    Any,
    ShortFor(lambda result: result if isinstance(result, Mapping) else _schema_file(str(result)), ("string", "object")),
]
"""A JSON Schema of bodies: its file, or the mapping itself."""
BodyKey = Annotated[
    str,
    Text(
        r"\*|(?:POST|PUT|PATCH|DELETE) /\S*",
        "is not a route with a body",
        "Write one of the function's routes, as 'POST /notes', or '*' for every POST, PUT and PATCH",
    ),
]
_output = Text(r"[A-Za-z0-9]+", "is not a name of an output", "Use letters and digits", 255, "TEMPLATE-NAMES")
OutputName = Annotated[str, _output]


def _is_literal_call(called: str) -> bool:
    """Whether ``create_app('test', debug=True)`` can be called without evaluating anything; a plain name can."""
    try:
        call = ast.parse(called, mode="eval").body
        if isinstance(call, ast.Call):
            for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
                ast.literal_eval(argument)
    except (SyntaxError, ValueError):
        return False
    return isinstance(call, ast.Name) or (isinstance(call, ast.Call) and isinstance(call.func, ast.Name))


def _unless_text(kind: Any) -> ShortFor:
    """A text as it is; anything else as ``kind`` takes it."""
    (short,) = kind.__metadata__
    return ShortFor(
        lambda result: result if isinstance(result, str) else short.rewrite(result), ("string", *short.types)
    )


@value
class Events(OfEvents):
    """What starts a function besides its routes. What it fails to handle is kept in a queue (``dead_letters``)."""

    schedules: tuple[Annotated[Schedule, short_for("at")], ...] = ()
    """``rate(5 minutes)`` or ``cron(0 4 * * ? *)``, in UTC; in a time zone, with its summer time, as
    ``{at: 'cron(0 9 ? * MON-FRI *)', zone: Europe/Berlin}``."""
    batch: Annotated[int, Between(1, 10_000, rule="SOURCE-BATCH-RANGE")] = 10
    """The most changes or messages of one call; a queue's batch over 10 waits up to a second to fill."""


@cache
def _file(entry: str) -> str:
    return str(PurePosixPath(entry.partition(":")[0]))


@cache
def _folder(entry: str, source: str | None) -> str:
    return str(PurePosixPath(source or PurePosixPath(_file(entry).removesuffix("/__init__.py")).parent))


@value
class Function(OfFunction):
    """A Lambda function. Exactly one of ``wsgi``, ``asgi`` and ``handler`` says what runs."""

    wsgi: CodePath | None = None
    """A WSGI application (Flask, Django's wsgi.py, Bottle), as ``lambda_src/web/app.py:app``; it needs no change to
    run. A factory is called as written, with literals as arguments: ``flaskr/__init__.py:create_app()``."""
    asgi: CodePath | None = None
    """An ASGI application (FastAPI, Starlette, Quart, Django's asgi.py), named in the same way."""
    handler: HandlerPath | None = None
    """A handler, as ``lambda_src/api/notes.py:list_notes``, or of JavaScript ``functions/notes.mjs:list`` with its
    ``runtime``. npm installs what the lock next to the nearest package.json says; TypeScript is built by you."""
    source: FolderPath | None = None
    """The folder that is packaged and imported from; when not given the folder of the file, or the one around a
    package's __init__.py. ``.`` is the project's root."""
    only: tuple[PackedPath, ...] = ()
    """What of the source is packaged: files and folders, as ``[flaskr, config.py]``; when not given all of it. The
    project's root is never packaged as a whole: of ``flaskr/__init__.py`` it is ``flaskr``, of ``app.py`` that file
    with ``templates`` and ``static``. Requirements are looked for in these folders first, then next to them."""
    routes: tuple[Route, ...] = ()
    """What it answers: ``GET /api/notes/{id}``, ``ANY /{proxy+}``. A web application answers everything by default."""
    auth: Annotated[Auth | None, short_for("name")] = None
    """Who may call the routes: ``users`` asks for a token of the stage's user pool, ``iam`` for a signed request of
    this account, any other name is one of ``api.authorizers``. ``{users: {clients: [site], use: access}}`` says which
    tokens of the user pool."""
    scopes: tuple[OAuthScope, ...] = ()
    """OAuth scopes, one of which the token must have. With scopes, access tokens are asked for."""
    api_key: bool = False
    """Ask for a key of ``api.keys`` in ``x-api-key`` too. A key meters callers, it does not prove who they are."""
    public: bool = False
    """Anyone may call the routes. A function with routes says this or ``auth``."""
    url: Annotated[FunctionUrl | None, Switch, short_for("auth")] = None
    """An address of its own, in addition to routes or without any: a web application that names none answers there
    alone. ``true`` is for signed requests."""
    body: Annotated[
        Mapping[BodyKey, BodySchema],
        ShortFor(lambda result: {"*": result} if isinstance(result, str) else result, ("string",)),
    ] = field(default_factory=dict)
    """JSON Schema (draft 4) of the bodies its routes take: a file, for every POST, PUT and PATCH, or one for each
    route, as ``POST /notes: note.json``. Others get 400 from the REST API itself; the local AWS checks
    only those that say they are JSON."""
    events: Events = Events()
    """What else starts it: schedules, changes of tables, messages, new files."""
    dead_letters: bool = True
    """Keep what a function with events fails to handle for 14 days; false throws it away."""
    invoke: tuple[Name, ...] = ()
    """The functions it calls; it gets their names, as ``RESIZE_FUNCTION``."""
    statements: tuple[PolicyStatement, ...] = ()
    """What else its role allows, as IAM policy statements with named actions. They join the boundary too, which the
    base stack holds: deploy it first."""
    environment: Mapping[EnvironmentName, Annotated[Setting, setting]] = field(default_factory=dict)
    """Plain settings. What is secret belongs under ``secrets``."""
    commands: bool = False
    """Let people who may invoke its alias ``commands`` run commands in it: ``stacks run web -- flask db upgrade``."""
    after_deploy: tuple[str, ...] = ()
    """Commands that a deployment runs once in the web application when all stacks are up: ``flask db upgrade``."""
    memory: Annotated[int, Between(128, 10240, "MB", "Lambda allows", "FN-MEMORY-RANGE")] = 512
    """MB; processor share grows with it."""
    timeout: Annotated[int, Between(1, 900, "s", "Lambda allows", "FN-TIMEOUT-QUOTA")] = 15
    """Seconds; a route has to answer within 29."""
    storage: Annotated[int, Between(512, 10240, "MB", "Lambda allows", "FN-STORAGE-RANGE")] = 512
    """MB of /tmp; what exceeds 512 is paid by the second."""
    runtime: Runtime = "python3.14"
    """What runs it; JavaScript says which Node.js."""
    architecture: Architecture = "arm64"
    layers: tuple[LayerArn, ...] = ()
    """ARNs of layer versions; with the one of ``shared_requirements`` at most five."""
    reserved_concurrency: Annotated[int, Between(0, 1_000_000, rule="FN-CONCURRENCY-RANGE")] | None = None
    """The most instances at one time, taken out of the account's; 0 stops the function."""
    vpc: bool = False
    """Run in the stage's private network, which reaches S3, DynamoDB and what ``base.vpc`` opens."""
    provisioned_concurrency: Annotated[int, Between(1, 1_000_000, rule="FN-PROVISIONED-RANGE")] | None = None
    """Instances that are always warm, about 11 USD a month for each with 1 GB."""
    snap_start: bool = False
    """Start from a snapshot of the imported code; python3.12 or newer. Kept snapshots are paid by the hour."""
    gradual: Gradual | None = None
    """Shift callers to new code step by step, and back when it fails: ``canary-5m`` is a tenth at first and all after
    five minutes, ``linear-1m`` a tenth more each minute. The base stack holds CodeDeploy's role: deploy it first."""
    tracing: bool = False
    """Record its calls with X-Ray, 5 USD a million traces."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "statements", tuple(map(plain_statement, self.statements)))
        interfaces = [f"'{key}'" for key in ("wsgi", "asgi", "handler") if getattr(self, key) is not None]
        if len(interfaces) != 1:
            fix = "Use one: 'wsgi: folder/file.py:app', 'asgi: …' or 'handler: folder/file.py:name'"
            raise Mistake("has " + (" and ".join(interfaces) or "none of 'wsgi', 'asgi' and 'handler'"), fix)
        self._check_source()
        self._check_language()
        if not _is_literal_call(self.entry[1]):
            raise Mistake(
                f"{self.entry[1]!r} is called with more than literals", "Pass texts, numbers, lists or mappings"
            )
        check_commands(self.after_deploy, commands=self.commands, application=self.application)
        if self.public and self.auth:
            raise Mistake("is both 'public' and behind 'auth'", "Use one of the two")

    def _check_language(self) -> None:
        is_python = self.entry_file.endswith(".py")
        if self.is_node and is_python:
            raise Mistake(f"{self.entry_file} is Python, and {self.runtime} runs JavaScript", "Leave 'runtime' out")
        if not self.is_node and not is_python:
            fix = f"Add 'runtime: {_NODE}'"
            raise Mistake(f"{self.entry_file} is JavaScript, and {self.runtime} runs Python", fix)
        if self.is_node and self.snap_start:
            raise Mistake("has 'snap_start', which Node.js does not have", "Leave 'snap_start' out")

    def _check_source(self) -> None:
        folder, _, file = self.entry_file.rpartition("/")
        if file == "__init__.py" and self.folder == (folder or "."):
            raise Mistake(
                f"{self.entry_file} is a package without its folder", "Name the one around it as 'source', or move it"
            )
        if self.folder != "." and not self.entry_file.startswith(f"{self.folder}/"):
            raise Mistake(f"{self.entry_file} is not inside 'source' {self.folder}", "Name a folder that holds it")
        inside = PurePosixPath(self.entry_file).relative_to(self.folder)
        if self.only and not any(inside.is_relative_to(item) for item in self.only):
            raise Mistake(f"{inside} is not among 'only'", "Add it, or the folder that holds it")

    @property
    def is_node(self) -> bool:
        """Whether Node.js runs it."""
        return self.runtime.startswith("nodejs")

    @property
    def authorizer(self) -> str | None:
        """Who judges its callers: ``users``, ``iam`` or one of ``api.authorizers``; None when there is none."""
        return self.auth.name if self.auth else None

    @property
    def tokens(self) -> Tokens:
        """Which tokens of the user pool it takes."""
        return self.auth.users if self.auth else Tokens()

    @property
    def asked_scopes(self) -> tuple[str, ...]:
        """The scopes that API Gateway asks for. With any, it takes access tokens only.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
        """
        return self.scopes or (SIGNED_IN if self.tokens.use == "access" else ())

    @property
    def application(self) -> Interface | None:
        """How its web application is called; None for a handler."""
        if self.handler:
            return None
        return "asgi" if self.asgi else "wsgi"

    @property
    def entry_text(self) -> str:
        """What runs, as the description names it: ``folder/file.py:name``."""
        return self.wsgi or self.asgi or self.handler or ""

    @property
    def entry_file(self) -> str:
        """The file that holds the application or handler, from the project's root."""
        return _file(self.entry_text)

    @property
    def entry(self) -> tuple[str, str]:
        """What is imported: the module, as seen from the folder, and the name in it."""
        if self.is_node:
            return self.entry_file.removeprefix(f"{self.folder}/").rpartition(".")[0], self.entry_text.partition(":")[2]
        module = self.entry_file.removeprefix(f"{self.folder}/").removesuffix(".py").removesuffix("/__init__")
        return module.replace("/", "."), self.entry_text.partition(":")[2]

    @property
    def folder(self) -> str:
        """The folder that is packaged, from the project's root, which itself is ``.``."""
        return _folder(self.entry_text, self.source)

    @property
    def contents(self) -> tuple[str, ...]:
        """What of the folder is packaged, if it exists; nothing means all. Of the project's root it is never all."""
        if self.only or self.folder != ".":
            return self.only
        top, inside, _ = self.entry_file.partition("/")
        return (top,) if inside else (top, "templates", "static")

    @property
    def all_routes(self) -> tuple[Route, ...]:
        """The routes, with the catch-all of a web application that names neither routes nor a URL."""
        return self.routes or (("ANY /", "ANY /{proxy+}") if self.application and not self.url else ())

    def body_of(self, route: Route) -> str | Mapping[str, Any] | None:
        """The schema of the bodies that one of the routes takes; the name of its file before it is read."""
        every = self.body.get("*") if split_route(route)[0] in {"PATCH", "POST", "PUT"} else None
        schema: str | Mapping[str, Any] | None = self.body.get(route, every)
        return schema

    @property
    def has_alias(self) -> bool:
        """Whether callers call its alias ``live`` instead of what was uploaded last."""
        return bool(self.gradual or self.provisioned_concurrency or self.snap_start)

    @property
    def keeps_dead_letters(self) -> bool:
        """Whether it has a queue of its own for events it failed to handle. A queue's messages have that queue's."""
        kinds = ["schedules", *(kind.name for kind in KINDS if kind.fails_to_dead_letters)]
        return self.dead_letters and any(getattr(self.events, name) for name in kinds)


@value
class Backend(Extended, OfBackend):
    """What computes: functions behind one API."""

    functions: Mapping[Name, Function] = field(default_factory=dict)
    api: Api = Api()
    boto3: Literal["packaged", "runtime"] = "packaged"
    """Whose boto3 runs: the one in the requirements, or the one of Lambda's Python, whose version AWS chooses."""
    shared_requirements: RequirementsPath | None = None
    """A file of requirements, lock or pyproject.toml: what is in it goes into a layer that every function runs with,
    and out of their own zips."""
    template: TemplateFile | Mapping[str, Any] | None = None
    """A template that another framework made, instead of functions: SAM, ``serverless package``, ``chalice package``
    or plain CloudFormation. Its local files are uploaded, its roles get the stage's boundary. ``zappa template`` makes
    an API alone: next to it, describe the function with ``wsgi``. Built in Python, it may be the template itself."""
    parameters: Mapping[str, Annotated[Any, _unless_text(RawParameter)]] = field(default_factory=dict)
    """Values for the parameters of ``template``, or parameters of your own with a Type and a Default."""
    outputs: Mapping[OutputName, Annotated[Any, _unless_text(RawOutput)]] = field(default_factory=dict)
    """What other stacks read of ``template``, by output, resource, or resource and attribute: ``ApiId: MyApi``. The
    site reaches the API whose ``ApiId`` is named. ``ApiStage`` names its stage, where the template has several.
    Outputs of your own have a value: ``AlertsArn: !Ref Alerts``."""
    stacks: Annotated[int, Between(1, 100)] = 1
    """Over how many stacks the functions are spread: one holds about 80 functions with a route each. A function's
    name alone says in which one it is, so a new one changes one of them."""
