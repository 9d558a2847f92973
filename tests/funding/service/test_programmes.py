"""Programme files in the register: complete, sourced, the same after a second load."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.errors import Misconfigured
from registry.funding import queries
from registry.funding.models import (
    Campaign,
    CampaignRule,
    EnvelopeVote,
    Programme,
    ProgrammeFact,
    RuleCode,
)
from registry.funding.service import load_programmes, read_programme_file
from registry.settings import config_folder

SMALL = """
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
[[programmes.campaigns.votes]]
amount_euros = 1000.50
source = "brief"
"""


@pytest.fixture
def shipped(session: Session) -> Session:
    """Return a session into which the shipped programmes were loaded."""
    load_programmes(session, config_folder() / "programmes")
    return session


def write(folder: Path, text: str, name: str = "a.toml") -> Path:
    """Write a programme file and return its folder."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def count(session: Session) -> list[int | None]:
    """Return how many rows each table of programmes holds."""
    tables = (Programme, Campaign, CampaignRule, EnvelopeVote, ProgrammeFact)
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_the_rules_of_2023_are_loaded(shipped: Session) -> None:
    """30 % up to 30,000 euros, first equipment only, those aided in 2022 excluded."""
    campaign = queries.campaign(shipped, "hdf-communes", 2023)

    assert campaign is not None
    terms = campaign.terms()
    assert (terms.rate, terms.cap_cents) == (Decimal("0.3"), 3_000_000)
    assert terms.population_below == 20_000
    assert terms.first_equipment_only
    assert terms.not_aided_before
    assert (terms.opens_on, terms.closes_on) == (date(2023, 3, 13), date(2023, 6, 16))
    assert "Extension ou remplacement d'un équipement existant" in terms.excluded_expenses
    assert campaign.programme.frame.startswith("Contrat de plan État-Région")


@pytest.mark.parametrize(
    ("year", "votes", "beneficiaries"),
    [
        (2022, [200_000_000, 250_000_000], 233),
        (2023, [300_000_000], 139),
        (2024, [200_000_000, 50_000_000], 0),
    ],
)
def test_envelopes_are_kept_vote_by_vote(
    shipped: Session, year: int, votes: list[int], beneficiaries: int
) -> None:
    """4.5 million in two votes in 2022, 3 million for 139 communes in 2023."""
    campaign = queries.campaign(shipped, "hdf-communes", year)

    assert campaign is not None
    assert [vote.amount_cents for vote in campaign.votes] == votes
    assert sum(vote.beneficiaries or 0 for vote in campaign.votes) == beneficiaries


def test_two_counts_of_stations_say_what_each_counts(shipped: Session) -> None:
    """More than 40 under the programme, about 100 of 400 equipped by anyone."""
    facts = shipped.scalars(
        select(ProgrammeFact).where(ProgrammeFact.code == "stations-equipped")
    ).all()

    assert {fact.as_of: fact.value for fact in facts} == {
        "2023-10": "plus de 40",
        "2022-11": "environ 100 sur 400",
    }
    assert len({fact.basis for fact in facts}) == 2


def test_nothing_shipped_is_without_a_source(shipped: Session) -> None:
    """A figure that nobody can check is no fact."""
    for table in (Programme, Campaign, CampaignRule, EnvelopeVote, ProgrammeFact):
        assert (
            shipped.scalar(select(func.count()).select_from(table).where(table.source == "")) == 0
        )


def test_a_second_load_changes_nothing(shipped: Session) -> None:
    """No row more, no row touched."""
    before = count(shipped)
    shipped.commit()

    load_programmes(shipped, config_folder() / "programmes")

    assert not shipped.dirty
    assert count(shipped) == before


def test_votes_follow_the_file(session: Session, tmp_path: Path) -> None:
    """A corrected amount replaces the old one; a vote taken out is gone."""
    load_programmes(session, write(tmp_path, SMALL))
    load_programmes(session, write(tmp_path, SMALL.replace("1000.50", "2000.00")))

    assert session.scalars(select(EnvelopeVote.amount_cents)).all() == [200_000]

    without_votes = SMALL.partition("[[programmes.campaigns.votes]]")[0]
    load_programmes(session, write(tmp_path, without_votes))
    session.expire_all()

    assert session.scalars(select(EnvelopeVote.amount_cents)).all() == []


def test_an_unknown_key_is_named_with_its_file(session: Session, tmp_path: Path) -> None:
    """The message gives file, key and value; nothing is loaded."""
    folder = write(tmp_path, SMALL.replace("value = 0.30", "taux = 0.30"))

    with pytest.raises(Misconfigured, match=r"a\.toml: .*rules\.0\.taux: .*0\.30"):
        load_programmes(session, folder)

    assert count(session) == [0, 0, 0, 0, 0]


def test_a_programme_stands_in_one_file(session: Session, tmp_path: Path) -> None:
    """Two files that define one programme would each undo the other."""
    write(tmp_path, SMALL)
    write(tmp_path, SMALL, "b.toml")

    with pytest.raises(Misconfigured, match=r"b\.toml: programmes: 'communes' is there twice"):
        load_programmes(session, tmp_path)


def test_what_is_no_toml_is_refused_by_name(tmp_path: Path) -> None:
    """The file is named, and the line that breaks it."""
    folder = write(tmp_path, "authority = \nframe = 3\n")

    with pytest.raises(Misconfigured, match=r"a\.toml: .*line 1"):
        read_programme_file(folder / "a.toml")


@pytest.mark.parametrize(
    ("code", "year", "rate", "cap_cents", "per_camera_cents"),
    [
        ("idf-bouclier", 2025, "0.5", None, None),
        ("aura-gares", 2025, "0.5", 5_000_000, 1_500_000),
        ("aura-communes", 2020, "0.5", 5_000_000, None),
        ("grand-est-communes", 2021, "0.5", 3_000_000, None),
        ("fipd-videoprotection", 2024, "0.5", None, 1_500_000),
    ],
)
def test_other_authorities_are_data(  # noqa: PLR0913, PLR0917 - a campaign and three figures
    shipped: Session,
    code: str,
    year: int,
    rate: str,
    cap_cents: int | None,
    per_camera_cents: int | None,
) -> None:
    """Another region is another file: no line of code knows any of them by name."""
    campaign = queries.campaign(shipped, code, year)

    assert campaign is not None
    terms = campaign.terms()
    assert terms.rate == Decimal(rate)
    assert (terms.cap_cents, terms.cap_per_camera_cents) == (cap_cents, per_camera_cents)


def test_what_is_in_doubt_says_why(shipped: Session) -> None:
    """A figure whose text was not found is marked, with what is in doubt about it."""
    doubtful = shipped.scalars(select(CampaignRule).where(CampaignRule.certain.is_(False))).all()

    assert len(doubtful) == 4
    assert all(rule.note for rule in doubtful)


def test_a_rule_that_changes_holds_from_its_day_on(session: Session, tmp_path: Path) -> None:
    """Each day has its own cap; a day before both has none."""
    changed = SMALL.replace(
        "[[programmes.campaigns.votes]]",
        """[[programmes.campaigns.rules]]
rule = "cap"
value = 30000
valid_from = 2023-02-01
valid_until = 2023-05-31
source = "brief"
[[programmes.campaigns.rules]]
rule = "cap"
value = 50000
valid_from = 2023-06-01
source = "deliberation"
[[programmes.campaigns.votes]]""",
    )
    load_programmes(session, write(tmp_path, changed))
    campaign = session.scalars(select(Campaign)).one()

    caps = [campaign.terms(date(2023, month, 1)).cap_cents for month in (1, 5, 6)]

    assert caps == [None, 3_000_000, 5_000_000]
    assert campaign.terms().sources[RuleCode.CAP] == "deliberation"


def test_a_rule_may_move_its_first_day(session: Session, tmp_path: Path) -> None:
    """The old row leaves before the new one comes, for only one may last."""
    load_programmes(session, write(tmp_path, SMALL))
    dated = SMALL.replace("value = 0.30", "value = 0.35\nvalid_from = 2023-01-01")
    load_programmes(session, write(tmp_path, dated))
    session.expire_all()

    (rule,) = session.scalars(select(CampaignRule)).all()
    assert (rule.value, rule.valid_from) == ("0.35", date(2023, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value = 0.30", "value = 30", r"rate: expected a share above 0 and up to 1.*30"),
        ("value = 0.30", "value = 0.30001", r"at most four decimals"),
        ('"rate"', '"taux"', r"rules\.0\.rule.*'taux'"),
        ("value = 0.30", "value = 0.30\ncertain = false", r"needs a note"),
        (
            "value = 0.30",
            "value = 0.3\nvalid_from = 2023-06-01\nvalid_until = 2023-01-01",
            r"valid_until 2023-01-01 comes before valid_from 2023-06-01",
        ),
        (
            "[[programmes.campaigns.votes]]",
            (
                '[[programmes.campaigns.rules]]\nrule = "rate"\nvalue = 0.4\nsource = "x"\n'
                "[[programmes.campaigns.votes]]"
            ),
            r"two rules rate hold at once",
        ),
        (
            'rule = "rate"\nvalue = 0.30',
            'rule = "papers"\nvalue = ["received: selfie"]',
            r"'selfie' is not a valid PaperKind",
        ),
    ],
)
def test_an_impossible_rule_is_refused_by_name(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    """The message gives the file, the rule, the value and what was expected."""
    folder = write(tmp_path, SMALL.replace(old, new))

    with pytest.raises(Misconfigured, match=rf"a\.toml: .*{words}"):
        read_programme_file(folder / "a.toml")
