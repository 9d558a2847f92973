"""The vault: seals, opens, rotates, and keeps its keys to itself."""

import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken

from registry.errors import Misconfigured
from registry.fleet.vault import Vault

PASSWORD = "Hirondelle-59"


def test_a_sealed_password_can_be_opened(tmp_path: Path) -> None:
    """What went in comes out, and nothing of it shows in between."""
    vault = Vault.open(tmp_path / "keys")

    sealed = vault.seal(PASSWORD)

    assert PASSWORD.encode() not in sealed
    assert vault.unseal(sealed) == PASSWORD
    assert vault.seal(PASSWORD) != sealed


def test_the_key_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """Mode 0600 from the first instant, whatever the mask; its folder is made too."""
    before = os.umask(0)
    try:
        Vault.open(tmp_path / "deep" / "keys")
    finally:
        os.umask(before)

    made = tmp_path / "deep" / "keys"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert list(made.parent.iterdir()) == [made]


def test_a_second_start_reads_the_same_key(tmp_path: Path) -> None:
    """What was sealed before a restart is opened after it."""
    sealed = Vault.open(tmp_path / "keys").seal(PASSWORD)

    assert Vault.open(tmp_path / "keys").unseal(sealed) == PASSWORD


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Group and world have no business there; the message names the setting."""
    Vault.open(tmp_path / "keys")
    (tmp_path / "keys").chmod(mode)

    with pytest.raises(Misconfigured, match=r"storage\.key_file.*owner only"):
        Vault.open(tmp_path / "keys")


@pytest.mark.parametrize("content", ["", "not a key\n", "é\n"])
def test_a_file_without_keys_is_refused_unquoted(tmp_path: Path, content: str) -> None:
    """Its content is not repeated: it may be a key with a slip in it."""
    path = tmp_path / "keys"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)

    with pytest.raises(Misconfigured, match="no valid keys") as refused:
        Vault.open(path)

    assert content.strip() == "" or content.strip() not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_first_key_seals_and_all_of_them_open() -> None:
    """A new key on top rotates: old seals stay readable, new ones need the new key."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed_before = Vault([old]).seal(PASSWORD)

    rotated = Vault([new, old])

    assert rotated.unseal(sealed_before) == PASSWORD
    assert Vault([new]).unseal(rotated.seal(PASSWORD)) == PASSWORD
    with pytest.raises(InvalidToken):
        Vault([old]).unseal(rotated.seal(PASSWORD))


def test_a_password_is_compared_without_being_shown(tmp_path: Path) -> None:
    """Whether it is the same one; no, where the key was lost."""
    vault = Vault.open(tmp_path / "keys")
    sealed = vault.seal(PASSWORD)

    assert vault.holds(sealed, PASSWORD)
    assert not vault.holds(sealed, "another")
    assert not Vault.open(tmp_path / "other").holds(sealed, PASSWORD)


def test_nothing_of_the_keys_shows_in_a_traceback(tmp_path: Path) -> None:
    """The repr of a vault is its name."""
    vault = Vault.open(tmp_path / "keys")

    assert repr(vault) == "Vault()"
