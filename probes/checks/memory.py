"""Remembers what each device last said it is, so that the same answer is not read again."""

from typing import NamedTuple

from probes.checks.findings import compare
from probes.onvif.reply import Fault, Named, Other, read_identity
from probes.target import Basis
from probes.verdict import Issue

# As many devices as one engine ever probes; 500 bytes each (measured).
_MOST_DEVICES = 1 << 17


class Known(NamedTuple):
    """A device's last sound identity, the hash of its answer, and what comparing it gave."""

    mark: int
    named: Named
    basis: Basis | None
    compared: Issue | None


class Memory:
    """The last sound identity of each device, found by a hash of the whole answer."""

    def __init__(self, most: int = _MOST_DEVICES) -> None:
        """Know nobody yet; keep at most so many, and forget the longest known first."""
        self._most = most
        self._known: dict[int, Known] = {}

    def read(self, key: int, body: bytes) -> Named | Fault | Other:
        """
        Read the answer to GetDeviceInformation of the device with this key.

        Raises:
            Unusable: It is no ONVIF answer.
        """
        # Python's hash of bytes is keyed anew in each process: no device can
        # make another answer look like its last one.
        mark = hash(body)
        known = self._known.get(key)
        if known is not None and known.mark == mark:
            return known.named
        said = read_identity(body)
        if isinstance(said, Named) and not said.broken:
            self._keep(key, Known(mark, said, None, None))
        return said

    def recall(self, key: int, body: bytes, basis: Basis) -> Known | None:
        """Give what is known of a device that answers as before, compared with what is expected."""
        known = self._known.get(key)
        if known is None or known.mark != hash(body):
            return None
        if known.basis != basis:
            compared = compare(basis, known.named.identity)
            known = Known(known.mark, known.named, basis, compared)
            self._known[key] = known
        return known

    def learn(self, key: int, body: bytes, named: Named, basis: Basis) -> Known:
        """Keep what a device says of itself from now on."""
        known = Known(hash(body), named, basis, compare(basis, named.identity))
        self._keep(key, known)
        return known

    def _keep(self, key: int, known: Known) -> None:
        """Keep a device, and forget the longest known where there are too many."""
        if key not in self._known and len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[key] = known
