"""Serves the metrics pages that the monitor rendered: the same bytes from every web process."""

import gzip
import re
from datetime import datetime
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry.clock import Clock
from registry.monitoring.exposition import (
    SITES_PAGE,
    cameras_of_site,
    pack,
    shard_page,
)
from registry.monitoring.metrics.gate import Gate
from registry.monitoring.models import Dialect
from registry.monitoring.queries.snapshots import Content, camera_pages, content, heading
from registry.web.access import current_session

CONTENT_TYPES = {
    Dialect.TEXT: "text/plain; version=0.0.4; charset=utf-8",
    Dialect.OPENMETRICS: "application/openmetrics-text; version=1.0.0; charset=utf-8",
}
RETRY_SECONDS = 10
NOT_YET = "no metrics yet: the monitor has not rendered its first page"
NO_MORE = "this page is rendered no more: see /sd/cameras"
_SHARD = re.compile(r"([0-9]{1,4})/([0-9]{1,4})", re.ASCII)


class SnapshotPages:
    """
    The rendered pages, and the last bytes of each that this process has served.

    A scrape costs one small SELECT; a page itself is read from the database only when
    its digest has changed. Two threads that read it at once store the same.
    """

    def __init__(self, *, stale_seconds: float, ahead_seconds: float, clock: Clock) -> None:
        """Refuse pages older than `stale_seconds`, or dated more than `ahead_seconds` ahead."""
        self._stale_seconds = stale_seconds
        self._ahead_seconds = ahead_seconds
        self._clock = clock
        self._bodies: dict[tuple[str, Dialect], Content] = {}

    def serve(self, page: str) -> Response:
        """Answer a scrape: 200 with the page, 304 when it is known, 503 when it is too old."""
        session, dialect = current_session(), wanted_dialect()
        found = heading(session, page, dialect)
        if found is None:
            return _refuse(NOT_YET)
        if refused := self._too_old(found.rendered_at):
            return refused
        body = self._body(session, page, dialect, found.digest)
        return _refuse(NO_MORE) if body is None else _answer(body, dialect)

    def serve_site(self, public_id: str) -> Response:
        """
        Answer a scrape of one site's cameras, written for it.

        The standings in the database are what the monitor renders from: they need no
        snapshot, but a monitor that is alive.
        """
        session, dialect = current_session(), wanted_dialect()
        found = heading(session, SITES_PAGE, dialect)
        if found is None:
            return _refuse(NOT_YET)
        if refused := self._too_old(found.rendered_at):
            return refused
        blocks = cameras_of_site(session, public_id, at=self._clock())
        if blocks is None:
            return _misused(HTTPStatus.NOT_FOUND, f"site: no such site: {public_id[:40]}")
        packed, digest = pack(blocks, dialect)
        return _answer(Content(digest, packed), dialect)

    def _too_old(self, rendered_at: datetime) -> Response | None:
        age = (self._clock() - rendered_at).total_seconds()
        if age < -self._ahead_seconds:
            told = f"the metrics are dated {-age:.0f} s ahead: the clock was set back"
            return _refuse(f"{told}, and the monitor may have stopped")
        if age <= self._stale_seconds:
            return None
        return _refuse(f"the metrics are {age:.0f} s old: the monitor may have stopped")

    def _body(self, session: Session, page: str, dialect: Dialect, digest: str) -> Content | None:
        kept = self._bodies.get((page, dialect))
        if kept is not None and kept.digest == digest:
            return kept
        fresh = content(session, page, dialect)
        if fresh is not None:
            self._bodies[page, dialect] = fresh
        return fresh


def install(
    blueprint: Blueprint, gate: Gate, *, stale_seconds: float, ahead_seconds: float, clock: Clock
) -> None:
    """Add /metrics and /metrics/cameras to a blueprint."""
    pages = SnapshotPages(stale_seconds=stale_seconds, ahead_seconds=ahead_seconds, clock=clock)

    def sites() -> Response:
        return pages.serve(SITES_PAGE)

    def cameras() -> Response:
        shard, site = request.args.get("shard"), request.args.get("site")
        if (shard is None) == (site is None):
            told = "expected shard=i/n as /sd/cameras lists them, or site=<public identifier>"
            return _misused(HTTPStatus.BAD_REQUEST, told)
        return pages.serve_site(site) if site is not None else _serve_shard(pages, shard or "")

    blueprint.register_error_handler(OperationalError, _without_database)
    blueprint.get("/metrics", endpoint="sites")(gate(sites))
    blueprint.get("/metrics/cameras", endpoint="cameras")(gate(cameras))


def wanted_dialect() -> Dialect:
    """
    Choose the dialect that the request asks for, the text format unless it prefers the other.

    Quality decides as in RFC 9110, section 12.5.1; werkzeug would rank by length.
    """
    best = {Dialect.TEXT: 0.0, Dialect.OPENMETRICS: 0.0}
    for kind, quality in request.accept_mimetypes:
        name = kind.split(";")[0].strip().lower()
        if name == "application/openmetrics-text":
            best[Dialect.OPENMETRICS] = max(best[Dialect.OPENMETRICS], quality)
        elif name in {"text/plain", "text/*", "*/*"}:
            best[Dialect.TEXT] = max(best[Dialect.TEXT], quality)
    prefers = best[Dialect.OPENMETRICS] > best[Dialect.TEXT]
    return Dialect.OPENMETRICS if prefers else Dialect.TEXT


def _serve_shard(pages: SnapshotPages, shard: str) -> Response:
    found = _SHARD.fullmatch(shard)
    if found is None:
        told = f"shard: expected i/n with 0 <= i < n, got {shard[:40]!r}"
        return _misused(HTTPStatus.BAD_REQUEST, told)
    page = shard_page(int(found[1]), int(found[2]))
    known = camera_pages(current_session())
    if known and page not in known:
        told = f"shard: no such shard: {shard}; there are {len(known)}, see /sd/cameras"
        return _misused(HTTPStatus.NOT_FOUND, told)
    return pages.serve(page)


def _answer(body: Content, dialect: Dialect) -> Response:
    """Answer with a page, packed for whoever unpacks it."""
    packed = request.accept_encodings["gzip"] > 0
    raw = body.packed if packed else gzip.decompress(body.packed)
    response = Response(raw, content_type=CONTENT_TYPES[dialect])
    response.headers["Vary"] = "Accept, Accept-Encoding"
    response.headers["Cache-Control"] = "no-cache"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    # Two encodings are two representations: a strong tag may not name both.
    response.set_etag(f"{body.digest}-gzip" if packed else body.digest)
    response.make_conditional(request)
    return response


def _without_database(error: OperationalError) -> Response:
    """Answer a machine in its own way, every few seconds, while there is no database."""
    structlog.get_logger().warning("no metrics", reason=str(error.orig))
    return _refuse("no metrics: the database is away or busy, see /readyz")


def _misused(status: HTTPStatus, reason: str) -> Response:
    return Response(f"{reason}\n", status, mimetype="text/plain")


def _refuse(reason: str) -> Response:
    response = _misused(HTTPStatus.SERVICE_UNAVAILABLE, reason)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
