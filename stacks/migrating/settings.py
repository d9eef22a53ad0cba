"""Environment variables of any framework → ``environment`` and ``secrets`` of a function. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stacks.description.secret_settings import SECRET_NAME
from stacks.intrinsics import is_function
from stacks.migrating.names import slug
from stacks.migrating.references import LostError, References
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from stacks.migrating.located import Place
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Function, Service

_NO_SECRET = re.compile(
    r"(?:NAME|ID|IDS|ARN|URL|URI|HOST|PATH|TABLE|BUCKET|HEADER|TTL|EXPIRY|EXPIRES|EXPIRATION|EXPIRES_IN|MINUTES|SECONDS"
    r"|HOURS|DAYS|LENGTH|LIMIT|TYPE|ALGORITHM|ENABLED|ISSUER|AUDIENCE|REGION|PREFIX|VERSION|TIMEOUT|SIZE)$"
)
_PLAIN_VALUE = re.compile(r"-?\d+(\.\d+)?|true|false|none|null|", re.IGNORECASE)
_PASSWORD_IN_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@")


def environment(
    function: Function, references: References, service: Service, obstacles: Obstacles
) -> tuple[dict[str, Any], dict[str, Place]]:
    """The settings of a function by name, and the secrets it reads with the place of each."""
    made: dict[str, Any] = {}
    secrets: dict[str, Place] = {}
    for name, (value, place) in function.environment.items():
        subject = f"functions.{function.key}.environment.{name}"
        found = _value(name, value, references, service, place, subject, obstacles)
        if found is None:
            continue
        if not _is_secret(name, found):
            looks = SECRET_NAME.search(name.upper()) and isinstance(found, str) and found
            made[name] = {"value": found, "secret": False} if looks else found
            continue
        secret = slug(name) or "secret"
        secrets[secret] = place
        how = f"'stacks secrets set {secret}', and read it with its id in {secret.replace('-', '_').upper()}_SECRET_ID"
        obstacles.changed(place, subject, "looks like a secret, which no template may hold", f"Set it by {how}")
    return made, secrets


def _value(  # noqa: PLR0913 - one setting, and where it is from
    name: str,
    value: Any,
    references: References,
    service: Service,
    place: Place,
    subject: str,
    obstacles: Obstacles,
) -> Any:
    """A setting's value: text or a CloudFormation function; None when there is none."""
    if value is None:
        obstacles.note(place, subject, "has no value", "Nothing to do")
        return None
    if isinstance(value, Unknown):
        return _asked(name, service, place, subject, value.text, obstacles)
    try:
        found = references.value(value)
    except LostError as error:
        return _asked(name, service, place, subject, str(error), obstacles)
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, int | float):
        return str(found)
    if isinstance(found, str) or is_function(found):
        return found
    if isinstance(found, Mapping | list):
        obstacles.lost(place, subject, "is not a text", "Write it as text, such as JSON in quotes")
        return None
    return str(found)


def _asked(  # noqa: PLR0913 - as above
    name: str, service: Service, place: Place, subject: str, why: str, obstacles: Obstacles
) -> str | None:
    """A value that comes from .env, as it cannot be known here."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", name):
        return None
    service.needed.setdefault(name, "")
    obstacles.changed(place, subject, f"takes its value from .env: {why}", f"Write '{name}=…' into .env")
    return f"${{env:{name}}}"


def _is_secret(name: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if _PASSWORD_IN_URL.match(value):
        return True
    if not SECRET_NAME.search(name.upper()) or not value:
        return False
    if re.search(r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY", value):
        return True
    return not (_NO_SECRET.search(name.upper()) or _PLAIN_VALUE.fullmatch(value))
