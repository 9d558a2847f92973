"""The English words are complete."""

from probes.explain import english
from probes.verdict import Authentication, Health, Issue, Reason


def test_every_code_has_its_words() -> None:
    """A code without words would show as a bare identifier on a page."""
    assert set(english.HINTS) == {*Reason, *Issue}
    assert set(english.HEALTHS) == set(Health)
    assert set(english.AUTHENTICATIONS) == set(Authentication)


def test_every_hint_is_whole_sentences() -> None:
    """What was seen, and what to check first: both end as sentences do."""
    texts = [text for pair in english.HINTS.values() for text in pair]

    assert all(text[0].isupper() and text[-1] in ".?" for text in texts)
