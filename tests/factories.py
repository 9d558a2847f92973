"""
Rows for tests, one maker for each thing, with the least that makes it valid.

Every maker adds its row, flushes, and gives it back; names and codes are real
communes of Hauts-de-France or plainly invented cameras.
"""

from datetime import UTC, date, datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import normalise_serial
from registry.fleet.models import (
    Authorisation,
    Camera,
    Device,
    MaintenanceContract,
    Site,
    SiteKind,
)
from registry.fleet.models.papers import contract_sites
from registry.funding.models import (
    Beneficiary,
    BeneficiaryKind,
    Campaign,
    CampaignRule,
    Document,
    Grant,
    GrantStatus,
    PaperKind,
    Payment,
    PaymentKind,
    Programme,
    RuleCode,
)
from registry.funding.rules import STAGE_OF, write_value
from registry.funding.service import begin_life
from registry.signature import Signature
from registry.territory.models import Commune, CommuneWord, Department, Region
from registry.territory.rules import words_of

_numbers = count(1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def make_commune(
    session: Session, insee: str = "59054", name: str = "Bavinchove", population: int = 966
) -> Commune:
    """Add a commune, its department and its region, unless they are there."""
    code = insee[:2]
    if session.get(Region, "32") is None:
        session.add(Region(code="32", name="Hauts-de-France"))
        session.flush()
    if session.get(Department, code) is None:
        session.add(Department(code=code, name=f"Département {code}", region_code="32"))
        session.flush()
    commune = session.get(Commune, insee)
    if commune is None:
        commune = Commune(
            insee=insee,
            name=name,
            search_name=name.lower(),
            department_code=code,
            population=population,
            population_year=2023,
        )
        session.add(commune)
        session.flush()
        session.add_all(
            CommuneWord(insee=insee, word=word, population=population) for word in words_of(name)
        )
        session.flush()
    return commune


def make_campaign(session: Session, year: int = 2023) -> Campaign:
    """Add a programme with one campaign."""
    number = next(_numbers)
    programme = Programme(
        code=f"programme-{number}",
        name="Vidéoprotection des communes",
        authority="Région Hauts-de-France",
        frame="Contrat de plan État-Région",
        since=2022,
        source="test",
    )
    campaign = Campaign(programme=programme, year=year, name=f"Campagne {year}", source="test")
    session.add(campaign)
    session.flush()
    return campaign


def add_rule(session: Session, campaign: Campaign, code: RuleCode, value: object) -> CampaignRule:
    """Add a rule to a campaign; amounts in euros, as in the files of programmes."""
    rule = CampaignRule(code=code, value=write_value(code, value), source="test")
    campaign.rules.append(rule)
    session.flush()
    return rule


def make_grant(  # noqa: PLR0913 - one keyword for each thing that tests vary
    session: Session,
    *,
    file_number: str | None = None,
    cameras_funded: int = 1,
    voted_cents: int = 2_158_300,
    eligible_cents: int | None = None,
    campaign: Campaign | None = None,
    status: GrantStatus = GrantStatus.VOTED,
    since: date | None = date(2023, 11, 23),
) -> Grant:
    """Add a grant to a beneficiary of its own, at some step of its life."""
    number = next(_numbers)
    grant = Grant(
        file_number=file_number or f"23-{number:05d}",
        campaign=campaign or make_campaign(session),
        beneficiary=Beneficiary(
            kind=BeneficiaryKind.COMMUNE,
            name=f"Commune {number}",
            normalised_name=f"commune {number}",
            insee="59054",
        ),
        voted_cents=voted_cents,
        eligible_cents=eligible_cents,
        cameras_funded=cameras_funded,
        decided_on=date(2023, 11, 23),
    )
    begin_life(grant, status=status, since=since, signed=Signature(actor="test", at=LONG_AGO))
    session.add(grant)
    session.flush()
    return grant


def make_payment(
    session: Session,
    grant: Grant,
    paid_cents: int | None,
    *,
    kind: PaymentKind = PaymentKind.DECLARED,
    expense_cents: int | None = None,
) -> Payment:
    """Add a payment to a grant, asked, certified and paid on one day unless it is declared."""
    day = None if kind is PaymentKind.DECLARED else date(2024, 6, 3)
    payment = Payment(
        kind=kind,
        rank=1 + sum(each.kind is kind for each in grant.payments),
        asked_on=day,
        certified_on=day,
        paid_on=None if paid_cents is None else day,
        paid_cents=paid_cents,
        expense_cents=expense_cents,
    )
    grant.payments.append(payment)
    session.flush()
    session.expire(grant, ["paid_cents"])
    return payment


def make_document(session: Session, grant: Grant, kind: PaperKind) -> Document:
    """Add a row for a paper whose content nobody reads."""
    document = Document(
        kind=kind,
        stage=STAGE_OF[grant.status],
        name=f"{kind}.pdf",
        sha256=f"{next(_numbers):064x}",
        size_bytes=1_000,
        media_type="application/pdf",
        added_at=LONG_AGO,
        added_by="test",
    )
    grant.documents.append(document)
    session.flush()
    return document


def make_site(session: Session, *, insee: str = "59054", kind: SiteKind = SiteKind.COMMUNE) -> Site:
    """Add a site in a commune."""
    number = next(_numbers)
    commune = make_commune(session, insee)
    site = Site(
        public_id=f"{insee}-{number:02d}",
        insee=commune.insee,
        kind=kind,
        name=f"Place {number}",
        normalised_name=f"place {number}",
    )
    session.add(site)
    session.flush()
    return site


def make_papers(session: Session, *sites: Site) -> tuple[MaintenanceContract, Authorisation]:
    """
    Add a contract and an authorisation of sites, both in force on the day of the tests.

    A site that has a contract keeps it alone: the order covers it all the same.
    """
    number = next(_numbers)
    contract = MaintenanceContract(
        reference=f"M-{number}", contractor="Nordmaint", starts_on=date(2026, 1, 1)
    )
    order = Authorisation(
        department_code="59",
        act_number=f"A-{number}",
        decided_on=date(2024, 1, 1),
        expires_on=date(2028, 12, 31),
    )
    taken = set(session.scalars(select(contract_sites.c.site_id)))
    contract.sites, order.sites = [each for each in sites if each.id not in taken], [*sites]
    session.add_all([contract, order])
    session.flush()
    return contract, order


def make_camera(  # noqa: PLR0913 - one keyword for each thing that tests vary
    session: Session,
    *,
    site: Site | None = None,
    grant: Grant | None = None,
    host: str = "127.0.0.1",
    port: int = 8899,
    serial: str | None = None,
    commissioned_on: date | None = date(2026, 1, 1),
) -> Camera:
    """Add a camera with a unit mounted on it; `serial` "" leaves the unit out."""
    number = next(_numbers)
    camera = Camera(
        site=site or make_site(session),
        grant=grant,
        label=f"CAM-{number:02d}",
        host=host,
        port=port,
        commissioned_on=commissioned_on,
        changed_at=LONG_AGO,
    )
    if serial != "":
        given = serial or f"SN{number:06d}"
        device = Device(
            serial=given, normalised_serial=normalise_serial(given), mounted_at=LONG_AGO
        )
        camera.devices.append(device)
    session.add(camera)
    session.flush()
    return camera
