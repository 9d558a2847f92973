"""Writes what is funded: programme files, grants, their steps, payments, plans and papers."""

from registry.funding.service.beneficiaries import (
    BeneficiaryValues,
    beneficiary,
    save_beneficiary,
)
from registry.funding.service.campaigns import (
    CampaignValues,
    ProgrammeValues,
    RuleValues,
    VoteValues,
    save_campaign,
    save_programme,
    save_rule,
    save_vote,
)
from registry.funding.service.grants import (
    GrantValues,
    begin_life,
    change_grant,
    create_grant,
    new_grant,
    tell_opening,
    update_grant,
)
from registry.funding.service.lifecycle import move_grant, take_back
from registry.funding.service.papers import Paper, file_paper, read_paper, withdraw_paper
from registry.funding.service.payments import (
    PaymentValues,
    change_payment,
    declare_paid,
    new_payment,
    remove_payment,
    save_payment,
    vote_problems,
)
from registry.funding.service.plans import (
    LineValues,
    change_line,
    new_line,
    plan_of_grant,
    remove_line,
    save_line,
)
from registry.funding.service.programmes import Loaded, load_programmes, read_programme_file

__all__ = [
    "BeneficiaryValues",
    "CampaignValues",
    "GrantValues",
    "LineValues",
    "Loaded",
    "Paper",
    "PaymentValues",
    "ProgrammeValues",
    "RuleValues",
    "VoteValues",
    "begin_life",
    "beneficiary",
    "change_grant",
    "change_line",
    "change_payment",
    "create_grant",
    "declare_paid",
    "file_paper",
    "load_programmes",
    "move_grant",
    "new_grant",
    "new_line",
    "new_payment",
    "plan_of_grant",
    "read_paper",
    "read_programme_file",
    "remove_line",
    "remove_payment",
    "save_beneficiary",
    "save_campaign",
    "save_line",
    "save_payment",
    "save_programme",
    "save_rule",
    "save_vote",
    "take_back",
    "tell_opening",
    "update_grant",
    "vote_problems",
    "withdraw_paper",
]
