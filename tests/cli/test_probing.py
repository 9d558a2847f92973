"""`vigiparc probe`: what it answers, in words and in JSON."""

import json
from pathlib import Path

import pytest

from tests.cli.command import lay_register, vigiparc


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


@pytest.mark.parametrize("command", [("probe", "--host", "127.0.0.1"), ("monitor",)])
def test_an_overwritten_library_stops_the_command_with_what_to_do(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    """onvif-zeep-async installs into the same folder: no probe is made with what is left."""
    made = tmp_path / "site" / "onvif_zeep_async-4.3.0.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text("Name: onvif-zeep-async\nVersion: 4.3.0\n")
    lay_register(tmp_path)

    shown = vigiparc(*command, folder=tmp_path, variables={"PYTHONPATH": str(tmp_path / "site")})

    assert shown.returncode == 1
    assert "onvif-zeep-async overwrites onvif-zeep: uninstall both" in shown.stderr
    assert "Traceback" not in shown.stderr
    assert "internal error" not in shown.stderr
