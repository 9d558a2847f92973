"""From revision 0029 on PostgreSQL keeps room for what each second rewrites, as the models say."""

import pytest
from sqlalchemy import Engine, text

from registry import models
from tests.migrations.test_grant_sums import go

OPTIONS = text("SELECT reloptions FROM pg_class WHERE oid = to_regclass(:table)")


@pytest.mark.parametrize("table", ["standings", "site_counters"])
def test_the_room_comes_and_goes(empty: Engine, table: str) -> None:
    """Going back fills pages whole again."""
    if empty.dialect.name != "postgresql":
        pytest.skip("SQLite rewrites a row where it stands; run with TEST_DATABASE=postgresql")
    share = models.metadata.tables[table].dialect_options["postgresql"]["with"]["fillfactor"]
    go(empty, "upgrade", "0029")
    with empty.connect() as connection:
        assert connection.scalar(OPTIONS, {"table": table}) == [f"fillfactor={share}"]

    go(empty, "downgrade", "0028")
    with empty.connect() as connection:
        assert connection.scalar(OPTIONS, {"table": table}) is None
