"""What is funded and what is mounted: positions, units, replacements, accounts."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Id, Word
from registry.fleet.models.places import Site
from registry.funding.models import Grant

MOUNTED = text("removed_at IS NULL")
# No two units at one position at one time. PostgreSQL has exclusion constraints, over
# a range of one camera so that no extension is asked for; SQLite has triggers.
_TRIGGER = """
CREATE TRIGGER devices_{name} BEFORE {when} ON devices
WHEN EXISTS (
    SELECT 1 FROM devices AS other
    WHERE other.camera_id = NEW.camera_id AND other.id <> COALESCE(NEW.id, -1)
    AND (NEW.removed_at IS NULL OR other.mounted_at < NEW.removed_at)
    AND (other.removed_at IS NULL OR NEW.mounted_at < other.removed_at)
) BEGIN SELECT RAISE(ABORT, 'devices overlap at one camera'); END
"""
OVERLAP = {
    "sqlite": (
        _TRIGGER.format(name="insert", when="INSERT"),
        _TRIGGER.format(name="update", when="UPDATE OF camera_id, mounted_at, removed_at"),
    ),
    "postgresql": (
        """
ALTER TABLE devices ADD CONSTRAINT ex_devices_overlap EXCLUDE USING gist (
    int4range(camera_id, camera_id, '[]') WITH &&, tstzrange(mounted_at, removed_at) WITH &&
)
""",
    ),
}


class CameraClass(StrEnum):
    """What a prefectoral order counts separately."""

    PUBLIC_ROAD = "public_road"
    EXTERIOR = "exterior"
    INTERIOR = "interior"


class CameraType(StrEnum):
    """The shapes of cameras, as municipal inventories tell them apart."""

    DOME = "dome"
    FIXED = "fixed"
    FIXED_180 = "fixed_180"
    MULTISENSOR = "multisensor"


class Mount(StrEnum):
    """What a camera is fixed to; a lamp post may have power at night only."""

    BUILDING = "building"
    CORNER = "corner"
    FACADE = "facade"
    WALL = "wall"
    POLE = "pole"
    LAMP_POST = "lamp_post"
    CEILING = "ceiling"


class Land(StrEnum):
    """Whose ground a camera stands on."""

    PUBLIC = "public"
    PRIVATE = "private"


class Scheme(StrEnum):
    """How a device is spoken to."""

    HTTP = "http"
    HTTPS = "https"


class Camera(Base):
    """
    A funded position: it outlives every unit that is mounted there.

    In service from `commissioned_on` until the day before `retired_on`.
    `changed_at` moves whenever the position, its unit or its credentials change:
    the monitor reads what moved since it last looked.

    `tls_verify` is `ca`, `off`, `pin:` and a certificate's SHA-256, or `pin` until the
    first one was seen. `rtsp_port` is null where RTSP is not asked for; `password_text`
    lets a password travel in the clear inside verified TLS, for devices that know no
    digest.
    """

    __tablename__ = "cameras"
    __table_args__ = (
        UniqueConstraint("site_id", "label"),
        # An import changes thousands at one instant: they are paged through by number.
        Index("ix_cameras_changed_at_id", "changed_at", "id"),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        CheckConstraint("rtsp_port BETWEEN 1 AND 65535", name="rtsp_port"),
        CheckConstraint(
            "NOT password_text OR (scheme = 'https' AND tls_verify <> 'off')",
            name="password_text",
        ),
        CheckConstraint(
            "retired_on IS NULL OR commissioned_on IS NULL OR retired_on >= commissioned_on",
            name="ordered",
        ),
    )

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"), index=True)
    label: Mapped[str] = mapped_column(String(60))
    camera_class: Mapped[CameraClass] = mapped_column(
        Word(CameraClass), default=CameraClass.PUBLIC_ROAD
    )
    camera_type: Mapped[CameraType | None] = mapped_column(Word(CameraType))
    mount: Mapped[Mount | None] = mapped_column(Word(Mount))
    land: Mapped[Land | None] = mapped_column(Word(Land))
    purpose: Mapped[str] = mapped_column(String(200), default="")
    expected_view: Mapped[str] = mapped_column(String(200), default="", server_default="")
    commissioned_on: Mapped[date | None]
    retired_on: Mapped[date | None]
    retirement_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    scheme: Mapped[Scheme] = mapped_column(Word(Scheme), default=Scheme.HTTP)
    host: Mapped[str] = mapped_column(String(253), default="")
    port: Mapped[int] = mapped_column(default=80)
    path: Mapped[str] = mapped_column(String(200), default="/onvif/device_service")
    tls_verify: Mapped[str] = mapped_column(String(80), default="ca")
    password_text: Mapped[bool] = mapped_column(default=False)
    rtsp_port: Mapped[int | None]
    rtsp_path: Mapped[str] = mapped_column(String(200), default="/")
    changed_at: Mapped[datetime]

    site: Mapped[Site] = relationship()
    grant: Mapped[Grant | None] = relationship()
    devices: Mapped[list["Device"]] = relationship(
        back_populates="camera", order_by="Device.mounted_at"
    )
    credential: Mapped["Credential | None"] = relationship(back_populates="camera")


class Device(Base):
    """
    A physical unit at a position, from `mounted_at` until `removed_at`.

    The serial is kept as given for display and normalised for comparison. One
    serial may stand twice in the register (double funding): that is a finding of
    the audit, not an error of the database. Two units at one position at one time
    are an error: `OVERLAP` refuses them, whoever writes.
    """

    __tablename__ = "devices"
    __table_args__ = (
        CheckConstraint("removed_at IS NULL OR removed_at >= mounted_at", name="ordered"),
        Index(
            "uq_devices_mounted",
            "camera_id",
            unique=True,
            postgresql_where=MOUNTED,
            sqlite_where=MOUNTED,
        ),
    )

    id: Mapped[Id]
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), index=True)
    serial: Mapped[str] = mapped_column(String(80), default="")
    normalised_serial: Mapped[str] = mapped_column(String(80), default="", index=True)
    manufacturer: Mapped[str] = mapped_column(String(80), default="")
    model: Mapped[str] = mapped_column(String(120), default="")
    firmware: Mapped[str] = mapped_column(String(80), default="")
    mac: Mapped[str] = mapped_column(String(17), default="")
    mounted_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    camera: Mapped[Camera] = relationship(back_populates="devices")


class Replacement(Base):
    """One unit put in the place of another, with the reason and the paper that says so."""

    __tablename__ = "replacements"

    id: Mapped[Id]
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), unique=True)
    incoming_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), unique=True)
    replaced_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    paper: Mapped[str] = mapped_column(String(120), default="")

    outgoing: Mapped[Device] = relationship(foreign_keys=[outgoing_id])
    incoming: Mapped[Device] = relationship(foreign_keys=[incoming_id])


class Credential(Base):
    """The account that probes use at one camera; the password is sealed (see vault)."""

    __tablename__ = "credentials"

    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    username: Mapped[str] = mapped_column(String(120))
    sealed_password: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime]

    camera: Mapped[Camera] = relationship(back_populates="credential")

    def __repr__(self) -> str:
        """Name the camera only: what is sealed stays out of logs and tracebacks."""
        return f"Credential(camera_id={self.camera_id})"


for _dialect, _statements in OVERLAP.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy 2.1
        event.listen(Device.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
