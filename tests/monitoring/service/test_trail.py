"""At most one open row, however many changes a batch holds."""

from registry.monitoring.service.trail import Trail


def test_a_change_goes_to_the_row_that_is_open() -> None:
    """Before a new row it is the one in the database, afterwards the new one."""
    trail = Trail()

    trail.change(ended_at=5)
    trail.open(started_at=5)
    trail.change(ended_at=9, note="end")
    trail.open(started_at=9)

    assert trail.ended == {"ended_at": 5}
    assert trail.rows == [
        {"started_at": 5, "ended_at": 9, "note": "end"},
        {"started_at": 9, "ended_at": None},
    ]
