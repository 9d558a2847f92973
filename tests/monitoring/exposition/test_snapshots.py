"""Rendered pages as they are kept: versioned, packed, in both dialects."""

import gzip
import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.monitoring.exposition import Block, forget_other_shards, publish, version_of
from registry.monitoring.exposition.pieces import deflate
from registry.monitoring.models import Dialect, Snapshot
from tests.monitoring.telling import NOON


def test_a_snapshot_is_versioned_and_packed(session: Session) -> None:
    """The same bytes for every reader, with their digest."""
    for version, line in enumerate(("one\n", "two\n"), start=1):
        at = NOON + timedelta(seconds=version)
        publish(session, "sites", [Block(("", ""), deflate(line))], at=at)
        session.expire_all()
        for dialect, end in ((Dialect.TEXT, ""), (Dialect.OPENMETRICS, "# EOF\n")):
            snapshot = session.get_one(Snapshot, ("sites", dialect))
            raw = gzip.decompress(snapshot.packed)
            assert (snapshot.version, raw.decode()) == (version, line + end)
            assert snapshot.digest == hashlib.sha256(snapshot.packed).hexdigest()
            assert snapshot.rendered_at == at


def test_the_same_page_gives_the_same_bytes(session: Session) -> None:
    """No clock in the packing: what has not changed keeps its tag."""
    packed = []
    for second in (0, 5):
        publish(
            session, "sites", [Block(("", ""), deflate("x\n"))], at=NOON + timedelta(seconds=second)
        )
        session.expire_all()
        packed.append(session.get_one(Snapshot, ("sites", Dialect.TEXT)).packed)

    assert packed[0] == packed[1]


def test_a_page_from_before_a_pause_follows_no_newer_one(session: Session) -> None:
    """A counter that was read long ago must not come after what others have said since."""
    assert version_of(session, "sites") == 0
    publish(session, "sites", [], at=NOON, after=0)
    before = version_of(session, "sites")
    publish(session, "sites", [], at=NOON, after=before)

    with pytest.raises(Conflict, match="another version than 1"):
        publish(session, "sites", [], at=NOON, after=before)
    assert version_of(session, "sites") == before + 1


def test_only_camera_pages_are_forgotten(session: Session) -> None:
    """The page of sites stays, whatever the shards are."""
    for page in ("sites", "cameras/0/2", "cameras/1/2", "cameras/0/1"):
        publish(session, page, [], at=NOON)

    forget_other_shards(session, ["cameras/0/1"])

    assert set(session.scalars(select(Snapshot.page))) == {"sites", "cameras/0/1"}
