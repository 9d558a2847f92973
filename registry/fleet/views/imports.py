"""The import page: a sheet in, every remark and every error out, nothing half-imported."""

import io
from dataclasses import dataclass
from pathlib import Path, PurePath

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from registry.errors import Invalid, Problem
from registry.fleet.forms import ImportForm
from registry.fleet.rules import Zones, describe, place
from registry.fleet.service import ImportReport, import_content, template
from registry.fleet.vault import Vault
from registry.web.access import current_actor, current_session, needs
from registry.web.render import language

TEMPLATE_NAME = "cameras.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Line:
    """One remark or error as the page shows it."""

    sheet: str
    cell: str
    value: str
    sentence: str


def add(bp: Blueprint, *, key_file: Path, zones: Zones) -> None:
    """
    Add the import pages to the fleet's.

    Args:
        bp: The blueprint of the fleet.
        key_file: Where the keys that seal credentials are kept.
        zones: In whose networks a camera's address may lie.
    """

    @bp.get("/import")
    @needs("fleet.import")
    def show_import() -> str:
        """Show the form, and where the template is."""
        return render_template("fleet/import.html", form=ImportForm())

    @bp.post("/import")
    @needs("fleet.import")
    def receive_import() -> ResponseReturnValue:
        """Try a sheet or import it; show what it changes, or all that is wrong with it."""
        form = ImportForm()
        if not form.validate():
            return render_template("fleet/import.html", form=form), 422
        try:
            report = _import(form, vault=Vault.open(key_file), zones=zones)
        except Invalid as error:
            current_session().rollback()
            problems = _lines(error.problems)
            return render_template("fleet/import.html", form=form, problems=problems), 422
        return render_template(
            "fleet/import.html",
            form=form,
            report=report,
            written=not form.dry_run.data,
            notes=_lines(report.notes),
        )

    @bp.get("/import/template.xlsx")
    @needs("fleet.import")
    def give_template() -> Response:
        """Give the empty workbook with headers, lists and explanations."""
        target = io.BytesIO()
        template(target)
        response = Response(target.getvalue(), mimetype=XLSX)
        response.headers.set("Content-Disposition", "attachment", filename=TEMPLATE_NAME)
        return response


def _import(form: ImportForm, *, vault: Vault, zones: Zones) -> ImportReport:
    session = current_session()
    sent = request.files["file"]
    report = import_content(
        session,
        sent.read(),
        # Some browsers send the whole path of the reader's disk.
        PurePath((sent.filename or "").replace("\\", "/")).name,
        actor=current_actor().id,
        at=g.now,
        zones=zones,
        vault=vault,
    )
    if form.dry_run.data:
        session.rollback()
    else:
        session.commit()
    return report


def _lines(problems: tuple[Problem, ...]) -> list[Line]:
    return [
        Line(*place(each), each.value, describe(each, language(), quoted=False))
        for each in problems
    ]
