"""The words of funding's closed sets, for forms and pages."""

from registry.web.render import gettext, mark

PAPER_WORDS = {
    "application": mark("Signed application"),
    "council_decision": mark("Decision of the council"),
    "explanatory_note": mark("Explanatory note"),
    "security_diagnosis": mark("Security adviser’s diagnosis"),
    "quote": mark("Quote"),
    "financing_plan": mark("Financing plan"),
    "position_plan": mark("Plan of positions"),
    "prefectoral_order": mark("Prefectoral order, or receipt of the request"),
    "bank_details": mark("Bank details"),
    "committee_decision": mark("Decision of the standing committee"),
    "agreement": mark("Agreement or award order"),
    "amendment": mark("Amendment"),
    "start_declaration": mark("Declaration of start"),
    "payment_request": mark("Payment request"),
    "expense_statement": mark("Statement of expenses, signed by the public accountant"),
    "invoice": mark("Invoice"),
    "acceptance_report": mark("Acceptance report"),
    "commissioning_note": mark("Declaration of commissioning"),
    "display_proof": mark("Proof of the panel or plaque"),
    "check_report": mark("Report of a check"),
    "recovery_order": mark("Recovery order"),
    "other": mark("Other paper"),
}
STAGE_WORDS = {
    "application": mark("Application"),
    "decision": mark("Decision"),
    "works": mark("Works"),
    "payment": mark("Payment"),
    "check": mark("Check"),
}
PAYMENT_WORDS = {
    "advance": mark("Advance"),
    "interim": mark("Interim payment"),
    "balance": mark("Balance"),
    "declared": mark("Declared total, without dates"),
    "repayment": mark("Repayment by the beneficiary"),
}
FUNDER_WORDS = {
    "fipd": mark("State, FIPD"),
    "detr": mark("State, DETR"),
    "dsil": mark("State, DSIL"),
    "department": mark("Department"),
    "epci": mark("Grouping of communes"),
    "europe": mark("European Union"),
    "other": mark("Another funder"),
    "own": mark("Own funds of the beneficiary"),
}
LINE_WORDS = {
    "asked": mark("asked"),
    "granted": mark("granted"),
    "refused": mark("refused"),
}
MOMENT_WORDS = {
    "asked_on": mark("asked on"),
    "certified_on": mark("certified on"),
    "paid_on": mark("paid on"),
    "certified": mark("certified"),
    "paid": mark("paid"),
}
RULE_WORDS = {
    "rate": mark("Rate"),
    "cap": mark("Cap"),
    "cap_per_camera": mark("Cap per camera"),
    "least_project": mark("Least cost of a project"),
    "public_share": mark("Public money, at most"),
    "population_below": mark("Population below"),
    "population_year": mark("Population of the year"),
    "first_equipment_only": mark("First equipment only"),
    "not_aided_before": mark("Beneficiaries of the campaign before are excluded"),
    "groupings_eligible": mark("Groupings are eligible"),
    "eligible_expenses": mark("Eligible expenses"),
    "excluded_expenses": mark("Excluded expenses"),
    "conditions": mark("Conditions"),
    "perimeter_metres": mark("Perimeter, in metres"),
    "opens_on": mark("Applications from"),
    "closes_on": mark("Applications until"),
    "keep_in_place_years": mark("Years to be kept in place"),
    "advance_share": mark("Advance, at most"),
    "interim_share": mark("Payments before the balance, at most"),
    "papers": mark("Papers asked for"),
}
# Every word by its code, where one code never means two things.
FUNDING_WORDS = {**LINE_WORDS, **MOMENT_WORDS, **PAYMENT_WORDS, **PAPER_WORDS}
FAMILIES = {
    "paper": PAPER_WORDS,
    "stage": STAGE_WORDS,
    "payment": PAYMENT_WORDS,
    "funder": FUNDER_WORDS,
    "line": LINE_WORDS,
}


def funding_word(code: str, family: str) -> str:
    """Put a code of one of funding's closed sets into the reader's words."""
    return gettext(FAMILIES[family][code])
