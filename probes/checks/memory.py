"""Remembers what each device last said it is, so that the same answer is not read again."""

from enum import Enum, auto
from typing import NamedTuple

from probes.checks.findings import compare
from probes.onvif.reply import Fault, Named, Other, read_identity
from probes.target import Basis
from probes.verdict import Identity, Issue

# As many devices as one engine ever probes; 360 bytes each (measured).
_MOST_DEVICES = 1 << 17
# Most of a reply is the same from all devices of a make, and kept once: 1 MB at most.
_MOST_OPENINGS = 256
_LONGEST_OPENING = 4096
_FIRST_VALUE = b"Manufacturer"


class Scheme(Enum):
    """How a device wants to be logged in to; the token is what all are tried with first."""

    TOKEN = auto()
    DIGEST = auto()
    TEXT = auto()


class Known(NamedTuple):
    """
    A device's last sound identity, and what comparing it with the register gave.

    Its whole answer was `opening`, shared by a make, and a rest that gives the `mark`
    together with what it was compared with.
    """

    opening: bytes
    mark: int
    identity: Identity
    compared: Issue | None

    @property
    def named(self) -> Named:
        """The answer, as it was read."""
        return Named(self.identity)


class Memory:
    """The last sound identity of each device, found by its whole answer."""

    def __init__(self, most: int = _MOST_DEVICES) -> None:
        """Know nobody yet; keep at most so many, and forget the longest known first."""
        self._most = most
        self._known: dict[int, Known] = {}
        self._openings: dict[bytes, bytes] = {}
        self._schemes: dict[int, Scheme] = {}

    def scheme(self, key: int) -> Scheme:
        """Give the scheme by which the device with this key last let us in."""
        return self._schemes.get(key, Scheme.TOKEN)

    def note_scheme(self, key: int, scheme: Scheme) -> None:
        """Keep the scheme that has just worked; the usual one needs no memory."""
        if scheme is Scheme.TOKEN or len(self._schemes) >= self._most:
            self._schemes.pop(key, None)
        else:
            self._schemes[key] = scheme

    def read(self, key: int, body: bytes, basis: Basis) -> Named | Fault | Other:
        """
        Read the answer to GetDeviceInformation of the device with this key.

        Raises:
            Unusable: It is no ONVIF answer.
        """
        known = self.recall(key, body, basis)
        if known is not None:
            return known.named
        said = read_identity(body)
        if isinstance(said, Named) and not said.broken:
            self.learn(key, body, said, basis)
        return said

    def recall(self, key: int, body: bytes, basis: Basis) -> Known | None:
        """Give what is known of a device that answers, and is expected, as before."""
        known = self._known.get(key)
        if known is None:
            return None
        opening = known.opening
        # Python's hash of bytes is keyed anew in each process: no device can
        # make another answer look like its last one.
        if body.startswith(opening) and _mark(body, opening, basis) == known.mark:
            return known
        return None

    def learn(self, key: int, body: bytes, named: Named, basis: Basis) -> Known:
        """Keep what a device says of itself from now on; forget the longest known for it."""
        opening, identity = self._opening(body), named.identity
        compared = compare(basis, identity)
        known = Known(opening, _mark(body, opening, basis), identity, compared)
        if key not in self._known and len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[key] = known
        return known

    def _opening(self, body: bytes) -> bytes:
        """Give what stands before the first value, in the one copy of its make."""
        opening = body[: min(max(body.find(_FIRST_VALUE), 0), _LONGEST_OPENING)]
        if len(self._openings) >= _MOST_OPENINGS and opening not in self._openings:
            return b""
        return self._openings.setdefault(opening, opening)


def _mark(body: bytes, opening: bytes, basis: Basis) -> int:
    """Give the number by which an answer and what is expected are known again."""
    return hash((body[len(opening) :], basis))
