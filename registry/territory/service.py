"""Loads the reference data on French territory, once for each edition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from registry.db import Base
from registry.errors import Problem
from registry.territory import data, queries
from registry.territory.data import official
from registry.territory.models import (
    Commune,
    CommuneWord,
    Contour,
    Department,
    Epci,
    FormerCommune,
    Region,
    School,
    Station,
)
from registry.territory.rules import normalise, outline, words_of


def load_reference(session: Session) -> int:
    """
    Bring the tables of the territory to the shipped edition; return rows written.

    Nothing is read but four totals when the edition is loaded already. A commune
    that a new edition no longer has keeps its row, because sites may stand in it.
    """
    if _is_loaded(session, data.edition()):
        return 0
    rows = list(data.communes())
    return (
        _save(session, Region, "code", _regions(rows))
        + _save(session, Department, "code", _departments(rows))
        + _save(session, Epci, "siren", _groupings(rows))
        + _save(session, Commune, "insee", [_commune(row) for row in rows])
        + _save(session, FormerCommune, "insee", _former(rows))
        + _save_words(session, rows)
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    What an official file brought: rows written, rows that were so already.

    `problems` names the rows that were left out, and why.
    """

    written: int
    unchanged: int
    problems: tuple[Problem, ...]


def load_stations(session: Session, content: bytes, name: str) -> Loaded:
    """
    Bring the stations to what the official file says; those that it lacks stay.

    Raises:
        Invalid: It is no file of stations.
    """
    rows, problems = official.stations(content, name)
    today = _communes_of_today(session, {row.insee for row in rows})
    values = [
        {**asdict(row), "insee": today.get(row.insee), "search_name": normalise(row.name)}
        for row in rows
    ]
    return _load(session, Station, "uic", values, problems)


def load_schools(session: Session, content: bytes, name: str) -> Loaded:
    """
    Bring the lycées to what the official directory says; those that it lacks stay.

    Raises:
        Invalid: It is no directory of schools.
    """
    rows, problems = official.schools(content, name)
    today = _communes_of_today(session, {row.insee for row in rows})
    values = [
        {**asdict(row), "insee": today.get(row.insee), "search_name": normalise(row.name)}
        for row in rows
    ]
    return _load(session, School, "uai", values, problems)


def load_contours(session: Session, content: bytes, name: str) -> Loaded:
    """
    Bring the contours of communes to what a GeoJSON file says.

    A commune that is no more is left out: its ground is in the one that took over,
    whose own contour says so in a file of the same year as the register's codes.

    Raises:
        Invalid: It is no GeoJSON of communes.
    """
    rows, problems = official.contours(content, name)
    known = set(session.scalars(select(Commune.insee)))
    unknown = [Problem("insee.unknown", name, row.insee) for row in rows if row.insee not in known]
    values = [_contour(row) for row in rows if row.insee in known]
    return _load(session, Contour, "insee", values, [*problems, *unknown])


def _contour(row: official.ContourRow) -> dict[str, Any]:
    packed = outline.pack(row.rings)
    rings = outline.unpack(packed)
    longitude, latitude = outline.inside_point(rings)
    return {
        "insee": row.insee,
        **outline.box(rings)._asdict(),
        "latitude": latitude,
        "longitude": longitude,
        "rings": packed,
    }


def _communes_of_today(session: Session, codes: set[str]) -> dict[str, str]:
    found = queries.communes_by_code(session, codes - {""})
    return {code: commune.insee for code, commune in found.items()}


def _load(
    session: Session,
    table: type[Base],
    key: str,
    values: Sequence[Mapping[str, Any]],
    problems: Sequence[Problem],
) -> Loaded:
    last = {row[key]: row for row in values}
    written = _save(session, table, key, last.values())
    return Loaded(written, len(last) - written, tuple(problems))


def _is_loaded(session: Session, edition: data.Edition) -> bool:
    communes, population = session.execute(
        select(func.count(), func.coalesce(func.sum(Commune.population), 0)).select_from(Commune)
    ).one()
    former = session.scalar(select(func.count()).select_from(FormerCommune))
    # A database of a version that searched by names alone has no word yet.
    words = session.scalar(select(CommuneWord.word).limit(1))
    return words is not None and (communes, former, population) == (
        edition.communes,
        edition.former_codes,
        edition.population,
    )


def _save_words(session: Session, rows: Iterable[Mapping[str, str]]) -> int:
    """Write the words by which communes are searched anew, unless they stand so."""
    words = [
        {"insee": row["insee"], "word": word, "population": int(row["population"] or 0)}
        for row in rows
        for word in words_of(
            row["name"],
            *row["former_names"].split("|"),
            row["former_codes"],
            row["postal_codes"],
        )
    ]
    columns = (CommuneWord.insee, CommuneWord.word, CommuneWord.population)
    standing = {(insee, word, people) for insee, word, people in session.execute(select(*columns))}
    if standing == {(each["insee"], each["word"], each["population"]) for each in words}:
        return 0
    session.execute(delete(CommuneWord))
    # In order: rows that come as the index keeps them are written in half the time.
    words.sort(key=itemgetter("insee", "word"))
    session.execute(insert(CommuneWord.metadata.tables["commune_words"]), words)
    return len(words)


def _save(session: Session, table: type[Base], key: str, rows: Iterable[Mapping[str, Any]]) -> int:
    # Insert what is new, update what differs: plain statements that both databases
    # know, and no upsert that would rewrite 35,000 equal rows.
    columns = table.__table__.columns
    standing = {row[key]: dict(row) for row in session.execute(select(*columns)).mappings()}
    new = [row for row in rows if row[key] not in standing]
    changed = [row for row in rows if row[key] in standing and standing[row[key]] != row]
    if new:
        # By table, not by class: the mapper would look at each of 35,000 rows.
        session.execute(insert(table.metadata.tables[table.__tablename__]), new)
    if changed:
        session.execute(update(table), changed)
    return len(new) + len(changed)


def _regions(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    names = {row["region"]: row["region_name"] for row in rows}
    return [{"code": code, "name": name} for code, name in names.items()]


def _departments(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    found = {row["department"]: (row["department_name"], row["region"]) for row in rows}
    return [
        {"code": code, "name": name, "region_code": region}
        for code, (name, region) in found.items()
    ]


def _groupings(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    names = {row["epci"]: row["epci_name"] for row in rows if row["epci"]}
    return [{"siren": siren, "name": name} for siren, name in names.items()]


def _commune(row: dict[str, str]) -> dict[str, Any]:
    return {
        "insee": row["insee"],
        "name": row["name"],
        "search_name": normalise(row["name"]),
        "department_code": row["department"],
        "epci_siren": row["epci"] or None,
        "population": int(row["population"]) if row["population"] else None,
        "population_year": int(row["population_year"]) if row["population_year"] else None,
        "postal_codes": row["postal_codes"],
        "former_names": row["former_names"],
    }


def _former(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [
        {"insee": code, "successor_insee": row["insee"]}
        for row in rows
        for code in row["former_codes"].split()
    ]
