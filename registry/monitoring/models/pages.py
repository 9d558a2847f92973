"""Rendered metrics pages, and the sign of life of the monitor that renders them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Word


class Dialect(StrEnum):
    """The two spellings of a metrics page; scrapers ask for one of them."""

    TEXT = "text"
    OPENMETRICS = "openmetrics"


class Snapshot(Base):
    """
    A rendered metrics page: one writer, any number of web processes that serve it.

    Only the packed bytes are kept: a page is rewritten every few seconds, and plain it
    is fifteen times as large.
    """

    __tablename__ = "snapshots"

    page: Mapped[str] = mapped_column(String(40), primary_key=True)
    dialect: Mapped[Dialect] = mapped_column(Word(Dialect), primary_key=True)
    version: Mapped[int]
    rendered_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class Heartbeat(Base):
    """
    What the monitor at work says of itself every few seconds, for whoever asks how it is.

    `dropped` and `attempts` count since `started_at`.
    """

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    version: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    lag_seconds: Mapped[float]
    in_flight: Mapped[int]
    attempts: Mapped[int] = mapped_column(BigInteger)
    dropped: Mapped[int] = mapped_column(BigInteger)
