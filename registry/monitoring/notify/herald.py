"""
Tells people what has befallen cameras: plans, bundles, sends, each in its own transaction.

A crash loses nothing: whatever is not marked is done again. A message is claimed before
it is sent, so only the one in flight is sent twice after a crash, with the same key.
"""

import logging
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from registry.db import SessionFactory, session_scope
from registry.errors import Conflict
from registry.fleet.vault import Vault
from registry.monitoring.models import Message
from registry.monitoring.notify.bundle import bundle
from registry.monitoring.notify.channels import (
    FAILURE_LENGTH,
    MailServer,
    Undelivered,
    call_webhook,
    send_mail,
)
from registry.monitoring.notify.gather import Manners
from registry.monitoring.notify.plan import plan
from registry.monitoring.queries.notices import due_messages
from registry.monitoring.rules.notices import retry_after

_LOG = logging.getLogger(__name__)

MESSAGES_A_TURN = 50
ENDED = "the subscription has ended"
SEALED = "no key of the key file opens the address"


class Herald:
    """Tells people, one turn after the other, in the process that keeps the books."""

    def __init__(
        self,
        sessions: SessionFactory,
        vault: Vault,
        server: MailServer,
        manners: Manners,
        *,
        public_url: str = "",
    ) -> None:
        """Keep what every turn needs."""
        self._sessions = sessions
        self._vault = vault
        self._server = server
        self._manners = manners
        self._public_url = public_url

    def turn(self, *, at: datetime) -> int:
        """Plan, bundle and send what is due; return how many messages were taken."""
        try:
            with session_scope(self._sessions) as session:
                plan(session, self._manners, at=at)
            with session_scope(self._sessions) as session:
                bundle(session, public_url=self._public_url, at=at)
        except Conflict as conflict:
            # Another herald is at work on the same rows: theirs count, ours were rolled back.
            _LOG.warning("notices left to somebody else: %s", conflict)
        with self._sessions() as session:
            waiting = due_messages(session, at=at, limit=MESSAGES_A_TURN)
        return sum(self.send(message, at=at) for message in waiting)

    def send(self, message: Message, *, at: datetime) -> bool:
        """
        Send one message and note what became of it.

        Not where somebody else has sent it, or is about to, since it was read: a monitor
        that paused for long wakes up with a list of what another one has sent meanwhile.
        """
        with session_scope(self._sessions) as session:
            if not _claim(session, message, at=at):
                return False
        try:
            self._carry(message)
        except Undelivered as refusal:
            failure = str(refusal)
        except Exception as error:  # noqa: BLE001 - one reader's channel must not silence the others
            # Not its text: a library may quote the address, which holds a secret.
            failure = f"internal: {type(error).__name__}"
        else:
            failure = ""
        with session_scope(self._sessions) as session:
            _note(session, message, failure, at=at)
        return not failure

    def _carry(self, message: Message) -> None:
        wish = message.subscription
        if wish.ended_at is not None:
            raise Undelivered(ENDED)
        if message.user is not None:
            send_mail(message, message.user.email, self._server)
            return
        try:
            address = self._vault.unseal(wish.sealed_address or b"")
        except InvalidToken:
            raise Undelivered(SEALED) from None
        call_webhook(message, address)


def _claim(session: Session, message: Message, *, at: datetime) -> bool:
    """Count an attempt ahead if the message is as it was read; a crash waits like a refusal."""
    wait = retry_after(message.attempts + 1, since=timedelta())
    claimed = session.execute(
        update(Message)
        .where(
            Message.id == message.id,
            Message.attempts == message.attempts,
            Message.sent_at.is_(None),
            Message.given_up_at.is_(None),
        )
        .values(attempts=message.attempts + 1, next_at=at + (wait or timedelta()))
    )
    return isinstance(claimed, CursorResult) and claimed.rowcount == 1


def _note(session: Session, message: Message, failure: str, *, at: datetime) -> None:
    """Note a success, or when to try again; somebody else's note is left alone."""
    attempts = message.attempts + 1
    values: dict[str, object] = {"failure": failure[:FAILURE_LENGTH]}
    if not failure:
        values["sent_at"] = at
    else:
        wait = retry_after(attempts, since=at - message.made_at)
        values |= {"given_up_at": at} if wait is None else {"next_at": at + wait}
        _LOG.warning("message %s was not taken: %s", message.key, failure)
    session.execute(
        update(Message)
        .where(
            Message.id == message.id,
            Message.attempts == attempts,
            Message.sent_at.is_(None),
        )
        .values(values)
    )
