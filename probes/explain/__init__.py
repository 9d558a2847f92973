"""
Puts a verdict into words: what was seen, and what to check first.

Codes stay codes in the register; words are chosen here, for the command line
and the pages, in French and English.
"""

from collections.abc import Iterator
from types import ModuleType

from probes.explain import english, french
from probes.explain.redaction import redacted
from probes.explain.trace import Step, Trace
from probes.verdict import Identity, Issue, Reason, Verdict

__all__ = ["Step", "Trace", "explain", "hint", "redacted", "seen"]

# The answer came whole: what it says is the trouble.
_ANSWERED = frozenset(
    {Reason.NOT_ONVIF, Reason.MALFORMED_XML, Reason.SOAP_FAULT, Reason.HTTP_STATUS, Reason.REDIRECT}
)
_LANGUAGES: dict[str, ModuleType] = {"fr": french, "en": english}


def seen(code: Reason | Issue | str, language: str = "fr") -> str:
    """Say in a sentence what a reason or an issue means."""
    return str(_words(language).HINTS[str(code)][0])


def hint(code: Reason | Issue | str, language: str = "fr") -> str:
    """Say in a sentence what to check first about a reason or an issue."""
    return str(_words(language).HINTS[str(code)][1])


def explain(verdict: Verdict, language: str = "fr", *, trace: Trace | None = None) -> list[str]:
    """
    Tell a technician what a probe found, line by line.

    Args:
        verdict: What it found.
        language: `fr` or `en`; any other is answered in French.
        trace: Adds each step and its time, if it kept them.
    """
    words = _words(language)
    colon = " : " if words is french else ": "
    return [
        f"{label}{colon}{text}" if label else text for label, text in _lines(verdict, words, trace)
    ]


def _words(language: str) -> ModuleType:
    """Choose the words of a language."""
    return _LANGUAGES.get(language.partition("_")[0].partition("-")[0], french)


def _lines(verdict: Verdict, words: ModuleType, trace: Trace | None) -> Iterator[tuple[str, str]]:
    """Give the lines of an explanation, each with its label."""
    labels = words.LABELS
    yield "", words.HEALTHS[verdict.health]
    if verdict.reason is not None:
        what, check = words.HINTS[verdict.reason]
        yield labels["seen"], f"{what} ({verdict.reason})"
        yield labels["check"], check
    for issue in sorted(verdict.issues):
        what, check = words.HINTS[issue]
        yield labels["issue"], f"{what} ({issue})"
        yield labels["check"], check
    if verdict.reason is None:
        yield labels["authentication"], words.AUTHENTICATIONS[verdict.authentication]
    if verdict.clock_offset_seconds is not None:
        yield labels["clock"], f"{verdict.clock_offset_seconds:+.1f} s"
    if verdict.identity is not None:
        yield labels["identity"], _described(verdict.identity)
    if verdict.detail:
        said = redacted(verdict.detail)
        yield labels["said"], f"« {said} »" if words is french else f'"{said}"'
    if trace is not None and trace.steps:
        yield from _steps(verdict, words, trace)


def _steps(verdict: Verdict, words: ModuleType, trace: Trace) -> Iterator[tuple[str, str]]:
    """Tell each step with its number and its time, and where a probe that failed stood."""
    yield words.LABELS["steps"], words.ORDER
    for number, step in enumerate(trace.steps, start=1):
        yield "", f"  {number:2}. {step.seconds * 1000:9.1f} ms  {_told(step, words)}"
    if verdict.reason is not None:
        stage = "answer" if verdict.reason in _ANSWERED else trace.stage
        yield words.LABELS["stopped"], f"{words.STAGES[stage]} ({verdict.reason})"


def _described(identity: Identity) -> str:
    """Name a device on one line."""
    named = " ".join(filter(None, (identity.manufacturer, identity.model)))
    return ", ".join(filter(None, (named, identity.firmware, identity.serial)))


def _told(step: Step, words: ModuleType) -> str:
    """Tell one step."""
    text = words.STEPS.get(step.code, step.code)
    return f"{text} ({step.seen})" if step.seen else text
