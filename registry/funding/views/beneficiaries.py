"""Who receives grants: the list, and the form that adds one or says who it really is."""

from dataclasses import asdict

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.funding import queries
from registry.funding.forms import BeneficiaryForm
from registry.funding.models import Beneficiary
from registry.funding.service import BeneficiaryValues, save_beneficiary
from registry.funding.views.editing import Ask, answer, signature
from registry.web.access import current_session, needs
from registry.web.paging import PAGE_SIZE, Page
from registry.web.render import gettext
from registry.web.versions import held


def add_to(bp: Blueprint) -> None:
    """Add the list and the forms."""
    bp.add_url_rule("/beneficiaries", view_func=list_beneficiaries)
    for rule, view in (
        ("/beneficiaries/new", add_beneficiary),
        ("/beneficiaries/<int:body_id>", edit_beneficiary),
    ):
        bp.add_url_rule(rule, view_func=view, methods=["GET", "POST"])


@needs("grants.read")
def list_beneficiaries() -> str:
    """List who receives grants, by name."""
    session, typed = current_session(), request.args.get("q", "").strip()
    page = Page.of_total(
        queries.count_beneficiaries(session, typed),
        lambda first: queries.beneficiary_lines(session, typed, first=first, most=PAGE_SIZE),
    )
    return render_template("funding/beneficiaries.html", page=page, typed_here=typed)


@needs("grants.edit")
def add_beneficiary() -> ResponseReturnValue:
    """Add a body that may receive grants."""
    session, form = current_session(), BeneficiaryForm()
    ask = Ask(gettext("New beneficiary"), gettext("Add"), above=_above(), hints=_hints())
    return answer(
        form, ask, lambda: save_beneficiary(session, form.values(), signed=signature(form))
    )


@needs("grants.edit")
def edit_beneficiary(body_id: int) -> ResponseReturnValue:
    """Say who a beneficiary really is: its name, its codes."""
    session, body = current_session(), held(Beneficiary, body_id)
    before = BeneficiaryValues.of(body)
    form = BeneficiaryForm(body)
    ask = Ask(
        body.name,
        gettext("Save"),
        above=_above(),
        hints=_hints(),
        said=asdict(before),
        standing=lambda: BeneficiaryForm(body, formdata=None),
    )

    def act() -> bool:
        save_beneficiary(session, form.values(), signed=signature(form), body=body)
        return BeneficiaryValues.of(body) != before

    return answer(form, ask, act)


def _above() -> tuple[str, str]:
    return gettext("Beneficiaries"), url_for("funding.list_beneficiaries")


def _hints() -> dict[str, str]:
    return {
        "siren": gettext("Nine digits; empty where it is not known."),
        "insee": gettext("Of a commune, its own; of another body, that of its seat."),
    }
