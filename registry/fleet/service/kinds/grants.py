"""Grants, as sheets list them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from registry.bulk import add_rows, next_ids, values_of
from registry.errors import Invalid, Problem
from registry.fleet import queries
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import GRANTS
from registry.fleet.rules.vocabulary import beneficiary_kind
from registry.fleet.service.checking import find_programme
from registry.fleet.service.edits import missing, require
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.funding import queries as funding
from registry.funding import service as funding_service
from registry.funding.models import (
    Beneficiary,
    BeneficiaryKind,
    Campaign,
    Grant,
    GrantEvent,
    GrantStatus,
    Programme,
)
from registry.funding.service import GrantValues
from registry.territory.rules import normalise

_WHO = ("programme", "year", "beneficiary", "beneficiary_kind", "beneficiary_insee", "siren")
_OWN = {each.name for each in fields(GrantValues)}
_ALL = (
    joinedload(Grant.campaign).joinedload(Campaign.programme),
    joinedload(Grant.beneficiary),
)


class GrantKind(Kind):
    """Grants, found by their file number."""

    table = GRANTS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._found: dict[str, Grant] = {}
        self._programmes: Sequence[Programme] = ()
        self._named: dict[tuple[str, int], Programme | None] = {}
        self._bodies: dict[tuple[str, str, str], Beneficiary] = {}
        self._new: list[Grant] = []

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read the rows' grants with what a change is held to, programmes and beneficiaries."""
        held = selectinload(Grant.lines), selectinload(Grant.events)
        self._found = grants_of(self, rows, *_ALL, *held)
        self._programmes = funding.programmes(self.session)
        for body in self.session.scalars(select(Beneficiary)):
            self._bodies[str(body.kind), body.normalised_name, body.insee] = body

    def meant(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call a programme by its name: its code and other spellings mean the same."""
        grant = self._found.get(str(values.get("file_number")))
        year = values.get("year") or (grant.campaign.year if grant else None)
        if year is None or "programme" not in values:
            return values
        found = self._programme(values["programme"], year)
        return {**values, "programme": found.name} if found else values

    def find(self, row: ListedRow) -> Grant | None:
        """Return the grant of a file number."""
        return self._found.get(str(row.values.get("file_number")))

    def said(self, thing: Grant) -> Mapping[str, Any]:
        """Return a grant as plain values, its beneficiary and campaign by name."""
        own = {name: getattr(thing, name) for name in _OWN}
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
        require(missing(GRANTS, values))
        own = {key: value for key, value in values.items() if key in _OWN}
        made = funding_service.new_grant(
            str(values["file_number"]),
            GrantValues(**own),
            campaign=self._campaign(values),
            beneficiary=self._beneficiary(values),
            signed=self.desk.signed,
            status=GrantStatus.VOTED,
            since=values.get("decided_on"),
        )
        funding_service.tell_opening(self.session, made, signed=self.desk.signed)
        self._new.append(made)

    def update(self, thing: Grant, values: Mapping[str, Any]) -> None:
        """Change what a grant says; not who receives it, nor under which rules."""
        standing = self.said(thing)
        fixed = [key for key in _WHO if key in values and values[key] != standing[key]]
        if fixed:
            raise Invalid([Problem("grant.fixed", key, str(values[key])) for key in fixed])
        own = {key: value for key, value in values.items() if key in _OWN}
        wanted = replace(GrantValues.of(thing), **own)
        funding_service.change_grant(self.session, thing, wanted, signed=self.desk.signed)

    def finish(self) -> None:
        """Insert what is new, with its beneficiaries and first steps, in three statements."""
        self.session.flush()
        if not self._new:
            return
        bodies = [each for each in self._bodies.values() if each.id is None]
        for body, number in zip(
            bodies, next_ids(self.session, Beneficiary, len(bodies)), strict=True
        ):
            body.id = number
        add_rows(self.session, Beneficiary, [values_of(body) for body in bodies])
        rows, steps = [], []
        ids = next_ids(self.session, Grant, len(self._new))
        for grant, number in zip(self._new, ids, strict=True):
            parts = {"campaign_id": grant.campaign.id, "beneficiary_id": grant.beneficiary.id}
            rows.append({**values_of(grant), **parts, "id": number})
            steps += [{**values_of(step), "grant_id": number} for step in grant.events]
        add_rows(self.session, Grant, rows)
        add_rows(self.session, GrantEvent, steps)

    def everything(self) -> Iterator[Grant]:
        """Give every grant, by file number."""
        yield from self.session.scalars(whole(*_ALL).order_by(Grant.file_number))

    def _programme(self, said: str, year: int) -> Programme | None:
        key = (said, int(year))
        if key not in self._named:
            self._named[key] = find_programme(self._programmes, *key)
        return self._named[key]

    def _campaign(self, values: Mapping[str, Any]) -> Campaign:
        programme = self._programme(values["programme"], values["year"])
        if programme is None:
            known = {"known": ", ".join(each.name for each in self._programmes)}
            raise Invalid([Problem("programme.unknown", "programme", values["programme"], known)])
        years = {campaign.year: campaign for campaign in programme.campaigns}
        if values["year"] not in years:
            known = {"programme": programme.name, "known": ", ".join(map(str, years))}
            raise Invalid([Problem("campaign.unknown", "year", str(values["year"]), known)])
        return years[values["year"]]

    def _beneficiary(self, values: Mapping[str, Any]) -> Beneficiary:
        name = str(values["beneficiary"])
        kind = BeneficiaryKind(values.get("beneficiary_kind") or beneficiary_kind(name))
        key = (str(kind), normalise(name), values.get("beneficiary_insee", ""))
        if key not in self._bodies:
            self._bodies[key] = Beneficiary(
                kind=kind,
                name=name,
                normalised_name=key[1],
                insee=key[2],
                siren=values.get("siren"),
            )
        return self._bodies[key]


def whole(*options: ORMOption) -> Select[Grant]:
    """Return the question for grants, with what hangs on them."""
    return select(Grant).options(*options)


def grants_of(kind: Kind, rows: Sequence[ListedRow], *options: ORMOption) -> dict[str, Grant]:
    """Return the grants that rows name, with what hangs on them."""
    numbers = {str(row.values["file_number"]) for row in rows if "file_number" in row.values}
    return {
        grant.file_number: grant
        for chunk in queries.chunks(numbers)
        for grant in kind.session.scalars(whole(*options).where(Grant.file_number.in_(chunk)))
    }
