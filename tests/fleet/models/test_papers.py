"""What the database refuses of contracts and authorisations."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.fleet.models import Authorisation, AuthorisationKind, MaintenanceContract
from tests.factories import make_site

SIGNED = date(2024, 2, 29)


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
