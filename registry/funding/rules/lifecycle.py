"""
How far a grant has come, and which moves are possible from there.

    draft > filed > complete > instructed > voted > notified > agreement > started
    > [advance] > [interim ...] > commissioned > received > balance_asked > certified
    > settled > [checked] > closed
    side exits: refused, abandoned, lapsed, cancelled, repayment
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class GrantStatus(StrEnum):
    """How far a grant has come, in the order in which it happens; side exits last."""

    DRAFT = "draft"
    FILED = "filed"
    COMPLETE = "complete"
    INSTRUCTED = "instructed"
    VOTED = "voted"
    NOTIFIED = "notified"
    AGREEMENT = "agreement"
    STARTED = "started"
    ADVANCE = "advance"
    INTERIM = "interim"
    COMMISSIONED = "commissioned"
    RECEIVED = "received"
    BALANCE_ASKED = "balance_asked"
    CERTIFIED = "certified"
    SETTLED = "settled"
    CHECKED = "checked"
    CLOSED = "closed"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    REPAYMENT = "repayment"


_UNDECIDED = (GrantStatus.REFUSED, GrantStatus.ABANDONED)
_DECIDED = (GrantStatus.LAPSED, GrantStatus.CANCELLED, GrantStatus.ABANDONED)
_PAID = (GrantStatus.LAPSED, GrantStatus.CANCELLED, GrantStatus.REPAYMENT)

MOVES: Mapping[GrantStatus, tuple[GrantStatus, ...]] = MappingProxyType(
    {
        GrantStatus.DRAFT: (GrantStatus.FILED, GrantStatus.ABANDONED),
        GrantStatus.FILED: (GrantStatus.COMPLETE, *_UNDECIDED),
        GrantStatus.COMPLETE: (GrantStatus.INSTRUCTED, *_UNDECIDED),
        GrantStatus.INSTRUCTED: (GrantStatus.VOTED, *_UNDECIDED),
        GrantStatus.VOTED: (GrantStatus.NOTIFIED, *_DECIDED),
        GrantStatus.NOTIFIED: (GrantStatus.AGREEMENT, *_DECIDED),
        GrantStatus.AGREEMENT: (GrantStatus.STARTED, *_DECIDED),
        GrantStatus.STARTED: (
            GrantStatus.ADVANCE,
            GrantStatus.INTERIM,
            GrantStatus.COMMISSIONED,
            *_DECIDED,
        ),
        GrantStatus.ADVANCE: (GrantStatus.INTERIM, GrantStatus.COMMISSIONED, *_PAID),
        GrantStatus.INTERIM: (GrantStatus.INTERIM, GrantStatus.COMMISSIONED, *_PAID),
        GrantStatus.COMMISSIONED: (GrantStatus.RECEIVED, *_PAID),
        GrantStatus.RECEIVED: (GrantStatus.BALANCE_ASKED, *_PAID),
        GrantStatus.BALANCE_ASKED: (GrantStatus.CERTIFIED, *_PAID),
        GrantStatus.CERTIFIED: (GrantStatus.SETTLED, *_PAID),
        GrantStatus.SETTLED: (GrantStatus.CHECKED, GrantStatus.CLOSED, GrantStatus.REPAYMENT),
        GrantStatus.CHECKED: (GrantStatus.CLOSED, GrantStatus.REPAYMENT),
        GrantStatus.CLOSED: (),
        GrantStatus.REFUSED: (),
        GrantStatus.ABANDONED: (),
        GrantStatus.LAPSED: (GrantStatus.REPAYMENT,),
        GrantStatus.CANCELLED: (GrantStatus.REPAYMENT,),
        GrantStatus.REPAYMENT: (GrantStatus.CLOSED,),
    }
)

# Not decided yet, or decided against: such a grant takes nothing from the envelope.
OUT_OF_ENVELOPE = frozenset(
    {
        GrantStatus.DRAFT,
        GrantStatus.FILED,
        GrantStatus.COMPLETE,
        GrantStatus.INSTRUCTED,
        GrantStatus.REFUSED,
        GrantStatus.ABANDONED,
        GrantStatus.CANCELLED,
        GrantStatus.LAPSED,
    }
)

# The cameras should hang by now.
BUILT = frozenset(
    {
        GrantStatus.COMMISSIONED,
        GrantStatus.RECEIVED,
        GrantStatus.BALANCE_ASKED,
        GrantStatus.CERTIFIED,
        GrantStatus.SETTLED,
        GrantStatus.CHECKED,
        GrantStatus.CLOSED,
    }
)

# Nothing is due any more under a grant that left by one of these.
ENDED = frozenset(
    {
        GrantStatus.REFUSED,
        GrantStatus.ABANDONED,
        GrantStatus.CANCELLED,
        GrantStatus.LAPSED,
        GrantStatus.REPAYMENT,
        GrantStatus.CLOSED,
    }
)


def is_decided(status: GrantStatus) -> bool:
    """Tell whether the money of a grant was voted and not taken back."""
    return status not in OUT_OF_ENVELOPE
