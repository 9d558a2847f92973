"""Outages as a technician works through them, and as a contract is held to them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from probes import explain
from registry.accounts.queries import names_of
from registry.monitoring.forms import AcknowledgeForm, CommentForm, JudgementForm, TicketForm
from registry.monitoring.queries import outages as queries
from registry.monitoring.queries.outages import Filter, IncidentLine
from registry.monitoring.queries.pages import departments
from registry.monitoring.rules.outages import Exclusion, cause_of
from registry.monitoring.service.outages import comment, judge, set_ticket
from registry.monitoring.views.blueprint import bp
from registry.web.access import current_actor, current_session, needs
from registry.web.paging import PAGE_SIZE, Page
from registry.web.render import gettext, language, ngettext, number
from registry.web.security import Form

PERIOD = timedelta(days=30)


@bp.get("/outages")
@needs("sites.read")
def list_outages() -> str:
    """Show what is out now by its root, and every outage of the last 30 days."""
    session = current_session()
    state = request.args.get("state", "")
    wanted = Filter(
        since=g.now - PERIOD,
        department=request.args.get("department", ""),
        lasting=state == "lasting",
        excluded={"excluded": True, "imputable": False}.get(state),
    )
    account = queries.outage_account(session, wanted)
    incidents = queries.open_incidents(session, at=g.now, department=wanted.department)
    page = Page[queries.OutageLine].of_total(
        account.total,
        lambda offset: queries.outage_page(
            session, wanted, at=g.now, offset=offset, limit=PAGE_SIZE
        ),
    )
    return render_template(
        "monitoring/outages.html",
        answer=_answer(incidents),
        incidents=incidents,
        account=account,
        page=page,
        departments=departments(session),
        department=wanted.department,
        state=state,
        cause_of=cause_of,
        seen=partial(explain.seen, language=language()),
    )


@bp.get("/outages/<int:outage_id>")
@needs("sites.read")
def show_outage(outage_id: int) -> str:
    """One outage: from which verdict to which, why, who cares for it, and what it counts for."""
    return _page(outage_id)


@bp.post("/outages/<int:outage_id>/comments")
@needs("outages.acknowledge")
def add_comment(outage_id: int) -> ResponseReturnValue:
    """Add a comment to an outage."""
    form = CommentForm()
    return _change(
        outage_id,
        form,
        lambda: comment(
            current_session(),
            outage_id,
            text=form.text.data or "",
            actor=current_actor().id,
            at=g.now,
        ),
        done=gettext("The comment is kept."),
    )


@bp.post("/outages/<int:outage_id>/ticket")
@needs("outages.acknowledge")
def keep_ticket(outage_id: int) -> ResponseReturnValue:
    """Keep the number under which somebody repairs."""
    form = TicketForm()
    return _change(
        outage_id,
        form,
        lambda: set_ticket(
            current_session(),
            outage_id,
            ticket=form.ticket.data or "",
            actor=current_actor().id,
            at=g.now,
        ),
        done=gettext("The ticket is kept."),
    )


@bp.post("/outages/<int:outage_id>/judgement")
@needs("outages.judge")
def judge_outage(outage_id: int) -> ResponseReturnValue:
    """Say whether an outage counts against whoever maintains the camera, and why."""
    form = JudgementForm()
    return _change(
        outage_id,
        form,
        lambda: judge(
            current_session(),
            outage_id,
            excluded_for=Exclusion(form.excluded_for.data) if form.excluded_for.data else None,
            reason=form.judgement.data or "",
            actor=current_actor().id,
            at=g.now,
        ),
        done=gettext("The judgement is kept."),
    )


def _change(
    outage_id: int, form: Form, change: Callable[[], object], *, done: str
) -> ResponseReturnValue:
    """Make a change and go back to the page, or show what is wrong with it."""
    if not form.validate():
        return _page(outage_id, form), 422
    change()
    current_session().commit()
    flash(done, "info")
    return redirect(url_for("monitoring.show_outage", outage_id=outage_id))


def _page(outage_id: int, refused: Form | None = None) -> str:
    session = current_session()
    line = queries.outage_line(session, outage_id, at=g.now)
    outage = line.outage
    forms = {
        "comment": CommentForm(formdata=None),
        "ticket": TicketForm(formdata=None, ticket=outage.ticket),
        "judgement": JudgementForm(formdata=None, excluded_for=outage.excluded_for or ""),
    }
    if refused is not None:
        forms[refused.name_on_page] = refused
    people = [outage.acknowledged_by, outage.judged_by, *(each.author for each in outage.comments)]
    return render_template(
        "monitoring/outage.html",
        line=line,
        outage=outage,
        site=outage.site,
        cause=cause_of(outage.reason),
        forms=forms,
        acknowledge=AcknowledgeForm(formdata=None),
        names=names_of(session, people),
        seen=partial(explain.seen, language=language()),
        hint=partial(explain.hint, language=language()),
    )


def _answer(incidents: Sequence[IncidentLine]) -> str:
    cameras = sum(len(line.incident.fallen) for line in incidents)
    if not incidents:
        return gettext("No camera is down.")
    return gettext(
        "%(cameras)s, with %(roots)s.",
        cameras=ngettext(
            "%(count)s camera out", "%(count)s cameras out", cameras, count=number(cameras)
        ),
        roots=ngettext(
            "%(count)s root", "%(count)s roots", len(incidents), count=number(len(incidents))
        ),
    )
