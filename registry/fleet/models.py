"""What stands in the street: sites, funded positions, and the units mounted there."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Id, Word
from registry.funding.models import Grant
from registry.territory.models import Commune

MOUNTED = text("removed_at IS NULL")


class SiteKind(StrEnum):
    """The kinds of places that are funded."""

    COMMUNE = "commune"
    STATION = "station"
    LYCEE = "lycee"
    HUB = "hub"


class CameraClass(StrEnum):
    """What a prefectoral order counts separately."""

    PUBLIC_ROAD = "public_road"
    EXTERIOR = "exterior"
    INTERIOR = "interior"


class Scheme(StrEnum):
    """How a device is spoken to."""

    HTTP = "http"
    HTTPS = "https"


class Site(Base):
    """
    A place with cameras, in one commune, which its name need not be.

    Known by (INSEE code, kind, normalised name); `public_id` (`59054-01`) is given
    once, never changed and never reused: metrics and links are built on it.
    """

    __tablename__ = "sites"
    __table_args__ = (UniqueConstraint("insee", "kind", "normalised_name"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(12), unique=True)
    insee: Mapped[str] = mapped_column(ForeignKey("communes.insee"), index=True)
    kind: Mapped[SiteKind] = mapped_column(Word(SiteKind))
    name: Mapped[str] = mapped_column(String(120))
    normalised_name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200), default="")
    uic: Mapped[str] = mapped_column(String(8), default="")
    uai: Mapped[str] = mapped_column(String(8), default="")
    gateway_host: Mapped[str] = mapped_column(String(253), default="")
    gateway_port: Mapped[int] = mapped_column(default=80)

    commune: Mapped[Commune] = relationship()


class Camera(Base):
    """
    A funded position: it outlives every unit that is mounted there.

    In service from `commissioned_on` until the day before `retired_on`.
    `changed_at` moves whenever the position, its unit or its credentials change:
    the monitor reads what moved since it last looked.
    """

    __tablename__ = "cameras"
    __table_args__ = (
        UniqueConstraint("site_id", "label"),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
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
    purpose: Mapped[str] = mapped_column(String(200), default="")
    commissioned_on: Mapped[date | None]
    retired_on: Mapped[date | None]
    scheme: Mapped[Scheme] = mapped_column(Word(Scheme), default=Scheme.HTTP)
    host: Mapped[str] = mapped_column(String(253), default="")
    port: Mapped[int] = mapped_column(default=80)
    path: Mapped[str] = mapped_column(String(200), default="/onvif/device_service")
    tls_verify: Mapped[str] = mapped_column(String(80), default="ca")
    changed_at: Mapped[datetime] = mapped_column(index=True)

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
    the audit, not an error of the database.
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
