"""What is due for one reader is one message, written once."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.db import SessionFactory
from registry.errors import Conflict
from registry.fleet.models import Camera
from registry.monitoring.models import Message, Notice, Subscription
from registry.monitoring.notify.bundle import assign, bundle
from registry.monitoring.notify.plan import plan
from tests import factories
from tests.monitoring.notify.conftest import MANNERS, fall, later

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
