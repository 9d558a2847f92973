"""Programme files in the register: complete, sourced, the same after a second load."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.errors import Misconfigured
from registry.funding import queries
from registry.funding.models import Campaign, EnvelopeVote, Programme, ProgrammeFact
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
rate = 0.30
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
    tables = (Programme, Campaign, EnvelopeVote, ProgrammeFact)
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_the_rules_of_2023_are_loaded(shipped: Session) -> None:
    """30 % up to 30,000 euros, first equipment only, those aided in 2022 excluded."""
    campaign = queries.campaign(shipped, "hdf-communes", 2023)

    assert campaign is not None
    assert (campaign.rate, campaign.cap_cents) == (Decimal("0.3"), 3_000_000)
    assert campaign.population_below == 20_000
    assert campaign.first_equipment_only
    assert campaign.excludes_aided_year_before
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
        "2023-10": "more than 40",
        "2022-11": "about 100 of 400",
    }
    assert len({fact.basis for fact in facts}) == 2


def test_nothing_shipped_is_without_a_source(shipped: Session) -> None:
    """A figure that nobody can check is no fact."""
    for table in (Programme, Campaign, EnvelopeVote, ProgrammeFact):
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
    folder = write(tmp_path, SMALL.replace("rate = 0.30", "taux = 0.30"))

    with pytest.raises(Misconfigured, match=r"a\.toml: programmes\.0\.campaigns\.0\.taux.*0\.30"):
        load_programmes(session, folder)

    assert count(session) == [0, 0, 0, 0]


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
