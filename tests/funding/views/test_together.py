"""Of two who change the same grant, the second is told; nothing of the first is lost."""

import pytest
from sqlalchemy.orm import Session

from registry.funding.models import Funder, FundingLine, Grant, GrantStatus, LineState
from tests.factories import make_grant, make_payment
from tests.web.visitors import SignIn, hidden, send

NUMBER = "23/0043"
VALUES = {"voted_cents": "12000", "cameras_funded": "4", "purpose": "Mairie", "reason": "x"}
PAYMENT = {"kind": "interim", "paid_on": "2024-07-01", "paid_cents": "3000,50", "reference": "M-2"}


@pytest.fixture
def grant(session: Session) -> Grant:
    """Return a grant of 12,000 euros on 40,000."""
    grant = make_grant(session, file_number=NUMBER, voted_cents=1_200_000, eligible_cents=4_000_000)
    session.commit()
    return grant


@pytest.mark.parametrize("remove", [{}, {"remove": "1"}])
def test_the_second_of_two_is_told(
    session: Session, sign_in: SignIn, grant: Grant, remove: dict[str, str]
) -> None:
    """Values, a payment, a line: what another changed meanwhile is shown, and nothing is lost."""
    payment = make_payment(session, grant, 300_050)
    line = FundingLine(
        grant_id=grant.id, funder=Funder.DETR, state=LineState.GRANTED, granted_cents=500_000
    )
    session.add(line)
    session.commit()
    officer = sign_in("officer")
    forms = {
        f"/funding/values/{NUMBER}": VALUES,
        f"/funding/payment/{NUMBER}?id={payment.id}": PAYMENT | remove | {"reason": "x"},
        f"/funding/line/{NUMBER}?id={line.id}": {
            "funder": "detr",
            "state": "granted",
            "granted_cents": "4 000",
            "reason": "x",
        }
        | remove,
    }
    opened = {page: hidden(officer, page) for page in forms}
    grant.purpose, payment.reference, line.granted_cents = "Gare", "M-1", 600_000
    session.commit()

    answers = [
        send(officer, page, page=page, **said, version=opened[page]) for page, said in forms.items()
    ]

    assert [each.status_code for each in answers] == [409, 409, 409]
    told = [" ".join(each.text.split()) for each in answers]
    assert all("Quelqu’un d’autre" in each for each in told)
    assert "« Gare »" in told[0]
    assert "« M-1 »" in told[1]
    assert "« 6000,00 »" in told[2]
    session.expire_all()
    assert (grant.purpose, payment.reference, line.granted_cents) == ("Gare", "M-1", 600_000)


def test_a_step_is_taken_back_once(session: Session, sign_in: SignIn, grant: Grant) -> None:
    """Two officers see the same mistake: the second does not take back the step before it."""
    officer, step, back = (
        sign_in("officer"),
        f"/funding/step/{NUMBER}",
        f"/funding/step-back/{NUMBER}",
    )
    send(officer, step, page=step, status="notified", on="2023-12-01", reason="x")
    send(officer, step, page=step, status="cancelled", on="2023-12-02", reason="x")
    opened = hidden(officer, back)

    first = send(officer, back, page=back, reason="erreur", version=opened)
    second = send(officer, back, page=back, reason="erreur", version=opened)

    assert (first.status_code, second.status_code) == (302, 409)
    session.refresh(grant)
    assert grant.status is GrantStatus.NOTIFIED
