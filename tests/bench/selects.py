"""
Counts the statements of every page and every list of the API, at 10 and at 100,000 rows.

`selects_10` and `selects_100000` are the statements of all of them together, `differ`
is how many of them take another number of statements at the larger size: none should,
and `differing` names those that do.
"""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from registry.app import create_app
from registry.db import session_factory
from registry.settings import Settings, load
from tests.bench.region import CAMERAS, GRANTS, SITES
from tests.bench.store import empty_database
from tests.web.crowd import TEN, Scale, crowd
from tests.web.selects import bearer, counts
from tests.web.visitors import make_person

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | str]:
    """Fill a database twice, and look at every page each time."""
    del quick
    with (
        tempfile.TemporaryDirectory(prefix="vigiparc-bench-") as name,
        empty_database(arguments.database) as engine,
    ):
        sessions = session_factory(engine)
        app = create_app(_settings(Path(name)), sessions=sessions, clock=lambda: NOW)
        browser = app.test_client()
        person = make_person(sessions, "administrator", at=NOW)
        with browser.session_transaction() as cookie:
            cookie.update(_user_id=person.fs_uniquifier, _fresh=True)
        with sessions() as session:
            token = bearer(session, now=NOW)
        found = []
        for scale in (TEN, Scale(SITES, GRANTS, CAMERAS)):
            with sessions() as session:
                crowd(session, scale, now=NOW)
            found.append(counts(app, engine, browser, token))
    few, many = found
    differing = sorted(page for page in few | many if few.get(page) != many.get(page))
    return {
        "selects_10": sum(few.values()),
        "selects_100000": sum(many.values()),
        "differ": len(differing),
        "differing": " ".join(differing),
        "pages": len(many),
        "cameras": CAMERAS,
        "sites": SITES,
        "grants": GRANTS,
    }


def _settings(folder: Path) -> Settings:
    settings = load(
        storage={"folder": folder, "database_url": "", "key_file": "", "documents_folder": ""}
    )
    web = settings.web.model_copy(update={"api_requests_per_minute": 1_000_000})
    return settings.model_copy(update={"web": web})
