"""Outages by root, against contracts, and in a fixed number of statements."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health
from registry.errors import NotFound
from registry.fleet.models import Camera, ContractCalendar, MaintenanceContract, Site
from registry.monitoring.models import Outage
from registry.monitoring.queries import outages as queries
from registry.monitoring.queries.outages import Filter
from registry.monitoring.rules.outages import Exclusion, Repair, Root
from registry.monitoring.service import lapse_silent, record
from registry.monitoring.service.outages import judge
from tests import factories
from tests.monitoring.telling import NOON, at_minute, told
from tests.web.visitors import counted_selects

EVERYTHING = Filter(since=NOON - timedelta(days=30))


def fall(session: Session, *cameras: Camera, until: int | None = None) -> None:
    """Let cameras fall a minute after noon, and come back at a minute."""
    for camera in cameras:
        verdicts = [told(camera.id, 0), told(camera.id, 1, Health.DOWN)]
        verdicts += [told(camera.id, each, Health.DOWN) for each in range(2, until or 2)]
        if until is not None:
            verdicts.append(told(camera.id, until))
        record(session, verdicts, patience=1)


def site_with(session: Session, count: int, *, zone: str = "local") -> list[Camera]:
    """Add a site with some cameras."""
    site = factories.make_site(session)
    site.zone = zone
    return [factories.make_camera(session, site=site) for _ in range(count)]


def contract(session: Session, site: Site, *, gtr_hours: int | None = 4) -> MaintenanceContract:
    """Add a contract that covers a site around the clock for a year."""
    added = MaintenanceContract(
        reference=f"M-{site.id}",
        contractor="Entreprise d'essai",
        gtr_hours=gtr_hours,
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 1, 1),
        sites=[site],
    )
    session.add(added)
    session.flush()
    return added


def test_what_is_out_is_grouped_by_its_root(session: Session) -> None:
    """A silent zone, a dark site and a lone camera, the widest first."""
    coast = [site_with(session, 2, zone="coast") for _ in range(2)]
    dark, lone = site_with(session, 3), site_with(session, 2)
    fall(session, *coast[0], *coast[1], *dark, lone[0])
    record(session, [told(lone[1].id, 0)], patience=1)

    lines = queries.open_incidents(session, at=at_minute(2))

    assert [(line.incident.root, len(line.incident.fallen)) for line in lines] == [
        (Root.ZONE_SILENT, 4),
        (Root.SITE_DARK, 3),
        (Root.CAMERA, 1),
    ]
    places = [line.site.id if line.site else None for line in lines]
    assert places == [None, dark[0].site_id, lone[0].site_id]


def test_the_sites_that_are_still_out_are_found_by_zone(session: Session) -> None:
    """A zone came back but for one site; another zone is nobody's question."""
    back, out = (site_with(session, 2, zone="coast") for _ in range(2))
    elsewhere = site_with(session, 1, zone="inland")
    fall(session, *back, until=2)
    fall(session, *out, *elsewhere)

    found = queries.sites_out(session, {"coast"}, at=at_minute(2))

    assert [site.id for site in found] == [out[0].site_id]
    assert queries.sites_out(session, set(), at=at_minute(2)) == []


def test_credentials_changed_on_a_whole_site_are_one_root(session: Session) -> None:
    """All answer, all refuse: nobody fell, and yet somebody must go and see."""
    cameras = site_with(session, 2)
    for camera in cameras:
        refused = told(camera.id, 0, authentication=Authentication.FAILED)
        record(session, [refused], patience=1)

    (line,) = queries.open_incidents(session, at=at_minute(1))

    assert (line.incident.root, line.incident.fallen) == (Root.CREDENTIALS_CHANGED, ())


def test_a_retired_camera_is_no_incident(session: Session) -> None:
    """Its outage lies in the past of the position."""
    (camera,) = site_with(session, 1)
    fall(session, camera)
    camera.retired_on = NOON.date()
    session.flush()

    assert queries.open_incidents(session, at=at_minute(2)) == []


def test_an_outage_stands_against_the_contract_of_its_day(session: Session) -> None:
    """Four hours around the clock, kept when it came back in time."""
    (camera,) = site_with(session, 1)
    held = contract(session, camera.site)
    fall(session, camera, until=10)

    (line,) = queries.outage_page(session, EVERYTHING, at=at_minute(20), offset=0, limit=10)

    assert line.contract is held
    assert line.due_at == at_minute(1) + timedelta(hours=4)
    assert (line.repair, line.last_verdict_at) == (Repair.KEPT, at_minute(10))


def test_business_hours_come_from_the_contract(session: Session) -> None:
    """Noon UTC is one o'clock in Paris: the lunch break does not run."""
    (camera,) = site_with(session, 1)
    held = contract(session, camera.site, gtr_hours=1)
    held.calendar = ContractCalendar.BUSINESS_HOURS
    held.business_hours = "mon-fri 08:00-12:00,14:00-18:00"
    fall(session, camera)

    (line,) = queries.outage_page(session, EVERYTHING, at=at_minute(70), offset=0, limit=10)

    assert line.due_at == at_minute(120)
    assert (line.repair, line.last_verdict_at) == (Repair.RUNNING, at_minute(1))


@pytest.mark.parametrize(
    ("gtr_hours", "starts_on", "repair"),
    [
        (None, date(2026, 1, 1), Repair.NO_CONTRACT),
        (4, date(2026, 11, 24), Repair.NO_CONTRACT),
        (4, date(2026, 11, 23), Repair.LATE),
    ],
)
def test_only_a_contract_that_covers_the_day_guarantees_a_repair(
    session: Session, gtr_hours: int | None, starts_on: date, repair: Repair
) -> None:
    """One without a guarantee, or that begins a day later, promises nothing."""
    (camera,) = site_with(session, 1)
    contract(session, camera.site, gtr_hours=gtr_hours).starts_on = starts_on
    fall(session, camera)

    (line,) = queries.outage_page(session, EVERYTHING, at=at_minute(600), offset=0, limit=10)

    assert line.repair is repair


def test_a_list_is_filtered_and_summed_up(session: Session) -> None:
    """Those that last, those that do not count; the mean is of those that ended."""
    cameras = site_with(session, 3)
    fall(session, cameras[0], until=5)
    fall(session, cameras[1], until=8)
    fall(session, cameras[2])
    first = session.query(Outage).filter_by(camera_id=cameras[0].id).one()
    judge(
        session,
        first.id,
        excluded_for=Exclusion.POWER,
        reason="EDF",
        actor="user:1",
        at=at_minute(9),
    )

    def listed(*, lasting: bool = False, excluded: bool | None = None) -> list[int | None]:
        found = Filter(since=EVERYTHING.since, lasting=lasting, excluded=excluded)
        lines = queries.outage_page(session, found, at=at_minute(9), offset=0, limit=10)
        assert queries.outage_account(session, found).total == len(lines)
        return [line.outage.camera_id for line in lines]

    assert listed() == [cameras[2].id, cameras[1].id, cameras[0].id]
    assert listed(lasting=True) == [cameras[2].id]
    assert listed(excluded=True) == [cameras[0].id]
    assert listed(excluded=False) == [cameras[2].id, cameras[1].id]
    account = queries.outage_account(session, EVERYTHING)
    assert (account.repaired, account.mean_time_to_repair) == (2, timedelta(seconds=330))
    nowhere = Filter(since=EVERYTHING.since, department="62")
    assert queries.outage_account(session, nowhere).mean_time_to_repair is None


def test_an_outage_that_ended_in_the_dark_was_repaired_by_nobody(session: Session) -> None:
    """It is in no mean time to repair, and keeps no promise; the one that was seen is."""
    seen, dark = site_with(session, 2)
    contract(session, seen.site)
    fall(session, seen, until=5)
    fall(session, dark)
    lapse_silent(session, at=at_minute(30))

    lines = queries.outage_page(session, EVERYTHING, at=at_minute(40), offset=0, limit=10)
    account = queries.outage_account(session, EVERYTHING)

    assert {line.outage.camera_id: line.repair for line in lines} == {
        seen.id: Repair.KEPT,
        dark.id: Repair.UNSEEN,
    }
    assert (account.total, account.repaired) == (2, 1)
    assert account.mean_time_to_repair == timedelta(minutes=4)


def test_an_outage_that_is_not_there_is_not_found(session: Session) -> None:
    """The number is named."""
    with pytest.raises(NotFound, match="outage 7"):
        queries.outage_line(session, 7, at=NOON)


@pytest.mark.parametrize("size", [1, 30])
def test_the_page_costs_no_more_statements_for_more_outages(
    engine: Engine, session: Session, size: int
) -> None:
    """Thirty outages on thirty sites are read as quickly as one."""
    for _ in range(size):
        (camera,) = site_with(session, 1)
        contract(session, camera.site)
        fall(session, camera)
    session.commit()
    session.expire_all()

    with counted_selects(engine) as statements:
        queries.open_incidents(session, at=at_minute(2))
        queries.outage_account(session, EVERYTHING)
        queries.outage_page(session, EVERYTHING, at=at_minute(2), offset=0, limit=50)

    assert len([each for each in statements if each.startswith("SELECT")]) == 7
