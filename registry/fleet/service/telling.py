"""Tells the journal what an import did: to each thing, and with which file."""

import hashlib
from collections.abc import Iterator

from registry.fleet.service.register import Register
from registry.fleet.service.report import ImportReport
from registry.journal import Change

# How the services name what they do to one thing by hand: an import does no other.
_TABLES = {"grant": "grant", "site": "sites", "camera": "cameras"}


def told_of_things(register: Register) -> Iterator[Change]:
    """Give what was made, and then what was changed; a file says why where nobody does."""
    for subject, values in register.created.items():
        yield Change(_action(subject, "create"), subject, after=values, reason=register.reason)
    for subject, values in register.after.items():
        before = register.before.get(subject)
        yield Change(_action(subject, "edit"), subject, before, values, register.reason)


def told_of_file(name: str, content: bytes, report: ImportReport, reason: str) -> Change:
    """Return the entry of the file itself: its digest, and the counts of its rows."""
    after = {"sha256": hashlib.sha256(content).hexdigest(), "counts": report.counts()}
    return Change("fleet.import", f"file:{name}"[:120], after=after, reason=reason)


def _action(subject: str, verb: str) -> str:
    return f"{_TABLES[subject.partition(':')[0]]}.{verb}"
