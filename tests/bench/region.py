"""A region at full scale for benches, written in bulk: rows as they would be."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, Engine, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from registry.db import session_factory, session_scope
from registry.models import metadata
from registry.monitoring.queries.rollups import DAYS, HOURS, midnight, next_midnight
from tests import factories

SITES = 5_000
CAMERAS = 100_000
GRANTS = 1_500
PAST_SECONDS = 30 * 86_400
OUTAGES = 5
HOLD_SECONDS = 86_400

OTHER_COMMUNES = ("02691", "60057", "62041", "80021")

Row: TypeAlias = tuple[object, ...]


def populate(engine: Engine, now: datetime, *, outages: int = OUTAGES) -> int:
    """Write sites, cameras, devices, standings and 30 days of intervals; count these."""
    at = int(now.timestamp())
    with _bulk(engine) as (connection, grants):
        return _write(connection, grants, at, outages)


def populate_fleet(engine: Engine) -> None:
    """Write sites in five communes of five departments, cameras and devices, without a past."""
    with _bulk(engine) as (connection, grants):
        _write_fleet(connection, grants)
        # One site in five for each: a filter on a department leaves a fifth of the cameras.
        for place, insee in enumerate(OTHER_COMMUNES, start=1):
            connection.execute(
                text("UPDATE sites SET insee = :insee WHERE id % 5 = :place"),
                {"insee": insee, "place": place},
            )
        # What a database in service does by itself soon after so many rows.
        connection.execute(text("ANALYZE"))


@contextmanager
def _bulk(engine: Engine) -> Iterator[tuple[Connection, list[int]]]:
    with session_scope(session_factory(engine)) as session:
        factories.make_commune(session)
        for insee in OTHER_COMMUNES:
            factories.make_commune(session, insee, f"Commune {insee}")
        grants = [factories.make_grant(session).id for _ in range(GRANTS)]
    with engine.connect() as connection:
        # Our own rows fit; looking each of them up takes a third of the time.
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        with connection.begin():
            yield connection, grants


def _write(connection: Connection, grants: list[int], at: int, outages: int) -> int:
    _write_fleet(connection, grants)
    _insert(connection, "standings", STANDING_COLUMNS, _standings(at))
    _insert(connection, "site_counters", COUNTER_COLUMNS, _counters())
    written = _write_intervals(connection, at, outages)
    if connection.dialect.name == "postgresql":
        # What a database in service does by itself soon after so many rows.
        connection.execute(text("ANALYZE"))
    return written


def _write_fleet(connection: Connection, grants: list[int]) -> None:
    _insert(connection, "sites", SITE_COLUMNS, _sites())
    _insert(connection, "cameras", CAMERA_COLUMNS, _cameras(grants))
    _insert(connection, "devices", DEVICE_COLUMNS, _devices())


def _insert(connection: Connection, table: str, columns: str, rows: Iterable[Row]) -> int:
    # Columns that the models have gained since take their own defaults.
    gained = {
        column.name: column.default.arg
        for column in metadata.tables[table].columns
        if isinstance(column.default, ScalarElementColumnDefault)
        and column.name not in columns.split()
    }
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    given = [*columns.split(), *gained]
    marks, names = ",".join([mark] * len(given)), ",".join(given)
    everything = [(*row, *gained.values()) for row in rows]
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", everything)  # noqa: S608 - our own names
    return len(everything)


SITE_COLUMNS = (
    "id public_id insee kind name normalised_name address uic uai gateway_host gateway_port"
    " zone networks"
)


def _sites() -> Iterator[Row]:
    for number in range(1, SITES + 1):
        name = f"place {number}"
        start = (number, f"59054-{number:04}", "59054", "commune", name, name)
        yield (*start, "", "", "", "", 80, "local", "")


CAMERA_COLUMNS = (
    "id site_id grant_id label camera_class purpose commissioned_on scheme host port path"
    " tls_verify changed_at password_text rtsp_path"
)


def _cameras(grants: list[int]) -> Iterator[Row]:
    path, since = "/onvif/device_service", "2026-01-01 00:00:00.000000"
    for number in range(1, CAMERAS + 1):
        site, grant = 1 + number % SITES, grants[number % GRANTS]
        start = (number, site, grant, f"CAM-{number}", "public_road", "", "2020-01-01", "http")
        yield (
            *start,
            f"10.0.{number % 250}.{number // 250 % 250}",
            80,
            path,
            "ca",
            since,
            False,
            "/",
        )


DEVICE_COLUMNS = "camera_id serial normalised_serial manufacturer model firmware mac mounted_at"


def _devices() -> Iterator[Row]:
    since = "2020-01-01 00:00:00.000000"
    for number in range(1, CAMERAS + 1):
        yield number, f"SN{number}", f"SN{number}", "Axis", "P3245", "10.1", "", since


STANDING_COLUMNS = (
    "camera_id began_at health since reachable issues last_at hold_seconds held_until dissent"
    " pending mismatches substituted settled_until identified_at authentication manufacturer"
    " model firmware serial simulated clock_offset_seconds"
)


def _standings(at: int) -> Iterator[Row]:
    for number in range(1, CAMERAS + 1):
        health = "down" if number % 50 == 0 else "up"
        issues = "clock_skew" if number % 20 == 1 else ""
        seen = (at - 30, HOLD_SECONDS, at + HOLD_SECONDS, 0, "", 0, False, at - 30, at - 30)
        offset = number % 977 / 977 - 0.5
        named = ("verified", "Axis", "P3245", "10.1", f"SN{number}", False, offset)
        yield (number, at - PAST_SECONDS, health, at - 3_600, True, issues, *seen, *named)


COUNTER_COLUMNS = "site_id state seconds"


def _counters() -> Iterator[Row]:
    for number in range(1, SITES + 1):
        for state in ("up", "down", "unreachable", "unknown", "maintenance"):
            yield number, state, 51_840_000 - number


# A life of each camera: some outages, once an hour in which nobody looked. The database
# makes these rows itself: a million of them take longer to hand over than to write.
_BEGINS = (
    "{at} - {past} + (({k}) + 1) * {past} / ({outages} + 2) + (c.id * 7919 + ({k}) * 104729) % 3600"
)
_ENDS = _BEGINS + " + 60 + (c.id * 31 + ({k}) * 17) % 7000"
_PLACES = "WITH RECURSIVE p(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM p WHERE k < {last})"
_LIVES = (
    (
        "up",
        "{outages}",
        "CASE WHEN p.k = 0 THEN {at} - {past} ELSE {ends_before} END",
        "CASE WHEN p.k = {outages} THEN {at} - 3600 ELSE {begins} END",
    ),
    ("CASE WHEN p.k = 1 THEN 'unknown' ELSE 'down' END", "{outages} - 1", "{begins}", "{ends}"),
    ("CASE WHEN c.id % 50 = 0 THEN 'down' ELSE 'up' END", "0", "{at} - 3600", "NULL"),
)


def _write_intervals(connection: Connection, at: int, outages: int) -> int:
    """Write a month of every camera's life, and count its stretches."""
    numbers = {"at": at, "past": PAST_SECONDS, "outages": outages}
    words = numbers | {
        "begins": _BEGINS.format(k="p.k", **numbers),
        "ends": _ENDS.format(k="p.k", **numbers),
        "ends_before": _ENDS.format(k="p.k - 1", **numbers),
    }
    written = 0
    for health, last, start, end in _LIVES:
        health_word = health if " " in health else f"'{health}'"
        places = _PLACES.format(last=last.format(**words))
        done = connection.execute(
            text(
                "INSERT INTO intervals (camera_id, health, started_at, ended_at, simulated) "  # noqa: S608 - our own words
                f"{places} SELECT c.id, {health_word}, {start.format(**words)},"
                f" {end.format(**words)}, false FROM cameras AS c CROSS JOIN p"
            )
        )
        written += done.rowcount
    return written


# Checkpoints of plausible size: what they cost to read does not depend on what they say.
_SUMS = "up, down, unreachable, unknown, planned, transitions"


def write_rollups(engine: Engine, now: datetime) -> None:
    """Write the hours and days that a month of service would have left, by site."""
    at = int(now.timestamp())
    begin, today = midnight(at - PAST_SECONDS), midnight(at)
    with engine.begin() as connection:
        for name, first, end in ((HOURS, begin, at - at % 3_600), (DAYS, begin, today)):
            connection.exec_driver_sql(
                "INSERT INTO rollup_spans (name, starts_at, ends_at) "  # noqa: S608 - our own numbers
                f"VALUES ('{name}', {first}, {end})"
            )
        days = [begin]
        while days[-1] < today:
            days.append(next_midnight(days[-1]))
        _write_sums(connection, "site_days", days[:-1], 86_400)
        _write_sums(connection, "site_hours", list(range(begin, at - at % 3_600, 3_600)), 3_600)
        connection.exec_driver_sql(
            "INSERT INTO rollup_bases (camera_id, site_id, commissioned_on, retired_on)"
            " SELECT id, site_id, commissioned_on, retired_on FROM cameras"
        )


def _write_sums(connection: Connection, table: str, starts: list[int], length: int) -> None:
    """Write a row for each site and start."""
    seconds = length * CAMERAS // SITES
    for start in starts:
        connection.execute(
            text(
                f"INSERT INTO {table} (site_id, starts_at, {_SUMS}) "  # noqa: S608 - our own numbers
                f"SELECT id, {start}, {seconds} - id % 600, id % 600, 0, 0, 0, id % 7 FROM sites"
            )
        )
