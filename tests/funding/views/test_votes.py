"""The votes of an envelope on their forms: added, changed, refused, and who came second."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.funding.models import Campaign, EnvelopeVote
from registry.journal import JournalEntry
from tests.factories import make_campaign
from tests.web.visitors import ENGLISH, SignIn, hidden, read, send

VOTE = {
    "amount_cents": "1 500 000,00 €",
    "voted_on": "2026-03-26",
    "beneficiaries": "40",
    "source": "Délibération 2026.00123 <b>",
    "reason": "CP de mars",
}


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """Add a campaign of 2026 without a vote."""
    campaign = make_campaign(session, 2026)
    session.commit()
    return campaign


def address(campaign: Campaign, end: object = "new") -> str:
    """Return the address of the form of a vote."""
    return f"/campaigns/{campaign.programme.code}/{campaign.year}/votes/{end}"


def votes(session: Session) -> list[tuple[int, int, date | None]]:
    """Return what the register holds."""
    session.expire_all()
    found = session.scalars(select(EnvelopeVote).order_by(EnvelopeVote.rank))
    return [(each.rank, each.amount_cents, each.voted_on) for each in found]


def test_a_vote_is_added_and_changed(session: Session, sign_in: SignIn, campaign: Campaign) -> None:
    """The campaign's page shows both, and what is left grows; the journal has the reasons."""
    officer, page = sign_in("officer"), address(campaign)
    show = f"/campaigns/{campaign.programme.code}/2026"
    assert page in read(officer, show)

    added = send(officer, page, page=page, **VOTE)
    own = address(campaign, session.scalars(select(EnvelopeVote.id)).one())
    changed = send(
        officer, own, page=own, **{**VOTE, "amount_cents": "1600000"}, version=hidden(officer, own)
    )

    assert (added.status_code, changed.status_code) == (302, 302)
    assert added.headers["Location"] == f"{show}#envelope"
    assert votes(session) == [(1, 160_000_000, date(2026, 3, 26))]
    assert "Délibération 2026.00123 &lt;b&gt;" in read(officer, show)
    assert "€1,600,000.00 are left" in read(officer, show, **ENGLISH)
    found = session.scalars(select(JournalEntry).order_by(JournalEntry.id))
    assert [(each.action, each.reason) for each in found if "vote" in each.action] == [
        ("envelope_vote.add", "CP de mars"),
        ("envelope_vote.edit", "CP de mars"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount_cents", "beaucoup", "« beaucoup » n’est pas un montant, comme 21 600,00."),
        ("amount_cents", "-5", "ne peut pas figurer ici"),
        ("beneficiaries", "0", "« 0 » ne peut pas figurer ici"),
        ("beneficiaries", "9999999999999", "2147483647"),
        ("amount_cents", "9" * 40, "n’est pas un montant, comme 21 600,00."),
        ("source", "", "Ce champ est requis"),
        ("reason", "", "Ce champ est requis"),
    ],
)
def test_what_is_refused_stands_under_its_field(  # noqa: PLR0913, PLR0917 - one case to a row
    session: Session, sign_in: SignIn, campaign: Campaign, field: str, value: str, words: str
) -> None:
    """No amount, nobody, no source, no reason: nothing is written, nothing typed is lost."""
    page = address(campaign)

    answer = send(sign_in("officer"), page, page=page, **{**VOTE, field: value})

    told = answer.text.split(f'id="{field}-error">')[1].partition("</p>")[0]
    assert answer.status_code == 422
    assert words in told.replace("\N{NO-BREAK SPACE}", " ")
    assert 'value="2026-03-26"' in answer.text
    assert votes(session) == []


def test_of_two_who_change_a_vote_one_is_told(
    session: Session, sign_in: SignIn, campaign: Campaign
) -> None:
    """The second reads the amount of the first below the field."""
    first, second, page = sign_in("officer"), sign_in("administrator"), address(campaign)
    send(first, page, page=page, **VOTE)
    own = address(campaign, session.scalars(select(EnvelopeVote.id)).one())
    seen = hidden(first, own)

    won = send(first, own, page=own, **{**VOTE, "amount_cents": "2000000"}, version=seen)
    told = send(second, own, page=own, **{**VOTE, "amount_cents": "3000000"}, version=seen)

    assert (won.status_code, told.status_code) == (302, 409)
    assert (
        "Le registre dit maintenant «\N{NO-BREAK SPACE}2000000,00\N{NO-BREAK SPACE}»" in told.text
    )
    assert votes(session) == [(1, 200_000_000, date(2026, 3, 26))]


def test_a_vote_stands_under_its_own_campaign(
    session: Session, sign_in: SignIn, client: FlaskClient, campaign: Campaign
) -> None:
    """Nor is a form offered to whoever may not change grants."""
    officer, technician = sign_in("officer"), sign_in("technician")
    send(officer, address(campaign), page=address(campaign), **VOTE)
    other = make_campaign(session, 2025)
    session.commit()
    number = session.scalars(select(EnvelopeVote.id)).one()

    assert officer.get(address(other, number)).status_code == 404
    assert officer.get("/campaigns/none/2026/votes/new").status_code == 404
    assert technician.get(address(campaign)).status_code == 403
    show = f"/campaigns/{campaign.programme.code}/2026"
    assert "/votes/" not in read(technician, show)
    assert client.get(address(campaign)).status_code == 302
