"""
The quick way on SQLite: read what is compared, compare it here, and write row by row.

SQLite is no server: to read a row costs less than to put its words together there, or
to hand over the verdicts in a table of their own (both measured: a tenth dearer).
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from probes.verdict import Health, Identity, Issue, Verdict
from registry.errors import Conflict
from registry.monitoring.rules import Scheduled
from registry.monitoring.service.counters import Seconds
from registry.monitoring.service.steady_terms import Terms, refused_since

# A cross join keeps its order: the batch leads, and each row is looked up by its key.
_LIKELY = text("""
SELECT seen.key, camera.site_id, known.last_at, known.last_at + known.hold_seconds,
       max(known.since, known.last_at),
       known.health, known.reason, known.reachable, known.issues,
       known.substituted, known.manufacturer, known.model, known.firmware, known.serial,
       known.authentication, known.refused_credential_at
FROM json_each(:cameras) AS seen
CROSS JOIN standings AS known ON known.camera_id = seen.value
CROSS JOIN cameras AS camera ON camera.id = seen.value
WHERE known.simulated = :simulated
  AND known.dissent = 0
  AND (known.substituted OR known.mismatches = 0)
  AND known.last_at >= :earliest
  AND known.held_until >= :rolled_until
  AND camera.commissioned_on <= :first_day
  AND (camera.retired_on IS NULL OR camera.retired_on > :last_day)
  AND camera.site_id NOT IN (SELECT value FROM json_each(:planned_sites))
  AND camera.id NOT IN (SELECT value FROM json_each(:planned_cameras))
""")

# What moves, then the camera and the instant that its standing must still have.
_MOVE_EACH = (
    "UPDATE standings SET last_at = ?, hold_seconds = ?, held_until = ?, settled_until = ?,"
    " last_up_at = coalesce(?, last_up_at), identified_at = coalesce(?, identified_at),"
    " clock_offset_seconds = coalesce(?, clock_offset_seconds)"
    " WHERE camera_id = ? AND last_at = ?"
)

Moved = tuple[int, int, int, int, int | None, int | None, float | None, int, int]


def find_steady(session: Session, terms: Terms, seconds: Seconds) -> list[Moved]:
    """Find the standings that only go on, as rows to write, and add their seconds."""
    moved = []
    for (
        place, site_id, last_at, covered_until, since,
        health, reason, reachable, issues,
        is_other, manufacturer, model, firmware, serial,
        authentication, refused_at,
    ) in _likely(session, terms):  # fmt: skip
        each, at, hold = terms.verdicts[place], terms.instants[place], terms.holds[place]
        verdict = each.verdict
        unit = verdict.identity
        if (
            since < at <= covered_until
            and health == verdict.health
            and reason == verdict.reason
            and reachable == verdict.reachable
            and _has_issues(verdict, issues, is_other)
            and (unit is None or _has_names(unit, manufacturer, model, firmware, serial))
            and (health != Health.UP or _has_login(each, authentication, refused_at))
        ):
            moved.append((
                at, hold, at + hold, at,
                at if health == Health.UP else None,
                None if unit is None or is_other else at,
                verdict.clock_offset_seconds,
                verdict.key, last_at,
            ))  # fmt: skip
            seconds[site_id, health] += at - since
    return moved


def _likely(session: Session, terms: Terms) -> Sequence[Row[*tuple[Any, ...]]]:
    """Read what may just go on: all that the database can tell without the verdicts."""
    parameters = {
        "cameras": json.dumps([each.verdict.key for each in terms.verdicts]),
        "simulated": terms.simulated,
        "earliest": terms.earliest,
        "rolled_until": terms.rolled_until,
        "first_day": terms.first_day.isoformat(),
        "last_day": terms.last_day.isoformat(),
        "planned_sites": json.dumps(list(terms.planned.sites)),
        "planned_cameras": json.dumps(list(terms.planned.cameras)),
    }
    # On the connection: the session would make an object's loader of each row.
    return session.connection().execute(_LIKELY, parameters).all()


def write_moved(session: Session, rows: Sequence[Moved]) -> None:
    """
    Move standings on that still are as they were read.

    Raises:
        Conflict: One of them is not: nothing of the batch may be kept.
    """
    if not rows:
        return
    result = session.connection().exec_driver_sql(_MOVE_EACH, list(rows))
    if result.rowcount != len(rows):
        raise Conflict(f"{len(rows) - result.rowcount} standings were written by somebody else")


def _has_issues(verdict: Verdict, issues: str, is_other: int) -> bool:
    """Tell whether issues are what the standing holds, another unit's answering with them."""
    told = verdict.issues
    if issues != (",".join(sorted(told)) if told else ""):
        return False
    return verdict.identity is None or is_other == (Issue.IDENTITY_MISMATCH in told)


def _has_names(unit: Identity, manufacturer: str, model: str, firmware: str, serial: str) -> bool:
    """Tell whether the one who answered is the one of the standing, which keeps so much."""
    return (
        serial == unit.serial[:80]
        and firmware == unit.firmware[:80]
        and model == unit.model[:120]
        and manufacturer == unit.manufacturer[:80]
    )


def _has_login(each: Scheduled, authentication: str, refused_at: str | None) -> bool:
    """Tell whether nothing new was learned of the credential."""
    refused = None if refused_at is None else datetime.fromisoformat(refused_at).replace(tzinfo=UTC)
    return authentication == each.verdict.authentication and refused == refused_since(each)
