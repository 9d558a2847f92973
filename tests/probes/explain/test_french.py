"""The French words are complete."""

from probes.explain import english, french
from probes.verdict import Authentication, Health, Issue, Reason


def test_every_code_has_its_words() -> None:
    """A code without words would show as a bare identifier on a page."""
    assert set(french.HINTS) == {*Reason, *Issue}
    assert set(french.HEALTHS) == set(Health)
    assert set(french.AUTHENTICATIONS) == set(Authentication)


def test_every_hint_is_whole_sentences() -> None:
    """What was seen, and what to check first: both end as sentences do."""
    texts = [text for pair in french.HINTS.values() for text in pair]

    assert all(text[0].isupper() and text[-1] in ".?" for text in texts)


def test_both_languages_speak_of_the_same_things() -> None:
    """A label or a step that one language lacks would fail on the page."""
    assert set(french.LABELS) == set(english.LABELS)
    assert set(french.STEPS) == set(english.STEPS)
    assert set(french.STAGES) == set(english.STAGES)
    assert set(french.HINTS) == set(english.HINTS)


def test_no_two_codes_say_the_same() -> None:
    """Each code is an errand of its own, in both languages; none was left untranslated."""
    for words in (french, english):
        assert len({what for what, _ in words.HINTS.values()}) == len(words.HINTS)
    assert not set(french.HINTS.values()) & set(english.HINTS.values())
