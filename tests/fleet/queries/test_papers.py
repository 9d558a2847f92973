"""Which papers cover which sites: on a site's page and in the lists."""

from datetime import date

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.fleet import queries
from registry.fleet.models import Authorisation, MaintenanceContract, PowerHours
from registry.fleet.queries import AUTHORISATIONS, CONTRACTS, PaperKind, PaperLine
from registry.fleet.rules.papers import Expiry
from tests.factories import make_papers, make_site
from tests.web.visitors import counted_selects

TODAY = date(2026, 11, 23)


def lines(
    session: Session, kind: PaperKind, typed: str = "", *, every: bool = False, order: str = "ends"
) -> list[PaperLine]:
    """Return the first page of a list."""
    return queries.paper_lines(
        session, kind, typed, every=every, order=order, descending=False, first=0, most=50,
        today=TODAY,
    )  # fmt: skip


def test_papers_and_hours_are_found_by_their_site(session: Session) -> None:
    """What covers one site, oldest first; a site that was always fed is left out."""
    site, other = make_site(session), make_site(session)
    for year in (2026, 2025):
        session.add(
            MaintenanceContract(
                reference=f"M-{year}",
                contractor="X",
                starts_on=date(year, 1, 1),
                ends_on=date(year + 1, 1, 1),
                sites=[site],
            )
        )
        session.add(
            Authorisation(
                department_code="59",
                act_number=str(year),
                decided_on=date(year, 1, 1),
                expires_on=date(year + 1, 1, 1),
                sites=[site, other] if year == 2025 else [site],
            )
        )
    session.add(PowerHours(site_id=site.id, hours="mon 08:00-09:00", from_on=date(2026, 1, 1)))
    session.flush()

    assert [each.reference for each in queries.contracts_of_site(session, site.id)] == [
        "M-2025",
        "M-2026",
    ]
    assert len(queries.authorisations_of_site(session, other.id)) == 1
    assert list(queries.power_hours(session)) == [site.id]
    assert queries.power_hours(session, [other.id]) == {}


def test_a_list_tells_how_near_each_end_is(session: Session, engine: Engine) -> None:
    """A contract ends the day before its end; an order holds on its last day; one SELECT."""
    ended, last_day = make_papers(session, make_site(session), make_site(session))
    ended.ends_on, last_day.expires_on = TODAY, TODAY
    coming, _ = make_papers(session, make_site(session))
    coming.starts_on = date(2027, 1, 1)
    session.flush()

    with counted_selects(engine) as statements:
        contracts = lines(session, CONTRACTS)
    orders = lines(session, AUTHORISATIONS)

    assert len(statements) == 1
    assert [(each.paper, each.sites, each.expiry) for each in contracts] == [
        (ended, 2, Expiry.EXPIRED),
        (coming, 1, Expiry.AHEAD),
    ]
    assert [each.expiry for each in orders] == [Expiry.LAST_DAY, Expiry.LATER]
    assert queries.papers_due(session, CONTRACTS, today=TODAY) == {Expiry.EXPIRED: 1}
    assert queries.papers_due(session, AUTHORISATIONS, today=TODAY) == {
        Expiry.LAST_DAY: 1,
        Expiry.LATER: 1,
    }


def test_a_paper_is_followed_when_each_of_its_sites_has_a_later_one(session: Session) -> None:
    """One site without is enough to be warned; a paper of no site follows nothing."""
    one, other = make_site(session), make_site(session)
    _, first = make_papers(session, one, other)
    _, second = make_papers(session, one)
    _, homeless = make_papers(session)
    first.expires_on = date(2026, 1, 1)
    second.expires_on = date(2027, 12, 31)
    homeless.expires_on = date(2025, 1, 1)
    session.flush()
    half = [each.paper for each in lines(session, AUTHORISATIONS)]
    make_papers(session, other)

    whole = {each.paper: each.expiry for each in lines(session, AUTHORISATIONS, every=True)}

    assert half == [homeless, first, second]
    assert whole[first] is Expiry.FOLLOWED
    assert whole[second] is Expiry.LATER
    assert first not in [each.paper for each in lines(session, AUTHORISATIONS)]
    assert queries.count_papers(session, AUTHORISATIONS, "", every=True) == 4
    assert queries.count_papers(session, AUTHORISATIONS, "", every=False) == 3


def test_a_list_is_searched_and_put_in_order(session: Session) -> None:
    """By what stands in a paper's words; a percent sign is a percent sign."""
    plain, _ = make_papers(session, make_site(session))
    other, _ = make_papers(session, make_site(session))
    plain.contractor, other.contractor = "Alpha 100 %", "Beta"
    session.flush()

    assert [each.paper for each in lines(session, CONTRACTS, "alpha")] == [plain]
    assert [each.paper for each in lines(session, CONTRACTS, "%")] == [plain]
    assert [each.paper for each in lines(session, CONTRACTS, order="reference")] == sorted(
        [plain, other], key=lambda each: each.reference
    )
