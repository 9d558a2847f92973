"""Mounts units, replaces and removes them; what was mounted stays in the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from probes.verdict import normalise_serial
from registry.clock import PARIS
from registry.errors import Invalid, Problem
from registry.fleet.models import Camera, Device, Replacement
from registry.fleet.rules.tables import DEVICES
from registry.fleet.service.cameras import subject
from registry.fleet.service.edits import ask_reason, read_values, require
from registry.journal import sign
from registry.signature import Signature

_PLACE = ("site", "label")
_RECORD = ("replacement_reason", "paper")
_SPANS = {"mounted_at", "removed_at"}


def mount_device(
    session: Session, camera: Camera, values: Mapping[str, Any], *, signed: Signature
) -> Device:
    """
    Put a unit at a position, from an instant, until another one or for good.

    Raises:
        Invalid: With every wrong field; another unit may be there in that time.
    """
    record = {key: str(values.get(key) or "").strip() for key in _RECORD}
    read = _read(values, complete=True)
    device = Device(camera=camera, **read)
    device.normalised_serial = normalise_serial(read.get("serial") or "")
    _place(session, camera, device)
    _succeed(session, camera, device, record)
    camera.changed_at = signed.at
    sign(session, signed, "devices.mount", subject(camera), after=read)
    return device


def succeeded(units: Sequence[Device], device: Device) -> Device | None:
    """Return the unit that left at the instant at which another came."""
    left = (each for each in units if each.removed_at == device.mounted_at)
    return next((each for each in left if each is not device), None)


def _succeed(session: Session, camera: Camera, device: Device, record: Mapping[str, str]) -> None:
    """Keep that a unit came in the place of one that left at that instant, if it did."""
    before = succeeded(camera.devices, device)
    if record["replacement_reason"] and before is not None:
        session.add(
            Replacement(
                outgoing=before,
                incoming=device,
                replaced_at=device.mounted_at,
                reason=record["replacement_reason"],
                paper=record["paper"],
            )
        )
        session.flush()


def replace_device(
    session: Session, camera: Camera, values: Mapping[str, Any], *, signed: Signature
) -> Replacement:
    """
    Put a unit in the place of the one that is mounted, with the reason and the paper.

    `mounted_at` is the instant at which one left and the other came.

    Raises:
        Invalid: Nothing is mounted, the same serial comes again, or no reason is given.
    """
    outgoing = _mounted_or_refuse(camera, "serial")
    serial = normalise_serial(str(values.get("serial") or ""))
    if serial and serial == outgoing.normalised_serial:
        require([Problem("device.known", "serial", str(values["serial"]))])
    record = {key: str(values.get(key) or "").strip() for key in _RECORD}
    reason = record["replacement_reason"] or signed.reason.strip()
    require([] if reason else [Problem("cell.required", "replacement_reason")])
    read = _read({key: each for key, each in values.items() if key not in _RECORD}, complete=True)
    before = identity(outgoing)
    remove_at(outgoing, read["mounted_at"])
    session.flush()
    incoming = Device(camera=camera, **read, normalised_serial=serial)
    _place(session, camera, incoming)
    replacement = Replacement(
        outgoing=outgoing,
        incoming=incoming,
        replaced_at=incoming.mounted_at,
        reason=reason,
        paper=record["paper"],
    )
    session.add(replacement)
    session.flush()
    camera.changed_at = signed.at
    after = {**read, **record}
    sign(session, signed, "devices.replace", subject(camera), before=before, after=after)
    return replacement


@dataclass(frozen=True, slots=True)
class Arrival:
    """A unit that may be put at a position, not added yet, and the one that left for it."""

    unit: Device
    left: Device | None
    reason: str
    paper: str

    def record(self) -> dict[str, object]:
        """Return the row of the replacement; both units have their numbers by then."""
        return {
            "outgoing_id": self.left.id if self.left else None,
            "incoming_id": self.unit.id,
            "replaced_at": self.unit.mounted_at,
            "reason": self.reason,
            "paper": self.paper,
        }


def arrive(
    session: Session,
    camera: Camera,
    units: Sequence[Device],
    values: Mapping[str, Any],
    *,
    signed: Signature,
) -> Arrival:
    """
    Put a unit at a position beside `units`, in the place of the mounted one if it says why.

    For whoever brings thousands: values are read already, and whoever calls adds the rows.

    Raises:
        Invalid: With every field that cannot be.
    """
    record = {key: str(values.get(key) or "").strip() for key in _RECORD}
    read = {key: value for key, value in values.items() if key not in {*_PLACE, *_RECORD}}
    serial = normalise_serial(read.get("serial") or "")
    unit = Device(camera_id=camera.id, **read, normalised_serial=serial)
    refuse_disorder(mounted_at=unit.mounted_at, removed_at=unit.removed_at)
    there = next((each for each in units if each.removed_at is None), None)
    why = record["replacement_reason"]
    if why and there is not None and unit.mounted_at > there.mounted_at:
        if serial and serial == there.normalised_serial:
            require([Problem("device.known", "serial", str(read["serial"]))])
        refuse_overlap([each for each in units if each is not there], unit)
        before = identity(there)
        remove_at(there, unit.mounted_at)
        after = {**read, **record}
        sign(session, signed, "devices.replace", subject(camera), before=before, after=after)
        return Arrival(unit, there, why, record["paper"])
    refuse_overlap(units, unit)
    sign(session, signed, "devices.mount", subject(camera), after=read)
    return Arrival(unit, succeeded(units, unit) if why else None, why, record["paper"])


def remove_device(session: Session, camera: Camera, *, at: datetime, signed: Signature) -> Device:
    """
    Take the mounted unit away and leave the position empty.

    Raises:
        Invalid: Nothing is mounted, it was mounted later, or no reason is given.
    """
    device = _mounted_or_refuse(camera, "removed_at")
    ask_reason(DEVICES, {"removed_at": at}, signed)
    remove_at(device, at)
    session.flush()
    camera.changed_at = signed.at
    after = {"serial": device.serial, "removed_at": at}
    sign(session, signed, "devices.remove", subject(camera), after=after)
    return device


def correct_device(
    session: Session,
    device: Device,
    values: Mapping[str, Any],
    *,
    signed: Signature,
    beside: Sequence[Device] | None = None,
) -> bool:
    """
    Set right what the register says of a unit; tell whether anything changed.

    `beside` are the units of its position, for whoever brings thousands: some of them
    are not written yet, and whoever calls says which positions changed.

    Raises:
        Invalid: With every wrong field, for want of a reason, or for an overlap.
    """
    read = _read(values, complete=False)
    changes = {key: value for key, value in read.items() if getattr(device, key) != value}
    if not changes:
        return False
    ask_reason(DEVICES, changes, signed)
    before = {key: getattr(device, key) for key in changes}
    spans = {key: changes.get(key, getattr(device, key)) for key in ("mounted_at", "removed_at")}
    refuse_disorder(**spans)
    with session.no_autoflush:
        for key, value in changes.items():
            setattr(device, key, value)
        device.normalised_serial = normalise_serial(device.serial)
        refuse_overlap(device.camera.devices if beside is None else beside, device)
    if beside is None or changes.keys() & _SPANS:
        session.flush()
    if beside is None:
        device.camera.changed_at = signed.at
    sign(session, signed, "devices.edit", subject(device.camera), before=before, after=changes)
    return True


def mounted(camera: Camera) -> Device | None:
    """Return the unit that is at a position now."""
    return next((unit for unit in camera.devices if unit.removed_at is None), None)


def _mounted_or_refuse(camera: Camera, field: str) -> Device:
    device = mounted(camera)
    if device is None:
        raise Invalid([Problem("device.absent", field)])
    return device


def identity(device: Device) -> dict[str, object]:
    """Return what a unit is known by, for the journal."""
    return {
        "serial": device.serial,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "mac": device.mac,
        "mounted_at": device.mounted_at,
    }


def remove_at(device: Device, at: datetime) -> None:
    """
    End a unit's time at its position.

    Raises:
        Invalid: It was mounted later than that.
    """
    refuse_disorder(mounted_at=device.mounted_at, removed_at=at)
    device.removed_at = at


def _read(values: Mapping[str, Any], *, complete: bool) -> dict[str, Any]:
    # The position is known: nobody is asked for its name again.
    place = {"site": "00000-00", "label": "-"} if complete else {}
    read = read_values(DEVICES, {**values, **place}, complete=complete)
    return {key: value for key, value in read.items() if key not in {*_PLACE, *_RECORD}}


def _place(session: Session, camera: Camera, device: Device) -> None:
    with session.no_autoflush:
        refuse_disorder(mounted_at=device.mounted_at, removed_at=device.removed_at)
        try:
            refuse_overlap(camera.devices, device)
        except Invalid:
            # A unit that was refused does not stay at the position in memory.
            camera.devices.remove(device)
            raise
    session.add(device)
    session.flush()


def refuse_disorder(*, mounted_at: datetime, removed_at: datetime | None) -> None:
    """
    Go on when a unit leaves at the instant at which it came, or later.

    Raises:
        Invalid: It leaves before.
    """
    if removed_at is not None and removed_at < mounted_at:
        first = {"first": _local(mounted_at)}
        require([Problem("span.order", "removed_at", _local(removed_at), first)])


def refuse_overlap(units: Sequence[Device], device: Device) -> None:
    """
    Hold a unit against the others of its position.

    Raises:
        Invalid: Another one is there in that time.
    """
    problems = []
    for other in units:
        if other is device or not _meet(device, other):
            continue
        said = {
            "first": _span(device),
            "second": _span(other),
            "other": other.serial or other.model or "?",
        }
        problems.append(Problem("device.overlap", "mounted_at", device.serial or "?", said))
    require(problems)


def _meet(one: Device, other: Device) -> bool:
    starts_before = other.removed_at is None or one.mounted_at < other.removed_at
    return starts_before and (one.removed_at is None or other.mounted_at < one.removed_at)


def _span(device: Device) -> str:
    return (
        f"{_local(device.mounted_at)} – {_local(device.removed_at) if device.removed_at else '…'}"
    )


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(PARIS):%d/%m/%Y %H:%M}"
