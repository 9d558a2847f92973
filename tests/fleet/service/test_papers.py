"""Contracts and authorisations by hand: dates, law, the sites that they cover."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Invalid, Problem
from registry.fleet.models import Authorisation, MaintenanceContract, Site
from registry.fleet.service import (
    create_authorisation,
    create_contract,
    update_authorisation,
    update_contract,
)
from registry.fleet.service.papers import said, subject
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.conftest import NOON
from tests.factories import make_site

AUTHOR = Signature("user:1", NOON, "avenant 1")
CONTRACT: dict[str, Any] = {
    "reference": "M-1", "contractor": "Nordmaint", "gti_hours": 4, "gtr_hours": "24",
    "calendar": "Heures ouvrées", "business_hours": "lun-ven 8h-18h",
    "target_availability": "97 %", "exclusions": "Vandalisme",
    "starts_on": "2026-01-01", "ends_on": "2027-01-01",
}  # fmt: skip
ORDER: dict[str, Any] = {
    "department_code": "59", "act_number": "2026-01-05-00023", "decided_on": "05/01/2026",
    "expires_on": "05/01/2031", "public_road_cameras": 4, "retention_days": 30,
    "purposes": "assaults; traffic",
}  # fmt: skip


@pytest.fixture
def site(session: Session) -> Site:
    """Return a site of the Nord."""
    return make_site(session)


def test_a_contract_is_made_of_what_it_promises(session: Session, site: Site) -> None:
    """Delays, calendar, target and exclusions, and the sites that it covers."""
    contract = create_contract(session, {**CONTRACT, "sites": site.public_id}, signed=AUTHOR)

    assert said(contract) == {
        "reference": "M-1", "contractor": "Nordmaint", "gti_hours": 4, "gtr_hours": 24,
        "calendar": "business_hours", "business_hours": "mon-fri 08:00-18:00",
        "target_availability": contract.target_availability, "exclusions": "vandalism",
        "starts_on": date(2026, 1, 1), "ends_on": date(2027, 1, 1), "sites": site.public_id,
    }  # fmt: skip
    assert f"{contract.target_availability:.2f}" == "0.97"


def test_a_site_has_one_contract_at_a_time(session: Session, site: Site) -> None:
    """The other one is named with both spans; the day after it ends the next may begin."""
    values = {**CONTRACT, "sites": site.public_id}
    create_contract(session, values, signed=AUTHOR)

    with pytest.raises(Invalid) as refused:
        create_contract(
            session, {**values, "reference": "M-2", "starts_on": "2026-12-31", "ends_on": None},
            signed=AUTHOR,
        )  # fmt: skip
    session.rollback()

    assert refused.value.problems == (
        Problem(
            "contract.overlap",
            "sites",
            "M-2",
            {
                "first": "31/12/2026 – …",
                "site": "59054-01" if site.public_id == "59054-01" else site.public_id,
                "other": "M-1",
                "second": "01/01/2026 – 01/01/2027",
            },
        ),
    )


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"ends_on": "2026-01-01"}, "span.order"),
        ({"reference": "M-1"}, "contract.twice"),
        ({"sites": "59999-01"}, "site.unknown"),
        ({"starts_on": ""}, "cell.required"),
        ({"gti_hours": 0}, r"gti_hours: count\.some"),
        ({"gtr_hours": 0}, r"gtr_hours: count\.some"),
    ],
)
def test_a_contract_that_cannot_be_is_refused(
    session: Session, site: Site, values: dict[str, Any], code: str
) -> None:
    """No day, a reference that is taken, a site that is nobody's."""
    create_contract(session, {**CONTRACT, "sites": site.public_id}, signed=AUTHOR)

    with pytest.raises(Invalid, match=code):
        create_contract(session, {**CONTRACT, "reference": "M-2", **values}, signed=AUTHOR)


def test_a_paper_changes_for_a_reason(session: Session, site: Site) -> None:
    """Dates and sites ask for one, delays do not; what is the same is no change."""
    contract = create_contract(session, CONTRACT, signed=AUTHOR)
    silent = Signature("user:1", NOON)

    assert update_contract(session, contract, {"gti_hours": 8}, signed=silent)
    with pytest.raises(Invalid, match=r"reason\.required"):
        update_contract(session, contract, {"sites": site.public_id}, signed=silent)
    assert update_contract(session, contract, {"sites": site.public_id}, signed=AUTHOR)
    assert update_contract(session, contract, {"sites": site.public_id}, signed=silent) is False

    entries = session.scalars(select(JournalEntry).filter_by(action="contracts.edit")).all()
    assert [(each.before, each.reason) for each in entries] == [
        ('{"gti_hours": 4}', ""),
        ('{"sites": ""}', "avenant 1"),
    ]


def test_an_order_covers_sites_for_purposes(session: Session, site: Site) -> None:
    """Codes of the law in the order of its article; subject and journal name the act."""
    paper = create_authorisation(session, {**ORDER, "sites": site.public_id}, signed=AUTHOR)

    assert paper.purposes == "traffic assaults"
    assert paper.sites == [site]
    assert subject(paper) == "authorisation:59/2026-01-05-00023"
    assert session.scalars(select(JournalEntry)).one().action == "authorisations.create"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"expires_on": "06/01/2031"}, "authorisation.long"),
        ({"kind": "Provisoire", "expires_on": "06/05/2026"}, "authorisation.long"),
        ({"expires_on": "05/01/2026"}, "span.order"),
        ({"department_code": "99"}, "department.unknown"),
        ({}, "authorisation.twice"),
        ({"public_road_cameras": "-1"}, "count"),
    ],
)
@pytest.mark.usefixtures("site")
def test_an_order_that_no_prefect_signs_is_refused(
    session: Session, values: dict[str, Any], code: str
) -> None:
    """Five years, four months, a department, a number that is not taken."""
    create_authorisation(session, ORDER, signed=AUTHOR)
    number = {"act_number": "2026-01-05-00024"} if values else {}

    with pytest.raises(Invalid, match=code):
        create_authorisation(session, {**ORDER, **number, **values}, signed=AUTHOR)


@pytest.mark.usefixtures("site")
def test_an_order_is_set_right_for_a_reason(session: Session) -> None:
    """A renewal that was filed is a date like the others."""
    paper = create_authorisation(session, ORDER, signed=AUTHOR)

    assert update_authorisation(session, paper, {"renewal_filed_on": "2030-09-01"}, signed=AUTHOR)

    session.expire_all()
    assert session.scalars(select(Authorisation)).one().renewal_filed_on == date(2030, 9, 1)
    assert session.scalars(select(MaintenanceContract)).all() == []
