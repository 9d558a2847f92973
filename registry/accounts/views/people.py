"""Signing in and out, by Flask-Security; the page of one's own account."""

from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import (
    MailUtil,
    PasswordUtil,
    Security,
    SQLAlchemySessionUserDatastore,
    current_user,
)
from werkzeug.local import LocalProxy

from registry.accounts.models import Role, User
from registry.accounts.rules import (
    RoleName,
    normalise_address,
    normalise_password,
    password_problems,
    rights_of,
)
from registry.errors import Problem
from registry.web.access import VISITOR, Actor, current_session, needs
from registry.web.render import CHOSEN_LANGUAGE, LOCALES, gettext, mark

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, scoped_session

bp = Blueprint("accounts", __name__)

# One refusal for a wrong address and a wrong password: the page tells nobody which
# accounts exist. The default `sign out` form carries a token, so it is checked.
SECURITY = {
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    "SECURITY_PASSWORD_SCHEMES": ["argon2", "plaintext"],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_REGISTERABLE": False,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_POST_CHANGE_VIEW": "/account",
    "SECURITY_CHANGE_URL": "/account/password",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_FLASH_MESSAGES": True,
    "SECURITY_LOGOUT_CSRF": True,
    "SECURITY_EMAIL_VALIDATOR_ARGS": None,
}

PASSWORD_WORDS = {
    "password_short": mark("A password has at least %(least)s characters."),
    "password_long": mark("A password has at most %(most)s characters."),
    "password_weak": mark(
        "Too easy to guess: mix capitals, small letters, digits and signs, or use a sentence."
    ),
    "password_personal": mark("A password does not contain your name or your address."),
}


class OurPasswords(PasswordUtil):
    """Judge a new password by accounts/rules.py instead of its length alone."""

    def normalize(self, password: str) -> str:
        """Bring a password to the form in which it is hashed."""
        return normalise_password(password)

    def validate(
        self,
        password: str,
        is_register: bool,  # noqa: ARG002, FBT001 - the library's signature
        **kwargs: Any,  # noqa: ANN401 - the library's signature
    ) -> tuple[list[str] | None, str]:
        """Return what is wrong in words, and the normalised password."""
        person = kwargs.get("user")
        known = {"email": person.email, "name": person.name} if person else {}
        problems = password_problems(password, **known)
        return [_in_words(each) for each in problems] or None, normalise_password(password)


class OurAddresses(MailUtil):
    """Take an address as a name to sign in with: no mail is sent, no DNS is asked."""

    def normalize(self, email: str) -> str:
        """Bring an address to the form in which it is looked up."""
        return normalise_address(email)

    def validate(self, email: str) -> str:
        """Accept what the register has accepted."""
        return normalise_address(email)


def install(app: Flask) -> None:
    """Let Flask-Security sign people in, on the database session of each request."""
    app.config.update(SECURITY)
    # Flask-Security keeps one session for good; ours lives as long as a request.
    per_request = LocalProxy(current_session)
    datastore = SQLAlchemySessionUserDatastore(
        cast("scoped_session[Session]", per_request), User, Role
    )
    Security(app, datastore, password_util_cls=OurPasswords, mail_util_cls=OurAddresses)


def actor_of_request() -> Actor:
    """Return who sent this request, with the rights of all of their roles."""
    if not current_user.is_authenticated:
        return VISITOR
    roles = frozenset(role.name for role in current_user.roles)
    return Actor(
        id=f"user:{current_user.id}",
        name=current_user.name or current_user.email,
        roles=roles,
        rights=rights_of(roles),
    )


@bp.get("/account")
@needs("sites.read")
def show_account() -> str:
    """Who one is here, which roles one holds, and the way to another password."""
    order = [role.value for role in RoleName]
    roles = sorted((role.name for role in current_user.roles), key=order.index)
    return render_template("accounts/account.html", person=current_user, roles=roles)


@bp.post("/language")
def choose_language() -> ResponseReturnValue:
    """Remember a language for this browser, whatever it asks for in its headers."""
    chosen = request.form.get("language", "")
    if chosen in LOCALES:
        session[CHOSEN_LANGUAGE] = chosen
    back = request.form.get("back", "")
    # Only a path of ours: anything else would send the reader to a stranger's page.
    safe = back.startswith("/") and not back.startswith(("//", "/\\"))
    return redirect(back if safe else url_for("monitoring.show_overview"))


def _in_words(problem: Problem) -> str:
    return gettext(PASSWORD_WORDS[problem.code], **problem.parameters)
