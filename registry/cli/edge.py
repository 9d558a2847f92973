"""What every command needs: settings, a database, a secret, the reader's language."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from registry.db import SessionFactory
    from registry.settings import Settings

Result = TypeVar("Result")
FAILED, MISUSED = 1, 2
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def settings() -> "Settings":
    """Read the settings and set up logging by them."""
    from registry import logs
    from registry.settings import load

    settings = load()
    logs.configure(as_json=settings.logs.format == "json", level=settings.logs.level)
    return settings


@contextmanager
def database(settings: "Settings") -> Iterator[tuple["Engine", "SessionFactory"]]:
    """Open the database that the settings name, if it is at the newest revision."""
    from registry.db import open_engine, require_newest, session_factory
    from registry.journal import ORIGIN, Channel, Origin
    from registry.settings import migrations_folder

    engine = open_engine(settings.database_url)
    try:
        require_newest(engine, migrations_folder())
        yield engine, session_factory(engine, {ORIGIN: Origin(Channel.CLI, _account())})
    finally:
        engine.dispose()


def require_database(settings: "Settings") -> None:
    """Refuse a database that is not at the newest revision."""
    with database(settings):
        pass


def apart(work: "Callable[[Settings], Result]", settings: "Settings") -> Result:
    """
    Do some work in a process of its own, before any thread was started in this one.

    What it imports is gone with it: who stays for months need not hold it.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as process:
        return process.submit(work, settings).result()


def _account() -> str:
    """Return the account of the machine behind a command; empty where it has none."""
    import getpass

    try:
        return getpass.getuser()[:120]
    except (KeyError, OSError):
        return ""


def bring_up_to_date(settings: "Settings") -> tuple[str, dict[str, int]]:
    """Migrate the database and load the reference data; return revision and rows written."""
    from registry.db import open_engine, session_factory, session_scope, upgrade
    from registry.funding.service import load_programmes
    from registry.settings import config_folder, migrations_folder
    from registry.territory.service import load_reference

    engine = open_engine(settings.database_url)
    try:
        revision = upgrade(engine, migrations_folder())
        with session_scope(session_factory(engine)) as session:
            rows = load_reference(session)
            load_programmes(session, config_folder() / "programmes")
    finally:
        engine.dispose()
    return revision, {"reference_rows": rows}


def secret(file: Path | None) -> str:
    """Read a secret from the first line of a file; empty without one."""
    if file is None:
        return ""
    lines = file.read_text(encoding="utf-8").splitlines()
    return lines[0] if lines else ""


def language() -> str:
    """Return the language of the terminal, `fr` or `en`; French where it has none."""
    chosen = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)),
        "fr",
    )
    return "fr" if chosen.lower().startswith(("fr", "c", "posix")) else "en"


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on one line."""
    click.echo(json.dumps(value, ensure_ascii=False))
