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
from werkzeug.exceptions import HTTPException

from registry.errors import Conflict, Invalid, NotFound, Problem, Refused, RegistryError

STATUSES: tuple[tuple[type[RegistryError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Refused, HTTPStatus.FORBIDDEN),
)


def register(app: Flask) -> None:
    """Map the register's errors, HTTP's own and the unforeseen ones."""
    app.register_error_handler(RegistryError, answer_registry_error)
    app.register_error_handler(HTTPException, answer_http_error)
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


def wants_json() -> bool:
    """Tell whether the client prefers JSON to a page."""
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"]
    )
    return best is not None and best != "text/html"


def _answer(status: HTTPStatus, problems: tuple[Problem, ...], *, code: str = "") -> Response:
    if wants_json():
        return _as_json(status, problems)
    page = render_template("problem.html", status=status, problems=problems, code=code)
    return make_response(page, status)


def _as_json(status: HTTPStatus, problems: tuple[Problem, ...]) -> Response:
    body: dict[str, object] = {"type": "about:blank", "title": status.phrase, "status": status}
    if problems:
        body["errors"] = [
            {"where": each.where, "code": each.code, "value": each.value} for each in problems
        ]
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response
