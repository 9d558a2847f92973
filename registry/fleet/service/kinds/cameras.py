"""Positions, as sheets list them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload, load_only, selectinload

from probes.verdict import normalise_serial
from registry.bulk import add_rows, next_ids, values_of
from registry.errors import Invalid, Problem
from registry.fleet import queries
from registry.fleet.models import Camera, Device, Site
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import CAMERAS, LISTED_CAMERAS
from registry.fleet.service import cameras, devices
from registry.fleet.service.edits import missing, require
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.funding.models import Grant
from registry.journal import sign
from registry.territory.rules import normalise

BATCH = 2_000
Thing = TypeVar("Thing", Camera, Device)
Place = tuple[str, str]


class CameraKind(Kind):
    """Positions, found by site and label, or by the serial of the unit mounted there."""

    table = LISTED_CAMERAS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._known = ReadPlaces(cameras.AskedPlaces(desk.session))
        self._mounted: dict[str, list[Camera]] = {}
        self._new: list[tuple[Camera, Mapping[str, Any]]] = []

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the positions of the sites that rows name, and those of their serials."""
        named = {str(row.values["site"]) for row in rows if "site" in row.values}
        for chunk in queries.chunks(named):
            sites = self.session.scalars(select(Site).where(Site.public_id.in_(chunk)))
            self._known.sites.update((site.public_id, site) for site in sites)
            self._take(select(Camera).join(Camera.site).where(Site.public_id.in_(chunk)))
        files = {str(row.values["file_number"]) for row in rows if "file_number" in row.values}
        for chunk in queries.chunks(files):
            grants = select(Grant).options(load_only(Grant.file_number))
            found = self.session.scalars(grants.where(Grant.file_number.in_(chunk)))
            self._known.grants.update((grant.file_number, grant) for grant in found)
        for chunk in queries.chunks(serials_alone(rows)):
            mounted = select(Device.camera_id).where(
                Device.normalised_serial.in_(chunk), Device.removed_at.is_(None)
            )
            self._take(select(Camera).where(Camera.id.in_(mounted)), by_serial=True)

    def _take(self, query: Any, *, by_serial: bool = False) -> None:  # noqa: ANN401 - a select
        options = (
            joinedload(Camera.site),
            joinedload(Camera.grant).load_only(Grant.file_number),
            selectinload(Camera.devices),
        )
        for camera in self.session.scalars(query.options(*options)).unique():
            self._known.cameras[place_of(camera)] = camera
            unit = devices.mounted(camera)
            if by_serial and unit is not None:
                self._mounted.setdefault(unit.normalised_serial, []).append(camera)

    def key(self, row: ListedRow) -> Hashable:
        """Return site and label, or the serial without them."""
        if "site" in row.values and "label" in row.values:
            return str(row.values["site"]), normalise(row.values["label"])
        return normalise_serial(row.values.get("serial", "")) or None

    def find(self, row: ListedRow) -> Camera | None:
        """Return the position of a site and label, or of a serial."""
        key = self.key(row)
        if isinstance(key, str):
            return by_serial(self._mounted, row, key)
        return self._known.cameras.get(key)

    def said(self, thing: Camera) -> Mapping[str, Any]:
        """Return a position as plain values, the serial of its unit included."""
        unit = devices.mounted(thing)
        return {**cameras.said(thing), "serial": unit.serial if unit else "", "stage": None}

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a position; its unit is another sheet's."""
        read = own(values)
        require(missing(CAMERAS, read))
        made = cameras.new_camera(read, self._known, signed=self.desk.signed, zones=self.desk.zones)
        self._known.cameras[place_of(made)] = made
        self._new.append((made, read))

    def update(self, thing: Camera, values: Mapping[str, Any]) -> None:
        """Change a position."""
        before = place_of(thing)
        cameras.update_camera(
            self.session,
            thing,
            own(values),
            signed=self.desk.signed,
            zones=self.desk.zones,
            places=self._known,
        )
        if place_of(thing) != before:
            # One that gives its name up does so before another one takes it.
            self.session.flush()
            self._known.cameras.pop(before, None)
            self._known.cameras[place_of(thing)] = thing

    def finish(self) -> None:
        """Insert what is new in one statement."""
        self.session.flush()
        if not self._new:
            return
        ids = next_ids(self.session, Camera, len(self._new))
        rows = []
        for (camera, read), number in zip(self._new, ids, strict=True):
            camera.id = number
            grant_id = camera.grant.id if camera.grant else None
            rows.append({**values_of(camera), "site_id": camera.site.id, "grant_id": grant_id})
            subject = cameras.subject(camera)
            sign(self.session, self.desk.signed, "cameras.create", subject, after=read)
        add_rows(self.session, Camera, rows)

    def everything(self) -> Iterator[Camera]:
        """Give every position, by site and label."""
        yield from self.session.scalars(
            select(Camera)
            .join(Camera.site)
            .options(
                joinedload(Camera.site),
                joinedload(Camera.grant).load_only(Grant.file_number),
                selectinload(Camera.devices),
            )
            .order_by(Site.public_id, Camera.label)
            .execution_options(yield_per=BATCH)
        )


class ReadPlaces:
    """The sites, grants and positions that rows name, and what the rows have made of them."""

    def __init__(self, asked: cameras.Places) -> None:
        """Take whom to ask about a site that no row names."""
        self._asked = asked
        self.sites: dict[str, Site] = {}
        self.grants: dict[str, Grant] = {}
        self.cameras: dict[Hashable, Camera] = {}

    def site(self, public_id: str) -> Site | None:
        """Return the site of an identifier."""
        return self.sites.get(public_id)

    def grant(self, file_number: str) -> Grant | None:
        """Return the grant of a file number."""
        return self.grants.get(file_number)

    def holder(self, site: Site, label: str) -> int | None:
        """Return the number of the camera that has a label at a site; 0 for one that is new."""
        if site.public_id not in self.sites:
            return self._asked.holder(site, label)
        camera = self.cameras.get((site.public_id, normalise(label)))
        return None if camera is None else camera.id or 0


def place_of(camera: Camera) -> Place:
    """Return what a position is known by in a sheet."""
    return camera.site.public_id, normalise(camera.label)


def own(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is a position's own, without the unit and the stage of an inventory."""
    return {key: value for key, value in values.items() if key in CAMERAS.by_key}


def serials_alone(rows: Sequence[ListedRow]) -> set[str]:
    """Return the serials of the rows that name no site: they say which thing is meant."""
    return {
        normalise_serial(row.values["serial"])
        for row in rows
        if "serial" in row.values and "site" not in row.values
    }


def by_serial(mounted: Mapping[str, list[Thing]], row: ListedRow, serial: str) -> Thing:
    """
    Return the one thing at which a serial is mounted.

    Raises:
        Invalid: It is nowhere, or at several positions.
    """
    found = mounted.get(serial, [])
    if len(found) == 1:
        return found[0]
    code = "serial.ambiguous" if found else "serial.unknown"
    places = {"places": str(len(found))}
    raise Invalid([Problem(code, "serial", row.values["serial"], places)])
