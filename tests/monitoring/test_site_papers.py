"""The papers on the page of a site: what covers it, until when, and what the page costs."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.models import (
    Authorisation,
    AuthorisationKind,
    ContractCalendar,
    MaintenanceContract,
    PowerHours,
    Site,
)
from registry.monitoring.models import Outage
from registry.monitoring.rules.outages import Exclusion
from registry.monitoring.service.outages import judge
from tests.factories import make_camera, make_site
from tests.web.scenes import watch
from tests.web.visitors import ENGLISH, SignIn, counted_selects, read


def order(site: Site, number: str, expires_on: date, **values: object) -> Authorisation:
    """Return an order of four years for one site."""
    told = {
        "department_code": "59",
        "act_number": number,
        "decided_on": expires_on - timedelta(days=1460),
        "expires_on": expires_on,
        "sites": [site],
    }
    return Authorisation(**{**told, **values})


def contract(site: Site, reference: str, **values: object) -> MaintenanceContract:
    """Return a contract of 2026 for one site."""
    told = {
        "reference": reference,
        "contractor": "Lumières & Réseaux",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 1, 1),
        "sites": [site],
    }
    return MaintenanceContract(**{**told, **values})


def test_a_site_shows_its_papers(session: Session, sign_in: SignIn, now: datetime) -> None:
    """Dates, counts by class, GTI and GTR, hours of power; the end that is near is told."""
    site = make_site(session)
    session.add_all(
        [
            order(site, "2020-1", now.date()),
            order(
                site,
                "2024-9",
                now.date() + timedelta(days=100),
                kind=AuthorisationKind.RENEWAL,
                public_road_cameras=11,
                exterior_cameras=12,
                interior_cameras=13,
                retention_days=30,
                renewal_filed_on=date(2026, 11, 2),
            ),
            contract(
                site,
                "M-26",
                gti_hours=4,
                gtr_hours=48,
                calendar=ContractCalendar.BUSINESS_HOURS,
                business_hours="mon-fri 08:00-18:00",
                target_availability=Decimal("0.985"),
            ),
            PowerHours(site=site, hours="mon-sun 20:00-06:00", from_on=date(2026, 3, 1)),
        ]
    )
    session.commit()

    page = read(sign_in("technician"), f"/sites/{site.public_id}")
    papers = page.split('id="papers"')[1].split("<footer")[0]

    assert papers.index("2024-9") < papers.index("2020-1")
    for word in (
        "Renouvellement", "Échéance à moins de 120 jours", "Suivi d’un plus récent",
        "renouvellement déposé le 02/11/2026", 'class="number">11<', 'class="number">12<',
        'class="number">13<', 'class="number">30<', "Lumières &amp; Réseaux",
        "Échéance à moins de 60 jours", 'class="number">4<', 'class="number">48<',
        "aux heures ouvrées", "lun-ven 08:00-18:00", "98,50 %", "lun-dim 20:00-06:00",
    ):  # fmt: skip
        assert word in papers, word


def test_a_site_without_papers_says_so(session: Session, sign_in: SignIn) -> None:
    """In the reader's language, each kind with what its absence means."""
    site = make_site(session)
    session.commit()
    browser = sign_in("technician")

    french = read(browser, f"/sites/{site.public_id}")
    english = read(browser, f"/sites/{site.public_id}", **ENGLISH)

    assert "Aucun contrat de maintenance ne couvre ce site" in french
    assert "Le site est alimenté à toute heure." in french
    assert "No prefectoral authorisation of this site is in the register." in english


def test_names_in_papers_are_shown_as_text(session: Session, sign_in: SignIn) -> None:
    """Whatever a list of orders holds, no markup of it reaches the page."""
    site = make_site(session)
    session.add(order(site, "<b>1</b>", date(2027, 1, 1), holder="<script>x</script>"))
    session.commit()

    page = read(sign_in("technician"), f"/sites/{site.public_id}")

    assert "&lt;b&gt;1" in page
    assert "<script>x" not in page


def test_papers_cost_three_statements_however_many_they_are(
    session: Session, sign_in: SignIn, engine: Engine, now: datetime
) -> None:
    """And none where htmx asks for the cameras alone; planned time and verdicts cost one each."""
    site = make_site(session)
    make_camera(session, site=site)
    session.commit()
    browser, address = sign_in("technician"), f"/sites/{site.public_id}"
    part = {"HX-Request": "true"}

    def cost(**headers: str) -> int:
        read(browser, address, **headers)
        with counted_selects(engine) as statements:
            read(browser, address, **headers)
        return len(statements)

    few, without = cost(), cost(**part)
    for year in range(2, 12):
        session.add(order(site, f"n-{year}", now.date() - timedelta(days=year)))
        session.add(
            contract(
                site,
                f"m-{year}",
                starts_on=date(1990 + year, 1, 1),
                ends_on=date(1991 + year, 1, 1),
            )
        )
    session.commit()

    assert cost() == few
    assert few == without + 5


def test_a_site_shows_whether_its_contract_was_kept(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """The verdict stands beside the target, the floor, what does not count, and the uptime."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(hours=30))
    session.add(contract(camera.site, "M-26", target_availability=Decimal("0.97")))
    session.commit()
    browser, address = sign_in("technician"), f"/sites/{camera.site.public_id}"

    french = read(browser, address).split('id="contracts"')[1].split("</table>")[0]
    outage = session.scalars(select(Outage)).one()
    reason = "Procès-verbal"
    judge(session, outage.id, excluded_for=Exclusion.POWER, reason=reason, actor="u", at=now)
    session.commit()
    english = read(browser, address, **ENGLISH).split('id="contracts"')[1].split("</table>")[0]

    for word in ("Non tenu", "disponibilité sous l’objectif", "97,00 %", "95,83 %", "90,00 %"):
        assert word in french, word
    for word in ("Met", "100.00%", "95.83%", "excused for causes that the contract does not name"):
        assert word in english, word
