"""The page of one camera: who it is, how it fares, what it said of itself."""

from functools import partial

from flask import g, render_template

from probes import explain
from registry.accounts.queries import names_of
from registry.monitoring.queries.camera import CameraPage, camera_page
from registry.monitoring.rules import Shown
from registry.monitoring.views.blueprint import bp
from registry.web.access import current_session, needs
from registry.web.render import gettext, language, since_phrase, word


@bp.get("/cameras/<int:camera_id>")
@needs("sites.read")
def show_camera(camera_id: int) -> str:
    """One camera, for whoever stands below it or wonders what was bought."""
    session = current_session()
    page = camera_page(session, camera_id, now=g.now)
    return render_template(
        "monitoring/camera.html",
        page=page,
        line=page.line,
        camera=page.line.camera,
        site=page.site,
        answer=_answer(page),
        names=names_of(session, [outage.acknowledged_by for outage in page.outages]),
        seen=partial(explain.seen, language=language()),
        hint=partial(explain.hint, language=language()),
    )


def _answer(page: CameraPage) -> str:
    """Answer in one line how the camera is."""
    line = page.line
    state = word(line.state, "state")
    if line.since is None:
        return gettext("%(state)s.", state=state)
    if line.state == Shown.UP:
        return gettext("Up, no outage %(since)s.", since=since_phrase(line.since, g.now))
    return gettext("%(state)s %(since)s.", state=state, since=since_phrase(line.since, g.now))
