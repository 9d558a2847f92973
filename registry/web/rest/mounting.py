"""Gives a resource its addresses: list, read, add, change, in bulk, and end."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, g, request, url_for
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types
from marshmallow import fields
from werkzeug.exceptions import PreconditionFailed

from registry.db import claim_writing
from registry.errors import Invalid, NotFound, Problem, Refused
from registry.web.access import current_actor, current_session
from registry.web.rest.asking import ETAG, asked_for
from registry.web.rest.document import Parser
from registry.web.rest.fields import Fields, Id, Text
from registry.web.rest.reading import Page, read_page, read_some
from registry.web.rest.replies import Reply
from registry.web.rest.resource import Reckoned, Resource
from registry.web.rest.routing import (
    ETAG_HEADER,
    IfMatch,
    OnceOnly,
    Route,
    answer,
    answer_once,
    key_path,
    replies,
    shown_by,
    with_etag,
)
from registry.web.rest.writing import change, create, require_etag

LARGEST_BULK = 1_000


def mount(resource: Resource) -> Blueprint:
    """Return the blueprint of `/api/v1/<name>`, documented."""
    blueprint = _Blueprint(
        f"api_{resource.name}",
        __name__,
        url_prefix=f"/api/v1/{resource.name}",
        description=resource.title,
    )
    single = shown_by(resource)
    _mount_reads(blueprint, resource, single)
    if resource.writer.create and resource.given:
        _mount_additions(blueprint, resource, single)
    if resource.writer.update and resource.changed:
        _mount_changes(blueprint, resource, single)
    if resource.writer.remove:
        _mount_end(blueprint, resource)
    return blueprint


def beside(name: str, title: str) -> Blueprint:
    """Return a blueprint for what is told about resources that others mount."""
    return _Blueprint(f"api_{name}", __name__, url_prefix="/api/v1", description=title)


def attach(  # noqa: PLR0913, PLR0917 - what is told, of what, to whom, and how it is described
    blueprint: Blueprint,
    resource: Resource,
    path: str,
    summary: str,
    view: Callable[[Mapping[str, object], Mapping[str, Any]], object],
    asked: type[Fields],
    shown: type[Fields],
) -> None:
    """
    Serve one more thing about a single row of a resource, to whoever may read the row.

    The view gets the row, or is not called: 404 where the actor may not see it.
    """

    def guarded(values: Mapping[str, Any], key: int | str) -> Response:
        found = read_some(current_session(), resource, [key], actor=current_actor())
        if key not in found:
            raise NotFound(f"{resource.name} {key}")
        return answer(view(found[key], values))

    route = Route(blueprint, resource.name, resource.reads)
    told = blueprint.response(200, shown)(guarded)
    told = blueprint.arguments(asked, location="query")(told)
    address = f"/{resource.name}{key_path(resource)}/{path}"
    route.add(address, "GET", f"{resource.name}_{path}", summary, told)


def mount_reckoned(
    resource: Reckoned, read: Callable[[Mapping[str, Any]], Sequence[Mapping[str, object]]]
) -> Blueprint:
    """Return the blueprint of a list that is reckoned when it is asked for, in one page."""
    blueprint = _Blueprint(
        f"api_{resource.name}",
        __name__,
        url_prefix=f"/api/v1/{resource.name}",
        description=resource.title,
    )
    listed: Any = Fields.from_dict(
        {"items": fields.List(fields.Nested(resource.shown))}, name=f"{resource.name}List"
    )

    def list_all(asked: Mapping[str, Any]) -> Response:
        if current_actor().territory:
            raise Refused(f"{current_actor().id} is bound to a territory")
        return answer({"items": read(asked)})

    asked = blueprint.arguments(resource.asked, location="query")
    listing = blueprint.response(200, listed, description=resource.title)
    route = Route(blueprint, resource.name, resource.reads)
    route.add("", "GET", "list", f"List {resource.title.lower()}", asked(listing(list_all)))
    return blueprint


class _Blueprint(Blueprint):  # type: ignore[misc]  # the one untyped base of every resource
    """A blueprint whose errors are ours."""

    ARGUMENTS_PARSER = Parser()


def _mount_reads(blueprint: Blueprint, resource: Resource, single: type[Fields]) -> None:
    listed: Any = Fields.from_dict(
        {
            "items": fields.List(fields.Nested(single)),
            "next": fields.String(allow_none=True),
            "total": fields.Integer(),
        },
        name=f"{resource.name}Page",
    )

    def list_all(asked: Mapping[str, Any]) -> Response:
        _refuse_bound(resource)
        page = read_page(current_session(), resource, asked, actor=current_actor())
        _tell_of_read(resource, "")
        return answer(_page(page))

    def read_one(key: int | str) -> Response:
        _refuse_bound(resource)
        found = read_some(current_session(), resource, [key], actor=current_actor())
        if key not in found:
            raise NotFound(f"{resource.name} {key}")
        _tell_of_read(resource, str(key))
        item = found[key]
        if str(item[ETAG]) in request.if_none_match:
            return with_etag(Response(status=HTTPStatus.NOT_MODIFIED), item)
        return with_etag(answer(item), item)

    route = Route(blueprint, resource.name, resource.reads)
    asked = blueprint.arguments(asked_for(resource), location="query")
    listing = blueprint.response(200, listed, description=f"{resource.title}: a page")
    route.add("", "GET", "list", f"List {resource.title.lower()}", asked(listing(list_all)))
    item = blueprint.response(200, single, headers=ETAG_HEADER)(read_one)
    item = blueprint.alt_response(304, description="It has not changed", headers=ETAG_HEADER)(item)
    route.add(key_path(resource), "GET", "read", f"Read one of {resource.title.lower()}", item)


def _mount_additions(blueprint: Blueprint, resource: Resource, single: type[Fields]) -> None:
    given: Any = resource.given
    once = blueprint.arguments(OnceOnly, location="headers")
    route = Route(blueprint, resource.name, resource.writes)
    title = resource.title.lower()
    headers = {**ETAG_HEADER, "Location": {"schema": {"type": "string"}}}

    def add_one(values: Mapping[str, Any], once: Mapping[str, str]) -> Response:
        def make() -> tuple[Reply, Reply]:
            (item,) = create(current_session(), resource, [values], actor=current_actor(), at=g.now)
            address = url_for(f"api_{resource.name}.read", key=item[resource.key])
            return replies(resource, item, str(item[ETAG]), address)

        return answer_once(make, once.get("key"))

    def add_many(values: list[Mapping[str, Any]], once: Mapping[str, str]) -> Response:
        def make() -> tuple[Reply, Reply]:
            items = create(
                current_session(), resource, _bounded(values), actor=current_actor(), at=g.now
            )
            return replies(resource, items, "", "")

        return answer_once(make, once.get("key"))

    one = blueprint.response(201, single, headers=headers)(add_one)
    route.add("", "POST", "add", f"Add one of {title}", blueprint.arguments(given)(once(one)))
    many = blueprint.response(201, single(many=True))(add_many)
    body = blueprint.arguments(given(many=True))
    route.add("/bulk", "POST", "add_bulk", f"Add {title}, all or none", body(once(many)))


def _mount_changes(blueprint: Blueprint, resource: Resource, single: type[Fields]) -> None:
    changed: Any = resource.changed
    match = blueprint.arguments(IfMatch, location="headers")
    route = Route(blueprint, resource.name, resource.writes)
    title = resource.title.lower()

    def change_one(values: Mapping[str, Any], headers: Mapping[str, str], key: int) -> Response:
        etag = require_etag(headers.get("if_match"))
        session = current_session()
        claim_writing(session)
        whole = {**values, resource.key: key, ETAG: etag}
        (item,) = change(session, resource, [whole], actor=current_actor(), at=g.now)
        session.commit()
        return with_etag(answer(item), item)

    def change_many(values: list[Mapping[str, Any]]) -> Response:
        session = current_session()
        claim_writing(session)
        items = change(session, resource, _bounded(values), actor=current_actor(), at=g.now)
        session.commit()
        return answer(items)

    one = blueprint.response(200, single, headers=ETAG_HEADER)(change_one)
    one = blueprint.arguments(changed)(match(one))
    route.add(key_path(resource), "PATCH", "change", f"Change one of {title}", one)
    named = {
        resource.key: Id(required=True),
        ETAG: Text(64, least=1, required=True, metadata={"description": "The ETag that was read"}),
    }
    each: Any = changed.from_dict(named, name=f"{changed.__name__}OfMany")
    many = blueprint.response(200, single(many=True))(change_many)
    body = blueprint.arguments(each(many=True))
    route.add("/bulk", "PATCH", "change_bulk", f"Change {title}, all or none", body(many))


def _mount_end(blueprint: Blueprint, resource: Resource) -> None:
    def end_one(headers: Mapping[str, str], key: int) -> Response:
        etag = require_etag(headers.get("if_match"))
        session = current_session()
        claim_writing(session)
        found = read_some(session, resource, [key], actor=current_actor())
        if key not in found or resource.writer.remove is None:
            raise NotFound(f"{resource.name} {key}")
        if etag not in (found[key][ETAG], "*"):
            raise PreconditionFailed
        resource.writer.remove(session, key, at=g.now, actor=current_actor().id)
        session.commit()
        return Response(status=HTTPStatus.NO_CONTENT)

    match = blueprint.arguments(IfMatch, location="headers")
    route = Route(blueprint, resource.name, resource.writes)
    title = resource.title.lower()
    route.add(
        key_path(resource), "DELETE", "end", f"End one of {title}",
        match(blueprint.response(204)(end_one)),
    )  # fmt: skip


def _page(page: Page) -> dict[str, object]:
    told: dict[str, object] = {"items": page.items, "next": page.next}
    return told if page.total is None else {**told, "total": page.total}


def _refuse_bound(resource: Resource) -> None:
    """Refuse whoever is bound to a territory to look at what has no place."""
    if current_actor().territory and not resource.regional:
        raise Refused(f"{current_actor().id} is bound to a territory, {resource.name} are not")


def _tell_of_read(resource: Resource, key: str) -> None:
    if resource.told is not None:
        session = current_session()
        resource.told(session, current_actor(), key, g.now)
        session.commit()


def _bounded(values: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    if not 1 <= len(values) <= LARGEST_BULK:
        limit = {"most": str(LARGEST_BULK)}
        raise Invalid([Problem("items", "", str(len(values)), limit)])
    return values
