"""Contracts are judged on seconds, and not at all without evidence."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.errors import NotFound
from registry.fleet.models import Camera, MaintenanceContract, Site
from registry.monitoring.models import Outage, RollupSpan
from registry.monitoring.queries.availability import Subject, availability
from registry.monitoring.queries.contracts import (
    ContractAccount,
    Judgement,
    Outcome,
    accounts_of,
    judge,
)
from registry.monitoring.queries.rollups import REMOVED
from registry.monitoring.rules.outages import Exclusion
from registry.monitoring.service import enter_maintenance, outages, record
from registry.monitoring.uptime import Span, Tally
from tests.factories import make_camera, make_site
from tests.monitoring.telling import NOON, at_minute, told

UP, DOWN, UNREACHABLE = Health.UP, Health.DOWN, Health.UNREACHABLE
MINUTE = 60


@pytest.mark.parametrize(
    ("tally", "outcome", "reasons"),
    [
        (Tally(up=9_950, down=50), Outcome.MET, ()),
        (Tally(up=9_949, down=51), Outcome.NOT_MET, ("under_target",)),
        (Tally(up=9_000, unknown=1_000), Outcome.MET, ()),
        (Tally(up=8_999, unknown=1_001), Outcome.INSUFFICIENT, ("coverage_under_floor",)),
        (Tally(planned=60), Outcome.INSUFFICIENT, ("all_planned",)),
        (Tally(unreachable=60), Outcome.INSUFFICIENT, ("nothing_known",)),
    ],
)
def test_a_contract_is_judged_in_whole_seconds(
    tally: Tally, outcome: Outcome, reasons: tuple[str, ...]
) -> None:
    """At the target it is met, a second under it is not, and without evidence neither."""
    assert judge(tally, target_points=9_950, floor_points=9_000) == Judgement(outcome, reasons)


def covered(session: Session, site: Site, **values: object) -> MaintenanceContract:
    """Cover a site by a contract that promises 99 %, from long ago on."""
    given = {
        "reference": f"M-{site.public_id}",
        "contractor": "Lumières",
        "starts_on": date(2026, 1, 1),
        "target_availability": Decimal("0.99"),
        "sites": [site],
        **values,
    }
    contract = MaintenanceContract(**given)
    session.add(contract)
    session.flush()
    return contract


def watched(session: Session, camera: Camera, story: list[Health]) -> None:
    """Let a camera say one thing a minute from noon on."""
    verdicts = [told(camera.id, minute, health) for minute, health in enumerate(story)]
    record(session, verdicts, patience=2)


def account_of(
    session: Session, contract: MaintenanceContract, minutes: int, *, floor_points: int = 9_000
) -> ContractAccount:
    """Judge a contract on the minutes since noon."""
    window = Span(int(NOON.timestamp()), int(at_minute(minutes).timestamp()))
    (account,) = accounts_of(
        session, Subject.CONTRACT, contract.reference, window, floor_points=floor_points
    )
    return account


def excuse(session: Session, cause: Exclusion, *, at: datetime) -> None:
    """Judge that the one outage there is does not count."""
    outage = session.scalars(select(Outage)).one()
    outages.judge(session, outage.id, excluded_for=cause, reason="Procès-verbal", actor="u", at=at)


def test_a_target_is_a_share_that_the_database_keeps_in_basis_points(session: Session) -> None:
    """Units: 0.9 promised and reached to the second is met; one second less is not."""
    camera = make_camera(session)
    contract = covered(session, camera.site, target_availability=Decimal("0.9"))
    watched(session, camera, [UP] * 9 + [DOWN] * 2)
    session.expire_all()

    met = account_of(session, contract, 10)
    worse = account_of(session, contract, 10, floor_points=10_000)
    window = Span(int(NOON.timestamp()) + 1, int(at_minute(10).timestamp()))
    (missed,) = accounts_of(
        session, Subject.SITE, camera.site.public_id, window, floor_points=9_000
    )

    assert (met.target_points, met.tally) == (9_000, Tally(up=540, down=60))
    assert met.judgement == worse.judgement == Judgement(Outcome.MET)
    assert missed.tally == Tally(up=539, down=60)
    assert missed.judgement == Judgement(Outcome.NOT_MET, ("under_target",))


def test_what_somebody_excused_leaves_the_contract_and_not_the_uptime(session: Session) -> None:
    """The seconds of an excused outage are planned to the contract, down to the public."""
    camera = make_camera(session)
    contract = covered(session, camera.site, exclusions="vandalism")
    watched(session, camera, [UP] * 4 + [DOWN] * 3 + [UP] * 4)
    before = account_of(session, contract, 10)
    excuse(session, Exclusion.VANDALISM, at=at_minute(11))

    after = account_of(session, contract, 10)

    assert before.judgement == Judgement(Outcome.NOT_MET, ("under_target",))
    assert after.judgement == Judgement(Outcome.MET)
    assert (after.excluded, after.tally) == (3 * MINUTE, Tally(up=420, planned=180))
    assert after.raw == before.raw == before.tally == Tally(up=420, down=180)
    assert after.reckoning.transitions == 2
    public = availability(session, Subject.SITE, camera.site.public_id, after.window)
    assert public.whole.reckoning.tally == after.raw


def test_planned_time_and_what_nobody_saw_are_no_excuse(session: Session) -> None:
    """Planned seconds are planned once; the unseen end of an excused outage stays unknown."""
    camera = make_camera(session)
    contract = covered(session, camera.site, exclusions="power")
    watched(session, camera, [UP] * 2 + [DOWN] * 4)
    enter_maintenance(
        session,
        camera.site_id,
        starts_at=at_minute(2),
        ends_at=at_minute(3),
        reason="lens",
        actor="user:1",
        at=NOON,
    )
    excuse(session, Exclusion.POWER, at=at_minute(20))

    account = account_of(session, contract, 20)

    # Seen down from the 2nd to the 5th minute and held for two and a half more.
    seen = 5 * MINUTE + 30
    assert account.tally == Tally(up=120, unknown=1_200 - 120 - seen, planned=seen)
    assert account.excluded == seen - MINUTE
    assert account.judgement == Judgement(Outcome.INSUFFICIENT, ("coverage_under_floor",))


def test_a_dark_site_is_excused_for_all_its_cameras(session: Session) -> None:
    """The outage of a site has no camera: it is cut out of each."""
    site = make_site(session)
    site.gateway_host = "10.0.0.1"
    cameras = [make_camera(session, site=site) for _ in range(2)]
    contract = covered(session, site)
    for camera in cameras:
        watched(session, camera, [UP] * 3 + [UNREACHABLE] * 3)
    excuse(session, Exclusion.NETWORK, at=at_minute(6))

    account = account_of(session, contract, 5)

    assert account.tally == Tally(up=360, planned=240)
    assert account.judgement == Judgement(Outcome.MET, ("excluded_beyond_contract",))


def test_nobody_else_is_excused(session: Session) -> None:
    """Of two cameras that fell on one site, the one whose outage was judged leaves."""
    one = make_camera(session)
    contract = covered(session, one.site, exclusions="vandalism")
    for camera in (one, make_camera(session, site=one.site), make_camera(session)):
        watched(session, camera, [UP] * 4 + [DOWN] * 3 + [UP] * 4)
    fallen = session.scalars(select(Outage).filter_by(camera_id=one.id)).one()
    cause, at = Exclusion.VANDALISM, at_minute(11)
    outages.judge(session, fallen.id, excluded_for=cause, reason="Plainte", actor="u", at=at)

    account = account_of(session, contract, 10)

    assert (account.excluded, account.tally) == (180, Tally(up=840, down=180, planned=180))


def test_only_the_days_of_a_contract_and_its_sites_count(session: Session) -> None:
    """Another site's outage, and what came before the first day, are not the contractor's."""
    camera, other = make_camera(session), make_camera(session)
    tomorrow = (NOON + timedelta(days=1)).date()
    contract = covered(session, camera.site, starts_on=tomorrow)
    untold = covered(session, other.site, target_availability=None)
    watched(session, camera, [DOWN] * 10)
    watched(session, other, [UP] * 10)
    window = Span(int(NOON.timestamp()), int(at_minute(10).timestamp()))

    early = accounts_of(session, Subject.CONTRACT, contract.reference, window, floor_points=0)
    (nothing,) = accounts_of(session, Subject.CAMERA, str(other.id), window, floor_points=0)

    assert early == []
    assert nothing.contract is untold
    assert nothing.judgement == Judgement(None, ("no_target",))
    assert nothing.to_dict()["outcome"] is None
    with pytest.raises(NotFound, match="contract X"):
        availability(session, Subject.CONTRACT, "X", window)


def test_a_contract_whose_evidence_was_removed_is_not_judged(session: Session) -> None:
    """The account tells what is left, from where it is left, and that this is not all."""
    camera = make_camera(session)
    contract = covered(session, camera.site)
    watched(session, camera, [UP] * 11)
    whole = account_of(session, contract, 10)
    begin, end = at_minute(-5), at_minute(5)
    session.add(RollupSpan(name=REMOVED, starts_at=begin, ends_at=end))
    session.flush()

    left = account_of(session, contract, 10)

    assert whole.judgement == Judgement(Outcome.MET)
    assert left.judgement == Judgement(Outcome.INSUFFICIENT, ("intervals_removed",))
    assert (left.window.start, left.tally) == (int(end.timestamp()), Tally(up=300))
