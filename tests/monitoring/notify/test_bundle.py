"""What is due for one reader is one message, written once."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.db import SessionFactory
from registry.errors import Conflict
from registry.fleet.models import Camera
from registry.monitoring.models import Message, Notice, Subscription
from registry.monitoring.notify.bundle import assign, bundle
from registry.monitoring.notify.plan import plan
from tests import factories
from tests.monitoring.notify.conftest import MANNERS, fall, hear, later

WishMaker = Callable[..., Subscription]


@pytest.mark.usefixtures("technician")
def test_each_reader_gets_one_message_for_all_that_is_due(
    session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """Two sites at the same time are one mail, to each of two readers."""
    wish()
    wish(name="Agents", role="", email="camille@ville.test")
    fall(session, site[:2])
    fall(session, [factories.make_camera(session)])
    plan(session, MANNERS, at=later(1))

    assert bundle(session, public_url="", at=later(1)) == 2

    found = session.scalars(select(Message)).all()
    assert {message.title for message in found} == {"VigiParc – 3 caméras hors service sur 2 sites"}
    assert len({message.key for message in found}) == 2
    assert bundle(session, public_url="", at=later(1)) == 0


def zone(session: Session, name: str, *, sites: int) -> list[list[Camera]]:
    """Add a zone of sites with two cameras each."""
    found = []
    for _ in range(sites):
        place = factories.make_site(session)
        place.zone = name
        found.append([factories.make_camera(session, site=place) for _ in range(2)])
    return found


@pytest.mark.usefixtures("technician")
def test_a_silent_zone_is_one_message_that_names_it(session: Session, wish: WishMaker) -> None:
    """The site that fell first waits for the last of its zone; one root, not a site each."""
    wish()
    first, last = zone(session, "littoral", sites=2)
    fall(session, first, minute=1)
    fall(session, last, minute=2)

    early = plan(session, MANNERS, at=later(1.2))
    planned = plan(session, MANNERS, at=later(2))
    messages = bundle(session, public_url="", at=later(2))

    assert (early, planned, messages) == (0, 4, 1)
    message = session.scalars(select(Message)).one()
    assert message.title == "VigiParc – la zone littoral est muette, sur 2 sites"
    assert message.body.startswith("Aucun site de cette zone ne répond")
    assert message.body.count("CAM") >= len(first + last)


@pytest.mark.usefixtures("technician")
def test_a_zone_holds_nobody_back_for_long(session: Session, wish: WishMaker) -> None:
    """The last site is late: the first is told all the same after twice the wait."""
    wish()
    first, last = zone(session, "littoral", sites=2)
    fall(session, first, minute=1)
    fall(session, last, minute=3.9)
    at = later(2.5)

    assert plan(session, MANNERS, at=at) == len(first)
    bundle(session, public_url="", at=at)
    assert "zone" not in session.scalars(select(Message.title)).one()


@pytest.mark.usefixtures("technician")
def test_where_one_site_of_a_zone_answers_each_dark_site_is_told(
    session: Session, wish: WishMaker
) -> None:
    """A zone is silent only if all of it is."""
    wish()
    first, last, well = zone(session, "littoral", sites=3)
    hear(session, well[0], 1, Health.UP)
    fall(session, first, minute=1)
    fall(session, last, minute=2)

    assert plan(session, MANNERS, at=later(1.2)) == len(first)


@pytest.mark.usefixtures("technician")
def test_what_is_not_due_waits(session: Session, site: list[Camera], wish: WishMaker) -> None:
    """A digest is not cut short."""
    wish(digest_minutes=60)
    fall(session, site[:1])
    plan(session, MANNERS, at=later(1))

    assert bundle(session, public_url="", at=later(1)) == 0


@pytest.mark.usefixtures("technician")
def test_of_two_bundlers_one_is_let_through(
    sessions: SessionFactory, session: Session, site: list[Camera], wish: WishMaker
) -> None:
    """A notice is in one message only."""
    wish()
    fall(session, site[:1])
    plan(session, MANNERS, at=later(1))
    session.commit()
    notices = session.scalars(select(Notice)).all()
    with sessions() as other:
        bundle(other, public_url="", at=later(1))
        other.commit()

    with pytest.raises(Conflict):
        assign(session, notices, session.scalars(select(Message)).one())
