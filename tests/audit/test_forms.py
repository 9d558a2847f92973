"""What officers type into the form of a grant."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.audit.forms import GrantForm
from registry.funding.models import GrantStatus
from registry.funding.service import GrantEdit
from tests.factories import make_grant

TYPED = {"status": "started", "decision_number": " 12 ", "decided_on": "", "reason": "Visite"}


@pytest.mark.parametrize(
    ("paid", "cents"), [("0", 0), ("1 000", 100_000), ("21583", 2_158_300), ("0,07 €", 7)]
)
def test_an_amount_is_read_as_people_type_it(
    app: Flask, session: Session, paid: str, cents: int
) -> None:
    """With or without spaces, decimals and the sign of the euro."""
    app.config["WTF_CSRF_ENABLED"] = False
    grant = make_grant(session)

    with app.test_request_context("/", method="POST", data={**TYPED, "paid": paid}):
        form = GrantForm(grant)
        assert form.validate(), form.errors
        assert form.edit() == GrantEdit(GrantStatus.STARTED, cents, "12", None)


def test_the_form_shows_what_the_grant_holds(app: Flask, session: Session) -> None:
    """Opening the form and saving it at once would change nothing."""
    grant = make_grant(session)
    grant.paid_cents = 123_450
    grant.decided_on = date(2023, 11, 23)

    with app.test_request_context("/"):
        form = GrantForm(grant)

        assert form.paid.data == "1234,50"
        assert form.edit() == GrantEdit(GrantStatus.VOTED, 123_450, "", date(2023, 11, 23))
