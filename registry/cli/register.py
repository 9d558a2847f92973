"""Commands on what the service keeps: the database, settings, people."""

import json
from pathlib import Path

import click

from registry.cli import edge
from registry.errors import Invalid, Problem


def told_problem(problem: Problem) -> dict[str, str]:
    """Put a problem into the fields of a JSON answer, in the reader's language."""
    from registry.fleet.rules.wording import place

    sheet, cell = place(problem)
    return {"sheet": sheet, "cell": cell, "value": problem.value, "message": _said(problem)}


def problem_line(problem: Problem) -> str:
    """Put a problem into one line, its place first."""
    where = f"{problem.where}: " if problem.where else ""
    return f"{where}{_said(problem)}"


def _said(problem: Problem) -> str:
    """Say what is wrong in the words of sheets, or in those that people and tokens have."""
    from registry.accounts.views.people import PASSWORD_WORDS
    from registry.fleet.rules.wording import describe
    from registry.messages import translator
    from registry.web.problems import WORDS

    words = {**WORDS, **PASSWORD_WORDS}
    said = describe(problem, edge.language())
    # A choice is one of sheets too, but those tell `choices` of it.
    if problem.code not in words or (said != problem.code and "known" not in problem.parameters):
        return said
    told = translator(edge.language()).gettext(words[problem.code])
    told = told % problem.parameters if problem.parameters else told
    return f"{told} ({problem.value})" if problem.value else told


@click.group()
def db() -> None:
    """Bring the database up to date, or check it."""


@db.command()
@edge.as_json
def upgrade(*, as_json: bool) -> None:
    """Bring the database to the newest revision, and load the reference data."""
    revision, loaded = edge.bring_up_to_date(edge.settings())
    if as_json:
        edge.print_json({"revision": revision, **loaded})
    else:
        click.echo(f"revision {revision}, {loaded['reference_rows']} reference rows written")


@db.command()
@edge.as_json
def check(*, as_json: bool) -> int:
    """Compare the tables with the models of this version."""
    from registry.db import current_revision, differences
    from registry.models import metadata
    from registry.settings import migrations_folder

    with edge.database(edge.settings()) as (engine, _):
        found = differences(engine, migrations_folder(), metadata)
        revision = current_revision(engine)
    if as_json:
        edge.print_json({"revision": revision, "differences": found})
    else:
        click.echo("\n".join(found) or f"revision {revision}: tables and models agree")
    return edge.FAILED if found else 0


@db.command()
@click.argument("file", type=edge.NEW_FILE)
@edge.as_json
def backup(file: Path, *, as_json: bool) -> None:
    """Copy the database into a new FILE, as it stands now, while the service runs."""
    from registry.backup import back_up

    settings = edge.settings()
    with edge.database(settings) as (engine, _):
        size = back_up(engine, file)
    apart = {"keys": str(settings.key_file), "documents": str(settings.documents_folder)}
    if as_json:
        edge.print_json({"file": str(file), "bytes": size, "not_in_it": apart})
        return
    french = edge.language() == "fr"
    click.echo(f"{file}: {size} {'octets' if french else 'bytes'}")
    without = "Non compris, à sauvegarder à part" if french else "Not in it, to be kept apart"
    click.echo(f"{without}: {apart['keys']}, {apart['documents']}")


@db.command()
@click.argument("file", type=edge.FILE)
@click.option("--force", is_flag=True, help="Replace all that the database holds.")
@edge.as_json
def restore(file: Path, *, force: bool, as_json: bool) -> None:
    """Put the backup FILE in the place of the database; stop the service before."""
    from registry import backup as copies
    from registry.db import current_revision, open_engine
    from registry.settings import migrations_folder

    engine = open_engine(edge.settings().database_url)
    try:
        copies.restore(engine, file, migrations_folder(), force=force)
        revision = current_revision(engine)
    finally:
        engine.dispose()
    if as_json:
        edge.print_json({"file": str(file), "revision": revision})
    else:
        told = "restaurée, révision" if edge.language() == "fr" else "restored, revision"
        click.echo(f"{file}: {told} {revision}")


@click.group()
def config() -> None:
    """Check the settings."""


@config.command("check")
@edge.as_json
def check_config(*, as_json: bool) -> None:
    """Read every setting and programme file, and say what is in force."""
    from registry.funding.service import read_programme_file
    from registry.settings import config_folder

    settings = edge.settings()
    for file in sorted((config_folder() / "programmes").glob("*.toml")):
        read_programme_file(file)
    chosen = settings.model_dump(mode="json")
    # The address of a database may hold a password.
    chosen["storage"]["database_url"] = _shown_url(settings.database_url)
    if as_json:
        edge.print_json({"folder": str(config_folder()), **chosen})
        return
    for section, values in chosen.items():
        click.echo(f"[{section}]")
        for key, value in values.items():
            click.echo(f"{key} = {json.dumps(value)}")


@click.group()
def user() -> None:
    """Manage the people who may sign in."""


@user.command()
@click.option("--email", required=True)
@click.option("--name", default="")
@click.option("--role", required=True, help="technician, officer or administrator.")
@click.option("--password-file", type=edge.FILE, help="Else the password is asked for.")
@edge.as_json
def add(email: str, name: str, role: str, password_file: Path | None, *, as_json: bool) -> None:
    """Add somebody who may sign in."""
    from registry import clock
    from registry.accounts.service import add_user
    from registry.db import session_scope

    with edge.database(edge.settings()) as (_, sessions), session_scope(sessions) as session:
        password = edge.secret(password_file) or click.prompt(
            "Password", hide_input=True, confirmation_prompt=True
        )
        added = add_user(
            session,
            email=email,
            name=name,
            password=password,
            role=role,
            at=clock.utc_now(),
            actor="cli",
        )
        identifier = added.id
    if as_json:
        edge.print_json({"id": identifier, "email": email, "role": role})
    else:
        click.echo(f"user {identifier} added: {role}")


def _shown_url(url: str) -> str:
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)


def problem_lines(error: Invalid) -> list[str]:
    """Put every problem of an input into a line of its own, in the reader's language."""
    return [problem_line(problem) for problem in error.problems]
