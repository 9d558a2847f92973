"""Beneficiaries on their pages: listed, added, corrected, refused, and who came second."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.funding.models import Beneficiary, BeneficiaryKind
from registry.journal import JournalEntry
from tests.factories import make_commune, make_grant
from tests.web.visitors import ENGLISH, SignIn, hidden, read, send

BODY = {"kind": "commune", "name": "Bavinchove", "siren": "", "insee": "59054"}


@pytest.fixture
def body(session: Session) -> Beneficiary:
    """Add a commune that receives one grant."""
    make_commune(session)
    body = make_grant(session).beneficiary
    body.name, body.normalised_name = "Commune d’essai", "commune d essai"
    session.commit()
    return body


def names(session: Session) -> list[str]:
    """Return the names that the register holds."""
    session.expire_all()
    return [*session.scalars(select(Beneficiary.name).order_by(Beneficiary.name))]


def test_what_has_to_be_filled_says_so(sign_in: SignIn) -> None:
    """In a word beside the label, and to a screen reader; what may stay empty does not."""
    page = read(sign_in("officer"), "/beneficiaries/new", **ENGLISH)

    fields = {
        field.split('"', 1)[0]: field for field in page.split('<label class="form-label" for="')[1:]
    }
    assert "required</span>" in fields["name"]
    assert 'aria-required="true"' in fields["name"]
    assert "required" not in fields["siren"]


def test_beneficiaries_are_listed_with_their_grants(sign_in: SignIn, body: Beneficiary) -> None:
    """Found by a part of the name or a code; an empty answer says so."""
    technician = sign_in("technician")

    assert "1 bénéficiaire" in read(technician, "/beneficiaries")
    assert body.name in read(technician, "/beneficiaries?q=ESSAI")
    assert body.name in read(technician, "/beneficiaries?q=59054")
    assert "No beneficiary matches." in read(technician, "/beneficiaries?q=zzz", **ENGLISH)
    assert "/beneficiaries/new" not in read(technician, "/beneficiaries")
    assert 'href="/beneficiaries"' in read(technician, "/grants")


def test_a_beneficiary_is_added_and_corrected(
    session: Session, sign_in: SignIn, body: Beneficiary
) -> None:
    """A new one needs no reason, who one is does; the same again is held already."""
    officer, new, own = sign_in("officer"), "/beneficiaries/new", f"/beneficiaries/{body.id}"

    added = send(officer, new, page=new, **BODY)
    again = send(officer, new, page=new, **BODY)
    sent = {**BODY, "name": "Commune <b>", "siren": "215 900 549", "version": hidden(officer, own)}
    silent = send(officer, own, page=own, **sent)
    done = send(officer, own, page=own, **sent, reason="nom officiel")

    assert (added.status_code, again.status_code) == (302, 409)
    assert (silent.status_code, done.status_code) == (422, 302)
    assert names(session) == ["Bavinchove", "Commune <b>"]
    assert session.get_one(Beneficiary, body.id).siren == "215900549"
    assert "Commune &lt;b&gt;" in read(officer, "/beneficiaries")
    found = session.scalars(select(JournalEntry).order_by(JournalEntry.id))
    told = [(each.action, each.reason) for each in found if "beneficiary" in each.action]
    assert told == [("beneficiary.add", ""), ("beneficiary.edit", "nom officiel")]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Ce champ est requis"),
        ("siren", "123456789", "« 123456789 » n’est pas un SIREN"),
        ("insee", "", "n’est pas le code INSEE"),
        ("insee", "99999", "« 99999 » ne mène à aucune commune"),
        ("kind", "club", ""),
    ],
)
@pytest.mark.usefixtures("body")
def test_what_is_refused_stands_under_its_field(
    session: Session, sign_in: SignIn, field: str, value: str, words: str
) -> None:
    """With the value; nothing is written."""
    page = "/beneficiaries/new"

    answer = send(sign_in("officer"), page, page=page, **{**BODY, field: value})

    told = answer.text.split(f'id="{field}-error">')[1].partition("</p>")[0]
    assert answer.status_code == 422
    assert words in told.replace("\N{NO-BREAK SPACE}", " ")
    assert names(session) == ["Commune d’essai"]


def test_of_two_who_correct_one_wins_and_one_is_told(
    session: Session, sign_in: SignIn, body: Beneficiary
) -> None:
    """The second reads the name that the first gave."""
    first, second, page = sign_in("officer"), sign_in("administrator"), f"/beneficiaries/{body.id}"
    sent = {**BODY, "reason": "x", "version": hidden(first, page)}

    won = send(first, page, page=page, **{**sent, "name": "Une"})
    told = send(second, page, page=page, **{**sent, "name": "Autre"})

    assert (won.status_code, told.status_code) == (302, 409)
    assert "Le registre dit maintenant «\N{NO-BREAK SPACE}Une\N{NO-BREAK SPACE}»" in told.text
    assert 'value="Autre"' in told.text
    assert names(session) == ["Une"]
    assert session.get_one(Beneficiary, body.id).kind is BeneficiaryKind.COMMUNE


def test_forms_are_for_who_may_change_grants(
    sign_in: SignIn, client: FlaskClient, body: Beneficiary
) -> None:
    """A technician is refused, a visitor signs in, a number that nobody has is not found."""
    technician = sign_in("technician")

    assert technician.get("/beneficiaries/new").status_code == 403
    assert technician.get(f"/beneficiaries/{body.id}").status_code == 403
    assert client.get("/beneficiaries").status_code == 302
    assert sign_in("officer").get("/beneficiaries/4711").status_code == 404
