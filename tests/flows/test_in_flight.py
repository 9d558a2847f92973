"""`kill -9` while a message is under way: that one is repeated, with its key, and no other."""

import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select

from registry.db import SessionFactory, session_scope
from registry.fleet.vault import Vault
from registry.monitoring.models import Message
from registry.monitoring.notify import Herald, MailServer
from registry.monitoring.service.subscriptions import Wish, subscribe
from tests import factories
from tests.flows.demo_region import ROOT
from tests.monitoring.notify.conftest import MANNERS, fall, later
from tests.monitoring.telling import NOON

# Takes one turn, as the monitor does every few seconds.
HERALD = """
import sys
from datetime import datetime
from pathlib import Path
from registry.db import open_engine, session_factory
from registry.fleet.vault import Vault
from registry.monitoring.notify import Herald, MailServer
from tests.monitoring.notify.conftest import MANNERS
url, keys, at = sys.argv[1:]
herald = Herald(session_factory(open_engine(url)), Vault.open(Path(keys)), MailServer(), MANNERS)
herald.turn(at=datetime.fromisoformat(at))
"""
READERS = 4


class Assassin(ThreadingHTTPServer):
    """Takes every message; kills whoever brings the one that it was told to wait for."""

    def __init__(self, fatal: int) -> None:
        """Wait for the message of this number."""
        super().__init__(("127.0.0.1", 0), Calls)
        self.fatal = fatal
        self.keys: list[str] = []
        self.victim: subprocess.Popen[bytes] | None = None


class Calls(BaseHTTPRequestHandler):
    """One message."""

    def do_POST(self) -> None:
        """Keep its key; the one who brings the fatal one never hears that it was taken."""
        self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Assassin)
        self.server.keys.append(self.headers["Idempotency-Key"])
        if len(self.server.keys) == self.server.fatal and self.server.victim:
            self.server.victim.kill()
            return
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


@pytest.mark.parametrize("fatal", [1, 3, READERS])
def test_a_kill_in_flight_repeats_that_message_alone(
    sessions: SessionFactory, database_url: str, tmp_path: Path, fatal: int
) -> None:
    """What was taken before is not sent again; what waited is; the one in flight has its key."""
    keys, web = tmp_path / "keys", Assassin(fatal)
    Thread(target=web.serve_forever, daemon=True).start()
    vault, address = Vault.open(keys), f"json://127.0.0.1:{web.server_port}/parc"
    with session_scope(sessions) as session:
        for number in range(READERS):
            wish = Wish(name=f"Astreinte {number}", address=address)
            subscribe(session, wish, vault=vault, actor="user:1", at=NOON)
        fall(session, [factories.make_camera(session)])
    herald = Herald(sessions, vault, MailServer(), MANNERS)

    command = [sys.executable, "-c", HERALD, database_url, str(keys), later(1).isoformat()]
    with subprocess.Popen(command, cwd=ROOT) as web.victim:  # noqa: S603 - our own interpreter
        assert web.victim.wait(60) < 0
    at_once = herald.turn(at=later(1) + timedelta(seconds=5))
    afterwards = herald.turn(at=_a_minute_after(later(1)))
    web.shutdown()
    web.server_close()

    assert (at_once, afterwards) == (READERS - fatal, 1)
    times = Counter(web.keys)
    assert times.pop(web.keys[fatal - 1]) == 2
    assert list(times.values()) == [1] * (READERS - 1)
    with sessions() as session:
        messages = session.scalars(select(Message)).all()
    assert {message.key for message in messages} == set(web.keys)
    assert all(message.sent_at for message in messages)


def _a_minute_after(at: datetime) -> datetime:
    return at + timedelta(seconds=60)
