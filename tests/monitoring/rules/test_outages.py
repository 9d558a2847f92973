"""Where to look first, what outages share, and when a repair is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.verdict import Health, Reason
from registry.clock import PARIS
from registry.fleet.rules import vocabulary
from registry.fleet.rules.power import parse_hours
from registry.monitoring.rules.outages import (
    CAUSES,
    Cause,
    Exclusion,
    Fallen,
    Incident,
    Place,
    Repair,
    Root,
    cause_of,
    incidents,
    is_holiday,
    repair_due,
    repair_state,
    silent_sites,
    worked,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OFFICE = parse_hours("mon-fri 08:00-12:00,14:00-18:00")


def paris(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of 2026 by the clocks of Paris."""
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def fallen(camera_id: int, site_id: int, minute: int = 0) -> Fallen:
    """Return a camera that fell some minutes after noon."""
    since = NOON + timedelta(minutes=minute)
    return Fallen(camera_id, site_id, since, Health.DOWN, Reason.CONNECT_TIMEOUT)


def roots(found: list[Incident]) -> list[tuple[Root, str | int | None, int]]:
    """Return each incident's root, its place and how many cameras it took."""
    return [(each.root, each.zone or each.site_id, len(each.fallen)) for each in found]


def test_every_reason_of_an_outage_has_its_cause() -> None:
    """Reasons of unknown are no causes of outages; all others are."""
    unknown = {"not_configured", "blocked_address", "not_probed", "zone_silent"}
    unknown |= {"inconclusive", "clock_step", "internal"}

    assert {each.value for each in Reason} - unknown == {each.value for each in CAUSES}
    assert cause_of(Reason.CONNECT_TIMEOUT) is Cause.SUPPLY
    assert cause_of(None) is Cause.OTHER


def test_what_a_contract_excludes_is_what_an_outage_may_be_excluded_for() -> None:
    """The words of contracts and of judgements are the same."""
    assert {each.value for each in Exclusion} == set(vocabulary.EXCLUSIONS)


def test_a_camera_that_falls_alone_is_its_own_root() -> None:
    """Its site goes on without it."""
    found = incidents([Place(1, "local", 3)], [fallen(10, 1)])

    assert roots(found) == [(Root.CAMERA, 1, 1)]
    assert found[0].since == NOON


def test_a_site_without_a_camera_left_is_one_incident() -> None:
    """Three cameras fell, one thing broke; it began with the first of them."""
    found = incidents(
        [Place(1, "local", 3), Place(2, "local", 4)],
        [fallen(10, 1, 2), fallen(11, 1, 1), fallen(12, 1, 3), fallen(20, 2)],
    )

    assert roots(found) == [(Root.SITE_DARK, 1, 3), (Root.CAMERA, 2, 1)]
    assert found[0].since == NOON + timedelta(minutes=1)


def test_the_only_camera_of_a_site_is_a_camera() -> None:
    """Whether its site is dark cannot be told from one camera."""
    assert roots(incidents([Place(1, "local", 1)], [fallen(10, 1)])) == [(Root.CAMERA, 1, 1)]


def test_a_zone_of_dark_sites_is_one_incident() -> None:
    """The way there broke, not seven cameras in two places; other zones stand apart."""
    places = [
        Place(1, "coast", 3),
        Place(2, "coast", 2),
        Place(3, "coast", 0),
        Place(4, "local", 2),
    ]
    out = [fallen(10 * site + number, site) for site in (1, 2) for number in range(3)]

    found = incidents(places, [*out, fallen(40, 4)])

    assert roots(found) == [(Root.ZONE_SILENT, "coast", 6), (Root.CAMERA, 4, 1)]


def test_the_only_camera_of_a_site_does_not_speak_for_a_silent_zone() -> None:
    """Two dark sites make the silence; a site of one camera must be out, too, and shares it."""
    places = [Place(1, "coast", 2), Place(2, "coast", 2), Place(3, "coast", 1)]
    out = [fallen(10 * site + number, site) for site in (1, 2) for number in range(2)]

    partly, whole = incidents(places, out), incidents(places, [*out, fallen(30, 3)])

    assert roots(partly) == [(Root.SITE_DARK, 1, 2), (Root.SITE_DARK, 2, 2)]
    assert roots(whole) == [(Root.ZONE_SILENT, "coast", 5)]
    assert silent_sites(places, {1: {1, 2}, 2: {3, 4}}) == {}
    assert silent_sites(places, {1: {1, 2}, 2: {3, 4}, 3: {5}}) == dict.fromkeys((1, 2, 3), "coast")


def test_one_dark_site_makes_no_silent_zone() -> None:
    """A zone of a single site says nothing about the way there."""
    found = incidents([Place(1, "coast", 2)], [fallen(10, 1), fallen(11, 1)])

    assert roots(found) == [(Root.SITE_DARK, 1, 2)]


@pytest.mark.parametrize(
    ("rejecting", "out", "changed"), [(3, 0, True), (2, 1, True), (2, 0, False), (1, 2, False)]
)
def test_a_site_that_refuses_as_a_whole_had_its_credentials_changed(
    *, rejecting: int, out: int, changed: bool
) -> None:
    """All that answer refuse, and they are two at least; one alone is a slip of the hand."""
    place = Place(1, "local", 3, rejecting)

    found = incidents([place], [fallen(10 + number, 1) for number in range(out)])

    assert (Root.CREDENTIALS_CHANGED in [each.root for each in found]) is changed


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), unique_by=lambda each: each[0]),
    st.data(),
)
def test_every_camera_that_is_out_has_exactly_one_root(
    sites: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Nothing is counted twice, nothing is lost, whatever the shape of the region."""
    places = [Place(number, data.draw(st.sampled_from("ab")), count) for number, count in sites]
    out = [
        fallen(10 * place.site_id + number, place.site_id)
        for place in places
        for number in range(data.draw(st.integers(0, place.in_service)))
    ]

    found = incidents(places, out)

    assert sorted(each.camera_id for one in found for each in one.fallen) == sorted(
        each.camera_id for each in out
    )


@pytest.mark.parametrize(
    ("started", "hours", "due"),
    [
        (paris(11, 23, 9), 4, paris(11, 23, 15)),
        (paris(11, 23, 17), 4, paris(11, 24, 11)),
        (paris(11, 23, 12, 30), 4, paris(11, 23, 18)),
        (paris(11, 27, 17), 2, paris(11, 30, 9)),
        (paris(11, 10, 17), 2, paris(11, 12, 9)),
        (paris(12, 24, 16), 4, paris(12, 28, 10)),
        (paris(3, 27, 17), 2, paris(3, 30, 9)),
        (paris(11, 23, 8), 72, paris(12, 3, 18)),
    ],
)
def test_a_repair_in_business_hours_skips_nights_weekends_and_holidays(
    started: datetime, hours: int, due: datetime
) -> None:
    """Lunch, Armistice Day, Christmas and the night in which clocks change included."""
    assert repair_due(started, gtr_hours=hours, hours=OFFICE) == due


def test_a_repair_around_the_clock_is_plain_addition() -> None:
    """Four hours are four hours; without a guarantee nothing is due."""
    assert repair_due(NOON, gtr_hours=4, hours=None) == NOON + timedelta(hours=4)
    assert repair_due(NOON, gtr_hours=None, hours=OFFICE) is None


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(1, 200),
)
def test_the_hours_worked_until_a_repair_is_due_are_the_guaranteed_ones(
    started: datetime, hours: int
) -> None:
    """Whatever lies between, the stretches worked sum up to the guarantee."""
    begin = started.replace(tzinfo=UTC)

    due = repair_due(begin, gtr_hours=hours, hours=OFFICE)

    assert due is not None
    spans = worked(OFFICE, begin, due)
    assert sum((end - start for start, end in spans), timedelta()) == timedelta(hours=hours)


def test_hours_that_run_over_midnight_lose_the_holiday_only() -> None:
    """A night shift before 1 May works until midnight, and not on."""
    nights = parse_hours("mon-sun 22:00-06:00")

    assert worked(nights, paris(4, 30, 12), paris(5, 1, 12)) == [(paris(4, 30, 22), paris(5, 1, 0))]


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        (date(2026, 4, 6), True),
        (date(2026, 4, 3), False),
        (date(2026, 5, 14), True),
        (date(2026, 12, 26), False),
        (date(2027, 1, 1), True),
    ],
)
def test_public_holidays_are_those_of_metropolitan_france(day: date, *, holiday: bool) -> None:
    """Easter Monday and Ascension are; Good Friday and 26 December are in Alsace only."""
    assert is_holiday(day) is holiday


@pytest.mark.parametrize(
    ("due", "ended", "excluded", "state"),
    [
        (None, None, False, Repair.NO_CONTRACT),
        (5, None, False, Repair.RUNNING),
        (5, 5, False, Repair.KEPT),
        (5, 6, False, Repair.LATE),
        (-1, None, False, Repair.LATE),
        (5, 6, True, Repair.EXCLUDED),
    ],
)
def test_a_repair_is_kept_to_the_second(
    due: int | None, ended: int | None, state: Repair, *, excluded: bool
) -> None:
    """In time is in time; what was excluded is neither kept nor late."""
    hour = timedelta(hours=1)

    found = repair_state(
        None if due is None else NOON + due * hour,
        ended_at=None if ended is None else NOON + ended * hour,
        excluded=excluded,
        at=NOON,
    )

    assert found is state


@pytest.mark.parametrize(
    ("ended", "ended_by", "state"),
    [
        (5, Health.UP, Repair.KEPT),
        (5, Health.UNKNOWN, Repair.UNSEEN),
        (6, Health.UNKNOWN, Repair.LATE),
    ],
)
def test_what_nobody_saw_repaired_was_not_repaired_in_time(
    ended: int, ended_by: Health, state: Repair
) -> None:
    """The monitor stopped while the camera was out: that keeps no promise of the contractor's."""
    found = repair_state(
        NOON + timedelta(hours=5),
        ended_at=NOON + timedelta(hours=ended),
        ended_by=ended_by,
        excluded=False,
        at=NOON + timedelta(hours=9),
    )

    assert found is state
