"""The tokens of other systems: which there are, one more, an end to one."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.accounts.forms import TokenForm
from registry.accounts.queries import all_tokens
from registry.accounts.service import make_token, revoke_token
from registry.errors import Conflict, Invalid
from registry.web.access import current_actor, current_session, needs
from registry.web.render import gettext

RIGHT = "accounts.manage"

bp = Blueprint("tokens", __name__)


@bp.get("/tokens")
@needs(RIGHT)
def list_tokens() -> str:
    """Show every token without its secret, and a form for one more."""
    return _page(_form())


@bp.post("/tokens")
@needs(RIGHT)
def add_token() -> ResponseReturnValue:
    """
    Make a token, and show its secret on the page that answers.

    That page is the only place where it ever stands: no address, no cookie and no
    later page holds it, so there is no redirect here.
    """
    form = _form()
    if not form.validate():
        return _page(form), 422
    session, actor = current_session(), current_actor()
    try:
        token, secret = make_token(
            session, form.order(), rights=actor.rights, at=g.now, actor=actor.id
        )
    except Invalid as error:
        session.rollback()
        form.refuse(error.problems)
        return _page(form), 422
    session.commit()
    page = render_template("accounts/token.html", name=token.name, secret=secret)
    return page, 201, {"Cache-Control": "no-store"}


@bp.post("/tokens/<int:token_id>/revoke")
@needs(RIGHT)
def revoke(token_id: int) -> ResponseReturnValue:
    """Put an end to a token; it stays in the list."""
    session = current_session()
    try:
        revoke_token(session, token_id, at=g.now, actor=current_actor().id)
    except Conflict:
        session.rollback()
        flash(gettext("The token was revoked before."), "info")
    else:
        session.commit()
        flash(gettext("The token is revoked: nobody signs in with it any more."), "info")
    return redirect(url_for("tokens.list_tokens"))


def _form() -> TokenForm:
    return TokenForm(current_actor().rights, at=g.now)


def _page(form: TokenForm) -> str:
    return render_template("accounts/tokens.html", form=form, tokens=all_tokens(current_session()))
