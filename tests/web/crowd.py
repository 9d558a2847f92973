"""A register of any size, written in bulk: what a page costs must not depend on it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Reason
from registry import journal
from registry.bulk import add_rows
from registry.db import Base
from registry.fleet.models import Authorisation, Camera, Device, MaintenanceContract, Site
from registry.funding.models import Beneficiary, FundingLine, Grant, Payment
from registry.monitoring.models import Interval, Outage, Standing
from tests.factories import make_campaign, make_commune

PAST = timedelta(days=30)
DAY = date(2024, 3, 1)
# The largest site and grant of a region: what is read of a page's cameras, 5,000 at a
# time, is one statement up to there.
LARGEST = 1_000
# So many are dark now, whatever the size: a page of outages begins with those that last.
DARK = 10
UP: Mapping[str, object] = {"health": Health.UP, "reason": None}


class Scale(NamedTuple):
    """How many there are of what there is most of."""

    sites: int
    grants: int
    cameras: int


TEN = Scale(10, 10, 10)


def crowd(session: Session, scale: Scale, *, now: datetime) -> None:
    """Bring an empty register to a size, or one that this has filled to a larger one."""
    make_commune(session)
    campaign = make_campaign(session).id
    grants = _missing(session, Grant, scale.grants)
    sites = _missing(session, Site, scale.sites)
    cameras = _missing(session, Camera, scale.cameras)
    for model, numbers, row in (
        (Beneficiary, grants, _beneficiary),
        (Grant, grants, lambda n: _grant(n, campaign)),
        (FundingLine, grants, _line),
        (Payment, grants, _payment),
        (Site, sites, _site),
        (MaintenanceContract, sites, _contract),
        (Authorisation, sites, _order),
        (Camera, cameras, lambda n: _camera(n, scale, now)),
        (Device, cameras, lambda n: _device(n, now)),
        (Standing, cameras, lambda n: _standing(n, now)),
        (Interval, cameras, lambda n: _interval(n, now)),
        (Outage, cameras, lambda n: _outage(n, scale, now)),
    ):
        add_rows(session, model, [row(number) for number in numbers])
    changes = [journal.Change("sites.create", f"site:59054-{n:05d}", after={"n": n}) for n in sites]
    journal.append(session, changes, actor="crowd", at=now)
    session.commit()


def _missing(session: Session, model: type[Base], wanted: int) -> range:
    there = session.scalar(select(func.count()).select_from(model)) or 0
    return range(there + 1, wanted + 1)


def _place(number: int, scale: Scale) -> int:
    """Put every tenth camera at the first site, whose page is a list too, up to the largest."""
    return 1 if _crowded(number) else 1 + number % scale.sites


def _crowded(number: int) -> bool:
    return number % 10 == 0 and number <= 10 * LARGEST


def _beneficiary(n: int) -> Mapping[str, object]:
    return {"id": n, "kind": "commune", "name": f"Ville {n}", "normalised_name": f"ville {n}"}


def _grant(n: int, campaign: int) -> Mapping[str, object]:
    start = {"id": n, "file_number": f"23-{n:05d}", "campaign_id": campaign, "beneficiary_id": n}
    return {**start, "voted_cents": 100_000, "cameras_funded": 3, "decided_on": DAY}


def _line(n: int) -> Mapping[str, object]:
    return {"id": n, "grant_id": n, "funder": "detr", "asked_cents": 10_000, "asked_on": DAY}


def _payment(n: int) -> Mapping[str, object]:
    return {"id": n, "grant_id": n, "kind": "declared", "rank": 1, "paid_cents": 10_000}


def _site(n: int) -> Mapping[str, object]:
    named = {"name": f"Place {n}", "normalised_name": f"place {n}"}
    return {"id": n, "public_id": f"59054-{n:05d}", "insee": "59054", "kind": "commune", **named}


def _contract(n: int) -> Mapping[str, object]:
    return {"id": n, "reference": f"M-{n}", "contractor": "Nordmaint", "starts_on": DAY}


def _order(n: int) -> Mapping[str, object]:
    known = {"id": n, "department_code": "59", "act_number": f"A-{n}", "decided_on": DAY}
    return {**known, "expires_on": date(2028, 12, 31)}


def _camera(n: int, scale: Scale, now: datetime) -> Mapping[str, object]:
    grant = 1 if _crowded(n) else 1 + n % scale.grants
    known = {"id": n, "site_id": _place(n, scale), "grant_id": grant, "label": f"CAM-{n}"}
    return {**known, "commissioned_on": DAY, "host": "127.0.0.1", "changed_at": now}


def _device(n: int, now: datetime) -> Mapping[str, object]:
    serial = {"serial": f"SN{n}", "normalised_serial": f"SN{n}"}
    return {"id": n, "camera_id": n, "mounted_at": now - PAST, **serial}


def _health(n: int) -> Mapping[str, object]:
    return {"health": Health.DOWN, "reason": Reason.CONNECT_REFUSED} if n <= DARK else UP


def _standing(n: int, now: datetime) -> Mapping[str, object]:
    held = {"hold_seconds": 300, "held_until": now + timedelta(minutes=5), "settled_until": now}
    known = {"camera_id": n, "began_at": now - PAST, "since": now - PAST, **_health(n)}
    reason = {"reachable": n > DARK, "last_at": now}
    known |= {"authentication": Authentication.VERIFIED}
    return {**known, **reason, **held, "last_up_at": now - PAST, "identified_at": now - PAST}


def _interval(n: int, now: datetime) -> Mapping[str, object]:
    return {"id": n, "camera_id": n, "started_at": now - PAST, **_health(n)}


def _outage(n: int, scale: Scale, now: datetime) -> Mapping[str, object]:
    known = {"id": n, "camera_id": n, "site_id": _place(n, scale), "started_at": now - PAST}
    ended = None if n <= DARK else now - PAST + timedelta(hours=1)
    return {**known, "health": Health.DOWN, "reason": Reason.CONNECT_REFUSED, "ended_at": ended}
