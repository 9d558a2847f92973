"""Who receives grants, and that nobody is in the register twice."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.funding.models import Beneficiary, BeneficiaryKind


def body(kind: BeneficiaryKind = BeneficiaryKind.COMMUNE, insee: str = "59054") -> Beneficiary:
    """Return a beneficiary of one name."""
    return Beneficiary(kind=kind, name="Bavinchove", normalised_name="bavinchove", insee=insee)


def test_a_namesake_elsewhere_is_another_beneficiary(session: Session) -> None:
    """A commune is known by its code too, a grouping by its kind."""
    session.add_all([body(), body(insee="59055"), body(BeneficiaryKind.EPCI)])

    session.flush()


def test_the_same_beneficiary_twice_is_refused(session: Session) -> None:
    """Two rows for one commune would hide that it was aided twice."""
    session.add_all([body(), body()])

    with pytest.raises(IntegrityError):
        session.flush()
