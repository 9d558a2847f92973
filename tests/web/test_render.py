"""Instants, durations, money and ratios as French and English readers write them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from registry.web import render

NARROW, HARD = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@pytest.fixture
def french(app: Flask) -> Iterator[None]:
    """Be a French reader."""
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        yield


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    """Be an English reader."""
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.mark.usefixtures("french")
def test_instants_are_written_in_full_in_paris_time() -> None:
    """Winter and summer time, and the first of a month."""
    winter = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)

    assert render.when(winter) == f"lundi 23 novembre 2026 à 14{HARD}h{HARD}05"
    assert render.when(summer) == f"jeudi 2 juillet 2026 à 0{HARD}h{HARD}30"
    assert render.long_day(date(2026, 12, 1)) == "mardi 1er décembre 2026"
    assert render.short_when(winter) == f"23/11/2026{HARD}14{HARD}h{HARD}05"


@pytest.mark.usefixtures("english")
def test_instants_in_english() -> None:
    """The same instant, the same Paris clock, in English words."""
    instant = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)

    assert render.when(instant) == "Monday 23 November 2026 at 14:05"


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (11_520, "3 h 12"),
        (3_600, "1 h 00"),
        (2 * 86_400 + 4 * 3_600, "2 j 4 h"),
    ],
)
def test_durations_name_their_two_largest_units(seconds: int, words: str) -> None:
    """A length of time is as precise as a reader needs it."""
    assert render.duration(seconds).replace(HARD, " ") == words


@pytest.mark.usefixtures("english")
def test_durations_in_english() -> None:
    """Hours and minutes carry their units."""
    assert render.duration(11_520).replace(HARD, " ") == "3 h 12 min"
    assert render.duration(100_000).replace(HARD, " ") == "1 d 3 h"


@pytest.mark.usefixtures("french")
def test_money_is_written_with_french_separators() -> None:
    """Thousands by a narrow space, decimals by a comma."""
    assert render.euros(2_160_000) == f"21{NARROW}600,00{HARD}€"
    assert render.euros(5) == f"0,05{HARD}€"


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(99_996, 100_000, "99,99"), (1, 1, "100,00"), (0, 7, "0,00"), (2, 3, "66,66")],
)
def test_percentages_are_rounded_down(part: int, whole: int, words: str) -> None:
    """99.996 % never becomes 100 %."""
    assert render.percent(part, whole) == f"{words}{HARD}%"


@pytest.mark.usefixtures("english")
def test_percentages_in_english() -> None:
    """A point, and no space before the sign."""
    assert render.percent(9_984, 10_000) == "99.84%"


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.5, "depuis 30 min"),
        (1, "depuis cet après-midi"),
        (5, "depuis ce matin"),
        (12, "depuis cette nuit"),
        (20, "depuis hier"),
        (24 * 7, "depuis lundi 16 novembre 2026"),
    ],
)
def test_people_say_since_this_morning(now: datetime, hours: float, words: str) -> None:
    """From 13 h in Paris, back by minutes, the part of the day, yesterday, or a day."""
    said = render.since_phrase(now - timedelta(hours=hours), now)

    assert said.replace(HARD, " ") == words


@pytest.mark.usefixtures("french")
def test_a_code_without_words_is_shown_as_it_is() -> None:
    """A new code from the monitor never breaks a page."""
    assert render.word("down", "state") == "Hors service"
    assert render.word("brand_new", "state") == "brand_new"


@pytest.mark.parametrize(
    ("asked", "language"),
    [("fr", "fr"), ("en-US,en;q=0.9", "en"), ("de", "fr"), ("", "fr"), ("en;q=0.2,fr", "fr")],
)
def test_the_language_is_the_browsers_wish(app: Flask, asked: str, language: str) -> None:
    """Neither French nor English gives the language that is set, French by default."""
    with app.test_request_context(headers={"Accept-Language": asked} if asked else {}):
        assert render.language() == language
