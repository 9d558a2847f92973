"""Grants and sites as a file declares them, and serials that stand twice."""

import pytest
from sqlalchemy import select

from registry.fleet.models import Site, SiteKind
from registry.funding.models import (
    Beneficiary,
    BeneficiaryKind,
    Grant,
    GrantStatus,
    PaymentKind,
)
from registry.funding.rules import format_cents
from tests.factories import make_payment
from tests.fleet.service.desk import Desk
from tests.fleet.sheets import row


def grant(desk: Desk, file_number: str = "23-COM-001") -> Grant:
    """Return a grant of the register."""
    return desk.session.scalars(select(Grant).filter_by(file_number=file_number)).one()


def sites(desk: Desk) -> list[tuple[str, str]]:
    """Return every site's public identifier and name."""
    rows = desk.session.execute(select(Site.public_id, Site.name).order_by(Site.id))
    return [(public_id, name) for public_id, name in rows]


def test_a_grant_is_written_with_all_that_is_said_of_it(desk: Desk) -> None:
    """Amounts in cents, decision, campaign, beneficiary, and the population of its commune."""
    desk.take(
        row(
            decision_number="2023.01234",
            decided_on="22/11/2023",
            eligible_cents="72 000,00",
            paid_cents="",
        )
    )

    one = grant(desk)
    assert (one.voted_cents, one.eligible_cents, one.paid_cents) == (2_160_000, 7_200_000, 0)
    assert (one.decision_number, str(one.decided_on)) == ("2023.01234", "2023-11-22")
    assert (one.campaign.year, one.cameras_funded) == (2023, 4)
    assert (one.beneficiary.kind, one.beneficiary.insee) == (BeneficiaryKind.COMMUNE, "59054")
    assert (one.population, one.population_year) == (1045, 2023)
    assert one.population_source.startswith("INSEE, population municipale")


def test_a_grouping_has_a_siren_and_no_commune(desk: Desk) -> None:
    """Whoever receives the money is not where the cameras stand."""
    desk.take(row(beneficiary="CC des Hauts de Flandre", siren="200040954"))

    one = grant(desk)
    assert (one.beneficiary.kind, one.beneficiary.insee) == (BeneficiaryKind.EPCI, "")
    assert one.beneficiary.siren == "200040954"
    assert one.population is None


def test_one_body_receives_several_grants(desk: Desk) -> None:
    """The same name is the same beneficiary, however it is spelt."""
    desk.take(row(), row(label="02", file_number="23-COM-002", beneficiary="COMMUNE DE BAVINCHOVE"))

    assert len(desk.session.scalars(select(Beneficiary)).all()) == 1


def test_an_amount_that_changed_is_a_changed_row(desk: Desk) -> None:
    """Each row of that grant, and only of that one."""
    desk.take(row(), row(label="02"), row(label="03", file_number="23-COM-002"))

    report = desk.take(
        row(paid_cents="100"), row(label="02"), row(label="03", file_number="23-COM-002")
    )

    assert (report.new, report.changed, report.unchanged) == (0, 2, 1)
    assert grant(desk).paid_cents == 10_000


def test_a_blank_cell_leaves_what_stands(desk: Desk) -> None:
    """A sheet that does not know the decision does not erase it."""
    desk.take(row(decision_number="2023.01234"))

    report = desk.take(row(decision_number=""))

    assert report.unchanged == 1
    assert grant(desk).decision_number == "2023.01234"


def test_a_file_number_stays_with_its_campaign(desk: Desk) -> None:
    """The same number under another programme is a mistake in one of the two sheets."""
    desk.take(row())

    (problem,) = desk.refuse(row(programme="Gares", year="2022"))

    assert (problem.code, problem.value) == ("grant.elsewhere", "23-COM-001")
    assert problem.parameters == {"known": "Vidéoprotection des communes, 2023"}


def test_sites_are_numbered_within_their_commune(desk: Desk) -> None:
    """`59054-01`, then `-02`; a later import goes on from there."""
    desk.take(row(), row(site="Mairie", label="02"), row(insee="59006", label="03"))
    desk.take(row(site="Salle des fêtes", label="04"))

    assert sites(desk) == [
        ("59054-01", "Place de l'Église"),
        ("59054-02", "Mairie"),
        ("59006-01", "Place de l'Église"),
        ("59054-03", "Salle des fêtes"),
    ]


def test_a_number_above_is_never_given_again(desk: Desk) -> None:
    """Links and metrics are built on it: the next is above the highest, gaps stay."""
    desk.take(row())
    desk.session.scalars(select(Site)).one().public_id = "59054-07"
    desk.session.flush()

    desk.take(row(site="Mairie", label="02"))

    assert [public_id for public_id, _ in sites(desk)] == ["59054-07", "59054-08"]


def test_a_station_stands_where_its_code_says(desk: Desk) -> None:
    """Cassel's halt is in Bavinchove: the name decides nothing."""
    desk.take(row(programme="Gares", year="2022", site_kind="Halte", site="Cassel", uic="87281139"))

    site = desk.session.scalars(select(Site)).one()
    assert (site.kind, site.insee, site.uic) == (SiteKind.STATION, "59054", "87281139")


def test_a_new_gateway_moves_the_cameras_behind_it(desk: Desk) -> None:
    """The monitor reads what moved: it must ask the new gateway."""
    desk.take(row(gateway_host="10.0.0.1"))
    before = desk.camera().changed_at
    desk.at = before.replace(hour=before.hour + 1)

    report = desk.take(row(gateway_host="10.0.0.254"))

    assert report.changed == 1
    assert desk.camera().changed_at == desk.at


@pytest.mark.parametrize("second", ["NC-0001", "nc 0001"])
def test_a_serial_under_two_grants_is_loaded_and_said(desk: Desk, second: str) -> None:
    """Sold once, funded twice: a finding, not an error; separators hide nothing."""
    report = desk.take(
        row(serial="NC-0001"), row(label="02", file_number="23-COM-002", serial=second)
    )

    (note,) = report.notes
    assert (report.new, note.code) == (2, "serial.elsewhere")
    assert note.parameters["grants"] == "23-COM-002"


def test_a_serial_known_from_an_earlier_file_is_said(desk: Desk) -> None:
    """The register remembers what another town hall declared."""
    desk.take(row(serial="NC-0001"))

    (note,) = desk.take(row(label="02", file_number="23-COM-002", serial="NC-0001")).notes

    assert note.parameters["grants"] == "23-COM-001"


def test_a_serial_twice_under_one_grant_is_said_as_that(desk: Desk) -> None:
    """Two positions of one grant cannot hold one unit."""
    (note,) = desk.take(row(serial="NC-0001"), row(label="02", serial="NC-0001")).notes

    assert note.code == "serial.twice"


@pytest.mark.parametrize("serial", ["0000000", "NONE", "N/A"])
def test_a_serial_that_says_nothing_is_no_double(desk: Desk, serial: str) -> None:
    """Makers that print zeros did not sell one unit twice."""
    assert desk.take(row(serial=serial), row(label="02", serial=serial)).notes == ()


def test_money_beyond_the_vote_or_the_base_is_refused_at_its_cell(desk: Desk) -> None:
    """More paid than voted, more voted than eligible: the figures are said, nothing is written."""
    paid = desk.refuse(row(paid_cents="21 600,01"))
    voted = desk.refuse(row(eligible_cents="21 599,99"))

    assert [(each.code, each.parameters["most"]) for each in paid] == [
        ("payment.beyond", format_cents(2_160_000))
    ]
    assert [each.code for each in voted] == ["rate.beyond"]
    assert desk.session.scalars(select(Grant)).all() == []


def test_a_vote_below_what_is_paid_is_refused_at_its_cell(desk: Desk) -> None:
    """A file that says nothing of payments cannot leave more paid than voted."""
    desk.take(row(paid_cents="20 000"))

    (problem,) = desk.refuse(row(voted_cents="19 999,99", paid_cents=""))

    assert (problem.code, problem.where) == ("vote.below_paid", "mairie!E2")


def test_a_vote_and_its_payments_shrink_together(desk: Desk) -> None:
    """The database refuses a vote below the payments at every moment: they go first."""
    desk.take(row(paid_cents="20 000"))

    desk.take(row(voted_cents="10 000", paid_cents="9 000"))

    assert (grant(desk).voted_cents, grant(desk).paid_cents) == (1_000_000, 900_000)


def test_a_total_below_the_payments_entered_by_hand_is_refused(desk: Desk) -> None:
    """A sheet knows a total; what officers entered one by one is not undone by it."""
    desk.take(row(paid_cents=""))
    make_payment(desk.session, grant(desk), 500_000, kind=PaymentKind.ADVANCE)
    desk.session.commit()

    (problem,) = desk.refuse(row(paid_cents="4 999,99"))
    desk.take(row(paid_cents="7 000"))

    assert (problem.code, problem.parameters["already"]) == ("paid.below", format_cents(500_000))
    assert grant(desk).paid_cents == 700_000
    assert {each.kind: each.paid_cents for each in grant(desk).payments} == {
        PaymentKind.ADVANCE: 500_000,
        PaymentKind.DECLARED: 200_000,
    }


def test_a_grant_that_comes_with_a_sheet_begins_at_its_vote(desk: Desk) -> None:
    """Its first step is dated from the decision, by whoever imported it."""
    desk.take(row(decided_on="23/11/2023"))

    (event,) = grant(desk).events
    assert (event.status, str(event.happened_on)) == (GrantStatus.VOTED, "2023-11-23")
    assert event.author == "user:1"
