"""People with an account: signed up, confirmed and signed in as the site does it, with the library that it ships."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.running import ROOT

PASSWORD = "Correct-Horse-7-Battery"
CODE = "123456"  # what the emulator mails to everybody
LIBRARY = ROOT / "site/vendor/amazon-cognito-identity.min.js"
SCRIPT = Path(__file__).parent / "sign_in.cjs"


class RefusedError(Exception):
    """Cognito's code and message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPool:
    """Where accounts are: Cognito's address, and the ids of the pool and of the site's client."""

    endpoint: str
    pool: str
    client: str


def sign_in(users: UserPool, email: str, *, password: str = PASSWORD, code: str = CODE) -> str:
    """The ID token of a new account.

    Raises:
        RefusedError: when Cognito refuses the password, the code or the sign-in.
    """
    about = {**asdict(users), "email": email, "password": password, "code": code}
    words = ["node", str(SCRIPT), str(LIBRARY), json.dumps(about)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RefusedError(done.stderr)
    return done.stdout
