"""Who may scrape: near machines, and whoever shows the token."""

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Flask, Response, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from registry.accounts.rules import Right, TokenOrder
from registry.accounts.service import make_token
from registry.app import create_app
from registry.db import SessionFactory
from registry.errors import Misconfigured
from registry.monitoring.metrics.gate import Gate
from registry.settings import load

TOKEN = "a-token-of-twenty-characters-or-more"
NEAR, FAR = "127.0.0.1", "192.0.2.7"


def behind(gate: Gate, session: Session, now: datetime) -> FlaskClient:
    """Return a visitor of a page behind a gate."""
    app = Flask("gate")
    app.get("/")(gate(lambda: Response("in")))

    @app.before_request
    def open_request() -> None:
        g.session, g.now = session, now

    return app.test_client()


@pytest.fixture
def guarded(session: Session, now: datetime) -> FlaskClient:
    """Return a visitor of a page behind a gate for loopback, one network and a token."""
    networks = [ip_network(each) for each in ("127.0.0.0/8", "::1/128", "10.1.0.0/16")]
    return behind(Gate(networks, TOKEN), session, now)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (NEAR, 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("10.1.2.3", 200),
        ("10.2.0.1", 401),
        (FAR, 401),
        ("", 401),
    ],
)
def test_machines_of_the_networks_are_let_in(
    guarded: FlaskClient, address: str, status: int
) -> None:
    """An address of IPv4 spelt as IPv6 is the same machine; an unknown one is nobody."""
    response = guarded.get("/", environ_base={"REMOTE_ADDR": address})

    assert response.status_code == status


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        ("Bearer another-token-of-twenty-characters", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
    ],
)
def test_the_token_lets_anybody_in(guarded: FlaskClient, header: str, status: int) -> None:
    """From anywhere, but only as a bearer token in its header."""
    response = guarded.get(
        "/", environ_base={"REMOTE_ADDR": FAR}, headers={"Authorization": header}
    )

    assert response.status_code == status
    if status == 401:
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert TOKEN not in response.text


def test_a_key_in_the_address_opens_nothing(guarded: FlaskClient) -> None:
    """Addresses end up in logs: a token there is no token."""
    for name in ("token", "key", "access_token"):
        address = f"/?{name}={TOKEN}"
        assert guarded.get(address, environ_base={"REMOTE_ADDR": FAR}).status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_a_proxy_forwards_needs_the_token(guarded: FlaskClient, header: str) -> None:
    """A proxy on this machine speaks from loopback for the whole world."""
    forwarded = {header: "127.0.0.1"}

    assert guarded.get("/", headers=forwarded).status_code == 401
    shown = {"Authorization": f"Bearer {TOKEN}", **forwarded}
    assert guarded.get("/", headers=shown).status_code == 200


def test_without_a_token_set_none_is_right(session: Session, now: datetime) -> None:
    """An empty setting is no password of zero characters."""
    client = behind(Gate([], ""), session, now)

    response = client.get("/", headers={"Authorization": "Bearer "})

    assert response.status_code == 401


BOTH = ("sites.read", "grants.read")


@pytest.mark.parametrize(
    ("rights", "territory", "hours", "status"),
    [
        (BOTH, (), 0, 200),
        (("sites.read",), (), 0, 401),
        (BOTH, ("department:59",), 0, 401),
        (BOTH, (), 25, 401),
    ],
    ids=["reads all", "reads no grants", "reads a department", "has expired"],
)
def test_a_token_of_the_api_that_reads_everything_opens(  # noqa: PLR0913 - fixtures and cases
    session: Session,
    now: datetime,
    *,
    rights: tuple[str, ...],
    territory: tuple[str, ...],
    hours: int,
    status: int,
) -> None:
    """The pages tell of every site and grant: who may not read all of them reads none."""
    order = TokenOrder("prometheus", rights, now + timedelta(days=1), territory=territory)
    _, secret = make_token(session, order, rights=frozenset(Right), at=now, actor="user:1")
    client = behind(Gate([], ""), session, now + timedelta(hours=hours))

    response = client.get("/", headers={"Authorization": f"Bearer {secret}"})

    assert response.status_code == status


@pytest.fixture
def with_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what lays a token into the folder of secrets."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    monkeypatch.setenv("VIGIPARC_SECRETS", str(folder))

    def lay(token: str) -> None:
        (folder / "metrics__token").write_text(token)

    return lay


def test_the_token_comes_from_a_secret_file(
    with_secret: Callable[[str], None], sessions: SessionFactory, tmp_path: Path, now: datetime
) -> None:
    """It opens every page for scrapers, and shows in no dump of the settings."""
    with_secret(TOKEN)
    settings = load(storage={"folder": tmp_path, "database_url": "", "key_file": ""})
    client = create_app(settings, sessions=sessions, clock=lambda: now).test_client()

    for address in ("/metrics", "/metrics/cameras?shard=0/1", "/sd/cameras"):
        base = {"REMOTE_ADDR": FAR}
        shut = client.get(address, environ_base=base)
        shown = client.get(address, environ_base=base, headers={"Authorization": f"Bearer {TOKEN}"})
        assert (shut.status_code, shown.status_code in {200, 503}) == (401, True)
    assert TOKEN not in repr(settings)
    assert TOKEN not in settings.model_dump_json()


def test_a_short_token_is_refused_at_start(with_secret: Callable[[str], None]) -> None:
    """One that can be guessed is named by its setting, and not repeated."""
    with_secret("too short")

    with pytest.raises(Misconfigured, match=r"metrics\.token.*20 characters") as refused:
        load()
    assert "too short" not in str(refused.value)
