"""The import page: a sheet in, every remark and every error out, nothing half-imported."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from registry.errors import Invalid, Problem
from registry.fleet.forms import ConfirmForm, ImportForm, import_form
from registry.fleet.rules import Zones, describe, place
from registry.fleet.rules.profiles import Profile
from registry.fleet.service import Options, import_content, kinds, read_profiles, template
from registry.fleet.service.pending import keep, take
from registry.fleet.vault import Vault
from registry.settings import config_folder
from registry.web.access import current_actor, current_session, needs
from registry.web.render import language

CHANGES_SHOWN = 200
TEMPLATE_NAME = "cameras.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Line:
    """One remark or error as the page shows it."""

    sheet: str
    cell: str
    value: str
    sentence: str


def add(bp: Blueprint, *, key_file: Path, folder: Path, zones: Zones) -> None:
    """
    Add the import pages to the fleet's.

    Args:
        bp: The blueprint of the fleet.
        key_file: Where the keys that seal credentials are kept.
        folder: Where files wait between a dry run and its confirmation.
        zones: In whose networks a camera's address may lie.
    """
    profiles = read_profiles(config_folder() / "profiles")
    desk = _Desk(key_file, folder, zones, profiles)

    @bp.get("/import")
    @needs("fleet.import")
    def show_import() -> str:
        """Show the form, and where the template is."""
        return _page(desk.form())

    @bp.post("/import")
    @needs("fleet.import")
    def receive_import() -> ResponseReturnValue:
        """Try a sheet or import it; show what it changes, or all that is wrong with it."""
        form = desk.form()
        if not form.validate():
            return _page(form), 422
        sent = request.files["file"]
        # Some browsers send the whole path of the reader's disk.
        name = PurePath((sent.filename or "").replace("\\", "/")).name
        options = desk.options(form.profile.data, form.site.data, form.reason.data)
        return desk.answer(form, name, sent.read(), options, dry_run=bool(form.dry_run.data))

    @bp.post("/import/confirm")
    @needs("fleet.import")
    def confirm_import() -> ResponseReturnValue:
        """Import the file that was tried."""
        said = ConfirmForm()
        name, content = take(
            folder, Vault.open(key_file), said.token.data or "", actor=current_actor().id, at=g.now
        )
        options = desk.options(said.profile.data, said.site.data, said.reason.data)
        return desk.answer(desk.form(), name, content, options, dry_run=False)

    @bp.get("/import/template.xlsx")
    @needs("fleet.import")
    def give_template() -> Response:
        """Give the empty workbook with headers, lists and explanations."""
        target = io.BytesIO()
        template(target)
        response = Response(target.getvalue(), mimetype=XLSX)
        response.headers.set("Content-Disposition", "attachment", filename=TEMPLATE_NAME)
        return response


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every import from a page needs."""

    key_file: Path
    folder: Path
    zones: Zones
    profiles: Mapping[str, Profile]

    def form(self) -> ImportForm:
        """Return the form with the profiles that there are."""
        return import_form({name: each.title for name, each in self.profiles.items()})

    def options(self, profile: str | None, site: str | None, reason: str | None) -> Options:
        """Return how a file is to be read, by what a form says."""
        constants = {"Site": site.strip()} if site and site.strip() else {}
        found = self.profiles.get(profile or "")
        return Options(profile=found, constants=constants, reason=reason or "")

    def answer(
        self, form: ImportForm, name: str, content: bytes, options: Options, *, dry_run: bool
    ) -> ResponseReturnValue:
        """Try or import a file and show what came of it; a right one that was tried waits."""
        session, vault = current_session(), Vault.open(self.key_file)
        actor = current_actor().id
        try:
            report = import_content(
                session,
                content,
                name,
                actor=actor,
                at=g.now,
                zones=self.zones,
                vault=vault,
                options=options,
            )
        except Invalid as error:
            session.rollback()
            return _page(form, problems=_lines(error.problems)), 422
        token = ""
        if dry_run:
            session.rollback()
            token = keep(self.folder, vault, content=content, name=name, actor=actor, at=g.now)
        else:
            session.commit()
        return _page(form, report=report, token=token, options=options, notes=_lines(report.notes))


def _page(form: ImportForm, **shown: object) -> str:
    return render_template(
        "fleet/import.html", form=form, kinds=kinds(), changes_shown=CHANGES_SHOWN, **shown
    )


def _lines(problems: tuple[Problem, ...]) -> list[Line]:
    return [
        Line(*place(each), each.value, describe(each, language(), quoted=False))
        for each in problems
    ]
