"""Time summed ahead: hours and days of sites and cameras, and what makes them stale."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Second


class Sums:
    """Seconds of one span of time in each state, and how often health changed in it."""

    up: Mapped[int] = mapped_column(BigInteger, default=0)
    down: Mapped[int] = mapped_column(BigInteger, default=0)
    unreachable: Mapped[int] = mapped_column(BigInteger, default=0)
    unknown: Mapped[int] = mapped_column(BigInteger, default=0)
    planned: Mapped[int] = mapped_column(BigInteger, default=0)
    transitions: Mapped[int] = mapped_column(BigInteger, default=0)


class SiteHour(Sums, Base):
    """The checkpoint of one site for one full hour (UTC): its cameras' seconds, summed."""

    __tablename__ = "site_hours"
    __table_args__ = (Index("ix_site_hours_starts_at", "starts_at"), {"sqlite_with_rowid": False})

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Second, primary_key=True)


class SiteDay(Sums, Base):
    """The rollup of one site for one day of Europe/Paris, from its midnight on."""

    __tablename__ = "site_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Second, primary_key=True)


class CameraDay(Sums, Base):
    """The rollup of one camera position for one day of Europe/Paris."""

    __tablename__ = "camera_days"
    __table_args__ = (Index("ix_camera_days_starts_at", "starts_at"), {"sqlite_with_rowid": False})

    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Second, primary_key=True)


class StaleDay(Base):
    """
    A day of a site whose rollups no longer tell the truth; nobody reads them.

    Whatever changes the past writes this row in its own transaction; whoever rebuilds
    the day takes it away again.
    """

    __tablename__ = "stale_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Second, primary_key=True)


class RollupBasis(Base):
    """
    What the register said of a camera when its time was last rolled up.

    The register is edited by people and sheets that know nothing of rollups: whoever
    reads one compares, so that none is read whose camera has since been moved, or has
    another day of commissioning.
    """

    __tablename__ = "rollup_bases"

    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    commissioned_on: Mapped[date | None]
    retired_on: Mapped[date | None]


class RollupPower(Base):
    """The hours of power by which a site was last rolled up; no row for one always fed."""

    __tablename__ = "rollup_power"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    power: Mapped[str] = mapped_column(Text)


class RollupSpan(Base):
    """Which time has been rolled up: a row for hours, one for days, one for what has begun."""

    __tablename__ = "rollup_spans"
    __table_args__ = (CheckConstraint("ends_at >= starts_at", name="ordered"),)

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Second)
    ends_at: Mapped[datetime] = mapped_column(Second)


class Removal(Base):
    """
    The removal of the intervals that ended in a day of Europe/Paris, and how far it is.

    First the sums of the day are made final, site by site (`next_site_id` comes next), then
    the day is `sealed_at` once, from when on nobody reads its intervals, then these are
    removed, and the journal tells. `digest` is that of the rows which are gone.
    """

    __tablename__ = "removals"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ordered"),
        CheckConstraint("finished_at IS NULL OR sealed_at IS NOT NULL", name="sealed"),
        {"sqlite_with_rowid": False},
    )

    starts_at: Mapped[datetime] = mapped_column(Second, primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(Second)
    next_site_id: Mapped[int] = mapped_column(default=0)
    sealed_at: Mapped[datetime | None]
    intervals: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
    finished_at: Mapped[datetime | None]
