"""A register that holds something of every kind, awkward values included."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from registry.fleet.models import (
    Camera,
    CameraClass,
    CameraType,
    Land,
    Mount,
    Scheme,
    SiteKind,
)
from registry.fleet.service import (
    create_authorisation,
    create_contract,
    create_site,
    mount_device,
    replace_device,
    set_power_hours,
)
from registry.funding.models import Funder, LineState
from registry.funding.service import LineValues, declare_paid, save_line
from registry.signature import Signature
from tests.conftest import NOON
from tests.factories import make_camera, make_commune, make_grant

AUTHOR = Signature("user:1", NOON, "relevé")


def fill(session: Session) -> Camera:
    """Write one of everything, with names that spreadsheets would take for formulas."""
    make_commune(session)
    grant = make_grant(session, file_number="23-1", cameras_funded=2)
    grant.project_cents, grant.eligible_cents, grant.rate = 9_000_001, 7_200_050, Decimal("0.3")
    grant.purpose = "=1+1"
    line = LineValues(
        funder=Funder.DETR, state=LineState.GRANTED, granted_cents=100_001, reference="+33"
    )
    signed = Signature(actor="user:1", at=NOON, reason="x")
    save_line(session, grant, line, signed=signed)
    declare_paid(grant, 1_000_050)
    site = create_site(
        session,
        {"insee": "59054", "kind": "station", "name": "Gare <b>d'à côté</b>", "owner": "'=SNCF"},
        signed=AUTHOR,
    )
    set_power_hours(session, site, "mon-sun 20:00-06:00", from_on=date(2026, 1, 1), signed=AUTHOR)
    camera = make_camera(session, site=site, grant=grant, host="10.0.0.1", serial="")
    camera.camera_class, camera.camera_type = CameraClass.EXTERIOR, CameraType.DOME
    camera.mount, camera.land, camera.purpose = Mount.LAMP_POST, Land.PUBLIC, "@parvis"
    camera.scheme, camera.rtsp_port = Scheme.HTTPS, 554
    camera.retired_on, camera.retirement_reason = date(2026, 12, 1), "démolition"
    mount_device(
        session,
        camera,
        {"serial": "-0042", "mac": "00:1A:2B:3C:4D:5E", "mounted_at": NOON - timedelta(days=9)},
        signed=AUTHOR,
    )
    replace_device(
        session,
        camera,
        {
            "serial": "B2",
            "mounted_at": NOON - timedelta(seconds=1, microseconds=5),
            "replacement_reason": "foudre",
            "paper": "BI 12",
        },
        signed=AUTHOR,
    )
    _cover(session, site.public_id)
    assert site.kind is SiteKind.STATION
    session.commit()
    return camera


def _cover(session: Session, public_id: str) -> None:
    """Add a contract and an authorisation for a site."""
    create_contract(
        session,
        {
            "reference": "M-1", "contractor": "Nordmaint", "gti_hours": 4,
            "calendar": "business_hours", "business_hours": "mon-fri 08:00-18:00",
            "target_availability": "98,75 %", "exclusions": "vandalism power",
            "starts_on": "2026-01-01", "sites": public_id,
        },
        signed=AUTHOR,
    )  # fmt: skip
    create_authorisation(
        session,
        {
            "department_code": "59", "act_number": "2026-01-05-00023", "decided_on": "2026-01-05",
            "expires_on": "2031-01-05", "public_road_cameras": 4, "retention_days": 30,
            "purposes": "assaults traffic", "sites": public_id,
        },
        signed=AUTHOR,
    )  # fmt: skip
