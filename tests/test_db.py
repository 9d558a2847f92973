"""The database: its types, its migrations, and what it refuses."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from registry import db, models
from registry.db import SessionFactory
from registry.errors import Conflict, Misconfigured
from registry.fleet.models import Camera, Device, Site, SiteKind
from registry.settings import migrations_folder
from tests.conftest import NOON
from tests.factories import make_camera, make_grant, make_site


def test_upgrading_from_nothing_gives_the_tables_of_the_models(empty: Engine) -> None:
    """Migrations and models never say two different things."""
    db.upgrade(empty, migrations_folder())

    assert db.differences(empty, migrations_folder(), models.metadata) == []


def test_a_column_that_no_migration_knows_is_a_difference(empty: Engine) -> None:
    """The comparison of migrations with models can fail."""
    db.upgrade(empty, migrations_folder())
    with empty.begin() as connection:
        connection.execute(text("ALTER TABLE sites DROP COLUMN gateway_port"))

    found = db.differences(empty, migrations_folder(), models.metadata)

    assert len(found) == 1
    assert "gateway_port" in found[0]


def test_migrations_go_down_and_up_again(empty: Engine) -> None:
    """Taking every migration back leaves no table but Alembic's own."""
    db.upgrade(empty, migrations_folder())

    db.downgrade(empty, migrations_folder())
    left = inspect(empty).get_table_names()
    db.upgrade(empty, migrations_folder())

    assert left == ["alembic_version"]
    assert db.differences(empty, migrations_folder(), models.metadata) == []


def test_a_transaction_may_see_one_state(sessions: SessionFactory) -> None:
    """What others commit meanwhile is seen by the next one; without the asking, at once."""
    count = select(func.count()).select_from(Site)
    with sessions() as plain, sessions() as reader:
        db.see_one_state(reader)
        assert (plain.scalar(count), reader.scalar(count)) == (0, 0)
        with db.session_scope(sessions) as writer:
            make_site(writer)

        assert (plain.scalar(count), reader.scalar(count)) == (1, 0)
        reader.commit()
        assert reader.scalar(count) == 1


def test_a_question_to_postgresql_takes_one_core(engine: Engine) -> None:
    """The probes need the other one; a rollback does not take that back."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no other way; run with TEST_DATABASE=postgresql")
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW max_parallel_workers_per_gather")) == "0"
            assert connection.scalar(text("SHOW jit")) == "off"
            connection.rollback()


def test_a_database_of_a_newer_version_is_refused(empty: Engine) -> None:
    """An old version does not touch what a newer one wrote."""
    db.upgrade(empty, migrations_folder())
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(Misconfigured, match=r"revision 9999, written by a newer version"):
        db.upgrade(empty, migrations_folder())


def test_a_database_without_tables_is_told_to_upgrade(empty: Engine) -> None:
    """A forgotten upgrade is named, with the command that cures it."""
    with pytest.raises(Misconfigured, match="run `vigiparc db upgrade`"):
        db.require_newest(empty, migrations_folder())


def test_instants_come_back_aware_and_in_utc(session: Session) -> None:
    """What was written with an offset is read as the same instant in UTC."""
    camera = make_camera(session)
    camera.changed_at = NOON.astimezone(timezone(timedelta(hours=2)))
    session.flush()
    session.expire_all()

    assert camera.changed_at == NOON
    assert camera.changed_at.tzinfo is UTC


def test_a_naive_instant_is_refused(session: Session) -> None:
    """An instant without a time zone never reaches a row."""
    camera = make_camera(session)
    camera.changed_at = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - naive on purpose

    with pytest.raises(StatementError, match="instant without a time zone"):
        session.flush()


def test_rates_are_exact(session: Session) -> None:
    """A rate of 12.34 % comes back as that decimal, not as a float near it."""
    grant = make_grant(session)
    grant.rate = Decimal("0.1234")
    session.flush()
    session.expire_all()

    assert grant.rate == Decimal("0.1234")


def test_words_come_back_as_members_of_their_set(session: Session) -> None:
    """A kind read from the database is the enum member, not a bare string."""
    site = make_site(session, kind=SiteKind.STATION)
    session.expire_all()

    assert site.kind is SiteKind.STATION


def test_a_word_outside_its_set_is_refused(session: Session) -> None:
    """A typing error in a kind never reaches a row."""
    site = make_site(session)
    site.kind = "submarine"  # type: ignore[assignment]  # wrong on purpose

    with pytest.raises(StatementError, match="submarine"):
        session.flush()


def test_two_units_cannot_be_mounted_at_one_camera(session: Session) -> None:
    """The database itself holds a position to one unit at a time."""
    camera = make_camera(session, serial="A1")
    session.add(Device(camera_id=camera.id, serial="B2", mounted_at=NOON))

    with pytest.raises(IntegrityError):
        session.flush()


def test_foreign_keys_hold(session: Session) -> None:
    """A camera cannot stand at a site that does not exist, on SQLite neither."""
    session.add(Camera(site_id=404, label="CAM-01", changed_at=NOON))

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_scope_takes_back_what_failed(sessions: db.SessionFactory) -> None:
    """An exception inside the scope leaves no row behind."""

    def fail_half_way() -> None:
        with db.session_scope(sessions) as session:
            make_site(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    with sessions() as session:
        assert session.execute(text("SELECT count(*) FROM sites")).scalar_one() == 0


def test_a_migration_gives_up_when_somebody_holds_the_table(empty: Engine) -> None:
    """It waits a moment only: everybody who comes after it would wait as long."""
    db.upgrade(empty, migrations_folder(), "0007")
    blocker = db.open_engine(empty.url.render_as_string(hide_password=False))
    with blocker.connect() as connection:
        if empty.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("LOCK TABLE journal_entries IN ACCESS SHARE MODE")

        with pytest.raises(Conflict, match=r"in use for more than 0.2 s"):
            db.upgrade(empty, migrations_folder(), lock_seconds=0.2)
        left = db.current_revision(empty)
        connection.rollback()
    blocker.dispose()

    assert left == "0007"
    assert db.upgrade(empty, migrations_folder()) == db.newest_revision(migrations_folder())
    with empty.connect() as connection:
        question = "PRAGMA busy_timeout" if empty.dialect.name == "sqlite" else "SHOW lock_timeout"
        waiting = connection.exec_driver_sql(question).scalar_one()
    assert waiting in {db.BUSY_TIMEOUT_MILLISECONDS, "0"}
