"""Takes in and hands out contents that are no JSON: the bytes of a paper, as they are."""

from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, g, request, url_for
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types
from werkzeug.exceptions import UnsupportedMediaType

from registry.errors import NotFound
from registry.web.access import current_actor, current_session
from registry.web.rest.asking import ETAG
from registry.web.rest.fields import Fields
from registry.web.rest.reading import read_some
from registry.web.rest.resource import Resource
from registry.web.rest.routing import (
    ETAG_HEADER,
    OnceOnly,
    Route,
    answer_once,
    key_path,
    replies,
    shown_by,
)
from registry.web.rest.writing import create

ANYTHING = "application/octet-stream"
CONTENT, MEDIA_TYPE = "content", "media_type"
BYTES = {"schema": {"type": "string", "format": "binary"}}


def take_content(
    blueprint: Blueprint, resource: Resource, asked: type[Fields], *, types: Collection[str]
) -> None:
    """
    Let a POST to a resource be the bytes of a thing, told of in the address.

    The resource's writer gets the values of the address, with the bytes as `content`
    and what they are declared to be as `media_type`. Another type than `types` is
    answered with 415 before anything is read.
    """

    def add_one(values: Mapping[str, Any], once: Mapping[str, str]) -> Response:
        if request.mimetype not in {ANYTHING, *types}:
            raise UnsupportedMediaType
        whole = {**values, CONTENT: request.get_data(), MEDIA_TYPE: request.mimetype}

        def make() -> Any:  # noqa: ANN401 - the answer as told and as kept
            (item,) = create(current_session(), resource, [whole], actor=current_actor(), at=g.now)
            address = url_for(f"api_{resource.name}.read", key=item[resource.key])
            return replies(resource, item, str(item[ETAG]), address)

        return answer_once(make, once.get("key"))

    said = f"Its bytes, as {ANYTHING} or as what it is: {', '.join(sorted(types))}"
    headers = {**ETAG_HEADER, "Location": {"schema": {"type": "string"}}}
    told = blueprint.response(HTTPStatus.CREATED, shown_by(resource), headers=headers)(add_one)
    told = blueprint.arguments(OnceOnly, location="headers")(told)
    told = blueprint.arguments(asked, location="query")(told)
    told = blueprint.doc(
        requestBody={"required": True, "description": said, "content": {ANYTHING: BYTES}}
    )(told)
    route = Route(blueprint, resource.name, resource.writes)
    route.add("", "POST", "add", f"Send one of {resource.title.lower()}", told)


def give_content(
    blueprint: Blueprint,
    resource: Resource,
    give: Callable[[Mapping[str, object]], Response],
    *,
    types: Collection[str],
) -> None:
    """Hand out the bytes of a thing, by `give`, to whoever may read its row."""

    def give_one(key: int) -> Response:
        found = read_some(current_session(), resource, [key], actor=current_actor())
        if key not in found:
            raise NotFound(f"{resource.name} {key}")
        return give(found[key])

    told = blueprint.doc(
        responses={
            200: {"description": "Its bytes", "content": dict.fromkeys(sorted(types), BYTES)}
        }
    )(give_one)
    route = Route(blueprint, resource.name, resource.reads)
    path = f"{key_path(resource)}/content"
    route.add(path, "GET", "content", f"Get the content of one of {resource.title.lower()}", told)
