"""What one probe learns is known to the next, a restart between them or not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Issue, Verdict
from registry.monitoring.agenda import Memory, read_memories
from registry.monitoring.agenda.memory import learned
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.agenda.cameras import (
    CAMERA,
    CHANGED_AT,
    agenda_of,
    first_errand,
)
from tests.monitoring.telling import NOON, UNIT, told


def test_a_refused_credential_is_not_sent_again_until_it_changes() -> None:
    """Cameras lock accounts: one refusal is enough."""
    agenda = agenda_of(CAMERA)
    errand = first_errand(agenda)
    assert errand.target.send_credentials
    refusal = Verdict(1, NOON, Health.UP, authentication=Authentication.FAILED)
    agenda.answered(refusal)
    agenda.hurry(1, at=NOON + timedelta(seconds=70))

    (again,), _ = agenda.due(at=NOON + timedelta(seconds=70))
    assert not again.target.send_credentials
    assert again.target.authentication_known == "failed"

    agenda.answered(Verdict(1, NOON + timedelta(seconds=70), Health.UP))
    changed = replace(CAMERA, credential_changed_at=NOON + timedelta(seconds=80))
    agenda.update([changed], {}, at=NOON + timedelta(seconds=81))
    assert first_errand(agenda, since=NOON + timedelta(seconds=90)).target.send_credentials


@pytest.mark.parametrize(
    ("memory", "proving"),
    [
        (Memory(), True),
        (Memory(Authentication.VERIFIED, NOON - timedelta(hours=1)), False),
        (Memory(Authentication.VERIFIED, NOON - timedelta(hours=25)), True),
        (Memory(Authentication.VERIFIED, CHANGED_AT - timedelta(seconds=1)), True),
    ],
)
def test_a_credential_is_proven_at_first_daily_and_after_a_change(
    memory: Memory, *, proving: bool
) -> None:
    """A proof costs the device a refusal, so it is asked for no more than needed."""
    errand = first_errand(agenda_of(CAMERA, memory=memory))

    assert errand.proving is errand.target.verify_authentication is proving


def test_a_proof_is_remembered() -> None:
    """What a probe has proven need not be proven by the next."""
    agenda = agenda_of(CAMERA)
    assert first_errand(agenda).proving
    passed = Verdict(1, NOON, Health.UP, authentication=Authentication.VERIFIED, identity=UNIT)

    scheduled = agenda.answered(passed)

    assert scheduled is not None
    assert (scheduled.proving, scheduled.credential_changed_at) == (True, CHANGED_AT)
    again = first_errand(agenda, since=NOON + timedelta(seconds=61))
    assert not again.proving
    assert again.target.authentication_known == "verified"


def test_a_proof_whose_login_got_no_answer_is_asked_for_again() -> None:
    """One lost packet must not leave a good credential unverified for a day."""
    agenda = agenda_of(CAMERA)
    assert first_errand(agenda).proving

    agenda.answered(Verdict(1, NOON, Health.UP, authentication=Authentication.UNVERIFIED))

    assert first_errand(agenda, since=NOON + timedelta(seconds=61)).proving


def test_memories_are_read_from_the_standings(session: Session) -> None:
    """A restart forgets neither a proof nor a refusal."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0, proving=True)], patience=2)

    assert read_memories(session) == {camera.id: Memory(Authentication.VERIFIED, NOON)}


def test_what_a_refusal_said_is_remembered_over_a_restart(session: Session) -> None:
    """A camera that knows only Basic is not said to have another password."""
    camera = factories.make_camera(session)
    refusal = told(camera.id, 0, issues=[Issue.AUTH_SCHEME_UNSUPPORTED, Issue.CLOCK_SKEW])
    refused = replace(refusal.verdict, authentication=Authentication.FAILED)
    refusal = replace(refusal, verdict=refused, credential_changed_at=CHANGED_AT)
    record(session, [refusal], patience=2)

    read = read_memories(session)[camera.id]

    assert read == learned(Memory(), refusal)
    assert (read.refusal, read.refused_credential_at) == ("auth_scheme_unsupported", CHANGED_AT)


def test_a_silence_is_remembered_over_a_restart(session: Session) -> None:
    """A dead camera is not hammered because the monitor was started anew."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, minute, Health.DOWN) for minute in (0, 1, 2)], patience=2)

    assert read_memories(session)[camera.id].silent_since == NOON
