"""Turns a visitor's requests into pages of their notes: the example's web application.

Runs in Lambda behind API Gateway (the packager wraps ``app``) and, with notes in memory, on a development machine by
``flask --app app run``. It never writes next to its code, which is read-only in Lambda, and importing it does no I/O.
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from cdn import name_static_by_content, serve_static_from
from flask import Blueprint, Flask, abort, current_app, flash, redirect, render_template, request, url_for
from store import MAX_CHARACTERS, NOTE_ID, InvalidNoteError, NoteStore, note_text, store_for
from visitor import LateKeySessions, csrf_token, known_owner, owner, refuse_forged_posts, session_key
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from flask.typing import ResponseReturnValue

pages = Blueprint("pages", __name__)


def create_app(store: NoteStore, read_key: Callable[[], str], stage: str) -> Flask:
    """The application with its notes in ``store`` and its cookies signed with the key that ``read_key`` gives."""
    application = Flask(__name__)
    application.config.update(
        SESSION_COOKIE_SECURE=True,  # browsers count http://localhost as secure, too
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=365),
        MAX_CONTENT_LENGTH=64 * 1024,
        STAGE=stage,
    )
    application.extensions["notes"] = store
    application.session_interface = LateKeySessions(read_key)
    application.jinja_env.globals.update(csrf_token=csrf_token, MAX_CHARACTERS=MAX_CHARACTERS)
    application.register_blueprint(pages)
    return application


@pages.get("/")
def index() -> str:
    """The visitor's notes and the form for a new one."""
    return notes_page()


@pages.post("/notes")
def add() -> ResponseReturnValue:
    """Keep a note, then show the list; a text that cannot be kept comes back in the form, with the reason."""
    raw = request.form.get("text", "")
    try:
        text = note_text(raw)
    except InvalidNoteError as problem:
        return notes_page(text=raw, problem=str(problem)), 422
    note_store().add(owner(), text)
    flash("Note added.")
    return redirect(url_for("pages.index"), 303)


@pages.post("/notes/<note_id>/delete")
def delete(note_id: str) -> ResponseReturnValue:
    """Forget one of the visitor's own notes."""
    if not NOTE_ID.fullmatch(note_id):
        abort(404)
    note_store().delete(owner(), note_id)
    flash("Note deleted.")
    return redirect(url_for("pages.index"), 303)


@pages.get("/healthz")
def healthz() -> dict[str, object]:
    """Says that the application answers, and for which stage."""
    return {"stage": current_app.config["STAGE"], "ok": True}


@pages.app_errorhandler(HTTPException)
def error_page(error: HTTPException) -> ResponseReturnValue:
    """A page for every refusal; 500 comes here, too. It uses no session, which may be what failed."""
    return render_template("error.html", error=error), error.code or 500


@pages.after_app_request
def keep_private(response: Response) -> Response:
    """No cache between us and the visitor may keep a page; static files say for themselves."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


pages.before_app_request(refuse_forged_posts)


def note_store() -> NoteStore:
    """The store this application was made with."""
    store: NoteStore = current_app.extensions["notes"]
    return store


def notes_page(text: str = "", problem: str = "") -> str:
    """The page of notes, with ``text`` in its form and the reason it was not kept."""
    visitor = known_owner()
    notes = note_store().newest(visitor) if visitor else []
    return render_template("notes.html", notes=notes, text=text, problem=problem)


app = create_app(store_for(os.environ), partial(session_key, os.environ), os.environ.get("STAGE", "local"))
if "STAGE" in os.environ:  # deployed: static files come from the bucket
    name_static_by_content(app)
serve_static_from(app, os.environ.get("CDN_DOMAIN", ""))  # set where the site is split
