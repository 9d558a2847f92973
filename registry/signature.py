"""Who changes something, when and why: what forms and the API hand down with every change."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.clock import paris_day
from registry.errors import Problem

LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Signature:
    """Who changes something (the journal's word for them), at which instant, and why."""

    actor: str
    at: datetime
    reason: str = ""

    @property
    def today(self) -> date:
        """The day of the signature in metropolitan France."""
        return paris_day(self.at)

    def problems(self) -> tuple[Problem, ...]:
        """Ask for a reason: money, identity and dates do not change without one."""
        said = self.reason.strip()
        if not said:
            return (Problem("required", "reason"),)
        if len(said) > LONGEST_REASON:
            return (Problem("text.long", "reason", said, {"longest": str(LONGEST_REASON)}),)
        return ()
