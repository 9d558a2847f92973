"""Reads the journal for people: a page of lines, each with what it changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.queries import names_of
from registry.fleet.models import Camera, Site
from registry.journal import JournalEntry

LINES = 50
LONGEST_NUMBER = 18  # what both databases take as a number of their own
SUBJECT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are asked for; empty words ask for all."""

    subject: str = ""
    actor: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that changed, as it was and as it is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal, with its author's name where it has one."""

    id: int
    at: datetime
    actor: str
    name: str
    origin: str
    action: str
    subject: str
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Some lines, the newest first, and where the older ones begin."""

    lines: Sequence[Line]
    older: int | None


def journal_page(session: Session, wanted: Wanted, *, before: int | None = None) -> JournalPage:
    """
    Return the newest lines, or those older than a place: two SELECTs.

    A camera costs a third: its history holds the lines under its number and those of
    before, under the label that it has.
    """
    question = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(LINES + 1)
    if wanted.subject:
        question = question.where(JournalEntry.subject.in_(_names(session, wanted.subject)))
    for name in ("actor", "action"):
        if word := getattr(wanted, name):
            question = question.where(getattr(JournalEntry, name) == word)
    if before is not None:
        question = question.where(JournalEntry.id < before)
    found = session.scalars(question).all()
    shown = found[:LINES]
    names = names_of(session, {each.actor for each in shown})
    lines = [_line(each, names) for each in shown]
    return JournalPage(lines, shown[-1].id if len(found) > LINES else None)


def _names(session: Session, subject: str) -> set[str]:
    """Return what the journal has called a subject: cameras once went by site and label."""
    kind, _, named = subject.partition(":")
    if kind != "camera":
        return {subject}
    question = select(Camera.id, Site.public_id, Camera.label).join(Camera.site)
    site, slash, label = named.partition("/")
    if slash:
        question = question.where(Site.public_id == site, Camera.label == label)
    elif named.isascii() and named.isdecimal() and len(named) <= LONGEST_NUMBER:
        question = question.where(Camera.id == int(named))
    else:
        return {subject}
    found = session.execute(question).one_or_none()
    if found is None:
        return {subject}
    labelled = f"camera:{found.public_id}/{found.label}"[:SUBJECT_LENGTH]
    return {subject, f"camera:{found.id}", labelled}


def _line(entry: JournalEntry, names: Mapping[str, str]) -> Line:
    origin = " ".join(word for word in (entry.channel, entry.address) if word)
    before, after = _read(entry.before), _read(entry.after)
    return Line(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        name=names.get(entry.actor, entry.actor),
        origin=origin,
        action=entry.action,
        subject=entry.subject,
        reason=entry.reason,
        changes=tuple(
            Change(name, before.get(name, ""), after.get(name, ""))
            for name in sorted(before.keys() | after.keys())
            # What a new thing leaves empty is no change.
            if before.get(name, "") != after.get(name, "")
        ),
    )


def _read(text: str) -> dict[str, str]:
    """Return the values of one side, each as a text of one line."""
    values = json.loads(text) if text else {}
    return {name: _short(value) for name, value in values.items()}


def _short(value: object) -> str:
    longest = 200
    if value is None or value == []:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else f"{text[:longest]}…"
