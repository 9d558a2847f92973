"""What keeps a page from being turned against its reader: keys, headers, CSRF, limits."""

import base64
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect, FlaskForm  # type: ignore[import-untyped]  # ships no types

from registry.db import LARGEST_ID
from registry.errors import Invalid, Problem

if TYPE_CHECKING:
    from flask.typing import RouteCallable

SIGN_IN_LIMIT = "10 per minute"
GUESSES_LIMIT = "60 per minute"

# data: is for the marks that Bootstrap's stylesheet carries inline. No script and
# no style may stand in a page: everything comes from our own assets.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

# Whatever a file holds, no browser runs or frames it here.
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Form(FlaskForm):  # type: ignore[misc]  # the one untyped base; every form of ours starts here
    """A form of ours: labelled, translated, and carrying its CSRF token."""


def derive_key(secret: bytes, purpose: str) -> str:
    """
    Derive a signing key from a sealing key, so that one file holds both.

    HKDF (RFC 5869) with the purpose as context: what leaks of one derived key
    says nothing about the sealing key or about another purpose.
    """
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"vigiparc {purpose}".encode())
    return base64.urlsafe_b64encode(kdf.derive(secret)).decode()


def sign_with(app: Flask, keys: Sequence[bytes]) -> None:
    """Sign cookies with the first key, and still accept what the others signed."""
    first, *older = keys
    app.config.update(
        SECRET_KEY=derive_key(first, "cookies"),
        SECRET_KEY_FALLBACKS=[derive_key(key, "cookies") for key in older],
        SECURITY_PASSWORD_SALT=derive_key(first, "passwords"),
    )


def protect_cookies(app: Flask, *, secure: bool) -> None:
    """Keep the session cookie from scripts, from other sites, and with `secure` from HTTP."""
    app.config.update(
        SESSION_COOKIE_NAME="vigiparc",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=secure,
    )


def protect_forms(app: Flask, *, spared: Callable[[], bool]) -> None:
    """
    Refuse every changing request that carries no CSRF token, unless it is spared.

    The check is ours and runs before any view: left to Flask-Security's
    decorators it would pass over requests of visitors.
    """
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        SECURITY_CSRF_PROTECT_MECHANISMS=["session", "basic"],
    )
    csrf = CSRFProtect(app)

    def refuse_without_token() -> None:
        # Only what takes no cookie for an answer may be spared: nobody's browser can be
        # made to use it.
        if request.method in app.config["WTF_CSRF_METHODS"] and not spared():
            csrf.protect()

    app.before_request(refuse_without_token)


def refuse_nul(app: Flask) -> None:
    """
    Refuse a NUL character in an address or a form: no keyboard types one.

    PostgreSQL holds none in a text and would fail on it; a program's body has its own rules.
    """

    def refuse() -> None:
        if "\0" in request.path:
            abort(404)
        fields = [*request.args.items(multi=True), *request.form.items(multi=True)]
        if problems := [
            Problem("nul", _visible(name), _visible(value))
            for name, value in fields
            if "\0" in name + value
        ]:
            raise Invalid(problems)

    app.before_request(refuse)


def bound_keys(app: Flask) -> None:
    """Find nothing under a number that no column can hold: a database would fail on it."""

    def bound() -> None:
        for value in (request.view_args or {}).values():
            if isinstance(value, int) and value > LARGEST_ID:
                abort(404)

    app.before_request(bound)


def _visible(text: str) -> str:
    return text.replace("\0", "\N{SYMBOL FOR NULL}")


def add_headers(response: Response) -> Response:
    """Put the protective headers on a response; a view's own value stands."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def limit_attempts(app: Flask, endpoint: str) -> Limiter:
    """
    Slow down whoever guesses passwords: so many posts a minute from one address.

    Counted in the memory of each web process: the true limit is that many times
    the number of processes, which still makes guessing hopeless.
    """
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    limit = limiter.limit(SIGN_IN_LIMIT, methods=["POST"])
    app.view_functions[endpoint] = cast("RouteCallable", limit(app.view_functions[endpoint]))
    return limiter


def limit_programs(
    app: Flask, limiter: Limiter, *, per_minute: int, who: Callable[[], str]
) -> None:
    """
    Keep one token from starving the others; a request without one counts by its address.

    Whoever guesses tokens is slowed like whoever guesses passwords.
    """

    def key() -> str:
        return who() or f"address:{get_remote_address()}"

    def limit() -> str:
        return f"{per_minute} per minute" if who() else GUESSES_LIMIT

    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("api_"):
            limited = limiter.limit(limit, key_func=key)(view)
            app.view_functions[endpoint] = cast("RouteCallable", limited)


def attachment(content: bytes, *, media_type: str, name: str) -> Response:
    """Hand out a file to be saved: no browser shows, sniffs or keeps it."""
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response
