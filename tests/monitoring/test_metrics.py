"""/metrics serves the monitor's own bytes, quickly, and refuses what is too old."""

import gzip
import hashlib
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.monitoring.models import Snapshot
from tests.web.visitors import counted_selects

PAGE = b'# TYPE vigiparc_site_up gauge\nvigiparc_site_up{site="59054-01"} 1\n'


def keep(session: Session, raw: bytes = PAGE, *, at: datetime, version: int = 1) -> Snapshot:
    """Keep a page as the monitor would."""
    snapshot = Snapshot(
        page="sites",
        version=version,
        rendered_at=at,
        digest=hashlib.sha256(raw).hexdigest(),
        raw=raw,
        packed=gzip.compress(raw),
    )
    session.merge(snapshot)
    session.commit()
    return snapshot


def test_a_scrape_gets_the_rendered_bytes(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """Nobody signs in to scrape, and the content type is Prometheus's own."""
    keep(session, at=now)

    response = client.get("/metrics")

    assert response.data == PAGE
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_a_scraper_that_unpacks_gets_it_packed(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """The monitor packs once, for every web process and every scraper."""
    snapshot = keep(session, at=now)

    response = client.get("/metrics", headers={"Accept-Encoding": "gzip"})

    assert response.data == snapshot.packed
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["Vary"]


def test_a_page_that_is_known_is_not_sent_again(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """Each encoding has a tag of its own, and either is recognised."""
    keep(session, at=now)

    for headers in ({}, {"Accept-Encoding": "gzip"}):
        tag = client.get("/metrics", headers=headers).headers["ETag"]
        again = client.get("/metrics", headers={"If-None-Match": tag, **headers})
        assert again.status_code == 304
        assert again.data == b""
    plain = client.get("/metrics").headers["ETag"]
    assert plain != client.get("/metrics", headers={"Accept-Encoding": "gzip"}).headers["ETag"]


def test_a_new_page_replaces_the_kept_one(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """What a process has kept never outlives the database's version."""
    keep(session, at=now)
    client.get("/metrics")

    keep(session, b"vigiparc_site_up 0\n", at=now, version=2)

    assert client.get("/metrics").data == b"vigiparc_site_up 0\n"


def test_a_second_scrape_reads_no_page(
    session: Session, client: FlaskClient, now: datetime, engine: Engine
) -> None:
    """Only the digest and its age are asked for: one small SELECT, no column of bytes."""
    keep(session, at=now)
    client.get("/metrics")

    with counted_selects(engine) as statements:
        client.get("/metrics")

    (only,) = statements
    assert "snapshots.raw" not in only
    assert "snapshots.packed" not in only


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 200), (301, 503)])
def test_an_old_page_is_refused(
    session: Session, client: FlaskClient, now: datetime, seconds: int, status: int
) -> None:
    """Better no figure than an old one: past five minutes the answer is 503."""
    keep(session, at=now - timedelta(seconds=seconds))

    response = client.get("/metrics")

    assert response.status_code == status
    if status == 503:
        assert "301 s old" in response.text
        assert response.headers["Retry-After"] == "10"


def test_before_the_first_page_there_is_a_reason(client: FlaskClient) -> None:
    """A scrape that comes too early is told so in plain text."""
    response = client.get("/metrics")

    assert response.status_code == 503
    assert "not rendered its first page" in response.text
    assert response.mimetype == "text/plain"
