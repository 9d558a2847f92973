"""What funding's services refuse comes in words, under the names that the API gives."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.errors import Invalid, Problem
from registry.funding.api.speaking import found, spoken
from registry.funding.models import Grant
from tests.factories import make_grant
from tests.web.programs import Program, errors


def test_a_refusal_is_named_and_said(app: Flask) -> None:
    """The reason is called `why`, and a code comes with its sentence."""
    with (
        app.test_request_context(headers={"Accept-Language": "en-GB"}),
        pytest.raises(Invalid) as refused,
        spoken(),
    ):
        raise Invalid([Problem("required", "reason"), Problem("date.future", "since", "2027-01-01",
                       {"today": "2026-11-23"})])  # fmt: skip

    first, second = refused.value.problems
    assert (first.where, first.parameters["message"]) == ("why", "This is required.")
    assert second.where == "status_on"
    assert second.parameters["message"] == "01/01/2027 is yet to come: today is 23/11/2026."


def test_a_row_is_taken_by_its_number(session: Session) -> None:
    """Or its number is refused by name."""
    grant = make_grant(session)
    said = {"grant_id": grant.id, "kind": "advance"}

    assert (found(session, Grant, "grant_id", said), said) == (grant, {"kind": "advance"})
    with pytest.raises(Invalid, match=r"grant_id: missing \(404\)"):
        found(session, Grant, "grant_id", {"grant_id": 404})


def test_a_payment_beyond_the_vote_is_refused_in_words(api: Program, session: Session) -> None:
    """With the figures, in the language that is asked for."""
    grant = make_grant(session, voted_cents=1_000_000)
    session.commit()
    day = {"asked_on": "2026-01-05", "certified_on": "2026-01-06", "paid_on": "2026-02-01"}
    body = {"grant_id": grant.id, "kind": "balance", "paid_cents": 1_000_001, **day, "why": "x"}

    refused = api("POST", "payments", body, Accept_Language="fr")

    said = next(each for each in errors(refused) if each["code"] == "payment.beyond")
    assert "10 000,01" in said["message"].replace("\u202f", " ")
    assert "montant voté" in said["message"]
