"""The availability of a camera, a site, a commune, a grant and a campaign."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue
from registry.clock import paris_midnight
from registry.errors import Invalid, NotFound
from registry.fleet.models import Camera, Device
from registry.monitoring.queries.availability import Group, Subject, availability, cut_into
from registry.monitoring.queries.devices import device_tallies
from registry.monitoring.service import enter_maintenance, record
from registry.monitoring.uptime import HOUR, Span, Tally
from tests import factories
from tests.monitoring.telling import NOON, OTHER_UNIT, at_minute, told

UP, DOWN, UNREACHABLE = Health.UP, Health.DOWN, Health.UNREACHABLE
START = int(NOON.timestamp())
TEN_MINUTES = Span(START, START + 600)


def watched(session: Session, *, grant: object = None) -> Camera:
    """Return a camera that was up for four minutes, down for three, and up again."""
    camera = factories.make_camera(session, grant=grant, serial="SN1")  # type: ignore[arg-type]
    story = [UP] * 4 + [DOWN] * 3 + [UP] * 4
    record(session, [told(camera.id, m, health) for m, health in enumerate(story)], patience=2)
    return camera


def test_a_figure_comes_with_all_that_it_is_made_of(session: Session) -> None:
    """Seconds, ratios with their bounds, coverage, changes: nothing has to be believed."""
    camera = watched(session)

    found = availability(session, Subject.CAMERA, str(camera.id), TEN_MINUTES).to_dict()

    assert found == {
        "subject": "camera",
        "name": str(camera.id),
        "ledger": "position",
        "from": "2026-11-23T12:00:00Z",
        "to": "2026-11-23T12:10:00Z",
        "seconds": {
            "in_service": 600, "up": 420, "down": 180, "unreachable": 0, "unknown": 0,
            "planned": 0, "planned_late": 0,
        },
        "device_availability": {
            "part": 420, "whole": 600, "percent": "70.0000", "least": "70.0000", "most": "70.0000",
        },
        "service_availability": {
            "part": 420, "whole": 600, "percent": "70.0000", "least": "70.0000", "most": "70.0000",
        },
        "coverage": {"part": 600, "whole": 600, "percent": "100.0000"},
        "transitions": 2,
        "reasons": {},
        "parts": [],
    }  # fmt: skip


def test_a_figure_that_cannot_be_says_why(session: Session) -> None:
    """Before the first verdict there is nothing, and no 100 %."""
    camera = watched(session)
    before = Span(START - 600, START)

    found = availability(session, Subject.CAMERA, str(camera.id), before).to_dict()

    assert found["device_availability"] is found["coverage"] is None
    assert set(found["reasons"].values()) == {"not_in_service"}


def test_a_group_sums_its_cameras_seconds(session: Session) -> None:
    """A commune is its sites, a site its cameras; no mean of ratios anywhere."""
    one, other = watched(session), watched(session)
    other.site = one.site
    session.flush()

    site = availability(session, Subject.SITE, one.site.public_id, TEN_MINUTES)
    commune = availability(session, Subject.COMMUNE, one.site.insee, TEN_MINUTES)

    assert site.whole.reckoning.tally == Tally(up=840, down=360)
    assert commune.whole == site.whole
    assert site.whole.reckoning.transitions == 4


def test_a_camera_that_moves_is_counted_once(session: Session) -> None:
    """To another site, commune and grant: all of its past is there, and nothing where it was."""
    before, after = factories.make_grant(session), factories.make_grant(session)
    camera = watched(session, grant=before)
    left, new = camera.site, factories.make_site(session, insee="62041")
    places = [
        (Subject.SITE, left.public_id, new.public_id),
        (Subject.COMMUNE, left.insee, new.insee),
        (Subject.GRANT, before.file_number, after.file_number),
        (Subject.CAMPAIGN, str(before.campaign_id), str(after.campaign_id)),
    ]
    counted = Tally(up=420, down=180)

    for was_there in (True, False):
        for subject, one, other in places:
            found = [
                availability(session, subject, name, TEN_MINUTES).whole.reckoning.tally
                for name in (one, other)
            ]
            assert found == ([counted, Tally()] if was_there else [Tally(), counted]), subject
        camera.site, camera.grant = new, after
        session.flush()


def test_maintenance_entered_late_is_shown_apart(session: Session) -> None:
    """It counts as planned, and the figure says how much of it nobody had announced."""
    camera = watched(session)
    enter_maintenance(
        session,
        camera.site_id,
        starts_at=at_minute(4),
        ends_at=at_minute(8),
        reason="lens",
        actor="user:1",
        at=at_minute(6),
    )

    for subject, name in (
        (Subject.SITE, camera.site.public_id),
        (Subject.CAMERA, str(camera.id)),
    ):
        seconds = availability(session, subject, name, TEN_MINUTES).to_dict()["seconds"]
        assert (seconds["planned"], seconds["planned_late"], seconds["down"]) == (240, 120, 0)


def test_what_was_entered_late_is_a_part_of_what_is_planned_in_either_ledger(
    session: Session,
) -> None:
    """Of a unit that was mounted half-way, the work before it came is neither planned nor late."""
    grant = factories.make_grant(session)
    camera = watched(session, grant=grant)
    camera.devices[0].mounted_at = at_minute(5)
    session.flush()
    enter_maintenance(
        session,
        camera.site_id,
        starts_at=at_minute(2),
        ends_at=at_minute(8),
        reason="lens",
        actor="user:1",
        at=at_minute(7),
    )

    position = availability(session, Subject.CAMERA, str(camera.id), TEN_MINUTES)
    for subject, name in (
        (Subject.GRANT, grant.file_number),
        (Subject.CAMPAIGN, str(grant.campaign_id)),
    ):
        device = availability(session, subject, name, TEN_MINUTES)
        assert (device.whole.reckoning.tally.planned, device.planned_late) == (180, 120)
    assert (position.whole.reckoning.tally.planned, position.planned_late) == (360, 300)


def test_a_swap_splits_by_device(session: Session) -> None:
    """The money's ledger: while a stranger answers, the funded device's clock stands still."""
    grant = factories.make_grant(session)
    camera = factories.make_camera(session, grant=grant, serial="SN1")
    record(session, [told(camera.id, 0)], patience=2)
    for minute in range(1, 11):
        issues = [Issue.IDENTITY_MISMATCH]
        record(session, [told(camera.id, minute, issues=issues, identity=OTHER_UNIT)], patience=2)

    position = availability(session, Subject.CAMERA, str(camera.id), TEN_MINUTES)
    device = availability(session, Subject.GRANT, grant.file_number, TEN_MINUTES)
    campaign = availability(session, Subject.CAMPAIGN, str(grant.campaign_id), TEN_MINUTES)

    assert position.whole.reckoning.tally == Tally(up=600)
    assert device.whole.reckoning.tally == Tally(up=60, substituted=540)
    assert device.to_dict()["seconds"]["substituted"] == 540
    assert campaign.whole == device.whole


def test_a_replacement_recorded_late_ends_the_substitution_when_it_was(session: Session) -> None:
    """From the day of its mounting the unit that answers is the funded one."""
    camera = factories.make_camera(session, serial="SN1")
    record(session, [told(camera.id, 0)], patience=2)
    for minute in range(1, 11):
        issues = [Issue.IDENTITY_MISMATCH]
        record(session, [told(camera.id, minute, issues=issues, identity=OTHER_UNIT)], patience=2)
    camera.devices[0].removed_at = at_minute(4)
    session.flush()
    session.add(
        Device(camera_id=camera.id, serial="SN9", normalised_serial="SN9", mounted_at=at_minute(4))
    )
    session.flush()

    tally = device_tallies(session, [camera.id], TEN_MINUTES)[camera.id]

    assert tally == Tally(up=60 + 360, substituted=180)


def test_a_window_is_cut_at_the_midnights_of_paris(session: Session) -> None:
    """A month of October has a day of 25 hours; the parts add up to the whole."""
    start, end = (
        int(paris_midnight(each).timestamp()) for each in (date(2026, 10, 24), date(2026, 11, 2))
    )

    days = cut_into(Span(start + 5, end), Group.DAY)
    months = cut_into(Span(start + 5, end), Group.MONTH)

    assert [round(day.length / HOUR) for day in days] == [24, 25, *[24] * 7]
    november = int(paris_midnight(date(2026, 11, 1)).timestamp())
    assert months == [Span(start + 5, november), Span(november, end)]
    camera = watched(session)
    window = Span(START - 86_400, START + 86_400)
    found = availability(session, Subject.SITE, camera.site.public_id, window, group=Group.DAY)
    total = sum(part.reckoning.tally.up for part in found.parts)
    assert total == found.whole.reckoning.tally.up > 0


@pytest.mark.parametrize("subject", list(Subject))
@pytest.mark.parametrize("name", ["4711", "nobody", "9" * 40])
def test_what_is_not_there_has_no_availability(
    session: Session, subject: Subject, name: str
) -> None:
    """Whatever is asked for, in whichever spelling."""
    with pytest.raises(NotFound):
        availability(session, subject, name, TEN_MINUTES)


def test_an_empty_window_is_refused(session: Session) -> None:
    """It is a mistake of whoever asks, not a figure of zero."""
    camera = watched(session)

    with pytest.raises(Invalid, match="after_start"):
        availability(session, Subject.CAMERA, str(camera.id), Span(START, START))


def test_too_many_parts_are_refused(session: Session) -> None:
    """Nobody waits for the days of ten thousand years."""
    camera = watched(session)
    ages = Span(0, int((datetime(9000, 1, 1, tzinfo=UTC) - timedelta(0)).timestamp()))

    with pytest.raises(Invalid, match="too_many_parts"):
        availability(session, Subject.CAMERA, str(camera.id), ages, group=Group.DAY)
