"""One outage of a site, whatever its cameras do and whenever that becomes known."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from probes.verdict import Health
from registry.monitoring.rules.darkness import Darkness, Shift, sweep

DOWN, UNREACHABLE, UP, UNKNOWN = Health.DOWN, Health.UNREACHABLE, Health.UP, Health.UNKNOWN


def enters(at: int) -> Shift:
    """Return a camera's becoming unreachable."""
    return Shift(at, entered=True, health=UNREACHABLE)


def leaves(at: int, health: Health = UP) -> Shift:
    """Return a camera's being unreachable no more."""
    return Shift(at, entered=False, health=health)


def test_ten_cameras_make_one_outage() -> None:
    """From the first that is lost to the last that is back."""
    shifts = [enters(at) for at in range(10)] + [leaves(100 + at) for at in range(10)]

    assert sweep(None, 0, shifts) == [Darkness(0, 109, UP)]


def test_an_outage_lasts_while_one_camera_is_unreachable() -> None:
    """Three were unreachable before; two come back."""
    assert sweep(Darkness(5), 3, [leaves(20), leaves(21)]) == [Darkness(5)]
    assert sweep(Darkness(5), 1, [leaves(20, UNKNOWN)]) == [Darkness(5, 20, UNKNOWN)]


def test_a_loss_that_is_known_late_prolongs_what_was_told() -> None:
    """Its first sign lies before the end of the outage: that was not the end."""
    told = sweep(Darkness(50, 100, UP), 0, [enters(90)])

    assert told == [Darkness(50)]
    assert sweep(told[0], 1, [leaves(101)]) == [Darkness(50, 101, UP)]


def test_a_loss_that_is_older_than_the_outage_dates_it() -> None:
    """The outage began with the first camera, whichever was confirmed first."""
    assert sweep(Darkness(50), 1, [enters(45)]) == [Darkness(45)]


def test_another_darkness_is_another_outage() -> None:
    """What begins after the end of the last is new."""
    told = sweep(Darkness(0, 10, UP), 0, [enters(11), leaves(20, DOWN)])

    assert told == [Darkness(0, 10, UP), Darkness(11, 20, DOWN)]


def test_a_handover_is_no_recovery() -> None:
    """At the instant at which one comes back another is lost: the site stayed dark."""
    assert sweep(Darkness(0), 1, [leaves(10), enters(10)]) == [Darkness(0)]


stays = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=12,
)


@given(stays=stays, cuts=st.lists(st.integers(0, 90), max_size=3))
def test_outages_are_the_union_of_what_the_cameras_tell(
    stays: list[tuple[int, int]], cuts: list[int]
) -> None:
    """Told at once or in parts, a site is out in the seconds in which a camera is unreachable."""
    shifts = [each for start, end in stays for each in (enters(start), leaves(end))]
    edges = sorted({-1, *cuts, 99})
    told: list[Darkness] = []
    unreachable = 0
    for start, end in pairwise(edges):
        part = [each for each in shifts if start < each.at <= end]
        told = [*told[:-1], *sweep(told[-1] if told else None, unreachable, part)]
        unreachable += sum(1 if each.entered else -1 for each in part)

    dark = {second for start, end in stays for second in range(start, end)}
    assert {s for each in told for s in range(each.start, each.end or 0)} == dark
    assert all((one.end or 99) < other.start for one, other in pairwise(told))
