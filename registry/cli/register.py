"""Commands on what the service keeps: imports, the database, settings, people."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import edge
from registry.errors import Invalid, Problem

if TYPE_CHECKING:
    from registry.fleet.service import ImportReport


@click.command("import")
@click.argument("file", type=edge.FILE, required=False)
@click.option("--dry-run", is_flag=True, help="Check and count, write nothing.")
@click.option(
    "--template",
    type=edge.NEW_FILE,
    help="Write an empty workbook with headers, lists and explanations instead.",
)
@edge.as_json
def import_file(file: Path | None, template: Path | None, *, dry_run: bool, as_json: bool) -> int:
    """Import funded cameras from an XLSX, ODS or CSV file."""
    from registry.fleet import service

    if template is not None:
        try:
            with template.open("wb") as target:
                service.template(target)
        except OSError as error:
            raise click.BadParameter(str(error), param_hint="--template") from None
        if as_json:
            edge.print_json({"template": str(template)})
        else:
            click.echo(f"{template}")
        return 0
    if file is None:
        raise click.MissingParameter(param_hint="FILE", param_type="argument")
    try:
        report = _import(file, dry_run=dry_run)
    except Invalid as error:
        if not as_json:
            raise
        edge.print_json({"errors": [told_problem(problem) for problem in error.problems]})
        return edge.FAILED
    if as_json:
        notes = [told_problem(note) for note in report.notes]
        edge.print_json({"dry_run": dry_run, **report.counts(), "notes": notes})
    else:
        _tell_report(report, dry_run=dry_run)
    return 0


def _import(file: Path, *, dry_run: bool) -> "ImportReport":
    from registry import clock
    from registry.fleet import service
    from registry.fleet.rules import Zones
    from registry.fleet.vault import Vault

    settings = edge.settings()
    with edge.database(settings) as (_, sessions), sessions() as session:
        report = service.import_file(
            session,
            file,
            actor="cli",
            at=clock.utc_now(),
            zones=Zones(settings.networks_by_zone),
            vault=Vault.open(settings.key_file),
        )
        if not dry_run:
            session.commit()
    return report


def _tell_report(report: "ImportReport", *, dry_run: bool) -> None:
    for note in report.notes:
        click.echo(_line(note))
    french = edge.language() == "fr"
    words = ("nouvelles", "modifiées", "inchangées") if french else ("new", "changed", "unchanged")
    counts = (report.new, report.changed, report.unchanged)
    told = ", ".join(f"{count} {word}" for count, word in zip(counts, words, strict=True))
    trial = (" (essai : rien n'est écrit)" if french else " (dry run: nothing written)") * dry_run
    click.echo(f"{'Lignes' if french else 'Rows'}: {told}{trial}")


def told_problem(problem: Problem) -> dict[str, str]:
    """Put a problem into the fields of a JSON answer, in the reader's language."""
    from registry.fleet.rules.wording import describe, place

    sheet, cell = place(problem)
    expected = describe(problem, edge.language())
    return {"sheet": sheet, "cell": cell, "value": problem.value, "message": expected}


def _line(problem: Problem) -> str:
    from registry.fleet.rules.wording import describe

    where = f"{problem.where}: " if problem.where else ""
    return f"{where}{describe(problem, edge.language())}"


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
    return [_line(problem) for problem in error.problems]
