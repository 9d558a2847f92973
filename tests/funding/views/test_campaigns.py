"""Campaigns on a page: what is left of the money, and where each rule is written."""

import re
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.funding.models import CampaignRule, EnvelopeVote, GrantStatus, RuleCode
from registry.funding.service import load_programmes
from registry.settings import config_folder
from tests.factories import make_campaign, make_grant
from tests.web.visitors import ENGLISH, SignIn, counted_selects, read


@pytest.fixture
def shipped(session: Session) -> Session:
    """Return a session into which the shipped programmes were loaded."""
    load_programmes(session, config_folder() / "programmes")
    session.commit()
    return session


def test_the_list_tells_what_is_left(session: Session, sign_in: SignIn) -> None:
    """The envelope less the grants in force; a cancelled one gives its money back."""
    campaign = make_campaign(session, 2023)
    session.add(EnvelopeVote(campaign=campaign, rank=1, amount_cents=300_000_000, source="x"))
    make_grant(session, campaign=campaign, voted_cents=100_000_000)
    make_grant(session, campaign=campaign, voted_cents=7_000_000, status=GrantStatus.CANCELLED)
    session.commit()

    page = read(sign_in("officer"), "/campaigns")

    assert "3 000 000,00 €" in page
    assert "2 000 000,00 €" in page
    assert "1 campagne d’aide" in page


@pytest.mark.usefixtures("shipped")
def test_every_rule_stands_with_its_source(sign_in: SignIn) -> None:
    """Rate, cap, window, expenses: what each says, since when, and who says so."""
    page = read(sign_in("technician"), "/campaigns/hdf-communes/2023")

    for words in (
        "30,00 %",
        "30 000,00 €",
        "20 000",
        "13/03/2023",
        "Extension ou remplacement d&#39;un équipement existant",
        "hautsdefrance.fr, pages du 2023-01-06 et du 2023-03-31",
        "Il reste 3 000 000,00 € sur 3 000 000,00 €.",
    ):
        assert words in page


@pytest.mark.usefixtures("shipped")
def test_rules_stand_in_the_order_of_their_weight(sign_in: SignIn) -> None:
    """How much first, for whom next, when and against which papers last."""
    page = read(sign_in("technician"), "/campaigns/hdf-communes/2023", **ENGLISH)

    names = re.findall(r'<th scope="row">([^<]+)</th>', page.split("Rules</h2>")[1])
    assert names[:2] == ["Rate", "Cap"]
    assert names.index("Population below") < names.index("Applications from")
    assert names.index("Applications from") < names.index("Applications until")


@pytest.mark.usefixtures("shipped")
def test_what_is_in_doubt_is_said_to_be(sign_in: SignIn) -> None:
    """A figure whose text was not found is marked, in the reader's language."""
    page = read(sign_in("officer"), "/campaigns/grand-est-communes/2021", **ENGLISH)

    assert "To be checked: de 2021 ; 40 000 à 60 000 les années suivantes" in page


def test_an_overspent_envelope_is_said_first(session: Session, sign_in: SignIn) -> None:
    """The page answers in its first line."""
    campaign = make_campaign(session, 2023)
    session.add(EnvelopeVote(campaign=campaign, rank=1, amount_cents=100, source="x"))
    make_grant(session, campaign=campaign, voted_cents=350)
    session.commit()

    page = read(sign_in("officer"), f"/campaigns/{campaign.programme.code}/2023")

    assert "L’enveloppe est dépassée de 2,50 €." in page


def test_names_and_notes_are_escaped(session: Session, sign_in: SignIn) -> None:
    """Whatever a file says, no page runs it."""
    campaign = make_campaign(session, 2023)
    campaign.name = "<script>alert(1)</script>"
    session.add(
        CampaignRule(
            campaign=campaign,
            code=RuleCode.CONDITIONS,
            value="<b>a</b>\nb",
            valid_from=date(2023, 1, 1),
            source="<i>x</i>",
            note="<img src=x>",
        )
    )
    session.commit()
    browser = sign_in("officer")

    pages = read(browser, "/campaigns") + read(
        browser, f"/campaigns/{campaign.programme.code}/2023"
    )

    for raw in ("<script>alert", "<b>a</b>", "<i>x</i>", "<img src=x>"):
        assert raw not in pages


def test_an_unknown_campaign_is_not_found(sign_in: SignIn) -> None:
    """A year that nobody ran."""
    assert sign_in("officer").get("/campaigns/hdf-communes/1999").status_code == 404


def test_the_list_costs_the_same_however_long_it_is(
    session: Session, sign_in: SignIn, engine: Engine
) -> None:
    """One campaign or twelve: the statements are the same."""
    make_campaign(session)
    session.commit()
    browser = sign_in("officer")
    with counted_selects(engine) as few:
        read(browser, "/campaigns")
    for _ in range(11):
        make_campaign(session)
    session.commit()

    with counted_selects(engine) as many:
        read(browser, "/campaigns")

    assert len(many) == len(few)
