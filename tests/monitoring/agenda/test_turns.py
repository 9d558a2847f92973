"""When cameras are due, and when they are not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from probes.verdict import Authentication, Health, Reason, Verdict
from registry.clock import paris_midnight
from registry.fleet.queries import ProbeInput
from registry.monitoring.agenda import Agenda
from registry.monitoring.rules.memory import Memory
from tests.monitoring.agenda.cameras import (
    CAMERA,
    CHANGED_AT,
    INTERVAL,
    VAULT,
    ZONES,
    agenda_of,
    due_within,
    first_errand,
)
from tests.monitoring.telling import NOON, UNIT


def test_starts_are_spread_over_the_interval() -> None:
    """A fleet is never probed in one breath, and each camera once an interval."""
    agenda = agenda_of(*(replace(CAMERA, camera_id=number) for number in range(600)))

    found = due_within(agenda, 2 * INTERVAL + 1)

    assert len(agenda) == len(found) == 600
    assert {len(seconds) for seconds in found.values()} == {2}
    firsts = [seconds[0] for seconds in found.values()]
    assert max(firsts.count(second) for second in range(INTERVAL)) < 30


def test_a_camera_keeps_its_place_after_a_restart() -> None:
    """The hash of a camera decides, so a restart makes no herd."""
    later = NOON + timedelta(seconds=5 * INTERVAL)
    one = due_within(agenda_of(CAMERA), 10 * INTERVAL)[1]

    restarted = Agenda(VAULT, interval_seconds=INTERVAL, timeout_seconds=5, zones=ZONES)
    restarted.update([CAMERA], {}, at=later)

    other = due_within(restarted, 5 * INTERVAL, since=later)[1]
    assert other == [second - 5 * INTERVAL for second in one[5:]]


def test_only_zones_with_cameras_in_service_are_told() -> None:
    """Nobody waits for a zone where nothing is probed."""
    tomorrow = date(2026, 11, 24)
    agenda = agenda_of(CAMERA, replace(CAMERA, camera_id=2, zone="oise", commissioned_on=tomorrow))

    assert agenda.zones(at=NOON) == {"local"}
    assert agenda.zones(at=NOON + timedelta(days=1)) == {"local", "oise"}


@pytest.mark.parametrize(
    "camera",
    [
        replace(CAMERA, host=""),
        replace(CAMERA, commissioned_on=None),
        replace(CAMERA, retired_on=date(2026, 11, 23)),
        replace(CAMERA, commissioned_on=date(2026, 11, 24)),
    ],
    ids=["no host", "not commissioned", "retired", "tomorrow"],
)
def test_what_is_not_in_service_is_not_probed(camera: ProbeInput) -> None:
    """Neither by its turn nor because somebody asks."""
    agenda = agenda_of(camera)

    assert due_within(agenda, 2 * INTERVAL) == {}
    assert not agenda.hurry(1, at=NOON)


def test_service_begins_and_ends_at_midnight_in_paris() -> None:
    """A camera of tomorrow is probed from tomorrow on, and a retired one no more."""
    midnight = paris_midnight(date(2026, 11, 24))
    one_day = replace(CAMERA, commissioned_on=date(2026, 11, 24), retired_on=date(2026, 11, 25))
    agenda = agenda_of(one_day)

    before = due_within(agenda, INTERVAL, since=midnight - timedelta(seconds=INTERVAL))
    during = due_within(agenda, INTERVAL, since=midnight)
    after = due_within(agenda, 2 * INTERVAL, since=paris_midnight(date(2026, 11, 25)))

    assert (before, list(during), after) == ({}, [1], {})


def test_a_change_of_the_register_shows_in_the_next_probe() -> None:
    """A camera that moves is asked at its new address; one that is retired no more."""
    agenda = agenda_of(CAMERA)

    agenda.update([replace(CAMERA, host="127.0.0.2")], {}, at=NOON)
    assert first_errand(agenda).target.host == "127.0.0.2"
    agenda.update([replace(CAMERA, host="")], {}, at=NOON)
    assert len(agenda) == 0


@pytest.mark.parametrize(
    ("changes", "mac"),
    [({"host": "127.0.0.2"}, "02:00:00:00:00:01"), ({"serial": "SN2"}, ""), ({"mac": "x"}, "")],
)
def test_a_replacement_forgets_what_the_inventory_read_of_the_unit_before(
    changes: dict[str, str], mac: str
) -> None:
    """Else the new unit would be taken for a swap until the next inventory."""
    agenda = agenda_of(CAMERA, memory=Memory(inventory_mac="02:00:00:00:00:01"))

    agenda.update([replace(CAMERA, **changes)], {}, at=NOON)  # type: ignore[arg-type]

    assert first_errand(agenda).target.inventory_mac == mac


def test_a_wish_jumps_the_queue() -> None:
    """Who asks now is served by the next tick."""
    agenda = agenda_of(CAMERA)
    now = NOON + timedelta(minutes=5)
    due_within(agenda, 300)

    assert agenda.hurry(1, at=now)

    (errand,), _ = agenda.due(at=now)
    assert errand.target.key == 1
    assert not agenda.hurry(4711, at=now)


def test_a_camera_that_is_being_probed_is_not_probed_twice() -> None:
    """A slow answer is waited for; the next turn comes all the same."""
    agenda = agenda_of(CAMERA)
    first_errand(agenda)

    for second in range(INTERVAL, 3 * INTERVAL):
        assert agenda.due(at=NOON + timedelta(seconds=second)) == ([], [])

    assert agenda.answered(Verdict(1, NOON, Health.UP)) is not None
    assert agenda.answered(Verdict(1, NOON, Health.UP)) is None
    assert first_errand(agenda, since=NOON + timedelta(seconds=3 * INTERVAL))


def test_an_address_that_cannot_be_tried_gives_a_verdict_of_its_own() -> None:
    """What the register holds is shown for what it is: not configured."""
    agenda = agenda_of(replace(CAMERA, host="10.0.0.256"))

    found = [
        verdict
        for second in range(INTERVAL)
        for verdict in agenda.due(at=NOON + timedelta(seconds=second))[1]
    ]

    assert [(each.verdict.health, each.verdict.reason) for each in found] == [
        (Health.UNKNOWN, Reason.NOT_CONFIGURED)
    ]


def test_a_step_of_the_clock_leaves_every_camera_unknown() -> None:
    """Only cameras that are probed at all are concerned."""
    agenda = agenda_of(CAMERA, replace(CAMERA, camera_id=2, host=""))

    (lost,) = agenda.all_unknown(Reason.CLOCK_STEP, at=NOON)

    assert (lost.verdict.key, lost.verdict.reason) == (1, Reason.CLOCK_STEP)


def test_after_a_sleep_of_this_machine_each_camera_waits_for_its_place() -> None:
    """An hour of turns that were missed is no reason to ask everybody in one second."""
    agenda = agenda_of(*(replace(CAMERA, camera_id=number) for number in range(600)))
    woken = NOON + timedelta(hours=1)

    found = due_within(agenda, INTERVAL + 1, since=woken)

    assert len(found) == 600
    firsts = [seconds[0] for seconds in found.values()]
    assert max(firsts.count(second) for second in range(INTERVAL)) < 30


def test_how_late_the_latest_is_that_was_due() -> None:
    """Told for each look, also of turns that were passed over because it was too late."""
    agenda = agenda_of(CAMERA)
    (second,) = due_within(agenda, INTERVAL)[1]
    agenda.due(at=NOON + timedelta(seconds=second + INTERVAL + 7))
    late = agenda.late_seconds

    agenda.due(at=NOON + timedelta(seconds=second + 2 * INTERVAL + 300))
    asleep = agenda.late_seconds
    agenda.due(at=NOON + timedelta(seconds=second + 2 * INTERVAL + 300))

    assert 6 <= late <= 8
    assert asleep > INTERVAL
    assert agenda.late_seconds == 0.0


def test_a_refused_credential_is_not_sent_again_until_it_changes() -> None:
    """Cameras lock accounts: one refusal is enough."""
    agenda = agenda_of(CAMERA)
    errand = first_errand(agenda)
    assert errand.target.send_credentials
    refusal = Verdict(1, NOON, Health.UP, authentication=Authentication.FAILED)
    agenda.answered(refusal)
    agenda.hurry(1, at=NOON + timedelta(seconds=70))

    (again,), _ = agenda.due(at=NOON + timedelta(seconds=70))
    assert not again.target.send_credentials
    assert again.target.authentication_known == "failed"

    agenda.answered(Verdict(1, NOON + timedelta(seconds=70), Health.UP))
    changed = replace(CAMERA, credential_changed_at=NOON + timedelta(seconds=80))
    agenda.update([changed], {}, at=NOON + timedelta(seconds=81))
    assert first_errand(agenda, since=NOON + timedelta(seconds=90)).target.send_credentials


def test_a_proof_is_remembered() -> None:
    """What a probe has proven need not be proven by the next."""
    agenda = agenda_of(CAMERA)
    assert first_errand(agenda).proving
    passed = Verdict(1, NOON, Health.UP, authentication=Authentication.VERIFIED, identity=UNIT)

    scheduled = agenda.answered(passed)

    assert scheduled is not None
    assert (scheduled.proving, scheduled.credential_changed_at) == (True, CHANGED_AT)
    again = first_errand(agenda, since=NOON + timedelta(seconds=61))
    assert not again.proving
    assert again.target.authentication_known == "verified"


def test_a_proof_whose_login_got_no_answer_is_asked_for_again() -> None:
    """One lost packet must not leave a good credential unverified for a day."""
    agenda = agenda_of(CAMERA)
    assert first_errand(agenda).proving

    agenda.answered(Verdict(1, NOON, Health.UP, authentication=Authentication.UNVERIFIED))

    assert first_errand(agenda, since=NOON + timedelta(seconds=61)).proving
