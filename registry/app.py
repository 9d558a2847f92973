"""Puts the web application together: the only place that wires blueprints."""

import os
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from sqlalchemy.orm import Session

from registry.accounts import api as accounts_api
from registry.accounts import views as accounts
from registry.audit import api as audit_api
from registry.audit import views as audit
from registry.audit.rules import Thresholds
from registry.clock import Clock, utc_now, whole_second
from registry.db import SessionFactory, open_engine, session_factory
from registry.documents import Store
from registry.fleet import api as fleet_api
from registry.fleet import views as fleet
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.funding import api as funding_api
from registry.funding import views as funding
from registry.journal import Channel, Origin, come_from
from registry.monitoring import api as monitoring_api
from registry.monitoring import metrics
from registry.monitoring import views as monitoring
from registry.monitoring.views import notices
from registry.settings import Settings
from registry.territory import api as territory_api
from registry.web import problems, render, security
from registry.web.access import VISITOR, can_be_opened, for_programs, request_id
from registry.web.assets import Assets
from registry.web.rest import Document

if TYPE_CHECKING:
    from sqlalchemy import Engine

MEGABYTE = 1 << 20
OPEN = frozenset(
    {
        "assets.serve",
        "metrics.alive",
        "metrics.cameras",
        "metrics.discover",
        "metrics.ready",
        "metrics.sites",
    }
)


class SessionsPerProcess:
    """
    Opens the database at the first request of each process.

    An engine that crosses a fork shares its connections with the parent, and
    either of them corrupts what the other is reading.
    """

    def __init__(self, url: str) -> None:
        """Remember the address; nothing is opened yet."""
        self._url = url
        self._lock = Lock()
        self._engine: Engine | None = None
        self._owner = 0

    def __call__(self) -> Session:
        """Return a new session on this process's own engine."""
        with self._lock:
            if self._engine is None or self._owner != os.getpid():
                self._engine = open_engine(self._url)
                self._owner = os.getpid()
            return session_factory(self._engine)()

    def close(self) -> None:
        """Close every connection of this process."""
        with self._lock:
            if self._engine is not None and self._owner == os.getpid():
                self._engine.dispose()
            self._engine = None


def create_app(
    settings: Settings,
    *,
    sessions: SessionFactory | SessionsPerProcess | None = None,
    clock: Clock = utc_now,
) -> Flask:
    """
    Build the web application.

    Args:
        settings: What was set, checked at start.
        sessions: Sessions to use instead of opening the database of the settings.
        clock: The clock that pages are dated by.
    """
    app = Flask("registry.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.web.upload_megabytes * MEGABYTE
    security.sign_with(app, _keys(settings.key_file))
    security.protect_cookies(app, secure=settings.web.secure_cookies)
    render.install(app, default_language=settings.web.language)
    sessions = sessions or SessionsPerProcess(settings.database_url)
    app.extensions["vigiparc.sessions"] = sessions
    _open_requests(app, sessions, clock)
    security.protect_forms(app, spared=for_programs)
    security.refuse_nul(app)
    security.bound_keys(app)
    accounts.install(app)
    limiter = security.limit_attempts(app, "security.login")
    problems.register(app)
    _add_pages(app, settings, clock)
    _add_api(app, settings)
    security.limit_programs(
        app, limiter, per_minute=settings.web.api_requests_per_minute, who=lambda: g.actor.id
    )
    app.after_request(security.add_headers)
    return app


def _keys(path: Path) -> list[bytes]:
    # The vault makes the file at first start and refuses one that others may read.
    Vault.open(path)
    return [line.encode() for line in path.read_text(encoding="ascii").split()]


def _open_requests(app: Flask, sessions: SessionFactory | SessionsPerProcess, clock: Clock) -> None:
    @app.before_request
    def open_session() -> None:
        g.session = sessions()
        g.now = whole_second(clock())
        g.request_id = request_id()
        channel = Channel.API if for_programs() else Channel.WEB
        come_from(g.session, Origin(channel, request.remote_addr or "", g.request_id))
        g.actor = VISITOR
        # Open to everybody, and asked for often: no need to look up by whom.
        if for_programs():
            g.actor = accounts_api.actor_of_token(g.session, at=g.now)
        elif request.endpoint not in OPEN:
            g.actor = accounts.actor_of_request()

    @app.after_request
    def name_request(response: Response) -> Response:
        if name := g.get("request_id"):
            response.headers["X-Request-ID"] = name
        return response

    @app.after_request
    def note_use(response: Response) -> Response:
        if "session" in g and for_programs():
            accounts_api.note_use_of_token(g.session, g.actor, at=g.now)
        return response

    @app.teardown_request
    def close_session(_error: BaseException | None) -> None:
        if session := g.pop("session", None):
            session.close()


def _store(settings: Settings) -> Store:
    most = settings.storage.document_megabytes * MEGABYTE
    return Store(settings.documents_folder, most_bytes=most)


def _add_pages(app: Flask, settings: Settings, clock: Clock) -> None:
    assets = Assets()
    for blueprint in (
        assets.blueprint(),
        accounts.bp,
        accounts.tokens.bp,
        monitoring.bp,
        audit.journal.bp,
        audit.blueprint(thresholds=Thresholds(silent_days=settings.audit.silent_days)),
        funding.blueprint(store=_store(settings)),
        fleet.blueprint(
            key_file=settings.key_file,
            folder=settings.storage.folder / "imports",
            zones=Zones(settings.networks_by_zone),
        ),
        metrics.blueprint(settings.metrics, clock=clock),
        notices.blueprint(key_file=settings.key_file),
    ):
        app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        asset_url=assets.url,
        icon=assets.icon,
        can_be_opened=can_be_opened,
        demo=settings.demo.enabled,
        known_pages=lambda: app.view_functions,
    )

    @app.context_processor
    def everywhere() -> dict[str, object]:
        # An error may come before the request was opened: its page still renders.
        return {"actor": g.get("actor", VISITOR), "now": g.get("now") or whole_second(clock())}


def _add_api(app: Flask, settings: Settings) -> None:
    zones = Zones(settings.networks_by_zone)
    fleet_api.settle(app, key_file=settings.key_file, zones=zones)
    monitoring_api.settle(app, floor_points=100 * settings.contracts.coverage_floor_percent)
    funding_api.settle(app, store=_store(settings))
    audit_api.settle(app, thresholds=Thresholds(silent_days=settings.audit.silent_days))
    document = Document(app, version=version("vigiparc"))
    for blueprint in (
        *territory_api.blueprints(),
        *fleet_api.blueprints(),
        *funding_api.blueprints(),
        *monitoring_api.blueprints(),
        *audit_api.blueprints(),
        *accounts_api.blueprints(),
    ):
        document.register_blueprint(blueprint)
