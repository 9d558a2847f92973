"""Co-funders and payments, as sheets list them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload, selectinload

from registry.bulk import add_rows, values_of
from registry.errors import Conflict, Invalid, Problem
from registry.fleet import queries
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import LINES, PAYMENTS
from registry.fleet.service.kinds.grants import grants_of, whole
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.funding import queries as funding
from registry.funding import service as funding_service
from registry.funding.models import (
    Campaign,
    Funder,
    FundingLine,
    Grant,
    LineState,
    Payment,
)
from registry.funding.models import PaymentKind as PaymentWord
from registry.funding.rules import ONCE, Terms
from registry.funding.service import LineValues, PaymentValues

_PLAN = (selectinload(Grant.lines), defer(Grant.paid_cents))
_PAID = (
    joinedload(Grant.campaign).selectinload(Campaign.rules),
    selectinload(Grant.payments),
    defer(Grant.paid_cents),
)


class LineKind(Kind):
    """Co-funders, found by file number, funder and name."""

    table = LINES

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._grants: dict[str, Grant] = {}
        self._numbers: dict[int, str] = {}
        self._new: dict[str, list[FundingLine]] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the grants of the rows' file numbers, with their plans."""
        self._grants = grants_of(self, rows, *_PLAN)
        self._numbers = {grant.id: number for number, grant in self._grants.items()}

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
        return {**own, "file_number": self._numbers[thing.grant_id]}

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a line to a plan."""
        grant = grant_or_refuse(self._grants, values)
        waiting = self._new.setdefault(grant.file_number, [])
        made = funding_service.new_line(
            self.session,
            grant,
            LineValues(**_line(values)),
            signed=self.desk.signed,
            beside=[LineValues.of(each).share for each in waiting],
        )
        waiting.append(made)

    def update(self, thing: FundingLine, values: Mapping[str, Any]) -> None:
        """Change a line of a plan."""
        grant = grant_or_refuse(self._grants, values)
        waiting = self._new.get(grant.file_number, ())
        funding_service.change_line(
            self.session,
            grant,
            thing,
            replace(LineValues.of(thing), **_line(values)),
            signed=self.desk.signed,
            beside=[LineValues.of(each).share for each in waiting],
        )

    def finish(self) -> None:
        """Insert what is new in one statement."""
        self.session.flush()
        lines = [values_of(line) for lines in self._new.values() for line in lines]
        add_rows(self.session, FundingLine, lines)

    def everything(self) -> Iterator[FundingLine]:
        """Give every line, by file number."""
        for grant in self.session.scalars(whole(*_PLAN).order_by(Grant.file_number)):
            self._numbers[grant.id] = grant.file_number
            yield from grant.lines


class PaymentKind(Kind):
    """Payments, found by file number, kind and rank."""

    table = PAYMENTS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._grants: dict[str, Grant] = {}
        self._numbers: dict[int, str] = {}
        self._new: dict[str, list[Payment]] = {}
        self._terms: dict[Hashable, Terms] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Hold the grants of the rows' file numbers, and read them with their payments."""
        numbers = {str(row.values["file_number"]) for row in rows if "file_number" in row.values}
        for chunk in queries.chunks(numbers):
            held = select(Grant.id).where(Grant.file_number.in_(chunk)).order_by(Grant.id)
            self.session.execute(held.with_for_update())
        self._grants = grants_of(self, rows, *_PAID)
        self._numbers = {grant.id: number for number, grant in self._grants.items()}

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
        return {**own, "rank": thing.rank, "file_number": self._numbers[thing.grant_id]}

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a payment to a grant, at the rank that the row says, by which it is found again."""
        grant = grant_or_refuse(self._grants, values)
        beside = self._beside(grant)
        said = PaymentValues(**_payment(values))
        if said.kind in ONCE and any(each.kind is said.kind for each in beside):
            raise Conflict(f"grant {grant.file_number}: there is one {said.kind} already")
        made = funding_service.new_payment(
            self.session,
            grant,
            said,
            rank=values.get("rank", 1),
            signed=self.desk.signed,
            beside=beside,
            terms=self._terms_of(grant),
        )
        self._new.setdefault(grant.file_number, []).append(made)

    def update(self, thing: Payment, values: Mapping[str, Any]) -> None:
        """Change a payment."""
        grant = grant_or_refuse(self._grants, values)
        funding_service.change_payment(
            self.session,
            grant,
            thing,
            replace(PaymentValues.of(thing), **_payment(values)),
            signed=self.desk.signed,
            beside=self._beside(grant),
            terms=self._terms_of(grant),
        )

    def _terms_of(self, grant: Grant) -> Terms:
        key = grant.campaign_id, grant.decided_on
        if key not in self._terms:
            self._terms[key] = funding.terms_of(grant)
        return self._terms[key]

    def _beside(self, grant: Grant) -> list[Payment]:
        return [*grant.payments, *self._new.get(grant.file_number, ())]

    def finish(self) -> None:
        """Insert what is new in one statement."""
        self.session.flush()
        payments = [values_of(each) for payments in self._new.values() for each in payments]
        add_rows(self.session, Payment, payments)

    def everything(self) -> Iterator[Payment]:
        """Give every payment, by file number."""
        for grant in self.session.scalars(whole(*_PAID).order_by(Grant.file_number)):
            self._numbers[grant.id] = grant.file_number
            yield from grant.payments


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


def _line(values: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in values.items() if key != "file_number"}
    words = {"funder": Funder, "state": LineState}
    return {key: words[key](value) if key in words else value for key, value in said.items()}


def _payment(values: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in values.items() if key not in {"file_number", "rank"}}
    return {key: PaymentWord(value) if key == "kind" else value for key, value in said.items()}
