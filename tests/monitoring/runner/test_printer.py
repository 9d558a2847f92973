"""The page as the monitor prints it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry.db import SessionFactory
from registry.monitoring.exposition import SITES_PAGE
from registry.monitoring.models import Snapshot
from registry.monitoring.runner import Gauges, Printer
from tests.monitoring.telling import NOON


def write_hello(session: Session, *, at: datetime) -> Iterator[str]:
    """Write a line, as any subject may."""
    assert session.is_active
    yield f"hello {at.timestamp():.0f}\n"


def test_every_page_is_a_new_version_with_the_services_own_metrics(
    sessions: SessionFactory,
) -> None:
    """Each writer has its say, and the service itself comes last."""
    printer = Printer(sessions, [write_hello], Gauges("0"))

    for minute in (0, 1):
        printer.print_page(at=NOON + timedelta(minutes=minute))

    with sessions() as session:
        snapshot = session.get_one(Snapshot, SITES_PAGE)
    assert snapshot.version == 2
    assert snapshot.rendered_at == NOON + timedelta(minutes=1)
    first, *rest = snapshot.raw.decode().splitlines()
    assert first == f"hello {NOON.timestamp() + 60:.0f}"
    assert rest[-1] == 'vigiparc_build_info{version="0"} 1.0'
