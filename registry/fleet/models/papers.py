"""The papers that cover sites: maintenance contracts and prefectoral authorisations."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Id, Word
from registry.fleet.models.places import Site

FIVE_YEARS = {
    "sqlite": "expires_on <= date(decided_on, CASE kind WHEN 'provisional' THEN '+4 months'"
    " ELSE '+5 years' END)",
    "postgresql": "expires_on <= decided_on + CASE kind WHEN 'provisional' THEN"
    " interval '4 months' ELSE interval '5 years' END",
}

# No site has two contracts on one day, whoever writes: neither by a site too many nor by
# a span that grows. Sites and days stand in two tables, which no constraint looks across.
_MEET = """EXISTS (
    SELECT 1 FROM contract_sites AS here
    JOIN maintenance_contracts AS one ON one.id = here.contract_id
    JOIN contract_sites AS there
        ON there.site_id = here.site_id AND there.contract_id <> one.id
    JOIN maintenance_contracts AS other ON other.id = there.contract_id
    WHERE {which} AND (one.ends_on IS NULL OR other.starts_on < one.ends_on)
    AND (other.ends_on IS NULL OR one.starts_on < other.ends_on)
)"""
_COVERED = _MEET.format(which="here.contract_id = NEW.contract_id AND here.site_id = NEW.site_id")
_SPAN = _MEET.format(which="here.contract_id = NEW.id")
_REFUSAL = "two maintenance contracts cover one site on one day"
_TRIGGER = (
    "CREATE TRIGGER {name} AFTER {when} WHEN {meet}"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
)
# Contract and sites are held before the look: two writers at once would not see each other.
# An import of thousands begins with empty tables, for which PostgreSQL would plan, once, to read
# them whole.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_contracts_that_meet() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF TG_TABLE_NAME = 'contract_sites' THEN
        PERFORM 1 FROM maintenance_contracts WHERE id = NEW.contract_id FOR SHARE;
        PERFORM 1 FROM sites WHERE id = NEW.site_id FOR NO KEY UPDATE;
        IF {_COVERED} THEN
            RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'exclusion_violation';
        END IF;
    ELSE
        PERFORM 1 FROM sites WHERE id IN
            (SELECT site_id FROM contract_sites WHERE contract_id = NEW.id)
            ORDER BY id FOR NO KEY UPDATE;
        IF {_SPAN} THEN
            RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'exclusion_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 - our own words
_RUN = "FOR EACH ROW EXECUTE FUNCTION refuse_contracts_that_meet()"
_SPAN_MOVES = "UPDATE OF starts_on, ends_on ON maintenance_contracts"
ONE_CONTRACT = {
    "sqlite": (
        _TRIGGER.format(
            name="contract_sites_insert", when="INSERT ON contract_sites", meet=_COVERED
        ),
        _TRIGGER.format(
            name="contract_sites_update", when="UPDATE ON contract_sites", meet=_COVERED
        ),
        _TRIGGER.format(name="maintenance_contracts_span", when=_SPAN_MOVES, meet=_SPAN),
    ),
    "postgresql": (
        _FUNCTION,
        f"CREATE TRIGGER contract_sites_meet AFTER INSERT OR UPDATE ON contract_sites {_RUN}",
        f"CREATE TRIGGER maintenance_contracts_meet AFTER {_SPAN_MOVES} {_RUN}",
    ),
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
    `ONE_CONTRACT` refuses a second one at a site on the same day.
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


for _dialect, _statements in ONE_CONTRACT.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy 2.1
        event.listen(contract_sites, "after_create", _ddl.execute_if(dialect=_dialect))
