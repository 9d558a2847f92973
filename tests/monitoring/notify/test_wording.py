"""Messages say the worst first, in the reader's language, with what to check."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.models import Camera
from registry.monitoring.models import Notice, Subscription
from registry.monitoring.notify.plan import plan
from registry.monitoring.notify.wording import Wording
from tests import factories
from tests.monitoring.notify.conftest import MANNERS, fall, hear, keep, later, refuse, swap

WishMaker = Callable[..., Subscription]
FRENCH, ENGLISH = Wording("fr", public_url=""), Wording("en", public_url="https://parc.test/")


@pytest.fixture(autouse=True)
def subscribed(wish: WishMaker) -> None:
    """Let a service be told of everything."""
    wish(role="", address="json://127.0.0.1:1/parc")


def planned(session: Session, minute: float) -> list[Notice]:
    """Plan what there is to tell, and return it."""
    before = {each.id for each in session.scalars(select(Notice))}
    plan(session, MANNERS, at=later(minute))
    found = session.scalars(select(Notice).order_by(Notice.transition_id))
    return [each for each in found if each.id not in before]


def test_a_dark_site_is_the_title(session: Session, site: list[Camera]) -> None:
    """Whoever reads nothing but the title knows where to go."""
    fall(session, site)
    notices = planned(session, 1)
    name = site[0].site.name

    assert (
        FRENCH.title(notices)
        == f"VigiParc – Bavinchove, {name}\N{NO-BREAK SPACE}: tout le site est hors service"
    )
    assert ENGLISH.title(notices) == f"VigiParc – Bavinchove, {name}: the whole site is out"


def test_one_camera_is_counted(session: Session, site: list[Camera]) -> None:
    """A title never says more than there is."""
    fall(session, site[:1])

    assert FRENCH.title(planned(session, 1)).endswith("\N{NO-BREAK SPACE}: 1 caméra hors service")


def test_a_message_says_what_was_seen_and_what_to_check(
    session: Session, site: list[Camera]
) -> None:
    """The cause is told once for all cameras that share it; the link is the reader's."""
    fall(session, site[:2])

    body = ENGLISH.body(planned(session, 1), at=later(1))

    assert f"https://parc.test/sites/{site[0].site.public_id}" in body
    assert body.count("Seen: ") == 1
    assert f"- {site[0].label}: down, 23/11/2026 13:01" in body
    assert body.endswith("Times of Paris. Written on 23/11/2026 13:02.\n")


def test_a_return_is_told_as_such(session: Session, site: list[Camera]) -> None:
    """What comes back is not counted as out."""
    fall(session, site[:1])
    planned(session, 1)
    hear(session, site[0], 2, Health.UP)
    notices = planned(session, 2)

    assert FRENCH.title(notices).endswith("\N{NO-BREAK SPACE}: 1 caméra rétablie")
    assert "de nouveau en service, 23/11/2026 13 h 02" in FRENCH.body(notices, at=later(2))
    assert "Constaté" not in FRENCH.body(notices, at=later(2))


def test_a_lost_camera_is_not_told_as_back(session: Session, site: list[Camera]) -> None:
    """Nobody knows whether it works: it stays among those that are out."""
    fall(session, site[:1])
    planned(session, 1)
    hear(session, site[0], 2, Health.UNKNOWN)
    notices = planned(session, 2)

    assert FRENCH.title(notices).endswith("\N{NO-BREAK SPACE}: 1 caméra hors service")
    assert "plus de nouvelles" in FRENCH.body(notices, at=later(2))


def test_many_changes_are_told_as_what_they_came_to(session: Session, site: list[Camera]) -> None:
    """Nobody reads ten lines about one camera."""
    fall(session, site[:1])
    hear(session, site[0], 2, Health.UP)
    hear(session, site[0], 3, Health.DOWN)
    keep(session, site[0], Health.DOWN, range(4, 6))

    body = FRENCH.body(planned(session, 5), at=later(5))

    assert (
        "3 changements entre le 23/11/2026 13 h 01 et le 23/11/2026 13 h 03, hors service" in body
    )


def test_several_sites_are_summed_up(session: Session, site: list[Camera]) -> None:
    """The title counts, the text tells site by site."""
    fall(session, site[:2])
    fall(session, [factories.make_camera(session)])
    notices = planned(session, 1)

    assert FRENCH.title(notices) == "VigiParc – 3 caméras hors service sur 2 sites"
    assert FRENCH.body(notices, at=later(1)).count("(59054-") == 2


def test_another_unit_is_told_with_what_to_check(session: Session, site: list[Camera]) -> None:
    """Nobody fell: the title says what there is to see, in both languages."""
    hear(session, site[0], 0)
    swap(session, site[0], 1)
    notices = planned(session, 1)

    assert FRENCH.title(notices).endswith("\N{NO-BREAK SPACE}: un autre appareil à 1 emplacement")
    assert ENGLISH.title(notices).endswith(": another unit in 1 place")
    body = FRENCH.body(notices, at=later(1))
    assert "un autre appareil répond que celui du registre, 23/11/2026 13 h 01" in body
    assert body.count("Si la caméra a été remplacée") == 1


def test_what_befell_a_camera_is_told_matter_by_matter(
    session: Session, site: list[Camera]
) -> None:
    """It refused, fell and came back with another unit: three lines, the outage first."""
    hear(session, site[0], 0)
    refuse(session, site[0], 1)
    hear(session, site[0], 2, Health.DOWN)
    swap(session, site[0], 3)
    notices = planned(session, 3)

    assert ENGLISH.title(notices).endswith(
        ": 1 camera back, another unit in 1 place, credentials accepted by 1 camera"
    )
    lines = [line for line in ENGLISH.body(notices, at=later(3)).splitlines() if line[:1] == "-"]
    label = site[0].label
    refused = "refuses our credentials, 23/11/2026 13:01"
    assert lines == [
        f"- {label}: {refused}; accepts our credentials, 23/11/2026 13:03",
        f"- {label}: down from 23/11/2026 13:02 to 23/11/2026 13:03 (1 min), up again",
        f"- {label}: another unit answers than the registered one, 23/11/2026 13:03",
    ]


def test_a_test_says_that_nothing_has_happened() -> None:
    """Nobody sets out at night for a test."""
    title, body = FRENCH.test("Astreinte")

    assert (
        title == "VigiParc – Essai de l’abonnement «\N{NO-BREAK SPACE}Astreinte\N{NO-BREAK SPACE}»"
    )
    assert body.startswith("Rien ne s’est passé.")
