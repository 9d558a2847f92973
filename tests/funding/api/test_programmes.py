"""Programmes by the API: as their files say, and as somebody enters them by hand."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.funding.api.programmes import (
    CampaignGiven,
    CampaignShown,
    ProgrammeGiven,
    ProgrammeShown,
    RuleGiven,
    RuleShown,
    VoteGiven,
    VoteShown,
)
from registry.funding.models import Campaign, RuleCode
from registry.funding.service import load_programmes
from registry.journal import JournalEntry
from registry.settings import config_folder
from registry.web.rest import Fields
from tests.factories import add_rule, make_campaign
from tests.web.programs import MakeProgram, Program, errors, items

PROGRAMME = {
    "code": "abords-lycees", "name": "Abords des lycées", "authority": "Région",
    "frame": "CPER", "since": 2026, "source": "délibération 2026.01",
}  # fmt: skip


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """Write a campaign of 2023 without a rule."""
    campaign = make_campaign(session)
    session.commit()
    return campaign


def rate(campaign: Campaign, value: str, **other: object) -> dict[str, object]:
    """Return a rate to add to a campaign."""
    said = {"campaign_id": campaign.id, "code": "rate", "value": value}
    return {**said, "source": "délibération", "why": "vote", **other}


def test_programmes_are_read_as_their_files_say(api: Program, session: Session) -> None:
    """Campaigns, rules and envelopes hang below, each with its source."""
    load_programmes(session, config_folder() / "programmes")
    session.commit()

    (programme,) = items(api("GET", "programmes?code=hdf-communes"))
    campaigns = items(api("GET", f"campaigns?programme_id={programme['id']}"))
    rules = items(api("GET", f"campaign-rules?campaign_id={campaigns[0]['id']}"))
    votes = items(api("GET", "envelope-votes?amount_cents_min=1"))

    assert campaigns
    assert all(each["source"] for each in rules)
    assert all(isinstance(each["amount_cents"], int) for each in votes)
    assert not any(each["by_hand"] for each in (programme, *campaigns, *rules, *votes))


def test_what_a_file_gave_can_be_written_back_as_it_is_read(api: Program, session: Session) -> None:
    """Every value of every rule is accepted in the spelling in which it is shown."""
    load_programmes(session, config_folder() / "programmes")
    session.commit()
    rules = items(api("GET", "campaign-rules?limit=1000"))

    written = api(
        "PATCH",
        "campaign-rules/bulk",
        [
            {"id": each["id"], "etag": each["etag"], "value": each["value"],
             "source": f"{each['source']} (relu)", "why": "relecture"}
            for each in rules
        ],
    )  # fmt: skip

    assert written.status_code == 200, written.text
    assert [each["value"] for each in written.get_json()] == [each["value"] for each in rules]
    assert {each["code"] for each in rules} > {"cap", "rate", "papers", "opens_on"} - {"papers"}


def test_a_programme_is_entered_from_its_name_to_its_envelope(api: Program) -> None:
    """Programme, campaign, rules and votes, the lists whole or not at all."""
    programme = api("POST", "programmes", PROGRAMME).get_json()
    campaign = api(
        "POST", "campaigns",
        {"programme_id": programme["id"], "year": 2026, "name": "2026", "source": "page"},
    ).get_json()  # fmt: skip
    below = {"campaign_id": campaign["id"], "source": "page", "why": "vote du 3 mars"}
    rules = api(
        "POST", "campaign-rules/bulk",
        [
            {**below, "code": "rate", "value": "0.50"},
            {**below, "code": "cap", "value": "3000000"},
            {**below, "code": "eligible_expenses", "value": "Caméras\nMâts"},
        ],
    )  # fmt: skip
    vote = api("POST", "envelope-votes", {**below, "amount_cents": 200_000_000})

    assert rules.status_code == 201, rules.text
    assert [each["value"] for each in rules.get_json()] == ["0.5", "3000000", "Caméras\nMâts"]
    assert vote.status_code == 201, vote.text
    assert (vote.get_json()["rank"], vote.get_json()["by_hand"]) == (1, True)


def test_every_wrong_rule_of_a_list_is_said_and_none_is_kept(
    api: Program, campaign: Campaign
) -> None:
    """A rate of 30, an unknown step, an end before its beginning, doubt without a note."""
    said = errors(
        api(
            "POST", "campaign-rules/bulk",
            [
                rate(campaign, "30"),
                rate(campaign, "0.3", valid_from="2023-06-01", valid_until="2023-05-31"),
                rate(campaign, "0.3", certain=False),
                rate(campaign, "filed: a poem", code="papers"),
                rate(campaign, "0.3"),
                rate(campaign, "0.4"),
            ],
        )
    )  # fmt: skip

    assert [(each["row"], each["field"], each["code"]) for each in said] == [
        (0, "value", "rule.proportion"),
        (1, "valid_until", "rule.order"),
        (2, "note", "rule.note"),
        (3, "value", "rule.papers"),
        (5, "valid_from", "rule.overlap"),
    ]
    assert said[0]["message"].startswith("“30” is no share above 0")
    assert items(api("GET", "campaign-rules")) == []


@pytest.mark.parametrize(
    ("code", "value"),
    [("cap", "0"), ("cap", "1.5"), ("population_below", "0"), ("groupings_eligible", "maybe"),
     ("opens_on", "2023-02-30"), ("conditions", "one\n\ntwo")],
)  # fmt: skip
def test_a_value_is_held_to_what_its_rule_takes(
    api: Program, campaign: Campaign, code: str, value: str
) -> None:
    """As a file would be, in the reader's words."""
    (said,) = errors(api("POST", "campaign-rules", rate(campaign, value, code=code)))

    assert (said["field"], said["code"].partition(".")[0]) == ("value", "rule")
    assert said["message"] != said["code"]


def test_a_window_does_not_close_before_it_opens(
    api: Program, session: Session, campaign: Campaign
) -> None:
    """The rules of a campaign are judged together."""
    add_rule(session, campaign, RuleCode.OPENS_ON, datetime(2023, 3, 13).date())  # noqa: DTZ001
    session.commit()

    (said,) = errors(api("POST", "campaign-rules", rate(campaign, "2023-03-12", code="closes_on")))

    assert said["code"] == "rule.window"


def test_money_does_not_change_without_a_reason(api: Program, campaign: Campaign) -> None:
    """Nor is a vote or a rule added without one; the journal keeps it with the figures."""
    vote = {"campaign_id": campaign.id, "amount_cents": 5, "source": "page"}
    silent = [
        api("POST", "envelope-votes", vote),
        api("POST", "campaign-rules", rate(campaign, "0.3", why="")),
    ]
    added = api("POST", "envelope-votes", {**vote, "why": "vote du 3 mars"})
    path = f"envelope-votes/{added.get_json()['id']}"
    etag = added.headers["ETag"]
    silent.append(api("PATCH", path, {"amount_cents": 6}, If_Match=etag))
    unseen = api("PATCH", path, {"amount_cents": 6, "why": "x"})
    late = api("PATCH", path, {"amount_cents": 6, "why": "x"}, If_Match='"old"')
    raised = api("PATCH", path, {"amount_cents": 6, "why": "abondement"}, If_Match=etag)

    assert [errors(each)[0]["field"] for each in silent] == ["why"] * 3
    assert (unseen.status_code, late.status_code) == (428, 412)
    assert raised.get_json()["amount_cents"] == 6


def test_a_change_by_hand_is_in_the_journal(
    api: Program, session: Session, campaign: Campaign
) -> None:
    """Who, from what, to what, and why."""
    added = api("POST", "campaign-rules", rate(campaign, "0.3"))
    api(
        "PATCH", f"campaign-rules/{added.get_json()['id']}",
        {"value": "0.35", "why": "avenant"}, If_Match=added.headers["ETag"],
    )  # fmt: skip

    first, second = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()[-2:]
    assert (first.action, second.action) == ("campaign_rule.add", "campaign_rule.edit")
    assert second.subject == f"campaign:{campaign.programme.code}/2023"
    assert (second.before, second.after) == ('{"value": "0.3"}', '{"value": "0.35"}')
    assert second.reason == "avenant"


def test_a_code_and_a_year_are_given_once(api: Program, campaign: Campaign) -> None:
    """Grants, imports and links name a campaign by them."""
    first = api("POST", "programmes", PROGRAMME)
    again = api("POST", "programmes", PROGRAMME)
    year = {"programme_id": campaign.programme_id, "year": 2023, "name": "x", "source": "y"}
    renamed = api(
        "PATCH", f"programmes/{first.get_json()['id']}", {"name": "Lycées", "why": "nom usuel"},
        If_Match=first.headers["ETag"],
    )  # fmt: skip

    assert (again.status_code, api("POST", "campaigns", year).status_code) == (409, 409)
    assert renamed.get_json()["name"] == "Lycées"
    assert errors(
        api("PATCH", f"campaigns/{campaign.id}", {"year": 2024}, If_Match="*")
    )[0]["field"] == "year"  # fmt: skip


def test_rules_are_of_the_whole_region(program: MakeProgram, campaign: Campaign) -> None:
    """Who is bound to a department reads them and writes none."""
    nord = program(territory=("department:59",))

    assert nord("GET", "campaigns").status_code == 200
    assert nord("POST", "campaign-rules", rate(campaign, "0.3")).status_code == 403


@pytest.mark.parametrize(
    ("given", "shown"),
    [(ProgrammeGiven, ProgrammeShown), (CampaignGiven, CampaignShown), (RuleGiven, RuleShown),
     (VoteGiven, VoteShown)],
)  # fmt: skip
def test_what_is_given_comes_back_as_the_same_kind(
    given: type[Fields], shown: type[Fields]
) -> None:
    """Only the reason is given and not shown."""
    said, back = given().fields, shown().fields

    assert set(said) - set(back) == {"why"}
    assert all(isinstance(said[name], type(back[name])) for name in set(said) - {"why"})
