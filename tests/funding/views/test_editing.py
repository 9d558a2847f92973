"""Officers change a grant on forms: what is refused stands under its field, in words."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.funding.models import (
    Funder,
    FundingLine,
    Grant,
    GrantStatus,
    LineState,
    PaperKind,
    Payment,
    PaymentKind,
)
from registry.journal import JournalEntry
from tests.factories import make_campaign, make_document, make_grant, make_payment
from tests.web.visitors import SignIn, read, send

NUMBER = "23/0042 A"
VALUES = {
    "decision_number": "2023.01234",
    "decided_on": "2023-11-23",
    "voted_cents": "12 000,00 €",
    "eligible_cents": "40 000",
    "rate": "30 %",
    "cameras_funded": "4",
    "purpose": "Entrée de ville <b>",
    "population": "966",
    "population_year": "2023",
    "population_source": "INSEE",
    "reason": "Avenant n° 1",
}
PAYMENT = {
    "kind": "interim",
    "asked_on": "2024-05-02",
    "certified_on": "2024-06-03",
    "paid_on": "2024-07-01",
    "paid_cents": "3 000,50",
    "reference": "M-1204",
    "reason": "Mandat reçu",
}


@pytest.fixture
def grant(session: Session) -> Grant:
    """Return a grant of 12,000 euros on 40,000, voted in November 2023."""
    grant = make_grant(session, file_number=NUMBER, voted_cents=1_200_000, eligible_cents=4_000_000)
    session.commit()
    return grant


def plain(text: str) -> str:
    """Return a page with its spaces made ordinary ones."""
    return " ".join(
        text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ").split()
    )


def journal(session: Session) -> list[tuple[str, str]]:
    """Return what the journal holds of grants: actions with their reasons."""
    return [
        (entry.action, entry.reason)
        for entry in session.scalars(select(JournalEntry).order_by(JournalEntry.id))
        if entry.subject.startswith("grant:")
    ]


def test_values_are_changed_as_people_type_them(
    session: Session, sign_in: SignIn, grant: Grant
) -> None:
    """Euros with their spaces, a rate in percent; the journal has the reason."""
    page = f"/funding/values/{NUMBER}"

    response = send(sign_in("officer"), page, page=page, **VALUES)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/grants/23/0042")
    session.refresh(grant)
    assert (grant.voted_cents, grant.eligible_cents) == (1_200_000, 4_000_000)
    assert str(grant.rate) == "0.3"
    assert (grant.population, grant.population_source) == (966, "INSEE")
    assert journal(session) == [("grant.edit", "Avenant n° 1")]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("voted_cents", "beaucoup", "« beaucoup » n’est pas un montant, comme 21 600,00."),
        ("voted_cents", "1.234", "« 1.234 » n’est pas un montant, comme 21 600,00."),
        (
            "voted_cents",
            "40 000,01",
            "40 000,01 € dépasse la dépense subventionnable, 40 000,00 € : un taux de plus de",
        ),
        ("rate", "trente", "« trente » n’est pas un taux en pour cent, comme 33,5."),
        ("rate", "101", "Un taux est supérieur à 0 et va jusqu’à 100 %"),
        ("decided_on", "2027-01-01", "01/01/2027 est à venir : nous sommes le 23/11/2026."),
        ("population_year", "23", "« 23 » n’est pas une année."),
        ("reason", "", "Ce champ est requis"),
    ],
)
def test_a_refused_change_keeps_what_was_typed(  # noqa: PLR0913, PLR0917 - three cases to a row
    session: Session, sign_in: SignIn, grant: Grant, field: str, value: str, words: str
) -> None:
    """The error stands under its field with the value, and nothing else is lost."""
    page = f"/funding/values/{NUMBER}"

    response = send(sign_in("officer"), page, page=page, **{**VALUES, field: value})

    assert response.status_code == 422
    assert words in plain(response.text)
    assert 'value="Entrée de ville &lt;b&gt;"' in response.text
    session.refresh(grant)
    assert grant.purpose == ""
    assert journal(session) == []


@pytest.mark.usefixtures("grant")
def test_the_same_values_leave_no_entry(session: Session, sign_in: SignIn) -> None:
    """The journal holds changes, not clicks."""
    page = f"/funding/values/{NUMBER}"
    same = {
        "decided_on": "2023-11-23",
        "voted_cents": "12000",
        "eligible_cents": "40000,00",
        "cameras_funded": "1",
        "reason": "rien",
    }
    browser = sign_in("officer")

    send(browser, page, page=page, **same)

    assert "rien n’est modifié" in read(browser, f"/grants/{NUMBER}")
    assert journal(session) == []


@pytest.mark.usefixtures("grant")
def test_a_step_is_one_of_those_that_are_possible(sign_in: SignIn) -> None:
    """From voted: notified, or an exit; the grant's page shows the step with its date."""
    browser, page = sign_in("officer"), f"/funding/step/{NUMBER}"
    offered = read(browser, page)

    response = send(
        browser, page, page=page, status="notified", on="2023-12-01", reason="Courrier du 1er"
    )

    assert '<option value="notified">Notifiée</option>' in offered
    assert 'value="settled"' not in offered
    assert response.status_code == 302
    shown = plain(read(browser, f"/grants/{NUMBER}"))
    assert '<b>Notifiée</b> <time datetime="2023-12-01">01/12/2023</time>' in shown
    assert "Courrier du 1er" in shown


@pytest.mark.usefixtures("grant")
def test_dates_out_of_order_are_both_said(sign_in: SignIn) -> None:
    """The day that was typed, and the day of the step before."""
    page = f"/funding/step/{NUMBER}"

    response = send(
        sign_in("officer"), page, page=page, status="notified", on="2023-11-22", reason="x"
    )

    assert response.status_code == 422
    assert "22/11/2023 vient avant le 23/11/2023, date de « Votée »." in plain(response.text)


def test_the_missing_paper_is_said(session: Session, sign_in: SignIn, grant: Grant) -> None:
    """Above the form, because no field of it can mend that."""
    grant.status = grant.events[0].status = GrantStatus.COMMISSIONED
    session.commit()
    page = f"/funding/step/{NUMBER}"

    response = send(
        sign_in("officer"), page, page=page, status="received", on="2024-12-01", reason="x"
    )

    assert response.status_code == 422
    assert "Une pièce manque au dossier : PV de réception." in plain(response.text)


def test_a_step_taken_by_mistake_is_taken_back(
    session: Session, sign_in: SignIn, grant: Grant
) -> None:
    """With a reason; the first step cannot be."""
    browser, step, back = (
        sign_in("officer"),
        f"/funding/step/{NUMBER}",
        f"/funding/step-back/{NUMBER}",
    )
    first = send(browser, back, page=back, reason="x")
    send(browser, step, page=step, status="cancelled", on="2023-12-01", reason="erreur")

    response = send(browser, back, page=back, reason="mauvais dossier")

    assert first.status_code == 422
    assert "C’est sa première étape" in first.text
    assert response.status_code == 302
    session.refresh(grant)
    assert grant.status is GrantStatus.VOTED
    assert journal(session)[-1] == ("grant.take_back", "mauvais dossier")


@pytest.mark.usefixtures("grant")
def test_a_payment_is_added_changed_and_taken_out(session: Session, sign_in: SignIn) -> None:
    """All on one form, each with its reason."""
    browser, page = sign_in("officer"), f"/funding/payment/{NUMBER}"

    send(browser, page, page=page, **PAYMENT)
    payment = session.scalars(select(Payment)).one()
    own = f"{page}?id={payment.id}"
    assert 'value="3000,50"' in read(browser, own)
    send(browser, own, page=own, **{**PAYMENT, "paid_cents": "3 100"})
    session.refresh(payment)
    changed = payment.paid_cents
    send(browser, own, page=own, remove="1", **PAYMENT)

    assert changed == 310_000
    session.expire_all()
    assert session.scalars(select(Payment)).all() == []
    actions = [action for action, _ in journal(session)]
    assert actions == ["payment.add", "payment.edit", "payment.remove"]


def test_a_payment_beyond_the_vote_is_refused_with_the_figures(
    session: Session, sign_in: SignIn, grant: Grant
) -> None:
    """What was voted, what is paid, what would be too much."""
    make_payment(session, grant, 1_000_000)
    session.commit()
    page = f"/funding/payment/{NUMBER}"

    response = send(
        sign_in("officer"),
        page,
        page=page,
        **{**PAYMENT, "kind": "balance", "expense_cents": "40000", "paid_cents": "2 000,01"},
    )

    assert response.status_code == 422
    assert (
        "2 000,01 € dépasserait le montant voté : 12 000,00 €, dont 10 000,00 € sont déjà versés."
        in plain(response.text)
    )
    session.refresh(grant)
    assert grant.paid_cents == 1_000_000


def test_a_second_advance_is_a_conflict(session: Session, sign_in: SignIn, grant: Grant) -> None:
    """The page says that the register holds one already."""
    make_payment(session, grant, 1, kind=PaymentKind.ADVANCE)
    session.commit()
    page = f"/funding/payment/{NUMBER}"

    response = send(
        sign_in("officer"), page, page=page, **{**PAYMENT, "kind": "advance", "paid_cents": "1"}
    )

    assert response.status_code == 409
    assert "contient déjà ceci" in response.text


@pytest.mark.usefixtures("grant")
def test_a_plan_shows_its_share_of_public_money(session: Session, sign_in: SignIn) -> None:
    """30 % of the region and 52,5 % of the State: over 80 %, kept and said."""
    browser, page = sign_in("officer"), f"/funding/line/{NUMBER}"

    response = send(
        browser, page, page=page, funder="detr", state="granted", granted_cents="21 000", reason="x"
    )

    assert response.status_code == 302
    shown = plain(read(browser, f"/grants/{NUMBER}"))
    assert "Les aides publiques financent 82,50 % de 40 000,00 €." in shown
    assert "C’est plus de 80,00 %." in shown
    line = session.scalars(select(FundingLine)).one()
    own = f"{page}?id={line.id}"
    send(browser, own, page=own, remove="1", funder="detr", state="granted", reason="y")
    session.expire_all()
    assert session.scalars(select(FundingLine)).all() == []


@pytest.mark.usefixtures("grant")
def test_more_than_the_whole_is_refused(sign_in: SignIn) -> None:
    """12,000 and 28,000.01 of public money for a project of 40,000."""
    page = f"/funding/line/{NUMBER}"

    response = send(
        sign_in("officer"),
        page,
        page=page,
        funder="detr",
        state="asked",
        asked_cents="28 000,01",
        reason="x",
    )

    assert response.status_code == 422
    assert (
        "Les aides publiques atteindraient 40 000,01 € pour un projet qui coûte 40 000,00 €"
        in plain(response.text)
    )


@pytest.mark.usefixtures("grant")
def test_what_is_not_of_this_grant_is_not_found(session: Session, sign_in: SignIn) -> None:
    """A payment or a line of another grant cannot be reached through this one."""
    other = make_grant(session)
    payment = make_payment(session, other, 1)
    line = FundingLine(grant_id=other.id, funder=Funder.DSIL, state=LineState.ASKED)
    session.add(line)
    session.commit()
    browser = sign_in("officer")

    for address in (
        f"/funding/payment/{NUMBER}?id={payment.id}",
        f"/funding/line/{NUMBER}?id={line.id}",
        "/funding/step/nowhere",
    ):
        assert browser.get(address).status_code == 404


def test_a_new_file_is_opened_as_a_draft(session: Session, sign_in: SignIn) -> None:
    """For a commune, by its code; the same number again is a conflict."""
    campaign = make_campaign(session, 2024)
    session.commit()
    browser, page = sign_in("officer"), "/funding/new"
    said = {
        "file_number": "24-001",
        "campaign": str(campaign.id),
        "kind": "commune",
        "beneficiary": "Bavinchove",
        "insee": "59054",
        "voted_cents": "0",
        "cameras_funded": "4",
        "reason": "Dossier reçu",
    }

    first = send(browser, page, page=page, **said)
    again = send(browser, page, page=page, **said)
    nameless = send(browser, page, page=page, **{**said, "file_number": "24-002", "insee": ""})

    assert (first.status_code, again.status_code, nameless.status_code) == (302, 409, 422)
    assert "n’est pas le code INSEE" in nameless.text
    grant = session.scalars(select(Grant)).one()
    assert (grant.status, grant.events[0].happened_on) == (GrantStatus.DRAFT, date(2026, 11, 23))
    assert grant.beneficiary.insee == "59054"


@pytest.mark.parametrize("address", ["values", "step", "step-back", "payment", "line", "paper"])
@pytest.mark.usefixtures("grant")
def test_a_technician_reads_and_may_not_change(sign_in: SignIn, address: str) -> None:
    """No form is offered, and its address is refused."""
    browser = sign_in("technician")

    assert "Étape suivante" not in read(browser, f"/grants/{NUMBER}")
    assert browser.get(f"/funding/{address}/{NUMBER}").status_code == 403


def test_what_people_typed_is_escaped_everywhere(
    session: Session, sign_in: SignIn, grant: Grant
) -> None:
    """Reasons, references, names of co-funders and of papers are words, never tags."""
    nasty = "<img src=x onerror=alert(1)>"
    grant.beneficiary.name = nasty
    grant.purpose = grant.decision_number = nasty
    grant.events[0].reason = grant.events[0].decision_number = nasty
    session.add(FundingLine(grant_id=grant.id, funder=Funder.OTHER, name=nasty, reference=nasty))
    make_payment(session, grant, 1).reference = nasty
    make_document(session, grant, PaperKind.QUOTE).name = nasty
    session.commit()
    browser = sign_in("officer")

    pages = [f"/grants/{NUMBER}", "/grants", f"/funding/values/{NUMBER}", f"/funding/step/{NUMBER}"]

    for page in pages:
        assert "<img src=x" not in read(browser, page)
