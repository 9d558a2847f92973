"""Grants, co-funders and payments by the API."""

import pytest
from sqlalchemy.orm import Session

from registry.funding.models import Grant, GrantStatus, PaymentKind
from tests.factories import make_commune, make_grant, make_payment
from tests.web.programs import MakeProgram, Program, errors, items


@pytest.fixture
def grant(session: Session) -> Grant:
    """Write a grant of 10,000 euros."""
    grant = make_grant(session, voted_cents=1_000_000)
    session.commit()
    return grant


def test_a_grant_is_opened_for_a_beneficiary(api: Program, grant: Grant) -> None:
    """Under a campaign that is there, with a reason, once."""
    body = {
        "file_number": "26-001", "campaign_id": grant.campaign_id,
        "beneficiary_id": grant.beneficiary_id, "voted_cents": 5_000, "cameras_funded": 2,
        "why": "dépôt",
    }  # fmt: skip
    opened = api("POST", "grants", body)
    twice = api("POST", "grants", body)
    nobody = api("POST", "grants", {**body, "file_number": "26-002", "beneficiary_id": 404})

    assert opened.status_code == 201, opened.text
    assert (opened.get_json()["file_number"], opened.get_json()["paid_cents"]) == ("26-001", 0)
    assert twice.status_code in {409, 422}
    assert errors(nobody)[0]["field"] == "beneficiary_id"


def test_money_does_not_change_without_a_reason(api: Program, grant: Grant) -> None:
    """The field that is missing is named `why`, as the API calls it."""
    path = f"grants/{grant.id}"
    etag = api("GET", path).headers["ETag"]

    silent = api("PATCH", path, {"voted_cents": 5}, If_Match=etag)
    said = api("PATCH", path, {"voted_cents": 900_000, "why": "délibération"}, If_Match=etag)

    assert errors(silent)[0]["field"] == "why"
    assert said.get_json()["voted_cents"] == 900_000


def test_an_impossible_step_is_refused(api: Program, grant: Grant) -> None:
    """A grant that was voted is not a draft again."""
    path = f"grants/{grant.id}"
    etag = api("GET", path).headers["ETag"]

    refused = api("PATCH", path, {"status": "draft", "why": "x"}, If_Match=etag)

    assert refused.status_code == 422
    assert api("GET", path).headers["ETag"] == etag


def test_a_dated_step_may_lead_to_where_a_grant_stands(api: Program, session: Session) -> None:
    """A second interim payment is a step; where none is possible the day is not passed over."""
    paid = make_grant(session, status=GrantStatus.INTERIM)
    make_payment(session, paid, 100, kind=PaymentKind.INTERIM)
    voted = make_grant(session)
    session.commit()
    body = {"status_on": "2026-11-02", "why": "acompte n° 2"}

    first, refused = (
        api("PATCH", f"grants/{each.id}", body, If_Match=etag_of(api, each))
        for each in (paid, voted)
    )

    session.expire_all()
    assert first.status_code == 200, first.text
    assert [each.status for each in paid.events][-1:] == [GrantStatus.INTERIM]
    assert str(paid.events[-1].happened_on) == "2026-11-02"
    assert (refused.status_code, errors(refused)[0]["field"]) == (422, "status")


def etag_of(api: Program, grant: Grant) -> str:
    """Return the ETag of a grant as it stands."""
    return api("GET", f"grants/{grant.id}").headers["ETag"]


def test_a_payment_beyond_the_vote_is_refused(api: Program, grant: Grant) -> None:
    """What is left of the vote is the most that can be paid."""
    days = {"asked_on": "2026-01-05", "certified_on": "2026-01-06", "paid_on": "2026-02-01"}
    body = {"grant_id": grant.id, "kind": "advance", **days, "why": "acompte"}

    beyond = api("POST", "payments", {**body, "asked_cents": 1_000_001, "paid_cents": 1_000_001})
    paid = api("POST", "payments", {**body, "asked_cents": 300_000, "paid_cents": 300_000})

    assert beyond.status_code == 422
    assert any(each["code"].startswith("payment.beyond") for each in errors(beyond))
    assert paid.status_code == 201, paid.text
    assert api("GET", f"grants/{grant.id}").get_json()["paid_cents"] == 300_000


def test_a_co_funder_stands_in_the_plan(api: Program, grant: Grant) -> None:
    """Added, changed with the version that was read, and found by its grant."""
    body = {"grant_id": grant.id, "funder": "fipd", "asked_cents": 100_000, "why": "demande"}
    added = api("POST", "funding-lines", body)
    changed = api(
        "PATCH", f"funding-lines/{added.get_json()['id']}", {"reference": "F-7", "why": "reçu"},
        If_Match=added.headers["ETag"],
    )  # fmt: skip

    assert added.status_code == 201, added.text
    assert changed.get_json()["reference"] == "F-7"
    assert len(items(api("GET", f"funding-lines?grant_id={grant.id}"))) == 1
    assert items(api("GET", "documents")) == []


def test_grants_keep_to_the_beneficiarys_territory(
    program: MakeProgram, session: Session, grant: Grant
) -> None:
    """A department's token sees the grants of its own communes, and pays no others."""
    make_commune(session)
    make_commune(session, "02691", "Saint-Quentin", 53_000)
    there = make_grant(session)
    there.beneficiary.insee = "02691"
    session.commit()
    nord = program(territory=("department:59",))

    assert [each["id"] for each in items(nord("GET", "grants"))] == [grant.id]
    assert len(items(nord("GET", "grant-events"))) <= 1
    body = {"grant_id": there.id, "kind": "advance", "why": "x"}
    assert nord("POST", "payments", body).status_code == 403
