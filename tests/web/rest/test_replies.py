"""A POST that is sent again under its key is answered, not done again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.models import ApiToken
from registry.app import create_app
from registry.db import SessionFactory
from registry.fleet.models import Site
from registry.settings import Settings
from registry.web.rest import StoredReply
from tests.conftest import NOON
from tests.factories import make_commune
from tests.web.programs import MakeProgram, Program, errors

LYCEE = {"insee": "59054", "kind": "lycee", "name": "Lycée Faidherbe"}
KEY = "import-2026-11-23"


@pytest.fixture(autouse=True)
def commune(session: Session) -> None:
    """Write the commune that the sites of these tests stand in."""
    make_commune(session)
    session.commit()


def count(session: Session, model: type[Site] | type[StoredReply] | type[ApiToken]) -> int:
    """Count the rows of a table."""
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_repetition_gets_the_first_answer(api: Program, session: Session) -> None:
    """Same body, place and version; one site, and a header that says so."""
    first = api("POST", "sites", LYCEE, Idempotency_Key=KEY)
    again = api("POST", "sites", LYCEE, Idempotency_Key=KEY)

    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert count(session, Site) == 1


def test_another_request_under_the_same_key_is_refused(api: Program, session: Session) -> None:
    """A key that was used by mistake does not give somebody else's answer."""
    api("POST", "sites", LYCEE, Idempotency_Key=KEY)

    other = api("POST", "sites", {**LYCEE, "name": "Autre"}, Idempotency_Key=KEY)
    elsewhere = api("POST", "sites/bulk", [LYCEE], Idempotency_Key=KEY)

    assert (other.status_code, errors(other)[0]["code"]) == (422, "key_reused")
    assert elsewhere.status_code == 422
    assert count(session, Site) == 1


def test_keys_are_each_clients_own(program: MakeProgram) -> None:
    """Two programs may choose the same word."""
    answers = [
        program()("POST", "sites", {**LYCEE, "name": name}, Idempotency_Key=KEY).status_code
        for name in ("A", "B")
    ]

    assert answers == [201, 201]


def test_what_was_refused_may_be_sent_again(api: Program) -> None:
    """A mistake does not use the key up: put right, it is done."""
    refused = api("POST", "sites", {**LYCEE, "name": ""}, Idempotency_Key=KEY)
    done = api("POST", "sites", LYCEE, Idempotency_Key=KEY)

    assert (refused.status_code, done.status_code) == (422, 201)


def test_repetitions_at_once_do_it_once(program: MakeProgram, session: Session) -> None:
    """The second waits for the first, and then gets its answer."""
    client = program()
    clients = [Program(client.client.application.test_client(), client.token) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda each: each("POST", "sites", LYCEE, Idempotency_Key=KEY), clients)
        )

    assert {each.status_code for each in answers} == {201}
    assert len({each.data for each in answers}) == 1
    assert count(session, Site) == 1


@pytest.mark.parametrize("key", ["short", "with a space", "x" * 65])
def test_a_key_that_is_none_is_refused(api: Program, key: str) -> None:
    """Long enough to be one's own, short enough to be kept."""
    refused = api("POST", "sites", LYCEE, Idempotency_Key=key)

    assert (refused.status_code, errors(refused)[0]["code"]) == (422, "key_shape")


def test_a_key_is_kept_a_day(
    api: Program, app: Flask, settings: Settings, sessions: SessionFactory, session: Session
) -> None:
    """After that it is forgotten with its answer, and the same request is a new one."""
    api("POST", "sites", LYCEE, Idempotency_Key=KEY)
    tomorrow = create_app(settings, sessions=sessions, clock=lambda: NOON + timedelta(hours=25))

    late = Program(tomorrow.test_client(), api.token)
    refused = late("POST", "sites", LYCEE, Idempotency_Key=KEY)

    assert app is not tomorrow
    assert (refused.status_code, errors(refused)[0]["code"]) == (422, "site.twice")
    assert count(session, StoredReply) == 1


def test_a_secret_is_told_once_and_not_kept(api: Program, session: Session) -> None:
    """The repetition of a request for a token gets everything but its secret."""
    order = {"name": "x", "rights": ["sites.read"], "expires_at": "2026-12-01T00:00:00Z"}

    first = api("POST", "tokens", order, Idempotency_Key=KEY)
    again = api("POST", "tokens", order, Idempotency_Key=KEY)

    secret = first.get_json()["token"]
    assert "token" not in again.get_json()
    assert again.get_json()["id"] == first.get_json()["id"]
    kept = session.scalars(select(StoredReply.body)).all()
    assert all(secret not in each for each in kept)
