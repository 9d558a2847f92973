"""When in the night a device is asked at length."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from registry.monitoring.runner.night import Night

# One hour in Paris, in winter.
ONE = datetime(2026, 11, 24, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    """Return an instant some hours after one o'clock in Paris."""
    return ONE + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("night", "hours", "began"),
    [
        (Night(1, 5), 0, 0),
        (Night(1, 5), 3.9, 0),
        (Night(1, 5), 4, None),
        (Night(1, 5), -0.1, None),
        (Night(22, 4), -2, -3),
        (Night(22, 4), 2, -3),
        (Night(22, 4), 3, None),
        (Night(0, 24), 12, -1),
    ],
)
def test_a_night_has_its_hours_in_paris(night: Night, hours: float, began: float | None) -> None:
    """Past midnight as well; the same hour twice is the whole day."""
    assert night.began_at(at(hours)) == (None if began is None else at(began))


def test_every_camera_has_its_turn_once_a_night() -> None:
    """Spread over the hours, and not again once it was tried."""
    night = Night(1, 5)
    cameras = range(400)

    by_hour = [len(night.turns(cameras, {}, at=at(hours))) for hours in (0, 1, 2, 3, 3.999)]

    assert by_hour[-1] == 400
    assert all(60 < later - earlier < 140 for earlier, later in pairwise(by_hour))
    assert night.turns(cameras, dict.fromkeys(cameras, at(1)), at=at(3.9)) == []
    assert len(night.turns(cameras, dict.fromkeys(cameras, at(-20)), at=at(3.999))) == 400
    assert night.turns(cameras, {}, at=at(5)) == []
