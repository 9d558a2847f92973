"""Changes to grants by hand: values, steps, payments and lines of the plan, each with a reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeVar

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from registry.clock import paris_day
from registry.errors import Conflict, Invalid, NotFound
from registry.funding import queries
from registry.funding.forms import (
    LineForm,
    NewGrantForm,
    PaymentForm,
    StepBackForm,
    StepForm,
    ValuesForm,
    put_on,
)
from registry.funding.models import BeneficiaryKind, FundingLine, Grant, Payment
from registry.funding.rules import MOVES
from registry.funding.service import (
    GrantValues,
    LineValues,
    PaymentValues,
    beneficiary,
    create_grant,
    move_grant,
    remove_line,
    remove_payment,
    save_line,
    save_payment,
    take_back,
    update_grant,
)
from registry.signature import Signature
from registry.web.access import current_actor, current_session, needs
from registry.web.render import gettext
from registry.web.security import Form
from registry.web.versions import VersionedForm, changed_meanwhile, held

Part = TypeVar("Part", Payment, FundingLine)


def add_to(bp: Blueprint) -> None:
    """Add the forms; each has an address of its own, and works without a script."""
    for rule, view in (
        ("/funding/new", open_file),
        ("/funding/values/<path:file_number>", edit_values),
        ("/funding/step/<path:file_number>", take_step),
        ("/funding/step-back/<path:file_number>", step_back),
        ("/funding/payment/<path:file_number>", edit_payment),
        ("/funding/line/<path:file_number>", edit_line),
    ):
        bp.add_url_rule(rule, view_func=view, methods=["GET", "POST"])


@dataclass(frozen=True, slots=True)
class Ask:
    """
    What a form page asks: its title, what its button does, and what may be taken out.

    `above` names where the reader came from and goes back to, unless it is a grant;
    `said` is what the register says of the thing and `standing` the form as it would
    fill it, where two may change it at once.
    """

    title: str
    button: str
    grant: Grant | None = None
    hints: dict[str, str] = field(default_factory=dict)
    removal: str = ""
    above: tuple[str, str] = ("", "")
    said: Mapping[str, object] = field(default_factory=dict)
    standing: Callable[[], Form] | None = None


def signature(form: Form) -> Signature:
    """Return who sent a form, when, and why they say they did."""
    reason = form["reason"].data if "reason" in form else ""
    return Signature(actor=current_actor().id, at=g.now, reason=reason or "")


def answer(form: Form, ask: Ask, act: Callable[[], object]) -> ResponseReturnValue:
    """
    Show a form, or do what was sent and go back to the grant.

    What the service refuses stands under its field; nothing typed is lost. Where the
    thing was changed since the form was filled, the reader is told what stands now.
    """
    if isinstance(form, VersionedForm) and not form.is_current(ask.said) and ask.standing:
        form.tell_apart(ask.standing())
        return _page(form, ask, [changed_meanwhile()]), 409
    sent = request.method == "POST"
    if not sent or not form.validate():
        return _page(form, ask, []), 422 if sent else 200
    session = current_session()
    number = ask.grant.file_number if ask.grant else ""
    try:
        done = act()
    except Invalid as error:
        session.rollback()
        return _page(form, ask, put_on(form, error.problems)), 422
    except (Conflict, IntegrityError):
        session.rollback()
        said = gettext("The register says otherwise by now, or holds this already.")
        return _page(form, ask, [said]), 409
    session.commit()
    nothing = gettext("Nothing was different: nothing is changed.")
    saved = gettext("The change is saved and journaled.")
    flash(nothing if done is False else saved, "info")
    if ask.above[1]:
        return redirect(ask.above[1])
    number = number or (done.file_number if isinstance(done, Grant) else "")
    return redirect(url_for("audit.show_grant", file_number=number))


def _page(form: Form, ask: Ask, others: list[str]) -> str:
    return render_template("funding/form.html", form=form, ask=ask, others=others)


@needs("grants.edit")
def open_file() -> ResponseReturnValue:
    """Open the file of a grant that is not in the register: a draft."""
    session = current_session()
    campaigns = {each.campaign.id: each.campaign for each in queries.campaign_lines(session)}
    form = NewGrantForm(
        [(id_, f"{each.programme.name}, {each.name}") for id_, each in campaigns.items()]
    )
    ask = Ask(gettext("New grant"), gettext("Open the file"))

    def act() -> Grant:
        body = beneficiary(
            session,
            BeneficiaryKind(form.kind.data),
            form.beneficiary.data or "",
            insee=(form.insee.data or "").strip(),
        )
        return create_grant(
            session,
            (form.file_number.data or "").strip(),
            form.values(),
            campaign=campaigns[form.campaign.data],
            beneficiary=body,
            signed=signature(form),
            since=paris_day(g.now),
        )

    return answer(form, ask, act)


@needs("grants.edit")
def edit_values(file_number: str) -> ResponseReturnValue:
    """Change what a grant says."""
    session = current_session()
    grant = _grant(file_number)
    form = ValuesForm(grant)
    ask = Ask(
        gettext("Change this grant"),
        gettext("Save"),
        grant,
        said=asdict(GrantValues.of(grant)),
        standing=lambda: ValuesForm(grant, formdata=None),
    )
    return answer(
        form, ask, lambda: update_grant(session, grant, form.values(), signed=signature(form))
    )


@needs("grants.edit")
def take_step(file_number: str) -> ResponseReturnValue:
    """Take a grant to one of the steps that are possible."""
    session = current_session()
    grant = _grant(file_number)
    form = StepForm(MOVES[grant.status])
    ask = Ask(
        gettext("Next step"),
        gettext("Take this step"),
        grant,
        said=_steps(grant),
        standing=lambda: StepForm(MOVES[grant.status], formdata=None),
    )
    return answer(
        form, ask, lambda: move_grant(session, grant, form.step(), signed=signature(form))
    )


@needs("grants.edit")
def step_back(file_number: str) -> ResponseReturnValue:
    """Take back the last step of a grant, entered by mistake."""
    session = current_session()
    grant = _grant(file_number)
    form = StepBackForm()
    ask = Ask(
        gettext("Take back the last step"),
        gettext("Take back"),
        grant,
        said=_steps(grant),
        standing=lambda: StepBackForm(formdata=None),
    )
    return answer(form, ask, lambda: take_back(session, grant, signed=signature(form)))


@needs("grants.edit")
def edit_payment(file_number: str) -> ResponseReturnValue:
    """Add a payment, or change or take out the one that `id` names."""
    session = current_session()
    grant = _grant(file_number)
    payment = _asked_for(grant.payments, f"grant {file_number} has no payment")
    form = PaymentForm(payment)
    title = gettext("Change a payment") if payment else gettext("New payment")
    ask = Ask(
        title,
        gettext("Save"),
        grant,
        removal=gettext("Take this payment out") if payment else "",
        said=asdict(PaymentValues.of(payment)) if payment else {},
        standing=lambda: PaymentForm(payment, formdata=None),
    )

    def act() -> object:
        if payment and "remove" in request.form:
            remove_payment(session, grant, payment, signed=signature(form))
            return True
        return save_payment(session, grant, form.values(), signed=signature(form), payment=payment)

    return answer(form, ask, act)


@needs("grants.edit")
def edit_line(file_number: str) -> ResponseReturnValue:
    """Add a line to a financing plan, or change or take out the one that `id` names."""
    session = current_session()
    grant = _grant(file_number)
    line = _asked_for(grant.lines, f"grant {file_number} has no line")
    form = LineForm(line)
    title = gettext("Change a line of the plan") if line else gettext("New line of the plan")
    ask = Ask(
        title,
        gettext("Save"),
        grant,
        removal=gettext("Take this line out") if line else "",
        said=asdict(LineValues.of(line)) if line else {},
        standing=lambda: LineForm(line, formdata=None),
    )

    def act() -> object:
        if line and "remove" in request.form:
            remove_line(session, grant, line, signed=signature(form))
            return True
        return save_line(session, grant, form.values(), signed=signature(form), line=line)

    return answer(form, ask, act)


def _grant(file_number: str) -> Grant:
    """Return a grant with all that hangs on it; for a change nobody else may write it meanwhile."""
    session = current_session()
    known = queries.grant(session, file_number)
    held(Grant, known.id if known else 0)
    return queries.whole_grant(session, file_number)


def _asked_for(parts: Sequence[Part], missing: str) -> Part | None:
    """
    Return the part of a grant that `id` names in the address; none for a new one.

    Raises:
        NotFound: The grant has no such part.
    """
    asked = request.args.get("id", type=int)
    found = next((each for each in parts if each.id == asked), None)
    if asked and found is None:
        raise NotFound(f"{missing} {asked}")
    return found


def _steps(grant: Grant) -> dict[str, object]:
    """Say where a grant stands, so that nobody takes a step from where it no longer is."""
    return {"steps": [each.id for each in grant.events]}
