"""What is removed after its term leaves every figure of whole days as it was."""

import json
from contextlib import nullcontext, suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.db import SessionFactory, session_scope
from registry.errors import Invalid
from registry.fleet.models import Camera
from registry.journal import JournalEntry
from registry.monitoring.exposition import Board, SiteWriter
from registry.monitoring.models import (
    CameraDay,
    Dialect,
    Interval,
    Removal,
    SiteCounter,
    SiteDay,
    Substitution,
)
from registry.monitoring.queries.availability import Part, Subject, availability
from registry.monitoring.queries.rollups import rolled
from registry.monitoring.rules import Observation
from registry.monitoring.service import Keeping, enter_maintenance, lapse_silent, record, retain
from registry.monitoring.service.retention import chained
from registry.monitoring.uptime import HOUR, Span
from tests import factories
from tests.monitoring.service.test_rollups import (
    DAY,
    MIDNIGHT,
    SINCE,
    TODAY,
    Change,
    another_day,
    another_site,
    instant,
    retirement,
    roll_all,
)
from tests.monitoring.strategies import spans, stories
from tests.monitoring.telling import page_of, samples, scheduled

TERM = 2
UP, DOWN = Health.UP, Health.DOWN
# Late enough for the day after MIDNIGHT to be over its term.
LATER = MIDNIGHT + (TERM + 2) * DAY
KEPT_FROM = MIDNIGHT + 2 * DAY
REMOVED_DAYS = [
    Span(MIDNIGHT - DAY, MIDNIGHT),
    Span(MIDNIGHT, MIDNIGHT + DAY),
    Span(MIDNIGHT - 2 * DAY, KEPT_FROM),
]
WINDOWS = [*REMOVED_DAYS, Span(MIDNIGHT - DAY, KEPT_FROM + 17), Span(KEPT_FROM + 60, LATER)]
Names = list[tuple[Subject, str]]


def retain_all(session: Session, *, at: int = LATER) -> int:
    """Remove until nothing is left to do; return how many turns it took."""
    turns = 0
    while retain(session, at=instant(at), interval_days=TERM, sites_at_once=1, rows_at_once=2):
        session.flush()
        turns += 1
        assert turns < 2_000
    return turns


def named(cameras: list[Camera]) -> Names:
    """Name every camera and every site."""
    sites = sorted({camera.site.public_id for camera in cameras})
    return [(Subject.CAMERA, str(camera.id)) for camera in cameras] + [
        (Subject.SITE, site) for site in sites
    ]


def figures(session: Session, names: Names, windows: list[Span]) -> list[Part]:
    """Ask for everything in every window."""
    return [
        availability(session, subject, name, window).whole
        for window in windows
        for subject, name in names
    ]


def counters(session: Session) -> dict[tuple[int, str], int]:
    """Return the append-only counters."""
    rows = session.execute(select(SiteCounter.site_id, SiteCounter.state, SiteCounter.seconds))
    return {(site_id, state): seconds for site_id, state, seconds in rows}


def plan(session: Session, camera: Camera, span: Span) -> None:
    """Enter planned time for a camera, long afterwards."""
    enter_maintenance(
        session,
        camera.site_id,
        camera_id=camera.id,
        starts_at=instant(span.start),
        ends_at=instant(span.end),
        reason="lens cleaned",
        actor="user:1",
        at=instant(LATER),
    )


changes = st.sampled_from([another_day, another_site, retirement])


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fleet=st.lists(stories(max_size=8), min_size=1, max_size=3),
    planned=spans(reach=120),
    forgotten=st.booleans(),
    afterwards=st.lists(st.tuples(changes, spans(reach=120)), max_size=2),
)
def test_whole_days_are_what_they_were(
    sessions: SessionFactory,
    *,
    fleet: list[list[Observation]],
    planned: Span,
    forgotten: bool,
    afterwards: list[tuple[Change, Span]],
) -> None:
    """By camera, site and grant, also where it reaches into what is kept, whatever is edited."""
    with sessions() as session:
        sites = factories.make_site(session), factories.make_site(session)
        since, grant = TODAY - timedelta(days=9), factories.make_grant(session)
        cameras = [
            factories.make_camera(
                session, site=sites[place % 2], grant=grant, commissioned_on=since
            )
            for place in range(len(fleet))
        ]
        for camera, story in zip(cameras, fleet, strict=True):
            record(session, [scheduled(camera.id, v, since=SINCE) for v in story], patience=2)
        lapse_silent(session, at=instant(MIDNIGHT + DAY))
        if planned.length:
            plan(session, cameras[0], Span(SINCE + planned.start, SINCE + planned.end))
        roll_all(session, at=LATER)
        if forgotten:
            # They are kept for a year or so: long gone when the intervals are removed.
            session.execute(delete(CameraDay))
        names, grants = named(cameras), [(Subject.GRANT, grant.file_number)]
        before, counted = figures(session, names, WINDOWS), counters(session)
        bought = [figures(session, grants, [window]) for window in WINDOWS]

        retain_all(session)

        assert rolled(session).removed.end == KEPT_FROM
        left = select(func.count()).where(Interval.ended_at < instant(KEPT_FROM))
        assert session.scalar(left) == 0
        assert figures(session, names, WINDOWS) == before
        assert counters(session) == counted
        swapped = session.scalar(select(func.count()).select_from(Substitution))
        for window, expected in zip(WINDOWS, bought, strict=True):
            # Which unit answered is told by intervals alone: then better no figure.
            with suppress(Invalid) if swapped else nullcontext():
                assert figures(session, grants, [window]) == expected
        final = figures(session, names, REMOVED_DAYS)
        for change, span in afterwards:
            change(session, cameras, span)
            assert figures(session, names, REMOVED_DAYS) == final
            roll_all(session, at=LATER)
            assert figures(session, names, REMOVED_DAYS) == final


def one_camera(session: Session, *verdicts: tuple[int, Health]) -> Camera:
    """Record verdicts of one camera, at seconds after midnight, each good for 150 s."""
    camera = factories.make_camera(session, commissioned_on=TODAY - timedelta(days=9))
    story = [Observation(second, health, None, 150) for second, health in verdicts]
    record(session, [scheduled(camera.id, each, since=MIDNIGHT) for each in story], patience=1)
    lapse_silent(session, at=instant(MIDNIGHT + DAY))
    return camera


def rows(session: Session) -> list[tuple[object, ...]]:
    """Return the intervals that have ended, in the order in which they are removed."""
    found = session.scalars(
        select(Interval)
        .where(Interval.ended_at.is_not(None))
        .order_by(Interval.ended_at, Interval.camera_id)
    )
    return [
        (
            each.camera_id,
            each.health,
            each.reason,
            int(each.started_at.timestamp()),
            each.ended_at and int(each.ended_at.timestamp()),
            int(each.simulated),
        )
        for each in found
    ]


def test_the_journal_tells_what_was_removed(session: Session) -> None:
    """The day, how many intervals, and a digest that a copy from before recomputes."""
    one_camera(session, (0, UP), (100, DOWN), (200, UP))
    roll_all(session, at=LATER)
    expected = rows(session)

    retain_all(session)

    entries = session.scalars(select(JournalEntry).filter_by(action="intervals.remove")).all()
    first, second = (json.loads(entry.after) for entry in entries)
    assert [entry.subject for entry in entries] == ["day:2026-11-23", "day:2026-11-24"]
    assert first == {
        "from": "2026-11-22 23:00:00+00:00",
        "to": "2026-11-23 23:00:00+00:00",
        "intervals": 3,
        "digest": chained("", expected),
    }
    assert (second["intervals"], second["digest"]) == (0, "")
    assert {each.finished_at for each in session.scalars(select(Removal))} == {instant(LATER)}


def test_the_turns_do_not_change_the_digest() -> None:
    """However many rows a turn removes, the same rows in the same order are the same digest."""
    some = [(1, "up", None, 0, 5, 0), (2, "down", "dns", 3, 9, 0)]

    assert chained(chained("", some[:1]), some[1:]) == chained("", some)
    assert chained("", some) != chained("", some[::-1])


def test_a_kill_in_any_turn_costs_nothing(sessions: SessionFactory) -> None:
    """What a turn had not committed is done again by the next process, once."""
    with session_scope(sessions) as session:
        names = named([one_camera(session, (0, UP), (100, DOWN), (200, UP), (DAY + 5, DOWN))])
        lapse_silent(session, at=instant(MIDNIGHT + 2 * DAY))
        roll_all(session, at=LATER)
        before, removed = figures(session, names, REMOVED_DAYS), rows(session)

    def turn(session: Session) -> bool:
        at = instant(LATER)
        return retain(session, at=at, interval_days=TERM, sites_at_once=1, rows_at_once=2)

    more = True
    while more:
        with sessions() as session:
            turn(session)  # killed before the commit
        with session_scope(sessions) as session:
            assert figures(session, names, REMOVED_DAYS) == before
            more = turn(session)

    with sessions() as session:
        first, second = session.scalars(select(Removal).order_by(Removal.starts_at))
        assert rows(session) == []
        assert (first.intervals, second.intervals) == (3, len(removed) - 3)
        assert first.digest == chained("", removed[:3])
        assert second.digest == chained("", removed[3:])


def test_nothing_is_removed_before_its_term_or_for_good(session: Session) -> None:
    """Without a term nothing ever is; with one, a day goes when the whole of it is over."""
    one_camera(session, (0, UP), (100, DOWN))
    roll_all(session, at=LATER)
    kept = rows(session)

    assert not retain(session, at=instant(LATER), interval_days=0)
    assert retain_all(session, at=MIDNIGHT + 3 * DAY - 1) == 0

    assert rows(session) == kept
    assert retain_all(session, at=MIDNIGHT + 3 * DAY) > 0
    assert rolled(session).removed == Span(MIDNIGHT, MIDNIGHT + DAY)


def test_a_day_that_is_not_summed_is_kept(session: Session) -> None:
    """The sums of a day are all that will be left: without them nothing goes."""
    one_camera(session, (0, UP), (100, DOWN))

    assert retain_all(session) == 0


def test_a_sum_that_is_wrong_is_made_anew_before_the_day_is_sealed(session: Session) -> None:
    """Nobody knows why it is; the intervals are there still, and they are what counts."""
    camera = one_camera(session, (0, UP), (100, DOWN))
    roll_all(session, at=LATER)
    before = figures(session, named([camera]), REMOVED_DAYS)
    day = session.get_one(SiteDay, (camera.site_id, instant(MIDNIGHT)))
    day.up += 1
    session.flush()

    retain_all(session)
    assert not rolled(session).removed.length
    roll_all(session, at=LATER)
    retain_all(session)

    assert rolled(session).removed.end == KEPT_FROM
    assert figures(session, named([camera]), REMOVED_DAYS) == before


def test_days_that_are_all_that_is_left_are_never_forgotten(session: Session) -> None:
    """Rollups of cameras are dropped after a while, but not where nothing else is."""
    camera = one_camera(session, (0, UP), (100, DOWN))
    roll_all(session, at=LATER)
    retain_all(session)
    before = figures(session, named([camera]), REMOVED_DAYS)

    roll_all(session, at=LATER + 3 * DAY, keeping=Keeping(hours_days=40, camera_days=1))

    assert session.get(CameraDay, (camera.id, instant(MIDNIGHT))) is not None
    assert session.get(CameraDay, (camera.id, instant(KEPT_FROM))) is None
    assert figures(session, named([camera]), REMOVED_DAYS) == before


def test_planned_time_is_not_entered_where_the_past_is_final(session: Session) -> None:
    """It would change a figure that nobody could reckon any more; later it is entered as ever."""
    camera = one_camera(session, (0, UP), (100, DOWN))
    roll_all(session, at=LATER)
    retain_all(session)

    with pytest.raises(Invalid) as refusal:
        plan(session, camera, Span(KEPT_FROM - 1, KEPT_FROM + HOUR))
    plan(session, camera, Span(KEPT_FROM, KEPT_FROM + HOUR))

    (problem,) = refusal.value.problems
    assert (problem.code, problem.where) == ("removed_wholly", "starts_at")
    assert problem.parameters == {"since": "2026-11-25"}


def test_no_counter_on_metrics_falls(session: Session) -> None:
    """The counters are a ledger of their own, and the page says the same before and after."""
    camera = one_camera(session, (0, UP), (100, DOWN), (200, UP))
    record(session, [scheduled(camera.id, Observation(0, UP, None, 150), since=LATER)], patience=1)
    roll_all(session, at=LATER)

    def page() -> dict[tuple[str, ...], float]:
        found = SiteWriter(Board(), 60)(session, at=instant(LATER))
        return samples(page_of(found, Dialect.TEXT), "vigiparc_site_camera_state_seconds_total")

    before = page()
    retain_all(session)

    assert page() == before
    assert sum(before.values()) > 0
