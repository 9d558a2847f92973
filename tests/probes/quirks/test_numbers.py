"""Every point of the quirk list has a test that bears its number."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1]
# Points of real devices that a prober must be right about, counted from 1.
COUNT = 45


def test_every_number_has_its_test() -> None:
    """And no test bears a number that the list does not have."""
    texts = [each.read_text(encoding="utf-8") for each in FOLDER.rglob("test_*.py")]

    numbers = {int(each) for text in texts for each in re.findall(r"def test_q(\d\d)_", text)}

    assert numbers == set(range(1, COUNT + 1))
