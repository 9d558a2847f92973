"""Standings, outages and maintenance windows by the API."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from probes.verdict import Health
from tests.factories import make_camera, make_site
from tests.web.programs import MakeProgram, Program, errors, items
from tests.web.scenes import watch


def test_a_standing_says_until_when_it_is_vouched_for(
    api: Program, session: Session, now: datetime
) -> None:
    """Whoever reads it can tell a state from the memory of one."""
    watch(session, make_camera(session), Health.DOWN, now=now)
    watch(session, make_camera(session), now=now)
    session.commit()

    (down,) = items(api("GET", "standings?health=down"))

    assert (down["health"], down["reason"]) == ("down", "connect_refused")
    assert down["held_until"] == (now + timedelta(minutes=5)).isoformat().replace("+00:00", "Z")


def test_an_outage_is_acknowledged_once(
    api: Program, session: Session, now: datetime, program: MakeProgram
) -> None:
    """The second is told that somebody takes care of it; a reader may not."""
    watch(session, make_camera(session), Health.DOWN, now=now)
    session.commit()
    (outage,) = items(api("GET", "outages?ended_at_null=true"))
    path, etag = f"outages/{outage['id']}", f'"{outage["etag"]}"'

    reader = program(("sites.read",))("PATCH", path, {"note": "x"}, If_Match=etag)
    first = api("PATCH", path, {"note": "Passage demain"}, If_Match=etag)
    second = api("PATCH", path, {"note": "Moi"}, If_Match=first.headers["ETag"])

    assert (reader.status_code, first.status_code, second.status_code) == (403, 200, 409)
    assert first.get_json()["acknowledged_by"] == "token:1"


def test_planned_time_is_entered(api: Program, session: Session) -> None:
    """At a site that is there, in an order that can be."""
    site = make_site(session)
    session.commit()
    hours = {"starts_at": "2026-12-01T08:00:00Z", "ends_at": "2026-12-01T12:00:00Z"}
    body = {"site": site.public_id, **hours, "reason": "Travaux"}

    entered = api("POST", "maintenance-windows", body)
    nowhere = api("POST", "maintenance-windows", {**body, "site": "59054-99"})
    elsewhere = api("POST", "maintenance-windows", {**body, "camera_id": 404})
    backwards = api("POST", "maintenance-windows", {**body, "ends_at": hours["starts_at"]})

    assert entered.status_code == 201, entered.text
    assert [errors(each)[0]["field"] for each in (nowhere, elsewhere, backwards)] == [
        "site", "camera_id", "ends_at",
    ]  # fmt: skip


def test_planned_time_is_changed_and_cancelled_with_a_reason(
    api: Program, session: Session, program: MakeProgram
) -> None:
    """Not without one, not by a reader, and not once it is cancelled."""
    site = make_site(session)
    session.commit()
    hours = {"starts_at": "2026-12-01T08:00:00Z", "ends_at": "2026-12-01T12:00:00Z"}
    made = api("POST", "maintenance-windows", {"site": site.public_id, **hours, "reason": "Mât"})
    path, etag = f"maintenance-windows/{made.get_json()['id']}", f'"{made.get_json()["etag"]}"'
    later = {"ends_at": "2026-12-01T14:00:00Z"}

    reader = program(("sites.read",))("PATCH", path, {**later, "why": "x"}, If_Match=etag)
    silent = api("PATCH", path, later, If_Match=etag)
    changed = api("PATCH", path, {**later, "why": "Nacelle en retard"}, If_Match=etag)
    gone = {"cancelled": True, "why": "Reporté"}
    cancelled = api("PATCH", path, gone, If_Match=changed.headers["ETag"])
    again = api("PATCH", path, gone, If_Match=cancelled.headers["ETag"])

    assert [each.status_code for each in (reader, silent, changed, cancelled, again)] == [
        403, 422, 200, 200, 409,
    ]  # fmt: skip
    assert changed.get_json()["ends_at"] == later["ends_at"]
    assert cancelled.get_json()["cancelled_by"] == "token:1"
