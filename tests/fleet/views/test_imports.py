"""The import page: who may use it, what it shows, and that a trial writes nothing."""

import io
import re
from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.fleet.models import Camera
from registry.journal import JournalEntry
from registry.sheets import read
from tests.factories import make_campaign, make_commune
from tests.fleet.sheets import as_csv, row
from tests.web.visitors import SignIn, send


@pytest.fixture
def officer(session: Session, sign_in: SignIn) -> FlaskClient:
    """Return an officer's browser, over a register that knows one commune and campaign."""
    make_commune(session, "59054", "Bavinchove", 1045)
    make_campaign(session, 2023)
    session.commit()
    return sign_in("officer")


def upload(
    browser: FlaskClient, content: bytes, *, name: str = "mairie.csv", dry_run: bool = True
) -> TestResponse:
    """Send a file, with or without the tick."""
    fields: dict[str, object] = {"file": (io.BytesIO(content), name)}
    if dry_run:
        fields["dry_run"] = "y"
    return send(browser, "/import", page="/import", **fields)


def cameras(session: Session) -> int:
    """Count the cameras of the register."""
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Camera)) or 0


def imports(session: Session) -> Sequence[JournalEntry]:
    """Return what the journal says of imports."""
    return session.scalars(select(JournalEntry).filter_by(action="fleet.import")).all()


def test_only_those_who_may_import_see_the_page(sign_in: SignIn, client: FlaskClient) -> None:
    """A visitor is sent to sign in, a technician is refused, an officer is let in."""
    assert client.get("/import").status_code == 302
    assert sign_in("technician").get("/import").status_code == 403
    assert sign_in("officer").get("/import").status_code == 200


def test_a_dry_run_is_the_default(officer: FlaskClient) -> None:
    """Whoever sends without thinking writes nothing."""
    page = officer.get("/import").text

    (box,) = [tag for tag in re.findall(r"<input[^>]*>", page) if 'name="dry_run"' in tag]
    assert " checked" in box


def test_a_dry_run_counts_and_writes_nothing(officer: FlaskClient, session: Session) -> None:
    """The table of counts is shown, and the register stays as it was."""
    answer = upload(officer, as_csv(row(), row(label="02 Mairie")))

    assert answer.status_code == 200
    assert "C’était un essai" in answer.text
    assert "2 lignes qui changent quelque chose" in answer.text
    assert cameras(session) == 0
    assert imports(session) == []


def test_what_was_tried_is_confirmed_without_sending_it_again(
    officer: FlaskClient, session: Session
) -> None:
    """The page that shows what would change has the button that does it, once."""
    tried = upload(officer, as_csv(row(username="onvif", password="Hirondelle-59")))
    token = re.search(r'name="token" value="([0-9a-f]{32})"', tried.text)
    assert token is not None
    assert "Hirondelle-59" not in tried.text

    done = send(officer, "/import/confirm", page="/import", token=token[1], reason="vu")
    again = send(officer, "/import/confirm", page="/import", token=token[1])

    assert "La feuille est importée" in done.text
    assert cameras(session) == 1
    assert [entry.reason for entry in imports(session)] == ["vu"]
    assert again.status_code == 404


def test_a_dry_run_shows_before_and_after(officer: FlaskClient) -> None:
    """Row by row; a sheet that changes nothing says so and has no button."""
    upload(officer, as_csv(row()), dry_run=False)

    changed = upload(officer, as_csv(row(voted_cents="20 000,00"))).text
    same = upload(officer, as_csv(row())).text

    assert "<ins>20" in changed
    assert "le registre dit déjà tout" in same
    assert 'name="token"' not in same


def test_names_are_shown_as_text(officer: FlaskClient) -> None:
    """Whatever a town hall's cell holds, no markup of it reaches a page as such."""
    page = upload(officer, as_csv(row(site="<script>x</script>", label="<b>1</b>"))).text

    assert "<script>x" not in page
    assert "&lt;b&gt;1" in page


def test_without_the_tick_the_sheet_is_imported(officer: FlaskClient, session: Session) -> None:
    """Cameras stand in the register, and the journal says who put them there."""
    answer = upload(officer, as_csv(row()), dry_run=False)

    assert "La feuille est importée" in answer.text
    assert cameras(session) == 1
    (entry,) = imports(session)
    assert entry.actor.startswith("user:")
    assert entry.subject == "file:mairie.csv"


def test_every_error_stands_beside_its_cell(officer: FlaskClient, session: Session) -> None:
    """Sheet, cell, value and what was expected, for all rows at once; nothing is imported."""
    wrong = as_csv(row(), row(label="02", voted_cents="-5"), row(label="03", insee="59999"))

    answer = upload(officer, wrong, dry_run=False)
    page = " ".join(answer.text.split())

    assert answer.status_code == 422
    assert "Rien n’est importé : 2 points" in page
    assert "un montant positif ou nul" in page
    assert "aucune commune ne porte ce code" in page
    assert ">-5</td>" in page
    assert cameras(session) == 0


def test_a_file_of_another_kind_is_refused_in_words(officer: FlaskClient) -> None:
    """A PDF under the name of a workbook, and no file at all."""
    assert "le contenu n’est pas celui" in upload(officer, b"%PDF-1.7", name="a.xlsx").text
    assert "Choisir d’abord un fichier" in send(officer, "/import", page="/import").text


def test_errors_come_in_the_reader_s_language(officer: FlaskClient) -> None:
    """The same sheet, read by somebody who asks for English."""
    with officer.session_transaction() as cookie:
        cookie["language"] = "en"

    page = upload(officer, as_csv(row(voted_cents="-5"))).text

    assert "an amount of zero or more" in page


def test_a_password_is_not_shown_again(officer: FlaskClient) -> None:
    """Not even when its own row is refused."""
    sheet = as_csv(row(voted_cents="-5", username="onvif", password="Hirondelle-59"))

    answer = upload(officer, sheet)

    assert answer.status_code == 422
    assert "Hirondelle-59" not in answer.text


def test_the_template_is_given_as_a_workbook(officer: FlaskClient) -> None:
    """It opens as what it says, under a name of its own."""
    answer = officer.get("/import/template.xlsx")

    assert answer.headers["Content-Disposition"] == "attachment; filename=cameras.xlsx"
    assert [sheet.name for sheet in read(answer.data, "cameras.xlsx")] == ["Caméras", "Notice"]


def foreign_sheet() -> bytes:
    """Return a right sheet whose camera and amount stand under a town hall's own headers."""
    text = as_csv(row(address="3 rue Haute")).decode()
    text = text.replace(";Caméra;", ";Poteau;").replace("Montant voté", "Montant total voté")
    return text.replace("Adresse", "Météo").encode()


def waiting(page: str) -> dict[str, str]:
    """Return the hidden fields of the form that maps headers, but for the token against forgery."""
    section = page.split('id="mapping"')[1].split("</section>", maxsplit=1)[0]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', section))
    hidden.pop("csrf_token", None)
    return hidden


def test_unknown_headers_are_offered_the_nearest_columns(officer: FlaskClient) -> None:
    """A list for each, the nearest chosen; what comes near to nothing is left open."""
    page = upload(officer, foreign_sheet()).text

    lists = re.findall(r'<select[^>]*name="column-\d+">(.*?)</select>', page, re.DOTALL)
    chosen = [re.findall(r"<option[^>]* selected>([^<]*)<", each) for each in lists]
    assert "Ce que veulent dire les en-têtes inconnus" in page
    assert re.findall(r'<label for="column-\d+">([^<]*)<', page) == [
        "Montant total voté",
        "Poteau",
        "Météo",
    ]
    assert chosen[0] == ["Montant voté"]
    assert chosen[2] == []


def test_choices_are_saved_under_a_name_and_the_sheet_is_tried_again(
    officer: FlaskClient, session: Session
) -> None:
    """Without sending it again; then it is confirmed, and the next file is read by that name."""
    hidden = waiting(upload(officer, foreign_sheet()).text)
    choices = {"column-0": "Montant voté", "column-1": "Caméra", "column-2": "-"}

    tried = send(
        officer, "/import/profile", page="/import", **hidden, **choices, name="Mairie de Bavinchove"
    )
    assert "C’était un essai" in tried.text
    assert cameras(session) == 0
    token = re.search(r'name="token" value="([0-9a-f]{32})"', tried.text)
    assert token is not None
    named = {"token": token[1], "profile": "Mairie de Bavinchove"}
    send(officer, "/import/confirm", page="/import", **named)

    assert cameras(session) == 1
    (entry,) = session.scalars(select(JournalEntry).filter_by(action="profile.save"))
    assert entry.subject == "profile:Mairie de Bavinchove"
    assert '<option value="Mairie de Bavinchove">' in officer.get("/import").text
    again = send(
        officer,
        "/import",
        page="/import",
        file=(io.BytesIO(foreign_sheet()), "suite.csv"),
        profile="Mairie de Bavinchove",
        dry_run="y",
    )
    assert "le registre dit déjà tout" in again.text


def test_a_refused_name_loses_no_choice(officer: FlaskClient) -> None:
    """The file waits on, the choices stand as they were made, the sentence says what is wrong."""
    hidden = waiting(upload(officer, foreign_sheet()).text)
    choices = {"column-0": "Montant voté", "column-1": "Caméra", "column-2": "-"}

    refused = send(officer, "/import/profile", page="/import", **hidden, **choices, name="a/b")
    saved = send(
        officer, "/import/profile", page="/import", **waiting(refused.text), **choices, name="ab"
    )

    assert refused.status_code == 422
    assert "sans barre oblique" in refused.text
    assert 'value="a/b"' in refused.text
    assert '<option value="-" selected>' in refused.text
    assert "C’était un essai" in saved.text


def test_a_mapping_is_for_who_may_import(sign_in: SignIn) -> None:
    """A technician is refused, and a token that opens nothing is told so."""
    named = {"token": "0" * 32, "name": "x"}

    refused = send(sign_in("technician"), "/import/profile", page="/account", **named)
    unknown = send(sign_in("officer"), "/import/profile", page="/import", **named)

    assert refused.status_code == 403
    assert unknown.status_code == 404


def test_a_header_is_shown_as_text(officer: FlaskClient) -> None:
    """No markup of a header reaches the page that asks what it means."""
    sheet = as_csv(row()).decode().replace("Caméra\r", "<script>x</script>\r").encode()

    page = upload(officer, sheet).text

    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page


def test_a_workbook_of_fifty_megabytes_is_refused_with_the_limit(officer: FlaskClient) -> None:
    """By the length that its sender declares: nothing of it is read."""
    answer = officer.post(
        "/import",
        data=b"--x",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "50000000"},
    )

    assert answer.status_code == 413
    assert "trop grand" in answer.text
    assert re.search(r"Au plus 20\sMo", answer.text)
