"""What the journal says of each thing that an import made or changed."""

import json

from sqlalchemy import Engine, func, select

from registry.journal import JournalEntry, first_broken_link
from tests.fleet.service.desk import Desk
from tests.fleet.sheets import row
from tests.web.visitors import counted_selects


def test_each_thing_of_a_file_has_its_own_entry(desk: Desk) -> None:
    """The grant, its site and the camera: what they are, and the file as the reason."""
    desk.take(row(serial="NC-1", username="onvif", password="Hirondelle-59"), name="mairie.csv")

    told = {each.action: each for each in desk.session.scalars(select(JournalEntry))}
    assert [(each.action, each.subject) for each in told.values()] == [
        ("grant.create", "grant:23-COM-001"),
        ("sites.create", "site:59054-01"),
        ("cameras.create", "camera:1"),
        ("fleet.import", "file:mairie.csv"),
    ]
    after = json.loads(told["cameras.create"].after)
    assert (after["site"], after["grant"], after["serial"], after["username"]) == (
        "59054-01", "23-COM-001", "NC-1", "onvif",
    )  # fmt: skip
    assert json.loads(told["grant.create"].after)["voted_cents"] == 2_160_000
    assert told["cameras.create"].reason == "import mairie.csv"
    assert first_broken_link(desk.session) is None


def test_what_a_file_changes_is_told_of_each_thing(desk: Desk) -> None:
    """As it was and as it is, with the reason that was given; what stays has no line."""
    desk.take(row(host="10.0.0.1"), row(label="02 Mairie"))
    known = desk.session.scalar(select(func.count()).select_from(JournalEntry))

    desk.take(
        row(host="10.0.0.2", voted_cents="20 000,00"),
        row(label="02 Mairie", voted_cents="20 000,00"),
        reason="avenant",
    )

    new = select(JournalEntry).where(JournalEntry.id > known).order_by(JournalEntry.id)
    told = [
        (each.action, each.subject, each.before, each.after, each.reason)
        for each in desk.session.scalars(new)
    ]
    assert told[:-1] == [
        ("grant.edit", "grant:23-COM-001", '{"voted_cents": 2160000}',
         '{"voted_cents": 2000000}', "avenant"),
        ("cameras.edit", "camera:1", '{"host": "10.0.0.1"}', '{"host": "10.0.0.2"}', "avenant"),
    ]  # fmt: skip
    assert told[-1][0] == "fleet.import"


def test_a_units_and_an_accounts_coming_are_told_of_their_camera(desk: Desk) -> None:
    """The serial and the account's name, never its password."""
    desk.take(row())

    desk.take(row(serial="NC-1", username="onvif", password="Hirondelle-59"))

    edits = select(JournalEntry).filter_by(action="cameras.edit")
    (told,) = desk.session.scalars(edits)
    assert json.loads(told.after) == {"serial": "NC-1", "username": "onvif"}


def test_the_journal_of_a_file_takes_three_statements(desk: Desk, engine: Engine) -> None:
    """Whatever the file holds: the end of the chain, all entries, the new end."""
    rows = [row(label=f"{number:02d}") for number in range(60)]

    with counted_selects(engine) as statements:
        desk.take(*rows)

    assert sum("journal_entries" in each or "journal_heads" in each for each in statements) <= 5
