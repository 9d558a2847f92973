"""Where cameras stand: sites, and the hours in which they are fed."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Id, Word
from registry.fleet.rules.reach import LOCAL
from registry.territory.models import Commune

IN_FORCE = text("until_on IS NULL")


class SiteKind(StrEnum):
    """The kinds of places that are funded."""

    COMMUNE = "commune"
    STATION = "station"
    LYCEE = "lycee"
    HUB = "hub"


class Site(Base):
    """
    A place with cameras, in one commune, which its name need not be.

    Known by (INSEE code, kind, normalised name); `public_id` (`59054-01`) is given
    once, never changed and never reused: metrics and links are built on it. Its
    cameras lie in its `networks` (CIDR, separated by commas), else in those of its zone.
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
    zone: Mapped[str] = mapped_column(String(40), default=LOCAL)
    networks: Mapped[str] = mapped_column(String(400), default="")
    gateway_host: Mapped[str] = mapped_column(String(253), default="")
    gateway_port: Mapped[int] = mapped_column(default=80)
    owner: Mapped[str] = mapped_column(String(200), default="", server_default="")
    operator: Mapped[str] = mapped_column(String(200), default="", server_default="")

    commune: Mapped[Commune] = relationship()
    power_hours: Mapped[list["PowerHours"]] = relationship(
        back_populates="site", order_by="PowerHours.from_on"
    )


class PowerHours(Base):
    """
    The weekly hours in which a site's cameras are fed, from a day until the day before another.

    `hours` is in local time (`mon-fri 17:00-07:00`, see rules.power). A site without a
    row is always fed. What was in force stays: past availability is counted by it.
    """

    __tablename__ = "power_hours"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on > from_on", name="ordered"),
        Index(
            "uq_power_hours_in_force",
            "site_id",
            unique=True,
            postgresql_where=IN_FORCE,
            sqlite_where=IN_FORCE,
        ),
    )

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    hours: Mapped[str] = mapped_column(String(200))
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    site: Mapped[Site] = relationship(back_populates="power_hours")
