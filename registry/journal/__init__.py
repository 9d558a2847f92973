"""
The journal: who changed what, when, from where, from what to what, and why.

An entry is written in the transaction of the change it tells of. It carries its
place in the chain and the digest of the entry before, so that one taken out, put in
or altered breaks the chain; `docs/journal.md` says how others recompute it. The
subject of an entry is a plain word (`grant:23-00012`, `site:59054-01`, `camera:5`),
never a foreign key: the journal outlives what it tells of.
"""

from registry.journal.checking import Fault, Verification, first_broken_link, verify
from registry.journal.models import JournalEntry, JournalHead
from registry.journal.writing import (
    ORIGIN,
    Change,
    Channel,
    Origin,
    append,
    come_from,
    gathering,
    sign,
    write,
)

__all__ = [
    "ORIGIN",
    "Change",
    "Channel",
    "Fault",
    "JournalEntry",
    "JournalHead",
    "Origin",
    "Verification",
    "append",
    "come_from",
    "first_broken_link",
    "gathering",
    "sign",
    "verify",
    "write",
]
