"""
Judges what a device answered: the rules of the health check, whoever asks.

The quick way and the thorough way of asking share them, so that a camera gets
the same verdict by both.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from probes.onvif.reply import Clock, Named
from probes.target import Basis, Target
from probes.verdict import Authentication, Identity, Issue, firmware_changed, mismatch


@dataclass(slots=True)
class Findings:
    """What has been found so far; it outlives a probe that is cut short."""

    answered: bool = False
    issues: set[Issue] = field(default_factory=set)
    authentication: Authentication = Authentication.NONE
    clock_offset_seconds: float | None = None
    identity: Identity | None = None
    certificate: str = ""
    certificate_until: datetime | None = None
    detail: str = ""

    def note_clock(
        self, clock: Clock, midpoint: float, *, slack: float, max_skew_seconds: float
    ) -> None:
        """
        Judge the device's clock against ours.

        Args:
            clock: What it answered.
            midpoint: Halfway between our question and its answer.
            slack: Half the length of that journey: a slow answer was written at
                any time of it, and slowness is no skew.
            max_skew_seconds: A clock further off than this is an issue.
        """
        if clock.broken:
            self.issues.add(Issue.XML_BROKEN)
        if clock.at is not None:
            self.clock_offset_seconds = round(clock.at - midpoint, 3)
        if not clock.valid:
            self.issues.add(Issue.CLOCK_INVALID)
        elif abs(self.clock_offset_seconds or 0.0) > max_skew_seconds + slack:
            self.issues.add(Issue.CLOCK_SKEW)

    def note_identity(self, named: Named, compared: Issue | None) -> None:
        """Keep who answers, and what came of comparing it with the registered device."""
        self.answered = True
        self.identity = named.identity
        if named.broken:
            self.issues.add(Issue.XML_BROKEN)
        if compared is not None:
            self.issues.add(compared)

    def note_login(self, target: Target, *, refused_bare: bool, open_to_all: bool) -> None:
        """
        Say what a login that passes is worth.

        Args:
            target: Whom it was sent to, and what an earlier probe proved there.
            refused_bare: The same question was refused without credentials.
            open_to_all: It was answered without.
        """
        if open_to_all:
            self.issues |= {Issue.ANONYMOUS_ACCESS, Issue.AUTH_UNVERIFIED}
            self.authentication = Authentication.UNVERIFIED
        elif refused_bare:
            self.authentication = Authentication.VERIFIED
        else:
            self.authentication = remembered(target)
            if target.authentication_known == Authentication.UNVERIFIED:
                self.issues.add(Issue.AUTH_UNVERIFIED)

    def note_latch(self, target: Target) -> None:
        """Repeat what the device said of credentials that are not sent to it any more."""
        self.issues.add(Issue(target.refusal))
        self.authentication = Authentication.FAILED


def remembered(target: Target) -> Authentication:
    """Give what an earlier probe proved; nothing proven is unverified."""
    if target.authentication_known == Authentication.VERIFIED:
        return Authentication.VERIFIED
    return Authentication.UNVERIFIED


def compare(basis: Basis, seen: Identity) -> Issue | None:
    """Compare the device that answers with the registered one."""
    expected, inventory_mac, common = basis
    if expected is None or expected == seen:
        return None
    if mismatch(expected, replace(seen, mac=inventory_mac), common=common):
        return Issue.IDENTITY_MISMATCH
    return Issue.FIRMWARE_CHANGED if firmware_changed(expected, seen) else None
