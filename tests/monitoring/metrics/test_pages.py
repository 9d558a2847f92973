"""/metrics serves the monitor's own bytes, quickly, and refuses what is too old."""

import gzip
import hashlib
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, event
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.db import SessionFactory
from registry.monitoring.models import Dialect, Snapshot
from registry.monitoring.service import record
from tests import factories
from tests.conftest import NOON
from tests.monitoring.telling import samples, told
from tests.web.visitors import counted_selects

PAGE = b'# TYPE vigiparc_site_up gauge\nvigiparc_site_up{site="59054-01"} 1\n'


OPENMETRICS = b'# TYPE vigiparc_site_up gauge\nvigiparc_site_up{site="59054-01"} 1\n# EOF\n'
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
    "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/"
    "openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


def keep(
    session: Session,
    raw: bytes = PAGE,
    *,
    at: datetime,
    page: str = "sites",
    dialect: Dialect = Dialect.TEXT,
) -> Snapshot:
    """Keep a page as the monitor would."""
    snapshot = Snapshot(
        page=page,
        dialect=dialect,
        version=1,
        rendered_at=at,
        digest=hashlib.sha256(raw).hexdigest(),
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


def test_a_proxy_may_weaken_the_tag(session: Session, client: FlaskClient, now: datetime) -> None:
    """A page that came through a proxy is known all the same, alone or among others."""
    keep(session, at=now)
    tag = client.get("/metrics").headers["ETag"]

    for known in (f"W/{tag}", f'"other", {tag}', "*"):
        assert client.get("/metrics", headers={"If-None-Match": known}).status_code == 304
    assert client.get("/metrics", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("encodings", "packed"),
    [("gzip", True), ("gzip;q=0", False), ("identity", False), ("br, *;q=0.1", True), ("", False)],
)
def test_it_is_packed_for_whoever_says_so(
    session: Session, client: FlaskClient, now: datetime, encodings: str, *, packed: bool
) -> None:
    """And for nobody who refuses it."""
    keep(session, at=now)

    response = client.get("/metrics", headers={"Accept-Encoding": encodings})

    assert ("Content-Encoding" in response.headers) is packed
    assert (gzip.decompress(response.data) if packed else response.data) == PAGE


def test_the_head_of_a_page_tells_of_it(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """The same headers without the page, its length included; no cookie is ever set."""
    keep(session, at=now)

    whole, head = client.get("/metrics"), client.head("/metrics")

    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length", "Vary"):
        assert head.headers[name] == whole.headers[name]
    assert "Set-Cookie" not in whole.headers


def test_a_new_page_replaces_the_kept_one(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """What a process has kept never outlives the database's version."""
    keep(session, at=now)
    client.get("/metrics")

    keep(session, b"vigiparc_site_up 0\n", at=now)

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


@pytest.mark.parametrize(("seconds", "status"), [(30, 200), (31, 503)])
def test_a_page_from_the_future_is_refused(
    session: Session, client: FlaskClient, now: datetime, seconds: int, status: int
) -> None:
    """The clock was set back: nobody can tell how old such a page is."""
    keep(session, at=now + timedelta(seconds=seconds))

    response = client.get("/metrics")

    assert response.status_code == status
    assert ("31 s ahead" in response.text) is (status == 503)


def test_before_the_first_page_there_is_a_reason(client: FlaskClient) -> None:
    """A scrape that comes too early is told so in plain text."""
    response = client.get("/metrics")

    assert response.status_code == 503
    assert "not rendered its first page" in response.text
    assert response.mimetype == "text/plain"


@pytest.mark.parametrize("path", ["/metrics", "/metrics/cameras?shard=0/1", "/sd/cameras"])
@pytest.mark.parametrize("accept", [PROMETHEUS_3, "*/*"])
def test_without_a_database_there_is_a_reason(gone: FlaskClient, path: str, accept: str) -> None:
    """A line for a machine, not a page for people; Prometheus comes again by itself."""
    response = gone.get(path, headers={"Accept": accept})

    assert (response.status_code, response.mimetype) == (503, "text/plain")
    assert "the database is away or busy" in response.text


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", PAGE),
        ("*/*", PAGE),
        ("text/plain", PAGE),
        ("application/openmetrics-text", OPENMETRICS),
        ("text/plain;q=0.9,application/openmetrics-text;version=1.0.0;q=0.2", PAGE),
        (PROMETHEUS_2, OPENMETRICS),
        (PROMETHEUS_3, OPENMETRICS),
    ],
)
def test_each_scraper_gets_the_dialect_that_it_asks_for(
    session: Session, client: FlaskClient, now: datetime, accept: str, expected: bytes
) -> None:
    """By quality, as the standard says; whoever does not care gets the text format."""
    keep(session, at=now)
    keep(session, OPENMETRICS, at=now, dialect=Dialect.OPENMETRICS)

    response = client.get("/metrics", headers={"Accept": accept})

    assert response.data == expected
    is_openmetrics = response.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert is_openmetrics == (expected == OPENMETRICS)
    assert "Accept," in response.headers["Vary"]


def test_a_shard_that_goes_while_it_is_asked_for_is_refused(
    session: Session, sessions: SessionFactory, client: FlaskClient, now: datetime
) -> None:
    """The monitor may share cameras out anew between the look at a page and its reading."""
    keep(session, page="cameras/0/1", at=now)

    def take_away(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "packed" in statement and statement.startswith("SELECT"):
            with sessions.begin() as other:
                other.execute(delete(Snapshot))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", take_away)
    try:
        response = client.get("/metrics/cameras?shard=0/1")
    finally:
        event.remove(engine, "before_cursor_execute", take_away)

    assert (response.status_code, "no more" in response.text) == (503, True)


def test_a_shard_is_served_like_the_page_of_sites(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """Rendered bytes, 304 when known, 503 when too old."""
    keep(session, b"vigiparc_camera_up 1\n", at=now, page="cameras/0/2")
    keep(session, at=now - timedelta(seconds=301), page="cameras/1/2")

    found = client.get("/metrics/cameras?shard=0/2")
    again = client.get(
        "/metrics/cameras?shard=0/2", headers={"If-None-Match": found.headers["ETag"]}
    )

    assert (found.status_code, found.data) == (200, b"vigiparc_camera_up 1\n")
    assert again.status_code == 304
    assert client.get("/metrics/cameras?shard=1/2").status_code == 503


@pytest.mark.parametrize(
    ("address", "status", "told_of"),
    [
        ("/metrics/cameras", 400, "shard=i/n"),
        ("/metrics/cameras?shard=0/1&site=59054-01", 400, "shard=i/n"),
        ("/metrics/cameras?shard=one", 400, "shard: expected i/n"),
        ("/metrics/cameras?shard=1/1", 404, "there are 1, see /sd/cameras"),
        ("/metrics/cameras?site=59054-99", 404, "site: no such site"),
    ],
)
def test_what_is_not_there_is_named(
    session: Session, client: FlaskClient, address: str, status: int, told_of: str
) -> None:
    """A wrong question gets an answer that says what was expected."""
    keep(session, at=NOON)
    keep(session, at=NOON, page="cameras/0/1")

    response = client.get(address)

    assert (response.status_code, response.mimetype) == (status, "text/plain")
    assert told_of in response.text


def test_one_site_is_written_for_whoever_asks(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """Its cameras alone, as the database has them, in the dialect that was asked for."""
    keep(session, at=now)
    keep(session, at=now, dialect=Dialect.OPENMETRICS)
    sites = [factories.make_site(session) for _ in range(2)]
    up, _ = (factories.make_camera(session, site=site) for site in sites)
    record(session, [told(up.id, 0, Health.UP)], patience=2)
    session.commit()
    address = f"/metrics/cameras?site={sites[0].public_id}"

    found = client.get(address)
    other = client.get(address, headers={"Accept": "application/openmetrics-text"})

    assert samples(found.data, "vigiparc_camera_up") == {(str(up.id), sites[0].public_id): 1.0}
    assert sites[1].public_id not in found.text
    assert other.text.endswith("# EOF\n")


def test_one_site_is_refused_while_no_monitor_renders(
    session: Session, client: FlaskClient, now: datetime
) -> None:
    """Standings that nobody renews are as old as a page that nobody renders."""
    site = factories.make_site(session)
    session.commit()
    address = f"/metrics/cameras?site={site.public_id}"

    assert client.get(address).status_code == 503
    keep(session, at=now - timedelta(seconds=301))
    assert client.get(address).status_code == 503
