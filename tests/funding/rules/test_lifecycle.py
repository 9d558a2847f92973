"""The map of a grant's life: every place can be reached, and ends are ends."""

import pytest

from registry.funding.rules import BUILT, ENDED, MOVES, OUT_OF_ENVELOPE, GrantStatus, is_decided

EXITS = {
    GrantStatus.REFUSED,
    GrantStatus.ABANDONED,
    GrantStatus.LAPSED,
    GrantStatus.CANCELLED,
    GrantStatus.REPAYMENT,
}


def test_every_step_can_be_reached_from_a_draft() -> None:
    """No step stands on the map without a way to it."""
    reached, ahead = set(), {GrantStatus.DRAFT}
    while ahead:
        step = ahead.pop()
        reached.add(step)
        ahead |= set(MOVES[step]) - reached

    assert reached == set(GrantStatus)


def test_the_order_of_the_words_is_the_order_of_life() -> None:
    """No move goes back, but for another interim payment and the end of a repayment."""
    order = {status: place for place, status in enumerate(GrantStatus)}

    back = {
        (status, to)
        for status, possible in MOVES.items()
        for to in possible
        if order[to] <= order[status]
    }

    assert back == {
        (GrantStatus.INTERIM, GrantStatus.INTERIM),
        (GrantStatus.REPAYMENT, GrantStatus.CLOSED),
    }


@pytest.mark.parametrize("status", [GrantStatus.CLOSED, GrantStatus.REFUSED, GrantStatus.ABANDONED])
def test_an_end_is_an_end(status: GrantStatus) -> None:
    """A closed file is not opened again: a new decision is a new grant."""
    assert MOVES[status] == ()
    assert status in ENDED


def test_a_vote_is_needed_before_money_is_taken_from_the_envelope() -> None:
    """Nothing before the vote, nothing that left without money, takes from it."""
    assert not is_decided(GrantStatus.INSTRUCTED)
    assert is_decided(GrantStatus.VOTED)
    assert is_decided(GrantStatus.REPAYMENT)
    assert frozenset() == OUT_OF_ENVELOPE & BUILT


def test_money_that_was_paid_can_be_asked_back() -> None:
    """From the first payment on, a repayment can be reached."""
    paid = [GrantStatus.ADVANCE, GrantStatus.INTERIM, *BUILT - {GrantStatus.CLOSED}]

    assert [status for status in paid if GrantStatus.REPAYMENT not in MOVES[status]] == []


def test_only_side_exits_leave_the_road_before_a_vote() -> None:
    """Up to the vote a file goes on, is refused or is given up."""
    for status in (GrantStatus.FILED, GrantStatus.COMPLETE, GrantStatus.INSTRUCTED):
        assert set(MOVES[status]) & EXITS == {GrantStatus.REFUSED, GrantStatus.ABANDONED}
