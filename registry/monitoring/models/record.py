"""What was seen of each camera, as rows from which every figure can be recomputed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from probes.verdict import Authentication, Health, Reason
from registry.db import Base, Id, Second, Word
from registry.fleet.models import Camera, Device, Site
from registry.monitoring.rules.outages import Exclusion

OPEN = text("ended_at IS NULL")
OPEN_SITE = text("ended_at IS NULL AND camera_id IS NULL")
# What each second rewrites finds room on its own page, and no new entry of an index.
ROOM = {"postgresql_with": {"fillfactor": 50}}


class Standing(Base):
    """
    Where one camera stands: the last verdict folded in, and what is still pending.

    `health` is vouched for since `since`, up to `held_until` at the latest: the end
    of the last verdict's hold or, while a change waits for patience, the first
    dissenting verdict. The row of the open interval starts at `since`.
    `dissent` counts verdicts in a row on the other side, `pending` holds them as
    JSON. `settled_until` is the watermark of the append-only counter.
    `refused_credential_at` is the age of the credential that the device refused:
    no credential is sent until it changes.
    """

    __tablename__ = "standings"
    __table_args__ = ROOM

    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(Second)
    health: Mapped[Health] = mapped_column(Word(Health))
    reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    since: Mapped[datetime] = mapped_column(Second)
    reachable: Mapped[bool]
    issues: Mapped[str] = mapped_column(String(400), default="")
    last_at: Mapped[datetime] = mapped_column(Second)
    hold_seconds: Mapped[int]
    held_until: Mapped[datetime] = mapped_column(Second)
    dissent: Mapped[int] = mapped_column(default=0)
    dissent_since: Mapped[datetime | None] = mapped_column(Second)
    pending: Mapped[str] = mapped_column(Text, default="")
    mismatches: Mapped[int] = mapped_column(default=0)
    mismatch_since: Mapped[datetime | None] = mapped_column(Second)
    substituted: Mapped[bool] = mapped_column(default=False)
    settled_until: Mapped[datetime] = mapped_column(Second)
    last_up_at: Mapped[datetime | None] = mapped_column(Second)
    identified_at: Mapped[datetime | None] = mapped_column(Second)
    authentication: Mapped[Authentication] = mapped_column(Word(Authentication))
    verified_at: Mapped[datetime | None] = mapped_column(Second)
    refused_credential_at: Mapped[datetime | None]
    clock_offset_seconds: Mapped[float | None]
    manufacturer: Mapped[str] = mapped_column(String(80), default="")
    model: Mapped[str] = mapped_column(String(120), default="")
    firmware: Mapped[str] = mapped_column(String(80), default="")
    serial: Mapped[str] = mapped_column(String(80), default="")
    simulated: Mapped[bool] = mapped_column(default=False)

    camera: Mapped[Camera] = relationship()


class Interval(Base):
    """
    A stretch [started_at, ended_at) during which one camera had one health.

    The intervals of a camera follow one another without overlap from the first
    verdict on. The open one (`ended_at` null) is only good up to its standing's
    `held_until`. `simulated` marks what no device has ever said.
    """

    __tablename__ = "intervals"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at > started_at", name="ordered"),
        Index("uq_intervals_start", "camera_id", "started_at", unique=True),
        Index(
            "uq_intervals_open",
            "camera_id",
            unique=True,
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
        Index("ix_intervals_ended_at", "ended_at"),
        # All that a sum of time reads, so that it need not visit the rows.
        Index("ix_intervals_sums", "camera_id", "ended_at", "started_at", "health"),
    )

    id: Mapped[Id]
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    health: Mapped[Health] = mapped_column(Word(Health))
    reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    started_at: Mapped[datetime] = mapped_column(Second)
    ended_at: Mapped[datetime | None] = mapped_column(Second)
    simulated: Mapped[bool] = mapped_column(default=False)


class Outage(Base):
    """
    A stretch of time during which one camera was down, or a whole site dark, confirmed.

    `camera_id` is null for the outage of a site: its gateway does not answer, and none
    of its cameras gets an outage for that. `ended_at` is null while it lasts; partial
    unique indexes hold a camera, and a site, to one open outage. When nothing is known
    any more it ends, with `ended_by` `unknown`.
    `excluded_for` says why it does not count against whoever maintains the camera;
    null while it does. That never moves an interval or an uptime.
    """

    __tablename__ = "outages"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at > started_at", name="ordered"),
        CheckConstraint(
            "excluded_for IS NULL OR (judged_at IS NOT NULL AND judgement <> '')", name="judged"
        ),
        Index(
            "uq_outages_open",
            "camera_id",
            unique=True,
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
        Index(
            "uq_outages_open_site",
            "site_id",
            unique=True,
            postgresql_where=OPEN_SITE,
            sqlite_where=OPEN_SITE,
        ),
    )

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id"), index=True)
    health: Mapped[Health] = mapped_column(Word(Health))
    reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    started_at: Mapped[datetime] = mapped_column(Second, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Second)
    ended_by: Mapped[Health | None] = mapped_column(Word(Health))
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
    ticket: Mapped[str] = mapped_column(String(60), default="", server_default="")
    excluded_for: Mapped[Exclusion | None] = mapped_column(Word(Exclusion))
    judgement: Mapped[str] = mapped_column(String(400), default="", server_default="")
    judged_by: Mapped[str] = mapped_column(String(120), default="", server_default="")
    judged_at: Mapped[datetime | None]
    simulated: Mapped[bool] = mapped_column(default=False)

    site: Mapped[Site] = relationship()
    camera: Mapped[Camera | None] = relationship()
    comments: Mapped[list["OutageComment"]] = relationship(order_by="OutageComment.id")


class OutageComment(Base):
    """What somebody has to say of an outage; never changed afterwards."""

    __tablename__ = "outage_comments"
    __table_args__ = (CheckConstraint("text <> ''", name="text"),)

    id: Mapped[Id]
    outage_id: Mapped[int] = mapped_column(ForeignKey("outages.id"), index=True)
    author: Mapped[str] = mapped_column(String(120))
    written_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(String(1000))


class Substitution(Base):
    """
    A stretch of time during which another unit answered for the registered one.

    `serial` is that of the other unit, empty where it is no use to tell units apart.
    """

    __tablename__ = "substitutions"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at > started_at", name="ordered"),
        Index(
            "uq_substitutions_open",
            "camera_id",
            unique=True,
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
    )

    id: Mapped[Id]
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"))
    serial: Mapped[str] = mapped_column(String(80), default="")
    started_at: Mapped[datetime] = mapped_column(Second)
    ended_at: Mapped[datetime | None] = mapped_column(Second)
    simulated: Mapped[bool] = mapped_column(default=False)

    camera: Mapped[Camera] = relationship()
    device: Mapped[Device | None] = relationship()


class MaintenanceWindow(Base):
    """
    Planned time [starts_at, ends_at) of a whole site, or of one of its cameras.

    `entered_at` and `author` are of the window as it stands; what it was before is in
    its versions. A cancelled one keeps its row and does not count.
    """

    __tablename__ = "maintenance_windows"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ordered"),)

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Second)
    ends_at: Mapped[datetime] = mapped_column(Second, index=True)
    reason: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(120))
    entered_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str] = mapped_column(String(120), default="")

    site: Mapped[Site] = relationship()
    camera: Mapped[Camera | None] = relationship()


class MaintenanceVersion(Base):
    """What a maintenance window was from `entered_at` until it was changed at `replaced_at`."""

    __tablename__ = "maintenance_versions"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ordered"),)

    id: Mapped[Id]
    window_id: Mapped[int] = mapped_column(ForeignKey("maintenance_windows.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Second)
    ends_at: Mapped[datetime] = mapped_column(Second)
    reason: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(120))
    entered_at: Mapped[datetime]
    replaced_at: Mapped[datetime]


class SiteState(StrEnum):
    """The five states that a camera's time at a site is counted in."""

    UP = "up"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


class SiteCounter(Base):
    """Camera-seconds of a site in one state: append-only, so a scrape never steps back."""

    __tablename__ = "site_counters"
    __table_args__ = (CheckConstraint("seconds >= 0", name="seconds"), ROOM)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    state: Mapped[SiteState] = mapped_column(Word(SiteState), primary_key=True)
    seconds: Mapped[int] = mapped_column(BigInteger, default=0)


class ProbeRequest(Base):
    """
    Somebody's wish to probe a camera now; the monitor takes it and leaves its verdict.

    `verdict` is the JSON of `Verdict.to_dict()`, which holds no credential.
    """

    __tablename__ = "probe_requests"

    id: Mapped[Id]
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), index=True)
    requested_at: Mapped[datetime] = mapped_column(index=True)
    requested_by: Mapped[str] = mapped_column(String(120))
    taken_at: Mapped[datetime | None] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    verdict: Mapped[dict[str, object] | None] = mapped_column(JSON)

    camera: Mapped[Camera] = relationship()


class MonitorLease(Base):
    """Which monitor is at work, so that a second one started by mistake waits."""

    __tablename__ = "monitor_leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    renewed_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
