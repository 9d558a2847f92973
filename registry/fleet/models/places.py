"""Where cameras stand: sites, and the hours in which they are fed."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Id, Word
from registry.fleet.rules.reach import LOCAL
from registry.territory.models import Commune

IN_FORCE = text("until_on IS NULL")
# No two sets of hours at one site on one day; see positions.OVERLAP for the two ways.
_TRIGGER = """
CREATE TRIGGER power_hours_{name} BEFORE {when} ON power_hours WHEN EXISTS (
    SELECT 1 FROM power_hours AS other
    WHERE other.site_id = NEW.site_id AND other.id <> COALESCE(NEW.id, -1)
    AND (NEW.until_on IS NULL OR other.from_on < NEW.until_on)
    AND (other.until_on IS NULL OR NEW.from_on < other.until_on)
) BEGIN SELECT RAISE(ABORT, 'two sets of power hours hold at one site on one day'); END
"""
ONE_AT_A_TIME = {
    "sqlite": (
        _TRIGGER.format(name="insert", when="INSERT"),
        _TRIGGER.format(name="update", when="UPDATE OF site_id, from_on, until_on"),
    ),
    "postgresql": (
        """
ALTER TABLE power_hours ADD CONSTRAINT ex_power_hours_overlap EXCLUDE USING gist (
    int4range(site_id, site_id, '[]') WITH &&, daterange(from_on, until_on) WITH &&
)
""",
    ),
}


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
    `ONE_AT_A_TIME` refuses two sets of hours on one day, whoever writes.
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


for _dialect, _statements in ONE_AT_A_TIME.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy 2.1
        event.listen(PowerHours.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
