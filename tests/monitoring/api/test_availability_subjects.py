"""Every figure of the API, of all five subjects, held to a second-by-second judge."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue, Verdict
from registry.clock import paris_midnight
from registry.fleet.models import Camera
from registry.monitoring.queries.rollups import rolled
from registry.monitoring.rules import Observation, Scheduled
from registry.monitoring.service import (
    Keeping,
    enter_maintenance,
    lapse_silent,
    record,
    retain,
    roll,
)
from registry.monitoring.uptime import HOUR, Span, Tally, sum_tallies
from tests.factories import make_camera, make_grant
from tests.monitoring.oracle import believed_seconds, tally_seconds
from tests.monitoring.strategies import REASONS
from tests.monitoring.telling import NOON, OTHER_UNIT, UNIT
from tests.web.programs import Program, errors

SUBJECTS = ("cameras", "sites", "communes", "grants", "campaigns")
BY_DEVICE = ("grants", "campaigns")
UP, DOWN, UNREACHABLE, UNKNOWN = Health.UP, Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN
STEP_SECONDS, HOLD_SECONDS = 600, 1_500


def midnight(month: int, day: int) -> int:
    """Return the midnight of a day of 2026 in Paris."""
    return int(paris_midnight(date(2026, month, day)).timestamp())


def hours(first: float, last: float) -> Span:
    """Return a span by hours since the story began; its second day has twenty-five."""
    return Span(BEGAN + int(first * HOUR), BEGAN + int(last * HOUR))


BEGAN = midnight(10, 24)
DAYS = [Span(midnight(10, each), midnight(10, each + 1)) for each in range(24, 29)]
ALWAYS = Span(BEGAN, 1 << 40)
# Half past two in Paris, twice in that night; then the link, the work, nobody, a stranger.
DEAD, DARK, UNSEEN, SWAPPED = hours(26.5, 27.5), hours(30, 32), hours(40, 45), hours(52, 55)
ANNOUNCED, LATE = hours(31, 34), hours(60, 61)


@cache
def story(*, swapped: bool) -> tuple[Observation, ...]:
    """Tell four days of a camera, every ten minutes."""
    told = []
    for at in range(BEGAN, DAYS[-1].start + 1, STEP_SECONDS):
        if at in range(*UNSEEN):
            continue
        health = DOWN if at in range(*DEAD) else UNREACHABLE if at in range(*DARK) else UP
        is_other = swapped and at in range(*SWAPPED)
        told.append(Observation(at, health, REASONS[health], HOLD_SECONDS, is_other))
    return tuple(told)


@cache
def seconds() -> Mapping[int, Health]:
    """Return what the judge says of every second that is known."""
    return believed_seconds(story(swapped=False), patience=2)


@cache
def judged(window: Span, *, by_device: bool) -> tuple[Tally, int]:
    """Count a window second by second: its buckets, and how often health changed."""
    tally = tally_seconds(
        window,
        dict(seconds()),
        service=ALWAYS,
        planned=[ANNOUNCED, LATE],
        substituted=[SWAPPED] if by_device else [],
    )
    healths = [seconds().get(each, UNKNOWN) for each in range(window.start - 1, window.end)]
    changes = zip(range(*window), healths, healths[1:], strict=False)
    return tally, sum(was is not now for at, was, now in changes if at > BEGAN)


def watch(session: Session, *, swapped: bool) -> Camera:
    """Record the story of a funded camera, with its works: one announced, one entered late."""
    camera = make_camera(session, grant=make_grant(session), serial="SN1")
    verdicts = []
    for each in story(swapped=swapped):
        identity = OTHER_UNIT if each.mismatch else UNIT
        verdict = Verdict(
            camera.id,
            datetime.fromtimestamp(each.at, UTC),
            each.health,
            each.reason,
            issues=frozenset({Issue.IDENTITY_MISMATCH} if each.mismatch else ()),
            identity=identity if each.health is UP else None,
        )
        verdicts.append(Scheduled(verdict, STEP_SECONDS))
    for span, entered in ((ANNOUNCED, BEGAN), (LATE, LATE.end)):
        starts_at, ends_at, at = (datetime.fromtimestamp(each, UTC) for each in (*span, entered))
        enter_maintenance(
            session,
            camera.site_id,
            starts_at=starts_at,
            ends_at=ends_at,
            reason="mât",
            actor="user:1",
            at=at,
        )
    record(session, verdicts, patience=2)
    lapse_silent(session, at=NOON)
    session.commit()
    return camera


def path_of(subject: str, camera: Camera) -> str:
    """Return where the availability of what a camera belongs to is told."""
    assert camera.grant
    names = {
        "cameras": camera.id,
        "sites": camera.site_id,
        "communes": camera.site.insee,
        "grants": camera.grant_id,
        "campaigns": camera.grant.campaign_id,
    }
    return f"{subject}/{names[subject]}/availability"


def spelt(second: float) -> str:
    """Write an instant as the API does."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}"


def asked(window: Iterable[int], **more: str) -> str:
    """Write a window as a query."""
    since, until = map(spelt, window)
    return "&".join([f"from={since}", f"to={until}", *(f"{k}={v}" for k, v in more.items())])


def percent(part: int, whole: int) -> str:
    """Write a percentage, cut after four digits."""
    whole_percents, rest = divmod(part * 1_000_000 // whole, 10_000)
    return f"{whole_percents}.{rest:04d}"


def shown(window: Span, tally: Tally, changes: int, *, by_device: bool) -> dict[str, Any]:
    """Return what the API must say of a tally in which every ratio is defined."""
    up, down, unreachable, unknown = tally.up, tally.down, tally.unreachable, tally.unknown
    expected = window.length - tally.planned
    found: dict[str, Any] = {
        "from": spelt(window.start),
        "to": spelt(window.end),
        "seconds": {
            "in_service": window.length,
            "up": up,
            "down": down,
            "unreachable": unreachable,
            "unknown": unknown,
            "planned": tally.planned,
        },
        "transitions": changes,
        "reasons": {},
    }
    if by_device:
        found["seconds"]["substituted"] = tally.substituted
    for name, part, whole, most in (
        ("device_availability", up, up + down, up + unreachable + unknown),
        ("service_availability", up, up + down + unreachable, up + unknown),
        ("coverage", up + down + unreachable, expected, None),
    ):
        found[name] = {"part": part, "whole": whole, "percent": percent(part, whole)}
        if most is not None:
            found[name] |= {"least": percent(up, expected), "most": percent(most, expected)}
    return found


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_days_around_a_change_of_the_clocks_are_told_to_the_second(
    api: Program, session: Session, subject: str
) -> None:
    """U, D, R, N, M (and S), three ratios, bounds and changes of each day, one of 25 hours."""
    camera, by_device = watch(session, swapped=True), subject in BY_DEVICE
    window = Span(DAYS[0].start, DAYS[-1].end)

    found = api("GET", f"{path_of(subject, camera)}?{asked(window, group='day')}").get_json()

    lengths = [part["seconds"]["in_service"] for part in found["parts"]]
    assert [length // HOUR for length in lengths] == [24, 25, 24, 24, 24]
    for day, part in zip(DAYS[:-1], found["parts"], strict=False):
        tally, changes = judged(day, by_device=by_device)
        assert part == shown(day, tally, changes, by_device=by_device)
    days = [judged(day, by_device=by_device) for day in DAYS]
    total, changes = sum_tallies(tally for tally, _ in days), sum(number for _, number in days)
    whole = shown(window, total, changes, by_device=by_device)
    whole["seconds"]["planned_late"] = LATE.length
    assert {name: found[name] for name in whole} == whole
    assert found["ledger"] == ("device" if by_device else "position")


def test_months_are_the_same_after_their_intervals_were_removed(
    api: Program, session: Session, now: datetime
) -> None:
    """Whole days say what they said, in parts as a whole; a part of a removed day is refused."""
    camera, window = watch(session, swapped=False), Span(BEGAN, midnight(11, 10))
    places = [
        f"{path_of(subject, camera)}?{asked(window, group=group)}"
        for subject in SUBJECTS
        for group in ("day", "month")
    ]
    while roll(session, at=now, keeping=Keeping(hours_days=1, camera_days=400)):
        pass
    session.commit()
    before = [api("GET", place).get_json() for place in places]

    while retain(session, at=now, interval_days=20):
        pass
    session.commit()

    assert rolled(session).removed == Span(BEGAN, midnight(11, 3))
    assert [api("GET", place).get_json() for place in places] == before
    known = sum_tallies(judged(day, by_device=False)[0] for day in DAYS)
    for by_day, by_month in zip(before[::2], before[1::2], strict=True):
        october, november = by_month["parts"]
        assert len(by_day["parts"]) == 8 + 9
        assert october["seconds"]["up"] == by_day["seconds"]["up"] == known.up
        assert october["to"] == november["from"] == spelt(midnight(11, 1))
        assert november["seconds"]["unknown"] == 9 * 24 * HOUR
    for subject in SUBJECTS:
        cut = api("GET", f"{path_of(subject, camera)}?{asked((BEGAN + 1, window.end))}")
        (error,) = errors(cut)
        assert (cut.status_code, error["code"], error["field"]) == (422, "removed", "from")
        assert error["value"] == spelt(BEGAN + 1)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(
    ("window", "reason"),
    [
        (Span(BEGAN - HOUR, BEGAN), "not_in_service"),
        (ANNOUNCED, "all_planned"),
        (hours(42, 44), "nothing_known"),
    ],
)
def test_a_figure_that_is_null_has_its_reason(
    api: Program, session: Session, subject: str, window: Span, reason: str
) -> None:
    """Before the first verdict, in planned time, and where nobody looked: never 100 %."""
    camera = watch(session, swapped=False)

    found = api("GET", f"{path_of(subject, camera)}?{asked(window)}").get_json()

    # That nobody looked is a coverage of nought, and no riddle.
    without = ["device_availability", "service_availability"]
    without += ["coverage"] if reason != "nothing_known" else []
    assert found["reasons"] == dict.fromkeys(without, reason)
    assert [found[name] for name in without] == [None] * len(without)
    if reason == "nothing_known":
        assert found["coverage"] == {"part": 0, "whole": 2 * HOUR, "percent": "0.0000"}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_to_come_is_in_no_figure(
    api: Program, session: Session, now: datetime, subject: str
) -> None:
    """A window ends now at the latest; one that is all to come is refused, with its value."""
    path, noon = path_of(subject, watch(session, swapped=False)), int(now.timestamp())

    cut = api("GET", f"{path}?{asked((noon - HOUR, noon + HOUR))}").get_json()
    to_come = api("GET", f"{path}?{asked((noon, noon + HOUR))}")

    assert (cut["to"], cut["seconds"]["in_service"]) == (spelt(noon), HOUR)
    (error,) = errors(to_come)
    assert (to_come.status_code, error["code"]) == (422, "future")
    assert (error["field"], error["value"]) == ("from", spelt(noon))
    assert error["message"] == "Expected an instant that has passed."


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("start", [timedelta(days=-3), timedelta(days=3)])
def test_an_end_that_is_no_later_than_the_start_is_refused(
    api: Program, session: Session, now: datetime, subject: str, start: timedelta
) -> None:
    """Long ago or to come, equal or before: the field and what it said."""
    path = path_of(subject, watch(session, swapped=False))
    second = int((now + start).timestamp())

    for until in (second, second - 1):
        reply = api("GET", f"{path}?{asked((second, until))}")
        (error,) = errors(reply)
        assert (reply.status_code, error["code"], error["field"]) == (422, "after_start", "to")
        assert error["value"] == spelt(until)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_not_there_is_not_found(api: Program, subject: str) -> None:
    """No figure of nothing."""
    name = "99999" if subject == "communes" else "4711"

    assert api("GET", f"{subject}/{name}/availability?{asked(DAYS[0])}").status_code == 404
