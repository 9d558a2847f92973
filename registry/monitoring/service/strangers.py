"""Writes down when other units answered than the registered ones, each told apart."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Issue, Verdict, is_placeholder, normalise_serial
from registry.fleet.models import Device
from registry.monitoring.models import Substitution
from registry.monitoring.rules import State, Step
from registry.monitoring.service.trail import Trail, write_trails


def note_stranger(
    trails: defaultdict[int, Trail],
    step: Step,
    verdict: Verdict,
    state: State | None,
    before: str,
) -> None:
    """
    Gather the begin or the end of another unit's answering, and that yet another one does.

    `before` is the serial of the last answer: each unit is told apart, or one that is
    registered later would not be known for the one that answered.
    """
    since, until = step.substituted_from, step.returned_at
    if state is not None and state.substituted and _is_third(verdict, before):
        since = until = step.state.last_at
    if until is not None:
        trails[verdict.key].change(ended_at=until)
    if since is not None:
        trails[verdict.key].open(serial=_telling(verdict), started_at=since, ended_at=None)


def write_strangers(session: Session, trails: Mapping[int, Trail], *, simulated: bool) -> None:
    """
    Write the answering of other units, naming the unit that should have been there.

    One that answers with the very serial of that unit was told apart by something else:
    its serial tells nothing.
    """
    opened = [camera_id for camera_id, trail in trails.items() if trail.rows]
    mounted = _mounted(session, opened) if opened else {}
    for camera_id in opened:
        device_id, registered = mounted.get(camera_id, (None, ""))
        for row in trails[camera_id].rows:
            is_same = normalise_serial(row["serial"]) == registered
            row |= {"device_id": device_id, "simulated": simulated}
            row["serial"] = "" if is_same else row["serial"]
    write_trails(session, Substitution, trails)


def _mounted(session: Session, camera_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Return the unit that is mounted at each of some cameras, and its serial."""
    units = select(Device.camera_id, Device.id, Device.normalised_serial)
    rows = session.execute(
        units.where(Device.camera_id.in_(camera_ids), Device.removed_at.is_(None))
    )
    return {camera_id: (device_id, serial) for camera_id, device_id, serial in rows}


def _is_third(verdict: Verdict, before: str) -> bool:
    """Tell whether another unit answers than the registered one, and than the last time."""
    seen = verdict.identity
    if seen is None or Issue.IDENTITY_MISMATCH not in verdict.issues:
        return False
    return normalise_serial(seen.serial) != normalise_serial(before)


def _telling(verdict: Verdict) -> str:
    """Return the serial by which the unit that answers can be told; empty where it has none."""
    seen = verdict.identity
    if seen is None or is_placeholder(seen.serial, seen.hardware_id):
        return ""
    return seen.serial[:80]
