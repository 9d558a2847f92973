"""A register that says all that it can, in words that spreadsheets like to change."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from registry.fleet.models import (
    Authorisation,
    AuthorisationKind,
    CameraClass,
    CameraType,
    ContractCalendar,
    Device,
    Land,
    MaintenanceContract,
    Mount,
    PowerHours,
    Replacement,
    Scheme,
    Site,
    SiteKind,
)
from registry.fleet.rules.readers import one_line
from registry.funding.models import (
    Beneficiary,
    BeneficiaryKind,
    Funder,
    FundingLine,
    Grant,
    LineState,
    Payment,
    PaymentKind,
)
from tests.conftest import NOON
from tests.factories import make_camera, make_commune, make_grant

# What a spreadsheet takes for a formula, a number, a date, a total or an error, and what
# people type: accents, quotes, separators, spaces.
WORDS = (
    "=1+1",
    "+33 3 20",
    "-0042",
    "@parvis",
    "'=déjà",
    "0012",
    "1.50",
    "1,50",
    "1E5",
    "2024.00010",
    "05/03/2024",
    "2024-03-05",
    "Somme",
    "Sommeron (Aisne)",
    "Total Énergies",
    'Gare "d\'à côté"; quai n° 2',
    "<b>Œuvre</b> & Cie",
    "VRAI",
    "100 %",
    "espace  double",
    "deux\nlignes",
    "#12",
)
LONGEST_SERIAL = 80


def fill_awkwardly(session: Session) -> None:
    """Write one of each kind for every word, every optional column filled, and one blank."""
    make_commune(session)
    for number, word in enumerate(("", *WORDS)):
        grant = _grant(session, number, word)
        site = _site(session, number, word)
        _camera(session, site, grant, number, word)
        _papers(session, site, number, word)
    session.commit()


def name_of(number: int, word: str) -> str:
    """Return what a thing is found by: one line, whatever else it says."""
    return f"{one_line(word)[:40]}{number:04d}"


def _grant(session: Session, number: int, word: str) -> Grant:
    grant = make_grant(session, file_number=name_of(number, word), cameras_funded=number)
    grant.beneficiary = Beneficiary(
        kind=BeneficiaryKind.EPCI,
        name=f"{word} {number}".strip(),
        normalised_name=f"body {number}",
        siren="200067742" if word else None,
        insee="59054" if word else "",
    )
    grant.voted_cents = 1_000_000 + number
    if word:
        grant.project_cents, grant.eligible_cents = 90_000_010, 7_200_001
        grant.rate = Decimal(3000 + number) / 10_000
        grant.decision_number, grant.purpose = word, word
        grant.population, grant.population_year, grant.population_source = 966, 2023, word
    session.add_all(
        [
            FundingLine(
                grant_id=grant.id, funder=Funder.DEPARTMENT, name=one_line(word),
                state=LineState.GRANTED,
                asked_cents=number, granted_cents=100_000 + number, reference=word,
                asked_on=date(2024, 1, 31) if word else None,
                decided_on=date(2024, 2, 29) if word else None,
            ),
            Payment(
                grant_id=grant.id, kind=PaymentKind.INTERIM, rank=number + 1, reference=word,
                asked_on=date(2024, 2, 29) if word else None,
                asked_cents=10 if word else None, expense_cents=99 if word else None,
                certified_on=date(2024, 3, 1) if word else None,
                paid_on=date(2024, 3, 2) if word else None, paid_cents=1 if word else None,
            ),
        ]
    )  # fmt: skip
    session.flush()
    return grant


def _site(session: Session, number: int, word: str) -> Site:
    site = Site(
        public_id=f"59054-{number + 1:02d}", insee="59054", kind=SiteKind.HUB,
        name=word or "Gare", normalised_name=f"site {number}",
    )  # fmt: skip
    if word:
        site.address = site.owner = site.operator = word
        site.uic, site.uai = "87286005", "0590044C"
        site.networks, site.gateway_host, site.gateway_port = "10.59.4.0/24", "10.59.4.1", 8_443
        site.power_hours = [
            PowerHours(hours="mon-fri 17:00-07:00", from_on=date(2025, 1, 1),
                until_on=date(2026, 1, 1)),
            PowerHours(hours="mon-fri 17:00-07:00; sat-sun 00:00-24:00", from_on=date(2026, 1, 1)),
        ]  # fmt: skip
    session.add(site)
    session.flush()
    return site


def _camera(session: Session, site: Site, grant: Grant, number: int, word: str) -> None:
    camera = make_camera(session, site=site, host="", serial="", commissioned_on=None)
    camera.label, camera.grant = one_line(word) or "CAM", None
    if not word:
        return
    camera.grant, camera.camera_class = grant, CameraClass.INTERIOR
    camera.camera_type, camera.mount, camera.land = (
        CameraType.FIXED_180,
        Mount.LAMP_POST,
        Land.PRIVATE,
    )
    camera.purpose = camera.expected_view = camera.retirement_reason = word
    camera.commissioned_on, camera.retired_on = date(2024, 2, 29), date(2026, 12, 31)
    camera.scheme, camera.host, camera.port = Scheme.HTTPS, "10.59.4.7", 8_080
    camera.path, camera.rtsp_path, camera.rtsp_port = "/a/b?c=1", "/ch0", 554
    camera.tls_verify, camera.password_text = f"pin:{number:064x}", True
    came = NOON - timedelta(days=9, microseconds=number)
    left = Device(camera_id=camera.id, serial=word, normalised_serial="A", firmware=word,
        manufacturer=word, model=word, mac="00:1A:2B:3C:4D:5E", mounted_at=came,
        removed_at=NOON)  # fmt: skip
    right = Device(camera_id=camera.id, serial=f"0{word}"[:LONGEST_SERIAL], normalised_serial="B",
        mounted_at=NOON)  # fmt: skip
    session.add_all([left, right])
    session.flush()
    session.add(
        Replacement(
            outgoing_id=left.id, incoming_id=right.id, replaced_at=NOON, reason=word, paper=word
        )
    )
    session.flush()
    session.expire(camera, ["devices"])


def _papers(session: Session, site: Site, number: int, word: str) -> None:
    contract = MaintenanceContract(
        reference=name_of(number, word), contractor=word or "X", starts_on=date(2024, 2, 29),
        sites=[site],
    )  # fmt: skip
    order = Authorisation(
        department_code="59", act_number=name_of(number, word), decided_on=date(2024, 2, 29),
        expires_on=date(2024, 3, 1), sites=[site],
    )  # fmt: skip
    if word:
        contract.gti_hours, contract.gtr_hours = 4, 1_000
        contract.calendar = ContractCalendar.BUSINESS_HOURS
        contract.business_hours = "mon-fri 08:00-18:00; sat 08:00-12:00"
        contract.target_availability = Decimal(9_000 + number * 10) / 10_000
        contract.exclusions, contract.ends_on = "planned power force_majeure", date(2028, 2, 29)
        order.kind, order.holder = AuthorisationKind.PROVISIONAL, word
        order.renewal_filed_on = date(2024, 2, 29)
        order.public_road_cameras, order.exterior_cameras, order.interior_cameras = 1, 20, 300
        order.retention_days, order.purposes = 30, "traffic assaults rescue"
    session.add_all([contract, order])
    session.flush()
