"""What has one root is one message, when it begins and when it ends."""

from collections.abc import Callable
from datetime import time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health
from registry.fleet.models import Camera
from registry.monitoring.models import Message, Subscription, Transition
from registry.monitoring.notify import Manners
from registry.monitoring.notify.bundle import bundle
from registry.monitoring.notify.plan import plan
from registry.monitoring.rules.notices import Happening, Severity
from registry.monitoring.rules.outages import Root
from registry.monitoring.service import enter_maintenance, lapse_silent, note_transitions
from tests import factories
from tests.monitoring.notify.conftest import MANNERS, fall, hear, keep, later, refuse, swap
from tests.monitoring.notify.test_bundle import zone
from tests.monitoring.notify.test_plan import notices
from tests.monitoring.telling import at_minute

WishMaker = Callable[..., Subscription]
# A silent device is asked every five minutes at the least.
SLOW = Manners(MANNERS.gather_seconds, MANNERS.flapping, slowest_seconds=300)
UP, DOWN = Health.UP, Health.DOWN

pytestmark = pytest.mark.usefixtures("technician")


def tell(session: Session, minute: float) -> list[str]:
    """Plan and bundle what is ready so long after a minute; return the titles."""
    plan(session, SLOW, at=later(minute))
    bundle(session, public_url="", at=later(minute))
    done = session.scalars(select(Message).where(Message.made_at == later(minute)))
    return [message.title for message in done]


def roots(session: Session) -> set[tuple[Happening, Root | None]]:
    """Return what is noted of what transitions share."""
    rows = session.execute(select(Transition.happening, Transition.root))
    return {(happening, root) for happening, root in rows}


def silent(session: Session, *, sites: int) -> list[list[Camera]]:
    """Let a zone fall silent, and tell it."""
    fallen = zone(session, "littoral", sites=sites)
    for cameras in fallen:
        fall(session, cameras, minute=1)
    assert tell(session, 1) == [f"VigiParc – la zone littoral est muette, sur {sites} sites"]
    return fallen


def come_back(session: Session, cameras: list[Camera], minute: int) -> None:
    """Let cameras that fell a minute after noon answer again."""
    for camera in cameras:
        keep(session, camera, DOWN, range(2, minute))
        hear(session, camera, minute)


def test_the_return_of_a_zone_is_one_message(session: Session, wish: WishMaker) -> None:
    """Its sites answer one after the other: the first waits for the last of them."""
    wish()
    first, second, third = silent(session, sites=3)
    come_back(session, first, 10)
    assert tell(session, 10) == []
    come_back(session, second, 11)
    assert [tell(session, each) for each in (11, 13)] == [[], []]
    come_back(session, third, 14)

    assert tell(session, 13.9) == []
    assert tell(session, 14) == ["VigiParc – la zone littoral répond de nouveau, sur 3 sites"]
    told = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert told is not None
    assert told.body.startswith("Tous les sites de la zone littoral répondent de nouveau.")
    assert (Happening.RECOVERED, Root.ZONE_SILENT) in roots(session)


def test_sites_that_do_not_come_back_with_their_zone_are_named(
    session: Session, wish: WishMaker
) -> None:
    """Nobody waits for longer than the slowest device is left alone; who is missing is said."""
    wish()
    first, second, missing = silent(session, sites=3)
    come_back(session, [*first, second[0]], 10)
    for camera in (second[1], *missing):
        keep(session, camera, DOWN, range(2, 18))

    assert [tell(session, each) for each in (10, 12, 14.9)] == [[], [], []]
    assert tell(session, 15) == ["VigiParc – la zone littoral répond de nouveau, sur 2 sites"]
    told = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert told is not None
    site = missing[0].site
    assert told.body.startswith(
        "La zone littoral répond de nouveau, sauf 1 site\N{NO-BREAK SPACE}:\n"
        f"- Bavinchove – {site.name} ({site.public_id})\n"
    )
    for camera in missing:
        hear(session, camera, 18)
    (late,) = tell(session, 18)
    assert late.endswith(f"{site.name}\N{NO-BREAK SPACE}: le site répond de nouveau")


def test_a_missing_site_is_named_to_those_only_who_asked_for_its_place(
    session: Session, wish: WishMaker
) -> None:
    """Whoever is told of one site hears nothing of the others of its zone."""
    own, other = zone(session, "littoral", sites=2)
    wish(site=own[0].site.public_id)
    for cameras in (own, other):
        fall(session, cameras, minute=1)
    tell(session, 1)
    come_back(session, own, 10)
    for camera in other:
        keep(session, camera, DOWN, range(2, 18))

    (title,) = tell(session, 15)

    assert title.endswith("le site répond de nouveau")
    body = session.scalars(select(Message.body).order_by(Message.id.desc())).first()
    assert body is not None
    assert other[0].site.public_id not in body


def test_a_zone_that_nobody_was_told_of_is_not_told_as_back(
    session: Session, wish: WishMaker
) -> None:
    """It fell and came back before the news was gathered: both are told, as they were."""
    wish()
    sites = zone(session, "littoral", sites=2)
    for cameras in sites:
        fall(session, cameras, minute=1)
        for camera in cameras:
            hear(session, camera, 2)

    assert tell(session, 2) == ["VigiParc – 4 caméras rétablies sur 2 sites"]
    assert {root for _, root in roots(session)} == {None}


def test_one_dark_site_comes_back_as_before(session: Session, wish: WishMaker) -> None:
    """Where no zone was silent, a site waits for nobody else."""
    wish()
    dark, well = zone(session, "littoral", sites=2)
    hear(session, well[0], 1)
    fall(session, dark, minute=1)
    tell(session, 1)
    come_back(session, dark, 3)

    (title,) = tell(session, 3)

    assert title.endswith("le site répond de nouveau")


def test_credentials_changed_on_a_whole_site_are_one_message(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Camera after camera refuses: one warning says that the site does; then they accept."""
    wish()
    for place, camera in enumerate(site):
        hear(session, camera, 0)
        refuse(session, camera, 1 + place / 4)

    assert plan(session, SLOW, at=later(0.9)) == 0
    (title,) = tell(session, 1)
    assert title.endswith("\N{NO-BREAK SPACE}: tout le site refuse nos identifiants")
    assert {(each[1], each[2]) for each in notices(session)} == {
        (Happening.REFUSED, Severity.WARNING)
    }
    for camera in site:
        hear(session, camera, 5)
    (title,) = tell(session, 5)
    assert title.endswith("\N{NO-BREAK SPACE}: identifiants acceptés par 3 caméras")


@pytest.mark.parametrize(
    ("wanted", "minute"),
    [({"quiet_from": time(13), "quiet_until": time(14)}, 60), ({"digest_minutes": 240}, 180)],
)
def test_quiet_hours_and_digests_hold_for_units_and_logins(
    session: Session, site: list[Camera], wish: WishMaker, wanted: dict[str, object], minute: int
) -> None:
    """One o'clock in Paris: a camera that answers wakes nobody, whatever it says of itself."""
    wish(**wanted)
    for camera in site[:2]:
        hear(session, camera, 0)
    swap(session, site[0], 1)
    refuse(session, site[1], 1)

    plan(session, SLOW, at=later(1))

    assert {each[3] for each in notices(session)} == {at_minute(minute)}
    assert len(notices(session)) == 2


def test_one_camera_that_refuses_is_told_as_one(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Others of its site accept what they were given."""
    wish()
    for camera in site:
        hear(session, camera, 0)
    refuse(session, site[0], 1)

    (title,) = tell(session, 1)

    assert title.endswith("\N{NO-BREAK SPACE}: identifiants refusés par 1 caméra")


def test_a_login_that_is_tried_no_more_is_told_to_whoever_knew(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """The account was taken out of the register: refused no longer, nor accepted."""
    wish()
    refuse(session, site[0], 1)
    tell(session, 1)
    hear(session, site[0], 2, authentication=Authentication.NONE)
    tell(session, 2)

    assert [each[1] for each in notices(session)] == [Happening.REFUSED, Happening.WITHHELD]


def test_a_camera_that_is_retired_ends_what_was_told_of_it(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Another unit answered, a login was refused: nobody looks there any more, and that is said."""
    wish()
    for camera in site:
        hear(session, camera, 0)
    swap(session, site[0], 1)
    refuse(session, site[1], 1)
    tell(session, 1)
    for camera in site[:2]:
        camera.retired_on = at_minute(0).date()
    session.flush()

    for minute in (2, 10, 12):
        lapsed = lapse_silent(session, at=at_minute(minute))
        note_transitions(session, lapsed.moves, lapsed.signs, at=at_minute(minute))
        session.flush()
    (title,) = tell(session, 12)

    assert title.endswith(": 1 caméra sans suivi, plus d’identifiants envoyés à 1 caméra")
    body = session.scalars(select(Message.body).order_by(Message.id.desc())).first()
    assert body is not None
    assert "retirée, n’est plus suivie" in body
    assert "ne reçoit plus d’identifiants" in body
    assert "À contrôler" not in body
    assert [each[:2] for each in notices(session)] == [
        (site[0].id, Happening.SWAPPED),
        (site[1].id, Happening.REFUSED),
        (site[0].id, Happening.UNWATCHED),
        (site[1].id, Happening.WITHHELD),
    ]


def test_a_swap_during_planned_work_wakes_nobody_unless_it_stays(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Exchanged as planned and recorded: silence. Left unrecorded: told ten minutes after."""
    wish()
    for camera in site[:2]:
        hear(session, camera, 0)
    enter_maintenance(
        session,
        site[0].site_id,
        starts_at=at_minute(1),
        ends_at=at_minute(5),
        reason="Échange",
        actor="user:1",
        at=at_minute(0),
    )
    for camera in site[:2]:
        swap(session, camera, 2)
    hear(session, site[0], 4)

    assert [plan(session, SLOW, at=at_minute(each)) for each in (6, 14, 15)] == [2, 0, 1]
    assert [each[:2] for each in notices(session)] == [(site[1].id, Happening.SWAPPED)]


def test_a_restless_camera_still_tells_that_another_unit_answers(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Flapping mutes the outages of a camera, and nothing else of it."""
    wish()
    fall(session, site[:1])
    for minute in range(2, 12):
        if minute % 2:
            hear(session, site[0], minute, DOWN)
        else:
            hear(session, site[0], minute)
    swap(session, site[0], 12)

    assert plan(session, SLOW, at=later(12)) == 1
    assert [each[1] for each in notices(session)] == [Happening.SWAPPED]


def test_a_swap_and_an_outage_end_each_for_those_who_were_told(
    session: Session, wish: WishMaker
) -> None:
    """A subscription to the worst only hears of the dark site, never of the other unit."""
    camera = factories.make_camera(session)
    wish(severity="critical")
    hear(session, camera, 0)
    swap(session, camera, 1)
    hear(session, camera, 2, DOWN)
    tell(session, 2)
    hear(session, camera, 4)
    tell(session, 4)

    assert [each[1] for each in notices(session)] == [Happening.OPENED, Happening.RECOVERED]
