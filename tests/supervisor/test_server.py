"""gunicorn, set up from our settings: what it serves, and how it stops."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from registry import db, settings
from registry.settings import migrations_folder
from tests.flows.demo_region import ROOT, eventually, variables
from tests.supervisor.test_processes import a_free_port, listens


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a service with a database and no monitor."""
    chosen = settings.load(storage={"folder": str(tmp_path)})
    engine = db.open_engine(chosen.database_url)
    db.upgrade(engine, migrations_folder())
    engine.dispose()
    return variables(tmp_path, VIGIPARC_WEB__PORT=str(a_free_port()))


def test_the_pages_are_served_without_a_monitor(environment: dict[str, str]) -> None:
    """The web half runs alone: it signs people in, and has no metrics page to give yet."""
    port = int(environment["VIGIPARC_WEB__PORT"])
    server = subprocess.Popen(
        [sys.executable, "-m", "registry", "serve"], env=environment, cwd=ROOT
    )
    try:
        assert eventually(lambda: listens(port), seconds=30)
        with urlopen(f"http://127.0.0.1:{port}/login") as page:
            assert page.status == 200
        with pytest.raises(HTTPError) as refused:
            urlopen(f"http://127.0.0.1:{port}/metrics")
        refused.value.close()
        assert refused.value.code == 503
    finally:
        os.kill(server.pid, signal.SIGTERM)
        code = server.wait(20)

    assert code == 0
    assert not listens(port)
