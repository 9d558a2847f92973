"""Which campaign, which grant, and what is left of the money."""

from sqlalchemy.orm import Session

from registry.funding import queries
from registry.funding.models import EnvelopeVote, GrantStatus
from tests.factories import make_campaign, make_grant


def vote(campaign_id: int, rank: int, amount_cents: int) -> EnvelopeVote:
    """Return a slice of an envelope."""
    return EnvelopeVote(
        campaign_id=campaign_id, rank=rank, amount_cents=amount_cents, source="test"
    )


def test_a_campaign_is_found_by_programme_and_year(session: Session) -> None:
    """The same year of another programme is another campaign."""
    campaign = make_campaign(session, 2023)
    make_campaign(session, 2023)

    assert queries.campaign(session, campaign.programme.code, 2023) is campaign
    assert queries.campaign(session, campaign.programme.code, 2022) is None


def test_an_envelope_is_the_sum_of_its_votes(session: Session) -> None:
    """2 million and then 2.5 million are 4.5 million, as in 2022."""
    campaign = make_campaign(session, 2022)
    session.add_all([vote(campaign.id, 1, 200_000_000), vote(campaign.id, 2, 250_000_000)])
    session.flush()

    (line,) = queries.campaign_lines(session)
    assert line.envelope_cents == 450_000_000


def test_only_grants_in_force_take_from_an_envelope(session: Session) -> None:
    """Cancelled grants and mere applications leave the money where it is."""
    campaign = make_campaign(session)
    session.add(vote(campaign.id, 1, 10_000))
    make_grant(session, campaign=campaign, voted_cents=3_000)
    make_grant(session, campaign=campaign, voted_cents=5_000).status = GrantStatus.CANCELLED
    make_grant(session, campaign=campaign, voted_cents=5_000).status = GrantStatus.INSTRUCTED
    make_grant(session, voted_cents=5_000)
    session.flush()

    left = {line.campaign.id: line.remaining_cents for line in queries.campaign_lines(session)}
    assert left[campaign.id] == 7_000


def test_a_campaign_without_votes_has_nothing_to_give(session: Session) -> None:
    """What was granted without a vote shows as less than nothing."""
    campaign = make_campaign(session)
    make_grant(session, campaign=campaign, voted_cents=3_000)

    (line,) = queries.campaign_lines(session)
    assert (line.envelope_cents, line.remaining_cents) == (0, -3_000)


def test_a_grant_is_found_by_its_file_number(session: Session) -> None:
    """With its campaign, its programme and its beneficiary at hand."""
    grant = make_grant(session, file_number="23-COM-007")
    session.expire_all()

    found = queries.grant(session, "23-COM-007")

    assert found is grant
    assert found.beneficiary.name.startswith("Commune")
    assert queries.grant(session, "23-COM-008") is None


def test_programmes_come_with_what_hangs_on_them(session: Session) -> None:
    """Every programme, in the order of codes."""
    first, second = make_campaign(session), make_campaign(session)

    found = queries.programmes(session)

    assert {each.code for each in found} == {first.programme.code, second.programme.code}
    assert [each.code for each in found] == sorted(each.code for each in found)


def test_beneficiaries_are_listed_by_name_with_their_grants(session: Session) -> None:
    """Found by a part of the name, whatever its accents, or by a whole code."""
    one, other = make_grant(session).beneficiary, make_grant(session).beneficiary
    one.name, one.normalised_name, one.siren = "Été", "ete", "215900549"
    other.name, other.normalised_name, other.insee = "Avion", "avion", "62065"
    session.flush()

    def found(typed: str) -> list[tuple[str, int]]:
        lines = queries.beneficiary_lines(session, typed, first=0, most=50)
        assert queries.count_beneficiaries(session, typed) == len(lines)
        return [(body.name, grants) for body, grants in lines]

    assert found("") == [("Avion", 1), ("Été", 1)]
    assert found("ÉT") == found("215 900 549") == [("Été", 1)]
    assert found("62065") == [("Avion", 1)]
    assert found("2159") == []
    assert queries.beneficiary_lines(session, "", first=1, most=1)[0][0] is one
