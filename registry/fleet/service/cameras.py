"""Adds funded positions and changes them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Invalid, Problem
from registry.fleet.models import Camera, CameraClass, CameraType, Land, Mount, Scheme, Site
from registry.fleet.rules.reach import Reach, Zones, misfits
from registry.fleet.rules.tables import CAMERAS
from registry.fleet.service.edits import ANYWHERE, ask_reason, read_values, require
from registry.funding.models import Grant
from registry.journal import sign
from registry.signature import Signature
from registry.territory.rules import normalise

YES = ("yes",)
_WORDS = {
    "camera_class": CameraClass,
    "camera_type": CameraType,
    "mount": Mount,
    "land": Land,
    "scheme": Scheme,
}


class Places(Protocol):
    """What is asked of the register before a position is added or changed."""

    def site(self, public_id: str) -> Site | None:
        """Return the site of an identifier."""

    def grant(self, file_number: str) -> Grant | None:
        """Return the grant of a file number."""

    def holder(self, site: Site, label: str) -> int | None:
        """Return the number of the camera that has a label at a site, however it is spelt."""


class AskedPlaces:
    """Asks the database each time, as for one position by hand."""

    def __init__(self, session: Session) -> None:
        """Take the session that is asked."""
        self._session = session

    def site(self, public_id: str) -> Site | None:
        """Return the site of an identifier."""
        return self._session.scalar(select(Site).filter_by(public_id=public_id))

    def grant(self, file_number: str) -> Grant | None:
        """Return the grant of a file number."""
        return self._session.scalar(select(Grant).filter_by(file_number=file_number))

    def holder(self, site: Site, label: str) -> int | None:
        """Return the number of the camera that has a label at a site, however it is spelt."""
        labels = self._session.execute(select(Camera.id, Camera.label).filter_by(site_id=site.id))
        taken = {normalise(name): camera_id for camera_id, name in labels}
        return taken.get(normalise(label))


def create_camera(
    session: Session,
    values: Mapping[str, Any],
    *,
    signed: Signature,
    zones: Zones = ANYWHERE,
) -> Camera:
    """
    Add a position at a site; `site` is its public identifier, `file_number` its grant's.

    Raises:
        Invalid: With every wrong field; the label may be taken at that site.
    """
    read = read_values(CAMERAS, values, zones=zones, complete=True)
    camera = new_camera(read, AskedPlaces(session), signed=signed, zones=zones)
    session.add(camera)
    session.flush()
    sign(session, signed, "cameras.create", subject(camera), after=read)
    return camera


def new_camera(
    read: Mapping[str, Any], places: Places, *, signed: Signature, zones: Zones
) -> Camera:
    """
    Return a position that may be added, not added yet.

    Raises:
        Invalid: With every field that cannot be; the label may be taken at that site.
    """
    fields = _resolved(places, read)
    _refuse_twin(places, fields)
    _check(None, fields, zones)
    return Camera(**fields, changed_at=signed.at)


def update_camera(  # noqa: PLR0913 - a position, its values, who changes it, and what is known
    session: Session,
    camera: Camera,
    values: Mapping[str, Any],
    *,
    signed: Signature,
    zones: Zones = ANYWHERE,
    places: Places | None = None,
) -> bool:
    """
    Change a position and journal it; tell whether anything changed.

    Raises:
        Invalid: With every wrong field, or for want of a reason.
    """
    read = read_values(CAMERAS, values, zones=zones, complete=False)
    known = places or AskedPlaces(session)
    fields = _resolved(known, read)
    if fields.keys() & {"site", "label"}:
        _refuse_twin(
            known, {"site": camera.site, "label": camera.label, **fields}, apart_from=camera
        )
    _check(camera, fields, zones)
    before = said(camera)
    changes = {key: value for key, value in read.items() if before[key] != value}
    if not changes:
        return False
    ask_reason(CAMERAS, changes, signed)
    named = subject(camera)
    for key, value in fields.items():
        setattr(camera, key, value)
    camera.changed_at = signed.at
    was = {key: before[key] for key in changes}
    sign(session, signed, "cameras.edit", named, before=was, after=changes)
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


def _resolved(places: Places, read: Mapping[str, Any]) -> dict[str, Any]:
    """Turn identifiers into the rows that they name, and codes into words of their sets."""
    fields = {
        key: _WORDS[key](value) if key in _WORDS and value else value for key, value in read.items()
    }
    if "password_text" in fields:
        fields["password_text"] = fields["password_text"] in YES
    if "site" in fields:
        fields["site"] = _site(places, fields["site"])
    if "file_number" in fields:
        fields["grant"] = _grant(places, fields.pop("file_number"))
    return fields


def _site(places: Places, listed: str) -> Site:
    """Return the site of a position: the first one, where several are listed."""
    public_id, *_ = listed.split()
    site = places.site(public_id)
    if site is None:
        raise Invalid([Problem("site.unknown", "site", public_id)])
    return site


def _grant(places: Places, file_number: str) -> Grant | None:
    if not file_number:
        return None
    grant = places.grant(file_number)
    require([Problem("grant.unknown", "file_number", file_number)] if grant is None else [])
    return grant


def _refuse_twin(
    places: Places, fields: Mapping[str, Any], apart_from: Camera | None = None
) -> None:
    site, label = fields["site"], fields["label"]
    holder = places.holder(site, label)
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
