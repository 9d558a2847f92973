"""Sites, positions and units, as sheets list them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from probes.verdict import normalise_serial
from registry.errors import Invalid, Problem
from registry.fleet import queries
from registry.fleet.models import Camera, Device, Replacement, Site
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import CAMERAS, DEVICES, LISTED_CAMERAS, SITES
from registry.fleet.service import cameras, devices, sites
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.territory.rules import normalise

BATCH = 2_000
Thing = TypeVar("Thing", Camera, Device)


class SiteKind(Kind):
    """Sites, found by their identifier, or by commune, kind and name."""

    table = SITES

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._found: dict[Hashable, Site] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:  # noqa: ARG002 - names may be told too
        """Read every site."""
        for site in self.everything():
            self._found[site.public_id] = site
            self._found[site.insee, str(site.kind), site.normalised_name] = site

    def key(self, row: ListedRow) -> Hashable:
        """Return a site's identifier, or what it is known by without one."""
        said = row.values
        if "public_id" in said:
            return str(said["public_id"])
        place = said.get("insee"), said.get("kind"), normalise(said.get("name", ""))
        return place if all(place) else None

    def find(self, row: ListedRow) -> Site | None:
        """Return the site that a row is about."""
        return self._found.get(self.key(row))

    def said(self, thing: Site) -> Mapping[str, Any]:
        """Return a site as plain values; of its power hours those in force."""
        force = thing.power_hours[-1] if thing.power_hours else None
        fed = force if force and force.until_on is None else None
        power = {
            "power_hours": fed.hours if fed else "",
            "power_from_on": fed.from_on if fed else None,
        }
        return {key: getattr(thing, key, None) for key in SITES.by_key} | power

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a site."""
        made = sites.create_site(
            self.session, values, author=self.desk.author, zones=self.desk.zones
        )
        self._found[made.public_id] = made

    def update(self, thing: Site, values: Mapping[str, Any]) -> None:
        """Change a site."""
        sites.update_site(
            self.session, thing, values, author=self.desk.author, zones=self.desk.zones
        )

    def everything(self) -> Iterator[Site]:
        """Give every site, by identifier."""
        yield from self.session.scalars(
            select(Site).options(selectinload(Site.power_hours)).order_by(Site.public_id)
        )


class CameraKind(Kind):
    """Positions, found by site and label, or by the serial of the unit mounted there."""

    table = LISTED_CAMERAS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._found: dict[Hashable, Camera] = {}
        self._mounted: dict[str, list[Camera]] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the positions of the sites that rows name, and those of their serials."""
        named = {str(row.values["site"]) for row in rows if "site" in row.values}
        for chunk in queries.chunks(named):
            self._take(select(Camera).join(Camera.site).where(Site.public_id.in_(chunk)))
        serials = {
            normalise_serial(row.values["serial"])
            for row in rows
            if "serial" in row.values and "site" not in row.values
        }
        for chunk in queries.chunks(serials):
            mounted = select(Device.camera_id).where(
                Device.normalised_serial.in_(chunk), Device.removed_at.is_(None)
            )
            self._take(select(Camera).where(Camera.id.in_(mounted)), by_serial=True)

    def _take(self, query: Any, *, by_serial: bool = False) -> None:  # noqa: ANN401 - a select
        options = (
            joinedload(Camera.site),
            joinedload(Camera.grant),
            selectinload(Camera.devices),
        )
        for camera in self.session.scalars(query.options(*options)).unique():
            self._found[camera.site.public_id, normalise(camera.label)] = camera
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
        return by_serial(self._mounted, row, key) if isinstance(key, str) else self._found.get(key)

    def said(self, thing: Camera) -> Mapping[str, Any]:
        """Return a position as plain values, the serial of its unit included."""
        unit = devices.mounted(thing)
        return {**cameras.said(thing), "serial": unit.serial if unit else "", "stage": None}

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a position; its unit is another sheet's."""
        cameras.create_camera(
            self.session, own(values), author=self.desk.author, zones=self.desk.zones
        )

    def update(self, thing: Camera, values: Mapping[str, Any]) -> None:
        """Change a position."""
        cameras.update_camera(
            self.session, thing, own(values), author=self.desk.author, zones=self.desk.zones
        )

    def everything(self) -> Iterator[Camera]:
        """Give every position, by site and label."""
        yield from self.session.scalars(
            select(Camera)
            .join(Camera.site)
            .options(
                joinedload(Camera.site), joinedload(Camera.grant), selectinload(Camera.devices)
            )
            .order_by(Site.public_id, Camera.label)
            .execution_options(yield_per=BATCH)
        )


class DeviceKind(Kind):
    """Units, found by position and instant of mounting, or mounted ones by their serial."""

    table = DEVICES

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._positions: dict[tuple[str, str], Camera] = {}
        self._found: dict[Hashable, Device] = {}
        self._mounted: dict[str, list[Device]] = {}
        self._records: dict[int, Replacement] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the positions that rows name with their units, and the units of serials."""
        named = {str(row.values["site"]) for row in rows if "site" in row.values}
        units: list[Device] = []
        for chunk in queries.chunks(named):
            query = (
                select(Camera)
                .join(Camera.site)
                .where(Site.public_id.in_(chunk))
                .options(joinedload(Camera.site), selectinload(Camera.devices))
            )
            for camera in self.session.scalars(query):
                self._positions[camera.site.public_id, normalise(camera.label)] = camera
                units += camera.devices
        serials = {
            normalise_serial(row.values["serial"])
            for row in rows
            if "serial" in row.values and "site" not in row.values
        }
        for chunk in queries.chunks(serials):
            mounted = select(Device).where(
                Device.normalised_serial.in_(chunk), Device.removed_at.is_(None)
            )
            for unit in self.session.scalars(mounted.options(joinedload(Device.camera))):
                self._mounted.setdefault(unit.normalised_serial, []).append(unit)
                units.append(unit)
        for unit in units:
            place = unit.camera.site.public_id, normalise(unit.camera.label)
            self._found[*place, unit.mounted_at] = unit
        self._read_records([unit.id for unit in units])

    def _read_records(self, ids: Sequence[int]) -> None:
        for chunk in queries.chunks(ids):
            found = select(Replacement).where(Replacement.incoming_id.in_(chunk))
            self._records.update((each.incoming_id, each) for each in self.session.scalars(found))

    def key(self, row: ListedRow) -> Hashable:
        """Return position and instant, or the serial without them."""
        said = row.values
        if all(name in said for name in DEVICES.identity):
            return said["site"], normalise(said["label"]), said["mounted_at"]
        return normalise_serial(said.get("serial", "")) or None

    def find(self, row: ListedRow) -> Device | None:
        """Return the unit of a position and instant, or of a serial."""
        key = self.key(row)
        if isinstance(key, str):
            return by_serial(self._mounted, row, key)
        return self._found.get(key)

    def said(self, thing: Device) -> Mapping[str, Any]:
        """Return a unit as plain values, its replacement's reason and paper included."""
        record = self._records.get(thing.id)
        return {key: getattr(thing, key, None) for key in DEVICES.by_key} | {
            "site": thing.camera.site.public_id,
            "label": thing.camera.label,
            "replacement_reason": record.reason if record else "",
            "paper": record.paper if record else "",
        }

    def create(self, values: Mapping[str, Any]) -> None:
        """Mount a unit, in the place of the one that is there if the row says why."""
        place = str(values.get("site")), normalise(values.get("label", ""))
        camera = self._positions.get(place)
        if camera is None:
            said = {"site": place[0]}
            raise Invalid([Problem("camera.unknown", "label", values.get("label", ""), said)])
        plain = {key: value for key, value in values.items() if key not in {"site", "label"}}
        unit = devices.mounted(camera)
        comes = plain.get("mounted_at")
        later = unit is not None and isinstance(comes, datetime) and comes > unit.mounted_at
        if later and plain.get("replacement_reason"):
            devices.replace_device(self.session, camera, plain, author=self.desk.author)
        else:
            devices.mount_device(self.session, camera, plain, author=self.desk.author)

    def update(self, thing: Device, values: Mapping[str, Any]) -> None:
        """Set right what the register says of a unit; its replacement's paper too."""
        record = self._records.get(thing.id)
        if record is not None:
            record.reason = values.get("replacement_reason", record.reason)
            record.paper = values.get("paper", record.paper)
        devices.correct_device(self.session, thing, values, author=self.desk.author)

    def everything(self) -> Iterator[Device]:
        """Give every unit that was ever mounted, by site, label and instant."""
        query = (
            select(Device)
            .join(Device.camera)
            .join(Camera.site)
            .options(joinedload(Device.camera).joinedload(Camera.site))
            .order_by(Site.public_id, Camera.label, Device.mounted_at)
            .execution_options(yield_per=BATCH)
        )
        for part in self.session.scalars(query).partitions():
            self._read_records([unit.id for unit in part])
            yield from part


def own(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is a position's own, without the unit and the stage of an inventory."""
    return {key: value for key, value in values.items() if key in CAMERAS.by_key}


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
