"""Turns a request into the anonymous visitor who sent it, by Flask's signed session cookie.

The cookie holds two random values: who the visitor is, and the token that each of our forms sends back
(so that a foreign page cannot post in the visitor's name). The key that signs it comes from Secrets Manager,
read at the first request and kept for the life of the process: importing the application makes no calls.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import aws
from flask import Flask, abort, request, session
from flask.sessions import SecureCookieSessionInterface

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from itsdangerous import URLSafeTimedSerializer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class LateKeySessions(SecureCookieSessionInterface):
    """Flask's own cookie sessions, whose key is read when the first request needs it."""

    def __init__(self, read_key: Callable[[], str]) -> None:
        self._read_key = read_key

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs the cookie; a key that could not be read is asked for again at the next request."""
        if app.secret_key is None:
            app.secret_key = self._read_key()
        return super().get_signing_serializer(app)


def session_key(environ: Mapping[str, str]) -> str:
    """The secret named by ``SESSION_KEY_SECRET_ID``; a random one where there is no ``STAGE`` (development).

    Raises:
        KeyError: a deployment does not say which secret to use; with a random key each instance would have its own.
    """
    if "STAGE" not in environ:
        return secrets.token_hex(32)
    secret_id = environ["SESSION_KEY_SECRET_ID"]
    key: str = aws.client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"]
    return key


def known_owner() -> str | None:
    """The visitor's owner id, or None for one who has never kept a note."""
    owner: str | None = session.get("owner")
    return owner


def owner() -> str:
    """The visitor's owner id, made when there is none. The API's owners begin with ``user#``, these never do."""
    known = known_owner()
    if known is not None:
        return known
    visitor = f"visitor#{secrets.token_urlsafe(24)}"
    session["owner"] = visitor
    session.permanent = True
    return visitor


def csrf_token() -> str:
    """The token this visitor's forms must send back."""
    token: str = session.setdefault("csrf", secrets.token_urlsafe(24))
    return token


def refuse_forged_posts() -> None:
    """End the request with 400 when it may change something and does not carry the visitor's token."""
    if request.method in SAFE_METHODS:
        return
    sent, expected = request.form.get("csrf", ""), session.get("csrf", "")
    if not expected or not secrets.compare_digest(sent.encode(), expected.encode()):
        abort(400, "This form is no longer valid. Go back to your notes and try again.")
