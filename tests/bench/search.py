"""
Measures the search for a place: 35,000 communes, 5,000 sites, 330 stations.

`p95_seconds` is that of the whole search as its page runs it, communes, stations,
lycées and sites, over words that people type: begun, abbreviated, old names, codes.
"""

import argparse
import random
import statistics
import time

from sqlalchemy import Engine, insert

from registry.db import session_factory, session_scope
from registry.fleet import queries as fleet
from registry.fleet.models import Site
from registry.territory import data
from registry.territory.models import Station
from registry.territory.queries import search
from registry.territory.rules import normalise
from registry.territory.service import load_reference
from tests.bench.store import empty_database

SITES, STATIONS = 5_000, 330
SEARCHES = 1_000
TYPED = ("st quentin", "02691", "59054", "Hesdin-la-Forêt", "marconne", "saint", "la", "gare de l")


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Search what people type, and parts of real names, and take the 95th percentile."""
    with empty_database(arguments.database) as engine:
        words = _fill(engine)
        seconds = []
        with session_factory(engine)() as session:
            for typed in words[: SEARCHES // 4 if quick else SEARCHES]:
                started = time.perf_counter()
                search(session, typed, limit=12)
                fleet.search_sites(session, typed, limit=12)
                seconds.append(time.perf_counter() - started)
        name = engine.dialect.name
    return {
        "p95_seconds": round(statistics.quantiles(seconds, n=20)[18], 5),
        "median_seconds": round(statistics.median(seconds), 5),
        "searches": len(seconds),
        "sites": SITES,
        "database": name,
    }


def _fill(engine: Engine) -> list[str]:
    with session_scope(session_factory(engine)) as session:
        load_reference(session)
        communes = [row for row in data.communes() if row["region"] == "32"]
        chosen = random.Random(59)  # noqa: S311 - the same searches every time
        picked = [communes[number % len(communes)] for number in range(SITES)]
        session.execute(
            insert(Site),
            [
                {
                    "public_id": f"{row['insee']}-{1 + number // len(communes):02d}",
                    "insee": row["insee"],
                    "kind": "commune",
                    "name": f"Place {number} {row['name']}",
                    "normalised_name": normalise(f"Place {number} {row['name']}"),
                }
                for number, row in enumerate(picked)
            ],
        )
        session.execute(
            insert(Station),
            [
                {
                    "uic": f"87{number:06d}",
                    "name": f"Gare de {row['name']}",
                    "search_name": normalise(f"Gare de {row['name']}"),
                    "insee": row["insee"],
                }
                for number, row in enumerate(communes[:STATIONS])
            ],
        )
    begun = [
        row["name"][: chosen.randint(2, len(row["name"]))]
        for row in chosen.choices(communes, k=SEARCHES)
    ]
    return [TYPED[at // 4 % len(TYPED)] if at % 4 == 0 else typed for at, typed in enumerate(begun)]
