"""Commands on reference data: official files of stations, lycées and contours."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import edge

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from registry.territory.service import Loaded

    Loader = Callable[[Session, bytes, str], Loaded]


@click.group()
def territory() -> None:
    """Load the reference data that is not shipped, from the files of its publishers."""


@territory.command("import-stations")
@click.argument("file", type=edge.FILE)
@edge.as_json
def import_stations(file: Path, *, as_json: bool) -> None:
    """Load stations from the CSV of SNCF Gares & Connexions."""
    from registry.territory.service import load_stations

    _load(file, load_stations, as_json=as_json)


@territory.command("import-lycees")
@click.argument("file", type=edge.FILE)
@edge.as_json
def import_lycees(file: Path, *, as_json: bool) -> None:
    """Load lycées from the directory of the ministry of education."""
    from registry.territory.service import load_schools

    _load(file, load_schools, as_json=as_json)


@territory.command("import-contours")
@click.argument("file", type=edge.FILE)
@edge.as_json
def import_contours(file: Path, *, as_json: bool) -> None:
    """Load the contours of communes from GeoJSON, simplified to 20 m."""
    from registry.territory.service import load_contours

    _load(file, load_contours, as_json=as_json)


def _load(file: Path, load: "Loader", *, as_json: bool) -> None:
    from registry.cli.register import told_problem
    from registry.db import session_scope

    with edge.database(edge.settings()) as (_, sessions), session_scope(sessions) as session:
        loaded = load(session, file.read_bytes(), file.name)
    if as_json:
        edge.print_json(
            {
                "written": loaded.written,
                "unchanged": loaded.unchanged,
                "problems": [told_problem(each) for each in loaded.problems],
            }
        )
        return
    for problem in loaded.problems:
        said = told_problem(problem)
        click.echo(f"{problem.where}: {said['message']}", err=True)
    french = edge.language() == "fr"
    words = ("écrits", "inchangés", "écartés") if french else ("written", "unchanged", "left out")
    counts = (loaded.written, loaded.unchanged, len(loaded.problems))
    click.echo(", ".join(f"{count} {word}" for count, word in zip(counts, words, strict=True)))
