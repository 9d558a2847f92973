"""What is planned at a site stands in one list, as it stands."""

from sqlalchemy.orm import Session

from registry.monitoring.queries.maintenance import windows_of
from registry.monitoring.service import cancel_maintenance, enter_maintenance
from tests import factories
from tests.monitoring.telling import at_minute

DAY = 1_440


def test_windows_are_listed_with_their_state(session: Session) -> None:
    """The latest first; one that ended a month ago is no longer shown."""
    site = factories.make_site(session)
    made = [
        enter_maintenance(
            session,
            site.id,
            starts_at=at_minute(first),
            ends_at=at_minute(first + 60),
            reason="test",
            actor="user:1",
            at=at_minute(0),
        )
        for first in (DAY, 5, -90, 2 * DAY, -31 * DAY)
    ]
    cancel_maintenance(session, made[3].id, why="test", actor="user:1", at=at_minute(1))

    lines = windows_of(session, site.id, at=at_minute(30))

    assert [(line.state, line.late) for line in lines] == [
        ("cancelled", False), ("to_come", False), ("running", False), ("past", True),
    ]  # fmt: skip
