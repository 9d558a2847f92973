"""Writes the families of sites: what is known now, the counters, the exact ratios."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy.orm import Session

from registry.monitoring.exposition.board import PLACES, Board, SiteCount
from registry.monitoring.exposition.text import BACKGROUND, Block, Family, block, escaped, labels
from registry.monitoring.models import SiteState
from registry.monitoring.queries.boards import SiteRow, site_seconds
from registry.monitoring.queries.rollups import site_windows
from registry.monitoring.rules import Shown
from registry.monitoring.uptime import Ratio, Span, Tally

SITES_PAGE = "sites"
WINDOWS: Mapping[str, int] = {"1d": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400}
HOUR = 3_600

SITE_UP = Family(
    "vigiparc_site_up",
    "gauge",
    "1 if any camera of the site is up, 0 if none is and one is down or unreachable, else"
    " absent. This is not the uptime: see vigiparc_site_availability_ratio. " + BACKGROUND,
)
SITE_INFO = Family(
    "vigiparc_site_info",
    "info",
    "Always 1: the commune and the kind of a site, to be joined on the label site.",
)
SITE_CAMERAS = Family(
    "vigiparc_site_cameras",
    "gauge",
    "Cameras in service at the site by what is known of them now; degraded means up with an"
    " issue. " + BACKGROUND,
)
SITE_ISSUES = Family(
    "vigiparc_site_issue_cameras",
    "gauge",
    "Degraded cameras of the site by issue; a camera may have several. Absent where there is"
    " none. " + BACKGROUND,
)
SITE_SECONDS = Family(
    "vigiparc_site_camera_state_seconds_total",
    "counter",
    "Camera-seconds at the site in each state, counted once they are settled; degraded counts"
    " as up. Corrections of the past show in the ratios, never here.",
)
SITE_AVAILABILITY = Family(
    "vigiparc_site_availability_ratio",
    "gauge",
    "The uptime: camera-seconds up divided by those up or down, exact, from the database. The"
    " window ends now and starts on a full hour; renewed every minute; absent where nothing"
    " was seen up or down.",
)
SITE_COVERAGE = Family(
    "vigiparc_site_coverage_ratio",
    "gauge",
    "Camera-seconds that were looked at divided by those in service and not planned, over the"
    " same windows as the availability.",
)
_UP = PLACES[Shown.UP], PLACES[Shown.DEGRADED]
_OUT = PLACES[Shown.DOWN], PLACES[Shown.UNREACHABLE]
_NOBODY = SiteCount()


def windows_until(at: datetime) -> dict[str, Span]:
    """
    Return the windows of the ratios: until now, each from a full hour on.

    The hour that runs is part of each, so a window is up to an hour longer than its
    name; a first answer shows at once.
    """
    now = int(at.timestamp())
    hour = now - now % HOUR
    return {name: Span(hour - length, now) for name, length in WINDOWS.items()}


@dataclass(slots=True)
class SiteWriter:
    """
    Writes the families of sites; keeps the ratios until they are due again.

    The board is judged for each page, the ratios are taken every `availability_seconds`.
    What says the same as on the page before is kept as it was compressed.
    """

    board: Board
    availability_seconds: float
    _sites: Sequence[SiteRow] = ()
    _infos: Sequence[Block] = ()
    _counts: Sequence[Block] = ()
    _counted: int = -1
    _cameras: Sequence[str] = ()
    _seconds: Sequence[str] = ()
    _ratios: Sequence[Block] = ()
    _tallied_at: datetime | None = None

    def __call__(self, session: Session, *, at: datetime) -> Iterator[Block]:
        """Write every line about sites, family by family."""
        self.board.refresh(session, at=at)
        counts = self.board.judge(session, at=at)
        sites = list(self.board.sites)
        if sites != self._sites:
            self._take_sites(sites)
        if self.board.changes != self._counted:
            self._counts, self._counted = self._count(counts), self.board.changes
        yield from self._counts[:1]
        yield from self._infos
        yield from self._counts[1:]
        yield block(SITE_SECONDS, _filled(self._seconds, sites, site_seconds(session)))
        if self._is_due(at):
            self._ratios = list(_ratio_blocks(session, sites, at=at))
            self._tallied_at = at
        yield from self._ratios

    def _take_sites(self, sites: Sequence[SiteRow]) -> None:
        """Write what depends on the sites alone."""
        self._sites, self._counted = sites, -1
        lines = (f"{SITE_INFO.name}{_labels(site)} 1\n" for site in sites)
        self._infos = [block(SITE_INFO, lines)]
        self._cameras = _forms(SITE_CAMERAS, sites, list(Shown))
        self._seconds = _forms(SITE_SECONDS, sites, list(SiteState))

    def _count(self, counts: Mapping[int, SiteCount]) -> list[Block]:
        """Write what is known of the cameras of each site now."""
        shown = {site_id: count.shown for site_id, count in counts.items()}
        return [
            block(SITE_UP, _up_lines(self._sites, counts)),
            block(SITE_CAMERAS, _filled(self._cameras, self._sites, shown)),
            block(SITE_ISSUES, _issue_lines(self._sites, counts)),
        ]

    def _is_due(self, at: datetime) -> bool:
        if self._tallied_at is None:
            return True
        return (at - self._tallied_at).total_seconds() >= self.availability_seconds


def _up_lines(sites: Sequence[SiteRow], counts: Mapping[int, SiteCount]) -> Iterator[str]:
    for site in sites:
        shown = counts.get(site.site_id, _NOBODY).shown
        if any(shown[place] for place in _UP):
            yield f'{SITE_UP.name}{{site="{escaped(site.public_id)}"}} 1\n'
        elif any(shown[place] for place in _OUT):
            yield f'{SITE_UP.name}{{site="{escaped(site.public_id)}"}} 0\n'


def _forms(family: Family, sites: Sequence[SiteRow], states: Sequence[str]) -> list[str]:
    """Write a line for every state of every site, with a gap for each number."""
    forms = []
    for site in sites:
        start = f'{family.name}{{site="{escaped(site.public_id)}",state="'.replace("%", "%%")
        forms.append("".join(f'{start}{state}"}} %d\n' for state in states))
    return forms


def _filled(
    forms: Sequence[str], sites: Sequence[SiteRow], numbers: Mapping[int, Sequence[int]]
) -> Iterator[str]:
    """Fill the numbers of each site in, zeros included: an absent series is no zero."""
    for form, site in zip(forms, sites, strict=True):
        found = numbers.get(site.site_id)
        yield form % (tuple(found) if found else (0,) * form.count("%d"))


def _issue_lines(sites: Sequence[SiteRow], counts: Mapping[int, SiteCount]) -> Iterator[str]:
    for site in sites:
        for issue, number in sorted(counts.get(site.site_id, _NOBODY).issues.items()):
            yield f"{SITE_ISSUES.name}{labels(issue=issue, site=site.public_id)} {number}\n"


def _ratio_blocks(session: Session, sites: Sequence[SiteRow], *, at: datetime) -> Iterator[Block]:
    tallies = site_windows(session, list(windows_until(at).values()))
    for family, ratio in (
        (SITE_AVAILABILITY, attrgetter("device_availability")),
        (SITE_COVERAGE, attrgetter("coverage")),
    ):
        yield block(family, _ratio_lines(family, sites, tallies, ratio))


def _ratio_lines(
    family: Family,
    sites: Sequence[SiteRow],
    tallies: Mapping[int, Iterable[Tally]],
    ratio: Callable[[Tally], Ratio],
) -> Iterator[str]:
    """Write a ratio of every site where it is defined."""
    suffixes = [f'",window="{name}"}} ' for name in WINDOWS]
    for site in sites:
        start = f'{family.name}{{site="{escaped(site.public_id)}'
        for tally, suffix in zip(tallies.get(site.site_id, ()), suffixes, strict=False):
            found = ratio(tally)
            if found.reason is None:
                yield f"{start}{suffix}{found.part / found.whole!r}\n"


def _labels(site: SiteRow) -> str:
    return labels(
        commune=site.commune,
        department=site.department,
        insee=site.insee,
        kind=site.kind,
        site=site.public_id,
    )
