"""Commands that bring sheets in and take them out."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli import edge
from registry.cli.register import problem_line, told_problem
from registry.errors import Invalid

if TYPE_CHECKING:
    from registry.fleet.service import ImportReport, Options

CHANGES_SHOWN = 200
_FORMATS = "a file in .xlsx or .csv"
_ONE_LIST = "a CSV holds one list: name it"
_PAIR = 'a header, = and a value, such as "Site=59054-01"'


@click.command("import")
@click.argument("file", type=edge.FILE, required=False)
@click.option("--dry-run", is_flag=True, help="Check and count, write nothing.")
@click.option("--kind", default="", help="What the sheet lists: grants, sites, cameras, devices…")
@click.option(
    "--profile",
    default="",
    help="Translate a foreign inventory: a shipped or saved name, or a TOML file.",
)
@click.option("--with", "constants", multiple=True, help='One value for all rows: "Site=59054-01".')
@click.option("--reason", default="", help="Why, for the journal; else the name of the file.")
@click.option(
    "--template",
    type=edge.NEW_FILE,
    help="Write an empty workbook with headers, lists and explanations instead.",
)
@edge.as_json
def import_file(  # noqa: PLR0913, PLR0917 - one for each option of the command
    file: Path | None,
    template: Path | None,
    kind: str,
    profile: str,
    constants: tuple[str, ...],
    reason: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Import funded cameras, or lists as they are exported, from XLSX, ODS or CSV."""
    if template is not None:
        _write_template(template, as_json=as_json)
        return 0
    if file is None:
        raise click.MissingParameter(param_hint="FILE", param_type="argument")
    options = _options(kind, constants, reason)
    try:
        report = _import(file, options, profile, dry_run=dry_run)
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


@click.command("export")
@click.argument("file", type=edge.NEW_FILE)
@click.option("--kind", "chosen", multiple=True, help="Only these lists; all of them else.")
@click.option("--reason", default="", help="Why, for the journal.")
def export_file(file: Path, chosen: tuple[str, ...], reason: str) -> None:
    """Export lists to XLSX, or one of them to CSV; what comes back unchanged changes nothing."""
    from registry import clock
    from registry.db import session_scope
    from registry.fleet import service
    from registry.signature import Signature

    if file.suffix.lower() not in {".xlsx", ".csv"}:
        raise click.BadParameter(_FORMATS, param_hint="FILE")
    if file.suffix.lower() == ".csv" and len(chosen) != 1:
        raise click.BadParameter(_ONE_LIST, param_hint="--kind")
    with edge.database(edge.settings()) as (_, sessions), session_scope(sessions) as session:
        signed = Signature("cli", clock.utc_now(), reason)
        if file.suffix.lower() == ".csv":
            file.write_text(service.export_text(session, chosen[0], signed=signed), newline="")
        else:
            with file.open("wb") as target:
                service.export_workbook(session, target, signed=signed, chosen=chosen)
    click.echo(f"{file}")


def _write_template(template: Path, *, as_json: bool) -> None:
    from registry.fleet import service

    try:
        with template.open("wb") as target:
            service.template(target)
    except OSError as error:
        raise click.BadParameter(str(error), param_hint="--template") from None
    if as_json:
        edge.print_json({"template": str(template)})
    else:
        click.echo(f"{template}")


def _options(kind: str, constants: tuple[str, ...], reason: str) -> "Options":
    from registry.fleet import service

    if kind and kind not in service.kinds():
        raise click.BadParameter(", ".join(service.kinds()), param_hint="--kind")
    if any("=" not in each for each in constants):
        raise click.BadParameter(_PAIR, param_hint="--with")
    pairs = (each.partition("=") for each in constants)
    return service.Options(kind, None, {header: value for header, _, value in pairs}, reason)


def _import(file: Path, options: "Options", profile: str, *, dry_run: bool) -> "ImportReport":
    from dataclasses import replace

    from registry import clock
    from registry.fleet import service
    from registry.fleet.rules import Zones
    from registry.fleet.vault import Vault
    from registry.settings import config_folder

    settings = edge.settings()
    with edge.database(settings) as (_, sessions), sessions() as session, _progress() as progress:
        if profile:
            found = service.find_profile(session, config_folder() / "profiles", profile)
            options = replace(options, profile=found)
        report = service.import_file(
            session,
            file,
            actor="cli",
            at=clock.utc_now(),
            zones=Zones(settings.networks_by_zone),
            vault=Vault.open(settings.key_file),
            options=options,
            progress=progress,
        )
        if not dry_run:
            session.commit()
    return report


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Give what draws a bar, on a terminal only: a log is not drawn in."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tell_changes(report: "ImportReport") -> None:
    """Say row by row what is new and what changes, the first of many."""
    for change in report.changes[:CHANGES_SHOWN]:
        fields = "; ".join(
            f"{name}: {change.before.get(name) or '–'} → {value or '–'}"
            for name, value in change.after.items()
            if change.before
        )
        mark = "+" if change.state == "new" else "~"
        click.echo(
            f"{mark} {change.sheet}!{change.row} {change.what}{f': {fields}' * bool(fields)}"
        )
    if len(report.changes) > CHANGES_SHOWN:
        click.echo(f"… {len(report.changes) - CHANGES_SHOWN}")


def _tell_report(report: "ImportReport", *, dry_run: bool) -> None:
    if dry_run:
        _tell_changes(report)
    for note in report.notes:
        click.echo(problem_line(note))
    french = edge.language() == "fr"
    words = ("nouvelles", "modifiées", "inchangées") if french else ("new", "changed", "unchanged")
    counts = (report.new, report.changed, report.unchanged)
    told = ", ".join(f"{count} {word}" for count, word in zip(counts, words, strict=True))
    trial = (" (essai : rien n'est écrit)" if french else " (dry run: nothing written)") * dry_run
    click.echo(f"{'Lignes' if french else 'Rows'}: {told}{trial}")
