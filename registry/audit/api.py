"""The API's audit: the journal, and what stands against grants."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import Flask, current_app, g
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types

from registry.audit.queries.findings import findings
from registry.audit.rules import RuleId, Severity, Thresholds
from registry.audit.rules.wording import sentence, source
from registry.journal import JournalEntry
from registry.web.access import current_session
from registry.web.render import language
from registry.web.rest import (
    Fields,
    Id,
    Moment,
    Reckoned,
    Resource,
    Text,
    WordOf,
    columns_of,
    mount,
    mount_reckoned,
    rows_of,
)

LONGEST = 100_000_000


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Return what the API serves of the audit."""
    return (mount(JOURNAL), mount_reckoned(FINDINGS, _findings))


def settle(app: Flask, *, thresholds: Thresholds) -> None:
    """Tell the application how long its audit waits before it finds fault."""
    app.extensions["vigiparc.thresholds"] = thresholds


class FindingsAsked(Fields):
    """Which findings: of one grant, one rule, one weight."""

    grant = Text(60, least=1, metadata={"description": "The file number of a grant"})
    rule = WordOf(RuleId)
    severity = WordOf(Severity)


class FindingShown(Fields):
    """One fault of one grant, as the audit finds it now."""

    rule = WordOf(RuleId)
    severity = WordOf(Severity)
    grant = Text(60)
    sentence = Text(LONGEST, metadata={"description": "In your language"})
    source = Text(LONGEST, metadata={"description": "The law or the text it stands on"})


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
FINDINGS = Reckoned(
    name="findings",
    title="Findings of the audit",
    asked=FindingsAsked,
    shown=FindingShown,
    reads="audit.read",
)


def _findings(asked: Mapping[str, Any]) -> list[dict[str, object]]:
    thresholds: Thresholds = current_app.extensions["vigiparc.thresholds"]
    found = findings(current_session(), at=g.now, thresholds=thresholds)
    return [
        {
            "rule": each.rule,
            "severity": each.severity,
            "grant": each.grant,
            "sentence": sentence(each, language()),
            "source": source(each, language()),
        }
        for each in found
        if all(getattr(each, name) == word for name, word in asked.items())
    ]
