"""Keeps who receives grants: communes, groupings, syndicates, SNCF, the region."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Conflict, Invalid, Problem
from registry.funding.models import Beneficiary, BeneficiaryKind
from registry.funding.service.holding import flushed
from registry.funding.service.signing import Values, amend, as_said, long_texts
from registry.journal import sign
from registry.signature import Signature
from registry.territory import queries as territory
from registry.territory.rules import is_insee, is_siren, normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class BeneficiaryValues(Values):
    """A body that receives grants; `insee` is a commune's own code, or that of another's seat."""

    kind: BeneficiaryKind
    name: str
    siren: str | None = None
    insee: str = ""


def beneficiary(
    session: Session, kind: BeneficiaryKind, name: str, *, insee: str = ""
) -> Beneficiary:
    """
    Return the beneficiary of this kind and name, added if the register does not know it.

    Raises:
        Invalid: It has no name, a commune has no code, or the code is none.
    """
    problems = [] if name.strip() else [Problem("required", "beneficiary")]
    problems += long_texts({"beneficiary": name}, {"beneficiary": 200})
    if kind is BeneficiaryKind.COMMUNE and not is_insee(insee):
        problems.append(Problem("insee", "insee", insee))
    if problems:
        raise Invalid(problems)
    code = insee if kind is BeneficiaryKind.COMMUNE else ""
    key = {"kind": kind, "normalised_name": normalise(name), "insee": code}
    found = session.scalar(select(Beneficiary).filter_by(**key))
    if found is None:
        found = Beneficiary(name=name.strip(), **key)
        session.add(found)
    return found


def save_beneficiary(
    session: Session,
    values: BeneficiaryValues,
    *,
    signed: Signature,
    body: Beneficiary | None = None,
) -> Beneficiary:
    """
    Add a beneficiary, or change one; a former INSEE code becomes that of today.

    Raises:
        Invalid: A code is none, a commune has none, or for want of a reason to change
            who somebody is.
        Conflict: The register knows another of that kind, name and commune.
    """
    problems = [*(signed.problems() if body else ()), *_value_problems(values)]
    values = replace(values, name=values.name.strip())
    if values.insee and (body is None or values.insee != body.insee):
        commune = territory.communes_by_code(session, [values.insee]).get(values.insee)
        if commune is None:
            problems.append(Problem("insee.unknown", "insee", values.insee))
        else:
            values = replace(values, insee=commune.insee)
    if problems:
        raise Invalid(problems)
    _refuse_twin(session, values, body)
    with flushed(session, conflict=f"somebody has just added {values.kind} {values.name}"):
        if body is not None:
            body.normalised_name = normalise(values.name)
            told = {"action": "beneficiary.edit", "subject": f"beneficiary:{body.id}"}
            amend(session, body, values, signed=signed, **told)
            return body
        body = Beneficiary(**as_said(values), normalised_name=normalise(values.name))
        session.add(body)
    sign(session, signed, "beneficiary.add", f"beneficiary:{body.id}", after=as_said(values))
    return body


def _value_problems(values: BeneficiaryValues) -> Iterator[Problem]:
    if not normalise(values.name):
        yield Problem("required", "name", values.name)
    yield from long_texts(as_said(values), {"name": 200})
    if values.siren is not None and not is_siren(values.siren):
        yield Problem("siren", "siren", values.siren)
    if values.kind is BeneficiaryKind.COMMUNE and not values.insee:
        yield Problem("insee", "insee", values.insee)


def _refuse_twin(session: Session, values: BeneficiaryValues, body: Beneficiary | None) -> None:
    key: dict[str, Any] = {
        "kind": values.kind,
        "normalised_name": normalise(values.name),
        "insee": values.insee,
    }
    twin = session.scalar(select(Beneficiary).filter_by(**key))
    if twin is not None and twin is not body:
        raise Conflict(f"beneficiary {twin.id} has this kind, name and commune")
