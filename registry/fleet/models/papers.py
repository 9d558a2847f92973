"""The papers that cover sites: maintenance contracts and prefectoral authorisations."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Id, Word
from registry.fleet.models.places import Site

FIVE_YEARS = {
    "sqlite": "expires_on <= date(decided_on, CASE kind WHEN 'provisional' THEN '+4 months'"
    " ELSE '+5 years' END)",
    "postgresql": "expires_on <= decided_on + CASE kind WHEN 'provisional' THEN"
    " interval '4 months' ELSE interval '5 years' END",
}

contract_sites = Table(
    "contract_sites",
    Base.metadata,
    Column("contract_id", ForeignKey("maintenance_contracts.id"), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), primary_key=True, index=True),
)
authorisation_sites = Table(
    "authorisation_sites",
    Base.metadata,
    Column("authorisation_id", ForeignKey("authorisations.id"), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), primary_key=True, index=True),
)


class ContractCalendar(StrEnum):
    """The hours in which the guaranteed delays of a contract run."""

    ALWAYS = "always"
    BUSINESS_HOURS = "business_hours"


class AuthorisationKind(StrEnum):
    """What a prefect may sign; a provisional act holds for 4 months (CSI L252-7)."""

    PERMANENT = "permanent"
    RENEWAL = "renewal"
    MODIFICATION = "modification"
    PROVISIONAL = "provisional"


class MaintenanceContract(Base):
    """
    What a contractor owes to some sites, from a day until the day before `ends_on`.

    Hours of response (GTI) and repair (GTR) run in the calendar; business hours are
    weekly hours in local time. The target is a share of time; `exclusions` are codes
    of rules.vocabulary, separated by spaces: outages that do not count against it.
    """

    __tablename__ = "maintenance_contracts"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="ordered"),
        CheckConstraint("gti_hours IS NULL OR gti_hours > 0", name="gti"),
        CheckConstraint("gtr_hours IS NULL OR gtr_hours > 0", name="gtr"),
        CheckConstraint(
            "target_availability IS NULL OR target_availability BETWEEN 1 AND 10000",
            name="target",
        ),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(String(60), unique=True)
    contractor: Mapped[str] = mapped_column(String(200))
    gti_hours: Mapped[int | None]
    gtr_hours: Mapped[int | None]
    calendar: Mapped[ContractCalendar] = mapped_column(
        Word(ContractCalendar), default=ContractCalendar.ALWAYS
    )
    business_hours: Mapped[str] = mapped_column(String(200), default="")
    target_availability: Mapped[Decimal | None]
    exclusions: Mapped[str] = mapped_column(String(200), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    sites: Mapped[list[Site]] = relationship(secondary=contract_sites, order_by=Site.public_id)


class Authorisation(Base):
    """
    A prefect's order that lets a body film, at some sites, from its date until it expires.

    Counts are by class, as the order gives them; `purposes` are codes of
    rules.vocabulary, separated by spaces. Five years at most (CSI L252-4), four
    months for a provisional one (L252-7). Retention beyond a month is a finding.
    """

    __tablename__ = "authorisations"
    __table_args__ = (
        UniqueConstraint("department_code", "act_number"),
        CheckConstraint("expires_on > decided_on", name="ordered"),
        CheckConstraint(FIVE_YEARS["sqlite"], name="lasting").ddl_if(dialect="sqlite"),
        CheckConstraint(FIVE_YEARS["postgresql"], name="lasting").ddl_if(dialect="postgresql"),
        CheckConstraint(
            "public_road_cameras >= 0 AND exterior_cameras >= 0 AND interior_cameras >= 0",
            name="counts",
        ),
        CheckConstraint("retention_days IS NULL OR retention_days > 0", name="retention"),
    )

    id: Mapped[Id]
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"))
    act_number: Mapped[str] = mapped_column(String(60))
    kind: Mapped[AuthorisationKind] = mapped_column(
        Word(AuthorisationKind), default=AuthorisationKind.PERMANENT
    )
    decided_on: Mapped[date]
    expires_on: Mapped[date]
    renewal_filed_on: Mapped[date | None]
    public_road_cameras: Mapped[int] = mapped_column(default=0)
    exterior_cameras: Mapped[int] = mapped_column(default=0)
    interior_cameras: Mapped[int] = mapped_column(default=0)
    retention_days: Mapped[int | None]
    purposes: Mapped[str] = mapped_column(String(400), default="")
    holder: Mapped[str] = mapped_column(String(200), default="")

    sites: Mapped[list[Site]] = relationship(secondary=authorisation_sites, order_by=Site.public_id)
