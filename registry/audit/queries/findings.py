"""Answers what stands against a grant, or against any of them, at an instant."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from registry.audit.queries.facts import read_facts
from registry.audit.rules import Finding, Thresholds, judge
from registry.clock import paris_day
from registry.funding.models import Grant


def findings(
    session: Session, *, at: datetime, thresholds: Thresholds, grant: Grant | None = None
) -> tuple[Finding, ...]:
    """Judge one grant, or all of them, by grant and then by rule."""
    facts = read_facts(session, grant_ids=None if grant is None else [grant.id])
    found = judge(facts, today=paris_day(at), thresholds=thresholds)
    if grant is None:
        return found
    return tuple(each for each in found if each.grant == grant.file_number)


def counted(found: Iterable[Finding]) -> dict[tuple[str, str], int]:
    """Count findings by grant and rule."""
    return dict(Counter((each.grant, str(each.rule)) for each in found))
