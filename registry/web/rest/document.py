"""The API's own description: how input is refused, what OpenAPI says, and a page to read it."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from threading import Lock
from typing import Any, NoReturn

from flask import Blueprint, Flask, Response, render_template, request
from flask_smorest import Api  # type: ignore[import-untyped]  # ships no types
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from registry.errors import Invalid, Problem
from registry.web.render import gettext
from registry.web.rest.fields import MESSAGES
from registry.web.rest.reading import as_json

PROBLEM = "application/problem+json"
SHOWN = 80
SECRETS = frozenset({"password", "secret", "token"})
# What marshmallow says itself, without asking a field.
OWN_WORDS = {"Unknown field.": "unknown", "Invalid input type.": "body"}


class ProblemLine(Schema):
    """One thing wrong with one input."""

    field = fields.String(metadata={"description": "Its name, empty for the whole"})
    row = fields.Integer(metadata={"description": "The place in the list, from 0"})
    pointer = fields.String(metadata={"description": "JSON pointer into the body (RFC 6901)"})
    value = fields.String(metadata={"description": "What stood there, shortened"})
    code = fields.String(metadata={"description": "A word for programs"})
    message = fields.String(metadata={"description": "What was expected, in your language"})


class ProblemShape(Schema):
    """An answer to something wrong (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(ProblemLine))


class Parser(FlaskParser):
    """Reads arguments, and refuses them as the register refuses anything."""

    # A filter with a typing error would otherwise give the whole list.
    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the library's own name
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def load_json(self, req: Any, schema: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Read a JSON body; another kind of content is refused before it is read."""
        if req.mimetype != "application/json":
            raise UnsupportedMediaType
        try:
            return super().load_json(req, schema)
        except RecursionError as error:
            # A hundred thousand brackets: the decoder calls itself for each.
            raise BadRequest from error

    def handle_error(
        self,
        error: ValidationError,
        req: Any,  # noqa: ANN401 - the library's signature
        schema: Any,  # noqa: ANN401, ARG002
        **_rest: Any,  # noqa: ANN401
    ) -> NoReturn:
        """Say every problem with its field, its row and what stood there."""
        for location, messages in error.messages_dict.items():
            if location == "json":
                raise Invalid(_problems(messages, req.get_json(silent=True)))
            raise Invalid(_of_address(messages, req))
        raise BadRequest

    def _handle_invalid_json_error(self, *_arguments: Any, **_rest: Any) -> NoReturn:  # noqa: ANN401
        raise BadRequest


def _of_address(messages: Mapping[str, Any], req: Any) -> Iterator[Problem]:  # noqa: ANN401
    """Say what is wrong with parameters and headers; a list is named as a whole."""
    for name, inner in messages.items():
        given = req.args.get(name, req.headers.get(name, ""))
        for problem in _problems(inner, given):
            said = {**problem.parameters, "in": "query" if name in req.args else "header"}
            yield Problem(problem.code, str(name), str(given)[:SHOWN], said)


def _problems(
    messages: Any,  # noqa: ANN401 - as marshmallow nests them
    source: Any,  # noqa: ANN401 - whatever JSON holds
    path: tuple[str, ...] = (),
) -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            own = () if name == "_schema" else (str(name),)
            yield from _problems(inner, _inside(source, name), (*path, *own))
    elif isinstance(messages, Sequence) and not isinstance(messages, str):
        for each in messages:
            yield from _problems(each, source, path)
    else:
        known = OWN_WORDS.get(messages)
        message = gettext(MESSAGES[known]) if known else str(messages)
        secret = SECRETS & set(path)
        value = "" if secret or isinstance(source, Mapping | list) else str(source or "")[:SHOWN]
        yield Problem("value", "/".join(path), value, {"message": message})


def _inside(source: Any, name: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(source, Mapping):
        return source.get(name, "")
    if isinstance(source, list) and isinstance(name, int) and name < len(source):
        return source[name]
    return source if name == "_schema" else ""


class Document(Api):  # type: ignore[misc]  # ships no types
    """The description of the API: served as OpenAPI, and as a page of our own."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask, *, version: str) -> None:
        """Serve `/api/v1/openapi.json` and the page that reads it, `/api`."""
        app.config.update(
            API_TITLE="VigiParc",
            API_VERSION=version,
            OPENAPI_VERSION="3.1.0",
            OPENAPI_URL_PREFIX="/api/v1",
            OPENAPI_JSON_PATH="openapi.json",
        )
        self._undescribed: list[Any] = []
        self._lock = Lock()
        super().__init__(app)
        self.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
        page = Blueprint("api", __name__)
        page.get("/api", endpoint="read_document")(self._read)
        app.register_blueprint(page)

    def register_blueprint(self, blueprint: Any, **_options: object) -> None:  # noqa: ANN401 - untyped there
        """Serve a blueprint now; it is described when somebody asks for the description."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._undescribed.append(blueprint)

    def describe(self) -> Mapping[str, Any]:
        """Return the description, which takes half a second to make and is made once."""
        with self._lock:
            while self._undescribed:
                blueprint = self._undescribed.pop(0)
                blueprint.register_views_in_doc(
                    self, self._app, self.spec, name=blueprint.name, parameters=None
                )
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
            described: Mapping[str, Any] = self.spec.to_dict()
            return described

    def _openapi_json(self) -> Response:
        return Response(as_json(self.describe()), mimetype="application/json")

    def _register_error_handlers(self) -> None:
        """Leave errors to web/problems: one table for pages and programs."""

    def _read(self) -> str:
        """Show the description to whoever writes a program, without a line of script."""
        document = self.describe()
        groups: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if method.upper() in {"GET", "POST", "PATCH", "DELETE"}:
                    groups.setdefault(operation["tags"][0], []).append(
                        (method.upper(), path, operation)
                    )
        return render_template(
            "api.html",
            groups=groups,
            titles={tag["name"]: tag["description"] for tag in document["tags"]},
            schemas=document["components"]["schemas"],
            base=request.url_root,
            statuses={str(int(each)): each.phrase for each in HTTPStatus},
        )
