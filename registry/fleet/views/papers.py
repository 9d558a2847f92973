"""The papers of sites: lists of contracts and authorisations, and the forms that change them."""

from collections.abc import Callable, Mapping

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from registry.clock import paris_day
from registry.fleet import queries
from registry.fleet.forms import AuthorisationForm, ContractForm
from registry.fleet.models import Authorisation, MaintenanceContract, Site
from registry.fleet.queries import PaperKind
from registry.fleet.rules.papers import Expiry
from registry.fleet.service import (
    create_authorisation,
    create_contract,
    update_authorisation,
    update_contract,
)
from registry.fleet.service.papers import said
from registry.fleet.views.editing import Ask, answer, asked_site
from registry.funding.views.editing import signature
from registry.web.access import current_session, needs
from registry.web.paging import PAGE_SIZE, Order, Page
from registry.web.render import gettext, ngettext, number
from registry.web.versions import held

# What another order takes over from the one that it renews.
RENEWED = ("department_code", "holder", "public_road_cameras", "exterior_cameras",
           "interior_cameras", "retention_days", "purposes", "sites")  # fmt: skip
SOON = (Expiry.LAST_DAY, Expiry.WITHIN_60, Expiry.WITHIN_120)
COUNTS = ("public_road_cameras", "exterior_cameras", "interior_cameras")


def add(bp: Blueprint) -> None:
    """Add the lists and the forms."""
    bp.add_url_rule("/contracts", view_func=list_contracts)
    bp.add_url_rule("/authorisations", view_func=list_authorisations)
    for rule, view in (
        ("/contracts/new", add_contract),
        ("/contracts/<int:contract_id>", edit_contract),
        ("/authorisations/new", add_authorisation),
        ("/authorisations/<int:order_id>", edit_authorisation),
        ("/authorisations/<int:order_id>/renew", renew_authorisation),
    ):
        bp.add_url_rule(rule, view_func=view, methods=["GET", "POST"])


@needs("sites.read")
def list_contracts() -> str:
    """List the maintenance contracts, those that end first on top."""
    return _list(queries.CONTRACTS, "fleet/contracts.html", _of_contracts)


@needs("sites.read")
def list_authorisations() -> str:
    """List the authorisations, those that expire first on top."""
    return _list(queries.AUTHORISATIONS, "fleet/authorisations.html", _of_authorisations)


def _list(kind: PaperKind, template: str, tell: Callable[[int, int], list[str]]) -> str:
    session, today = current_session(), paris_day(g.now)
    typed, every = request.args.get("q", "").strip(), "all" in request.args
    order = Order.of_request(kind.orders, "ends")
    page = Page.of_total(
        queries.count_papers(session, kind, typed, every=every),
        lambda first: queries.paper_lines(
            session, kind, typed, every=every, order=order.key, descending=order.descending,
            first=first, most=PAGE_SIZE, today=today,
        ),
    )  # fmt: skip
    due = queries.papers_due(session, kind, today=today)
    lead = " ".join(tell(due[Expiry.EXPIRED], sum(due[each] for each in SOON)))
    return render_template(
        template, page=page, order=order, typed_here=typed, every=every, lead=lead
    )


def _of_contracts(ended: int, near: int) -> list[str]:
    told = []
    if ended:
        told.append(
            ngettext(
                "%(count)s contract has ended and nothing follows it.",
                "%(count)s contracts have ended and nothing follows them.",
                ended,
                count=number(ended),
            )
        )
    if near:
        told.append(
            ngettext(
                "%(count)s contract ends within 120 days.",
                "%(count)s contracts end within 120 days.",
                near,
                count=number(near),
            )
        )
    return told or [gettext("No contract is near its end.")]


def _of_authorisations(ended: int, near: int) -> list[str]:
    told = []
    if ended:
        told.append(
            ngettext(
                "%(count)s authorisation has expired and nothing follows it.",
                "%(count)s authorisations have expired and nothing follows them.",
                ended,
                count=number(ended),
            )
        )
    if near:
        told.append(
            ngettext(
                "%(count)s authorisation expires within 120 days.",
                "%(count)s authorisations expire within 120 days.",
                near,
                count=number(near),
            )
        )
    return told or [gettext("No authorisation is near its end.")]


@needs("fleet.edit")
def add_contract() -> ResponseReturnValue:
    """Add a maintenance contract, for the site from whose page one comes or for any."""
    site = asked_site()
    form = ContractForm.of({"sites": site.public_id} if site else {})
    del form.reason
    ask = Ask(gettext("New maintenance contract"), gettext("Add"), site, "fleet.list_contracts", {})
    session = current_session()
    return answer(
        form, ask, lambda: create_contract(session, form.values(), signed=signature(form))
    )


@needs("fleet.edit")
def edit_contract(contract_id: int) -> ResponseReturnValue:
    """Change a maintenance contract, and which sites it covers."""
    contract = held(MaintenanceContract, contract_id)
    values = said(contract)
    form = ContractForm.of(values)
    title = gettext("Maintenance contract %(reference)s", reference=contract.reference)
    ask = Ask(
        title, gettext("Save"), asked_site(), "fleet.list_contracts", values,
        lambda: ContractForm.of(values, formdata=None),
    )  # fmt: skip
    session = current_session()
    return answer(
        form, ask, lambda: update_contract(session, contract, form.values(), signed=signature(form))
    )


@needs("fleet.edit")
def add_authorisation() -> ResponseReturnValue:
    """Add a prefectoral authorisation, for the site from whose page one comes or for any."""
    site = asked_site()
    begun = dict.fromkeys(COUNTS, 0)
    if site:
        place = {"sites": site.public_id, "department_code": site.commune.department_code}
        return _new_authorisation(site, {**begun, **place}, gettext("New authorisation"))
    return _new_authorisation(None, begun, gettext("New authorisation"))


@needs("fleet.edit")
def renew_authorisation(order_id: int) -> ResponseReturnValue:
    """Add the order that takes the place of another: what lasts is filled in, not its act."""
    before = held(Authorisation, order_id)
    values = said(before)
    kept = {"kind": "renewal", **{key: values[key] for key in RENEWED}}
    title = gettext("Renewal of order %(number)s", number=before.act_number)
    return _new_authorisation(asked_site(), kept, title)


def _new_authorisation(
    site: Site | None, values: Mapping[str, object], title: str
) -> ResponseReturnValue:
    form = AuthorisationForm.of(values)
    del form.reason
    ask = Ask(title, gettext("Add"), site, "fleet.list_authorisations", {})
    session = current_session()
    return answer(
        form, ask, lambda: create_authorisation(session, form.values(), signed=signature(form))
    )


@needs("fleet.edit")
def edit_authorisation(order_id: int) -> ResponseReturnValue:
    """Change a prefectoral authorisation, and which sites it covers."""
    order = held(Authorisation, order_id)
    values = said(order)
    form = AuthorisationForm.of(values)
    ask = Ask(
        gettext("Authorisation %(number)s", number=order.act_number), gettext("Save"),
        asked_site(), "fleet.list_authorisations", values,
        lambda: AuthorisationForm.of(values, formdata=None),
    )  # fmt: skip
    session = current_session()
    return answer(
        form,
        ask,
        lambda: update_authorisation(session, order, form.values(), signed=signature(form)),
    )
