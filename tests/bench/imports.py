"""
Measures an import of 10,000 rows into a fresh database, in a process of its own.

`seconds` runs from the bytes of the file to the flushed transaction, its commit
included; `dry_run_seconds` the same with a rollback; `cpu_seconds` and
`dry_run_cpu_seconds` are what the process itself worked; `rss_mb` is the most memory
that it ever held. The sheet is that of funded cameras, or with `--list` one of the lists
that may be exported; of these the same sheet a second time (`again_cpu_seconds`) and one
that changes each row (`changed_cpu_seconds`) are measured too.
"""

import argparse
import io
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from ipaddress import ip_network
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from registry.db import SessionFactory, open_engine, session_factory, session_scope
from registry.fleet.rules import Zones
from registry.fleet.rules.columns import COLUMNS
from registry.fleet.service import ImportReport, import_content, import_file
from registry.fleet.vault import Vault
from registry.funding.service import load_programmes
from registry.settings import config_folder
from registry.sheets import Page, Value, write_workbook
from registry.territory import data
from registry.territory.service import load_reference
from tests.bench import lists
from tests.bench.lists import ROWS
from tests.bench.store import empty_database

ROWS_PER_GRANT = 20
ZONES = Zones.only(ip_network("10.0.0.0/8"))
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Import the same file into a fresh database, three times or once, and take the median."""
    if arguments.list:
        return measure_list(arguments.list, arguments.database)
    with tempfile.TemporaryDirectory(prefix="vigiparc-bench-") as name:
        folder = Path(name)
        sheet = folder / "cameras.xlsx"
        sheet.write_bytes(workbook())
        # A database that was named is empty once.
        times = 1 if quick or arguments.database else 3
        runs = [measure_apart(folder / str(run), sheet, arguments.database) for run in range(times)]
    return {
        "seconds": round(statistics.median(run.seconds for run in runs), 3),
        "dry_run_seconds": round(statistics.median(run.dry_seconds for run in runs), 3),
        "cpu_seconds": round(statistics.median(run.cpu_seconds for run in runs), 3),
        "dry_run_cpu_seconds": round(statistics.median(run.dry_cpu_seconds for run in runs), 3),
        "rss_mb": round(max(run.rss_mb for run in runs), 1),
        "rows": ROWS,
        "cameras": ROWS,
        "sites": ROWS // ROWS_PER_GRANT,
        "database": (arguments.database or "sqlite").split(":")[0],
    }


class Run(NamedTuple):
    """One dry run and the import after it, in one process."""

    dry_seconds: float
    seconds: float
    cpu_seconds: float
    dry_cpu_seconds: float
    rss_mb: float


class Timed(NamedTuple):
    """What one import took by the clock on the wall and of the processor, and what it said."""

    seconds: float
    cpu_seconds: float
    report: ImportReport


def measure_list(key: str, url: str | None) -> dict[str, int | float | str]:
    """Import a list new, once more, and with a change in each row; once each."""
    with empty_database(url) as engine:
        place = engine.url.render_as_string(hide_password=False)
        apart(furnish, place, key)
        figures = apart(measure_sheets, place, key)
    return {**figures, "list": key, "rows": ROWS, "database": (url or "sqlite").split(":")[0]}


def apart(work: Callable[[str, str], dict[str, float]], url: str, key: str) -> dict[str, float]:
    """Do something in a process of its own: its memory is not ours."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, url, key).result()


def furnish(url: str, key: str) -> dict[str, float]:
    """Fill a register with what a list hangs on."""
    engine = open_engine(url)
    sessions = session_factory(engine)
    with session_scope(sessions) as session:
        load_reference(session)
        load_programmes(session, config_folder() / "programmes")
    for needed, count in lists.NEEDS[key]:
        take(sessions, lists.workbook(needed, count), keep=True)
    engine.dispose()
    return {}


def measure_sheets(url: str, key: str) -> dict[str, float]:
    """Try a new list, keep it, try it again, then keep one that changes every row."""
    engine = open_engine(url)
    sessions = session_factory(engine)
    new, other = lists.workbook(key), lists.workbook(key, changed=True)
    tried, kept = take(sessions, new, keep=False), take(sessions, new, keep=True)
    again, changed = take(sessions, new, keep=False), take(sessions, other, keep=True)
    engine.dispose()
    found = (tried.report.new, kept.report.new, again.report.unchanged, changed.report.changed)
    if found != (ROWS,) * 4:
        raise RuntimeError(found, changed.report.counts())
    return {
        "seconds": round(kept.seconds, 3),
        "dry_run_seconds": round(tried.seconds, 3),
        "cpu_seconds": round(kept.cpu_seconds, 3),
        "dry_run_cpu_seconds": round(tried.cpu_seconds, 3),
        "again_cpu_seconds": round(again.cpu_seconds, 3),
        "changed_cpu_seconds": round(changed.cpu_seconds, 3),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def take(sessions: SessionFactory, content: bytes, *, keep: bool) -> Timed:
    """Import one workbook, and commit or roll back."""
    started, worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as keys, sessions() as session:
        vault = Vault.open(Path(keys) / "keys")
        report = import_content(
            session, content, "bench.xlsx", actor="bench", at=NOON, zones=ZONES, vault=vault
        )
        if keep:
            session.commit()
        else:
            session.rollback()
    return Timed(time.perf_counter() - started, time.process_time() - worked, report)


def measure_apart(folder: Path, sheet: Path, url: str | None) -> Run:
    """Measure in a new process: this one has grown while it wrote the workbook."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, folder, sheet, url).result()


def measure(folder: Path, sheet: Path, url: str | None) -> Run:
    """Try the sheet, then import it; tell seconds of both, and megabytes of this process."""
    folder.mkdir()
    with empty_database(url) as engine:
        sessions = session_factory(engine)
        with session_scope(sessions) as session:
            load_reference(session)
            load_programmes(session, config_folder() / "programmes")
        vault = Vault.open(folder / "keys")
        took, cpu = [], []
        for dry_run in (True, False):
            started, worked = time.perf_counter(), time.process_time()
            with sessions() as session:
                report = import_file(
                    session, sheet, actor="bench", at=NOON, zones=ZONES, vault=vault
                )
                if dry_run:
                    session.rollback()
                else:
                    session.commit()
            took.append(time.perf_counter() - started)
            cpu.append(time.process_time() - worked)
            if report.new != ROWS:
                raise RuntimeError(report.counts())
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(took[0], took[1], cpu[1], cpu[0], rss)


def workbook() -> bytes:
    """Write the workbook: one grant and one site for every twenty cameras."""
    target = io.BytesIO()
    page = Page("Caméras", [column.header for column in COLUMNS], rows())
    write_workbook(target, [page])
    return target.getvalue()


def rows() -> Iterator[list[Value]]:
    """Give the rows, in communes of the whole of the Nord."""
    communes = [row for row in data.communes() if row["department"] == "59"]
    for number in range(ROWS):
        rank, index = divmod(number, ROWS_PER_GRANT)
        commune = communes[rank % len(communes)]
        values: dict[str, Value] = {
            "file_number": f"24-{rank:05d}",
            "programme": "hdf-communes",
            "year": 2024,
            "beneficiary": f"Commune de {commune['name']}",
            "beneficiary_kind": "Commune",
            "decision_number": f"2024.{rank:05d}",
            "decided_on": NOON.date(),
            "eligible_cents": "180 000,00 €",
            "voted_cents": 54_000,
            "cameras_funded": ROWS_PER_GRANT,
            "insee": commune["insee"],
            "commune": commune["name"],
            "site_kind": "Commune",
            "site": "Centre",
            "label": f"CAM-{index:02d}",
            "camera_class": "Voie publique",
            "manufacturer": "Nordcam",
            "model": "NC-300",
            "serial": f"NC{number:08d}",
            "commissioned_on": NOON.date(),
            "host": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
            "port": 80,
        }
        yield [values.get(column.key) for column in COLUMNS]
