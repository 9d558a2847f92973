"""What an API token is made of, what it may be given, and from where it may be used."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from registry.accounts.rules.people import Right
from registry.errors import Problem

MARK = "vgp"
SHAPE = re.compile(rf"{MARK}_([a-z0-9]{{8}})_[A-Za-z0-9_-]{{43}}", re.ASCII)
LONGEST_LIFE = timedelta(days=366 * 2)
READS = frozenset({Right.SITES_READ, Right.GRANTS_READ, Right.AUDIT_READ})
PLACES = {
    "department": re.compile(r"\d[\dAB]\d?", re.ASCII),
    "commune": re.compile(r"\d[\dAB]\d{3}", re.ASCII),
    "epci": re.compile(r"\d{9}", re.ASCII),
}
NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """
    What somebody asks a token to be.

    `territory` holds words such as `department:59`, `commune:02691` or
    `epci:200067742`, none for everywhere; `networks` CIDR, none for anywhere.
    """

    name: str
    rights: tuple[str, ...]
    expires_at: datetime
    territory: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    read_only: bool = True


def hash_secret(token: str) -> str:
    """
    Return the SHA-256 (hex) under which a token is kept.

    A slow hash protects words that people choose; 256 bits of chance need none, and
    every request would pay for it.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def prefix_of(token: str) -> str:
    """Return the part that names a token, empty when it has not the shape of one."""
    match = SHAPE.fullmatch(token)
    return match[1] if match else ""


def may_come_from(networks: str, address: str) -> bool:
    """Tell whether a token with these networks may be used from an address."""
    allowed = networks.split()
    if not allowed:
        return True
    try:
        client = ip_address(address)
    except ValueError:
        return False
    client = getattr(client, "ipv4_mapped", None) or client
    return any(client in ip_network(each) for each in allowed)


def split_territory(words: str) -> dict[str, frozenset[str]]:
    """Return the codes of a territory by kind, without the kinds that it does not name."""
    found: dict[str, set[str]] = {}
    for each in words.split():
        kind, _, code = each.partition(":")
        found.setdefault(kind, set()).add(code)
    return {kind: frozenset(codes) for kind, codes in found.items()}


def order_problems(
    order: TokenOrder, *, rights: Iterable[str], at: datetime
) -> tuple[Problem, ...]:
    """
    Return why a token cannot be made, or nothing.

    Nobody gives what they do not have: `rights` are those of whoever asks.
    """
    problems = []
    if not order.name.strip() or len(order.name) > NAME_LENGTH:
        problems.append(Problem("length", "name", order.name[:40], {"most": str(NAME_LENGTH)}))
    held = sorted(rights)
    if not order.rights:
        problems.append(Problem("required", "rights"))
    known = {"known": ", ".join(held)}
    problems += [
        Problem("choice", "rights", right, known) for right in order.rights if right not in held
    ]
    if order.read_only:
        problems += [
            Problem("read_only", "rights", right)
            for right in order.rights
            if right in held and right not in READS
        ]
    if not at < order.expires_at <= at + LONGEST_LIFE:
        limit = {"most": str(LONGEST_LIFE.days)}
        problems.append(Problem("expiry", "expires_at", order.expires_at.isoformat(), limit))
    problems += [
        Problem("place", "territory", word) for word in order.territory if not _is_place(word)
    ]
    problems += [
        Problem("network", "networks", word) for word in order.networks if not _is_network(word)
    ]
    return tuple(problems)


def _is_place(word: str) -> bool:
    kind, _, code = word.partition(":")
    return kind in PLACES and PLACES[kind].fullmatch(code) is not None


def _is_network(word: str) -> bool:
    try:
        ip_network(word)
    except ValueError:
        return False
    return True
