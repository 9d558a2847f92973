"""What is known of a camera on a day."""

from datetime import UTC, date, datetime

import pytest

from registry.audit.rules import AuthorisationFacts, CameraFacts

MAY = date(2026, 5, 1)


def camera(
    commissioned_on: date | None = MAY,
    retired_on: date | None = None,
    identified_at: datetime | None = None,
    *,
    mounted: bool = True,
) -> CameraFacts:
    """Return a camera under a grant."""
    return CameraFacts(
        "59054-01/A", 1, 1, "public_road", commissioned_on, retired_on, mounted, None, identified_at
    )


@pytest.mark.parametrize(
    ("day", "retired_on", "installed"),
    [
        (date(2026, 4, 30), None, False),
        (MAY, None, True),
        (date(2026, 6, 1), date(2026, 6, 1), False),
        (date(2026, 5, 31), date(2026, 6, 1), True),
    ],
)
def test_a_camera_is_installed_from_its_commissioning_until_it_is_retired(
    day: date, retired_on: date | None, *, installed: bool
) -> None:
    """The first day counts, the day of retirement does not."""
    assert camera(retired_on=retired_on).installed(day) is installed


def test_without_a_unit_or_a_day_nothing_is_installed() -> None:
    """A position on paper is no camera."""
    assert not camera(mounted=False).installed(MAY)
    assert not camera(commissioned_on=None).installed(MAY)


def test_an_answer_before_the_commissioning_proves_nothing() -> None:
    """The day begins at midnight in Paris, which is 22:00 UTC in summer."""
    before = datetime(2026, 4, 30, 21, 59, tzinfo=UTC)

    assert not camera(identified_at=before).proven
    assert camera(identified_at=before.replace(hour=22, minute=0)).proven
    assert not camera().proven
    assert not camera(commissioned_on=None, identified_at=before).proven


def test_an_order_holds_on_its_first_and_on_its_last_day() -> None:
    """Both are included: doubt is for the beneficiary."""
    order = AuthorisationFacts("1", MAY, date(2026, 6, 1), {}, frozenset())

    days = [date(2026, 4, 30), MAY, date(2026, 6, 1), date(2026, 6, 2)]
    assert [order.in_force(day) for day in days] == [False, True, True, False]
