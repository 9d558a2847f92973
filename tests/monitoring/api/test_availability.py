"""Availabilities by the API, and the verdict on the contracts behind them."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete, event
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.clock import paris_day, paris_midnight
from registry.db import SessionFactory, session_scope
from registry.fleet.models import MaintenanceContract
from registry.monitoring.models import Interval, RollupSpan
from registry.monitoring.queries.rollups import REMOVED
from tests.factories import make_camera, make_grant
from tests.web.programs import MakeProgram, Program, errors
from tests.web.scenes import watch


def day_before(now: datetime) -> str:
    """Ask for the last 24 hours."""
    day = now - timedelta(days=1)
    return f"from={day:%Y-%m-%dT%H:%M:%SZ}&to={now:%Y-%m-%dT%H:%M:%SZ}"


def test_availability_is_served_for_all_that_has_one(
    api: Program, session: Session, now: datetime
) -> None:
    """With its seconds, ratios, bounds, coverage, changes, reasons, and by day."""
    grant = make_grant(session)
    camera = make_camera(session, grant=grant)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(hours=6))
    session.commit()
    window = day_before(now)

    paths = (
        f"cameras/{camera.id}",
        f"sites/{camera.site_id}",
        f"communes/{camera.site.insee}",
        f"grants/{grant.id}",
        f"campaigns/{grant.campaign_id}",
    )
    for path in paths:
        reply = api("GET", f"{path}/availability?{window}&group=day")
        found = reply.get_json()
        assert reply.status_code == 200, reply.text
        assert found["device_availability"]["percent"] == "75.0000"
        assert found["coverage"]["percent"] == "100.0000"
        assert found["seconds"]["down"] == 6 * 3_600
        assert found["transitions"] == 1
        assert [part["seconds"]["in_service"] for part in found["parts"]] == [11 * 3600, 13 * 3600]
        assert found["ledger"] == ("device" if path.startswith(("grants", "camp")) else "position")


def test_an_availability_that_cannot_be_is_refused(
    api: Program, session: Session, now: datetime, program: MakeProgram
) -> None:
    """An empty window, too many parts, nothing of that name, no right to read it."""
    camera = make_camera(session, grant=make_grant(session))
    session.commit()
    end = f"to={now:%Y-%m-%dT%H:%M:%SZ}"
    path = f"cameras/{camera.id}/availability"

    empty = api("GET", f"{path}?from={now:%Y-%m-%dT%H:%M:%SZ}&{end}")
    ages = api("GET", f"{path}?from=2000-01-01T00:00:00Z&{end}&group=day")
    absent = api("GET", f"sites/404/availability?from=2026-11-01T00:00:00Z&{end}")
    forbidden = program(("sites.read",))(
        "GET", f"grants/{camera.grant_id}/availability?from=2026-11-01T00:00:00Z&{end}"
    )

    assert [errors(each)[0]["field"] for each in (empty, ages)] == ["to", "group"]
    assert (absent.status_code, forbidden.status_code) == (404, 403)


def test_a_figure_is_of_one_moment(
    api: Program, session: Session, now: datetime, sessions: SessionFactory
) -> None:
    """What is committed between two of its statements is not in a part of it."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(hours=6))
    session.commit()
    path = f"cameras/{camera.id}/availability?{day_before(now)}&group=day"
    before = api("GET", path).get_json()
    engine = session.get_bind()
    removals: list[int] = []

    def remove(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "FROM rollup_spans" in statement and not removals:
            removals.append(1)
            with session_scope(sessions) as meanwhile:
                meanwhile.execute(delete(Interval))

    event.listen(engine, "after_cursor_execute", remove)
    during = api("GET", path).get_json()
    event.remove(engine, "after_cursor_execute", remove)

    assert removals
    assert during == before
    assert api("GET", path).get_json() != before


def test_a_contract_stands_beside_what_it_covers(
    api: Program, session: Session, now: datetime
) -> None:
    """The site, its camera and the contract itself tell target, floor, outcome and why."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(hours=6))
    contract = MaintenanceContract(
        reference="M-26",
        contractor="Lumières",
        starts_on=date(2026, 1, 1),
        target_availability=Decimal("0.99"),
        sites=[camera.site],
    )
    session.add(contract)
    session.commit()

    paths = (f"cameras/{camera.id}", f"sites/{camera.site_id}", f"contracts/{contract.id}")
    replies = [api("GET", f"{path}/availability?{day_before(now)}") for path in paths]
    elsewhere = api("GET", f"communes/{camera.site.insee}/availability?{day_before(now)}")

    for reply in replies:
        assert reply.status_code == 200, reply.text
        (account,) = reply.get_json()["contracts"]
        assert (account["reference"], account["outcome"]) == ("M-26", "not met")
        assert account["why"] == ["under_target"]
        assert (account["target"], account["coverage_floor"]) == ("99.00", "90.00")
        assert account["device_availability"]["percent"] == "75.0000"
        assert account["seconds"]["excluded"] == 0
    assert elsewhere.get_json()["contracts"] == []


def test_a_window_that_cuts_a_removed_day_is_refused_in_words(
    api: Program, session: Session, now: datetime
) -> None:
    """The field, what was asked for, and from when on it can be: no figure instead."""
    camera = make_camera(session)
    midnight = paris_midnight(paris_day(now))
    span = RollupSpan(name=REMOVED, starts_at=midnight - timedelta(days=9), ends_at=midnight)
    session.add(span)
    session.commit()

    reply = api("GET", f"cameras/{camera.id}/availability?{day_before(now)}")

    assert reply.status_code == 422
    (error,) = errors(reply)
    assert (error["code"], error["field"], error["value"]) == (
        "removed",
        "from",
        "2026-11-22T12:00:00Z",
    )
    assert "2026-11-23" in error["message"]
