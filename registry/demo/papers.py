"""The prefectoral orders of the demonstration: most sites are covered, two are not."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.models import Authorisation, AuthorisationKind, Camera, CameraClass, Site

# Where the audit has something to show: the first site whose order has run out, and
# the first that never had one.
EXPIRED, MISSING = 3, 6
FIVE_YEARS = timedelta(days=5 * 365)


def authorise_sites(session: Session, today: date) -> int:
    """
    Give each site an order that counts its cameras, but for two; return how many.

    The numbers are plainly invented, and every order is two years old but the one
    that expired a month ago.
    """
    counts: dict[int, Counter[CameraClass]] = {}
    for site_id, kind in session.execute(select(Camera.site_id, Camera.camera_class)):
        counts.setdefault(site_id, Counter())[kind] += 1
    sites = session.scalars(select(Site).where(Site.id.in_(counts)).order_by(Site.public_id))
    orders = list(_orders(sites.all(), counts, today))
    session.add_all(orders)
    session.flush()
    return len(orders)


def _orders(
    sites: Sequence[Site], counts: dict[int, Counter[CameraClass]], today: date
) -> Iterator[Authorisation]:
    for place, site in enumerate(sites):
        if place == MISSING:
            continue
        expires_on = today + timedelta(days=3 * 365)
        if place == EXPIRED:
            expires_on = today - timedelta(days=30)
        count = counts[site.id]
        yield Authorisation(
            department_code=site.insee[:2],
            act_number=f"DEMO-{place + 1:04d}",
            kind=AuthorisationKind.PERMANENT,
            decided_on=expires_on - FIVE_YEARS,
            expires_on=expires_on,
            public_road_cameras=count[CameraClass.PUBLIC_ROAD],
            exterior_cameras=count[CameraClass.EXTERIOR],
            interior_cameras=count[CameraClass.INTERIOR],
            retention_days=15,
            sites=[site],
        )
