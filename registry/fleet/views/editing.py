"""What the forms of the fleet share: show, save whole or not at all, and tell who came second."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from registry.errors import Conflict, Invalid, NotFound
from registry.fleet.forms import PaperForm
from registry.fleet.models import Site
from registry.fleet.queries import site_by_public_id
from registry.web.access import current_session
from registry.web.render import gettext
from registry.web.versions import changed_meanwhile

EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ask:
    """
    What a form page asks: its title and its button, and where the reader came from.

    `said` is what the register says of the thing, empty for a new one, and `standing`
    the form as the register would fill it.
    """

    title: str
    button: str
    site: Site | None
    listed: str
    said: Mapping[str, object]
    standing: Callable[[], PaperForm] | None = None

    @property
    def back(self) -> str:
        """Where the reader goes when it is done."""
        if self.site is None:
            return url_for(self.listed)
        public_id = self.site.public_id
        return url_for("monitoring.show_site", public_id=public_id, _anchor="papers")


def asked_site() -> Site | None:
    """
    Return the site on whose page the form was opened, if it was on one.

    Raises:
        NotFound: There is no such site.
    """
    public_id = request.args.get("site", "")
    site = site_by_public_id(current_session(), public_id) if public_id else None
    if public_id and site is None:
        raise NotFound(f"no site {public_id}")
    return site


def answer(
    form: PaperForm,
    ask: Ask,
    act: Callable[[], object],
    *,
    template: str = "fleet/form.html",
    shown: Mapping[str, object] = EMPTY,
) -> ResponseReturnValue:
    """
    Show a form, or do what was sent and go back to where the reader came from.

    What the service refuses stands under its field; nothing typed is lost. Where the
    thing was changed since the form was filled, nothing is written and the reader is
    told what stands now.
    """
    current = form.is_current(ask.said)
    page = {"form": form, "ask": ask, **shown}
    if not form.is_submitted():
        return render_template(template, **page, others=[])
    if not current and ask.standing is not None:
        form.tell_apart(ask.standing())
        return _refused(template, 409, page, [changed_meanwhile()])
    try:
        done = act() if form.validate() else None
    except Invalid as error:
        return _refused(template, 422, page, form.refuse(error.problems))
    except (Conflict, IntegrityError):
        said = gettext("The register says otherwise by now, or holds this already.")
        return _refused(template, 409, page, [said])
    if form.errors:
        return _refused(template, 422, page, [])
    current_session().commit()
    nothing = gettext("Nothing was different: nothing is changed.")
    flash(nothing if done is False else gettext("The change is saved and journaled."), "info")
    return redirect(ask.back)


def _refused(
    template: str, status: int, page: Mapping[str, object], others: list[str]
) -> ResponseReturnValue:
    current_session().rollback()
    return render_template(template, **page, others=others), status
