"""What devices said of themselves when they were asked at length, and by their video server."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from probes.checks.rtsp import RtspAnswer
from probes.verdict import Reason
from registry.db import Base, Id, Second, Word


class DeviceInventory(Base):
    """
    The last inventory of the device at one position.

    `facts` holds each fact by its name: its `value`, `since` when it has it and when
    it was last `read`, as instants in ISO 8601: a fact that was not told this time
    keeps its older date. `outcomes` says what came of each question the last time.
    `reason` is why the last attempt, at `tried_at`, came to nothing; null if it did not.
    """

    __tablename__ = "device_inventories"

    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    tried_at: Mapped[datetime] = mapped_column(Second)
    read_at: Mapped[datetime | None] = mapped_column(Second)
    reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    mac: Mapped[str] = mapped_column(String(17), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    outcomes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class InventoryChange(Base):
    """A fact of a device that was another at the inventory before."""

    __tablename__ = "inventory_changes"

    id: Mapped[Id]
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(Second)
    fact: Mapped[str] = mapped_column(String(40))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)


class RtspStanding(Base):
    """What the video server of one camera answered last, and since when it is so."""

    __tablename__ = "rtsp_standings"

    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    answer: Mapped[RtspAnswer] = mapped_column(Word(RtspAnswer))
    since: Mapped[datetime] = mapped_column(Second)
    last_at: Mapped[datetime] = mapped_column(Second)
    detail: Mapped[str] = mapped_column(String(200), default="")
