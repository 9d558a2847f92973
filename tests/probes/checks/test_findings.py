"""What a device answered is judged by a few rules, whoever asked."""

import pytest

from probes.checks.findings import Findings, compare, remembered
from probes.onvif.reply import Clock, Named
from probes.target import Target
from probes.verdict import Authentication, Identity, Issue

REGISTERED = Identity("Axis", "P3245", "11.9", "B8A44F0001")


@pytest.mark.parametrize(
    ("clock", "slack", "offset", "issues"),
    [
        (Clock(1000.0), 0.0, 0.0, set()),
        (Clock(1005.0), 0.0, 5.0, set()),
        (Clock(995.0), 0.0, -5.0, set()),
        (Clock(1005.5), 0.0, 5.5, {Issue.CLOCK_SKEW}),
        (Clock(1005.5), 1.0, 5.5, set()),
        (Clock(1000.0, broken=True), 0.0, 0.0, {Issue.XML_BROKEN}),
        (Clock(0.0, valid=False), 0.0, -1000.0, {Issue.CLOCK_INVALID}),
        (Clock(None, valid=False), 0.0, None, {Issue.CLOCK_INVALID}),
    ],
)
def test_a_clock_is_judged_against_the_middle_of_its_journey(
    clock: Clock, slack: float, offset: float | None, issues: set[Issue]
) -> None:
    """A slow answer was written at any time of it: slowness is no skew."""
    found = Findings()

    found.note_clock(clock, 1000.0, slack=slack, max_skew_seconds=5.0)

    assert (found.clock_offset_seconds, found.issues) == (offset, issues)


@pytest.mark.parametrize(
    ("seen", "issue"),
    [
        (REGISTERED, None),
        (Identity("Axis", "P3245", "11.9", "b8-a4-4f-0001"), None),
        (Identity("Axis", "P3245", "12.0", "B8A44F0001"), Issue.FIRMWARE_CHANGED),
        (Identity("Axis", "P3245", "11.9", "B8A44F0002"), Issue.IDENTITY_MISMATCH),
        (Identity("Axis", "P3245", "12.0", "B8A44F0002"), Issue.IDENTITY_MISMATCH),
    ],
)
def test_the_device_that_answers_is_compared_with_the_registered_one(
    seen: Identity, issue: Issue | None
) -> None:
    """Another unit is an alarm, another firmware is news, another spelling is nothing."""
    assert compare((REGISTERED, "", frozenset()), seen) is issue
    assert compare((None, "", frozenset()), seen) is None


@pytest.mark.parametrize(
    ("known", "refused_bare", "open_to_all", "authentication", "issues"),
    [
        ("none", True, False, "verified", set()),
        ("none", False, False, "unverified", set()),
        ("verified", False, False, "verified", set()),
        ("unverified", False, False, "unverified", {Issue.AUTH_UNVERIFIED}),
        (
            "verified",
            False,
            True,
            "unverified",
            {Issue.AUTH_UNVERIFIED, Issue.ANONYMOUS_ACCESS},
        ),
    ],
)
def test_a_login_is_worth_what_has_been_proven(
    known: str, authentication: str, issues: set[Issue], *, refused_bare: bool, open_to_all: bool
) -> None:
    """That it passes proves nothing, unless the bare question is refused."""
    target = Target(1, "10.0.0.1", username="admin", authentication_known=known)
    found = Findings()

    found.note_login(target, refused_bare=refused_bare, open_to_all=open_to_all)

    assert found.authentication is Authentication(authentication)
    assert found.issues == issues
    assert remembered(target) in {Authentication.VERIFIED, Authentication.UNVERIFIED}


def test_an_identity_answers_for_the_device() -> None:
    """Whoever names itself is alive, in broken XML too."""
    found = Findings()

    found.note_identity(Named(REGISTERED, broken=True), Issue.IDENTITY_MISMATCH)

    assert found.answered
    assert found.identity == REGISTERED
    assert found.issues == {Issue.XML_BROKEN, Issue.IDENTITY_MISMATCH}
