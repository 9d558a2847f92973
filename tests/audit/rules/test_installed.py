"""Cameras against their orders, their grants and their silence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from registry.audit.rules import (
    AuthorisationFacts,
    CameraFacts,
    Facts,
    Finding,
    GrantFacts,
    Thresholds,
    judge,
)
from registry.funding.rules import GrantStatus, Terms

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GRANT = GrantFacts(
    grant_id=1,
    file_number="23-1",
    status=GrantStatus.SETTLED,
    voted_cents=100,
    paid_cents=100,
    eligible_cents=None,
    project_cents=None,
    cameras_funded=1,
    population=None,
    population_year=None,
    terms=Terms(),
)
CAMERA = CameraFacts(
    name="59054-01/A",
    site_id=1,
    grant_id=1,
    camera_class="public_road",
    commissioned_on=date(2026, 1, 1),
    retired_on=None,
    mounted=True,
    answered_at=NOON,
    identified_at=NOON,
)
ORDER = AuthorisationFacts(
    "2026-01", date(2026, 1, 1), date(2030, 12, 31), {"public_road": 1}, frozenset({1})
)


def found(
    *cameras: CameraFacts,
    grant: GrantFacts = GRANT,
    orders: tuple[AuthorisationFacts, ...] = (ORDER,),
) -> list[Finding]:
    """Judge some cameras of one grant."""
    facts = Facts((grant,), cameras, orders, (), {1: "59054-01", 2: "59054-02", 3: "59054-03"})
    return list(judge(facts, today=TODAY, thresholds=Thresholds(silent_days=30)))


def rules(said: list[Finding]) -> list[str]:
    """Return which rules found something."""
    return [str(each.rule) for each in said]


def test_a_live_authorised_camera_has_nothing_against_it() -> None:
    """The ordinary case."""
    assert found(CAMERA) == []


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), []),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), ["A01"]),
    ],
)
def test_the_last_day_of_an_order_ends_at_midnight_in_paris(
    answered: datetime, expected: list[str]
) -> None:
    """One second to midnight is covered, midnight is not."""
    order = replace(ORDER, expires_on=date(2026, 1, 31))
    camera = replace(CAMERA, answered_at=answered)

    assert rules(found(camera, orders=(order,))) == expected


def test_a_camera_that_fell_silent_in_time_is_left_alone() -> None:
    """Its order has expired since; it does not film any more."""
    order = replace(ORDER, expires_on=date(2026, 6, 30))
    camera = replace(CAMERA, answered_at=datetime(2026, 6, 1, tzinfo=UTC))

    assert found(camera, orders=(order,)) == []


def test_an_expired_order_is_named_with_what_answered() -> None:
    """Which camera, when it answered last, which order, until when."""
    order = replace(ORDER, expires_on=date(2026, 11, 22))

    (finding,) = found(CAMERA, orders=(order,))

    assert (finding.detail, finding.source) == ("expired", "CSI, L252-1, L252-4, L254-1")
    assert [(each.kind, each.name, each.at) for each in finding.evidence] == [
        ("camera", "59054-01/A", NOON),
        ("authorisation", "2026-01", date(2026, 11, 22)),
    ]


def test_cameras_of_one_site_are_one_finding() -> None:
    """Ten thousand unauthorised cameras at ten sites are ten findings, not ten thousand."""
    cameras = [replace(CAMERA, name=f"59054-01/{number}") for number in range(5)]

    said = found(*cameras, grant=replace(GRANT, cameras_funded=5), orders=())

    assert [(each.rule, each.parameters["count"]) for each in said] == [("A01", "5")]
    assert len(said[0].evidence) == 5


def test_a_count_is_shared_by_the_sites_of_an_order() -> None:
    """Two authorised over two sites: two cameras at one of them are within the count."""
    order = replace(ORDER, site_ids=frozenset({1, 2}), counts={"public_road": 2})
    cameras = [CAMERA, replace(CAMERA, name="59054-01/B")]
    grant = replace(GRANT, cameras_funded=2)
    assert found(*cameras, grant=grant, orders=(order,)) == []

    third = replace(CAMERA, name="59054-02/C", site_id=2)
    (finding,) = found(*cameras, third, grant=replace(grant, cameras_funded=3), orders=(order,))
    assert (finding.rule, finding.detail) == ("A03", "public_road")
    assert finding.parameters == {
        "class": "public_road",
        "installed": "3",
        "authorised": "2",
        "orders": "2026-01",
        "sites": "59054-01, 59054-02",
    }


def test_two_orders_of_one_site_add_up() -> None:
    """A modification that adds a camera is added, in whatever chain sites share orders."""
    orders = (
        ORDER,
        replace(ORDER, act_number="2026-02", site_ids=frozenset({2, 3})),
        replace(ORDER, act_number="2026-03", site_ids=frozenset({1, 2})),
    )
    cameras = [replace(CAMERA, name=f"x/{number}", site_id=number) for number in (1, 2, 3)]

    assert found(*cameras, grant=replace(GRANT, cameras_funded=3), orders=orders) == []


def test_an_order_that_does_not_hold_today_counts_nothing() -> None:
    """One of next month authorises nobody yet: the class is over what is in force."""
    later = replace(ORDER, act_number="2026-12", decided_on=date(2026, 12, 1))
    cameras = [CAMERA, replace(CAMERA, name="59054-01/B")]

    said = found(*cameras, grant=replace(GRANT, cameras_funded=2), orders=(ORDER, later))

    assert rules(said) == ["A03"]


def test_each_class_is_held_to_its_own_count() -> None:
    """Two places left for the street are none for the hall."""
    order = replace(ORDER, counts={"public_road": 3})
    hall = replace(CAMERA, name="59054-01/B", camera_class="interior")

    (finding,) = found(CAMERA, hall, grant=replace(GRANT, cameras_funded=2), orders=(order,))

    assert (finding.rule, finding.detail) == ("A03", "interior")


def test_a_camera_without_a_grant_counts_against_the_order_all_the_same() -> None:
    """The finding stands under the grant whose camera shares the place."""
    stray = replace(CAMERA, name="59054-01/B", grant_id=None)

    (finding,) = found(CAMERA, stray)

    assert (finding.rule, finding.grant) == ("A03", "23-1")


@pytest.mark.parametrize(
    ("status", "paid_cents", "expected"),
    [
        (GrantStatus.SETTLED, 100, ["A04"]),
        (GrantStatus.COMMISSIONED, 0, ["A04"]),
        (GrantStatus.CLOSED, 100, ["A04"]),
        (GrantStatus.VOTED, 100, ["A04"]),
        (GrantStatus.VOTED, 99, []),
        (GrantStatus.STARTED, 80, []),
        (GrantStatus.CANCELLED, 100, []),
        (GrantStatus.REPAYMENT, 100, []),
    ],
)
def test_cameras_are_missed_once_they_should_hang(
    status: GrantStatus, paid_cents: int, expected: list[str]
) -> None:
    """When the works are commissioned or the vote is paid; never under a grant that left."""
    grant = replace(GRANT, status=status, paid_cents=paid_cents, cameras_funded=2)

    assert rules(found(CAMERA, grant=grant)) == expected


def test_a_retired_camera_is_missed() -> None:
    """What was taken down is installed no more."""
    gone = replace(CAMERA, retired_on=TODAY)

    assert rules(found(gone)) == ["A04"]


@pytest.mark.parametrize(("days", "expected"), [(29, []), (30, ["A05"])])
def test_silence_is_found_after_its_days(days: int, expected: list[str]) -> None:
    """On the thirtieth day after the commissioning, not before."""
    camera = replace(
        CAMERA,
        commissioned_on=TODAY - timedelta(days=days),
        answered_at=None,
        identified_at=None,
    )

    assert rules(found(camera)) == expected


def test_a_position_without_a_unit_is_missing_rather_than_silent() -> None:
    """One fault, one finding."""
    empty = replace(CAMERA, mounted=False, answered_at=None, identified_at=None)

    assert rules(found(empty)) == ["A04"]
