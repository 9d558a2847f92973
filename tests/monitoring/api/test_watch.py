"""Standings, outages and maintenance windows by the API."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.monitoring.rules.outages import Exclusion
from registry.monitoring.service.outages import comment, judge, set_ticket
from tests.factories import make_camera, make_papers, make_site
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


def test_an_outage_tells_how_it_stands_against_its_contract(
    api: Program, session: Session, now: datetime, program: MakeProgram
) -> None:
    """Cause, ticket, comments, judgement, until when it is due, and whether that was kept."""
    camera, elsewhere = make_camera(session), make_camera(session)
    for each in (camera, elsewhere):
        watch(session, each, Health.DOWN, now=now)
    contract, _order = make_papers(session, camera.site)
    contract.gtr_hours = 1
    session.commit()
    (row,) = items(api("GET", f"outages?camera_id={camera.id}"))
    signed: dict[str, Any] = {"actor": "user:1", "at": now}
    comment(session, row["id"], text="Nacelle demain", **signed)
    set_ticket(session, row["id"], ticket="T-7", **signed)
    session.commit()
    before = api("GET", f"outages/{row['id']}/repair").get_json()
    judge(session, row["id"], excluded_for=Exclusion.POWER, reason="Enedis", **signed)
    session.commit()

    after = api("GET", f"outages/{row['id']}/repair").get_json()
    (other,) = items(api("GET", f"outages?camera_id={elsewhere.id}"))
    told = api("GET", f"outages/{row['id']}").get_json()

    assert before == {
        "cause": "device",
        "last_verdict_at": "2026-11-23T12:00:00Z",
        "contract": contract.reference,
        "contractor": contract.contractor,
        "due_at": "2026-11-23T11:00:00Z",
        "repair": "late",
        "comments": [
            {"author": "user:1", "written_at": "2026-11-23T12:00:00Z", "text": "Nacelle demain"}
        ],
    }
    assert after["repair"] == "excluded"
    assert api("GET", f"outages/{other['id']}/repair").get_json()["repair"] == "no_contract"
    assert (told["ticket"], told["excluded_for"], told["judgement"], told["judged_by"]) == (
        "T-7", "power", "Enedis", "user:1",
    )  # fmt: skip
    nowhere = program(("sites.read",), territory=("department:62",))
    assert nowhere("GET", f"outages/{row['id']}/repair").status_code == 404


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
