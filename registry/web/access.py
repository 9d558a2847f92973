"""Who is asking, and whether they may: one decorator that names the right a view needs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from secrets import token_hex
from typing import ParamSpec, TypeVar
from urllib.parse import urlencode

from flask import g, redirect, request, url_for
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from registry.db import see_one_state
from registry.errors import Refused

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer", bound=ResponseReturnValue)

SIGN_IN = "security.login"


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Who sent this request, as plain values that outlive the database session.

    `id` is the word that the journal keeps (`user:3`, `token:7`); it is empty for a
    visitor. `territory` holds the codes that bind the actor by kind (`department`,
    `commune`, `epci`), none for everywhere.
    """

    id: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    territory: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def signed_in(self) -> bool:
        """Tell a person who signed in from a visitor."""
        return bool(self.id)

    def may(self, right: str) -> bool:
        """Tell whether one of the actor's roles grants this right."""
        return right in self.rights


VISITOR = Actor()
REQUEST_ID = re.compile(r"[\w.:-]{8,64}", re.ASCII)


def request_id() -> str:
    """
    Return a word for this request, for the log and the journal.

    A proxy's own `X-Request-ID` is kept, so that its log tells of the same request;
    what does not look like one is replaced.
    """
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else token_hex(16)


def current_actor() -> Actor:
    """Return who sent the request being answered."""
    actor: Actor = g.actor
    return actor


def current_session() -> Session:
    """Return the database session of the request being answered."""
    session: Session = g.session
    return session


def current_state() -> Session:
    """
    Return the session of the request, which sees one state of the database from here on.

    For figures that are made of several statements; whatever was written before is kept.
    """
    session = current_session()
    session.commit()
    see_one_state(session)
    return session


def needs(
    right: str,
) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, ResponseReturnValue]]:
    """
    Let a view run only for an actor who holds `right`.

    A visitor is sent to sign in and comes back afterwards; whoever has signed in
    without the right is refused.
    """

    def guard(view: Callable[Arguments, Answer]) -> Callable[Arguments, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> ResponseReturnValue:
            actor = current_actor()
            if not actor.signed_in:
                return _ask_to_sign_in()
            if not actor.may(right):
                raise Refused(f"{actor.id} lacks the right {right}")
            return view(*args, **kwargs)

        return guarded

    return guard


def needs_token(
    right: str,
) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """
    Let a view of the API run only for a token that holds `right`.

    A browser that has signed in is nobody here: its cookie comes along with requests
    that other sites make it send, a token does not.
    """

    def guard(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            actor = current_actor()
            if not actor.id.startswith("token:"):
                raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
            if not actor.may(right):
                raise Refused(f"{actor.id} lacks the right {right}")
            return view(*args, **kwargs)

        return guarded

    return guard


def can_be_opened() -> bool:
    """Tell whether the address of this page answers a browser that opens it: not all forms' do."""
    adapter = request_ctx.url_adapter
    return adapter is not None and "GET" in adapter.allowed_methods()


def for_programs() -> bool:
    """Tell whether the request is one of the API, where cookies count for nothing."""
    return request.path.startswith("/api/")


def _ask_to_sign_in() -> ResponseReturnValue:
    # htmx follows a redirect and would paste the sign-in page into the list that it
    # refreshes: its own header makes it load the whole page instead.
    after = request.full_path.rstrip("?") if request.method == "GET" else "/"
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Refresh": "true"}
    return redirect(f"{url_for(SIGN_IN)}?{urlencode({'next': after})}")
