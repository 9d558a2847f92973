"""Rendered pages are found by name and dialect."""

from sqlalchemy.orm import Session

from registry.monitoring.models import Dialect, Snapshot
from registry.monitoring.queries.snapshots import camera_pages, content, heading
from tests.conftest import NOON


def test_a_page_is_found_by_its_name_and_dialect(session: Session) -> None:
    """Its heading without its bytes, its bytes with the digest that they have."""
    kept = {"version": 1, "rendered_at": NOON, "digest": "d1", "packed": b"packed"}
    session.add(Snapshot(page="sites", dialect=Dialect.TEXT, **kept))
    session.flush()

    assert heading(session, "sites", Dialect.TEXT) == ("d1", NOON)
    assert content(session, "sites", Dialect.TEXT) == ("d1", b"packed")
    assert heading(session, "sites", Dialect.OPENMETRICS) is None
    assert content(session, "cameras/0/1", Dialect.TEXT) is None


def test_camera_pages_come_in_the_order_of_their_numbers(session: Session) -> None:
    """Ten comes after nine, and each page once, whatever its dialects."""
    for number in (10, 9, 0):
        for dialect in Dialect:
            kept = {"version": 1, "rendered_at": NOON, "digest": "", "packed": b""}
            session.add(Snapshot(page=f"cameras/{number}/11", dialect=dialect, **kept))
    session.flush()

    assert camera_pages(session) == ["cameras/0/11", "cameras/9/11", "cameras/10/11"]
