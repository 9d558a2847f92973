"""Fixtures of the web: an application on the test's database, and people who visit it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import ClassVar, TypeAlias

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.accounts.models import User
from registry.accounts.service import add_user
from registry.app import create_app
from registry.db import SessionFactory, session_scope
from registry.settings import Settings, load

PASSWORD = "Sept mots font une phrase solide 7"
# The cheapest that argon2 allows: what a strong hash costs is nothing that a page is tested for.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
VERSION = re.compile(r'name="version"[^>]*value="([^"]*)"')

FRENCH, ENGLISH = {"Accept-Language": "fr-FR,fr"}, {"Accept-Language": "en-GB,en"}

SignIn: TypeAlias = Callable[[str], FlaskClient]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings whose key file lives in the test's own folder."""
    return load(storage={"folder": tmp_path, "database_url": "", "key_file": ""})


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Return where templates are compiled once for the whole run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


class CompiledOnce(Rule):
    """
    An address of the application; the code that builds it is compiled once for the whole run.

    Every test has an application of its own, and seven tenths of making one went into that.
    """

    _known: ClassVar[dict[object, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - the library's signature
        # The code follows from these alone: it is bound to its rule afterwards.
        key = self.rule, tuple(self._trace), repr(self.defaults), append_unknown
        if key not in self._known:
            self._known[key] = super()._compile_builder(append_unknown)
        return self._known[key]


@pytest.fixture(scope="session", autouse=True)
def compiled_addresses() -> Iterator[None]:
    """Have applications take rules whose code is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "url_rule_class", CompiledOnce)
        yield


@pytest.fixture
def app(
    settings: Settings,
    sessions: SessionFactory,
    now: datetime,
    compiled_templates: FileSystemBytecodeCache,
) -> Flask:
    """Return the application on the test's database, at the test's instant."""
    app = create_app(settings, sessions=sessions, clock=lambda: now)
    app.jinja_env.bytecode_cache = compiled_templates
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a visitor who has not signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, sessions: SessionFactory, now: datetime) -> SignIn:
    """Return what signs a person of some role in, in a browser of their own."""

    def visit(role: str) -> FlaskClient:
        person = make_person(sessions, role, at=now)
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = person.fs_uniquifier
            cookie["_fresh"] = True
        return browser

    return visit


def make_person(sessions: SessionFactory, role: str, *, at: datetime) -> User:
    """Add a person of some role who signs in with `PASSWORD`."""
    with session_scope(sessions) as session:
        return add_user(
            session,
            email=f"{role}@vigiparc.test",
            name=f"Personne {role}",
            password=PASSWORD,
            role=role,
            at=at,
            actor="cli",
            hasher=CHEAP,
        )


def read(browser: FlaskClient, address: str, **headers: str) -> str:
    """Return the text of a page, with its spaces made ordinary ones."""
    response = browser.get(address, headers=headers or FRENCH)
    assert response.status_code == 200, response.text
    return response.text.replace("\N{NO-BREAK SPACE}", " ").replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )


def send(browser: FlaskClient, address: str, *, page: str, **fields: object) -> TestResponse:
    """Post a form with the token of the page that it stands on, and its version if it has one."""
    text = browser.get(page).text
    found, version = TOKEN.search(text), VERSION.search(text)
    assert found is not None
    carried = {"csrf_token": found.group(1)}
    if version is not None:
        carried["version"] = version.group(1)
    return browser.post(address, data={**carried, **fields})


def hidden(browser: FlaskClient | str, page: str = "") -> str:
    """Return the word for what a form was filled from, on a page or in the text of one."""
    text = browser if isinstance(browser, str) else browser.get(page).text
    found = VERSION.search(text)
    assert found is not None
    return found.group(1)


@contextmanager
def counted_selects(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that the database is asked meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
