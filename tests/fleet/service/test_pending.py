"""A file between its dry run and its confirmation."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from registry.errors import NotFound
from registry.fleet.service.pending import LASTING, keep, take
from registry.fleet.vault import Vault

SECRET = "Hirondelle-59"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a vault of the test's own."""
    return Vault.open(tmp_path / "keys")


def waiting(folder: Path, vault: Vault, at: datetime, actor: str = "user:1") -> str:
    """Keep a file with a password in it."""
    return keep(folder, vault, content=SECRET.encode(), name="a.csv", actor=actor, at=at)


def test_a_file_is_taken_once_by_whoever_sent_it(
    tmp_path: Path, vault: Vault, now: datetime
) -> None:
    """Name and content as they were; a second time there is nothing."""
    folder = tmp_path / "imports"
    token = waiting(folder, vault, now)

    assert take(folder, vault, token, actor="user:1", at=now) == ("a.csv", SECRET.encode())
    with pytest.raises(NotFound):
        take(folder, vault, token, actor="user:1", at=now)


def test_nothing_lies_on_the_disk_in_the_clear(tmp_path: Path, vault: Vault, now: datetime) -> None:
    """Sealed, and for its owner only."""
    folder = tmp_path / "imports"
    token = waiting(folder, vault, now)

    path = folder / token
    assert SECRET.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("token", ["../keys", "", "0" * 32])
def test_no_other_file_is_taken(tmp_path: Path, vault: Vault, now: datetime, token: str) -> None:
    """Neither by a path nor by a guess."""
    with pytest.raises(NotFound):
        take(tmp_path / "imports", vault, token, actor="user:1", at=now)


def test_another_person_gets_nothing(tmp_path: Path, vault: Vault, now: datetime) -> None:
    """Whoever sent it may still confirm it."""
    folder = tmp_path / "imports"
    token = waiting(folder, vault, now)

    with pytest.raises(NotFound):
        take(folder, vault, token, actor="user:2", at=now)
    assert take(folder, vault, token, actor="user:1", at=now)


def test_what_nobody_confirms_is_thrown_away(tmp_path: Path, vault: Vault, now: datetime) -> None:
    """After an hour it is not given, and the next one that is kept sweeps it out."""
    folder = tmp_path / "imports"
    old, later = waiting(folder, vault, now), now + LASTING + timedelta(seconds=1)

    with pytest.raises(NotFound):
        take(folder, vault, old, actor="user:1", at=later)
    token = waiting(folder, vault, later)

    assert [path.name for path in folder.iterdir()] == [token]
