"""Environment variables of any framework → ``environment`` and ``secrets`` of a function. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.description.secret_settings import SECRET_NAME
from stacks.intrinsics.functions import is_function
from stacks.migrating.names import slug
from stacks.migrating.references import LostError, References
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.located import Place
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import MigratedFunction, Service

_NO_SECRET = re.compile(
    r"(?:NAME|ID|IDS|ARN|URL|URI|HOST|PATH|TABLE|BUCKET|HEADER|TTL|EXPIRY|EXPIRES|EXPIRATION|EXPIRES_IN|MINUTES|SECONDS"
    r"|HOURS|DAYS|LENGTH|LIMIT|TYPE|ALGORITHM|ENABLED|ISSUER|AUDIENCE|REGION|PREFIX|VERSION|TIMEOUT|SIZE)$"
)
_STAGE = "STAGE"
_PLAIN_VALUE = re.compile(r"-?\d+(\.\d+)?|true|false|none|null|", re.IGNORECASE)
_PASSWORD_IN_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@")


@dataclass(frozen=True, slots=True)
class _Setting:
    """A variable of a function, and what is reported of it."""

    name: str
    place: Place
    subject: str
    service: Service
    obstacles: Obstacles

    def asked(self, why: str) -> str | None:
        """A value that comes from .env, as it cannot be known here."""
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", self.name):
            self.obstacles.lost(self.place, self.subject, why, "Write it under 'environment'")
            return None
        self.service.needed.setdefault(self.name, "")
        what = f"takes its value from .env: {why}"
        self.obstacles.changed(self.place, self.subject, what, f"Write '{self.name}=…' into .env")
        return f"${{env:{self.name}}}"

    def value(self, value: object, references: References) -> Any:
        """The value: text or a CloudFormation function; None when there is none."""
        if value is None:
            self.obstacles.note(self.place, self.subject, "has no value", "Nothing to do")
            return None
        try:
            result = references.value(value)
        except LostError as error:
            return self.asked(str(error))
        if isinstance(result, bool):
            return str(result).lower()
        if isinstance(result, str) or is_function(result):
            return result
        if isinstance(result, Mapping | list):
            fix = "Write it as text, such as JSON in quotes"
            self.obstacles.lost(self.place, self.subject, "is not a text", fix)
            return None
        return str(result)


def environment(
    function: MigratedFunction, references: References, service: Service, obstacles: Obstacles
) -> tuple[JsonDict, dict[str, Place]]:
    """The settings of a function by name, and the secrets it reads with the place of each."""
    mapping: JsonDict = {}
    secrets: dict[str, Place] = {}
    for name, (described, place) in function.environment.items():
        setting = _Setting(name, place, _subject(function, name, place, service), service, obstacles)
        if name == _STAGE and described == service.stage:
            obstacles.note(place, setting.subject, "every function has its stage's name there", "Nothing to do")
            continue
        is_unknown_secret = isinstance(described, Unknown) and _is_secret(name, described.text)
        result = described.text if is_unknown_secret else setting.value(described, references)
        if result is None:
            continue
        if not _is_secret(name, result):
            looks = isinstance(result, str) and result and (SECRET_NAME.search(name.upper()) or "{{resolve:" in result)
            mapping[name] = {"value": result, "secret": False} if looks else result
            continue
        secret = slug(name) or "secret"
        secrets[secret] = place
        how = f"'stacks secrets set {secret}', and read it with its id in {secret.replace('-', '_').upper()}_SECRET_ID"
        what = "looks like a secret, which no template may hold"
        obstacles.changed(place, setting.subject, what, f"Set it by {how}")
    return mapping, secrets


def _subject(function: MigratedFunction, name: str, place: Place, service: Service) -> str:
    """The variable as a report names it: once for all functions that take it from the same place."""
    others = (other for other in service.functions.values() if other is not function)
    shared = any(other.environment.get(name, (None, None))[1] == place for other in others)
    return f"environment.{name}" if shared else f"functions.{function.key}.environment.{name}"


def _is_secret(name: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    if _PASSWORD_IN_URL.match(value) or "{{resolve:secretsmanager:" in value:
        return True
    if not SECRET_NAME.search(name.upper()) or not value:
        return False
    if re.search(r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY", value):
        return True
    return not (_NO_SECRET.search(name.upper()) or _PLAIN_VALUE.fullmatch(value))
