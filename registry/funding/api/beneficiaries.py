"""The API's beneficiaries: who receives grants."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from registry.funding.api.shapes import WHY
from registry.funding.api.speaking import adding, changing
from registry.funding.models import Beneficiary, BeneficiaryKind
from registry.funding.service import BeneficiaryValues, save_beneficiary
from registry.territory.queries import communes_within
from registry.web.rest import (
    Code,
    Fields,
    Id,
    Place,
    Resource,
    Text,
    WordOf,
    Writer,
    columns_of,
    rows_of,
)

PLACE = {"description": "INSEE code: its own if it is a commune, else that of its seat"}


class BeneficiaryChanged(Fields):
    """What may change of a beneficiary."""

    kind = WordOf(BeneficiaryKind)
    name = Text(200, least=1)
    siren = Code(9, least=9, allow_none=True)
    insee = Code(5, metadata=PLACE)
    why = Text(400, metadata=WHY)


class BeneficiaryGiven(BeneficiaryChanged):
    """A beneficiary to add."""

    kind = WordOf(BeneficiaryKind, required=True)
    name = Text(200, least=1, required=True)


class BeneficiaryShown(Fields):
    """A body that receives grants."""

    id = Id(dump_only=True)
    kind = WordOf(BeneficiaryKind)
    name = Text(200)
    siren = Code(9, allow_none=True)
    insee = Code(5, metadata=PLACE)


def _of(_session: Session, values: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({str(values["insee"])} if values.get("insee") else ())


BENEFICIARIES = Resource(
    name="beneficiaries",
    title="Beneficiaries",
    model=Beneficiary,
    shown=BeneficiaryShown,
    columns=columns_of(BeneficiaryShown, Beneficiary),
    source=rows_of(Beneficiary),
    reads="grants.read",
    writes="grants.edit",
    given=BeneficiaryGiven,
    changed=BeneficiaryChanged,
    writer=Writer(
        adding(save_beneficiary, BeneficiaryValues),
        changing(save_beneficiary, BeneficiaryValues, "body"),
    ),
    place=Place(Beneficiary.insee.in_, communes_within, _of),
)
