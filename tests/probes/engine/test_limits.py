"""The limits are sane as they come."""

from probes.engine import Limits


def test_the_two_attempts_fit_into_a_targets_time() -> None:
    """Two silent connections and the pause between end before the default deadline."""
    limits = Limits()

    assert 2 * limits.connect_seconds + limits.retry_pause_seconds < 10


def test_plain_http_is_not_flagged_unasked() -> None:
    """Nearly every camera speaks it."""
    assert not Limits().flag_plain_http
