"""People and tokens by the API."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.models import ApiToken
from registry.app import create_app
from registry.db import SessionFactory
from registry.journal import JournalEntry
from registry.settings import Settings
from tests.conftest import NOON
from tests.web.programs import MakeProgram, Program, errors, items
from tests.web.visitors import PASSWORD

CAMILLE = {"email": "Camille@Region.example", "name": "Camille", "password": PASSWORD}
ORDER = {"name": "Grafana", "rights": ["sites.read"], "expires_at": "2026-12-31T00:00:00Z"}


def test_somebody_is_added_and_changed(api: Program) -> None:
    """Address tidied, role given, active until said otherwise; the password never comes out."""
    added = api("POST", "users", {**CAMILLE, "role": "officer"})
    etag = added.headers["ETag"]
    body = {"active": False, "role": "technician", "why": "left"}
    changed = api("PATCH", f"users/{added.get_json()['id']}", body, If_Match=etag)

    assert (added.status_code, added.get_json()["email"]) == (201, "camille@region.example")
    assert (changed.get_json()["roles"], changed.get_json()["active"]) == ("technician", False)
    assert "password" not in added.get_json()


def test_a_weak_password_is_refused_and_never_repeated(api: Program) -> None:
    """The refusal names the field and what is wrong, not what was sent."""
    refused = api("POST", "users", {**CAMILLE, "password": "aaaaaaaaaaaaaa", "role": "officer"})

    assert (refused.status_code, errors(refused)[0]["field"]) == (422, "password")
    assert "aaaa" not in refused.text


def test_the_journal_names_nobody(api: Program, session: Session) -> None:
    """An account is a number there: the journal outlives it."""
    added = api("POST", "users", {**CAMILLE, "role": "officer"})
    api(
        "PATCH", f"users/{added.get_json()['id']}", {"name": "Dominique"},
        If_Match=added.headers["ETag"],
    )  # fmt: skip

    told = "".join(f"{e.before}{e.after}" for e in session.scalars(select(JournalEntry)))
    assert not any(word in told.casefold() for word in ("camille", "dominique"))


def test_a_token_is_told_once_and_kept_as_a_hash(api: Program, session: Session) -> None:
    """Whoever reads the database cannot call the API."""
    made = api("POST", "tokens", {**ORDER, "networks": ["192.0.2.0/24"]})

    secret = made.get_json()["token"]
    listed = items(api("GET", "tokens"))[-1]
    row = session.get_one(ApiToken, listed["id"])
    assert secret.startswith(f"vgp_{row.prefix}_")
    assert secret not in json.dumps(listed)
    assert secret not in " ".join(str(value) for value in vars(row).values())
    assert (row.created_by, row.read_only) == ("token:1", True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rights": ["everything"]}, "rights"),
        ({"rights": ["fleet.edit"]}, "rights"),
        ({"rights": ["grants.edit"], "read_only": False}, "rights"),
        ({"expires_at": "2026-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2036-01-01T00:00:00Z"}, "expires_at"),
        ({"territory": ["59"]}, "territory"),
        ({"networks": ["192.0.2.1/24"]}, "networks"),
        ({"networks": ["everywhere"]}, "networks"),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    program: MakeProgram, wrong: dict[str, object], field: str
) -> None:
    """Nobody gives a right that they do not have, nor for longer than two years."""
    api = program(("accounts.manage", "sites.read", "fleet.edit"))
    refused = api("POST", "tokens", {**ORDER, **wrong})

    assert refused.status_code == 422
    assert {each["field"] for each in errors(refused)} == {field}


def test_the_last_use_is_kept(
    api: Program, app: Flask, settings: Settings, sessions: SessionFactory, session: Session
) -> None:
    """To some minutes: a read does not write each time."""
    api("GET", "sites")
    first = session.get_one(ApiToken, 1).last_used_at
    soon = create_app(settings, sessions=sessions, clock=lambda: NOON + timedelta(minutes=4))
    Program(soon.test_client(), api.token)("GET", "sites")
    session.expire_all()
    second = session.get_one(ApiToken, 1).last_used_at
    late = create_app(settings, sessions=sessions, clock=lambda: NOON + timedelta(minutes=6))
    Program(late.test_client(), api.token)("GET", "sites")
    session.expire_all()

    assert app is not soon
    assert (first, second) == (NOON, NOON)
    assert session.get_one(ApiToken, 1).last_used_at == NOON + timedelta(minutes=6)
