"""The saved mappings of foreign headers: what there is, another name, an end."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from registry.errors import Invalid
from registry.fleet.forms import RenameForm
from registry.fleet.models import ImportProfile
from registry.fleet.queries import import_profiles
from registry.fleet.rules import describe
from registry.fleet.service import delete_profile, read_profiles, rename_profile
from registry.fleet.service.profiles import told
from registry.settings import config_folder
from registry.signature import Signature
from registry.web.access import current_actor, current_session, needs
from registry.web.render import gettext, language
from registry.web.versions import changed_meanwhile, held


def add(bp: Blueprint) -> None:
    """Add the list, and the page of one profile."""
    bp.add_url_rule("/import/profiles", view_func=list_profiles)
    rule = "/import/profiles/<int:profile_id>"
    bp.add_url_rule(rule, view_func=edit_profile, methods=["GET", "POST"])


@needs("fleet.import")
def list_profiles() -> str:
    """List the profiles that officers saved, and those that come with the service."""
    saved = [(row, told(row)) for row in import_profiles(current_session())]
    shipped = read_profiles(config_folder() / "profiles").values()
    return render_template("fleet/profiles.html", saved=saved, shipped=shipped)


@needs("fleet.import")
def edit_profile(profile_id: int) -> ResponseReturnValue:
    """Show what a saved profile says, give it another name or take it out."""
    session = current_session()
    row = held(ImportProfile, profile_id)
    form = RenameForm(data={"name": row.name})
    current = form.is_current({"name": row.name, "content": row.content})
    refused: list[str] = []
    status = 200
    if not current:
        form.tell_apart(RenameForm(formdata=None, data={"name": row.name}))
        refused, status = [changed_meanwhile()], 409
    elif form.validate_on_submit():
        try:
            return _done(row, form)
        except Invalid as error:
            form.name.errors = [describe(each, language()) for each in error.problems]
        except IntegrityError:
            refused = [gettext("The register says otherwise by now, or holds this already.")]
        status = 422
    session.rollback()
    page = render_template(
        "fleet/profile.html", form=form, row=row, profile=told(row), others=refused
    )
    return page, 422 if form.errors and status == 200 else status  # noqa: PLR2004


def _done(row: ImportProfile, form: RenameForm) -> ResponseReturnValue:
    session = current_session()
    signed = Signature(current_actor().id, g.now)
    if "delete" in request.form:
        delete_profile(session, row, signed=signed)
        said = gettext("The profile “%(name)s” is deleted.", name=row.name)
    else:
        shipped = read_profiles(config_folder() / "profiles").keys()
        rename_profile(session, row, form.name.data or "", shipped=shipped, signed=signed)
        said = gettext("The change is saved and journaled.")
    session.commit()
    flash(said, "info")
    return redirect(url_for("fleet.list_profiles"))
