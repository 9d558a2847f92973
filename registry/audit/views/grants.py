"""The grants: what was funded, what is installed, what was seen, what is alive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, g, render_template, request

from registry.audit.queries import (
    Stages,
    all_grant_stages,
    findings,
    grant_devices,
    grant_stages,
    total_stages,
)
from registry.audit.rules import Thresholds, sentence, source
from registry.funding import queries as funding
from registry.funding.models import Grant, GrantStatus, PaymentKind
from registry.funding.rules import MOVES, PUBLIC_SHARE, balance_due_cents, repayment_due_cents
from registry.funding.service import plan_of_grant
from registry.monitoring.queries.devices import device_tallies
from registry.monitoring.queries.strips import span_before
from registry.monitoring.uptime import sum_tallies
from registry.web.access import current_session, needs
from registry.web.paging import Order, Page
from registry.web.render import euros, gettext, language, mark, ngettext, number

WINDOW = timedelta(days=30)
EVIDENCE_WORDS = {
    "camera": mark("camera"),
    "authorisation": mark("order"),
    "grant": mark("grant"),
    "population": mark("population"),
}


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant in a list, and how far its cameras have come."""

    grant: Grant
    stages: Stages


SORT_KEYS: Mapping[str, Callable[[GrantLine], str | int]] = {
    "file": lambda line: line.grant.file_number,
    "beneficiary": lambda line: line.grant.beneficiary.normalised_name,
    "campaign": lambda line: line.grant.campaign.year,
    "voted": lambda line: line.grant.voted_cents,
    "paid": lambda line: line.grant.paid_cents,
    "funded": lambda line: line.stages.funded,
    "alive": lambda line: line.stages.alive - line.stages.funded,
}


@needs("grants.read")
def list_grants() -> str:
    """List every grant with its money and its cameras, and their sums."""
    session = current_session()
    stages = all_grant_stages(session, at=g.now)
    everything = [GrantLine(grant, stages[grant.id]) for grant in funding.all_grants(session)]
    status, year = request.args.get("status", ""), request.args.get("year", "")
    wanted = request.args.get("q", "").strip().casefold()
    lines = [
        line
        for line in everything
        if status in {"", line.grant.status}
        and year in {"", str(line.grant.campaign.year)}
        and wanted in f"{line.grant.file_number} {line.grant.beneficiary.name}".casefold()
    ]
    order = Order.of_request(SORT_KEYS, "file")
    lines.sort(key=SORT_KEYS[order.key], reverse=order.descending)
    total = total_stages(line.stages for line in lines)
    return render_template(
        "audit/grants.html",
        page=Page.of_request(lines),
        order=order,
        total=total,
        paid_cents=sum(line.grant.paid_cents for line in lines),
        answer=_answer(total),
        statuses=list(GrantStatus),
        years=sorted({line.grant.campaign.year for line in everything}),
        any=bool(everything),
    )


def add_grant_page(bp: Blueprint, thresholds: Thresholds) -> None:
    """Add the page of one grant, whose findings wait as long as the thresholds say."""

    @bp.get("/grants/<path:file_number>")
    @needs("grants.read")
    def show_grant(file_number: str) -> str:
        """Show one grant: its life, its money, its rules, its cameras, its findings."""
        session = current_session()
        grant = funding.whole_grant(session, file_number)
        devices = grant_devices(session, grant.id, at=g.now)
        tallies = device_tallies(
            session, [each.camera_id for each in devices], span_before(g.now, WINDOW)
        )
        stages = grant_stages(session, grant.id, at=g.now)
        return render_template(
            "audit/grant.html",
            grant=grant,
            stages=stages,
            devices=devices,
            tallies=tallies,
            tally=sum_tallies(tallies.values()),
            answer=_answer(stages),
            findings=findings(session, at=g.now, thresholds=thresholds, grant=grant),
            say=lambda finding: sentence(finding, language()),
            ground=lambda finding: source(finding, language()),
            evidence_word=lambda kind: gettext(EVIDENCE_WORDS[kind]),
            **_money(grant),
        )


def _money(grant: Grant) -> dict[str, object]:
    """Return what the page says of a grant's money, worked out from its rows."""
    terms = funding.terms_of(grant)
    balance = next((p for p in grant.payments if p.kind is PaymentKind.BALANCE), None)
    due = balance_due_cents(
        grant.voted_cents,
        rate=funding.rate_of(grant),
        expense_cents=balance.expense_cents if balance else None,
    )
    return {
        "terms": terms,
        "moves": MOVES[grant.status],
        "plan": plan_of_grant(grant),
        "public_limit": terms.public_share or PUBLIC_SHARE,
        "due": due,
        "owed": repayment_due_cents(grant.paid_cents, due),
        "papers": [each for each in grant.documents if each.withdrawn_at is None],
    }


def _answer(stages: Stages) -> str:
    if not stages.funded:
        return gettext("No camera is funded here.")
    alive = ngettext(
        "%(alive)s camera alive of %(funded)s funded",
        "%(alive)s cameras alive of %(funded)s funded",
        stages.alive,
        alive=number(stages.alive),
        funded=number(stages.funded),
    )
    price = stages.cents_per_live_camera
    if price is None:
        return gettext("%(alive)s.", alive=alive)
    # Rounded up to the cent: a price is never made to look better than it is.
    cents = -(-price.numerator // price.denominator)
    return gettext("%(alive)s: %(price)s per live camera.", alive=alive, price=euros(cents))
