"""A restart forgets nothing of what earlier probes learned."""

from dataclasses import replace

from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Issue
from registry.monitoring.queries.memories import read_memories
from registry.monitoring.rules.memory import Memory, learned
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.agenda.cameras import CHANGED_AT
from tests.monitoring.telling import NOON, told


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
