"""What the lists show: every site, with its cameras counted by state."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.fleet.models import Camera, Site
from registry.monitoring.models import Standing
from registry.monitoring.queries.planned import dark_sites
from registry.monitoring.queries.standings import in_service, shown_state
from registry.monitoring.rules import Shown
from registry.territory.models import Commune, Department

WORST_FIRST = (
    Shown.DOWN,
    Shown.UNREACHABLE,
    Shown.DEGRADED,
    Shown.UNKNOWN,
    Shown.MAINTENANCE,
    Shown.UP,
)
OUT = (Shown.DOWN, Shown.UNREACHABLE)
TROUBLES = (*OUT, Shown.DEGRADED)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cameras in service stand in each state."""

    by_state: Mapping[Shown, int] = field(default_factory=dict)

    def of(self, *states: Shown) -> int:
        """Return how many cameras stand in any of these states."""
        return sum(self.by_state.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        """The cameras in service."""
        return sum(self.by_state.values())

    @property
    def out(self) -> int:
        """The cameras that are down or unreachable."""
        return self.of(*OUT)

    @property
    def troubled(self) -> int:
        """The cameras that somebody should look at."""
        return self.of(*TROUBLES)

    @property
    def items(self) -> Iterator[tuple[Shown, int]]:
        """Each state with its number, the worst first."""
        return ((state, self.of(state)) for state in WORST_FIRST)


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site in a list. `out_since` is the start of its oldest outage that lasts."""

    id: int
    public_id: str
    name: str
    kind: str
    commune: str
    department_code: str
    department: str
    counts: Counts
    out_since: datetime | None


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """A department in a list: its sites, those with a trouble, its cameras."""

    code: str
    name: str
    sites: int
    troubled_sites: int
    counts: Counts


def site_lines(session: Session, *, now: datetime, department: str = "") -> list[SiteLine]:
    """
    Return every site (of a department) with its cameras in service by state.

    Two SELECTs, however many sites and cameras there are.
    """
    counts, since = _counts_by_site(session, now)
    sites = (
        select(
            Site.id,
            Site.public_id,
            Site.name,
            Site.kind,
            Commune.name.label("commune"),
            Commune.department_code,
            Department.name.label("department"),
        )
        .join(Commune, Commune.insee == Site.insee)
        .join(Department, Department.code == Commune.department_code)
        .order_by(Commune.search_name, Site.normalised_name, Site.id)
    )
    if department:
        sites = sites.where(Commune.department_code == department)
    return [
        SiteLine(
            id=row.id,
            public_id=row.public_id,
            name=row.name,
            kind=row.kind,
            commune=row.commune,
            department_code=row.department_code,
            department=row.department,
            counts=Counts(counts.get(row.id, {})),
            out_since=since.get(row.id),
        )
        for row in session.execute(sites)
    ]


def departments(session: Session) -> list[tuple[str, str]]:
    """List the departments that have a site, as (code, name)."""
    rows = session.execute(
        select(Department.code, Department.name)
        .where(
            select(Site.id)
            .join(Commune, Commune.insee == Site.insee)
            .where(Commune.department_code == Department.code)
            .exists()
        )
        .order_by(Department.code)
    )
    return [(code, name) for code, name in rows]


def by_department(lines: Iterable[SiteLine]) -> list[DepartmentLine]:
    """Sum the lines of sites by department, in the order of its code."""
    groups: defaultdict[tuple[str, str], list[SiteLine]] = defaultdict(list)
    for line in lines:
        groups[line.department_code, line.department].append(line)
    return [
        DepartmentLine(
            code,
            name,
            sites=len(group),
            troubled_sites=sum(1 for line in group if line.counts.troubled),
            counts=total_counts(group),
        )
        for (code, name), group in sorted(groups.items())
    ]


def total_counts(lines: Iterable[SiteLine]) -> Counts:
    """Sum the cameras of several sites by state."""
    total: defaultdict[Shown, int] = defaultdict(int)
    for line in lines:
        for state, count in line.counts.by_state.items():
            total[state] += count
    return Counts(dict(total))


def _counts_by_site(
    session: Session, now: datetime
) -> tuple[dict[int, dict[Shown, int]], dict[int, datetime]]:
    state = shown_state(now, dark_sites(session, at=now)).label("state")
    rows = session.execute(
        select(Camera.site_id, state, func.count(), func.min(Standing.since))
        .outerjoin(Standing, Standing.camera_id == Camera.id)
        .where(in_service(now))
        .group_by(Camera.site_id, state)
    )
    counts: defaultdict[int, dict[Shown, int]] = defaultdict(dict)
    since: dict[int, datetime] = {}
    for site_id, word, count, first in rows:
        state_of_row = Shown(word)
        counts[site_id][state_of_row] = count
        if state_of_row in OUT and first is not None:
            since[site_id] = min(first, since.get(site_id, first))
    return counts, since
