"""Who is told of outages, through which channel, and what was told lately."""

from pathlib import Path

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from registry.errors import Conflict, Invalid, Problem
from registry.fleet.vault import Vault
from registry.monitoring.forms import SubscriptionForm
from registry.monitoring.notify import is_known_address, test_messages
from registry.monitoring.queries import notices as queries
from registry.monitoring.service.subscriptions import end_subscription, subscribe
from registry.territory.queries import departments
from registry.web.access import current_actor, current_session, needs
from registry.web.render import gettext

MESSAGES_SHOWN = 50
RIGHT = "notices.manage"


def blueprint(*, key_file: Path) -> Blueprint:
    """Return the page; `key_file` holds the keys that seal the addresses of webhooks."""
    bp = Blueprint("notices", __name__)

    @bp.get("/notices")
    @needs(RIGHT)
    def show_notices() -> str:
        """Show every subscription, a form for one more, and the latest messages."""
        return _page(_form())

    @bp.post("/notices")
    @needs(RIGHT)
    def add_subscription() -> ResponseReturnValue:
        """Keep one more subscription, or show what is wrong with it."""
        form = _form()
        if not form.validate():
            return _page(form), 422
        session = current_session()
        wish = form.wish()
        if wish.address and not is_known_address(wish.address):
            form.refuse([Problem("address", "address")])
            return _page(form), 422
        try:
            vault = Vault.open(key_file)
            subscribe(session, wish, vault=vault, actor=current_actor().id, at=g.now)
        except Invalid as error:
            session.rollback()
            form.refuse(error.problems)
            return _page(form), 422
        except (Conflict, IntegrityError):
            session.rollback()
            form.refuse([Problem("taken", "name", wish.name.strip())])
            return _page(form), 422
        session.commit()
        flash(gettext("The subscription is kept."), "info")
        return redirect(url_for("notices.show_notices"))

    @bp.post("/notices/<int:subscription_id>/end")
    @needs(RIGHT)
    def end(subscription_id: int) -> ResponseReturnValue:
        """End a subscription."""
        session = current_session()
        end_subscription(session, subscription_id, actor=current_actor().id, at=g.now)
        session.commit()
        flash(gettext("The subscription has ended."), "info")
        return redirect(url_for("notices.show_notices"))

    @bp.post("/notices/<int:subscription_id>/test")
    @needs(RIGHT)
    def send_test(subscription_id: int) -> ResponseReturnValue:
        """Write a message to every reader of a subscription, to see whether it arrives."""
        session = current_session()
        test_messages(session, subscription_id, at=g.now)
        session.commit()
        flash(gettext("The test is on its way: what becomes of it is shown below."), "info")
        return redirect(url_for("notices.show_notices", _anchor="messages"))

    return bp


def _form() -> SubscriptionForm:
    return SubscriptionForm(departments=departments(current_session()))


def _page(form: SubscriptionForm) -> str:
    session = current_session()
    wishes = queries.subscriptions(session)
    readers = queries.readers_of(session, wishes)
    return render_template(
        "monitoring/notices.html",
        form=form,
        wishes=wishes,
        readers={wish.id: len(readers[wish.id]) for wish in wishes},
        messages=queries.last_messages(session, limit=MESSAGES_SHOWN),
    )
