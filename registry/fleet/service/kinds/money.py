"""Grants, their co-funders and payments, as sheets list them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from registry.errors import Invalid, Problem
from registry.fleet import queries
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import GRANTS, LINES, PAYMENTS
from registry.fleet.rules.vocabulary import beneficiary_kind
from registry.fleet.service.checking import find_programme
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.funding import queries as funding
from registry.funding import service as funding_service
from registry.funding.models import (
    Beneficiary,
    BeneficiaryKind,
    Campaign,
    Funder,
    FundingLine,
    Grant,
    GrantStatus,
    LineState,
    Payment,
)
from registry.funding.models import PaymentKind as PaymentWord
from registry.funding.service import GrantValues, LineValues, PaymentValues, Signature
from registry.territory.rules import normalise

_WHO = ("programme", "year", "beneficiary", "beneficiary_kind", "beneficiary_insee", "siren")
BATCH = 2_000


class GrantKind(Kind):
    """Grants, found by their file number."""

    table = GRANTS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._found: dict[str, Grant] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the grants of the rows' file numbers."""
        self._found = grants_of(self, rows)

    def find(self, row: ListedRow) -> Grant | None:
        """Return the grant of a file number."""
        return self._found.get(str(row.values.get("file_number")))

    def said(self, thing: Grant) -> Mapping[str, Any]:
        """Return a grant as plain values, its beneficiary and campaign by name."""
        own = {each.name: getattr(thing, each.name) for each in fields(GrantValues)}
        body = thing.beneficiary
        return {
            **own,
            "file_number": thing.file_number,
            "programme": thing.campaign.programme.name,
            "year": thing.campaign.year,
            "beneficiary": body.name,
            "beneficiary_kind": str(body.kind),
            "beneficiary_insee": body.insee,
            "siren": body.siren,
        }

    def create(self, values: Mapping[str, Any]) -> None:
        """Open a grant that was voted, for a beneficiary who may be new."""
        missing = [c.key for c in GRANTS.columns if c.required and c.key not in values]
        if missing:
            raise Invalid([Problem("cell.required", key) for key in missing])
        campaign = self._campaign(values)
        own = {key: value for key, value in values.items() if key in _OWN}
        made = funding_service.create_grant(
            self.session,
            str(values["file_number"]),
            GrantValues(**own),
            campaign=campaign,
            beneficiary=self._beneficiary(values),
            signed=signature(self.desk),
            status=GrantStatus.VOTED,
            since=values.get("decided_on"),
        )
        self._found[made.file_number] = made

    def update(self, thing: Grant, values: Mapping[str, Any]) -> None:
        """Change what a grant says; not who receives it, nor under which rules."""
        standing = self.said(thing)
        if "programme" in values:
            year = int(values.get("year") or thing.campaign.year)
            values = {**values, "programme": self._programme_name(values["programme"], year)}
        fixed = [key for key in _WHO if key in values and values[key] != standing[key]]
        if fixed:
            raise Invalid([Problem("grant.fixed", key, str(values[key])) for key in fixed])
        own = {key: value for key, value in values.items() if key in _OWN}
        wanted = replace(GrantValues.of(thing), **own)
        funding_service.update_grant(self.session, thing, wanted, signed=signature(self.desk))

    def everything(self) -> Iterator[Grant]:
        """Give every grant, by file number."""
        yield from self.session.scalars(_whole().order_by(Grant.file_number))

    def _programme_name(self, said: str, year: int) -> str:
        found = find_programme(funding.programmes(self.session), said, year)
        return found.name if found else said

    def _campaign(self, values: Mapping[str, Any]) -> Campaign:
        programmes = funding.programmes(self.session)
        programme = find_programme(programmes, values["programme"], values["year"])
        if programme is None:
            known = {"known": ", ".join(each.name for each in programmes)}
            raise Invalid([Problem("programme.unknown", "programme", values["programme"], known)])
        years = {campaign.year: campaign for campaign in programme.campaigns}
        if values["year"] not in years:
            known = {"programme": programme.name, "known": ", ".join(map(str, years))}
            raise Invalid([Problem("campaign.unknown", "year", str(values["year"]), known)])
        return years[values["year"]]

    def _beneficiary(self, values: Mapping[str, Any]) -> Beneficiary:
        name = str(values["beneficiary"])
        kind = BeneficiaryKind(values.get("beneficiary_kind") or beneficiary_kind(name))
        insee = values.get("beneficiary_insee", "")
        known = {"kind": kind, "normalised_name": normalise(name), "insee": insee}
        body = self.session.scalar(select(Beneficiary).filter_by(**known))
        if body is None:
            body = Beneficiary(**known, name=name, siren=values.get("siren"))
            self.session.add(body)
        return body


_OWN = {each.name for each in fields(GrantValues)}


class LineKind(Kind):
    """Co-funders, found by file number, funder and name."""

    table = LINES

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._grants: dict[str, Grant] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the grants of the rows' file numbers, with their plans."""
        self._grants = grants_of(self, rows)

    def key(self, row: ListedRow) -> Hashable:
        """Return file number, funder and name; most funders have no name of their own."""
        said = row.values
        if not {"file_number", "funder"} <= said.keys():
            return None
        return said["file_number"], said["funder"], said.get("name", "")

    def find(self, row: ListedRow) -> FundingLine | None:
        """Return the line of a plan."""
        grant = self._grants.get(str(row.values.get("file_number")))
        lines = grant.lines if grant else []
        key = (row.values.get("funder"), row.values.get("name", ""))
        return next((each for each in lines if (each.funder, each.name) == key), None)

    def said(self, thing: FundingLine) -> Mapping[str, Any]:
        """Return a line as plain values."""
        own = {each.name: getattr(thing, each.name) for each in fields(LineValues)}
        return {**own, "file_number": self._numbers()[thing.grant_id]}

    def _numbers(self) -> dict[int, str]:
        return {grant.id: number for number, grant in self._grants.items()}

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a line to a plan."""
        grant = grant_or_refuse(self._grants, values)
        said = LineValues(**_line(values))
        funding_service.save_line(self.session, grant, said, signed=signature(self.desk))

    def update(self, thing: FundingLine, values: Mapping[str, Any]) -> None:
        """Change a line of a plan."""
        grant = grant_or_refuse(self._grants, values)
        wanted = replace(LineValues.of(thing), **_line(values))
        signed = signature(self.desk)
        funding_service.save_line(self.session, grant, wanted, signed=signed, line=thing)

    def everything(self) -> Iterator[FundingLine]:
        """Give every line, by file number."""
        for grant in self.session.scalars(_whole().order_by(Grant.file_number)):
            self._grants[grant.file_number] = grant
            yield from grant.lines


class PaymentKind(Kind):
    """Payments, found by file number, kind and rank."""

    table = PAYMENTS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._grants: dict[str, Grant] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the grants of the rows' file numbers, with their payments."""
        self._grants = grants_of(self, rows)

    def key(self, row: ListedRow) -> Hashable:
        """Return file number, kind and rank; there is one of most kinds."""
        said = row.values
        if not {"file_number", "kind"} <= said.keys():
            return None
        return said["file_number"], said["kind"], said.get("rank", 1)

    def find(self, row: ListedRow) -> Payment | None:
        """Return the payment of a kind and rank."""
        grant = self._grants.get(str(row.values.get("file_number")))
        payments = grant.payments if grant else []
        key = (row.values.get("kind"), row.values.get("rank", 1))
        return next((each for each in payments if (each.kind, each.rank) == key), None)

    def said(self, thing: Payment) -> Mapping[str, Any]:
        """Return a payment as plain values."""
        own = {each.name: getattr(thing, each.name) for each in fields(PaymentValues)}
        numbers = {grant.id: number for number, grant in self._grants.items()}
        return {**own, "rank": thing.rank, "file_number": numbers[thing.grant_id]}

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a payment to a grant."""
        grant = grant_or_refuse(self._grants, values)
        said = PaymentValues(**_payment(values))
        funding_service.save_payment(self.session, grant, said, signed=signature(self.desk))

    def update(self, thing: Payment, values: Mapping[str, Any]) -> None:
        """Change a payment."""
        grant = grant_or_refuse(self._grants, values)
        wanted = replace(PaymentValues.of(thing), **_payment(values))
        signed = signature(self.desk)
        funding_service.save_payment(self.session, grant, wanted, signed=signed, payment=thing)

    def everything(self) -> Iterator[Payment]:
        """Give every payment, by file number."""
        for grant in self.session.scalars(_whole().order_by(Grant.file_number)):
            self._grants[grant.file_number] = grant
            yield from grant.payments


def signature(desk: Desk) -> Signature:
    """Return who writes, in the words of the money's services."""
    author = desk.author
    return Signature(actor=author.actor, at=author.at, reason=author.reason)


def grants_of(kind: Kind, rows: Sequence[ListedRow]) -> dict[str, Grant]:
    """Return the grants that rows name, with all that hangs on them."""
    numbers = {str(row.values["file_number"]) for row in rows if "file_number" in row.values}
    return {
        grant.file_number: grant
        for chunk in queries.chunks(numbers)
        for grant in kind.session.scalars(_whole().where(Grant.file_number.in_(chunk)))
    }


def grant_or_refuse(grants: Mapping[str, Grant], values: Mapping[str, Any]) -> Grant:
    """
    Return the grant that a line or payment names.

    Raises:
        Invalid: No grant has that file number.
    """
    grant = grants.get(str(values.get("file_number")))
    if grant is None:
        number = str(values.get("file_number", ""))
        raise Invalid([Problem("grant.unknown", "file_number", number)])
    return grant


def _whole() -> Any:  # noqa: ANN401 - a select with its options
    return select(Grant).options(
        joinedload(Grant.campaign).joinedload(Campaign.programme),
        joinedload(Grant.beneficiary),
        selectinload(Grant.lines),
        selectinload(Grant.payments),
    )


def _line(values: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in values.items() if key != "file_number"}
    words = {"funder": Funder, "state": LineState}
    return {key: words[key](value) if key in words else value for key, value in said.items()}


def _payment(values: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in values.items() if key not in {"file_number", "rank"}}
    return {key: PaymentWord(value) if key == "kind" else value for key, value in said.items()}
