"""Grants as sheets list them."""

import pytest
from sqlalchemy.orm import Session

from registry.errors import Invalid, Problem
from registry.fleet.rules import Zones
from registry.fleet.service.kinds import Desk
from registry.fleet.service.kinds.grants import GrantKind
from tests.factories import make_campaign
from tests.fleet.service.whole import AUTHOR, fill


@pytest.fixture
def desk(session: Session) -> Desk:
    """Return a desk over a filled register."""
    fill(session)
    return Desk(session, AUTHOR, Zones.only())


def problems(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    """Return field and code of each problem."""
    return [(each.where, each.code) for each in refused.value.problems]


def test_a_grant_names_a_campaign_that_there_is(desk: Desk) -> None:
    """An unknown programme and a year that it does not have are told with the known ones."""
    campaign = make_campaign(desk.session, 2024)
    said = {"file_number": "9", "programme": campaign.programme.code, "year": 2019,
        "beneficiary": "Lille", "voted_cents": 1, "cameras_funded": 1}  # fmt: skip

    kind = GrantKind(desk)
    kind.prepare([])

    with pytest.raises(Invalid) as year:
        kind.create(said)
    with pytest.raises(Invalid) as programme:
        kind.create({**said, "programme": "Lunes"})

    assert problems(year) == [("year", "campaign.unknown")]
    assert problems(programme) == [("programme", "programme.unknown")]


def test_a_new_grant_says_all_that_is_required(desk: Desk) -> None:
    """Every missing column is named at once."""
    with pytest.raises(Invalid) as refused:
        GrantKind(desk).create({"file_number": "9"})

    assert [each for each, _ in problems(refused)] == [
        "programme", "year", "beneficiary", "voted_cents", "cameras_funded",
    ]  # fmt: skip


def test_who_receives_a_grant_is_not_changed_by_a_sheet(desk: Desk) -> None:
    """Another spelling of the programme is the same one; another body is refused."""
    kind = GrantKind(desk)
    (grant,) = kind.everything()
    code = grant.campaign.programme.code
    kind.prepare([])
    said = {"file_number": grant.file_number, "programme": code, "year": grant.campaign.year}

    assert kind.meant(said)["programme"] == grant.campaign.programme.name
    kind.update(grant, {"purpose": "Parvis"})
    with pytest.raises(Invalid) as refused:
        kind.update(grant, {"beneficiary": "Lille"})

    assert grant.purpose == "Parvis"
    assert refused.value.problems == (Problem("grant.fixed", "beneficiary", "Lille"),)
