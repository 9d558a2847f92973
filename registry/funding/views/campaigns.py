"""The campaigns: their rules with the source of each, and what is left of their envelopes."""

from datetime import date
from decimal import Decimal

from flask import Blueprint, render_template

from registry.errors import NotFound
from registry.funding import queries
from registry.funding.forms.words import RULE_WORDS
from registry.funding.models import CampaignRule
from registry.funding.rules import MEASURES, Measure, RuleCode, read_value
from registry.web.access import current_session, needs
from registry.web.render import BASIS_POINTS, euros, gettext, number, percent, short_day


def add_to(bp: Blueprint) -> None:
    """Add the pages of campaigns."""
    bp.add_url_rule("/campaigns", view_func=list_campaigns)
    bp.add_url_rule("/campaigns/<code>/<int:year>", view_func=show_campaign)


@needs("grants.read")
def list_campaigns() -> str:
    """List every campaign with its envelope and what is left of it."""
    lines = queries.campaign_lines(current_session())
    return render_template("funding/campaigns.html", lines=lines)


@needs("grants.read")
def show_campaign(code: str, year: int) -> str:
    """Show one campaign: its votes, what is left, its rules with their sources."""
    lines = queries.campaign_lines(current_session())
    for line in lines:
        if (line.campaign.programme.code, line.campaign.year) == (code, year):
            break
    else:
        raise NotFound(f"no campaign {code} {year}")
    rank = list(RULE_WORDS).index
    ranked = sorted(line.campaign.rules, key=lambda rule: rank(rule.code))
    rules = [(rule, rule_name(rule), rule_value(rule)) for rule in ranked]
    return render_template("funding/campaign.html", line=line, rules=rules)


def rule_name(rule: CampaignRule) -> str:
    """Return what a rule is called."""
    return gettext(RULE_WORDS[rule.code])


def rule_value(rule: CampaignRule) -> list[str]:
    """Return what a rule says, line by line, as the reader writes figures and days."""
    value = read_value(rule.code, rule.value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date):
        return [short_day(value)]
    if isinstance(value, bool):
        return [gettext("yes") if value else gettext("no")]
    if isinstance(value, Decimal):
        return [percent(int(value * BASIS_POINTS), BASIS_POINTS)]
    if MEASURES[rule.code] is Measure.MONEY:
        return [euros(value)]
    # A year is no quantity: it has no thousands.
    return [str(value) if rule.code is RuleCode.POPULATION_YEAR else number(value)]
