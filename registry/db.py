"""The database: engine, session scope, column types, names of constraints."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from registry.errors import Conflict, Misconfigured

SessionFactory: TypeAlias = sessionmaker[Session]

BUSY_TIMEOUT_MILLISECONDS = 15_000
# How long a migration waits for whoever holds a table; meanwhile all others wait for it.
MIGRATION_LOCK_SECONDS = 5.0
BASIS_POINTS = Decimal(10_000)
# The largest key that every database holds; an address may ask for any number.
LARGEST_ID = 2**31 - 1


# The unused `dialect` below belongs to the signature that SQLAlchemy calls.
class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; naive values are refused, SQLite's are made aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn a value into what the column holds."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"instant without a time zone: {value.isoformat()}"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn what the column holds into a value."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Second(TypeDecorator[datetime]):
    """
    An aware UTC datetime of whole seconds, kept as seconds since 1970.

    Durations are then subtractions of integers in SQL, the same on SQLite and on
    PostgreSQL. A fraction of a second is dropped, as it is from every verdict.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Turn a value into what the column holds."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"instant without a time zone: {value.isoformat()}"
            raise ValueError(message)
        return int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn what the column holds into a value."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Rate(TypeDecorator[Decimal]):
    """An exact rate between 0 and 1, kept as whole basis points (30 % is 3000)."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Turn a value into what the column holds."""
        return None if value is None else int((value * BASIS_POINTS).to_integral_exact())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Turn what the column holds into a value."""
        return None if value is None else Decimal(value) / BASIS_POINTS


class Word(TypeDecorator[StrEnum]):
    """A member of a closed set, kept as its plain word: a new member needs no migration."""

    impl = String(20)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        """Name the set that the column's words come from."""
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Turn a value into what the column holds; a word outside the set is refused."""
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """Turn what the column holds into a value."""
        return None if value is None else self.words(value)


Id = Annotated[int, mapped_column(primary_key=True)]
Cents = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    """The one registry of tables; its naming rule lets migrations name constraints."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, Decimal: Rate}  # noqa: RUF012 - SQLAlchemy's own name


def _tune_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # WAL lets the web read while the monitor writes; NORMAL still survives kill -9
    # (only a power cut may lose the last transactions, never the file).
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _tune_postgresql(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # On one small machine a question that takes every core makes the probes late, and
    # the sums of a month cost a third more processor when two of its processes share them;
    # to compile them each time costs another third.
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET max_parallel_workers_per_gather = 0")
    cursor.execute("SET jit = off")
    cursor.close()
    connection.autocommit = False


def open_engine(url: str) -> Engine:
    """
    Open a database by URL (`sqlite:///path` or `postgresql+psycopg://...`).

    A file database gets its folder made; the caller disposes of the engine.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, pool_pre_ping=True)
        event.listen(engine, "connect", _tune_postgresql)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _tune_sqlite)
    return engine


def session_factory(engine: Engine, info: Mapping[str, object] | None = None) -> SessionFactory:
    """
    Return a maker of sessions whose objects stay readable after a commit.

    `info` is what each session is to know, such as where its changes come from.
    """
    return sessionmaker(engine, expire_on_commit=False, info=dict(info or {}))


@contextmanager
def session_scope(factory: SessionFactory) -> Iterator[Session]:
    """Give a session that commits at the end, or rolls back when anything was raised."""
    with factory() as session, session.begin():
        yield session


def claim_writing(session: Session) -> None:
    """
    Take the right to write before anything is read that decides what to write.

    SQLite has one writer: it is taken here, or two sessions could both read a row
    and each change what it has read. PostgreSQL holds the rows themselves, which
    whoever reads them for an update asks for.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        if raw is not None and not raw.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def see_one_state(session: Session) -> None:
    """
    Let a transaction that only reads see one state: what was committed by its first question.

    Each statement would else see what others have committed by then, and a figure that is
    made of several would be half of before and half of after. Nothing may have been asked
    in this transaction yet.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    else:
        session.connection().exec_driver_sql("BEGIN")


@contextmanager
def impatient(session: Session) -> Iterator[None]:
    """
    Wait for other writers a moment only, for what need not be written now.

    SQLite makes a writer wait for the one before, however long that one takes;
    PostgreSQL only for the very row.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        yield
        return
    connection.exec_driver_sql("PRAGMA busy_timeout=100")
    try:
        yield
    finally:
        session.connection().exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}")


def is_busy(error: OperationalError) -> bool:
    """Tell whether a statement failed only because somebody else was writing."""
    # SQLite says it in words; PostgreSQL with lock_not_available and deadlock_detected.
    code = getattr(error.orig, "sqlstate", None)
    return code in {"55P03", "40P01"} or "database is locked" in str(error.orig)


def _alembic(connection: Connection, folder: Path) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(folder))
    return config


def newest_revision(folder: Path) -> str:
    """Return the revision that this version of the code was written for."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def known_revisions(folder: Path) -> frozenset[str]:
    """Return every revision that this version of the code knows."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return frozenset(script.revision for script in scripts)


def current_revision(engine: Engine) -> str:
    """Return the revision that a database is at, empty before its first upgrade."""
    with engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str:
    """Return the revision of the database behind a connection, as `current_revision` does."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(
    engine: Engine,
    folder: Path,
    revision: str = "head",
    *,
    lock_seconds: float = MIGRATION_LOCK_SECONDS,
) -> str:
    """
    Bring a database to a revision, by default the newest, and return that revision.

    Raises:
        Misconfigured: The database was written by a newer version of the service.
        Conflict: Somebody held a table for longer than `lock_seconds`.
    """
    refuse_newer(engine, folder)
    _migrate(engine, folder, command.upgrade, revision, lock_seconds)
    return current_revision(engine)


def downgrade(
    engine: Engine,
    folder: Path,
    revision: str = "base",
    *,
    lock_seconds: float = MIGRATION_LOCK_SECONDS,
) -> None:
    """
    Take migrations back, by default every one: what they added is dropped.

    Raises:
        Conflict: Somebody held a table for longer than `lock_seconds`.
    """
    _migrate(engine, folder, command.downgrade, revision, lock_seconds)


def _migrate(
    engine: Engine,
    folder: Path,
    move: Callable[[Config, str], None],
    revision: str,
    lock_seconds: float,
) -> None:
    try:
        with engine.connect() as connection:
            config = _alembic(connection, folder)
            config.attributes["lock_seconds"] = lock_seconds
            move(config, revision)
            connection.commit()
    except OperationalError as error:
        if not is_busy(error):
            raise
        message = (
            f"the database was in use for more than {lock_seconds:g} s: stop `vigiparc run`, or "
            "try again; the migration that waited has changed nothing"
        )
        raise Conflict(message) from error


def refuse_newer(engine: Engine, folder: Path) -> None:
    """
    Refuse a database whose revision this version of the code does not know.

    Raises:
        Misconfigured: It was written by a newer version; the message names both.
    """
    found = current_revision(engine)
    if found and found not in known_revisions(folder):
        raise Misconfigured(
            f"storage.database_url: the database is at revision {found}, written by a newer "
            f"version of VigiParc; this one knows up to {newest_revision(folder)}"
        )


def require_newest(engine: Engine, folder: Path) -> None:
    """
    Refuse to work on a database that is not at the newest revision.

    Raises:
        Misconfigured: It is older (run `vigiparc db upgrade`) or newer.
    """
    refuse_newer(engine, folder)
    found = current_revision(engine)
    if found != newest_revision(folder):
        raise Misconfigured(
            f"storage.database_url: the database is at revision {found or 'none'}, expected "
            f"{newest_revision(folder)}: run `vigiparc db upgrade`"
        )


def differences(engine: Engine, folder: Path, metadata: MetaData) -> list[str]:
    """Return in words what sets a database's tables apart from the models."""
    require_newest(engine, folder)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        return [str(difference) for difference in compare_metadata(context, metadata)]


def as_dict(row: Base) -> dict[str, Any]:
    """Return the column values of a row, for the journal and for tests."""
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
