"""Keeps what a probe met on its way, for its times and for a reader."""

from dataclasses import dataclass, field

from probes.explain.redaction import redacted
from probes.verdict import sanitise


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a probe did: its code, how long it took, what was seen."""

    code: str
    seconds: float
    seen: str = ""


@dataclass(slots=True)
class Trace:
    """
    Where a probe is, and what it has met.

    `stage` tells a timeout before the connection from one after it. The steps
    are kept only for a reader (`keep`): a fleet's probes have none. `secret` is
    the password of the camera, which no step may show. `logins` counts those that were
    sent in the whole cycle, answered or not: cameras lock accounts.
    """

    keep: bool = False
    stage: str = "dns"
    reachable: bool = False
    logins: int = 0
    phases: dict[str, float] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    secret: str = field(default="", repr=False)

    def spend(self, phase: str, seconds: float, *, seen: str = "") -> None:
        """Add to the time spent in a phase."""
        self.phases[phase] = self.phases.get(phase, 0.0) + seconds
        if self.keep:
            self.note(phase, seconds, seen=seen)

    def note(self, code: str, seconds: float = 0.0, *, seen: str = "") -> None:
        """Keep a step, if somebody will read it."""
        if self.keep:
            self.steps.append(Step(code, seconds, redacted(sanitise(seen), self.secret)))
