"""Holds the rows of a file against the register's communes and campaigns."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from registry.errors import Problem
from registry.fleet.rules import ImportRow
from registry.funding import queries as funding
from registry.funding.models import Campaign, Programme
from registry.territory import queries as territory
from registry.territory.rules import normalise


def find_programme(programmes: Iterable[Programme], said: str, year: int) -> Programme | None:
    """Find a programme by its code, its name, or words that no other name holds."""
    known = list(programmes)
    wanted = normalise(said)
    words = set(wanted.split())
    named = [each for each in known if wanted in {normalise(each.code), normalise(each.name)}]
    found = named or [each for each in known if words <= set(normalise(each.name).split())]
    if len(found) > 1:
        # Stations are aided by more than one region: the year often tells which.
        found = [each for each in found if any(c.year == year for c in each.campaigns)] or found
    return found[0] if len(found) == 1 else None


class Check:
    """
    The rows with codes of today, and what the register says against them.

    A former INSEE code is replaced by the commune that took over, and said so; a
    code that nobody carries and an unknown programme are problems.
    """

    def __init__(self, session: Session, rows: Sequence[ImportRow]) -> None:
        """Look everything up at once."""
        self._session = session
        self._programmes = funding.programmes(session)
        self._hints: dict[tuple[str, str], str] = {}
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        codes = {row.insee for row in rows if "insee" not in row.unread}
        self.communes = territory.communes_by_code(session, codes)
        self.campaigns: dict[tuple[str, int], Campaign] = {}
        self._limits: dict[tuple[str, int], int | None] = {}
        self.rows = [self._today(row) for row in rows]
        for row in self.rows:
            if not row.unread & {"programme", "year"}:
                self._find_campaign(row)

    def _today(self, row: ImportRow) -> ImportRow:
        commune = self.communes.get(row.insee)
        if "insee" in row.unread:
            return row
        if commune is None:
            near = {"near": self._hint(row)}
            self.problems.append(Problem("insee.unknown", row.cell("insee"), row.insee, near))
            return row
        if commune.insee != row.insee:
            took_over = {"read": f"{commune.insee} {commune.name}"}
            self.notes.append(Problem("insee.former", row.cell("insee"), row.insee, took_over))
            self.communes[commune.insee] = commune
            return replace(row, insee=commune.insee)
        if row.commune and normalise(row.commune) != commune.search_name:
            read = {"read": f"{commune.name} ({commune.insee})"}
            self.notes.append(Problem("commune.differs", row.cell("commune"), row.commune, read))
        return row

    def _hint(self, row: ImportRow) -> str:
        key = (row.insee, row.commune or "")
        if key not in self._hints:
            near = territory.nearest(self._session, *key)
            self._hints[key] = f"{near.insee} {near.name}" if near else ""
        return self._hints[key]

    def _find_campaign(self, row: ImportRow) -> None:
        key = (row.programme, row.year)
        if key not in self.campaigns:
            programme = self._programme(row)
            if programme is None:
                return
            years = {campaign.year: campaign for campaign in programme.campaigns}
            if row.year not in years:
                known = {"programme": programme.name, "known": ", ".join(map(str, years))}
                where = row.cell("year")
                self.problems.append(Problem("campaign.unknown", where, str(row.year), known))
                return
            self.campaigns[key] = years[row.year]
            self._limits[key] = years[row.year].terms().population_below
        self._compare_threshold(row, self._limits[key])

    def _programme(self, row: ImportRow) -> Programme | None:
        found = find_programme(self._programmes, row.programme, row.year)
        if found is None:
            known = {"known": ", ".join(programme.name for programme in self._programmes)}
            where = row.cell("programme")
            self.problems.append(Problem("programme.unknown", where, row.programme, known))
        return found

    def _compare_threshold(self, row: ImportRow, limit: int | None) -> None:
        commune = self.communes.get(row.insee)
        if commune is None or commune.population is None or limit is None:
            return
        if commune.population >= limit:
            said = {
                "commune": commune.name,
                "population": str(commune.population),
                "limit": str(limit),
            }
            self.notes.append(Problem("threshold", row.cell("insee"), "", said))
