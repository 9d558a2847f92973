"""Planned time is entered, changed and cancelled, and what it was is never lost."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Conflict, Invalid, NotFound
from registry.journal import JournalEntry
from registry.monitoring.models import MaintenanceVersion, MaintenanceWindow, StaleDay
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.service import (
    cancel_maintenance,
    change_maintenance,
    enter_maintenance,
)
from registry.monitoring.uptime import HOUR, Span
from tests import factories
from tests.monitoring.telling import NOON, at_minute

HERE = int(NOON.timestamp())
WHOLE = Span(HERE - 10 * HOUR, HERE + 10 * HOUR)


def entered(
    session: Session, first: float, last: float, *, at: datetime = NOON
) -> MaintenanceWindow:
    """Enter a window of a new site, in minutes from noon."""
    return enter_maintenance(
        session,
        factories.make_site(session).id,
        starts_at=at_minute(first),
        ends_at=at_minute(last),
        reason="Remplacement du mât",
        actor="user:3",
        at=at,
    )


def changed(
    session: Session, window: MaintenanceWindow, first: float, last: float, *, at: datetime
) -> None:
    """Give a window other hours."""
    change_maintenance(
        session,
        window.id,
        starts_at=at_minute(first),
        ends_at=at_minute(last),
        reason=window.reason,
        why="Nacelle en retard",
        actor="user:4",
        at=at,
    )


def planned(session: Session, window: MaintenanceWindow, *, on_time: bool = False) -> set[int]:
    """Return the planned minutes of a site, from noon."""
    spans = planned_spans(session, WHOLE, on_time=on_time).of(window.site_id, 0)
    return {(each - HERE) // 60 for span in spans for each in range(span.start, span.end, 60)}


def last_entry(session: Session) -> JournalEntry:
    """Return the youngest entry of the journal."""
    return session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()  # type: ignore[return-value]


def test_maintenance_is_entered_and_journaled(session: Session) -> None:
    """Planned time names its author and its reason, in whole seconds."""
    site = factories.make_site(session)

    window = enter_maintenance(
        session,
        site.id,
        starts_at=NOON + timedelta(microseconds=5),
        ends_at=at_minute(60),
        reason=" Remplacement du mât ",
        actor="user:3",
        at=NOON,
    )

    assert (window.starts_at, window.ends_at) == (NOON, at_minute(60))
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.action, entry.subject) == ("maintenance.enter", f"site:{site.public_id}")
    assert entry.reason == window.reason == "Remplacement du mât"


@pytest.mark.parametrize(("reason", "code"), [(" ", "required"), ("x" * 201, "too_long")])
def test_an_empty_window_and_an_unfit_reason_are_refused_together(
    session: Session, reason: str, code: str
) -> None:
    """Every problem is told at once, and a reason that is too long is not called missing."""
    site = factories.make_site(session)

    with pytest.raises(Invalid) as caught:
        enter_maintenance(
            session, site.id, starts_at=NOON, ends_at=NOON, reason=reason, actor="user:3", at=NOON
        )

    found = [(problem.where, problem.code) for problem in caught.value.problems]
    assert found == [("ends_at", "after_start"), ("reason", code)]
    assert session.scalars(select(MaintenanceWindow)).all() == []


def test_maintenance_of_another_sites_camera_is_refused(session: Session) -> None:
    """A window belongs to a site, and to a camera of that site."""
    camera, other = factories.make_camera(session), factories.make_site(session)

    for site_id, camera_id in ((other.id, camera.id), (4711, None)):
        with pytest.raises(NotFound):
            enter_maintenance(
                session,
                site_id,
                camera_id=camera_id,
                starts_at=NOON,
                ends_at=at_minute(5),
                reason="test",
                actor="user:3",
                at=NOON,
            )


def test_a_change_keeps_what_was(session: Session) -> None:
    """The window has its new hours, its version the old ones, the journal both and the reason."""
    window = entered(session, 60, 120)

    changed(session, window, 90, 150, at=at_minute(5))

    assert planned(session, window) == set(range(90, 150))
    assert (window.author, window.entered_at) == ("user:4", at_minute(5))
    version = session.scalars(select(MaintenanceVersion)).one()
    assert (version.starts_at, version.ends_at) == (at_minute(60), at_minute(120))
    assert (version.author, version.entered_at, version.replaced_at) == (
        "user:3", NOON, at_minute(5),
    )  # fmt: skip
    entry = last_entry(session)
    assert (entry.action, entry.subject) == ("maintenance.change", f"maintenance:{window.id}")
    assert entry.reason == "Nacelle en retard"
    assert "2026-11-23 13:00:00" in str(entry.before)
    assert "2026-11-23 13:30:00" in str(entry.after)


def test_a_change_that_changes_nothing_leaves_no_trace(session: Session) -> None:
    """Whoever saves without a change has not entered anything."""
    window = entered(session, 60, 120)

    changed(session, window, 60, 120, at=at_minute(5))

    assert window.entered_at == NOON
    assert session.scalars(select(MaintenanceVersion)).all() == []


def test_only_what_nobody_had_announced_is_late(session: Session) -> None:
    """A window made longer after the fact is late by what was added, and by no second more."""
    window = entered(session, 10, 30, at=at_minute(-5))

    changed(session, window, 10, 60, at=at_minute(50))

    assert planned(session, window) == set(range(10, 60))
    assert planned(session, window, on_time=True) == {*range(10, 30), *range(50, 60)}


def test_what_was_announced_and_given_up_is_not_planned(session: Session) -> None:
    """A window that is moved away counts nowhere but where it stands now."""
    window = entered(session, 10, 30, at=at_minute(-5))

    changed(session, window, 100, 120, at=at_minute(50))

    assert planned(session, window) == set(range(100, 120))
    assert planned(session, window, on_time=True) == set(range(100, 120))


def test_what_was_given_up_in_time_and_entered_again_afterwards_is_late(session: Session) -> None:
    """Whoever read the plan while it passed found another one."""
    window = entered(session, 10, 30, at=at_minute(-9))
    changed(session, window, 70, 80, at=at_minute(5))

    changed(session, window, 10, 30, at=at_minute(50))

    assert planned(session, window) == set(range(10, 30))
    assert planned(session, window, on_time=True) == set()


def test_the_days_before_and_after_a_change_are_stale(session: Session) -> None:
    """Neither what lost planned time nor what gained it may be read from the rollups."""
    window = entered(session, 60, 120)
    session.query(StaleDay).delete()

    changed(session, window, 60 - 3 * 1440, 120 - 3 * 1440, at=at_minute(5))

    days = set(session.scalars(select(StaleDay.starts_at)))
    assert len(days) == 2
    session.query(StaleDay).delete()
    cancel_maintenance(session, window.id, why="Erreur", actor="user:4", at=at_minute(6))
    assert len(session.scalars(select(StaleDay)).all()) == 1


@pytest.mark.parametrize(("first", "last"), [(60, 120), (-120, -60), (0, 60), (-60, 0)])
def test_a_cancelled_window_stays_and_counts_no_longer(
    session: Session, first: float, last: float
) -> None:
    """One to come, one that was entered in error, one that begins or ends this very second."""
    window = entered(session, first, last, at=at_minute(-1))

    cancel_maintenance(session, window.id, why="Reporté", actor="user:4", at=NOON)

    assert planned(session, window) == set()
    assert session.scalars(select(MaintenanceWindow)).one().cancelled_by == "user:4"
    entry = last_entry(session)
    assert (entry.action, entry.reason) == ("maintenance.cancel", "Reporté")
    assert entry.before is not None


def test_a_window_that_runs_is_ended_early(session: Session) -> None:
    """What was worked stays planned, and stays announced on time."""
    window = entered(session, 10, 60)

    cancel_maintenance(session, window.id, why="Fini", actor="user:4", at=at_minute(40))

    assert window.cancelled_at is None
    assert planned(session, window) == planned(session, window, on_time=True)
    assert planned(session, window) == set(range(10, 40))
    assert last_entry(session).action == "maintenance.cut"


def test_what_is_cancelled_is_not_touched_again(session: Session) -> None:
    """The second is told so; a window that was never there cannot be changed."""
    window = entered(session, 60, 120)
    cancel_maintenance(session, window.id, why="Reporté", actor="user:4", at=at_minute(1))

    with pytest.raises(Conflict):
        cancel_maintenance(session, window.id, why="Reporté", actor="user:5", at=at_minute(2))
    with pytest.raises(Conflict):
        changed(session, window, 70, 120, at=at_minute(2))
    with pytest.raises(NotFound):
        cancel_maintenance(session, 4711, why="Reporté", actor="user:5", at=at_minute(2))


def test_no_change_without_a_reason(session: Session) -> None:
    """Neither a change nor a cancellation; nor may a change empty the window."""
    window = entered(session, 60, 120)

    with pytest.raises(Invalid) as caught:
        cancel_maintenance(session, window.id, why=" ", actor="user:4", at=at_minute(1))
    with pytest.raises(Invalid) as empty:
        changed(session, window, 60, 60, at=at_minute(1))

    assert [each.where for each in caught.value.problems] == ["why"]
    assert [each.where for each in empty.value.problems] == ["ends_at"]
    assert window.cancelled_at is None
    assert planned(session, window) == set(range(60, 120))
