"""What is entered by hand is held to a file's rules, and files leave it alone."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from registry.errors import Conflict, Invalid
from registry.funding import queries
from registry.funding.models import Campaign, RuleCode
from registry.funding.service import (
    CampaignValues,
    ProgrammeValues,
    RuleValues,
    VoteValues,
    load_programmes,
    save_campaign,
    save_programme,
    save_rule,
    save_vote,
)
from registry.signature import Signature
from tests.factories import make_campaign

FILE = """
authority = "Région"
frame = "CPER"
[[programmes]]
code = "communes"
name = "Communes"
since = 2022
source = "brief"
[[programmes.campaigns]]
year = 2023
name = "2023"
source = "brief"
[[programmes.campaigns.rules]]
rule = "rate"
value = 0.30
source = "brief"
[[programmes.campaigns.rules]]
rule = "cap"
value = 30000
source = "brief"
[[programmes.campaigns.votes]]
amount_euros = 1000
source = "brief"
"""


@pytest.fixture
def signed(now: datetime) -> Signature:
    """Return an officer's signature with a reason."""
    return Signature(actor="user:1", at=now, reason="délibération")


@pytest.fixture
def loaded(session: Session, tmp_path: Path) -> Campaign:
    """Return the campaign of a file that was loaded."""
    (tmp_path / "a.toml").write_text(FILE, encoding="utf-8")
    load_programmes(session, tmp_path)
    campaign = queries.campaign(session, "communes", 2023)
    assert campaign is not None
    return campaign


def test_files_leave_alone_what_was_entered_by_hand(
    session: Session, tmp_path: Path, loaded: Campaign, signed: Signature
) -> None:
    """A new rate and a second vote stay through a load; the cap still follows its file."""
    (standing,) = [each for each in loaded.rules if each.code is RuleCode.RATE]
    wanted = replace(RuleValues.of(standing), value="0.35")
    save_rule(session, loaded, wanted, signed=signed, rule=standing)
    save_vote(session, loaded, VoteValues(amount_cents=50_000, source="2e vote"), signed=signed)
    programme = ProgrammeValues.of(loaded.programme)
    save_programme(
        session, replace(programme, name="Villages"), signed=signed, programme=loaded.programme
    )
    (tmp_path / "a.toml").write_text(FILE.replace("30000", "40000"), encoding="utf-8")

    load_programmes(session, tmp_path)
    session.expire_all()

    terms = loaded.terms()
    assert (terms.rate, terms.cap_cents) == (Decimal("0.35"), 4_000_000)
    (line,) = queries.campaign_lines(session)
    assert line.envelope_cents == 150_000
    assert (loaded.programme.name, loaded.name) == ("Villages", "2023")


def test_a_rule_of_another_period_stays_through_a_load(
    session: Session, tmp_path: Path, loaded: Campaign, signed: Signature
) -> None:
    """The file's own rate, ended by hand, and the one that follows it."""
    (standing,) = [each for each in loaded.rules if each.code is RuleCode.RATE]
    ended = replace(RuleValues.of(standing), valid_until=date(2023, 6, 30))
    save_rule(session, loaded, ended, signed=signed, rule=standing)
    following = RuleValues(
        code=RuleCode.RATE, value="0.5", valid_from=date(2023, 7, 1), source="avenant"
    )
    save_rule(session, loaded, following, signed=signed)

    load_programmes(session, tmp_path)
    session.expire_all()

    assert [loaded.terms(date(2023, month, 1)).rate for month in (6, 7)] == [
        Decimal("0.3"),
        Decimal("0.5"),
    ]


def test_the_same_values_again_leave_a_row_to_its_file(
    session: Session, loaded: Campaign, signed: Signature
) -> None:
    """Nothing was entered by hand if nothing was different."""
    save_campaign(
        session, loaded.programme, CampaignValues.of(loaded), signed=signed, campaign=loaded
    )

    assert not loaded.by_hand


def test_what_a_file_would_be_refused_for_is_refused(session: Session, signed: Signature) -> None:
    """Every problem at once, under the register's own names; then a reason, and twins."""
    campaign = make_campaign(session)
    values = ProgrammeValues(
        code="Not A Code", name="", authority="Région", frame="CPER", since=23, source="x"
    )
    with pytest.raises(Invalid) as refused:
        save_programme(session, values, signed=signed)
    assert {each.where for each in refused.value.problems} == {"code", "name", "since"}

    with pytest.raises(Invalid, match=r"amount_cents: value\.unfit"):
        save_vote(session, campaign, VoteValues(amount_cents=0, source="x"), signed=signed)
    with pytest.raises(Invalid, match="reason: required"):
        save_vote(
            session,
            campaign,
            VoteValues(amount_cents=1, source="x"),
            signed=replace(signed, reason=" "),
        )
    with pytest.raises(Conflict):
        save_campaign(
            session,
            campaign.programme,
            CampaignValues(year=2023, name="x", source="x"),
            signed=signed,
        )
