"""Units, as sheets list them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from probes.verdict import normalise_serial
from registry.bulk import add_rows, next_ids, values_of
from registry.errors import Invalid, Problem
from registry.fleet import queries
from registry.fleet.models import Camera, Device, Replacement, Site
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import DEVICES
from registry.fleet.service import cameras, devices
from registry.fleet.service.edits import missing, require
from registry.fleet.service.kinds.cameras import BATCH, by_serial, place_of, serials_alone
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.journal import sign
from registry.territory.rules import normalise


class DeviceKind(Kind):
    """Units, found by position and instant of mounting, or mounted ones by their serial."""

    table = DEVICES

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._positions: dict[tuple[str, str], Camera] = {}
        self._units: dict[int, list[Device]] = {}
        self._found: dict[Hashable, Device] = {}
        self._mounted: dict[str, list[Device]] = {}
        self._records: dict[int, Replacement] = {}
        self._new: list[devices.Arrival] = []
        self._moved: set[int] = set()

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the positions that rows name with their units, and the units of serials."""
        named = {str(row.values["site"]) for row in rows if "site" in row.values}
        for chunk in queries.chunks(named):
            self._take(select(Camera).join(Camera.site).where(Site.public_id.in_(chunk)))
        serials = serials_alone(rows)
        for chunk in queries.chunks(serials):
            mounted = select(Device.camera_id).where(
                Device.normalised_serial.in_(chunk), Device.removed_at.is_(None)
            )
            self._take(select(Camera).where(Camera.id.in_(mounted)))
        for unit in self._found.values():
            if unit.removed_at is None and unit.normalised_serial in serials:
                self._mounted.setdefault(unit.normalised_serial, []).append(unit)
        self._read_records([unit.id for unit in self._found.values()])

    def _take(self, query: Any) -> None:  # noqa: ANN401 - a select
        options = joinedload(Camera.site), selectinload(Camera.devices)
        for camera in self.session.scalars(query.options(*options)):
            place = place_of(camera)
            self._positions[place] = camera
            self._units[camera.id] = list(camera.devices)
            for unit in camera.devices:
                self._found[*place, unit.mounted_at] = unit

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
        require(missing(DEVICES, values))
        units = self._units[camera.id]
        came = devices.arrive(self.session, camera, units, values, signed=self.desk.signed)
        units.append(came.unit)
        self._new.append(came)
        self._moved.add(camera.id)

    def update(self, thing: Device, values: Mapping[str, Any]) -> None:
        """Set right what the register says of a unit; its replacement's paper too."""
        devices.correct_device(
            self.session,
            thing,
            values,
            signed=self.desk.signed,
            beside=self._units[thing.camera_id],
        )
        self._moved.add(thing.camera_id)
        record = self._records.get(thing.id)
        if record is not None:
            self._set_right(thing, record, values)

    def _set_right(self, unit: Device, record: Replacement, values: Mapping[str, Any]) -> None:
        before = {"replacement_reason": record.reason, "paper": record.paper}
        after = {key: values[key] for key in before if values.get(key, before[key]) != before[key]}
        if after:
            record.reason = values.get("replacement_reason", record.reason)
            record.paper = values.get("paper", record.paper)
            was = {key: before[key] for key in after}
            subject, signed = cameras.subject(unit.camera), self.desk.signed
            sign(self.session, signed, "devices.edit", subject, before=was, after=after)

    def finish(self) -> None:
        """Insert what is new in two statements, and say which positions changed."""
        self.session.flush()
        ids = next_ids(self.session, Device, len(self._new))
        for came, number in zip(self._new, ids, strict=True):
            came.unit.id = number
        add_rows(self.session, Device, [values_of(came.unit) for came in self._new])
        add_rows(self.session, Replacement, [came.record() for came in self._new if came.left])
        for chunk in queries.chunks(self._moved):
            moved = update(Camera).where(Camera.id.in_(chunk))
            self.session.execute(
                moved.values(changed_at=self.desk.signed.at),
                execution_options={"synchronize_session": False},
            )

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
