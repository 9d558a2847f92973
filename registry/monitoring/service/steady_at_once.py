"""
The quick way on PostgreSQL: one statement finds what only goes on, moves and counts it.

To read ten thousand standings, compare them here and send them back took twice as
long. The conditions are those of `steady_by_row`; a test holds both, and the fold, to
the same rows.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue, Verdict
from registry.monitoring.queries.standings import array_of
from registry.monitoring.rules import Scheduled
from registry.monitoring.service.steady_terms import Terms, refused_since

# What parts words of one verdict, and verdicts from each other: XML has neither (1.0, 2.2).
_UNIT, _RECORD = "\x1f", "\x1e"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Each row is looked up by its key: the planner would read both tables whole for a batch
# of two thousand. `same` names the version of the row that it read, so that of two
# monitors that read the same only one moves it on.
_MOVE_ON = text("""
WITH seen AS (
    SELECT * FROM unnest(
        CAST(:cameras AS integer[]), CAST(:instants AS bigint[]), CAST(:holds AS integer[]),
        CAST(:offsets AS double precision[]),
        string_to_array(:words, chr(30)), string_to_array(:identities, chr(30), '')
    ) AS seen(camera_id, at, hold, clock_offset, words, identity)
), same AS (
    SELECT seen.*, known.place, known.last_at, known.health, camera.site_id,
           seen.at - greatest(known.since, known.last_at) AS seconds
    FROM seen
    CROSS JOIN LATERAL (
        SELECT standings.ctid AS place, standings.*
        FROM standings WHERE standings.camera_id = seen.camera_id LIMIT 1
    ) AS known
    CROSS JOIN LATERAL (
        SELECT id, site_id, commissioned_on, retired_on
        FROM cameras WHERE cameras.id = seen.camera_id LIMIT 1
    ) AS camera
    WHERE known.simulated = :simulated
      AND known.dissent = 0
      AND known.since < seen.at
      AND known.last_at < seen.at
      AND known.last_at + known.hold_seconds >= seen.at
      AND known.last_at >= :earliest
      AND known.held_until >= :rolled_until
      AND camera.commissioned_on <= CAST(:first_day AS date)
      AND (camera.retired_on IS NULL OR camera.retired_on > CAST(:last_day AS date))
      AND camera.site_id NOT IN (SELECT unnest(CAST(:planned_sites AS integer[])))
      AND camera.id NOT IN (SELECT unnest(CAST(:planned_cameras AS integer[])))
      AND seen.words = concat_ws(
          chr(31), known.health, coalesce(known.reason, ''), CAST(known.reachable AS integer),
          CASE WHEN known.health = 'up' THEN concat_ws(
              chr(31), known.authentication,
              CAST(extract(epoch FROM known.refused_credential_at) * 1000000 AS bigint)
          ) END,
          known.issues
      )
      AND (seen.identity IS NULL OR (
          seen.identity = concat_ws(
              chr(31), CAST(known.substituted AS integer),
              known.manufacturer, known.model, known.firmware, known.serial
          )
          AND (known.substituted OR known.mismatches = 0)
      ))
), moved AS (
    UPDATE standings SET
        last_at = same.at,
        hold_seconds = same.hold,
        held_until = same.at + same.hold,
        settled_until = same.at,
        last_up_at = CASE WHEN same.health = 'up' THEN same.at ELSE last_up_at END,
        identified_at = CASE
            WHEN same.identity IS NULL OR substituted THEN identified_at ELSE same.at
        END,
        clock_offset_seconds = coalesce(same.clock_offset, clock_offset_seconds)
    FROM same
    WHERE standings.ctid = same.place AND standings.last_at = same.last_at
    RETURNING same.camera_id, same.site_id, same.health, same.seconds
), counted AS (
    INSERT INTO site_counters (site_id, state, seconds)
    SELECT site_id, health, sum(seconds) FROM moved GROUP BY site_id, health
    ORDER BY site_id, health
    ON CONFLICT (site_id, state)
        DO UPDATE SET seconds = site_counters.seconds + excluded.seconds
)
SELECT array_agg(camera_id) FROM moved
""")


def move_at_once(session: Session, terms: Terms) -> frozenset[int]:
    """
    Move on the standings whose verdict says what the one before it said.

    Returns the cameras that are done with, their seconds counted. Where something is
    planned about that time nothing is moved.
    """
    parameters = {
        "cameras": array_of(each.verdict.key for each in terms.verdicts),
        "instants": array_of(terms.instants),
        "holds": array_of(terms.holds),
        "offsets": array_of(each.verdict.clock_offset_seconds for each in terms.verdicts),
        "words": _RECORD.join(map(_words, terms.verdicts)),
        "identities": _RECORD.join(_identity(each.verdict) for each in terms.verdicts),
        "simulated": terms.simulated,
        "earliest": terms.earliest,
        "rolled_until": terms.rolled_until,
        "first_day": terms.first_day,
        "last_day": terms.last_day,
        "planned_sites": array_of(terms.planned.sites),
        "planned_cameras": array_of(terms.planned.cameras),
    }
    return frozenset(session.connection().scalar(_MOVE_ON, parameters) or ())


def _words(each: Scheduled) -> str:
    """Say what a verdict says beside an identity, as the statement says it of a standing."""
    verdict = each.verdict
    words = [verdict.health, verdict.reason or "", "1" if verdict.reachable else "0"]
    if verdict.health is Health.UP:
        words.append(verdict.authentication)
        refused = refused_since(each)
        if refused is not None:
            words.append(str((refused - _EPOCH) // timedelta(microseconds=1)))
    words.append(",".join(sorted(verdict.issues)) if verdict.issues else "")
    return _UNIT.join(words)


def _identity(verdict: Verdict) -> str:
    """
    Say who answered, and whether that is another unit; empty where nobody said.

    Without what parts the verdicts: such a name is never the one of a standing.
    """
    seen = verdict.identity
    if seen is None:
        return ""
    words = (
        "1" if Issue.IDENTITY_MISMATCH in verdict.issues else "0",
        seen.manufacturer[:80],
        seen.model[:120],
        seen.firmware[:80],
        seen.serial[:80],
    )
    return _UNIT.join(words).replace(_RECORD, "")
