"""What the register holds of a file, read in a few statements."""

from sqlalchemy import Engine, select

from registry.fleet.rules import Zones, parse
from registry.fleet.service.checking import Check
from registry.fleet.service.register import Register
from registry.journal import JournalEntry
from registry.sheets import Value
from tests.fleet.service.desk import Desk
from tests.fleet.sheets import as_sheets, row
from tests.web.visitors import counted_selects


def read(desk: Desk, *rows: dict[str, Value]) -> Register:
    """Read what the register holds of some rows."""
    check = Check(desk.session, parse(as_sheets(*rows), zones=Zones.only()).rows)
    register = Register(desk.session, desk.at, check.communes, check.campaigns, "user:1")
    register.read(check.rows)
    return register


def many(count: int) -> list[dict[str, Value]]:
    """Return rows of as many grants, sites and cameras."""
    return [
        row(file_number=f"F{number}", site=f"Site {number}", serial=f"NC-{number + 10}")
        for number in range(count)
    ]


def test_what_stands_is_found_by_what_files_know(desk: Desk) -> None:
    """File number, site and label, however they are spelt."""
    desk.take(row())

    register = read(desk, row(site="PLACE DE L'EGLISE"))

    site = ("59054", "commune", "place de l eglise")
    assert list(register.grants) == ["23-COM-001"]
    assert list(register.sites) == [site]
    assert list(register.cameras) == [(*site, "01 eglise")]


def test_reading_takes_as_many_statements_for_ten_rows_as_for_one(
    desk: Desk, engine: Engine
) -> None:
    """No statement per row: the time of an import follows its bytes, not its round trips."""
    desk.take(*many(10))
    counts = []
    for size in (1, 10):
        desk.session.expunge_all()
        with counted_selects(engine) as statements:
            read(desk, *many(size))
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_only_what_differs_is_assigned(desk: Desk) -> None:
    """None says nothing; equal values are no change and no line in the journal."""
    desk.take(row(host="10.0.0.1"))
    register, camera = read(desk, row()), desk.camera()

    assert not register.assign(camera, {"host": None, "port": 80}, subject="camera:1")
    assert register.before == {}
    assert register.assign(camera, {"host": "10.0.0.2"}, subject="camera:1")
    assert register.before == {"camera:1": {"host": "10.0.0.1"}}
    assert register.after == {"camera:1": {"host": "10.0.0.2"}}


def test_a_row_of_another_table_is_named_in_the_journal(desk: Desk) -> None:
    """A beneficiary by its name, not by an object nobody can read."""
    desk.take(row())

    desk.take(row(beneficiary="Ville de Bavinchove"))

    entry = desk.session.scalars(select(JournalEntry).filter_by(action="grant.edit")).one()
    assert '"beneficiary": "Ville de Bavinchove"' in entry.after
