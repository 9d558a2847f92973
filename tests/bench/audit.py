"""Judges every grant of a region at full scale, then one of them."""

import argparse
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from registry import models
from registry.audit.queries import findings
from registry.audit.rules import Thresholds
from registry.db import open_engine, session_factory
from registry.funding.models import Grant
from tests.bench import region

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, object]:
    """Return the seconds of processor time that judging takes, for all grants and for one."""
    del arguments
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'audit.db'}")
        models.metadata.create_all(engine)
        region.populate(engine, NOW)
        with session_factory(engine)() as session:
            grant = session.get_one(Grant, 1)
            everything = [_judge(session, None) for _ in range(1 if quick else 5)]
            one = [_judge(session, grant) for _ in range(5 if quick else 50)]
        engine.dispose()
    return {
        "cameras": region.CAMERAS,
        "grants": region.GRANTS,
        "seconds": round(min(everything), 2),
        "grant_seconds": round(sorted(one)[len(one) // 2], 4),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _judge(session: Session, grant: Grant | None) -> float:
    began = time.process_time()
    findings(session, at=NOW, thresholds=Thresholds(), grant=grant)
    return time.process_time() - began
