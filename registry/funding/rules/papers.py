"""Which papers a grant's file holds, and which of them a step cannot do without."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from registry.funding.rules.lifecycle import GrantStatus


class PaperKind(StrEnum):
    """What a paper of a grant's file is."""

    APPLICATION = "application"
    COUNCIL_DECISION = "council_decision"
    EXPLANATORY_NOTE = "explanatory_note"
    SECURITY_DIAGNOSIS = "security_diagnosis"
    QUOTE = "quote"
    FINANCING_PLAN = "financing_plan"
    POSITION_PLAN = "position_plan"
    PREFECTORAL_ORDER = "prefectoral_order"
    BANK_DETAILS = "bank_details"
    COMMITTEE_DECISION = "committee_decision"
    AGREEMENT = "agreement"
    AMENDMENT = "amendment"
    START_DECLARATION = "start_declaration"
    PAYMENT_REQUEST = "payment_request"
    EXPENSE_STATEMENT = "expense_statement"
    INVOICE = "invoice"
    ACCEPTANCE_REPORT = "acceptance_report"
    COMMISSIONING_NOTE = "commissioning_note"
    DISPLAY_PROOF = "display_proof"
    CHECK_REPORT = "check_report"
    RECOVERY_ORDER = "recovery_order"
    OTHER = "other"


class PaperStage(StrEnum):
    """When in a grant's life a paper came in."""

    APPLICATION = "application"
    DECISION = "decision"
    WORKS = "works"
    PAYMENT = "payment"
    CHECK = "check"


STAGE_OF: Mapping[GrantStatus, PaperStage] = MappingProxyType(
    dict.fromkeys(
        (GrantStatus.DRAFT, GrantStatus.FILED, GrantStatus.COMPLETE), PaperStage.APPLICATION
    )
    | dict.fromkeys(
        (
            GrantStatus.INSTRUCTED,
            GrantStatus.VOTED,
            GrantStatus.NOTIFIED,
            GrantStatus.AGREEMENT,
            GrantStatus.REFUSED,
            GrantStatus.ABANDONED,
        ),
        PaperStage.DECISION,
    )
    | dict.fromkeys(
        (
            GrantStatus.STARTED,
            GrantStatus.ADVANCE,
            GrantStatus.INTERIM,
            GrantStatus.COMMISSIONED,
            GrantStatus.RECEIVED,
        ),
        PaperStage.WORKS,
    )
    | dict.fromkeys(
        (GrantStatus.BALANCE_ASKED, GrantStatus.CERTIFIED, GrantStatus.SETTLED),
        PaperStage.PAYMENT,
    )
    | dict.fromkeys(
        (
            GrantStatus.CHECKED,
            GrantStatus.CLOSED,
            GrantStatus.LAPSED,
            GrantStatus.CANCELLED,
            GrantStatus.REPAYMENT,
        ),
        PaperStage.CHECK,
    )
)

# What payment desks ask for everywhere (DETR and DSIL annexes of the prefecture of
# Somme; the acceptance report is common practice). A campaign's own rule replaces it.
USUAL_PAPERS: Mapping[GrantStatus, frozenset[PaperKind]] = MappingProxyType(
    {
        GrantStatus.FILED: frozenset({PaperKind.APPLICATION}),
        GrantStatus.AGREEMENT: frozenset({PaperKind.AGREEMENT}),
        GrantStatus.RECEIVED: frozenset({PaperKind.ACCEPTANCE_REPORT}),
        GrantStatus.BALANCE_ASKED: frozenset({PaperKind.EXPENSE_STATEMENT}),
    }
)


def papers_for(status: GrantStatus, lines: Iterable[str]) -> frozenset[PaperKind]:
    """
    Return the papers that a step asks for under a campaign's rule, or as is usual.

    A rule is lines of `step: paper, paper`; `step:` alone asks for none. Where a
    campaign has such a rule, steps that it does not name ask for no paper.
    """
    asked = dict(_parsed(line) for line in lines)
    return (asked or USUAL_PAPERS).get(status, frozenset())


def check_papers(lines: Iterable[str]) -> None:
    """
    Check the lines of a campaign's rule on papers.

    Raises:
        ValueError: A step or a paper is unknown, or a step is named twice.
    """
    steps = [_parsed(line)[0] for line in lines]
    if len(steps) != len(set(steps)):
        message = "papers: a step is named twice"
        raise ValueError(message)


def _parsed(line: str) -> tuple[GrantStatus, frozenset[PaperKind]]:
    step, _, kinds = line.partition(":")
    names = [name.strip() for name in kinds.split(",")]
    return GrantStatus(step.strip()), frozenset(PaperKind(name) for name in names if name)
