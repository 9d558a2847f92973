"""Where intervals were removed whole days are told, and anything else is refused in words."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.clock import paris_midnight
from registry.errors import Invalid
from registry.fleet.models import Camera, Device
from registry.monitoring.models import CameraDay, RollupSpan, SiteDay, Standing, Substitution
from registry.monitoring.queries.availability import Group, Subject, availability
from registry.monitoring.queries.removed import removed_cameras, require_answerable, require_kept
from registry.monitoring.queries.rollups import REMOVED, Rolled, rolled
from registry.monitoring.service import record
from registry.monitoring.uptime import Reckoning, Span, Tally
from tests import factories
from tests.monitoring.telling import told

DAY = 86_400
FIRST = int(paris_midnight(date(2026, 11, 20)).timestamp())
KEPT_FROM = FIRST + 3 * DAY
KNOWN = Rolled(removed=Span(FIRST, KEPT_FROM))


@pytest.mark.parametrize(
    "window",
    [
        Span(FIRST, KEPT_FROM),
        Span(FIRST + DAY, FIRST + 2 * DAY),
        Span(FIRST + DAY, KEPT_FROM + 17),
        Span(FIRST - 5_000, FIRST + DAY),
        Span(KEPT_FROM + 17, KEPT_FROM + 18),
        Span(FIRST - 9_000, FIRST - 5_000),
    ],
)
def test_whole_days_are_answerable_and_all_that_is_kept(window: Span) -> None:
    """Before the first verdict of all there was nothing to remove."""
    require_answerable(window, KNOWN)


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (Span(FIRST + 1, KEPT_FROM), "from"),
        (Span(FIRST + 1, FIRST + 2), "from"),
        (Span(FIRST, FIRST + DAY + 1), "to"),
        (Span(FIRST - 5_000, FIRST + DAY - 1), "to"),
        (Span(KEPT_FROM - 1, KEPT_FROM + DAY), "from"),
    ],
)
def test_a_window_that_cuts_a_removed_day_names_the_field(window: Span, field: str) -> None:
    """And the instant that was asked for, and since when any will do."""
    with pytest.raises(Invalid) as refusal:
        require_answerable(window, KNOWN)

    (problem,) = refusal.value.problems
    second = window.start if field == "from" else window.end
    assert (problem.code, problem.where) == ("removed", field)
    assert datetime.fromisoformat(problem.value) == datetime.fromtimestamp(second, UTC)
    assert problem.parameters == {"since": "2026-11-23"}


def test_what_needs_the_intervals_is_refused_wholly() -> None:
    """Even of whole days, where their sums do not tell it."""
    require_kept(Span(KEPT_FROM, KEPT_FROM + 1), KNOWN, where="from")

    with pytest.raises(Invalid, match="removed_wholly"):
        require_kept(Span(FIRST, KEPT_FROM), KNOWN, where="from")


def removed_days(session: Session, camera: Camera) -> Span:
    """Leave nothing of the three days before the 23rd but sums: up, but for an hour a day."""
    start, end = (datetime.fromtimestamp(each, UTC) for each in (FIRST, KEPT_FROM))
    session.add(RollupSpan(name=REMOVED, starts_at=start, ends_at=end))
    for number in range(3):
        day = start + timedelta(days=number)
        sums = {"up": DAY - 3_600, "down": 3_600, "transitions": 2, "starts_at": day}
        session.add(CameraDay(camera_id=camera.id, **sums))
        session.add(SiteDay(site_id=camera.site_id, **sums))
    record(session, [told(camera.id, minute, Health.UP) for minute in range(3)], patience=1)
    session.flush()
    return Span(FIRST, KEPT_FROM)


def test_a_window_over_both_adds_sums_and_intervals(session: Session) -> None:
    """A camera and its site, as a whole and by day; nothing before the 23rd is read anew."""
    camera = factories.make_camera(session)
    removed = removed_days(session, camera)
    window = Span(removed.start + DAY, KEPT_FROM + 13 * 3_600 + 120)

    for subject, name in (
        (Subject.CAMERA, str(camera.id)),
        (Subject.SITE, camera.site.public_id),
        (Subject.COMMUNE, camera.site.insee),
    ):
        found = availability(session, subject, name, window, group=Group.DAY)
        assert found.whole.reckoning == Reckoning(Tally(up=2 * DAY - 7_200 + 120, down=7_200), 4)
        assert [part.reckoning.tally.up for part in found.parts] == [DAY - 3_600] * 2 + [120]


def granted(session: Session) -> tuple[str, Camera, Span]:
    """Leave only sums of a granted camera that was watched since long, and name its grant."""
    grant = factories.make_grant(session)
    camera = factories.make_camera(session, grant=grant)
    removed = removed_days(session, camera)
    session.get_one(Standing, camera.id).began_at = datetime.fromtimestamp(FIRST, UTC)
    session.flush()
    return grant.file_number, camera, Span(removed.start, KEPT_FROM + 13 * 3_600 + 120)


def test_one_unit_alone_has_the_sums_of_its_position(session: Session) -> None:
    """Mounted all the time, and no other answered: nothing has to be parted."""
    grant, _camera, window = granted(session)

    found = availability(session, Subject.GRANT, grant, window)

    down, known = 3 * 3_600, 3 * DAY + 120
    assert found.whole.reckoning.tally == Tally(
        up=known - down, down=down, unknown=window.length - known
    )


@pytest.mark.parametrize("how", ["exchanged", "substituted"])
def test_units_that_only_intervals_could_part_are_refused(session: Session, how: str) -> None:
    """The field is named, and from when on it can be answered; later windows are."""
    grant, camera, window = granted(session)
    inside = datetime.fromtimestamp(FIRST + DAY + 7, UTC)
    if how == "exchanged":
        device = session.scalars(select(Device).filter_by(camera_id=camera.id)).one()
        device.mounted_at = inside
    else:
        session.add(Substitution(camera_id=camera.id, serial="SN9", started_at=inside))
    session.flush()

    with pytest.raises(Invalid, match="removed_wholly"):
        availability(session, Subject.GRANT, grant, window)
    later = availability(session, Subject.GRANT, grant, Span(KEPT_FROM, window.end))

    assert later.whole.reckoning.tally.down == 0


def test_each_window_gets_the_sums_that_it_holds(session: Session) -> None:
    """A camera without any has no row."""
    camera, other = factories.make_camera(session), factories.make_camera(session)
    removed = removed_days(session, camera)
    windows = [removed, Span(KEPT_FROM, KEPT_FROM + DAY), Span(FIRST, FIRST + DAY)]

    found = removed_cameras(session, [camera.id, other.id], windows, rolled(session))

    assert found.keys() == {camera.id}
    assert [each.tally.down for each in found[camera.id]] == [10_800, 0, 3_600]
