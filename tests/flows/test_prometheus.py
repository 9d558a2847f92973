"""
A real Prometheus scrapes a running service through faults: the shipped kit, end to end.

About two minutes, once for the module. What the rules wait for is divided by the factors
that `scraped_region` states; nothing else of what is shipped is changed but addresses.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from probes.simulator import Fault
from registry.clock import utc_now
from registry.db import session_scope
from registry.fleet.models import Camera, Site
from registry.jobs import TICK_SECONDS
from registry.monitoring.queries.ledger import lives
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.uptime import Reckoning, Span
from tests.config.boards import DASHBOARDS, load, targets, with_variables
from tests.config.test_prometheus import EXPECTED
from tests.conftest import ON_POSTGRESQL, fresh_database
from tests.flows.demo_region import ROOT, eventually
from tests.flows.scraped_region import (
    CAMERAS,
    INTERVAL_SECONDS,
    SCRAPE_SECONDS,
    TIMEOUT_SECONDS,
    ScrapedRegion,
    scraped_region,
)
from tests.monitoring.reading import site_tallies

pytestmark = pytest.mark.skipif(
    not shutil.which("prometheus"), reason="no prometheus (Debian: prometheus)"
)
GUIDE = ROOT / "docs" / "grafana.md"
LOST = ("lost, up", "lost, down")
WINDOW_SECONDS = 68
# A busy machine takes its time to start five processes.
START_SECONDS = 300
# The second verdict that confirms a change comes after an interval, and its own time.
CONFIRMATION_SECONDS = INTERVAL_SECONDS + TIMEOUT_SECONDS
LATE_SECONDS = 14
WELL = ("flapping", "worked on")


@dataclass(frozen=True, slots=True)
class Played:
    """The region after its faults, and the window in which they were."""

    region: ScrapedRegion
    window: Span


@pytest.fixture(scope="module")
def played(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Played]:
    """Run the region through its faults, until the window is over."""
    url = ""
    if ON_POSTGRESQL:
        url = fresh_database(request.getfixturevalue("postgresql_url"), "scraped")
    with scraped_region(tmp_path_factory.mktemp("scraped"), url) as region:
        wanted = f"count(vigiparc_camera_up) == {len(CAMERAS)}"
        assert eventually(lambda: asked(region, wanted), seconds=START_SECONDS)
        start = int(time.time()) + 1
        for second, act in sorted(happenings(region, start), key=lambda each: each[0]):
            time.sleep(max(0.0, start + second - time.time()))
            act()
        # Some seconds more, so that what the window's last verdicts say is settled.
        time.sleep(2 * CONFIRMATION_SECONDS)
        yield Played(region, Span(start, start + WINDOW_SECONDS))


def asked(region: ScrapedRegion, query: str) -> bool:
    """Tell whether a query finds anything, on a server that may not be up yet."""
    try:
        return bool(region.prometheus.query(query))
    except OSError:
        return False


def happenings(region: ScrapedRegion, start: int) -> list[tuple[int, Callable[[], None]]]:
    """Return what befalls whom, in seconds since the window began."""
    refuse = {name: partial(region.cameras.become, name, Fault.REFUSE) for name in WELL}
    mend = {name: partial(region.cameras.become, name, Fault.NONE) for name in WELL}
    begins, ends = (datetime.fromtimestamp(start + second, UTC) for second in (6, 46))
    return [
        (0, partial(region.plan, "planned", begins, ends)),
        (6, refuse["flapping"]),
        (8, partial(region.lose_addresses, LOST)),
        (10, refuse["worked on"]),
        (20, mend["flapping"]),
        (34, mend["worked on"]),
        (36, refuse["flapping"]),
        (50, mend["flapping"]),
        (56, partial(region.find_addresses, LOST)),
        (WINDOW_SECONDS, lambda: None),
    ]


def reckoned(played: Played, name: str) -> Reckoning:
    """Return what the database knows of a camera in the window: what the API divides."""
    with played.region.sessions() as session:
        planned = planned_spans(session, played.window)
        (life,) = lives(session, [played.region.ids[name]], played.window)
        return life.reckon(played.window, planned)


def averaged(played: Played, name: str) -> float:
    """Return what Prometheus makes of the same camera over the same window."""
    camera, seconds = played.region.ids[name], played.window.length
    (sample,) = played.region.prometheus.query(
        f'avg_over_time(vigiparc_camera_up{{camera="{camera}"}}[{seconds}s] @ {played.window.end})'
    )
    return float(sample["value"][1])


def staleness(played: Played) -> float:
    """Return how old a page was at most when it was scraped, and a verdict on its way to it."""
    name, seconds = "vigiparc_snapshot_timestamp_seconds", played.window.length
    (sample,) = played.region.prometheus.query(
        f"max_over_time((timestamp({name}) - {name})[{seconds}s:1s] @ {played.window.end})"
    )
    return float(sample["value"][1]) + TICK_SECONDS


def missed(played: Played) -> float:
    """Return how many seconds were not scraped: none, but on a machine that is overrun."""
    seconds, end = played.window.length, played.window.end
    query = f'sum_over_time(up{{job="vigiparc-cameras"}}[{seconds}s] @ {end})'
    (sample,) = played.region.prometheus.query(query)
    return max(0.0, played.window.length - 1 - float(sample["value"][1])) * SCRAPE_SECONDS


@pytest.mark.parametrize("name", [each.name for each in CAMERAS])
def test_prometheus_agrees_with_the_database(played: Played, name: str) -> None:
    """Within the stated bound: changes, scrapes and confirmations, over what was seen."""
    found = reckoned(played, name)
    exact = found.tally.device_availability
    assert exact.value is not None
    bound = (
        (found.transitions + 1) * (SCRAPE_SECONDS + staleness(played))
        + found.transitions * CONFIRMATION_SECONDS
        + missed(played)
    ) / exact.whole

    assert abs(averaged(played, name) - float(exact.value)) <= bound


def divided(played: Played, public_id: str) -> float:
    """Return what the guide's query makes of a site's counters over the window."""
    query = re.search(r"( +sum\(increase\(.*\n +/\n.*\n)", GUIDE.read_text(encoding="utf-8"))
    assert query
    range_then = f"[{played.window.length}s] @ {played.window.end}"
    expression = query[1].replace("59054-01", public_id).replace("[12d]", range_then)
    (sample,) = played.region.prometheus.query(expression)
    return float(sample["value"][1])


@pytest.mark.parametrize("site", sorted({each.site for each in CAMERAS}))
def test_the_counters_of_a_site_agree_with_the_database(played: Played, site: str) -> None:
    """Within the stated bound: the last seconds of each camera, at both ends of the window."""
    public_id = played.region.sites[site]
    with played.region.sessions() as session:
        site_id = session.scalars(select(Site.id).filter_by(public_id=public_id)).one()
        (tally,) = site_tallies(session, [played.window])[site_id]
    exact = tally.device_availability
    assert exact.value is not None
    uncounted = 2.5 * INTERVAL_SECONDS + SCRAPE_SECONDS + staleness(played) + missed(played)
    cameras = sum(each.site == site for each in CAMERAS)

    gap = abs(divided(played, public_id) - float(exact.value))

    assert gap <= 2 * cameras * uncounted / exact.whole


@pytest.mark.parametrize(("name", "value"), [(LOST[0], 1.0), (LOST[1], 0.0)])
def test_what_nobody_saw_is_in_neither_figure(played: Played, name: str, value: float) -> None:
    """Of a window that is mostly unknown, both divide only what was seen: up is up."""
    tally = reckoned(played, name).tally

    assert tally.unknown > tally.total / 2
    assert tally.device_availability.value == value
    assert averaged(played, name) == value


def test_planned_time_is_in_neither_figure(played: Played) -> None:
    """Refusing while it is worked on, a camera is not down for the public nor for Grafana."""
    tally = reckoned(played, "worked on").tally

    assert tally.planned > 0
    assert tally.device_availability.value is not None
    assert averaged(played, "worked on") > 0.8
    assert tally.device_availability.value > 0.8


def test_faults_were_seen(played: Played) -> None:
    """The agreement was not that of a quiet minute."""
    flapping = reckoned(played, "flapping")

    assert flapping.transitions >= 4
    assert 0.3 < averaged(played, "flapping") < 0.9


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_panel_shows_something(played: Played, path: Path) -> None:
    """Each query of each board returns data on a service that runs."""
    server, site = played.region.prometheus, played.region.sites["lively"]

    for _, expression in targets(load(path)):
        server.wait_for(with_variables(expression, site=site))


def firing(played: Played, name: str) -> bool:
    """Tell whether an alert has fired since the window began."""
    since = int(time.time()) - played.window.start
    query = f'max_over_time(ALERTS{{alertname="{name}",alertstate="firing"}}[{since}s])'
    return bool(played.region.prometheus.query(query))


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("VigiparcSiteUnreachable", "dark"),
        ("VigiparcCameraDown", "half"),
        ("VigiparcClockDrift", "lively"),
        ("VigiparcIdentityMismatch", "lively"),
        ("VigiparcCredentialsRejected", "half"),
    ],
)
def test_an_alert_names_its_site(played: Played, name: str, site: str) -> None:
    """What is wrong fires for the site where it is, and for no other."""
    assert eventually(lambda: firing(played, name), seconds=30)

    found = played.region.prometheus.query(f'ALERTS{{alertname="{name}",alertstate="firing"}}')

    expected = {played.region.sites[site]}
    if name == "VigiparcCameraDown":
        expected.add(played.region.sites["lost"])
    assert {sample["metric"]["site"] for sample in found} <= expected
    assert played.region.sites[site] in {sample["metric"]["site"] for sample in found}


def test_while_all_is_well_with_the_service_nothing_says_otherwise(played: Played) -> None:
    """Alerts about the service itself have not fired through all these faults."""
    service = {
        f"Vigiparc{name}" for name in ("Absent", "CamerasAbsent", "ProbeLagging", "ZoneSilent")
    }

    assert service <= EXPECTED
    assert [name for name in sorted(service) if firing(played, name)] == []


def test_a_monitor_that_stalls_is_late(played: Played) -> None:
    """Stopped in its tracks for a while, it goes on and tells how late it was."""
    played.region.pause_monitor(stop=True)
    time.sleep(LATE_SECONDS)
    played.region.pause_monitor(stop=False)

    assert eventually(lambda: firing(played, "VigiparcProbeLagging"), seconds=30)


def test_a_zone_that_falls_silent_is_missed(played: Played) -> None:
    """A zone that the settings do not know is never heard, and somebody is told which."""
    with session_scope(played.region.sessions) as session:
        moved = session.scalars(select(Site.id).filter_by(public_id=played.region.sites["half"]))
        site_id = moved.one()
        session.execute(update(Site).where(Site.id == site_id).values(zone="forgotten"))
        cameras = update(Camera).where(Camera.site_id == site_id)
        session.execute(cameras.values(changed_at=utc_now()))

    def missed_zones() -> set[str]:
        firing = 'ALERTS{alertname="VigiparcZoneSilent",alertstate="firing"}'
        return {sample["metric"]["zone"] for sample in played.region.prometheus.query(firing)}

    # The monitor was stopped by the test before: until it is heard again, so was `local`.
    assert eventually(lambda: missed_zones() == {"forgotten"}, seconds=90)


def test_a_zone_without_cameras_is_not_missed(played: Played) -> None:
    """Once the last of them is retired there, nobody waits for it any more."""
    with session_scope(played.region.sessions) as session:
        yesterday = utc_now().date() - timedelta(days=1)
        ids = session.scalars(select(Camera.id)).all()
        session.execute(
            update(Camera)
            .where(Camera.id.in_(ids))
            .values(retired_on=yesterday, changed_at=utc_now())
        )
    zones = "vigiparc_zone_last_seen_timestamp_seconds"

    def nobody_is_missed() -> bool:
        return not any(map(played.region.prometheus.query, (zones, "ALERTS{zone!=''}")))

    assert eventually(nobody_is_missed, seconds=60)


def test_a_service_that_ends_is_missed(played: Played) -> None:
    """The last test of the module: clean ends, and an alert about the silence."""
    codes = [played.region.end(name) for name in ("monitor", "serve")]

    assert codes == [0, 0]
    for name in ("VigiparcAbsent", "VigiparcCamerasAbsent"):
        assert eventually(partial(firing, played, name), seconds=30)
