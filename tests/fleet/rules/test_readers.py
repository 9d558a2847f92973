"""What is written of a value reads as that value: the promise of every export."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.fleet.rules.cells import CellReader
from registry.fleet.rules.columns import BY_KEY, Column
from registry.fleet.rules.reach import Zones
from registry.fleet.rules.readers import shown
from registry.fleet.rules.tables import AUTHORISATIONS, CAMERAS, CONTRACTS, DEVICES

READER = CellReader(Zones.only())


@pytest.mark.parametrize(
    ("column", "value", "written"),
    [
        (CAMERAS.by_key["commissioned_on"], date(2026, 1, 31), "31/01/2026"),
        (CAMERAS.by_key["mount"], "lamp_post", "Candélabre"),
        (CONTRACTS.by_key["target_availability"], Decimal("0.985"), "98,50 %"),
        (CONTRACTS.by_key["calendar"], "always", "24 h/24, 7 j/7"),
        (AUTHORISATIONS.by_key["purposes"], "risks waste",
         "Prévention des risques naturels ou technologiques; Abandon d'ordures"),
        (CONTRACTS.by_key["gti_hours"], 4, "4"),
        (BY_KEY["voted_cents"], 2_160_050, "21 600,50 €"),
    ],
    ids=lambda each: getattr(each, "key", ""),
)  # fmt: skip
def test_a_value_is_written_for_people_and_read_again(
    column: Column, value: object, written: str
) -> None:
    """The words and figures of an office, and back."""
    assert " ".join(shown(value, column).split()) == written
    assert READER.read(column, shown(value, column)).value == value


@given(st.integers(0, 4_000_000_000))
def test_an_instant_is_written_without_loss(seconds: int) -> None:
    """Also the hour that October has twice."""
    instant = datetime(1990, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds % 3_400_000_000)
    column = DEVICES.by_key["mounted_at"]

    assert READER.read(column, shown(instant, column)).value == instant


@given(st.integers(1, 10_000))
def test_a_share_is_written_without_loss(basis_points: int) -> None:
    """To the hundredth of a percent; 1 % is not 100 %."""
    column, share = CONTRACTS.by_key["target_availability"], Decimal(basis_points) / 10_000

    assert READER.read(column, shown(share, column)).value == share


def test_hours_too_many_to_keep_are_refused() -> None:
    """They are kept in one form, which may be longer than what was typed."""
    column = CONTRACTS.by_key["business_hours"]
    typed = "; ".join(f"mon,wed,fri 0:{minute:02d}-1h" for minute in range(20))

    error = READER.read(column, typed).error

    assert error is not None
    assert (error.code, error.parameters) == ("text.long", {"longest": "200"})
