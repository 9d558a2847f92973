"""Exports from the pages: who may, what comes, and that it is in the journal."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.journal import JournalEntry
from registry.sheets import read
from tests.factories import make_camera
from tests.web.visitors import SignIn


@pytest.fixture
def officer(session: Session, sign_in: SignIn) -> FlaskClient:
    """Return an officer's browser, over a register with a camera."""
    make_camera(session)
    session.commit()
    return sign_in("officer")


def test_every_list_comes_as_one_workbook(officer: FlaskClient) -> None:
    """A sheet for each kind; some of them when they are asked for."""
    whole = officer.get("/export.xlsx")
    some = officer.get("/export.xlsx?kind=sites&kind=cameras")

    assert whole.headers["Content-Disposition"] == "attachment; filename=vigiparc.xlsx"
    assert len(read(whole.data, "a.xlsx")) == 8
    assert [sheet.name for sheet in read(some.data, "a.xlsx")] == ["Sites", "Positions"]


def test_a_list_comes_as_excel_reads_it_in_french(officer: FlaskClient, session: Session) -> None:
    """Semicolons and a byte order mark; whoever took it is in the journal."""
    answer = officer.get("/export/sites.csv")

    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbfIdentifiant;")
    (entry,) = session.scalars(select(JournalEntry).filter_by(action="fleet.export"))
    assert entry.actor.startswith("user:")


@pytest.mark.parametrize(
    "address", ["/export.xlsx", "/export.xlsx?kind=sites", "/export/grants.csv"]
)
def test_every_export_leaves_its_line_in_the_journal(
    officer: FlaskClient, session: Session, address: str
) -> None:
    """Who took what, from which address; what is refused leaves none."""
    assert officer.get(address).status_code == 200
    officer.get("/export/secrets.csv")

    (entry,) = session.scalars(select(JournalEntry).filter_by(action="fleet.export"))
    assert (entry.channel, entry.address) == ("web", "127.0.0.1")
    assert entry.actor.startswith("user:")


def test_what_is_no_list_is_not_found(officer: FlaskClient) -> None:
    """Neither as text nor in a workbook."""
    assert officer.get("/export/secrets.csv").status_code == 404
    assert officer.get("/export.xlsx?kind=secrets").status_code == 404


def test_addresses_of_cameras_are_not_for_everybody(sign_in: SignIn, client: FlaskClient) -> None:
    """A visitor is sent to sign in, a technician is refused."""
    assert client.get("/export.xlsx").status_code == 302
    assert sign_in("technician").get("/export/cameras.csv").status_code == 403


def test_lists_have_their_exports_beside_them(officer: FlaskClient, sign_in: SignIn) -> None:
    """For those who may take them; a technician's list has none."""
    assert 'href="/export/devices.csv"' in officer.get("/sites").text
    assert "/export" not in sign_in("technician").get("/sites").text
