"""Hands what a client sends to the services of the fleet, and says their problems in words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.fleet.models import Camera, Site
from registry.fleet.rules import Zones, describe
from registry.fleet.vault import Vault
from registry.signature import Signature
from registry.territory.queries import communes_within
from registry.web.render import language
from registry.web.rest import Place, Text

Create = Callable[..., Any]
# Where the services name a field otherwise than the API does.
NAMES = {"reason": "why"}


def settle(app: Flask, *, key_file: Path, zones: Zones) -> None:
    """
    Tell the application what its fleet is written by.

    Blueprints are made once in a process and serve any application of it: what
    differs between two applications is looked up by each request.

    Args:
        app: The application.
        key_file: Where the keys that seal credentials are kept.
        zones: In whose networks a camera's address may lie.
    """
    app.extensions["vigiparc.key_file"] = key_file
    app.extensions["vigiparc.zones"] = zones


def zones() -> Zones:
    """Return in whose networks an address may lie."""
    found: Zones = current_app.extensions["vigiparc.zones"]
    return found


def vault() -> Vault:
    """Open what seals and opens the passwords of cameras."""
    return Vault.open(current_app.extensions["vigiparc.key_file"])


def why() -> Text:
    """Return the field in which a client says why, for the journal."""
    return Text(400, metadata={"description": "Why, for the journal"})


def creating(create: Create, *, reaching: bool = False) -> Callable[..., Any]:
    """Return what adds a thing through its service; `reaching` tells it the zones."""

    def write(session: Session, values: Mapping[str, Any], signed: Signature, /) -> Any:  # noqa: ANN401 - whatever the service adds
        fixed = {"zones": zones()} if reaching else {}
        with spoken():
            return create(session, plain(values), signed=signed, **fixed)

    return write


def updating(update: Create, *, reaching: bool = False) -> Callable[..., object]:
    """Return what changes a thing through its service; `reaching` tells it the zones."""

    def write(
        session: Session,
        row: Any,  # noqa: ANN401 - whatever the service changes
        values: Mapping[str, Any],
        signed: Signature,
        /,
    ) -> object:
        fixed = {"zones": zones()} if reaching else {}
        with spoken():
            return update(session, row, plain(values), signed=signed, **fixed)

    return write


@contextmanager
def spoken() -> Iterator[None]:
    """Put what a service refuses into the reader's language, under the API's own names."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            replace(
                each,
                where=NAMES.get(each.where, each.where),
                parameters={**each.parameters, "message": describe(each, language())},
            )
            for each in error.problems
        ) from error


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the services read them: a flag is a word, a day stays a day."""
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date | int) or value is None:
        return value
    return str(value)


def by_site() -> Place:
    """Return the place of what stands at a site, named by `site`."""
    return Place(Site.insee.in_, communes_within, _of_site)


def by_camera() -> Place:
    """Return the place of what belongs to a camera, named by `camera_id`."""
    return Place(Site.insee.in_, communes_within, _of_camera)


def at_camera(question: Select[Any], model: Any) -> Select[Any]:  # noqa: ANN401 - any model with a camera
    """Read something of cameras with the site that they stand at."""
    return (
        question.select_from(model)
        .join(Camera, Camera.id == model.camera_id)
        .join(Site, Site.id == Camera.site_id)
    )


def _of_site(session: Session, values: Mapping[str, Any]) -> frozenset[str]:
    named = select(Site.insee).where(Site.public_id == values.get("site"))
    return frozenset(session.scalars(named))


def _of_camera(session: Session, values: Mapping[str, Any]) -> frozenset[str]:
    named = select(Site.insee).join(Camera, Camera.site_id == Site.id)
    return frozenset(session.scalars(named.where(Camera.id == values.get("camera_id"))))
