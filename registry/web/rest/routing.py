"""How an operation of the API is served: its right, what may go wrong, its answer once."""

from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, TypeAlias

from flask import Response, g, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types
from marshmallow import EXCLUDE, fields

from registry.db import claim_writing
from registry.web.access import current_actor, current_session, needs_token
from registry.web.rest.asking import ETAG
from registry.web.rest.document import PROBLEM, ProblemShape
from registry.web.rest.fields import Fields, Text
from registry.web.rest.reading import as_json
from registry.web.rest.replies import Reply, digest_of_request, recall, remember
from registry.web.rest.resource import Resource

View: TypeAlias = Callable[..., Response]

JSON = "application/json"
ETAG_HEADER = {"ETag": {"schema": {"type": "string"}, "description": "The version of this thing"}}


class IfMatch(Fields):
    """The version that a change is made to; without it the answer is 428."""

    class Meta:
        """Leave the other headers alone."""

        unknown = EXCLUDE

    if_match = fields.String(
        data_key="If-Match", metadata={"description": "The ETag that was read; 428 without it"}
    )


class OnceOnly(Fields):
    """The key under which a POST may be sent again."""

    class Meta:
        """Leave the other headers alone."""

        unknown = EXCLUDE

    key = fields.String(
        data_key="Idempotency-Key",
        metadata={
            "description": "8 to 64 visible characters: a repetition gets the first answer",
            "pattern": "^[\\x21-\\x7e]{8,64}$",
        },
    )


class Route:
    """Adds views under one right, each with what may go wrong with it."""

    def __init__(self, blueprint: Blueprint, name: str, right: str) -> None:
        """Name the resource and the right."""
        self._blueprint, self._name, self._right = blueprint, name, right

    def add(self, path: str, method: str, endpoint: str, summary: str, view: View) -> None:
        """Serve a view; its right is asked before its arguments are read."""
        wrong = [401, 403, 422, 429]
        wrong += [404] if "<" in path or method != "GET" else []
        wrong += [400, 409, 413, 415] if method != "GET" else []
        wrong += [412, 428] if method in {"PATCH", "DELETE"} else []
        document = self._blueprint.doc(
            summary=summary,
            operationId=f"{self._name}_{endpoint}",
            security=[{"token": []}],
            responses={
                status: {
                    "description": HTTPStatus(status).phrase,
                    "content": {PROBLEM: {"schema": ProblemShape}},
                }
                for status in wrong
            },
        )
        view = document(view)
        guarded = needs_token(self._right)(view)
        self._blueprint.add_url_rule(path, endpoint=endpoint, view_func=guarded, methods=[method])


def answer_once(make: Callable[[], tuple[Reply, Reply]], key: str | None) -> Response:
    """Make something, or give the answer of the time when it was made."""
    session, actor = current_session(), current_actor().id
    claim_writing(session)
    if key is not None:
        # What an address asks for is part of the request; few POSTs have anything there.
        path = request.full_path if request.query_string else request.path
        digest = digest_of_request(request.method, path, request.get_data())
        reply = recall(session, actor=actor, key=key, digest=digest, at=g.now)
        if reply is not None:
            session.rollback()
            response = sent(reply)
            response.headers["Idempotency-Replayed"] = "true"
            return response
    told, kept = make()
    if key is not None:
        remember(session, kept, actor=actor, key=key)
    session.commit()
    return sent(told)


def replies(
    resource: Resource,
    made: Any,  # noqa: ANN401 - one thing or a list
    etag: str,
    address: str,
) -> tuple[Reply, Reply]:
    """Return the answer as it is told and as it is kept: what is shown once is not kept."""
    told = Reply(HTTPStatus.CREATED, as_json(made), address, etag)
    if resource.writer.shown is None:
        return told, told
    known = {*resource.columns, ETAG}
    several = made if isinstance(made, list) else [made]
    kept: Any = [{name: item[name] for name in item if name in known} for item in several]
    return told, Reply(
        HTTPStatus.CREATED, as_json(kept if isinstance(made, list) else kept[0]), address, etag
    )


def sent(reply: Reply) -> Response:
    """Send an answer with its address and its version."""
    response = Response(reply.body, reply.status, mimetype=JSON)
    if reply.location:
        response.headers["Location"] = reply.location
    if reply.etag:
        response.set_etag(reply.etag)
    return response


def answer(value: object) -> Response:
    """Send a value as JSON."""
    return Response(as_json(value), mimetype=JSON)


def with_etag(response: Response, item: Mapping[str, object]) -> Response:
    """Say which version of a thing an answer holds."""
    response.set_etag(str(item[ETAG]))
    return response


def key_path(resource: Resource) -> str:
    """Return how the address of one thing names it."""
    known = resource.shown().fields[resource.key]
    if isinstance(known, fields.Integer):
        return "/<int:key>"
    return "/<string(maxlength=60):key>"


def shown_by(resource: Resource) -> type[Fields]:
    """Return the shape of one thing as it is answered, with its version."""
    return _shape(resource.shown, told_once=resource.writer.shown is not None)


@cache
def _shape(shown: type[Fields], *, told_once: bool) -> type[Fields]:
    etag = Text(64, dump_only=True, metadata={"description": "The version, for If-Match"})
    once = {"token": fields.String(dump_only=True)} if told_once else {}
    schema: type[Fields] = shown.from_dict({ETAG: etag, **once}, name=shown.__name__)  # type: ignore[assignment]  # it makes a subclass
    return schema
