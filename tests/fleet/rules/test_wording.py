"""Problems in words: both languages, every code, no value that is secret."""

import re
from pathlib import Path

import pytest

from registry.errors import Problem
from registry.fleet import rules
from registry.fleet.rules import COLUMNS, describe, place
from registry.fleet.rules.wording import _SENTENCES, expectation

FOLDERS = (Path(rules.__file__).parent, Path(rules.__file__).parents[1] / "service")
SHEETS = Path(rules.__file__).parents[2] / "sheets.py"


def codes() -> set[str]:
    """Return every code that the import can raise or remark."""
    texts = [path.read_text(encoding="utf-8") for each in FOLDERS for path in each.glob("*.py")]
    texts.append(SHEETS.read_text(encoding="utf-8"))
    pattern = re.compile(r'(?:Problem\(|_refusal\(name, |Unreadable\(cell, )\s*"([a-z._]+)"')
    found = {code for text in texts for code in pattern.findall(text)}
    return found | {column.expected for column in COLUMNS} - {"text"}


def money_codes() -> set[str]:
    """Return every code that funding can refuse a listed row with."""
    funding = Path(rules.__file__).parents[2] / "funding"
    written = (
        "service/grants",
        "service/payments",
        "service/plans",
        "rules/payments",
        "rules/plan",
    )
    texts = [(funding / f"{each}.py").read_text(encoding="utf-8") for each in written]
    pattern = re.compile(r'Problem\(\s*"([a-z._]+)"')
    found = {code for text in texts for code in pattern.findall(text)}
    # Of a payment that is taken out, which no list does.
    return found - {"payment.has_papers"}


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_has_its_words(code: str) -> None:
    """Nobody is left with a code in place of a sentence."""
    assert code in _SENTENCES


@pytest.mark.parametrize("code", sorted(money_codes()))
def test_every_refusal_of_money_has_its_words(code: str) -> None:
    """A list of grants, co-funders or payments meets the services of funding."""
    assert code in _SENTENCES


@pytest.mark.parametrize("code", sorted(_SENTENCES))
def test_both_languages_say_the_same_parameters(code: str) -> None:
    """What one language quotes, the other quotes too."""
    french, english = (set(re.findall(r"\{(\w+)\}", text)) for text in _SENTENCES[code])

    assert french == english


def test_a_problem_reads_as_an_expectation() -> None:
    """The value that was refused, then what would have been right."""
    problem = Problem("date", "F!B2", "hier", {"column": "Date délibération"})

    assert describe(problem) == "« hier » : attendu : une date jj/mm/aaaa"
    assert describe(problem, "en") == "“hier”: expected: a date dd/mm/yyyy"
    assert describe(problem, quoted=False) == "attendu : une date jj/mm/aaaa"


def test_an_unknown_code_suggests_the_commune_that_was_meant() -> None:
    """With a hint when there is one, without a dangling question when there is none."""
    hinted = Problem("insee.unknown", "F!A1", "59504", {"near": "59054 Bavinchove"})
    bare = Problem("insee.unknown", "F!A1", "13999", {"near": ""})

    assert describe(hinted).endswith("ce code ; vouliez-vous dire 59054 Bavinchove ?")
    assert describe(hinted, "en").endswith("this code; did you mean 59054 Bavinchove?")
    assert describe(bare).endswith("aucune commune ne porte ce code")


def test_a_remark_says_for_how_many_rows_it_holds() -> None:
    """Said once, with the number of rows, when it holds for several."""
    note = Problem("insee.former", "F!A1", "59070", {"read": "59006 L’Orée", "rows": "3"})

    assert describe(note) == "« 59070 » : ancien code : rattaché à 59006 L’Orée (3 lignes)"
    assert describe(note, "en").endswith("(3 rows)")


def test_a_value_that_stands_in_the_sentence_is_not_said_twice() -> None:
    """An unknown column is named by its sentence."""
    problem = Problem("column.unknown", "F!A1", "Sérei", {"nearest": "N° de série"})

    assert describe(problem) == "colonne inconnue « Sérei » ; la plus proche est « N° de série »"


def test_an_unforeseen_code_comes_back_as_itself() -> None:
    """Better a bare code than silence."""
    assert describe(Problem("something.new")) == "something.new"


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Gares!B12", ("Gares", "B12")),
        ("A!B!C3", ("A!B", "C3")),
        ("x.csv", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_place_is_sheet_and_cell(where: str, found: tuple[str, str]) -> None:
    """A whole file has neither; a sheet's name may hold the mark itself."""
    assert place(Problem("date", where)) == found


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_every_column_says_what_it_expects(column: rules.Column, language: str) -> None:
    """The notice of the template leaves no column unexplained."""
    words = expectation(column, language)

    assert words
    assert "{" not in words
