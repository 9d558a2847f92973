"""What a batch must find in the standings, and what keeps a verdict from it."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health
from registry.monitoring.rules import Scheduled
from registry.monitoring.service.steady_terms import Terms, proves, refused_since, terms_of
from tests import factories
from tests.monitoring.service.test_verdicts import window
from tests.monitoring.telling import NOON, at_minute, told

FAILED = Authentication.FAILED


def terms_for(session: Session, batch: list[Scheduled]) -> Terms:
    """Return the terms of some verdicts, where nothing was rolled up yet."""
    return terms_of(session, batch, simulated=False, rolled_until=0)


def test_the_terms_reach_back_as_far_as_a_hold(session: Session) -> None:
    """An older verdict holds no longer: what it said has ended, whatever comes now."""
    early, late = told(1, 0), told(2, 3)
    terms = terms_for(session, [early, late])

    assert terms.instants == [int(at_minute(minute).timestamp()) for minute in (0, 3)]
    assert terms.earliest == terms.instants[0] - max(terms.holds)


def test_the_days_are_those_of_paris(session: Session) -> None:
    """A camera that ends its service at midnight in Paris is out of it from then on."""
    before = told(1, 10 * 60 + 58)
    after = told(1, 11 * 60 + 1)

    days = [terms_for(session, [each]).last_day for each in (before, after)]

    assert days == [date(2026, 11, 23), date(2026, 11, 24)]


def test_planned_time_is_that_of_the_batch(session: Session) -> None:
    """What ended before the oldest hold, or begins after the youngest, does not matter."""
    past, now, later = (factories.make_camera(session).site_id for _ in range(3))
    session.add_all([window(past, -30, -20), window(now, -1, 5), window(later, 60, 90)])
    session.flush()

    assert set(terms_for(session, [told(1, 0), told(2, 1)]).planned.sites) == {now}


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (told(1, 0, proving=True), True),
        (told(1, 0), False),
        (told(1, 0, proving=True, authentication=Authentication.NONE), False),
        (told(1, 0, Health.DOWN, proving=True), False),
    ],
)
def test_a_proof_is_that_of_a_login(each: Scheduled, *, expected: bool) -> None:
    """Where no login was asked for, or nobody answered, none was put to the proof."""
    assert proves(each) is expected


def test_a_credential_is_named_only_where_it_was_refused() -> None:
    """A login that works says nothing of the age of its credential."""
    refused = told(1, 0, authentication=FAILED, credential_changed_at=NOON)

    assert refused_since(refused) == NOON
    assert refused_since(told(1, 0, credential_changed_at=NOON)) is None
