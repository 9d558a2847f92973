"""Planted faults are found: each alone, all together, and nothing where there is none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.audit.queries import counted, findings
from registry.audit.rules import Thresholds
from registry.funding.models import Grant
from tests.audit.planting import FAULTS, MONEY, Field, Planted, clean_field
from tests.factories import make_camera, make_grant
from tests.web.visitors import counted_selects

LIMITS = Thresholds(silent_days=30)


def found(ground: Field, grant: Grant | None = None) -> set[Planted]:
    """Return what is found in a field, at its instant."""
    ground.session.flush()
    ground.session.expire_all()
    said = findings(ground.session, at=ground.now, thresholds=LIMITS, grant=grant)
    assert len(said) == len({(each.grant, each.rule, each.detail) for each in said})
    return {(each.grant, str(each.rule), each.detail) for each in said}


def both(planted: Planted) -> set[Planted]:
    """Return a fault where it is found: a serial under two grants is found under both."""
    grant, rule, detail = planted
    return {(grant, rule, detail)} | ({("23-2", rule, detail)} if rule == "A09" else set())


def test_nothing_is_found_where_nothing_was_planted(session: Session, now: datetime) -> None:
    """Two grants of live, authorised cameras, within every limit."""
    assert found(clean_field(session, now)) == set()


@pytest.mark.parametrize("plant", [*FAULTS, *MONEY], ids=lambda plant: plant.__name__)
def test_a_fault_planted_alone_is_found_alone(
    session: Session, now: datetime, plant: Callable[[Field], Planted]
) -> None:
    """That one, under its grant, and no other; the same for the one grant as for all."""
    ground = clean_field(session, now)

    planted = both(plant(ground))

    assert found(ground) == planted
    own = {each for each in planted if each[0] == "23-1"}
    assert found(ground, ground.one) == own
    assert found(ground, ground.other) == planted - own


def test_every_fault_planted_together_is_found(session: Session, now: datetime) -> None:
    """All of them at once, and none besides."""
    ground = clean_field(session, now)

    planted = set().union(*(both(plant(ground)) for plant in (*FAULTS, *MONEY)))

    assert {(grant, rule) for grant, rule, _ in planted} >= {("23-1", "A09"), ("23-2", "A09")}
    assert len(planted) == len(FAULTS) + len(MONEY) + 1
    assert found(ground) == planted


def test_findings_are_counted_by_grant_and_rule(session: Session, now: datetime) -> None:
    """What the metrics page shows."""
    ground = clean_field(session, now)
    for plant in FAULTS:
        plant(ground)
    session.flush()

    counts = counted(findings(session, at=now, thresholds=LIMITS))

    assert counts["23-1", "A01"] == 2
    assert counts["23-2", "A09"] == 1
    assert ("23-2", "A01") not in counts


def test_days_of_silence_are_for_the_authority_to_set(session: Session, now: datetime) -> None:
    """A camera commissioned on the first of January is silent for 326 days."""
    ground = clean_field(session, now)
    silent = next(plant for plant in FAULTS if plant.__name__ == "silent")
    silent(ground)
    session.flush()

    patient = replace(LIMITS, silent_days=327)
    assert findings(session, at=now, thresholds=patient) == ()
    assert len(findings(session, at=now, thresholds=replace(LIMITS, silent_days=326))) == 1


def test_every_grant_costs_the_same_number_of_selects(
    session: Session, engine: Engine, now: datetime
) -> None:
    """Two grants or twenty: the statements are the same."""
    ground = clean_field(session, now)
    session.commit()
    with counted_selects(engine) as few:
        findings(session, at=now, thresholds=LIMITS)
    for _ in range(20):
        make_camera(session, grant=make_grant(session, campaign=ground.one.campaign))
    session.commit()
    session.expire_all()

    with counted_selects(engine) as many:
        findings(session, at=now, thresholds=LIMITS)

    selects = [[each for each in said if each.startswith("SELECT")] for said in (few, many)]
    assert len(selects[1]) == len(selects[0]) <= 8
