"""Says whether this process is alive, and whether the service behind it is ready."""

import json
from functools import cache, partial
from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from registry.clock import Clock
from registry.db import newest_revision
from registry.monitoring.queries.status import Status, Trouble, read_status
from registry.settings import migrations_folder
from registry.web.access import current_session


def install(blueprint: Blueprint, *, silent_seconds: float, clock: Clock) -> None:
    """Add /healthz and /readyz to a blueprint."""
    # Reading the migrations takes a while, and nobody may ever ask.
    expected = cache(partial(newest_revision, migrations_folder()))

    def alive() -> Response:
        """Say that this process answers; nothing behind it is asked."""
        return Response("ok\n", mimetype="text/plain")

    def ready() -> Response:
        """Say whether the database, its schema and a monitor are there: 200, else 503."""
        try:
            status = read_status(current_session(), schema_expected=expected(), at=clock())
        except SQLAlchemyError:
            return _tell({"ready": False, "database": "unreachable"}, is_ready=False)
        troubles = status.troubles(silent_seconds=silent_seconds)
        return _tell(_facts(status, troubles), is_ready=not troubles)

    blueprint.get("/healthz", endpoint="alive")(alive)
    blueprint.get("/readyz", endpoint="ready")(ready)


def _facts(status: Status, troubles: list[Trouble]) -> dict[str, object]:
    """Return what a probe of a supervisor may know: no address, no name, no count."""
    return {
        "ready": not troubles,
        "troubles": troubles,
        "database": "ok",
        "schema": status.schema,
        "schema_expected": status.schema_expected,
        "monitor_heartbeat_age_seconds": status.heartbeat_age_seconds,
    }


def _tell(facts: dict[str, object], *, is_ready: bool) -> Response:
    code = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(json.dumps(facts) + "\n", code, content_type="application/json")
