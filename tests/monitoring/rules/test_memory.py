"""What one probe learns is known to the next."""

from dataclasses import replace
from datetime import timedelta

import pytest

from probes.verdict import Authentication, Health, Issue, Verdict
from registry.monitoring.rules import Scheduled
from registry.monitoring.rules.memory import Memory, learned, needs_proof
from tests.monitoring.telling import NOON, UNIT

CHANGED_AT = NOON - timedelta(days=3)
REFUSED = Memory(Authentication.FAILED, refused_credential_at=CHANGED_AT)
PROVEN = Memory(Authentication.VERIFIED, NOON - timedelta(hours=1))


def answer(health: Health = Health.UP, **said: object) -> Scheduled:
    """Return a verdict of noon on a camera whose credential travelled."""
    verdict = replace(Verdict(1, NOON, health), **said)  # type: ignore[arg-type]  # any field
    return Scheduled(verdict, 60, CHANGED_AT, proving=True)


@pytest.mark.parametrize(
    ("memory", "proving"),
    [
        (Memory(), True),
        (PROVEN, False),
        (Memory(Authentication.VERIFIED, NOON - timedelta(hours=24)), True),
        (Memory(Authentication.VERIFIED, CHANGED_AT - timedelta(seconds=1)), True),
    ],
)
def test_a_credential_is_proven_at_first_daily_and_after_a_change(
    memory: Memory, *, proving: bool
) -> None:
    """A proof costs the device a refusal, so it is asked for no more than needed."""
    assert needs_proof(memory, CHANGED_AT, at=NOON) is proving


def test_a_refusal_is_remembered_with_what_it_said() -> None:
    """Cameras lock accounts: one refusal is enough, until the credential changes."""
    refusal = answer(
        authentication=Authentication.FAILED,
        issues=frozenset({Issue.CLOCK_SKEW, Issue.AUTH_LOCKED}),
    )

    memory = learned(PROVEN, refusal)

    assert (memory.authentication, memory.refused_credential_at) == ("failed", CHANGED_AT)
    assert (memory.refusal, memory.verified_at) == ("auth_locked", PROVEN.verified_at)


@pytest.mark.parametrize("health", [Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN])
def test_silence_says_nothing_of_a_credential(health: Health) -> None:
    """What was refused stays refused, whatever becomes of the link."""
    memory = learned(REFUSED, answer(health))

    assert replace(memory, silent_since=None) == REFUSED


def test_a_login_that_passes_is_a_proof_only_if_it_was_answered() -> None:
    """One lost packet must not leave a good credential unverified, nor an old proof renewed."""
    passed = answer(authentication=Authentication.VERIFIED, identity=UNIT)
    unanswered = answer(authentication=Authentication.UNVERIFIED)

    assert learned(REFUSED, passed) == Memory(Authentication.VERIFIED, NOON)
    assert learned(PROVEN, unanswered).verified_at == PROVEN.verified_at


def test_a_device_is_silent_from_its_first_failure_to_its_first_answer() -> None:
    """What failed on our side neither begins nor ends it."""
    silent = learned(Memory(), answer(Health.DOWN))
    later = replace(answer(Health.UNREACHABLE).verdict, at=NOON + timedelta(minutes=1))

    assert silent.silent_since == NOON
    assert learned(silent, Scheduled(later, 60)).silent_since == NOON
    assert learned(silent, answer(Health.UNKNOWN)).silent_since == NOON
    assert learned(silent, answer(Health.UP)).silent_since is None
    assert learned(Memory(), answer(Health.UNKNOWN)).silent_since is None
