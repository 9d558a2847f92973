"""What the rules of the audit judge: plain facts, as the register and the probes hold them."""

from dataclasses import dataclass, field
from datetime import date, datetime

from registry.clock import paris_midnight
from registry.funding.rules import GrantStatus, Share, Terms


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """
    A position: what it is, since when, and when it last answered.

    `answered_at` is the last time that anything answered there, `identified_at` the
    last time that the registered unit said who it is. `mounted` tells whether a unit
    is declared there now.
    """

    name: str
    site_id: int
    grant_id: int | None
    camera_class: str
    commissioned_on: date | None
    retired_on: date | None
    mounted: bool
    answered_at: datetime | None
    identified_at: datetime | None

    def in_service(self, day: date) -> bool:
        """Tell whether the position was commissioned and not retired yet on a day."""
        begun = self.commissioned_on is not None and self.commissioned_on <= day
        return begun and (self.retired_on is None or day < self.retired_on)

    def installed(self, day: date) -> bool:
        """Tell whether a unit is declared at a position in service."""
        return self.mounted and self.in_service(day)

    @property
    def proven(self) -> bool:
        """Tell whether its unit has said who it is since the commissioning."""
        if self.identified_at is None or self.commissioned_on is None:
            return False
        return self.identified_at >= paris_midnight(self.commissioned_on)


@dataclass(frozen=True, slots=True)
class AuthorisationFacts:
    """A prefect's order: in force from the first to the last day, both included."""

    act_number: str
    decided_on: date
    expires_on: date
    counts: dict[str, int]
    site_ids: frozenset[int]

    def in_force(self, day: date) -> bool:
        """Tell whether the order holds on a day."""
        return self.decided_on <= day <= self.expires_on


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit that is or was mounted under a grant, by its serial as kept for comparison."""

    serial: str
    normalised_serial: str
    manufacturer: str
    grant_id: int
    camera: str
    mounted_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFacts:
    """
    A grant: its money, its rules, and what was counted for it; amounts in cents.

    `envelope_cents` is what was voted for its campaign in all, None where no vote is
    known; `drawn_cents` what grants took from it up to this one, in the order of their
    decisions.
    """

    grant_id: int
    file_number: str
    status: GrantStatus
    voted_cents: int
    paid_cents: int
    eligible_cents: int | None
    project_cents: int | None
    cameras_funded: int
    population: int | None
    population_year: int | None
    terms: Terms
    shares: tuple[Share, ...] = ()
    envelope_cents: int | None = None
    drawn_cents: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is judged together; `sites` gives the public name of each site."""

    grants: tuple[GrantFacts, ...]
    cameras: tuple[CameraFacts, ...] = ()
    authorisations: tuple[AuthorisationFacts, ...] = ()
    units: tuple[UnitFacts, ...] = ()
    sites: dict[int, str] = field(default_factory=dict)
