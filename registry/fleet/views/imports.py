"""The import page: a sheet in, every remark and every error out, nothing half-imported."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from registry.errors import Invalid, Problem
from registry.fleet.forms import ConfirmForm, ImportForm, MappingForm, import_form
from registry.fleet.rules import Zones, describe, place
from registry.fleet.rules.mapping import PASSED, Headers
from registry.fleet.rules.profiles import Profile
from registry.fleet.service import (
    ImportReport,
    Options,
    file_headers,
    import_content,
    kinds,
    read_profiles,
    save_profile,
    saved_profiles,
    template,
)
from registry.fleet.service.pending import keep, take
from registry.fleet.vault import Vault
from registry.fleet.views import running
from registry.settings import config_folder
from registry.signature import Signature
from registry.web.access import current_actor, current_session, needs
from registry.web.render import language, word

CHANGES_SHOWN = 200
TEMPLATE_NAME = "cameras.xlsx"
# What is wrong with headers alone: choosing columns for them can put it right.
OF_HEADERS = frozenset({"column.unknown", "column.twice", "column.missing", "sheet.no_header"})
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
    _add_mapping(bp, desk)

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
        options = desk.options(form)
        return desk.answer(form, name, sent.read(), options, dry_run=bool(form.dry_run.data))

    @bp.post("/import/confirm")
    @needs("fleet.import")
    def confirm_import() -> ResponseReturnValue:
        """Import the file that was tried."""
        said = ConfirmForm()
        name, content = desk.take(said)
        return desk.answer(desk.form(), name, content, desk.options(said), dry_run=False)

    @bp.get("/import/template.xlsx")
    @needs("fleet.import")
    def give_template() -> Response:
        """Give the empty workbook with headers, lists and explanations."""
        target = io.BytesIO()
        template(target)
        response = Response(target.getvalue(), mimetype=XLSX)
        response.headers.set("Content-Disposition", "attachment", filename=TEMPLATE_NAME)
        return response


def _add_mapping(bp: Blueprint, desk: "_Desk") -> None:
    @bp.post("/import/profile")
    @needs("fleet.import")
    def save_mapping() -> ResponseReturnValue:
        """Keep what the headers of a file mean under a name, and try the file by it."""
        said = MappingForm()
        name, content = desk.take(said)
        options = desk.options(said)
        headers = file_headers(content, name, options.profile, options.kind)
        choices = [request.form.get(f"column-{place}", "") for place in range(len(headers.foreign))]
        session = current_session()
        try:
            profile = save_profile(
                session,
                said.name.data or "",
                headers,
                choices,
                base=options.profile,
                kind=options.kind,
                shipped=desk.shipped,
                signed=Signature(current_actor().id, g.now, options.reason),
            )
        except Invalid as error:
            session.rollback()
            problems = [describe(each, language()) for each in error.problems]
            waiting = desk.waiting(name, content, options, headers, choices)
            return _page(desk.form(), **{**waiting, "naming": said, "refused": problems}), 422
        session.commit()
        return desk.answer(
            desk.form(), name, content, replace(options, profile=profile), dry_run=True
        )


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every import from a page needs."""

    key_file: Path
    folder: Path
    zones: Zones
    shipped: Mapping[str, Profile]

    def profiles(self) -> Mapping[str, Profile]:
        """Return the profiles that there are, shipped and saved."""
        return {**saved_profiles(current_session()), **self.shipped}

    def form(self) -> ImportForm:
        """Return the form with the profiles that there are."""
        return import_form(
            {name: each.title for name, each in self.profiles().items()},
            {kind: word(kind, "list") for kind in kinds()},
        )

    def options(self, form: ImportForm | ConfirmForm) -> Options:
        """Return how a file is to be read, by what a form says."""
        site = (form.site.data or "").strip()
        return Options(
            kind=form.kind.data if form.kind.data in kinds() else "",
            profile=self.profiles().get(form.profile.data or ""),
            constants={"Site": site} if site else {},
            reason=form.reason.data or "",
        )

    def take(self, form: ConfirmForm) -> tuple[str, bytes]:
        """Return the name and content of the file that waits under a form's token."""
        return take(
            self.folder,
            Vault.open(self.key_file),
            form.token.data or "",
            actor=current_actor().id,
            at=g.now,
        )

    def keep(self, name: str, content: bytes) -> str:
        """Let a file wait; return the token that takes it out again."""
        return keep(
            self.folder,
            Vault.open(self.key_file),
            content=content,
            name=name,
            actor=current_actor().id,
            at=g.now,
        )

    def waiting(
        self, name: str, content: bytes, options: Options, headers: Headers, choices: Sequence[str]
    ) -> dict[str, object]:
        """Return what the page needs to offer columns for headers while the file waits."""
        naming = MappingForm(formdata=None)
        if options.profile and options.profile.name not in self.shipped:
            naming.name.data = options.profile.name
        return {
            "mapping": list(zip(headers.foreign, choices, strict=True)),
            "naming": naming,
            "passed": PASSED,
            "token": self.keep(name, content),
            "options": options,
        }

    def answer(
        self, form: ImportForm, name: str, content: bytes, options: Options, *, dry_run: bool
    ) -> ResponseReturnValue:
        """Try or import a file and show what came of it; a right one that was tried waits."""
        session = current_session()
        bring = partial(
            import_content,
            session,
            content,
            name,
            actor=current_actor().id,
            at=g.now,
            zones=self.zones,
            vault=Vault.open(self.key_file),
            options=options,
        )

        def work(note: running.Note) -> ImportReport:
            """Import the file, and commit only while somebody waits for the answer."""
            report = bring(progress=note)
            rows = report.new + report.changed + report.unchanged
            note(rows, rows)
            if dry_run:
                session.rollback()
            else:
                session.commit()
            return report

        begun = running.Running(work)
        end = partial(self._tell, begun, form, name, content, options, dry_run=dry_run)
        return running.answer(begun, end, start=partial(_page, form, running=True))

    def _tell(  # noqa: PLR0913 - an import, its form, its file, and how it was read
        self,
        begun: running.Running,
        form: ImportForm,
        name: str,
        content: bytes,
        options: Options,
        *,
        dry_run: bool,
    ) -> tuple[str, int]:
        """Return the page that shows what came of an import, and its status."""
        try:
            report = begun.result()
        except Invalid as error:
            current_session().rollback()
            offer = self._offer(name, content, options, error.problems)
            return _page(form, problems=_lines(error.problems), **offer), 422
        token = self.keep(name, content) if dry_run else ""
        notes = _lines(report.notes)
        return _page(form, report=report, token=token, options=options, notes=notes), 200

    def _offer(
        self, name: str, content: bytes, options: Options, problems: Sequence[Problem]
    ) -> dict[str, object]:
        """Offer columns for the headers of a file where these are what is wrong."""
        if not any(each.code in OF_HEADERS for each in problems):
            return {}
        headers = file_headers(content, name, options.profile, options.kind)
        choices = [each.chosen for each in headers.foreign]
        return self.waiting(name, content, options, headers, choices) if choices else {}


def _page(form: ImportForm, **shown: object) -> str:
    return render_template(
        "fleet/import.html", form=form, kinds=kinds(), changes_shown=CHANGES_SHOWN, **shown
    )


def _lines(problems: tuple[Problem, ...]) -> list[Line]:
    return [
        Line(*place(each), each.value, describe(each, language(), quoted=False))
        for each in problems
    ]
