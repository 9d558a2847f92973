"""What the page of one site shows: its cameras, their past day and month, its outages."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from probes.verdict import Health, Verdict
from registry.errors import NotFound
from registry.fleet.models import Camera, Device, Site
from registry.funding.models import Grant
from registry.monitoring.models import Outage, ProbeRequest, Standing
from registry.monitoring.queries.pages import Counts
from registry.monitoring.queries.planned import dark_sites
from registry.monitoring.queries.standings import in_service, shown_state
from registry.monitoring.queries.strips import DAY, MONTH, Past, Strip, draw, pasts, span_before
from registry.monitoring.rules import Shown
from registry.territory.models import Commune

OUTAGES_SHOWN = 30
WISHES_SHOWN = timedelta(hours=1)
NOT_IN_SERVICE = "not_in_service"
Row = tuple[Camera, Standing | None, Device | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class CameraLine:
    """
    One camera of a site, with what was last known of it.

    `state` is a word of `rules.Shown`, or `not_in_service`; `since` is when it began,
    None where nobody wrote that down.
    """

    camera: Camera
    standing: Standing | None
    device: Device | None
    file_number: str | None
    state: str
    since: datetime | None
    past: Past
    now: datetime
    request: ProbeRequest | None

    @property
    def day(self) -> Strip:
        """Its last 24 hours, drawn when asked for: of many cameras a page shows some."""
        return draw([self.past], now=self.now, scale=DAY)

    @property
    def issues(self) -> tuple[str, ...]:
        """The codes of what needs attention."""
        text = self.standing.issues if self.standing else ""
        return tuple(text.split(",")) if text else ()

    @property
    def calm(self) -> bool:
        """Tell whether there is nothing to say of this camera but that it is up."""
        return self.state == Shown.UP and self.request is None

    @property
    def lapsed(self) -> bool:
        """Tell whether its last verdict said something, but was not renewed in time."""
        known = self.standing is not None and self.standing.health != Health.UNKNOWN
        return known and self.state == Shown.UNKNOWN

    @property
    def waiting(self) -> bool:
        """Tell whether somebody asked for a probe that has not been answered yet."""
        return self.request is not None and self.request.answered_at is None

    @property
    def answer(self) -> Verdict | None:
        """What the last probe that somebody asked for has found."""
        held = self.request.verdict if self.request else None
        return Verdict.from_dict(held) if held else None


@dataclass(frozen=True, slots=True)
class SitePage:
    """Everything that the page of one site shows."""

    site: Site
    cameras: tuple[CameraLine, ...]
    counts: Counts
    day: Strip | None
    month: Strip | None
    outages: tuple[Outage, ...]

    @property
    def oldest(self) -> datetime | None:
        """The start of the oldest outage that lasts."""
        return min((each.started_at for each in self.outages if not each.ended_at), default=None)


def site_page(session: Session, public_id: str, *, now: datetime) -> SitePage:
    """
    Read a site with a fixed number of SELECTs, however many cameras it has.

    Raises:
        NotFound: No site has this public identifier.
    """
    site = site_by_public_id(session, public_id)
    here = Camera.site_id == site.id
    rows = camera_rows(session, here, now)
    window = span_before(now, MONTH.length)
    group = pasts(session, site.id, [row[0].id for row in rows], window)
    requests = last_requests(session, here, now - WISHES_SHOWN)
    lines = tuple(
        camera_line(row, past, requests, now=now) for row, past in zip(rows, group, strict=True)
    )
    return SitePage(
        site,
        lines,
        _counts(lines),
        day=draw(group, now=now, scale=DAY) if group else None,
        month=draw(group, now=now, scale=MONTH) if group else None,
        outages=last_outages(session, Outage.site_id == site.id, now - MONTH.length),
    )


def site_by_public_id(session: Session, public_id: str) -> Site:
    """
    Return a site with its commune and department.

    Raises:
        NotFound: No site has this public identifier.
    """
    site = session.scalar(
        select(Site)
        .filter_by(public_id=public_id)
        .options(joinedload(Site.commune).joinedload(Commune.department))
    )
    if site is None:
        raise NotFound(f"no site {public_id}")
    return site


def cameras_of(session: Session, site_id: int) -> list[tuple[int, str]]:
    """Return the cameras of a site by number and label, in the order of their labels."""
    rows = session.execute(select(Camera.id, Camera.label).where(Camera.site_id == site_id))
    return sorted(((number, label) for number, label in rows), key=lambda row: natural(row[1]))


def cameras_to_probe(
    session: Session, site_id: int, *, only: int | None, now: datetime
) -> list[int]:
    """Return the cameras of a site that are in service, or the one that is asked for."""
    chosen = in_service(now) if only is None else Camera.id == only
    return list(session.scalars(select(Camera.id).where(Camera.site_id == site_id, chosen)))


def camera_line(
    row: Row, past: Past, requests: Mapping[int, ProbeRequest], *, now: datetime
) -> CameraLine:
    """Put together what is known of one camera."""
    camera, standing, device, file_number, word = row
    return CameraLine(
        camera,
        standing,
        device,
        file_number,
        state=word or NOT_IN_SERVICE,
        since=_since(standing, word),
        past=past,
        now=now,
        request=requests.get(camera.id),
    )


def camera_rows(session: Session, chosen: ColumnElement[bool], now: datetime) -> list[Row]:
    """Return the chosen cameras with what is known of them, in the order of their labels."""
    found = session.execute(
        select(
            Camera,
            Standing,
            Device,
            Grant.file_number,
            # Null for a camera that is not in service: the case has no else.
            case((in_service(now), shown_state(now, dark_sites(session, at=now)))),
        )
        .outerjoin(Standing, Standing.camera_id == Camera.id)
        .outerjoin(Device, and_(Device.camera_id == Camera.id, Device.removed_at.is_(None)))
        .outerjoin(Grant, Grant.id == Camera.grant_id)
        .where(chosen)
    )
    return sorted(found, key=lambda row: natural(row[0].label))


def natural(label: str) -> list[tuple[int, str]]:
    """Give what sorts `CAM-2` before `CAM-10`, as people count."""
    parts = re.split(r"(\d+)", label.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _since(standing: Standing | None, word: str | None) -> datetime | None:
    if standing is None or word in {None, Shown.MAINTENANCE}:
        return None
    if word == Shown.DEGRADED:
        # The standing dates its health, and of its issues another unit alone.
        return standing.mismatch_since if "identity_mismatch" in standing.issues else None
    if word == Shown.UNKNOWN and standing.health != word:
        return standing.last_at + timedelta(seconds=standing.hold_seconds)
    return standing.since


def _counts(lines: tuple[CameraLine, ...]) -> Counts:
    words = Counter(line.state for line in lines if line.state != NOT_IN_SERVICE)
    return Counts({Shown(word): count for word, count in words.items()})


def last_requests(
    session: Session, chosen: ColumnElement[bool], since: datetime
) -> dict[int, ProbeRequest]:
    """Return the last probe that somebody asked for, of each of the chosen cameras."""
    last = (
        select(func.max(ProbeRequest.id))
        .join(Camera, Camera.id == ProbeRequest.camera_id)
        .where(chosen, ProbeRequest.requested_at >= since)
        .group_by(ProbeRequest.camera_id)
    )
    found = session.scalars(select(ProbeRequest).where(ProbeRequest.id.in_(last)))
    return {request.camera_id: request for request in found}


def last_outages(
    session: Session, chosen: ColumnElement[bool], since: datetime
) -> tuple[Outage, ...]:
    """Return the chosen outages: those that last, then the newest."""
    found = session.scalars(
        select(Outage)
        .options(joinedload(Outage.camera))
        .where(
            chosen,
            or_(Outage.ended_at.is_(None), Outage.ended_at > since),
        )
        .order_by(Outage.ended_at.is_not(None), Outage.started_at.desc(), Outage.id)
        .limit(OUTAGES_SHOWN)
    )
    return tuple(found)
