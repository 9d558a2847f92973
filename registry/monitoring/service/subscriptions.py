"""Makes and ends the wishes of those who want to be told of outages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import journal
from registry.accounts.models import User
from registry.accounts.rules import RoleName
from registry.errors import Conflict, Invalid, NotFound, Problem
from registry.fleet.models import Site
from registry.fleet.vault import Vault
from registry.monitoring.models import Subscription
from registry.monitoring.rules.notices import Severity
from registry.territory.models import Department

NAME_LENGTH = 120
LONGEST_DIGEST_MINUTES = 1_440
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """
    What a subscription is to be; exactly one of `role`, `email` and `address` is given.

    `address` is an Apprise address, checked by the caller and sealed before it is
    kept. `site` is a public identifier. Quiet hours are of Paris and come in pairs.
    """

    name: str
    role: str = ""
    email: str = ""
    address: str = ""
    department: str = ""
    site: str = ""
    severity: str = Severity.WARNING
    digest_minutes: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    language: str = "fr"

    def __repr__(self) -> str:
        """Leave out the address: it may hold a secret."""
        return f"Wish(name={self.name!r})"


def subscribe(
    session: Session, wish: Wish, *, vault: Vault, actor: str, at: datetime
) -> Subscription:
    """
    Keep a wish to be told, and journal it without its address.

    Raises:
        Invalid: A field will not do; all that is wrong is said.
        Conflict: There is one of this name.
    """
    problems = [*_problems(wish)]
    user, site = _named(session, wish, problems)
    if problems:
        raise Invalid(problems)
    if session.scalar(select(Subscription.id).filter_by(name=wish.name.strip())) is not None:
        raise Conflict(f"there is a subscription named {wish.name.strip()}")
    subscription = Subscription(
        name=wish.name.strip(),
        role=RoleName(wish.role) if wish.role else None,
        user_id=user.id if user else None,
        sealed_address=vault.seal(wish.address.strip()) if wish.address else None,
        department_code=wish.department,
        site_id=site.id if site else None,
        severity=Severity(wish.severity),
        digest_minutes=wish.digest_minutes,
        quiet_from=wish.quiet_from,
        quiet_until=wish.quiet_until,
        language=wish.language,
    )
    session.add(subscription)
    session.flush()
    journal.write(
        session,
        at=at,
        actor=actor,
        action="subscription.add",
        subject=f"subscription:{subscription.id}",
        after={
            "name": subscription.name,
            "channel": "webhook" if wish.address else wish.role or f"user:{subscription.user_id}",
            "department": wish.department,
            "site": wish.site,
            "severity": subscription.severity,
        },
    )
    return subscription


def end_subscription(session: Session, subscription_id: int, *, actor: str, at: datetime) -> None:
    """
    End a wish: nothing more is planned for it, and what waits is given up.

    Raises:
        NotFound: There is none, or it has ended.
    """
    subscription = session.get(Subscription, subscription_id)
    if subscription is None or subscription.ended_at is not None:
        raise NotFound(f"subscription {subscription_id}")
    subscription.ended_at = at
    # The name is free for another one; the journal keeps which it was.
    before = subscription.name
    subscription.name = f"{before[: NAME_LENGTH - 24]} ({at:%Y-%m-%d}, {subscription.id})"
    subscription.sealed_address = subscription.sealed_address and b"ended"
    journal.write(
        session,
        at=at,
        actor=actor,
        action="subscription.end",
        subject=f"subscription:{subscription_id}",
        before={"name": before},
    )


def _problems(wish: Wish) -> list[Problem]:
    """Find what is wrong with the fields alone."""
    problems = []
    if not wish.name.strip():
        problems.append(Problem("required", "name"))
    if len(wish.name.strip()) > NAME_LENGTH:
        limit = {"limit": str(NAME_LENGTH)}
        problems.append(Problem("too_long", "name", wish.name[:40], limit))
    if [bool(wish.role), bool(wish.email), bool(wish.address)].count(True) != 1:
        problems.append(Problem("one_channel", "channel"))
    if wish.role:
        problems += _unknown("role", wish.role, RoleName)
    problems += _unknown("severity", wish.severity, Severity)
    problems += _unknown("language", wish.language, LANGUAGES)
    if not 0 <= wish.digest_minutes <= LONGEST_DIGEST_MINUTES:
        most = {"most": str(LONGEST_DIGEST_MINUTES)}
        problems.append(Problem("digest", "digest_minutes", str(wish.digest_minutes), most))
    if (wish.quiet_from is None) is not (wish.quiet_until is None):
        problems.append(Problem("quiet_pair", "quiet_until"))
    elif wish.quiet_from is not None and wish.quiet_from == wish.quiet_until:
        problems.append(Problem("quiet_empty", "quiet_until", f"{wish.quiet_until:%H:%M}"))
    return problems


def _unknown(where: str, word: str, known: Iterable[str]) -> Iterator[Problem]:
    words = tuple(known)
    if word not in words:
        yield Problem("choice", where, word, {"known": ", ".join(words)})


def _named(
    session: Session, wish: Wish, problems: list[Problem]
) -> tuple[User | None, Site | None]:
    """Look up the person and the places that a wish names."""
    user = site = None
    if wish.email:
        user = session.scalar(select(User).filter_by(email=wish.email.strip().lower(), active=True))
        if user is None:
            problems.append(Problem("unknown_person", "email", wish.email))
    if wish.site:
        site = session.scalar(select(Site).filter_by(public_id=wish.site.strip()))
        if site is None:
            problems.append(Problem("unknown_site", "site", wish.site))
    if wish.department and session.get(Department, wish.department) is None:
        problems.append(Problem("unknown_department", "department", wish.department))
    return user, site
