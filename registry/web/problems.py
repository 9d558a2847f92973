"""Turns what was raised into an answer, once: a page for people, RFC 9457 for programs."""

import traceback
from http import HTTPStatus

import structlog
from flask import (
    Flask,
    Response,
    g,
    has_request_context,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]  # ships no types
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from registry.db import is_busy
from registry.errors import Conflict, Invalid, NotFound, Problem, Refused, RegistryError
from registry.web.access import for_programs
from registry.web.render import gettext, mark

STATUSES: tuple[tuple[type[RegistryError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Refused, HTTPStatus.FORBIDDEN),
)

DETAILS = {
    400: mark("The body is no JSON."),
    401: mark("Send a token: Authorization: Bearer vgp_…"),
    403: mark("The token lacks the right, or the place lies outside its territory."),
    404: mark("There is no such thing, or the token may not see it."),
    409: mark("It is there already, or something that it needs is not, or is in its way."),
    412: mark("It has changed since it was read: read it again, then change it."),
    413: mark("The body is too large."),
    415: mark("Send JSON: Content-Type: application/json"),
    422: mark("Some of what was sent will not do: see errors."),
    428: mark("Send the ETag that was read in If-Match."),
    429: mark("Too many requests: wait, then go on slower."),
    500: mark("The service has failed; its log has the reason."),
    503: mark("The database is busy: try again in a moment."),
}
WORDS = {
    "too_many_parts": mark("Expected a shorter window, or larger parts of it."),
    "after_start": mark("Expected an end after the start."),
    "choice": mark("Expected one of: %(known)s."),
    "conflict": mark("It is there already, or something that it needs is not."),
    "cursor": mark("Expected the word `next` of a page of this list in this order."),
    "email": mark("Expected an e-mail address."),
    "expiry": mark("Expected an instant to come, within %(most)s days."),
    "future": mark("Expected an instant that has passed."),
    "items": mark("Expected between 1 and %(most)s objects."),
    "key_reused": mark("This key was used for another request."),
    "key_shape": mark("Expected 8 to 64 visible characters without spaces."),
    "length": mark("Expected at most %(most)s characters, and one at least."),
    "missing": mark("There is no such thing in the register."),
    "network": mark("Expected a network such as 192.0.2.0/24."),
    "paid_range": mark("Expected an amount up to the one voted, %(most)s cents."),
    "nul": mark("Expected text without a NUL character."),
    "place": mark("Expected department:59, commune:02691 or epci:200067742."),
    "read_only": mark("A token that only reads cannot hold this right."),
    "removed": mark(
        "What was seen before %(since)s was removed: expected midnights of Paris, or an instant"
        " from then on."
    ),
    "removed_wholly": mark(
        "What was seen before %(since)s was removed: expected an instant from then on."
    ),
    "required": mark("This field is required."),
    "role": mark("Expected one of: %(known)s."),
    "too_long": mark("Expected at most %(limit)s characters."),
    "why": mark("Say why: money, identity or dates change (%(fields)s)."),
}


def register(app: Flask) -> None:
    """Map the register's errors, HTTP's own and the unforeseen ones."""
    app.register_error_handler(RegistryError, answer_registry_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(OperationalError, answer_busy)
    app.register_error_handler(Exception, answer_unforeseen)


def status_of(error: RegistryError) -> HTTPStatus:
    """Return the HTTP status that says what the error says."""
    for kind, status in STATUSES:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def answer_registry_error(error: RegistryError) -> Response:
    """Answer an error that the register raised on purpose."""
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer_unforeseen(error)
    problems = error.problems if isinstance(error, Invalid) else ()
    return _answer(status, problems)


def answer_http_error(error: HTTPException) -> Response:
    """Answer an error of HTTP itself; redirects and ready responses pass unchanged."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    code = "csrf" if isinstance(error, CSRFError) else ""
    response = _answer(HTTPStatus(error.code), (), code=code)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def answer_busy(error: OperationalError) -> Response:
    """Ask to come back when another writer holds the database; all else is unforeseen."""
    if not is_busy(error):
        return answer_unforeseen(error)
    if session := g.get("session"):
        session.rollback()
    response = _answer(HTTPStatus.SERVICE_UNAVAILABLE, ())
    response.headers["Retry-After"] = "5"
    return response


def answer_unforeseen(error: Exception) -> Response:
    """Answer what nobody foresaw: the trace goes to the log, never to the reader."""
    structlog.get_logger().error(
        "request failed",
        path=request.path if has_request_context() else "",
        trace="".join(traceback.format_exception(error)),
    )
    if session := g.get("session"):
        session.rollback()
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, ())


def describe(problem: Problem) -> str:
    """Put a problem into the reader's words: what was expected."""
    if message := problem.parameters.get("message"):
        return message
    known = WORDS.get(problem.code)
    return gettext(known, **problem.parameters) if known else problem.code


def wants_json() -> bool:
    """Tell whether the client prefers JSON to a page."""
    if for_programs():
        return True
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"]
    )
    return best is not None and best != "text/html"


def _answer(status: HTTPStatus, problems: tuple[Problem, ...], *, code: str = "") -> Response:
    if wants_json():
        return _as_json(status, problems)
    page = render_template(
        "problem.html", status=status, problems=problems, code=code, describe=describe
    )
    return make_response(page, status)


def _as_json(status: HTTPStatus, problems: tuple[Problem, ...]) -> Response:
    body: dict[str, object] = {"type": "about:blank", "title": status.phrase, "status": status}
    if detail := DETAILS.get(status):
        body["detail"] = gettext(detail)
    if problems:
        body["errors"] = [_line(each) for each in problems]
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _line(problem: Problem) -> dict[str, object]:
    """
    Say one problem with its field, its row in a list, and a pointer into the body.

    A path such as `3/serial` names the fourth thing of a list; a row comes from 0.
    """
    row, _, field = problem.where.rpartition("/")
    line: dict[str, object] = {
        "field": field,
        "value": problem.value,
        "code": problem.code,
        "message": describe(problem),
    }
    if problem.parameters.get("in"):
        return line
    line["pointer"] = f"/{problem.where}" if problem.where else ""
    place = problem.where.partition("/")[0] if "/" in problem.where else row
    return {**line, "row": int(place)} if place.isdigit() else line
