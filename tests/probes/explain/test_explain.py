"""A verdict is put into words that help."""

from datetime import UTC, datetime

import pytest

from probes.explain import Trace, explain, hint, seen
from probes.verdict import Authentication, Health, Identity, Issue, Reason, Verdict

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_an_outage_says_what_was_seen_and_what_to_check_first() -> None:
    """A technician reads the cause and the first gesture, in that order."""
    verdict = Verdict(1, NOON, Health.DOWN, Reason.CONNECT_REFUSED)

    lines = explain(verdict, "en")

    assert lines[0] == "The camera does not answer."
    assert lines[1] == f"Seen: {seen(Reason.CONNECT_REFUSED, 'en')} (connect_refused)"
    assert lines[2] == f"Check first: {hint(Reason.CONNECT_REFUSED, 'en')}"


def test_an_up_camera_tells_its_issues_and_facts() -> None:
    """A degraded camera is up, and the text says both."""
    verdict = Verdict(
        1,
        NOON,
        Health.UP,
        reachable=True,
        issues=frozenset({Issue.CLOCK_SKEW}),
        authentication=Authentication.VERIFIED,
        clock_offset_seconds=-437.2,
        identity=Identity("Axis", "P3245", "10.12", "B8A4"),
    )

    text = "\n".join(explain(verdict, "fr"))

    assert text.startswith("La caméra répond.")
    assert "(clock_skew)" in text
    assert "Horloge : -437.2 s" in text
    assert "Appareil : Axis P3245, 10.12, B8A4" in text


def test_the_steps_are_told_with_their_times() -> None:
    """Each step, how long it took, and what was seen."""
    trace = Trace(keep=True)
    trace.spend("connect", 0.012)
    trace.note("login", 0.2, seen="HTTP 400 NotAuthorized")

    lines = explain(Verdict(1, NOON, Health.UP), "en", trace=trace)

    assert lines[-3] == "Steps: in their order, with the time that each took"
    assert lines[-2].split() == ["1.", "12.0", "ms", "connected"]
    assert lines[-1].endswith(
        "200.0 ms  asked who it is, with a signed token (HTTP 400 NotAuthorized)"
    )


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("dns", "looked up"),
        ("connect", "connection"),
        ("tls", "encryption"),
        ("first_byte", "first byte"),
        ("body", "within the answer"),
    ],
)
def test_a_probe_that_failed_says_where_it_stood(stage: str, words: str) -> None:
    """The last line is the place at which it came to nothing."""
    trace = Trace(keep=True, stage=stage)
    trace.note("retry", 1.0, seen="connect_timeout")

    lines = explain(Verdict(1, NOON, Health.DOWN, Reason.CONNECT_TIMEOUT), "en", trace=trace)

    assert lines[-1].startswith("It stopped: ")
    assert words in lines[-1]
    assert lines[-1].endswith("(connect_timeout)")


def test_an_answer_that_came_whole_is_where_the_probe_stopped() -> None:
    """The link did its part; what it brought is the trouble."""
    trace = Trace(keep=True, stage="body")
    trace.note("clock", 0.1, seen="HTTP 200")

    lines = explain(Verdict(1, NOON, Health.DOWN, Reason.NOT_ONVIF), "en", trace=trace)

    assert lines[-1] == "It stopped: at what it answered (not_onvif)"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_a_device_said_is_quoted_without_credentials(language: str) -> None:
    """It may repeat what it was sent."""
    trace = Trace(keep=True, secret="word-of-the-camera")
    trace.note("login", 0.1, seen="you sent word-of-the-camera")
    verdict = Verdict(1, NOON, Health.DOWN, Reason.NOT_ONVIF, detail="<p>response=0a4f113b</p>")

    text = "\n".join(explain(verdict, language, trace=trace))

    assert "word-of-the-camera" not in text
    assert "0a4f113b" not in text
    assert "<p>response=***</p>" in text


@pytest.mark.parametrize("language", ["fr", "fr_FR", "fr-FR", "de", ""])
def test_french_is_the_language_where_none_is_known(language: str) -> None:
    """The pages of a French authority never fall back to another language."""
    assert hint(Issue.SLOW, language) == hint(Issue.SLOW, "fr")
    assert hint(Issue.SLOW, "en_GB") == hint(Issue.SLOW, "en")
