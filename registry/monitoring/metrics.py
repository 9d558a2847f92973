"""Serves the metrics page that the monitor rendered: the same bytes from every web process."""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.clock import Clock
from registry.monitoring.models import Snapshot
from registry.web.access import current_session

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SITES = "sites"
RETRY_SECONDS = 10


class SnapshotPage:
    """
    One rendered page, and the last bytes of it that this process has served.

    A scrape costs one small SELECT; the page itself is read from the database only
    when its digest has changed. Two threads that read it at once store the same.
    """

    def __init__(self, page: str, *, stale_seconds: float, clock: Clock) -> None:
        """Serve `page`, and refuse once it is older than `stale_seconds`."""
        self._page = page
        self._stale_seconds = stale_seconds
        self._clock = clock
        self._bodies: dict[bool, tuple[str, bytes]] = {}

    def serve(self) -> Response:
        """Answer a scrape: 200 with the page, 304 when it is known, 503 when it is too old."""
        session = current_session()
        packed = request.accept_encodings["gzip"] > 0
        heading = select(Snapshot.digest, Snapshot.rendered_at).filter_by(page=self._page)
        found = session.execute(heading).first()
        if found is None:
            return _refuse("no metrics yet: the monitor has not rendered its first page")
        if (age := self._age(found.rendered_at)) > self._stale_seconds:
            return _refuse(f"the metrics are {age:.0f} s old: the monitor may have stopped")
        digest, body = self._body(session, found.digest, packed=packed)
        response = Response(body, content_type=CONTENT_TYPE)
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "no-cache"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        # Two encodings are two representations: a strong tag may not name both.
        response.set_etag(f"{digest}-gzip" if packed else digest)
        response.make_conditional(request)
        return response

    def _age(self, rendered_at: datetime) -> float:
        return (self._clock() - rendered_at).total_seconds()

    def _body(self, session: Session, digest: str, *, packed: bool) -> tuple[str, bytes]:
        kept = self._bodies.get(packed)
        if kept is not None and kept[0] == digest:
            return kept
        column = Snapshot.packed if packed else Snapshot.raw
        # The monitor may have rendered anew since: digest and bytes come in one row.
        row = session.execute(select(Snapshot.digest, column).filter_by(page=self._page)).one()
        fresh: tuple[str, bytes] = (row[0], row[1])
        self._bodies[packed] = fresh
        return fresh


def blueprint(*, stale_seconds: float, clock: Clock) -> Blueprint:
    """Return the blueprint of /metrics; it asks nobody to sign in, as scrapers cannot."""
    blueprint = Blueprint("metrics", __name__)
    page = SnapshotPage(SITES, stale_seconds=stale_seconds, clock=clock)
    blueprint.get("/metrics", endpoint="sites")(page.serve)
    return blueprint


def _refuse(reason: str) -> Response:
    response = Response(f"{reason}\n", HTTPStatus.SERVICE_UNAVAILABLE, content_type="text/plain")
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
