"""How long the audit waits."""

from registry.audit.rules import Thresholds
from registry.settings import Settings


def test_the_default_is_that_of_the_settings(settings: Settings) -> None:
    """One figure, whoever asks."""
    assert settings.audit.silent_days == Thresholds().silent_days
