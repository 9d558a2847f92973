"""A region at full scale for benches, written in bulk: rows as they would be."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from random import Random
from typing import TypeAlias

from sqlalchemy import Connection, Engine

from registry.db import session_factory, session_scope
from tests import factories

SITES = 5_000
CAMERAS = 100_000
GRANTS = 1_500
PAST_SECONDS = 30 * 86_400
OUTAGES = 5
HOLD_SECONDS = 86_400

Row: TypeAlias = tuple[object, ...]


def populate(engine: Engine, now: datetime) -> int:
    """Write sites, cameras, devices, standings and 30 days of intervals; count these."""
    with session_scope(session_factory(engine)) as session:
        factories.make_commune(session)
        grants = [factories.make_grant(session).id for _ in range(GRANTS)]
    at = int(now.timestamp())
    with engine.begin() as connection:
        _insert(connection, "sites", SITE_COLUMNS, _sites())
        _insert(connection, "cameras", CAMERA_COLUMNS, _cameras(grants))
        _insert(connection, "devices", DEVICE_COLUMNS, _devices())
        _insert(connection, "standings", STANDING_COLUMNS, _standings(at))
        _insert(connection, "site_counters", COUNTER_COLUMNS, _counters())
        return _insert(connection, "intervals", INTERVAL_COLUMNS, _intervals(at))


def _insert(connection: Connection, table: str, columns: str, rows: Iterable[Row]) -> int:
    marks = ",".join("?" * len(columns.split()))
    names = ",".join(columns.split())
    everything = list(rows)
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", everything)  # noqa: S608 - our own names
    return len(everything)


SITE_COLUMNS = (
    "id public_id insee kind name normalised_name address uic uai gateway_host gateway_port"
)


def _sites() -> Iterator[Row]:
    for number in range(1, SITES + 1):
        name = f"place {number}"
        yield number, f"59054-{number:04}", "59054", "commune", name, name, "", "", "", "", 80


CAMERA_COLUMNS = (
    "id site_id grant_id label camera_class purpose commissioned_on scheme host port path"
    " tls_verify changed_at"
)


def _cameras(grants: list[int]) -> Iterator[Row]:
    path, since = "/onvif/device_service", "2026-01-01 00:00:00.000000"
    for number in range(1, CAMERAS + 1):
        site, grant = 1 + number % SITES, grants[number % GRANTS]
        start = (number, site, grant, f"CAM-{number}", "public_road", "", "2020-01-01", "http")
        yield (*start, f"10.0.{number % 250}.{number // 250 % 250}", 80, path, "ca", since)


DEVICE_COLUMNS = "camera_id serial normalised_serial manufacturer model firmware mac mounted_at"


def _devices() -> Iterator[Row]:
    since = "2020-01-01 00:00:00.000000"
    for number in range(1, CAMERAS + 1):
        yield number, f"SN{number}", f"SN{number}", "Axis", "P3245", "10.1", "", since


STANDING_COLUMNS = (
    "camera_id began_at health since reachable issues last_at hold_seconds held_until dissent"
    " pending mismatches substituted settled_until identified_at authentication manufacturer"
    " model firmware serial simulated"
)


def _standings(at: int) -> Iterator[Row]:
    for number in range(1, CAMERAS + 1):
        health = "down" if number % 50 == 0 else "up"
        issues = "clock_skew" if number % 20 == 1 else ""
        seen = (at - 30, HOLD_SECONDS, at + HOLD_SECONDS, 0, "", 0, False, at - 30, at - 30)
        named = ("verified", "Axis", "P3245", "10.1", f"SN{number}", False)
        yield (number, at - PAST_SECONDS, health, at - 3_600, True, issues, *seen, *named)


COUNTER_COLUMNS = "site_id state seconds"


def _counters() -> Iterator[Row]:
    for number in range(1, SITES + 1):
        for state in ("up", "down", "unreachable", "unknown", "maintenance"):
            yield number, state, 51_840_000 - number


INTERVAL_COLUMNS = "camera_id health started_at ended_at simulated"


def _intervals(at: int) -> Iterator[Row]:
    """Yield a life of each camera: some outages, once an hour in which nobody looked."""
    random = Random(59)  # noqa: S311 - invented, not secret
    for number in range(1, CAMERAS + 1):
        start = at - PAST_SECONDS
        last = "down" if number % 50 == 0 else "up"
        for place in range(OUTAGES):
            begins = at - PAST_SECONDS + (place + 1) * PAST_SECONDS // (OUTAGES + 2)
            begins += random.randrange(3_600)
            ends = begins + random.randrange(60, 7_200)
            yield number, "up", start, begins, False
            yield number, "unknown" if place == 1 else "down", begins, ends, False
            start = ends
        yield number, "up", start, at - 3_600, False
        yield number, last, at - 3_600, None, False
