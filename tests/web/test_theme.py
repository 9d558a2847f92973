"""Every colour is legible on every ground that it may stand on, by day and by night."""

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[2] / "registry/web/static/vigiparc.css").read_text(encoding="utf-8")
TEXT, MARKS = 4.5, 3.0

GROUNDS = ("paper", "grey")
WORDS = (
    "ink",
    "muted",
    "accent",
    "up",
    "degraded",
    "down",
    "unreachable",
    "unknown",
    "maintenance",
)
LOOK = {
    "light": {
        "up": "#1a7f5a",
        "degraded": "#9a6700",
        "down": "#b3261e",
        "unreachable": "#7a3e9d",
        "unknown": "#57606a",
        "maintenance": "#0b5cad",
        "accent": "#0b3d91",
    },
    "dark": {
        "up": "#4cc38a",
        "degraded": "#e0b040",
        "down": "#ff8a80",
        "unreachable": "#c79be0",
        "unknown": "#9aa4ae",
        "maintenance": "#79b8ff",
        "accent": "#79b8ff",
    },
}


def palette(theme: str) -> dict[str, str]:
    """Return the custom properties of a theme."""
    light, rest = SHEET.split("@media (prefers-color-scheme: dark)", 1)
    dark, printed = rest.split("@media print", 1)
    block = {"light": light, "dark": dark, "print": printed}[theme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    return {**palette("light"), **colours} if theme == "print" else colours


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_itself() -> None:
    """Black on white is 21 to 1, a colour on itself 1 to 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("word", WORDS)
def test_words_are_legible(theme: str, ground: str, word: str) -> None:
    """4.5 to 1 at least, as RGAA 3.2 asks of text."""
    colours = palette(theme)

    assert contrast(colours[word], colours[ground]) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_what_stands_on_colour_is_legible(theme: str) -> None:
    """The main button and the banner of the demonstration."""
    colours = palette(theme)

    assert contrast(colours["on-banner"], colours["banner"]) >= TEXT
    if theme != "print":
        assert contrast(colours["on-accent"], colours["accent"]) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edges_of_fields_can_be_seen(theme: str, ground: str) -> None:
    """3 to 1 at least, as RGAA 3.3 asks of what one acts on."""
    colours = palette(theme)

    assert contrast(colours["edge"], colours[ground]) >= MARKS


def test_boxes_to_tick_have_the_edge_of_fields() -> None:
    """Bootstrap draws them in a line that is there to part, not to be found."""
    boxes = SHEET.split("\n.form-check-input {", 1)[1].split("}", 1)[0]

    assert "border-color: var(--edge);" in boxes


def test_no_rule_is_given_twice() -> None:
    """Two things of one name would be laid out as the later of them: it has happened."""
    plain = re.sub(
        r"/\*.*?\*/|@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", SHEET, flags=re.DOTALL
    )
    names = [" ".join(each.split()) for each in re.findall(r"([^{}]+)\{", plain)]

    assert [each for each in set(names) if names.count(each) > 1] == [":root"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states_have_the_colours_that_were_agreed(theme: str) -> None:
    """A state has the same colour on every page and in every chart."""
    colours = palette(theme)

    assert {name: colours[name] for name in LOOK[theme]} == LOOK[theme]


def test_colours_stand_in_the_palette_only() -> None:
    """A colour written in a rule would escape the test above."""
    rules = re.sub(r"--[a-z-]+: #[0-9a-f]{6};", "", SHEET)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == []
