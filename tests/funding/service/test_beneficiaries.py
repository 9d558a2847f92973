"""Who receives grants: found again, or added."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.funding.models import BeneficiaryKind
from registry.funding.service import BeneficiaryValues, beneficiary, save_beneficiary
from registry.signature import Signature
from tests.factories import make_commune

COMMUNE, SNCF = BeneficiaryKind.COMMUNE, BeneficiaryKind.SNCF


def test_a_beneficiary_is_found_again_under_its_name(session: Session) -> None:
    """However the name is written; a commune by its code as well."""
    first = beneficiary(session, COMMUNE, "Saint-Quentin", insee="02691")
    session.flush()

    assert beneficiary(session, COMMUNE, "SAINT QUENTIN", insee="02691") is first
    assert beneficiary(session, SNCF, "SNCF", insee="02691").insee == ""


def test_a_commune_without_a_code_is_refused(session: Session) -> None:
    """Its name alone may be that of fifty others."""
    with pytest.raises(Invalid, match="insee"):
        beneficiary(session, COMMUNE, "Saint-Quentin")


def test_the_code_that_stands_is_not_asked_for_again(session: Session, now: datetime) -> None:
    """A beneficiary of a register whose territory was not loaded can be renamed."""
    body = beneficiary(session, COMMUNE, "Cassel", insee="59135")
    session.flush()
    signed = Signature(actor="cli", at=now, reason="nom complet")

    save_beneficiary(
        session,
        BeneficiaryValues(kind=COMMUNE, name="Ville de Cassel", insee="59135"),
        signed=signed,
        body=body,
    )

    assert (body.name, body.insee) == ("Ville de Cassel", "59135")


def test_the_same_values_again_change_nothing(session: Session, now: datetime) -> None:
    """Nor do they reach the journal."""
    make_commune(session)
    values = BeneficiaryValues(kind=COMMUNE, name="Bavinchove", insee="59054")
    signed = Signature(actor="cli", at=now, reason="x")
    body = save_beneficiary(session, values, signed=signed)

    assert save_beneficiary(session, values, signed=signed, body=body) is body
