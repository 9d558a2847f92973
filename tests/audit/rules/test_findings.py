"""What a finding carries."""

from datetime import UTC, date, datetime

from registry.audit.rules import Evidence


def test_evidence_becomes_plain_values() -> None:
    """An instant keeps its zone, a day is a day, and nothing is nothing."""
    instant = datetime(2026, 11, 23, 12, tzinfo=UTC)

    told = [
        Evidence("camera", "a", instant).to_dict(),
        Evidence("authorisation", "b", date(2026, 1, 1)).to_dict(),
        Evidence("grant", "c").to_dict(),
    ]

    assert [each["at"] for each in told] == ["2026-11-23T12:00:00+00:00", "2026-01-01", None]
    assert told[0]["kind"] == "camera"
