"""Which papers a step asks for: as is usual, or as the campaign rules."""

import pytest

from registry.funding.rules import STAGE_OF, GrantStatus, PaperKind, papers_for
from registry.funding.rules.papers import check_papers


def test_without_a_rule_the_usual_papers_are_asked_for() -> None:
    """No balance without a statement of expenses, no acceptance without its report."""
    assert papers_for(GrantStatus.RECEIVED, ()) == {PaperKind.ACCEPTANCE_REPORT}
    assert papers_for(GrantStatus.BALANCE_ASKED, ()) == {PaperKind.EXPENSE_STATEMENT}
    assert papers_for(GrantStatus.NOTIFIED, ()) == frozenset()


def test_a_campaign_asks_for_its_own_papers() -> None:
    """Its rule replaces the usual one, for steps that it does not name too."""
    lines = ("received: acceptance_report, commissioning_note", "agreement:")

    assert papers_for(GrantStatus.RECEIVED, lines) == {
        PaperKind.ACCEPTANCE_REPORT,
        PaperKind.COMMISSIONING_NOTE,
    }
    assert papers_for(GrantStatus.AGREEMENT, lines) == frozenset()
    assert papers_for(GrantStatus.BALANCE_ASKED, lines) == frozenset()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("arrived: quote",), "arrived"),
        (("received: selfie",), "selfie"),
        (("received: quote", "received: invoice"), "named twice"),
    ],
)
def test_an_unknown_step_or_paper_is_refused(lines: tuple[str, ...], words: str) -> None:
    """A rule with a typing error would ask for nothing."""
    with pytest.raises(ValueError, match=words):
        check_papers(lines)


def test_every_step_has_a_stage_for_its_papers() -> None:
    """A paper that comes in is filed where the grant stands."""
    assert set(STAGE_OF) == set(GrantStatus)
