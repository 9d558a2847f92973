"""The API's audit: the journal."""

from functools import cache

from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types

from registry.journal import JournalEntry
from registry.web.rest import Fields, Id, Moment, Resource, Text, columns_of, mount, rows_of

LONGEST = 100_000_000


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Return what the API serves of the audit."""
    return (mount(JOURNAL),)


class EntryShown(Fields):
    """One line of the journal, with what is needed to recompute its digest."""

    id = Id(metadata={"description": "The place in the chain"})
    at = Moment()
    actor = Text(120)
    channel = Text(20)
    address = Text(120)
    request_id = Text(64)
    action = Text(60)
    subject = Text(120, metadata={"description": "What it tells of, such as grant:23-00012"})
    before = Text(LONGEST, metadata={"description": "JSON of what changed, as it is digested"})
    after = Text(LONGEST, metadata={"description": "JSON of what changed, as it is digested"})
    reason = Text(LONGEST)
    previous_digest = Text(64)
    digest = Text(64)


JOURNAL = Resource(
    name="journal",
    title="The journal",
    model=JournalEntry,
    shown=EntryShown,
    columns=columns_of(EntryShown, JournalEntry),
    source=rows_of(JournalEntry),
    reads="audit.read",
    regional=False,
    sorts=("at",),
)
