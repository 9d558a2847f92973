"""What the forms of the fleet share: nothing half-written, and what a race of two is told."""

import threading

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.models import MaintenanceContract
from registry.journal import JournalEntry
from tests.factories import make_papers, make_site
from tests.web.visitors import TOKEN, SignIn, hidden, send

VALUES = {"contractor": "Nordmaint", "starts_on": "2026-01-01", "calendar": "always"}


def test_of_two_at_the_same_instant_one_wins(session: Session, sign_in: SignIn) -> None:
    """Both were filled from the same; they are sent from two threads, each with its session."""
    contract, _ = make_papers(session, make_site(session))
    session.commit()
    page = f"/contracts/{contract.id}"
    browsers = [sign_in("officer"), sign_in("administrator")]
    tokens = [TOKEN.search(each.get(page).text) for each in browsers]
    seen = hidden(browsers[0], page)
    barrier, statuses = threading.Barrier(2), []

    def post(browser: FlaskClient, token: str, hours: str) -> None:
        sent = {**VALUES, "reference": contract.reference, "gti_hours": hours, "version": seen}
        sent["sites"] = contract.sites[0].public_id
        barrier.wait(timeout=10)
        statuses.append(browser.post(page, data={**sent, "csrf_token": token}).status_code)

    threads = [
        threading.Thread(target=post, args=(browser, token and token.group(1), hours))
        for browser, token, hours in zip(browsers, tokens, ("4", "8"), strict=True)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)

    assert sorted(statuses) == [302, 409]
    session.expire_all()
    assert contract.gti_hours in {4, 8}
    assert len(session.scalars(select(JournalEntry).filter_by(action="contracts.edit")).all()) == 1


def test_nothing_is_half_written(session: Session, sign_in: SignIn) -> None:
    """A right delay beside a wrong site: neither is kept, and no entry tells of either."""
    contract, _ = make_papers(session, make_site(session))
    session.commit()
    officer, page = sign_in("officer"), f"/contracts/{contract.id}"
    sent = {**VALUES, "reference": "M-new", "gti_hours": "4", "sites": "59999-01", "reason": "x"}

    answer = send(officer, page, page=page, **sent, version=hidden(officer, page))

    assert answer.status_code == 422
    session.expire_all()
    assert (contract.gti_hours, len(contract.sites)) == (None, 1)
    assert session.scalars(select(MaintenanceContract.reference)).one() == contract.reference
    assert session.scalars(select(JournalEntry).filter_by(action="contracts.edit")).all() == []


def test_what_is_the_same_is_said_to_be(session: Session, sign_in: SignIn) -> None:
    """The journal holds changes, not clicks."""
    contract, _ = make_papers(session, make_site(session))
    session.commit()
    officer, page = sign_in("officer"), f"/contracts/{contract.id}"
    sent = {**VALUES, "reference": contract.reference, "sites": contract.sites[0].public_id}

    answer = send(officer, page, page=page, **sent, version=hidden(officer, page))

    assert answer.status_code == 302
    assert "rien n’est modifié" in officer.get("/contracts").text
    assert session.scalars(select(JournalEntry).filter_by(action="contracts.edit")).all() == []
