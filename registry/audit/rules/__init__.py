"""The rules of the audit: pure functions on frozen facts, each with its law and its proof."""

from collections.abc import Iterator
from datetime import date

from registry.audit.rules.facts import (
    AuthorisationFacts,
    CameraFacts,
    Facts,
    GrantFacts,
    UnitFacts,
)
from registry.audit.rules.findings import Evidence, Finding, RuleId, Severity
from registry.audit.rules.installed import (
    answering_without_authorisation,
    fewer_than_funded,
    more_than_authorised,
    never_answered,
)
from registry.audit.rules.money import (
    one_serial_under_two_grants,
    too_many_inhabitants,
    too_much_money,
)
from registry.audit.rules.thresholds import Thresholds
from registry.audit.rules.wording import sentence, source

__all__ = [
    "AuthorisationFacts",
    "CameraFacts",
    "Evidence",
    "Facts",
    "Finding",
    "GrantFacts",
    "RuleId",
    "Severity",
    "Thresholds",
    "UnitFacts",
    "judge",
    "sentence",
    "source",
]


def judge(facts: Facts, *, today: date, thresholds: Thresholds) -> tuple[Finding, ...]:
    """Return every finding on some facts, by grant and then by rule."""

    def found() -> Iterator[Finding]:
        yield from answering_without_authorisation(facts)
        yield from more_than_authorised(facts, today=today)
        yield from fewer_than_funded(facts, today=today)
        yield from never_answered(facts, today=today, thresholds=thresholds)
        yield from one_serial_under_two_grants(facts)
        yield from too_many_inhabitants(facts)
        yield from too_much_money(facts)

    # A stable sort: what one rule finds in one grant stays in its order.
    return tuple(sorted(found(), key=lambda each: (each.grant, each.rule)))
