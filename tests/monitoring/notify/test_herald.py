"""Nothing is lost across a crash; at most the message in flight is repeated, with its key."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.db import SessionFactory
from registry.fleet.models import Camera
from registry.fleet.vault import Vault
from registry.monitoring.models import Message, Notice, Subscription
from registry.monitoring.notify import Herald, MailServer
from registry.monitoring.notify.bundle import bundle
from registry.monitoring.notify.plan import plan
from registry.monitoring.queries.notices import due_messages
from registry.monitoring.service.subscriptions import end_subscription
from tests.monitoring.notify.conftest import (
    MANNERS,
    Postbox,
    fall,
    hear,
    keep,
    later,
    refuse,
    swap,
)

WishMaker = Callable[..., Subscription]


class Board:
    """A web server that keeps what it is told, by key; `refuses` makes it answer 503."""

    def __init__(self) -> None:
        """Start empty and willing."""
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.refuses = False
        board = self

        class Calls(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not board.refuses:
                    board.calls.append((self.headers["Idempotency-Key"], body))
                self.send_response(503 if board.refuses else 200)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Keep quiet."""

        self.web = ThreadingHTTPServer(("127.0.0.1", 0), Calls)
        self.address = f"json://127.0.0.1:{self.web.server_port}/parc"
        Thread(target=self.web.serve_forever, daemon=True).start()


@pytest.fixture
def board() -> Iterator[Board]:
    """Run a web server on loopback."""
    board = Board()
    yield board
    board.web.shutdown()
    board.web.server_close()


@pytest.fixture
def herald(sessions: SessionFactory, vault: Vault) -> Herald:
    """Return a herald without a mail server."""
    return Herald(sessions, vault, MailServer(), MANNERS, public_url="https://parc.test")


def messages(session: Session) -> list[Message]:
    """Return every message as the database has it now."""
    session.expire_all()
    return list(session.scalars(select(Message).order_by(Message.id)))


def test_a_turn_plans_bundles_and_sends(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """A dark site is one call, which names all its cameras and links to its page."""
    wish(role="", address=board.address)
    fall(session, site)
    session.commit()

    assert herald.turn(at=later(1)) == 1
    assert herald.turn(at=later(2)) == 0

    ((key, said),) = board.calls
    (message,) = messages(session)
    assert (key, said["title"]) == (message.key, message.title)
    assert message.sent_at == later(1)
    assert all(camera.label in said["message"] for camera in site)
    assert f"https://parc.test/sites/{site[0].site.public_id}" in said["message"]


def test_a_refused_message_is_offered_again_with_its_key(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """A service that is away for a minute gets the message afterwards, unchanged."""
    wish(role="", address=board.address)
    fall(session, site[:1])
    session.commit()
    board.refuses = True
    herald.turn(at=later(1))
    board.refuses = False

    assert herald.turn(at=later(1.5)) == 0
    assert herald.turn(at=later(2)) == 1

    (message,) = messages(session)
    assert [key for key, _said in board.calls] == [message.key]
    assert (message.attempts, message.failure) == (2, "")


def test_a_message_that_nobody_takes_is_given_up_and_kept(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """After a day it is given up; the list still shows it with its reason."""
    wish(role="", address=board.address)
    fall(session, site[:1])
    session.commit()
    board.refuses = True
    herald.turn(at=later(1))

    herald.turn(at=later(1) + timedelta(days=1))
    board.refuses = False
    herald.turn(at=later(1) + timedelta(days=2))

    (message,) = messages(session)
    assert message.given_up_at == later(1) + timedelta(days=1)
    assert "503" in message.failure
    assert board.calls == []


def test_a_kill_between_any_two_steps_loses_nothing(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """Whatever was written before a kill is taken up by the next process, once."""
    wish(role="", address=board.address)
    fall(session, site[:1])
    session.commit()

    plan(session, MANNERS, at=later(1))  # killed before the commit
    session.rollback()
    assert session.scalars(select(Notice)).all() == []
    plan(session, MANNERS, at=later(1))
    session.commit()  # killed after it
    bundle(session, public_url="", at=later(1))
    session.rollback()
    bundle(session, public_url="", at=later(1))
    session.commit()

    assert herald.turn(at=later(2)) == 1
    assert len(board.calls) == 1


def test_only_the_message_in_flight_is_repeated(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """A kill after the call and before its note: the same key is heard twice, nothing else."""
    wish(role="", address=board.address)
    fall(session, site[:1])
    session.commit()
    herald.turn(at=later(1))
    (message,) = messages(session)
    message.sent_at, message.attempts = None, 0
    session.commit()

    herald.turn(at=later(2))

    assert [key for key, _said in board.calls] == [message.key] * 2


def test_who_wakes_up_late_sends_nothing_again(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """What was read before a pause may have been sent by another monitor since."""
    for name in ("Tableau", "Astreinte", "Mairie"):
        wish(name=name, role="", address=board.address)
    fall(session, site[:1])
    plan(session, MANNERS, at=later(1))
    bundle(session, public_url="", at=later(1))
    session.commit()
    before = due_messages(session, at=later(1), limit=9)

    assert herald.turn(at=later(1)) == 3
    assert [herald.send(each, at=later(2)) for each in before] == [False] * 3

    assert sorted(key for key, _said in board.calls) == sorted(each.key for each in before)
    assert {each.sent_at for each in messages(session)} == {later(1)}


@pytest.mark.usefixtures("technician")
def test_one_broken_channel_does_not_silence_the_others(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """Without a mail server the mail waits, and the call is made."""
    wish()
    wish(name="Tableau", role="", address=board.address)
    fall(session, site[:1])
    session.commit()

    assert herald.turn(at=later(1)) == 1

    mail, call = sorted(messages(session), key=lambda each: each.user_id is None)
    assert "notices.smtp_host" in mail.failure
    assert call.sent_at == later(1)


def test_an_ended_subscription_is_told_nothing_more(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """What waits for a reader who has gone is not sent after them."""
    ended = wish(role="", address=board.address)
    fall(session, site[:1])
    plan(session, MANNERS, at=later(1))
    end_subscription(session, ended.id, actor="user:1", at=later(1))
    session.commit()

    assert herald.turn(at=later(1)) == 0
    assert board.calls == []


def test_an_address_whose_key_is_gone_says_so(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, sessions: SessionFactory
) -> None:
    """A key file that was replaced opens no address; the reason names no secret."""
    wish(role="", address=board.address)
    fall(session, site[:1])
    session.commit()
    stranger = Vault(["c3RyYW5nZXItc3RyYW5nZXItc3RyYW5nZXItc3RyYW4="])

    Herald(sessions, stranger, MailServer(), MANNERS).turn(at=later(1))

    assert messages(session)[0].failure == "no key of the key file opens the address"


def test_an_outage_and_its_end_that_waited_together_are_one_message(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """A digest tells what happened in the meantime, from beginning to end."""
    wish(role="", address=board.address, digest_minutes=60)
    fall(session, site[:1])
    keep(session, site[0], Health.DOWN, range(2, 10))
    hear(session, site[0], 10, Health.UP)
    session.commit()

    hour: datetime = later(1) + timedelta(minutes=57.5)
    assert herald.turn(at=later(10)) == 0
    assert herald.turn(at=hour) == 1

    ((_key, said),) = board.calls
    assert "9 min" in said["message"]


@pytest.mark.usefixtures("technician")
def test_a_swap_and_new_credentials_reach_mailbox_and_service(  # noqa: PLR0913, PLR0917 - two channels
    session: Session,
    sessions: SessionFactory,
    vault: Vault,
    site: list[Camera],
    wish: WishMaker,
    board: Board,
    postbox: Postbox,
    server: MailServer,
) -> None:
    """What is on the pages is told as well: one message a site and reader, and its end."""
    wish()
    wish(name="Tableau", role="", address=board.address, language="en")
    herald = Herald(sessions, vault, server, MANNERS)
    for camera in site[1:]:
        refuse(session, camera, 1)
    swap(session, site[0], 1)
    session.commit()

    assert herald.turn(at=later(1)) == 2
    for camera in site:
        hear(session, camera, 3)
    session.commit()
    assert herald.turn(at=later(3)) == 2

    titles = [said["title"].partition(": ")[2] for _key, said in board.calls]
    assert titles == [
        "another unit in 1 place, credentials refused by 2 cameras",
        "the registered unit in 1 place, credentials accepted by 2 cameras",
    ]
    assert [str(mail["Idempotency-Key"]) for _to, mail in postbox.mails] == [
        each.key for each in messages(session) if each.user_id is not None
    ]


def test_a_kill_before_a_sign_is_planned_loses_nothing(
    session: Session, site: list[Camera], wish: WishMaker, board: Board, herald: Herald
) -> None:
    """The verdict and its row are one transaction: either both are gone or neither."""
    wish(role="", address=board.address)
    hear(session, site[0], 0)
    session.commit()
    swap(session, site[0], 1)
    session.rollback()  # killed before the commit: the verdict comes again
    swap(session, site[0], 1)
    session.commit()
    plan(session, MANNERS, at=later(1))
    session.rollback()  # killed while planning

    assert herald.turn(at=later(1)) == 1
    assert herald.turn(at=later(2)) == 0
    assert len(board.calls) == 1
