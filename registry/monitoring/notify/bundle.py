"""Puts what is due for each reader into one message: written first, sent afterwards."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.errors import Conflict, NotFound
from registry.monitoring.models import Message, Notice, Subscription
from registry.monitoring.notify.plan import covers
from registry.monitoring.notify.wording import Wording, returned_zones
from registry.monitoring.queries.notices import due_notices, readers_of
from registry.monitoring.queries.outages import sites_out
from registry.monitoring.queries.standings import batched


def bundle(session: Session, *, public_url: str, at: datetime) -> int:
    """
    Write a message for each reader with something due; return how many.

    Raises:
        Conflict: Somebody else has bundled some of it meanwhile.
    """
    waiting = due_notices(session, at=at)
    zones = {zone for notices in waiting.values() for zone in returned_zones(notices)}
    missing = sites_out(session, zones, at=at)
    for (subscription_id, user_id), notices in waiting.items():
        wish = notices[0].subscription
        mine = [each for each in missing if covers(wish, each.id, each.commune.department_code)]
        wording = Wording(wish.language, public_url=public_url, missing=mine)
        message = Message(
            key=str(uuid4()),
            subscription_id=subscription_id,
            user_id=user_id,
            title=wording.title(notices),
            body=wording.body(notices, at=at),
            made_at=at,
            next_at=at,
        )
        session.add(message)
        session.flush()
        assign(session, notices, message)
    return len(waiting)


def test_messages(session: Session, subscription_id: int, *, at: datetime) -> int:
    """
    Write a message to every reader of a subscription that says it is a test.

    Raises:
        NotFound: There is no such subscription, or it has ended.
    """
    wish = session.get(Subscription, subscription_id)
    if wish is None or wish.ended_at is not None:
        raise NotFound(f"subscription {subscription_id}")
    readers = readers_of(session, [wish])[wish.id]
    title, body = Wording(wish.language, public_url="").test(wish.name)
    session.add_all(
        Message(
            key=str(uuid4()),
            subscription_id=wish.id,
            user_id=user_id,
            title=title,
            body=body,
            made_at=at,
            next_at=at,
        )
        for _wish_id, user_id in readers
    )
    session.flush()
    return len(readers)


def assign(session: Session, notices: Sequence[Notice], message: Message) -> None:
    """
    Put notices into a message, unless they are in one already.

    Raises:
        Conflict: Some are.
    """
    assigned = 0
    for chunk in batched(each.id for each in notices):
        assigned += session.execute(
            update(Notice)
            .where(Notice.id.in_(chunk), Notice.message_id.is_(None))
            .values(message_id=message.id)
            .execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]  # an UPDATE has one
    if assigned != len(notices):
        raise Conflict(f"{len(notices) - assigned} notices were bundled by somebody else")
