"""Who wants to be told of outages, what there is to tell, and what was told."""

from datetime import datetime, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from probes.verdict import Health, Reason
from registry.accounts.models import User
from registry.accounts.rules import RoleName
from registry.db import Base, Id, Second, Word
from registry.fleet.models import Camera, Site
from registry.monitoring.rules.notices import Happening, Severity
from registry.monitoring.rules.outages import Root

UNPLANNED = text("planned_at IS NULL")
UNSENT = text("sent_at IS NULL AND given_up_at IS NULL")
UNBUNDLED = text("message_id IS NULL")


class Transition(Base):
    """
    Something befell a camera at `at`: an outage, another unit, a login that is refused.

    Written in the transaction that found it, so none is lost; `planned_at` says when it
    was decided who is told, `root` what it then shared with others, if that was wider
    than one camera.
    """

    __tablename__ = "transitions"
    __table_args__ = (
        Index(
            "ix_transitions_unplanned",
            "camera_id",
            postgresql_where=UNPLANNED,
            sqlite_where=UNPLANNED,
        ),
        Index("ix_transitions_camera_at", "camera_id", "at"),
    )

    id: Mapped[Id]
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    happening: Mapped[Happening] = mapped_column(Word(Happening))
    health: Mapped[Health] = mapped_column(Word(Health))
    reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    at: Mapped[datetime] = mapped_column(Second)
    noted_at: Mapped[datetime]
    planned_at: Mapped[datetime | None]
    root: Mapped[Root | None] = mapped_column(Word(Root))

    camera: Mapped[Camera] = relationship()


class Subscription(Base):
    """
    A wish to be told: of what, where, how severe, when, and through which channel.

    Told are either the holders of a role, or one person, or a sealed Apprise address
    (a webhook holds its secret in its address). Empty `department_code` and null
    `site_id` mean everywhere.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN role IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN user_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN sealed_address IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_channel",
        ),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet"),
        CheckConstraint("digest_minutes BETWEEN 0 AND 1440", name="digest"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    role: Mapped[RoleName | None] = mapped_column(Word(RoleName))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    sealed_address: Mapped[bytes | None] = mapped_column(LargeBinary)
    department_code: Mapped[str] = mapped_column(String(3), default="")
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    severity: Mapped[Severity] = mapped_column(Word(Severity), default=Severity.WARNING)
    digest_minutes: Mapped[int] = mapped_column(default=0)
    quiet_from: Mapped[time | None] = mapped_column(Time)
    quiet_until: Mapped[time | None] = mapped_column(Time)
    language: Mapped[str] = mapped_column(String(2), default="fr")
    ended_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship()
    site: Mapped[Site | None] = relationship()

    def __repr__(self) -> str:
        """Name the row only: an address may hold a secret, sealed or not."""
        return f"Subscription(id={self.id})"


class Message(Base):
    """
    One mail or one call of a webhook, written before it is sent.

    `key` travels with it: whoever gets the same key twice got one message twice,
    which only a crash between sending and noting it can cause.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_unsent", "next_at", postgresql_where=UNSENT, sqlite_where=UNSENT),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(36), unique=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(200), default="")

    subscription: Mapped[Subscription] = relationship()
    user: Mapped[User | None] = relationship()


class Notice(Base):
    """One transition that one reader is to be told, at `due_at`, in the message that holds it."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("transition_id", "subscription_id", "user_id"),
        Index("ix_notices_due", "due_at", postgresql_where=UNBUNDLED, sqlite_where=UNBUNDLED),
        Index("ix_notices_reader", "subscription_id", "user_id"),
    )

    id: Mapped[Id]
    transition_id: Mapped[int] = mapped_column(ForeignKey("transitions.id"))
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    severity: Mapped[Severity] = mapped_column(Word(Severity))
    due_at: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)

    transition: Mapped[Transition] = relationship()
    subscription: Mapped[Subscription] = relationship()
