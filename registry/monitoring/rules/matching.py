"""Which registered position a device belongs to that was found on the network."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from probes.verdict import is_placeholder, normalise_mac, normalise_serial

Key = TypeVar("Key")
# The last twelve digits of a version 1 UUID are the MAC of who made it (RFC 4122);
# many makes put theirs there whatever the version.
_UUID_NODE = re.compile(r"(?i)^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-([0-9a-f]{12})$")
_SCOPE = re.compile(r"(?i)/(?:mac|macaddress)/([0-9a-f:.\-]{12,17})$")


class Whereabouts(StrEnum):
    """What the register knows of a device that was found."""

    KNOWN = "known"
    MOVED = "moved"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Position:
    """One registered position, with what its unit is known by, and where it is said to be."""

    camera_id: int
    site: str
    label: str
    host: str
    port: int
    serial: str
    macs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One device that was found: where it may be asked, and what it is known by."""

    places: tuple[tuple[str, int], ...]
    serial: str = ""
    macs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """
    What became of one sighting.

    `by` is `serial`, `mac` or `address`, empty where nothing matched; a device that is
    known by its address alone has not said who it is.
    """

    whereabouts: Whereabouts
    position: Position | None = None
    by: str = ""


class Matcher:
    """Finds the position of a device, by what nobody else shares."""

    def __init__(self, positions: Iterable[Position]) -> None:
        """Index the positions; what two of them share names neither."""
        everyone = list(positions)
        self._by_serial = _unique(
            (normalise_serial(each.serial), each)
            for each in everyone
            if not is_placeholder(each.serial)
        )
        self._by_mac = _unique(
            (bare, each) for each in everyone for mac in each.macs if (bare := normalise_mac(mac))
        )
        self._by_place = _unique(((each.host, each.port), each) for each in everyone if each.host)

    def find(self, sighting: Sighting) -> Match:
        """
        Match one device: by its serial, else by a MAC, else by where it stands.

        Another serial at a registered address is not that camera: an unknown device.
        """
        for by, position in self._named(sighting):
            place = (position.host, position.port)
            here = Whereabouts.KNOWN if place in sighting.places else Whereabouts.MOVED
            return Match(here, position, by)
        if is_placeholder(sighting.serial) and not any(map(normalise_mac, sighting.macs)):
            for place in sighting.places:
                if place in self._by_place:
                    return Match(Whereabouts.KNOWN, self._by_place[place], "address")
        return Match(Whereabouts.UNKNOWN)

    def _named(self, sighting: Sighting) -> Iterable[tuple[str, Position]]:
        serial = normalise_serial(sighting.serial)
        if not is_placeholder(sighting.serial) and serial in self._by_serial:
            yield "serial", self._by_serial[serial]
        for mac in map(normalise_mac, sighting.macs):
            if mac in self._by_mac:
                yield "mac", self._by_mac[mac]


def macs_told(endpoint: str, scopes: Sequence[str]) -> tuple[str, ...]:
    """Read the MACs that a device lets slip before anybody logs in."""
    node = _UUID_NODE.match(endpoint)
    scoped = (_SCOPE.search(each) for each in scopes)
    told = [*(each[1] for each in scoped if each), *([node[1]] if node else [])]
    return tuple(dict.fromkeys(filter(None, map(normalise_mac, told))))


def _unique(pairs: Iterable[tuple[Key, Position]]) -> dict[Key, Position]:
    """Index by key, and leave out what several positions share."""
    found: dict[Key, Position] = {}
    shared: set[Key] = set()
    for key, position in pairs:
        if key in found and found[key] != position:
            shared.add(key)
        found[key] = position
    return {key: position for key, position in found.items() if key not in shared}
