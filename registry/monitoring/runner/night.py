"""When in the night a device is asked at length."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from registry.clock import PARIS
from registry.monitoring.agenda.pace import share


@dataclass(frozen=True, slots=True)
class Night:
    """
    The hours of Paris in which inventories are taken, spread by a hash of the camera.

    A night may go past midnight (22 to 4); equal hours are a whole day.
    """

    from_hour: int
    until_hour: int

    def began_at(self, at: datetime) -> datetime | None:
        """Return when the night that holds an instant began; none by day."""
        local = at.astimezone(PARIS)
        for day in (local.date(), local.date() - timedelta(days=1)):
            start = datetime.combine(day, time(), PARIS) + timedelta(hours=self.from_hour)
            if start <= local < start + self.length:
                return start.astimezone(at.tzinfo)
        return None

    @property
    def length(self) -> timedelta:
        """How long a night is."""
        return timedelta(hours=(self.until_hour - self.from_hour) % 24 or 24)

    def is_turn(self, camera_id: int, *, tried_at: datetime | None, at: datetime) -> bool:
        """Tell whether a camera's turn of this night has come and was not taken yet."""
        began = self.began_at(at)
        if began is None or (tried_at is not None and tried_at >= began):
            return False
        return at >= began + share(b"inventory:%d" % camera_id) * self.length
