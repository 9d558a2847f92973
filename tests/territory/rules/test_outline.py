"""Outlines: a point in, a point out, a point always inside, and what packing keeps."""

from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.territory.rules.outline import (
    Ring,
    box,
    holds,
    inside_point,
    pack,
    simplified,
    unpack,
)

SQUARE = [(3.0, 50.0), (3.2, 50.0), (3.2, 50.2), (3.0, 50.2)]
HOLE = [(3.05, 50.05), (3.15, 50.05), (3.15, 50.15), (3.05, 50.15)]
# A crescent: its centre of gravity lies in its bay.
CRESCENT = [(3.0, 50.0), (3.3, 50.0), (3.3, 50.3), (3.0, 50.3), (3.28, 50.27), (3.28, 50.03)]


@pytest.mark.parametrize(
    ("point", "inside"),
    [((3.1, 50.01), True), ((3.1, 50.1), False), ((2.9, 50.1), False), ((3.1, 50.3), False)],
)
def test_a_hole_is_outside(point: tuple[float, float], *, inside: bool) -> None:
    """An enclave of another commune is not in this one."""
    assert holds([SQUARE, HOLE], point) is inside


@pytest.mark.parametrize("rings", [[SQUARE], [SQUARE, HOLE], [CRESCENT]])
def test_a_point_inside_is_inside(rings: list[Ring]) -> None:
    """Whatever the shape."""
    assert holds(rings, inside_point(rings))


def test_simplifying_keeps_corners_and_drops_what_lies_between() -> None:
    """Points on a line go, corners stay; a ring may come closed."""
    dense = [(3.0 + step / 1000, 50.0) for step in range(200)] + SQUARE[1:] + [(3.0, 50.0)]

    assert simplified(dense, metres=20) == SQUARE
    assert simplified(SQUARE[:3], metres=1e9) == SQUARE[:3]
    assert len(simplified(SQUARE, metres=1e9)) == 4


@given(
    st.integers(3, 60),
    st.floats(0.01, 0.2),
    st.lists(st.floats(0.5, 1.0), min_size=60, max_size=60),
)
def test_what_is_packed_is_the_same_to_a_metre(
    corners: int, radius: float, jitter: list[float]
) -> None:
    """Any star-shaped outline comes back, its box and its inside with it."""
    ring = [
        (
            3 + radius * jitter[at] * cos(2 * pi * at / corners),
            50 + radius * jitter[at] * sin(2 * pi * at / corners),
        )
        for at in range(corners)
    ]

    (back,) = unpack(pack([ring]))

    assert all(
        abs(x - u) < 1e-5 and abs(y - v) < 1e-5 for (x, y), (u, v) in zip(ring, back, strict=True)
    )
    assert box([back]) == pytest.approx(box([ring]), abs=1e-5)
    assert holds([back], inside_point([back]))
