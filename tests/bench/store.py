"""The database that a bench works on: SQLite in a folder of its own, or one that is named."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect

from registry.db import open_engine, upgrade
from registry.settings import migrations_folder


@contextmanager
def empty_database(url: str | None) -> Iterator[Engine]:
    """
    Open a database with every table and no row, and dispose of it.

    Raises:
        ValueError: The one that was named holds tables already: a bench would fill it.
    """
    with tempfile.TemporaryDirectory(prefix="vigiparc-bench-") as folder:
        engine = open_engine(url or f"sqlite:///{Path(folder) / 'vigiparc.db'}")
        try:
            if inspect(engine).get_table_names():
                message = "--database: expected an empty database"
                raise ValueError(message)
            upgrade(engine, migrations_folder())
            yield engine
        finally:
            engine.dispose()
