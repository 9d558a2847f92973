"""The sums of the database against the second-by-second judge."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from registry.clock import paris_midnight
from registry.db import SessionFactory
from registry.fleet.models import Camera
from registry.monitoring.models import MaintenanceWindow
from registry.monitoring.queries.ledger import lives
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.queries.standings import service_bounds
from registry.monitoring.rules import Observation
from registry.monitoring.service import record
from registry.monitoring.uptime import Span, Tally
from tests import factories
from tests.monitoring.oracle import seconds_of_stretches, tally_seconds, tell
from tests.monitoring.reading import site_tallies
from tests.monitoring.strategies import START, spans, stories
from tests.monitoring.telling import at_minute, scheduled, told

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
# Stories straddle midnight in Paris, so that days of service begin and end in them.
SINCE = int(paris_midnight(TODAY).timestamp()) - START - 40

cameras = st.tuples(
    stories(max_size=12),
    st.sampled_from([YESTERDAY, YESTERDAY, TODAY, TOMORROW]),
    st.sampled_from([None, None, TODAY, TOMORROW]),
)


def instant(second: int) -> datetime:
    """Return a second of a story as an instant."""
    return datetime.fromtimestamp(SINCE + second, UTC)


def moved(span: Span) -> Span:
    """Move a span from the time of stories to real time."""
    return Span(SINCE + span.start, SINCE + span.end)


def planned_window(session: Session, camera: Camera, span: Span, *, whole_site: bool) -> None:
    """Plan maintenance of a camera or of its whole site."""
    session.add(
        MaintenanceWindow(
            site_id=camera.site_id,
            camera_id=None if whole_site else camera.id,
            starts_at=instant(span.start),
            ends_at=instant(span.end),
            reason="test",
            author="test",
            entered_at=instant(0),
        )
    )


def judged(
    camera: Camera, story: Sequence[Observation], window: Span, planned: Sequence[Span]
) -> Tally:
    """Tally a camera the slow way, in the time of stories."""
    seconds = seconds_of_stretches(tell(story, patience=2).ended)
    bounds = service_bounds(camera.commissioned_on, camera.retired_on)
    service = Span(max(bounds.start - SINCE, story[0].at), bounds.end - SINCE)
    return tally_seconds(window, seconds, service=service, planned=planned)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fleet=st.lists(cameras, min_size=1, max_size=5),
    end=st.integers(START + 10, START + 160),
    lengths=st.lists(st.integers(1, 200), min_size=1, max_size=3),
    planned=st.lists(st.tuples(st.integers(0, 4), spans(reach=50), st.booleans()), max_size=2),
)
def test_the_database_sums_what_the_judge_counts(
    sessions: SessionFactory,
    *,
    fleet: list[tuple[list[Observation], date, date | None]],
    end: int,
    lengths: list[int],
    planned: list[tuple[int, Span, bool]],
) -> None:
    """For any fleet, any maintenance and any windows, SQL and judge agree to the second."""
    windows = [Span(end - length, end) for length in lengths]
    with sessions() as session:
        site = factories.make_site(session)
        rows = []
        for _, commissioned_on, retired_on in fleet:
            row = factories.make_camera(session, site=site, commissioned_on=YESTERDAY)
            row.commissioned_on = commissioned_on
            row.retired_on = max(retired_on, commissioned_on) if retired_on else None
            rows.append(row)
        spans_of: dict[int, list[Span]] = {row.id: [] for row in rows}
        for place, span, whole_site in planned:
            if span.length:
                camera = rows[place % len(rows)]
                planned_window(session, camera, span, whole_site=whole_site)
                for row in rows if whole_site else [camera]:
                    spans_of[row.id].append(span)
        session.flush()
        for row, (story, *_) in zip(rows, fleet, strict=True):
            record(session, [scheduled(row.id, each, since=SINCE) for each in story], patience=2)

        found = site_tallies(session, [moved(window) for window in windows])

        expected = [
            sum(
                (
                    judged(row, story, window, spans_of[row.id])
                    for row, (story, *_) in zip(rows, fleet, strict=True)
                ),
                Tally(),
            )
            for window in windows
        ]
        assert found.get(site.id, [Tally()] * len(windows)) == expected


def test_a_camera_that_was_never_probed_is_not_counted(session: Session) -> None:
    """Monitoring has not begun there: that is neither down nor unknown."""
    factories.make_camera(session)
    now = int(at_minute(0).timestamp())

    assert site_tallies(session, [Span(now - 3_600, now)]) == {}


def test_a_life_ends_with_what_vouches_for_it(session: Session) -> None:
    """The stretch that runs ends with its hold, even when nobody looked since."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0)], patience=2)
    noon = int(at_minute(0).timestamp())

    (life,) = lives(session, [camera.id], Span(noon - 600, noon + 600))

    assert [(each.start, each.end) for each in life.stretches] == [(noon, noon + 150)]
    assert life.service.start == noon


def test_planned_time_is_of_a_site_or_of_one_camera(session: Session) -> None:
    """Work on one camera leaves its neighbours in the count."""
    camera = factories.make_camera(session)
    planned_window(session, camera, Span(10, 20), whole_site=True)
    planned_window(session, camera, Span(15, 40), whole_site=False)
    session.flush()

    planned = planned_spans(session, moved(Span(0, 50)))

    assert planned.of(camera.site_id, camera.id) == [moved(Span(10, 20)), moved(Span(15, 40))]
    assert planned.of(camera.site_id, camera.id + 1) == [moved(Span(10, 20))]
