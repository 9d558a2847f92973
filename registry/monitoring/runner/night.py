"""When in the night a device is asked at length."""

from collections.abc import Iterable, Mapping
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

    def turns(
        self, cameras: Iterable[int], tried: Mapping[int, datetime], *, at: datetime
    ) -> list[int]:
        """
        Return the cameras whose turn of this night has come and was not taken yet.

        A fleet of 100,000 is looked through in a tenth of a second: the night is dated
        once, and what is left for each camera is a look-up and a hash.
        """
        began = self.began_at(at)
        if began is None:
            return []
        gone = (at - began) / self.length
        return [
            camera_id
            for camera_id in cameras
            if share(b"inventory:%d" % camera_id) <= gone
            and ((tried_at := tried.get(camera_id)) is None or tried_at < began)
        ]
