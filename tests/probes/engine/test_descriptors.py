"""Descriptors: raised where the system lets us, else fewer probes at once."""

import resource

import pytest

from probes.engine.descriptors import SPARE, afford, share

NO_LIMIT = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "expected"),
    [
        (1024, 1 << 20, (1000 + SPARE, 1000)),
        (1024, NO_LIMIT, (1000 + SPARE, 1000)),
        (4096, 4096, (4096, 1000)),
        (1024, 1024, (1024, 1024 - SPARE)),
        (100, 100, (100, 1)),
        # Minus one in Python: taken for a small number, it would be lowered to what is needed.
        (NO_LIMIT, NO_LIMIT, (NO_LIMIT, 1000)),
    ],
)
def test_a_thousand_probes_have_what_the_system_gives(
    soft: int, hard: int, expected: tuple[int, int]
) -> None:
    """The soft limit is raised as far as the hard one lets it; then fewer fly at once."""
    assert share(1000, soft=soft, hard=hard) == expected


def test_the_limit_of_this_process_is_raised() -> None:
    """A shell's limit of 1,024 is a default, not a decision."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (700, hard))

        assert afford(600) == 600

        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (600 + SPARE, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_too_low_a_limit_is_said_with_the_setting(caplog: pytest.LogCaptureFixture) -> None:
    """Who wonders why fewer probes fly finds both numbers in the log."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert afford(1 << 30) < 1 << 30
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert f"{1 << 30} probes at once (probes.in_flight)" in caplog.text
