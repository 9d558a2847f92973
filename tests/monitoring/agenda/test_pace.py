"""How often a device is asked that has long been silent."""

from datetime import timedelta
from itertools import pairwise

import pytest

from probes.verdict import Health, Verdict
from registry.monitoring.agenda.pace import back_off
from registry.monitoring.rules.memory import Memory
from tests.monitoring.agenda.cameras import CAMERA, first_errand, patient_agenda, play
from tests.monitoring.telling import NOON


@pytest.mark.parametrize(
    ("silent_seconds", "jitter", "delay"),
    [
        (0, 0.0, 60),
        (600, 0.0, 60),
        (1200, 0.0, 120),
        (1200, 0.5, 108),
        (3000, 0.0, 300),
        (86_400, 0.0, 300),
        (86_400, 1.0, 240),
    ],
)
def test_the_longer_a_device_is_silent_the_less_it_is_asked(
    silent_seconds: float, jitter: float, delay: float
) -> None:
    """From every minute to every five, less a little that differs from camera to camera."""
    assert (
        back_off(silent_seconds, interval_seconds=60, longest_seconds=300, jitter=jitter) == delay
    )


def test_a_back_off_is_never_shorter_than_the_interval() -> None:
    """An interval of ten minutes stays one."""
    assert back_off(86_400, interval_seconds=600, longest_seconds=300, jitter=0.5) == 600


def test_a_dead_device_is_asked_less_and_less_often() -> None:
    """And every verdict is held for by the delay that really follows it."""
    found = play(patient_agenda(CAMERA), 3 * 3600, Health.DOWN)

    starts = [second for second, _ in found]
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert gaps[:8] == [60] * 8
    assert all(240 <= gap <= 301 for gap in gaps[-10:])
    assert len(set(gaps[-10:])) > 3
    for gap, (_, delay) in zip(gaps, found, strict=False):
        assert gap - 1 <= delay <= gap


def test_the_first_answer_brings_a_device_back_to_its_interval() -> None:
    """The next probe comes in its own place, and the answer is held for by that delay."""
    agenda = patient_agenda(CAMERA, memory=Memory(silent_since=NOON - timedelta(hours=5)))

    found = play(agenda, 400, Health.UP)

    assert [later[0] - earlier[0] for earlier, later in pairwise(found)][1:] == [60] * 5
    assert 30 <= found[0][1] <= 90
    assert found[1][0] - found[0][0] - 1 <= found[0][1] <= found[1][0] - found[0][0]


def test_what_failed_on_our_side_neither_starts_nor_ends_a_back_off() -> None:
    """The device was not heard, which is not to say that it was silent."""
    agenda = patient_agenda(CAMERA)

    starts = [second for second, _ in play(agenda, 3600, Health.UNKNOWN)]

    assert {later - earlier for earlier, later in pairwise(starts)} == {60}


def test_who_asks_now_does_not_wait_for_a_back_off() -> None:
    """A technician at the pole has mended it and wants to see."""
    agenda = patient_agenda(CAMERA, memory=Memory(silent_since=NOON - timedelta(hours=5)))
    play(agenda, 120, Health.DOWN)
    now = NOON + timedelta(seconds=120)

    assert agenda.hurry(1, at=now)

    (errand,), _ = agenda.due(at=now)
    assert 240 <= errand.delay_seconds <= 300


def test_a_wish_made_while_a_dead_device_answers_is_kept() -> None:
    """Its answer does not put the wish off to the camera's own place."""
    agenda = patient_agenda(CAMERA, memory=Memory(silent_since=NOON - timedelta(hours=5)))
    first_errand(agenda)
    at = NOON + timedelta(seconds=70)
    agenda.hurry(1, at=at)

    scheduled = agenda.answered(Verdict(1, at - timedelta(seconds=2), Health.UP))

    assert scheduled is not None
    assert scheduled.delay_seconds == 2
    assert len(agenda.due(at=at)[0]) == 1
