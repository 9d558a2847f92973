"""Loads the reference data on French territory, once for each edition."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from registry.db import Base
from registry.territory import data
from registry.territory.models import Commune, Department, Epci, FormerCommune, Region
from registry.territory.rules import normalise


def load_reference(session: Session) -> int:
    """
    Bring the tables of the territory to the shipped edition; return rows written.

    Nothing is read but three totals when the edition is loaded already. A commune
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
    )


def _is_loaded(session: Session, edition: data.Edition) -> bool:
    communes, population = session.execute(
        select(func.count(), func.coalesce(func.sum(Commune.population), 0)).select_from(Commune)
    ).one()
    former = session.scalar(select(func.count()).select_from(FormerCommune))
    return (communes, former, population) == (
        edition.communes,
        edition.former_codes,
        edition.population,
    )


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
    }


def _former(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [
        {"insee": code, "successor_insee": row["insee"]}
        for row in rows
        for code in row["former_codes"].split()
    ]
