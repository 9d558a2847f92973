"""The page of tokens: who may see it, what it makes, what it shows once and never again."""

import html
import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.accounts.models import ApiToken
from registry.accounts.queries import usable_token
from registry.accounts.rules import hash_secret
from registry.journal import JournalEntry
from tests.web.visitors import ENGLISH, SignIn, read, send

SECRET = re.compile(r"vgp_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")
GRAFANA = {
    "name": "Grafana",
    "rights": ["sites.read", "audit.read"],
    "territory": "department:59  commune:02691",
    "networks": "192.0.2.0/24",
    "expires_at": "2027-01-31",
}


@pytest.fixture
def administrator(sign_in: SignIn) -> FlaskClient:
    """Return an administrator's browser."""
    return sign_in("administrator")


def add(browser: FlaskClient, **changes: object) -> TestResponse:
    """Send the form."""
    return send(browser, "/tokens", page="/tokens", **{**GRAFANA, **changes})


def test_a_token_is_made_as_it_was_ordered(administrator: FlaskClient, session: Session) -> None:
    """Rights, territory, networks and the whole of its last day, by a secret that works."""
    answer = add(administrator)

    assert answer.status_code == 201
    (secret,) = SECRET.findall(answer.text)
    token = session.scalars(select(ApiToken)).one()
    assert (token.rights, token.territory, token.networks, token.read_only) == (
        "audit.read sites.read", "commune:02691 department:59", "192.0.2.0/24", True,
    )  # fmt: skip
    assert token.expires_at.isoformat() == "2027-01-31T23:00:00+00:00"
    late = token.expires_at - timedelta(seconds=1)
    assert usable_token(session, secret, address="192.0.2.9", at=late) is token


def test_a_secret_is_shown_once(administrator: FlaskClient, session: Session) -> None:
    """On the page that answers, in no cookie, no address, no later page, nor the journal."""
    answer = add(administrator)
    (secret,) = SECRET.findall(answer.text)

    assert answer.headers["Cache-Control"] == "no-store"
    assert secret not in str(answer.headers)
    with administrator.session_transaction() as cookie:
        assert secret not in str(dict(cookie))
    for page in ("/tokens", "/journal", "/"):
        later = read(administrator, page)
        assert secret not in later
        assert secret.split("_", 2)[2] not in later
        assert hash_secret(secret) not in later
    entries = session.scalars(select(JournalEntry)).all()
    assert all(secret not in f"{each.before}{each.after}{each.reason}" for each in entries)


def test_the_list_tells_what_a_token_may_and_whether_it_lives(
    administrator: FlaskClient, session: Session, now: datetime
) -> None:
    """Prefix, bounds, end, last use; names of strangers are escaped."""
    add(administrator, name="<b>Grafana</b>")
    token = session.scalars(select(ApiToken)).one()
    unused = read(administrator, "/tokens", **ENGLISH)
    token.last_used_at = now
    session.commit()

    page = read(administrator, "/tokens", **ENGLISH)

    assert "1 system may use the API." in page
    for words in (
        "&lt;b&gt;Grafana&lt;/b&gt;", f"vgp_{token.prefix}", "audit.read, sites.read",
        "only reads", "commune:02691, department:59", "192.0.2.0/24",
    ):  # fmt: skip
        assert words in page
    assert ">never<" in unused
    assert ">never<" not in page


def test_a_revoked_token_opens_nothing_and_stays_listed(
    administrator: FlaskClient, session: Session, now: datetime
) -> None:
    """Once; the second time says so. The journal keeps who did it."""
    (secret,) = SECRET.findall(add(administrator).text)
    token = session.scalars(select(ApiToken)).one()
    address = f"/tokens/{token.id}/revoke"

    first = send(administrator, address, page="/tokens")
    page = read(administrator, "/tokens")
    send(administrator, address, page="/tokens")
    again = read(administrator, "/tokens")

    assert first.location == "/tokens"
    assert "Le jeton est révoqué" in page
    assert "Le jeton avait déjà été révoqué." in again
    assert "Aucun système" in page
    assert "Grafana" in page
    assert f'action="{address}"' not in page
    session.expire_all()
    assert usable_token(session, secret, address="192.0.2.9", at=now) is None
    told = session.scalars(select(JournalEntry).filter_by(subject=f"token:{token.id}"))
    assert [each.action for each in told] == ["token.make", "token.revoke"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "requis"),
        ({"rights": []}, "obligatoire"),
        ({"rights": ["everything"]}, "everything"),
        ({"rights": ["fleet.edit"]}, "(fleet.edit)"),
        ({"territory": "Lille"}, "(Lille)"),
        ({"networks": "192.0.2.1/24"}, "(192.0.2.1/24)"),
        ({"expires_at": "2026-01-01"}, "732"),
        ({"expires_at": "2036-01-01"}, "732"),
        ({"expires_at": "demain"}, "date"),
    ],
)
def test_a_wrong_order_is_refused_with_words_and_keeps_what_was_typed(
    administrator: FlaskClient, session: Session, changes: dict[str, object], words: str
) -> None:
    """Under its field; nothing is made."""
    answer = add(administrator, **changes)

    assert answer.status_code == 422
    assert words in html.unescape(answer.text)
    assert SECRET.search(answer.text) is None
    assert "192.0.2." in answer.text
    assert session.scalars(select(ApiToken)).all() == []


def test_a_token_that_changes_things_is_a_choice(
    administrator: FlaskClient, session: Session
) -> None:
    """One tick lets it hold rights to write."""
    answer = add(administrator, rights=["fleet.edit"], writes="y", territory="", networks="")

    assert answer.status_code == 201
    assert not session.scalars(select(ApiToken)).one().read_only
    assert "lecture seule" not in read(administrator, "/tokens")


@pytest.mark.parametrize("role", ["technician", "officer"])
def test_only_who_manages_accounts_sees_and_makes_tokens(
    sign_in: SignIn, session: Session, role: str
) -> None:
    """Others are refused, and not offered the page."""
    browser = sign_in(role)

    assert browser.get("/tokens").status_code == 403
    for address in ("/tokens", "/tokens/1/revoke"):
        assert send(browser, address, page="/account", **GRAFANA).status_code == 403
    assert 'href="/tokens"' not in read(browser, "/")
    assert session.scalars(select(ApiToken)).all() == []


def test_a_forged_form_makes_and_ends_nothing(administrator: FlaskClient, session: Session) -> None:
    """Without the page's own word both are refused."""
    add(administrator)

    assert administrator.post("/tokens", data=GRAFANA).status_code == 400
    assert administrator.post("/tokens/1/revoke").status_code == 400
    assert session.scalars(select(ApiToken)).one().revoked_at is None


def test_an_unknown_token_is_not_there(administrator: FlaskClient) -> None:
    """Its number leads nowhere."""
    assert send(administrator, "/tokens/99/revoke", page="/tokens").status_code == 404
