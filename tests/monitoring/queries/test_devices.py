"""The device ledger counts what the money bought, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from probes.verdict import Health, Identity, Issue
from registry.db import SessionFactory
from registry.fleet.models import Device
from registry.monitoring.models import Substitution
from registry.monitoring.queries.devices import device_tallies
from registry.monitoring.queries.strips import span_before
from registry.monitoring.rules import Observation
from registry.monitoring.service import record
from registry.monitoring.uptime import Span, Tally
from tests.factories import make_camera
from tests.monitoring.oracle import Told, seconds_of_stretches, tally_seconds, tell
from tests.monitoring.queries.test_ledger import SINCE, instant, moved
from tests.monitoring.strategies import START, spans, stories
from tests.monitoring.telling import NOON, OTHER_UNIT, scheduled, told
from tests.web.scenes import watch

DAY = timedelta(days=1)


def test_time_of_another_unit_is_never_up(session: Session, now: datetime) -> None:
    """Ten hours of a swapped unit are ten hours that the funded one was not there."""
    camera = make_camera(session)
    watch(session, camera, now=now)
    for start, end in ((10, None), (20, 18)):
        session.add(
            Substitution(
                camera_id=camera.id,
                serial="OTHER",
                started_at=now - timedelta(hours=start),
                ended_at=None if end is None else now - timedelta(hours=end),
            )
        )
    session.flush()

    tallies = device_tallies(session, [camera.id], span_before(now, DAY))

    assert tallies == {camera.id: Tally(up=12 * 3_600, substituted=12 * 3_600)}


def test_a_unit_counts_from_when_it_was_mounted(session: Session, now: datetime) -> None:
    """What its predecessor did at the same position is not its own."""
    camera = make_camera(session)
    camera.devices[0].mounted_at = now - timedelta(hours=6)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(hours=1))

    tallies = device_tallies(session, [camera.id], span_before(now, DAY))

    assert tallies[camera.id] == Tally(up=5 * 3_600, down=3_600)


def test_without_a_unit_or_a_probe_there_is_no_tally(session: Session, now: datetime) -> None:
    """No figure is made up for what was never there or never asked."""
    bare, unprobed = make_camera(session, serial=""), make_camera(session)
    watch(session, bare, now=now)

    assert device_tallies(session, [bare.id, unprobed.id], span_before(now, DAY)) == {}


def test_a_unit_with_the_serial_of_the_funded_one_is_a_stranger_all_the_same(
    session: Session,
) -> None:
    """A serial that a maker gives to all: the MAC told them apart, and the money did not buy it."""
    camera = make_camera(session, serial="SN1")
    same, issues = Identity("Axis", "P3245", "10.1", "SN1"), [Issue.IDENTITY_MISMATCH]
    story = [told(camera.id, minute, issues=issues, identity=same) for minute in range(1, 11)]
    record(session, [told(camera.id, 0), *story], patience=2)

    noon = int(NOON.timestamp())
    tallies = device_tallies(session, [camera.id], Span(noon, noon + 600))

    assert tallies[camera.id] == Tally(up=60, substituted=540)


@st.composite
def stories_of_strangers(draw: st.DrawFn) -> list[Observation]:
    """Draw a story in which another unit answers as often as not."""
    said = st.sampled_from([None, False, True, True, True])
    return [
        replace(each, mismatch=draw(said)) if each.health is Health.UP else each
        for each in draw(stories(max_size=15))
    ]


def swaps_in(told: Told, *, until: int) -> list[Span]:
    """Return when another unit answered in a story, as its steps say."""
    swaps: list[Span] = []
    for step in told.steps:
        if step.returned_at is not None:
            swaps[-1] = Span(swaps[-1].start, step.returned_at)
        if step.substituted_from is not None:
            swaps.append(Span(step.substituted_from, until))
    return swaps


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=stories_of_strangers(),
    window=spans().filter(lambda span: span.length > 0),
    mounted=st.none() | st.integers(START - 5, START + 120),
)
def test_a_swap_splits_the_time_of_a_position_by_device(
    sessions: SessionFactory, story: list[Observation], window: Span, mounted: int | None
) -> None:
    """
    The stranger's time is substituted, until the day from which it is the funded unit.

    However late that is recorded; no second of the position is lost or counted twice.
    """
    steps = tell(story, patience=2)
    with sessions() as session:
        camera = make_camera(session, serial="SN1")
        record(session, [scheduled(camera.id, each, since=SINCE) for each in story], patience=2)
        if mounted is not None:
            camera.devices[0].removed_at = instant(mounted)
            session.flush()
            serial = OTHER_UNIT.serial
            unit = Device(serial=serial, normalised_serial=serial, mounted_at=instant(mounted))
            camera.devices.append(unit)
        session.flush()

        found = device_tallies(session, [camera.id], moved(window))[camera.id]

    service, seconds = Span(story[0].at, 1 << 40), seconds_of_stretches(steps.ended)
    cut = window.end if mounted is None else min(max(mounted, window.start), window.end)
    swaps = swaps_in(steps, until=window.end)
    before, after = Span(window.start, cut), Span(cut, window.end)
    expected = tally_seconds(before, seconds, service=service, substituted=swaps)
    expected += tally_seconds(after, seconds, service=service)
    assert found == expected
    assert found.total == window.cut(service).length
