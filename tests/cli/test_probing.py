"""`vigiparc probe`: what it answers, in words and in JSON."""

import json
from pathlib import Path

import pytest

from tests.cli.command import vigiparc


def test_probing_an_address_that_is_not_allowed_is_no_outage(tmp_path: Path) -> None:
    """Loopback is refused unless it is allowed: unknown, and nothing was dialled."""
    shown = vigiparc("probe", "--host", "127.0.0.1", "--port", "9", "--json", folder=tmp_path)

    verdict = json.loads(shown.stdout)
    assert (verdict["health"], verdict["reason"]) == ("unknown", "blocked_address")
    assert shown.returncode == 1


def test_probing_a_closed_port_says_what_to_check(tmp_path: Path) -> None:
    """`--explain` speaks to the technician, in the language of the terminal."""
    options = ("--host", "127.0.0.1", "--port", "9", "--allow", "127.0.0.0/8", "--explain")
    english = vigiparc("probe", *options, folder=tmp_path)
    french = vigiparc("probe", *options, folder=tmp_path, variables={"LANG": "fr_FR.UTF-8"})

    assert "connect_refused" in english.stdout
    assert english.stdout != french.stdout
    assert english.returncode == french.returncode == 1


@pytest.mark.parametrize(("language", "word"), [("fr", "Constat : "), ("en", "Seen: ")])
def test_the_language_can_be_chosen(language: str, word: str, tmp_path: Path) -> None:
    """Whatever the terminal speaks, each step is told with its time."""
    options = ("--host", "127.0.0.1", "--port", "9", "--allow", "127.0.0.0/8", "--explain")
    shown = vigiparc(
        "probe", *options, "--lang", language, folder=tmp_path, variables={"LANG": "de_DE.UTF-8"}
    )

    assert word in shown.stdout
    assert " ms " in shown.stdout


@pytest.mark.parametrize("allowed", ["nonsense", "127.0.0.1/99"])
def test_a_network_that_is_none_is_named(allowed: str, tmp_path: Path) -> None:
    """The option and its value stand in the message."""
    shown = vigiparc("probe", "--host", "127.0.0.1", "--allow", allowed, folder=tmp_path)

    assert shown.returncode == 2
    assert allowed in shown.stderr
