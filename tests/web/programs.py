"""Fixtures of the API: programs that call it with a token of their own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.accounts.rules import Right, TokenOrder
from registry.accounts.service import make_token
from registry.db import SessionFactory, session_scope

EVERYTHING = tuple(Right)


@dataclass(frozen=True, slots=True)
class Program:
    """Another system that calls the API with its token."""

    client: FlaskClient
    token: str
    address: str = "127.0.0.1"

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        """Send a request; `If_Match` becomes If-Match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        kwargs: dict[str, Any] = {} if body is None else {"json": body}
        return self.client.open(
            f"/api/v1/{path}",
            method=method,
            headers={"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **sent},
            environ_overrides={"REMOTE_ADDR": self.address},
            **kwargs,
        )


MakeProgram = Callable[..., Program]


@pytest.fixture
def program(app: Flask, sessions: SessionFactory, now: datetime) -> MakeProgram:
    """Return what gives a program a token of its own."""

    def make(
        rights: Iterable[str] = EVERYTHING,
        *,
        address: str = "127.0.0.1",
        lasting: timedelta = timedelta(days=9),
        **order: Any,  # noqa: ANN401 - the rest of a TokenOrder
    ) -> Program:
        wanted = TokenOrder(
            name="test",
            rights=tuple(rights),
            expires_at=now + lasting,
            **{"read_only": False, **order},
        )
        with session_scope(sessions) as session:
            _token, secret = make_token(
                session, wanted, rights=frozenset(Right), at=now, actor="cli"
            )
        return Program(app.test_client(), secret, address)

    return make


@pytest.fixture
def api(program: MakeProgram) -> Program:
    """Return a program that may do everything."""
    return program()


def items(response: TestResponse) -> list[dict[str, Any]]:
    """Return the rows of a list."""
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.get_json()
    rows: list[dict[str, Any]] = body["items"]
    return rows


def errors(response: TestResponse) -> list[dict[str, Any]]:
    """Return what a refusal says of each field."""
    assert response.mimetype == "application/problem+json", response.text
    said: list[dict[str, Any]] = response.get_json()["errors"]
    return said
