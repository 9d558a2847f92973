"""Who is told of what: by role, place and severity; recoveries always; flapping never at once."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.accounts.models import User
from registry.db import SessionFactory
from registry.errors import Conflict
from registry.fleet.models import Camera, PowerHours
from registry.monitoring.models import Notice, Subscription, Transition
from registry.monitoring.notify.plan import mark, plan
from registry.monitoring.rules.notices import Happening, Severity
from registry.monitoring.service import enter_maintenance
from tests import factories
from tests.monitoring.notify.conftest import MANNERS, fall, hear, keep, later
from tests.monitoring.telling import at_minute

OPENED, RECOVERED, LOST = Happening.OPENED, Happening.RECOVERED, Happening.LOST
UP, DOWN, UNREACHABLE, UNKNOWN = Health.UP, Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN
WishMaker = Callable[..., Subscription]


def notices(session: Session) -> list[tuple[int, Happening, Severity, datetime]]:
    """Return what is planned: camera, what befell it, how severe, when due."""
    rows = session.execute(
        select(Transition.camera_id, Transition.happening, Notice.severity, Notice.due_at)
        .join(Notice.transition)
        .order_by(Transition.id, Notice.id)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def test_a_fallen_camera_is_told_to_the_holders_of_a_role(
    session: Session, site: list[Camera], technician: User, wish: WishMaker
) -> None:
    """One of three cameras falls: a warning for each technician."""
    wish()
    fall(session, site[:1])
    hear(session, site[1], 1, UP)

    planned = plan(session, MANNERS, at=later(1))

    assert planned == 1
    assert notices(session) == [(site[0].id, OPENED, Severity.WARNING, later(1))]
    assert session.scalars(select(Notice.user_id)).all() == [technician.id]


@pytest.mark.usefixtures("technician")
def test_a_dark_site_is_critical(session: Session, site: list[Camera], wish: WishMaker) -> None:
    """When every camera of a site is out, even those who want only the worst are told."""
    wish(severity="critical")
    fall(session, site)

    plan(session, MANNERS, at=later(1))

    assert [each[:3] for each in notices(session)] == [
        (camera.id, OPENED, Severity.CRITICAL) for camera in site
    ]


@pytest.mark.usefixtures("technician")
def test_news_of_a_site_are_gathered(session: Session, site: list[Camera], wish: WishMaker) -> None:
    """The first camera of a dark site waits for the others, which are probed a little later."""
    wish()
    fall(session, site[:1], minute=1)
    assert plan(session, MANNERS, at=at_minute(2)) == 0

    fall(session, site[1:], minute=2)

    assert plan(session, MANNERS, at=later(1)) == 3
    assert {each[2] for each in notices(session)} == {Severity.CRITICAL}


@pytest.mark.usefixtures("technician")
def test_each_transition_is_planned_once(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """A second turn finds nothing left to plan."""
    wish()
    fall(session, site[:1])
    plan(session, MANNERS, at=later(1))

    assert plan(session, MANNERS, at=later(2)) == 0
    assert len(notices(session)) == 1


@pytest.mark.usefixtures("technician")
def test_a_recovery_is_told_to_whoever_was_told(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """A dark site comes back camera by camera: who was told of the dark hears of all of them."""
    wish(severity="critical")
    fall(session, site)
    plan(session, MANNERS, at=later(1))

    keep(session, site[0], DOWN, range(2, 4))
    keep(session, site[1], DOWN, range(2, 8))
    hear(session, site[0], 4, UP)
    plan(session, MANNERS, at=later(4))
    hear(session, site[1], 8, UP)
    plan(session, MANNERS, at=later(8))

    assert [each[:2] for each in notices(session)[3:]] == [
        (site[0].id, RECOVERED),
        (site[1].id, RECOVERED),
    ]


@pytest.mark.usefixtures("technician")
def test_a_recovery_is_news_only_to_those_who_knew(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Whoever subscribes during an outage is not told of the end of what they never heard of."""
    fall(session, site[:1])
    plan(session, MANNERS, at=later(1))
    wish()

    hear(session, site[0], 2, UP)
    plan(session, MANNERS, at=later(2))

    assert notices(session) == []


@pytest.mark.usefixtures("technician")
def test_an_outage_that_nobody_sees_any_more_is_told_as_lost(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Unknown is no recovery, and is not told as one."""
    wish()
    fall(session, site[:1])
    hear(session, site[0], 2, UNKNOWN)

    plan(session, MANNERS, at=later(2))

    assert [each[1] for each in notices(session)] == [OPENED, LOST]


@pytest.mark.usefixtures("technician")
def test_another_cause_is_no_news(session: Session, site: list[Camera], wish: WishMaker) -> None:
    """From down to unreachable the camera stays out: nobody is woken up twice."""
    wish()
    fall(session, site[:1])
    hear(session, site[0], 2, UNREACHABLE)

    assert plan(session, MANNERS, at=later(2)) == 2
    assert [each[1] for each in notices(session)] == [OPENED]


@pytest.mark.usefixtures("technician")
@pytest.mark.parametrize(
    ("where", "told"),
    [({"department": "59"}, True), ({"department": "62"}, False), ({"site": "other"}, False)],
)
def test_a_wish_has_a_place(
    session: Session, site: list[Camera], wish: WishMaker, where: dict[str, str], *, told: bool
) -> None:
    """A department or a site keeps the rest of the region out of a mailbox."""
    factories.make_commune(session, "62041")
    other = factories.make_site(session).public_id
    wish(**{name: other if value == "other" else value for name, value in where.items()})
    fall(session, site[:1])

    plan(session, MANNERS, at=later(1))

    assert bool(notices(session)) is told


@pytest.mark.usefixtures("technician")
def test_quiet_hours_and_digests_put_a_warning_off(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """One who wants the news at five past noon Paris time gets them when quiet hours end."""
    wish(quiet_from=time(13), quiet_until=time(14))
    fall(session, site[:1])

    plan(session, MANNERS, at=later(1))

    assert notices(session)[0][3] == at_minute(60)


@pytest.mark.usefixtures("technician")
def test_a_flapping_camera_is_told_once_it_has_calmed_down(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """The first outages are told; then silence; in the end all that happened, and how it ended."""
    wish()
    fall(session, site[:1])
    plan(session, MANNERS, at=later(1))
    for minute, health in zip(range(2, 12), _alternately(UP, DOWN), strict=False):
        hear(session, site[0], minute, health)

    assert plan(session, MANNERS, at=later(12)) == 0
    keep(session, site[0], DOWN, range(12, 44))
    planned = plan(session, MANNERS, at=at_minute(43))

    assert planned == 10
    assert [each[1] for each in notices(session)] == [OPENED, *[RECOVERED, OPENED] * 5]


def _alternately(*healths: Health) -> Iterator[Health]:
    for number in count():
        yield healths[number % len(healths)]


@pytest.mark.usefixtures("technician")
def test_of_two_planners_one_is_let_through(
    sessions: SessionFactory, session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Two monitors by mistake do not tell everybody twice."""
    wish()
    fall(session, site[:1])
    session.commit()

    def overtake() -> int:
        with sessions() as other:
            planned = plan(other, MANNERS, at=later(1))
            other.commit()
        return planned

    stale = session.scalars(select(Transition)).all()
    assert overtake() == len(stale)

    with pytest.raises(Conflict):
        mark(session, stale, at=later(1))


def maintain(session: Session, camera: Camera, first: float, last: float, *, alone: bool) -> None:
    """Enter planned time for a camera, or for its whole site."""
    enter_maintenance(
        session,
        camera.site_id,
        camera_id=camera.id if alone else None,
        starts_at=at_minute(first),
        ends_at=at_minute(last),
        reason="Nettoyage",
        actor="user:1",
        at=at_minute(0),
    )


@pytest.mark.usefixtures("technician")
@pytest.mark.parametrize(("alone", "woken"), [(True, 1), (False, 0)])
def test_what_falls_in_planned_maintenance_wakes_nobody(
    session: Session, site: list[Camera], wish: WishMaker, *, alone: bool, woken: int
) -> None:
    """Of two fallen cameras the one that is worked on is planned without a notice."""
    wish()
    maintain(session, site[0], 1, 60, alone=alone)
    fall(session, site[:2])

    assert plan(session, MANNERS, at=later(1)) == woken
    assert [each[:2] for each in notices(session)] == [(site[1].id, OPENED)] * woken
    hear(session, site[0], 2, UP)
    hear(session, site[1], 2, UP)
    assert plan(session, MANNERS, at=later(2)) == 4 - woken
    assert [each[:2] for each in notices(session) if each[0] == site[0].id] == []


@pytest.mark.usefixtures("technician")
def test_what_does_not_come_back_from_planned_time_is_told(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Unplugged for the cleaning and forgotten: told ten minutes after the window."""
    wish()
    maintain(session, site[0], 1, 5, alone=True)
    fall(session, site[:1])
    keep(session, site[0], DOWN, range(2, 17))

    assert plan(session, MANNERS, at=at_minute(14)) == 0
    assert plan(session, MANNERS, at=at_minute(15)) == 1

    assert [each[:2] for each in notices(session)] == [(site[0].id, OPENED)]


@pytest.mark.usefixtures("technician")
def test_what_falls_as_the_planned_time_ends_is_told(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """The window is half open: its last second is planned, its end is not."""
    wish()
    maintain(session, site[0], 0, 1, alone=True)
    fall(session, site[:1], minute=1)

    plan(session, MANNERS, at=later(1))

    assert [each[:2] for each in notices(session)] == [(site[0].id, OPENED)]


@pytest.mark.usefixtures("technician")
def test_a_recovery_in_planned_time_is_told_to_whoever_knew(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """It fell before the work began, and the work mended it: that is news."""
    wish()
    fall(session, site[:1])
    plan(session, MANNERS, at=later(1))
    maintain(session, site[0], 2, 60, alone=True)
    hear(session, site[0], 3, UP)

    plan(session, MANNERS, at=later(3))

    assert [each[:2] for each in notices(session)] == [
        (site[0].id, OPENED),
        (site[0].id, RECOVERED),
    ]


@pytest.mark.usefixtures("technician")
def test_a_lamp_post_without_power_wakes_nobody(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """At noon a camera that is fed at night only falls silent, as it should."""
    wish()
    hours = PowerHours(
        site_id=site[0].site_id, hours="mon-sun 20:00-06:00", from_on=date(2026, 1, 1)
    )
    session.add(hours)
    fall(session, site)

    assert plan(session, MANNERS, at=later(1)) == 0
    assert notices(session) == []
