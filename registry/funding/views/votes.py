"""The votes of an envelope by hand: one more slice, or another amount, date or source."""

from dataclasses import asdict

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from registry.errors import NotFound
from registry.funding import queries
from registry.funding.forms import VoteForm
from registry.funding.models import Campaign, EnvelopeVote
from registry.funding.service import VoteValues, save_vote
from registry.funding.views.editing import Ask, answer, signature
from registry.web.access import current_session, needs
from registry.web.render import gettext
from registry.web.versions import held


def add_to(bp: Blueprint) -> None:
    """Add the forms."""
    rule = "/campaigns/<code>/<int:year>/votes/new"
    bp.add_url_rule(rule, view_func=add_vote, methods=["GET", "POST"])
    rule = "/campaigns/<code>/<int:year>/votes/<int:vote_id>"
    bp.add_url_rule(rule, view_func=edit_vote, methods=["GET", "POST"])


@needs("grants.edit")
def add_vote(code: str, year: int) -> ResponseReturnValue:
    """Add a slice to the envelope of a campaign."""
    session, campaign = current_session(), _campaign(code, year)
    form = VoteForm()
    ask = Ask(gettext("New vote of the envelope"), gettext("Add"), above=_above(campaign))
    return answer(
        form, ask, lambda: save_vote(session, campaign, form.values(), signed=signature(form))
    )


@needs("grants.edit")
def edit_vote(code: str, year: int, vote_id: int) -> ResponseReturnValue:
    """Change a slice; the file of the programme changes it no more."""
    session, campaign = current_session(), _campaign(code, year)
    vote = held(EnvelopeVote, vote_id)
    if vote.campaign_id != campaign.id:
        raise NotFound(f"campaign {code} {year} has no vote {vote_id}")
    before = VoteValues.of(vote)
    form = VoteForm(vote)
    ask = Ask(
        gettext("Vote %(rank)s of the envelope", rank=vote.rank),
        gettext("Save"),
        above=_above(campaign),
        said=asdict(before),
        standing=lambda: VoteForm(vote, formdata=None),
    )

    def act() -> bool:
        save_vote(session, campaign, form.values(), signed=signature(form), vote=vote)
        return VoteValues.of(vote) != before

    return answer(form, ask, act)


def _campaign(code: str, year: int) -> Campaign:
    found = queries.campaign(current_session(), code, year)
    if found is None:
        raise NotFound(f"no campaign {code} {year}")
    return found


def _above(campaign: Campaign) -> tuple[str, str]:
    code = campaign.programme.code
    where = url_for("funding.show_campaign", code=code, year=campaign.year, _anchor="envelope")
    return f"{campaign.programme.name}, {campaign.name}", where
