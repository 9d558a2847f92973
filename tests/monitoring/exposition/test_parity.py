"""Our own hand against prometheus-client's, on the same data, in both dialects."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TypeAlias

import pytest
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue
from registry.audit.exposition import GRANT_AWARDED, GRANT_CAMERAS, GRANT_FINDINGS, GrantWriter
from registry.audit.queries import all_grant_stages, counted, findings
from registry.audit.rules import Thresholds
from registry.fleet.models import Camera, Site
from registry.funding.models import Grant
from registry.monitoring.exposition import Board, Family, SiteWriter, cameras_of_site
from registry.monitoring.exposition.cameras import (
    CAMERA_INFO,
    CAMERA_OFFSET,
    CAMERA_PROBED,
    CAMERA_UP,
)
from registry.monitoring.exposition.sites import (
    SITE_AVAILABILITY,
    SITE_CAMERAS,
    SITE_COVERAGE,
    SITE_INFO,
    SITE_ISSUES,
    SITE_SECONDS,
    SITE_UP,
    windows_until,
)
from registry.monitoring.models import Dialect, SiteCounter, SiteState, Standing
from registry.monitoring.rules import Shown
from registry.monitoring.service import record
from registry.territory.models import Commune
from tests import factories
from tests.monitoring.reading import site_cameras, site_tallies
from tests.monitoring.telling import NASTY, at_minute, page_of, told

Rows: TypeAlias = Iterable[tuple[dict[str, str], float]]
KINDS: dict[str, type[CounterMetricFamily | GaugeMetricFamily]] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
}
READERS: dict[Dialect, Callable[[str], Iterable[Metric]]] = {
    Dialect.TEXT: text_string_to_metric_families,
    Dialect.OPENMETRICS: read_openmetrics,
}


def family(told_of: Family, rows: Rows) -> Metric:
    """Hand samples to prometheus-client, as its own kinds of families."""
    known = list(rows)
    names = sorted(known[0][0]) if known else []
    if told_of.kind == "info":
        name = told_of.name.removesuffix("_info")
        info = InfoMetricFamily(name, told_of.meaning, labels=names)
        for labels, _ in known:
            info.add_metric([labels[name] for name in names], {})
        return info
    made: CounterMetricFamily | GaugeMetricFamily = KINDS[told_of.kind](
        told_of.name, told_of.meaning, labels=names
    )
    for labels, value in known:
        made.add_metric([labels[name] for name in names], value)
    return made


class Database(Collector):
    """What prometheus-client would export, read from the database by queries of its own."""

    def __init__(self, session: Session, at: datetime) -> None:
        """Read at an instant."""
        self._session = session
        self._at = at

    def collect(self) -> Iterator[Metric]:
        """Yield every family of sites and grants."""
        session, at = self._session, self._at
        sites = session.scalars(select(Site).order_by(Site.public_id)).all()
        counts = site_cameras(session, at=at)
        yield family(SITE_UP, self._up(sites, counts))
        yield family(SITE_INFO, ((info_of(session, site), 1) for site in sites))
        yield family(
            SITE_CAMERAS,
            (
                ({"site": site.public_id, "state": shown}, counts.get(site.id, {}).get(shown, 0))
                for site in sites
                for shown in Shown
            ),
        )
        yield family(SITE_ISSUES, [({"site": sites[0].public_id, "issue": "clock_skew"}, 1)])
        yield family(SITE_SECONDS, self._seconds(sites))
        tallies = site_tallies(session, list(windows_until(at).values()))
        for told_of, name in (
            (SITE_AVAILABILITY, "device_availability"),
            (SITE_COVERAGE, "coverage"),
        ):
            ratios = (
                ({"site": site.public_id, "window": window}, float(ratio.value))
                for site in sites
                for window, tally in zip(windows_until(at), tallies.get(site.id, ()), strict=False)
                if (ratio := getattr(tally, name)).value is not None
            )
            yield family(told_of, ratios)
        yield from self._grants()

    def _up(self, sites: Iterable[Site], counts: dict[int, dict[Shown, int]]) -> Rows:
        for site in sites:
            found = counts.get(site.id, {})
            if found.get(Shown.UP) or found.get(Shown.DEGRADED):
                yield {"site": site.public_id}, 1
            elif found.get(Shown.DOWN) or found.get(Shown.UNREACHABLE):
                yield {"site": site.public_id}, 0

    def _seconds(self, sites: Iterable[Site]) -> Rows:
        for site in sites:
            for state in SiteState:
                row = self._session.get(SiteCounter, (site.id, state))
                yield {"site": site.public_id, "state": state}, row.seconds if row else 0

    def _grants(self) -> Iterator[Metric]:
        stages = all_grant_stages(self._session, at=self._at).values()
        yield family(
            GRANT_CAMERAS,
            (
                ({"grant": each.file_number, "stage": stage}, getattr(each, stage))
                for each in stages
                for stage in ("funded", "installed", "seen", "alive")
            ),
        )
        yield family(
            GRANT_AWARDED,
            (({"grant": each.file_number}, each.awarded_cents / 100) for each in stages),
        )
        found = counted(findings(self._session, at=self._at, thresholds=Thresholds()))
        yield family(
            GRANT_FINDINGS,
            (({"grant": grant, "rule": rule}, n) for (grant, rule), n in sorted(found.items())),
        )


def info_of(session: Session, site: Site) -> dict[str, str]:
    """Return the labels of a site's info."""
    commune = session.get_one(Commune, site.insee)
    return {
        "site": site.public_id,
        "insee": site.insee,
        "commune": commune.name,
        "department": commune.department_code,
        "kind": str(site.kind),
    }


class Cameras(Collector):
    """What prometheus-client would export of the cameras of one site."""

    def __init__(self, session: Session, site: Site) -> None:
        """Read the standings of a site."""
        self._rows = session.execute(
            select(Camera.id, Standing)
            .join(Standing, Standing.camera_id == Camera.id)
            .where(Camera.site_id == site.id)
        ).all()
        self._site = site.public_id

    def collect(self) -> Iterator[Metric]:
        """Yield the four families."""
        values = {Health.UP: 1.0, Health.DOWN: 0.0}
        yield family(CAMERA_UP, self._each(lambda standing: values.get(standing.health)))
        yield family(CAMERA_PROBED, self._each(lambda standing: standing.last_at.timestamp()))
        yield family(CAMERA_OFFSET, self._each(lambda standing: standing.clock_offset_seconds))
        yield family(CAMERA_INFO, self._infos())

    def _each(self, value: Callable[[Standing], float | None]) -> Rows:
        for camera_id, standing in self._rows:
            if (found := value(standing)) is not None:
                yield {"camera": str(camera_id), "site": self._site}, found

    def _infos(self) -> Rows:
        for camera_id, standing in self._rows:
            grant = standing.camera.grant
            yield (
                {
                    "camera": str(camera_id),
                    "site": self._site,
                    "model": standing.model,
                    "firmware": standing.firmware,
                    "grant": grant.file_number if isinstance(grant, Grant) else "",
                },
                1,
            )


def plain(families: Iterable[Metric]) -> list[tuple[object, ...]]:
    """Return what two pages must agree on: every word, label and value, samples sorted."""
    return [
        (
            each.name,
            each.type,
            each.documentation,
            sorted((s.name, sorted(s.labels.items()), s.value) for s in each.samples),
        )
        for each in families
    ]


def heads(page: bytes) -> list[str]:
    """Return the lines that describe families, and the end."""
    return [line for line in page.decode().splitlines() if line.startswith("#")]


def region(session: Session) -> Site:
    """Add sites of every sort, with whatever a name may hold; return the first of them."""
    factories.make_commune(session).name = NASTY
    grant = factories.make_grant(session, file_number=NASTY, voted_cents=2_158_350)
    sites = [factories.make_site(session) for _ in range(4)]
    healths = ((Health.UP, Health.DOWN, Health.UNREACHABLE), (Health.DOWN,), (Health.UNKNOWN,), ())
    for site, seen in zip(sites, healths, strict=True):
        for health in seen:
            camera = factories.make_camera(session, site=site, grant=grant)
            issues = [Issue.CLOCK_SKEW] if health is Health.UP else []
            verdicts = [told(camera.id, minute, health, issues=issues) for minute in (0, 1)]
            record(session, verdicts, patience=2)
            standing = session.get_one(Standing, camera.id)
            standing.clock_offset_seconds, standing.model = -1.25, NASTY
    session.flush()
    return sites[0]


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_page_of_sites_is_that_of_prometheus_client(session: Session, dialect: Dialect) -> None:
    """The page that we join and the one that generate_latest writes hold the same."""
    region(session)
    at = at_minute(2)
    writers = SiteWriter(Board(reload_seconds=0), 0), GrantWriter(0)
    ours = page_of([b for write in writers for b in write(session, at=at)], dialect)

    theirs = latest(Database(session, at), dialect)

    read = READERS[dialect]
    assert plain(read(ours.decode())) == plain(read(theirs.decode()))
    assert heads(ours) == heads(theirs)
    assert len(heads(ours)) >= 18


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_page_of_cameras_is_that_of_prometheus_client(
    session: Session, dialect: Dialect
) -> None:
    """The same for a camera page."""
    site = region(session)
    blocks = cameras_of_site(session, site.public_id, at=at_minute(2))
    assert blocks is not None
    ours = page_of(blocks, dialect)

    theirs = latest(Cameras(session, site), dialect)

    read = READERS[dialect]
    assert plain(read(ours.decode())) == plain(read(theirs.decode()))
    assert heads(ours) == heads(theirs)


def latest(collector: Collector, dialect: Dialect) -> bytes:
    """Let prometheus-client write a page."""
    registry = CollectorRegistry()
    registry.register(collector)
    if dialect is Dialect.TEXT:
        return generate_latest(registry)
    page: bytes = generate_openmetrics(registry)  # type: ignore[no-untyped-call]  # untyped there
    return page
