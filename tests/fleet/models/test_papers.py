"""What the database refuses of contracts and authorisations."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.db import SessionFactory, session_scope
from registry.fleet.models import Authorisation, AuthorisationKind, MaintenanceContract
from tests.factories import make_site

SIGNED = date(2024, 2, 29)
CONTRACT = """
INSERT INTO maintenance_contracts (id, reference, contractor, calendar, business_hours,
    exclusions, starts_on, ends_on)
VALUES (:id, :reference, 'X', 'always', '', '', :starts_on, :ends_on)
"""
COVER = "INSERT INTO contract_sites (contract_id, site_id) VALUES (:id, :site)"


def order(**values: object) -> Authorisation:
    """Return an order of the Nord prefecture that is right but for what is given."""
    said = {
        "department_code": "59",
        "act_number": "2024-02-29-00001",
        "decided_on": SIGNED,
        "expires_on": date(2029, 2, 28),
    }
    return Authorisation(**{**said, **values})


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"expires_on": SIGNED}, "ordered"),
        ({"expires_on": date(2029, 3, 2)}, "lasting"),
        (
            {"kind": AuthorisationKind.PROVISIONAL, "expires_on": date(2024, 6, 30)},
            "lasting",
        ),
        ({"interior_cameras": -1}, "counts"),
        ({"retention_days": 0}, "retention"),
    ],
)
def test_an_order_that_no_prefect_signs_is_refused(
    session: Session, values: dict[str, object], named: str
) -> None:
    """Five years at most, four months for a provisional one; counts are counts."""
    make_site(session)
    session.add(order(**values))

    with pytest.raises(IntegrityError, match=named):
        session.flush()


def test_an_order_covers_sites(session: Session) -> None:
    """Five years to the day are allowed, and the covered sites are listed."""
    sites = [make_site(session), make_site(session)]
    session.add(order(sites=sites, retention_days=45))
    session.flush()
    session.expire_all()

    assert session.query(Authorisation).one().sites == sites


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"ends_on": date(2024, 2, 29)}, "ordered"),
        ({"gti_hours": 0}, "gti"),
        ({"gtr_hours": -4}, "gtr"),
        ({"target_availability": Decimal(2)}, "target"),
    ],
)
def test_a_contract_that_nobody_can_keep_is_refused(
    session: Session, values: dict[str, object], named: str
) -> None:
    """Ends before it starts, delays of nothing, more than all of the time."""
    session.add(MaintenanceContract(reference="M1", contractor="X", starts_on=SIGNED, **values))

    with pytest.raises(IntegrityError, match=named):
        session.flush()


def test_a_target_is_exact(session: Session) -> None:
    """98.5 % is read as that decimal."""
    contract = MaintenanceContract(
        reference="M1", contractor="X", starts_on=SIGNED, target_availability=Decimal("0.985")
    )
    session.add(contract)
    session.flush()
    session.expire_all()

    assert contract.target_availability == Decimal("0.985")


def cover(session: Session, number: int, site_id: int, start: int, end: int | None) -> None:
    """Write a contract of a site past every service, from a year to the start of another."""
    values = {
        "id": number,
        "reference": f"M-{number}",
        "starts_on": date(start, 1, 1),
        "ends_on": end and date(end, 1, 1),
    }
    session.execute(text(CONTRACT), values)
    session.execute(text(COVER), {"id": number, "site": site_id})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((2020, 2024), (2023, 2025)),
        ((2020, 2024), (2021, 2022)),
        ((2021, 2022), (2020, 2024)),
        ((2020, None), (2025, 2026)),
        ((2020, 2024), (2023, None)),
    ],
)
def test_no_site_has_two_contracts_on_one_day(
    session: Session, first: tuple[int, int | None], second: tuple[int, int | None]
) -> None:
    """However their spans meet, the database refuses the second one."""
    site = make_site(session)
    cover(session, 1, site.id, *first)

    with pytest.raises(IntegrityError, match="two maintenance contracts"):
        cover(session, 2, site.id, *second)


def test_contracts_may_follow_each_other_and_stand_side_by_side(session: Session) -> None:
    """One ends on the day on which the next begins; another site is another matter."""
    here, there = make_site(session), make_site(session)

    cover(session, 1, here.id, 2020, 2024)
    cover(session, 2, here.id, 2024, None)
    cover(session, 3, there.id, 2020, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE maintenance_contracts SET ends_on = '2024-01-02' WHERE id = 1",
        "UPDATE maintenance_contracts SET ends_on = NULL WHERE id = 1",
        "UPDATE maintenance_contracts SET starts_on = '2023-12-31' WHERE id = 2",
        "UPDATE contract_sites SET site_id = (SELECT min(id) FROM sites) WHERE contract_id = 3",
    ],
)
def test_neither_days_nor_sites_grow_into_another_contract(
    session: Session, statement: str
) -> None:
    """A change is held to the rule like a new row."""
    here, there = make_site(session), make_site(session)
    cover(session, 1, here.id, 2020, 2024)
    cover(session, 2, here.id, 2024, None)
    cover(session, 3, there.id, 2020, None)

    with pytest.raises(IntegrityError, match="two maintenance contracts"):
        session.execute(text(statement))


def test_of_two_contracts_written_at_once_one_is_refused(
    session: Session, sessions: SessionFactory
) -> None:
    """Neither writer sees the other's row before it is committed; the database does."""
    site_id = make_site(session).id
    session.commit()
    ready = Barrier(2, timeout=30)

    def write(number: int) -> bool:
        ready.wait()
        try:
            with session_scope(sessions) as own:
                cover(own, number, site_id, 2020 + number, None)
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(write, (1, 2)))

    assert sorted(written) == [False, True]
    assert len(session.query(MaintenanceContract).all()) == 1
