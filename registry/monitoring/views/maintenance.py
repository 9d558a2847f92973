"""Maintenance windows, entered, changed and cancelled by whoever may plan."""

from collections.abc import Callable

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.db import as_dict
from registry.errors import Invalid
from registry.monitoring.forms import CancelForm, ChangeForm, WindowForm
from registry.monitoring.models import MaintenanceWindow
from registry.monitoring.queries.maintenance import WindowLine
from registry.monitoring.queries.site import cameras_of, site_by_public_id
from registry.monitoring.service import (
    cancel_maintenance,
    change_maintenance,
    enter_maintenance,
)
from registry.monitoring.views.blueprint import bp
from registry.web.access import current_actor, current_session, needs
from registry.web.render import gettext, mark
from registry.web.security import Form
from registry.web.versions import changed_meanwhile, held

_REFUSALS = {
    "after_start": mark("Expected an end after the start."),
    "removed_wholly": mark(
        "What was seen before %(since)s was removed: expected an instant from then on."
    ),
    "required": mark("This field is required."),
    "too_long": mark("Expected at most %(limit)s characters."),
}


@bp.route("/sites/<public_id>/maintenance", methods=["GET", "POST"])
@needs("maintenance.plan")
def plan_maintenance(public_id: str) -> ResponseReturnValue:
    """Enter planned time for a site or for one of its cameras."""
    session = current_session()
    site = site_by_public_id(session, public_id)
    form = WindowForm(cameras=cameras_of(session, site.id))
    done = gettext("The maintenance is planned.")
    if form.validate_on_submit() and _tried(
        form,
        lambda: enter_maintenance(
            session,
            site.id,
            camera_id=form.camera_id,
            starts_at=form.begins,
            ends_at=form.ends,
            reason=form.reason.data or "",
            actor=current_actor().id,
            at=g.now,
        ),
    ):
        return _back(public_id, done)
    page = render_template("monitoring/maintenance.html", site=site, form=form, line=None)
    return page, 422 if form.errors else 200


@bp.route("/maintenance/<int:window_id>", methods=["GET", "POST"])
@needs("maintenance.plan")
def edit_maintenance(window_id: int) -> ResponseReturnValue:
    """Give planned time other hours or another reason, and say why."""
    session = current_session()
    window = held(MaintenanceWindow, window_id)
    form = ChangeForm.of(window)
    if not form.is_current(as_dict(window)):
        form.tell_apart(ChangeForm.of(window, formdata=None))
        return _told(window, form, CancelForm(formdata=None))
    if form.validate_on_submit() and _tried(
        form,
        lambda: change_maintenance(
            session,
            window_id,
            starts_at=form.begins,
            ends_at=form.ends,
            reason=form.reason.data or "",
            why=form.why.data or "",
            actor=current_actor().id,
            at=g.now,
        ),
    ):
        return _back(window.site.public_id, gettext("The maintenance is changed."))
    return _page(window, form, CancelForm(formdata=None))


@bp.post("/maintenance/<int:window_id>/cancel")
@needs("maintenance.plan")
def withdraw_maintenance(window_id: int) -> ResponseReturnValue:
    """Cancel planned time, or end it now where it runs, and say why."""
    session = current_session()
    window = held(MaintenanceWindow, window_id)
    form = CancelForm()
    if not form.is_current(as_dict(window)):
        return _told(window, ChangeForm.of(window, formdata=None), form)
    if form.validate_on_submit() and _tried(
        form,
        lambda: cancel_maintenance(
            session, window_id, why=form.why.data or "", actor=current_actor().id, at=g.now
        ),
    ):
        return _back(window.site.public_id, gettext("The maintenance is cancelled."))
    return _page(window, ChangeForm.of(window, formdata=None), form)


def _tried(form: Form, change: Callable[[], object]) -> bool:
    """Make a change, or put what the service refuses below the fields."""
    try:
        change()
    except Invalid as error:
        for problem in error.problems:
            field = form[problem.where]
            field.errors = [*field.errors, gettext(_REFUSALS[problem.code], **problem.parameters)]
        return False
    current_session().commit()
    return True


def _back(public_id: str, done: str) -> ResponseReturnValue:
    flash(done, "info")
    return redirect(url_for("monitoring.show_site", public_id=public_id, _anchor="maintenance"))


def _told(window: MaintenanceWindow, form: ChangeForm, cancel: CancelForm) -> ResponseReturnValue:
    """Tell somebody that another was quicker, and what stands by now."""
    page, _ = _shown(window, form, cancel, told=changed_meanwhile())
    return page, 409


def _page(window: MaintenanceWindow, form: ChangeForm, cancel: CancelForm) -> ResponseReturnValue:
    return _shown(window, form, cancel, told="")


def _shown(
    window: MaintenanceWindow, form: ChangeForm, cancel: CancelForm, *, told: str
) -> tuple[str, int]:
    wrong = bool(form.errors or cancel.errors)
    current_session().rollback()
    for each in (form, cancel):
        each.is_current(as_dict(window))
    line = WindowLine(window, g.now)
    page = render_template(
        "monitoring/maintenance.html",
        site=window.site,
        line=line,
        form=form,
        cancel=cancel,
        told=told,
    )
    return page, 422 if wrong else 200
