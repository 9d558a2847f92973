"""Lists and pages with health in them: what is down now, every site, one site."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from probes import explain
from registry.accounts.queries import names_of
from registry.clock import paris_day
from registry.errors import NotFound
from registry.fleet.models import Camera
from registry.fleet.queries import papers_of_site
from registry.fleet.rules.power import french_hours
from registry.monitoring.forms import AcknowledgeForm
from registry.monitoring.queries import pages
from registry.monitoring.queries.contracts import ContractAccount, contract_accounts
from registry.monitoring.queries.maintenance import windows_of
from registry.monitoring.queries.pages import SiteLine
from registry.monitoring.queries.site import (
    NOT_IN_SERVICE,
    CameraLine,
    cameras_to_probe,
    natural,
    site_by_public_id,
    site_page,
)
from registry.monitoring.queries.strips import MONTH, all_months, month_by_site, span_before
from registry.monitoring.rules import Shown
from registry.monitoring.service import request_probes
from registry.monitoring.service.outages import acknowledge
from registry.monitoring.uptime import Tally
from registry.monitoring.views.blueprint import bp
from registry.web.access import current_actor, current_session, needs
from registry.web.paging import PAGE_SIZE, SAID, Order, Page, address
from registry.web.render import gettext, language, ngettext, number, since_phrase

TROUBLES_SHOWN = PAGE_SIZE
UPTIME = "uptime"
SORT_KEYS: Mapping[str, Callable[[SiteLine], str | int | float | tuple[int, int]]] = {
    "commune": lambda line: line.commune.casefold(),
    "name": lambda line: line.name.casefold(),
    "department": lambda line: line.department_code,
    "cameras": lambda line: line.counts.total,
    "troubles": lambda line: (-line.counts.out, -line.counts.troubled),
}
STATES = (*pages.WORST_FIRST, NOT_IN_SERVICE)
WORST_FIRST = Order("state")
CAMERA_KEYS: Mapping[str, Callable[[CameraLine], int | list[tuple[int, str]]]] = {
    WORST_FIRST.key: lambda line: STATES.index(line.state),
    "label": lambda line: natural(line.camera.label),
}


@bp.get("/")
@needs("sites.read")
def show_overview() -> ResponseReturnValue:
    """Show what is down now, since when, and where."""
    department = request.args.get("department", "")
    everything = pages.site_lines(current_session(), now=g.now)
    departments = pages.by_department(everything)
    lines = [each for each in everything if department in {"", each.department_code}]
    troubled = sorted(
        (line for line in lines if line.counts.troubled),
        key=lambda line: (-line.counts.out, line.out_since or g.now, line.commune),
    )
    page = {
        **_sentence(_answer(lines, g.now)),
        "counts": pages.total_counts(lines),
        "sites": len(lines),
        "departments": departments,
        "department": department,
        "troubled": troubled[:TROUBLES_SHOWN],
        "more": max(0, len(troubled) - TROUBLES_SHOWN),
    }
    return render_template(_template("overview", "_live"), **page)


@bp.get("/sites")
@needs("sites.read")
def list_sites() -> str:
    """Every site, with its cameras by state and its uptime over 30 days."""
    department = request.args.get("department", "")
    state, wanted = request.args.get("state", ""), request.args.get("q", "").strip().casefold()
    everything = pages.site_lines(current_session(), now=g.now)
    lines = [
        line
        for line in everything
        if department in {"", line.department_code}
        and (not state or line.counts.of(*_states(state)))
        and wanted in f"{line.name} {line.commune} {line.public_id}".casefold()
    ]
    order = Order.of_request([*SORT_KEYS, UPTIME], "commune")
    months = all_months(current_session(), now=g.now) if order.key == UPTIME else {}
    key = SORT_KEYS.get(order.key) or partial(_availability, months)
    lines.sort(key=key, reverse=order.descending)
    page = Page.of_request(lines)
    shown = [line.id for line in page.items]
    return render_template(
        "monitoring/sites.html",
        page=page,
        order=order,
        counts=pages.total_counts(lines),
        departments=pages.by_department(everything),
        department=department,
        state=state,
        states=pages.WORST_FIRST,
        months=months or month_by_site(current_session(), shown, now=g.now),
    )


@bp.get("/sites/<public_id>")
@needs("sites.read")
def show_site(public_id: str) -> str:
    """One site and the health of its cameras, for a technician on the spot."""
    session = current_session()
    found = site_page(session, public_id, now=g.now)
    # Papers and plans change by hand: what htmx refreshes every few seconds is without them.
    whole = not _is_refresh()
    windows = windows_of(session, found.site.id, at=g.now) if whole else ()
    actors = [outage.acknowledged_by for outage in found.outages]
    actors += [name for line in windows for name in (line.window.author, line.window.cancelled_by)]
    return render_template(
        _template("site", "_site"),
        found=found,
        **_listed(found.cameras),
        papers=papers_of_site(session, found.site.id, today=paris_day(g.now)) if whole else None,
        accounts=_accounts(found.site.id) if whole else (),
        spoken=french_hours if language() == "fr" else str,
        site=found.site,
        waiting=any(line.waiting for line in found.cameras),
        **_sentence(_site_answer(found.counts, g.now, found.oldest)),
        names=names_of(session, actors),
        windows=windows,
        form=AcknowledgeForm(),
        seen=partial(explain.seen, language=language()),
        hint=partial(explain.hint, language=language()),
    )


@bp.post("/sites/<public_id>/probe")
@needs("cameras.probe")
def probe_now(public_id: str) -> ResponseReturnValue:
    """Ask the monitor to probe one camera of a site, or all that are in service."""
    session = current_session()
    site = site_by_public_id(session, public_id)
    asked = request.form.get("camera", type=int)
    chosen = cameras_to_probe(session, site.id, only=asked, now=g.now)
    if asked is not None and not chosen:
        raise NotFound(f"camera {asked} at site {public_id}")
    request_probes(session, chosen, actor=current_actor().id, at=g.now)
    session.commit()
    flash(
        ngettext(
            "The probe is asked for: its result appears here within seconds.",
            "%(count)s probes are asked for: their results appear here within seconds.",
            len(chosen),
            count=number(len(chosen)),
        ),
        "info",
    )
    way = url_for("monitoring.show_site", public_id=public_id, **_place(), _anchor="cameras")
    return redirect(way)


@bp.post("/outages/<int:outage_id>/acknowledge")
@needs("outages.acknowledge")
def acknowledge_outage(outage_id: int) -> ResponseReturnValue:
    """Note that somebody takes care of an outage, and what they say about it."""
    session = current_session()
    form = AcknowledgeForm()
    outage = acknowledge(
        session, outage_id, actor=current_actor().id, at=g.now, note=form.note.data or ""
    )
    public_id = outage.site.public_id
    session.commit()
    flash(gettext("The outage is acknowledged."), "info")
    return redirect(url_for("monitoring.show_site", public_id=public_id, _anchor="outages"))


def _accounts(site_id: int) -> list[ContractAccount]:
    """Judge the contracts of a site over the time that its page shows."""
    return contract_accounts(
        current_session(),
        Camera.site_id == site_id,
        span_before(g.now, MONTH.length),
        floor_points=current_app.extensions["vigiparc.coverage_floor"],
    )


def _listed(cameras: Sequence[CameraLine]) -> dict[str, object]:
    """Cut the page of a site's cameras that is asked for; those out of service stand first."""
    order = Order.of_request(CAMERA_KEYS, WORST_FIRST.key)
    lines = sorted(cameras, key=CAMERA_KEYS[order.key], reverse=order.descending)
    page = Page.of_request(lines)
    return {
        "page": page,
        "order": order,
        "worst_first": order == WORST_FIRST and page.total > 1,
        "days": {line.camera.id: line.day for line in page.items},
        "place": _place(),
        "address": address,
    }


def _place() -> dict[str, Any]:
    """Tell where in the list of cameras somebody is: what they send leads back there."""
    return {name: request.args[name] for name in ("sort", "page") if name in request.args}


def _sentence(answer: str) -> dict[str, object]:
    """Give a page its first sentence, and htmx whether it must be put anew."""
    said = hashlib.sha256(answer.encode()).hexdigest()[:12]
    # A screen reader reads it out whenever it is put: only a new one is sent.
    return {"answer": answer, "said": said, "say": request.args.get(SAID) != said}


def _template(whole: str, part: str) -> str:
    """Choose the part of a page that htmx refreshes, or the whole of it."""
    return f"monitoring/{part if _is_refresh() else whole}.html"


def _is_refresh() -> bool:
    """Tell whether htmx asks for a page again that somebody has open."""
    return "HX-Request" in request.headers


def _availability(months: Mapping[int, Tally], line: SiteLine) -> float:
    """Order sites by uptime; one without a figure comes after all others."""
    tally = months.get(line.id)
    value = tally.device_availability.value if tally else None
    return 2.0 if value is None else float(value)


def _states(word: str) -> tuple[Shown, ...]:
    if word == "troubled":
        return pages.TROUBLES
    return (Shown(word),) if word in set(Shown) else tuple(Shown)


def _answer(lines: list[SiteLine], now: datetime) -> str:
    counts = pages.total_counts(lines)
    if not lines:
        return gettext("No site in the register yet.")
    if not counts.total:
        return gettext("No camera is in service yet.")
    if counts.of(Shown.UNKNOWN) == counts.total:
        return gettext("Nothing is known of any camera at this moment.")
    if not counts.out:
        return gettext("No camera is down.")
    sites = [line for line in lines if line.counts.out]
    oldest = min((line.out_since for line in sites if line.out_since), default=now)
    return gettext(
        "%(cameras)s %(since)s, on %(sites)s.",
        cameras=_what_is_out(counts),
        since=_since_oldest(oldest, now, only=counts.out == 1),
        sites=ngettext("%(count)s site", "%(count)s sites", len(sites), count=number(len(sites))),
    )


def _site_answer(counts: pages.Counts, now: datetime, oldest: datetime | None) -> str:
    if not counts.total:
        return gettext("No camera is in service here yet.")
    if counts.of(Shown.UNKNOWN) == counts.total:
        return gettext("Nothing is known of the cameras here at this moment.")
    if not counts.out:
        return gettext("No camera of this site is down.")
    since = _since_oldest(oldest or now, now, only=counts.out == 1)
    answer = gettext("%(cameras)s %(since)s.", cameras=_what_is_out(counts), since=since)
    if counts.out == counts.total > 1:
        # Many cameras rarely break in one hour; what they share does.
        hint = gettext("That is the whole site: check its power and its link first.")
        return f"{answer} {hint}"
    return answer


def _what_is_out(counts: pages.Counts) -> str:
    down, cut = counts.of(Shown.DOWN), counts.of(Shown.UNREACHABLE)
    parts = []
    if down:
        parts.append(
            ngettext("%(count)s camera down", "%(count)s cameras down", down, count=number(down))
        )
    if cut:
        parts.append(
            ngettext(
                "%(count)s camera unreachable",
                "%(count)s cameras unreachable",
                cut,
                count=number(cut),
            )
        )
    return gettext(" and ").join(parts)


def _since_oldest(oldest: datetime, now: datetime, *, only: bool) -> str:
    phrase = since_phrase(oldest, now)
    if only or (now - oldest).days < 1:
        return phrase
    return gettext("(the oldest %(since)s)", since=phrase)
