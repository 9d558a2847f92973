"""Adds funded positions and changes them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Problem
from registry.fleet.models import Camera, CameraClass, CameraType, Land, Mount, Scheme
from registry.fleet.rules.reach import Reach, Zones, misfits
from registry.fleet.rules.tables import CAMERAS
from registry.fleet.service.edits import ANYWHERE, Author, ask_reason, read_values, require, write
from registry.fleet.service.sites import sites_by_public_id
from registry.funding.models import Grant
from registry.territory.rules import normalise

YES = ("yes",)
_WORDS = {
    "camera_class": CameraClass,
    "camera_type": CameraType,
    "mount": Mount,
    "land": Land,
    "scheme": Scheme,
}


def create_camera(
    session: Session,
    values: Mapping[str, Any],
    *,
    author: Author,
    zones: Zones = ANYWHERE,
) -> Camera:
    """
    Add a position at a site; `site` is its public identifier, `file_number` its grant's.

    Raises:
        Invalid: With every wrong field; the label may be taken at that site.
    """
    read = read_values(CAMERAS, values, zones=zones, complete=True)
    fields = _resolved(session, read)
    _refuse_twin(session, fields)
    _check(None, fields, zones)
    camera = Camera(**fields, changed_at=author.at)
    session.add(camera)
    session.flush()
    write(session, "cameras.create", subject(camera), author, after=read)
    return camera


def update_camera(
    session: Session,
    camera: Camera,
    values: Mapping[str, Any],
    *,
    author: Author,
    zones: Zones = ANYWHERE,
) -> bool:
    """
    Change a position and journal it; tell whether anything changed.

    Raises:
        Invalid: With every wrong field, or for want of a reason.
    """
    read = read_values(CAMERAS, values, zones=zones, complete=False)
    fields = _resolved(session, read)
    if fields.keys() & {"site", "label"}:
        _refuse_twin(
            session, {"site": camera.site, "label": camera.label, **fields}, apart_from=camera
        )
    _check(camera, fields, zones)
    before = said(camera)
    changes = {key: value for key, value in read.items() if before[key] != value}
    if not changes:
        return False
    ask_reason(CAMERAS, changes, author)
    named = subject(camera)
    for key, value in fields.items():
        setattr(camera, key, value)
    camera.changed_at = author.at
    was = {key: before[key] for key in changes}
    write(session, "cameras.edit", named, author, before=was, after=changes)
    return True


def subject(camera: Camera) -> str:
    """Return what the journal calls a camera: its number, whatever it is labelled by then."""
    return f"camera:{camera.id}"


def said(camera: Camera) -> dict[str, Any]:
    """Return a position as plain values, by the columns of its table."""
    values = {key: getattr(camera, key, None) for key in CAMERAS.by_key}
    grant = camera.grant.file_number if camera.grant else ""
    clear = "yes" if camera.password_text else "no"
    named = {"site": camera.site.public_id, "file_number": grant, "password_text": clear}
    return {**values, **named}


def _resolved(session: Session, read: Mapping[str, Any]) -> dict[str, Any]:
    """Turn identifiers into the rows that they name, and codes into words of their sets."""
    fields = {
        key: _WORDS[key](value) if key in _WORDS and value else value for key, value in read.items()
    }
    if "password_text" in fields:
        fields["password_text"] = fields["password_text"] in YES
    if "site" in fields:
        (fields["site"],) = sites_by_public_id(session, fields["site"], "site")[:1]
    if "file_number" in fields:
        fields["grant"] = _grant(session, fields.pop("file_number"))
    return fields


def _grant(session: Session, file_number: str) -> Grant | None:
    if not file_number:
        return None
    grant = session.scalar(select(Grant).filter_by(file_number=file_number))
    require([Problem("grant.unknown", "file_number", file_number)] if grant is None else [])
    return grant


def _refuse_twin(
    session: Session, fields: Mapping[str, Any], apart_from: Camera | None = None
) -> None:
    site, label = fields["site"], fields["label"]
    labels = session.execute(select(Camera.id, Camera.label).filter_by(site_id=site.id))
    taken = {normalise(name): camera_id for camera_id, name in labels}
    holder = taken.get(normalise(label))
    if holder is not None and (apart_from is None or holder != apart_from.id):
        require([Problem("camera.known", "label", label, {"site": site.public_id})])


def _check(camera: Camera | None, fields: Mapping[str, Any], zones: Zones) -> None:
    """Hold dates to their order, a retirement to its reason, a way to its zone."""

    def now(key: str, default: object = None) -> Any:  # noqa: ANN401 - one field of many kinds
        return fields.get(key, getattr(camera, key, default))

    begun, ended = now("commissioned_on"), now("retired_on")
    problems = []
    if isinstance(begun, date) and isinstance(ended, date) and ended < begun:
        first = {"first": f"{begun:%d/%m/%Y}"}
        problems.append(Problem("date.order", "retired_on", f"{ended:%d/%m/%Y}", first))
    # One that came without a reason, by an import of long ago, does not stop other changes.
    if ended and not now("retirement_reason") and "retired_on" in fields:
        problems.append(Problem("retirement.reason", "retirement_reason"))
    # A network that the settings took away since stops no change of anything else.
    if fields.keys() & {"site", "host", "scheme", "tls_verify", "password_text"}:
        problems += _unreachable(now, zones)
    require(problems)


def _unreachable(now: Callable[..., Any], zones: Zones) -> list[Problem]:
    reach = Reach(
        zone=now("site").zone,
        networks=now("site").networks,
        host=now("host", ""),
        scheme=now("scheme", "http"),
        tls_verify=now("tls_verify", "ca"),
        password_text=now("password_text", default=False),
    )
    return [
        Problem(each.code, each.field, each.value, each.parameters)
        for each in misfits(reach, zones)
    ]
