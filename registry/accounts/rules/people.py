"""What each role may do, and which passwords are strong enough."""

import math
import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from registry.errors import Problem


class RoleName(StrEnum):
    """The roles of today, from the street to the keys."""

    TECHNICIAN = "technician"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What can be allowed; every view names one of these."""

    SITES_READ = "sites.read"
    CAMERAS_PROBE = "cameras.probe"
    OUTAGES_ACKNOWLEDGE = "outages.acknowledge"
    OUTAGES_JUDGE = "outages.judge"
    MAINTENANCE_PLAN = "maintenance.plan"
    GRANTS_READ = "grants.read"
    GRANTS_EDIT = "grants.edit"
    FLEET_IMPORT = "fleet.import"
    FLEET_EDIT = "fleet.edit"
    ACCOUNTS_MANAGE = "accounts.manage"
    NOTICES_MANAGE = "notices.manage"
    AUDIT_READ = "audit.read"


_READS = frozenset({Right.SITES_READ, Right.GRANTS_READ})

RIGHTS: Mapping[RoleName, frozenset[Right]] = {
    RoleName.TECHNICIAN: _READS
    | {Right.CAMERAS_PROBE, Right.OUTAGES_ACKNOWLEDGE, Right.MAINTENANCE_PLAN},
    RoleName.OFFICER: _READS
    | {
        Right.GRANTS_EDIT,
        Right.FLEET_IMPORT,
        Right.FLEET_EDIT,
        Right.AUDIT_READ,
        Right.OUTAGES_JUDGE,
        Right.MAINTENANCE_PLAN,
    },
    RoleName.ADMINISTRATOR: frozenset(Right),
}

SHORTEST = 12
LONGEST = 256
FEWEST_DIFFERENT = 6
STRENGTH_BITS = 79
# Size of the alphabet that each kind of character adds: the CNIL counts 37
# special characters on a French keyboard.
ALPHABETS = ((string.ascii_lowercase, 26), (string.ascii_uppercase, 26), (string.digits, 10))
SPECIALS = 37

ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """Return every right that one of these roles grants; an unknown role grants none."""
    known = {role.value for role in RoleName}
    return frozenset(
        right.value for role in roles if role in known for right in RIGHTS[RoleName(role)]
    )


def role_problems(role: str) -> tuple[Problem, ...]:
    """Return why a role cannot be given, or nothing."""
    known = [each.value for each in RoleName]
    return () if role in known else (Problem("role", "role", role, {"known": ", ".join(known)}),)


def normalise_address(email: str) -> str:
    """Bring an address to the form in which it is kept and looked up."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def address_problems(email: str) -> tuple[Problem, ...]:
    """
    Return why an address cannot name an account, or nothing.

    It is a name to sign in with and nothing is sent there: the domain of an office
    network, which no public rule knows, will do.
    """
    known = ADDRESS.fullmatch(normalise_address(email))
    return () if known else (Problem("email", "email", email),)


def normalise_password(password: str) -> str:
    """Bring a password to one form (NFKD), whichever keyboard it was typed on."""
    return unicodedata.normalize("NFKD", password)


def password_problems(password: str, *, email: str = "", name: str = "") -> tuple[Problem, ...]:
    """
    Return why a password is too weak, or nothing.

    CNIL, délibération 2022-100 of 21 July 2022, first case (a password alone): 80
    bits, which its own examples meet with 12 characters of all four kinds, 14
    without special ones, or a sentence of seven words. Its arithmetic is followed
    (length times the bits of the alphabet, 79.5 for 12 of 99), and on top a
    password may neither hold the account's own words nor repeat few characters.
    """
    text = normalise_password(password)
    if len(text) < SHORTEST:
        return (Problem("password_short", "password", parameters={"least": str(SHORTEST)}),)
    if len(text) > LONGEST:
        return (Problem("password_long", "password", parameters={"most": str(LONGEST)}),)
    if _strength_bits(text) < STRENGTH_BITS or len(set(text)) < FEWEST_DIFFERENT:
        return (Problem("password_weak", "password"),)
    if any(part in text.casefold() for part in _own_words(email, name)):
        return (Problem("password_personal", "password"),)
    return ()


def _strength_bits(text: str) -> float:
    alphabet = sum(size for letters, size in ALPHABETS if any(each in letters for each in text))
    if any(all(each not in letters for letters, _size in ALPHABETS) for each in text):
        alphabet += SPECIALS
    return len(text) * math.log2(max(alphabet, 1))


def _own_words(email: str, name: str) -> Iterable[str]:
    shortest_telling = 4
    words = [email.partition("@")[0], *name.split()]
    return (word.casefold() for word in words if len(word) >= shortest_telling)
