"""HTTP service discovery: tells Prometheus which camera pages there are to scrape."""

import hashlib
import json

from flask import Blueprint, Response, request

from registry.monitoring.exposition import CAMERAS_PAGE
from registry.monitoring.metrics.gate import Gate
from registry.monitoring.queries.snapshots import camera_pages
from registry.web.access import current_session

REFRESH_HEADER = "X-Prometheus-Refresh-Interval-Seconds"
REFRESH_SECONDS = "60"


def install(blueprint: Blueprint, gate: Gate, *, address: str) -> None:
    """
    Add /sd/cameras to a blueprint.

    Each target is this service's own address: `address` (host:port) or, where it is
    empty, the one at which it was asked; the scheme is that of the job, because behind a
    TLS proxy we are asked in the clear. Source: Prometheus, HTTP service discovery.
    """

    def cameras() -> Response:
        targets = [
            {
                "targets": [address or request.host],
                "labels": {
                    "__metrics_path__": "/metrics/cameras",
                    "__param_shard": shard,
                    # Two shards of one address need a label that tells them apart.
                    "shard": shard,
                },
            }
            for shard in _shards()
        ]
        body = json.dumps(targets)
        response = Response(body, content_type="application/json; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        response.headers[REFRESH_HEADER] = request.headers.get(REFRESH_HEADER, REFRESH_SECONDS)
        response.set_etag(hashlib.sha256(body.encode()).hexdigest())
        response.make_conditional(request)
        return response

    blueprint.get("/sd/cameras", endpoint="discover")(gate(cameras))


def _shards() -> list[str]:
    return [page.removeprefix(f"{CAMERAS_PAGE}/") for page in camera_pages(current_session())]
