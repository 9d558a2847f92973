"""A service that has lost its database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from registry.app import create_app
from registry.db import session_factory
from registry.settings import Settings


@pytest.fixture
def gone(settings: Settings, tmp_path: Path) -> Iterator[FlaskClient]:
    """Return a visitor of a service whose database cannot be opened."""
    engine = create_engine(f"sqlite:///{tmp_path / 'no folder' / 'vigiparc.db'}")
    yield create_app(settings, sessions=session_factory(engine)).test_client()
    engine.dispose()
