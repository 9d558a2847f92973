"""What a second start of the demonstration finds, and what it is kept apart from."""

import stat
from pathlib import Path

import pytest

from registry import settings
from registry.demo import region
from registry.settings import Settings


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Return settings with an empty folder."""
    return settings.load(storage={"folder": str(tmp_path)})


def fill(chosen: Settings, *, edition: str) -> region.Region:
    """Write the files of a region that was made for some edition."""
    files = region.files_in(chosen.storage.folder)
    for path in (files.devices, files.faults, files.account, chosen.key_file):
        region.write_privately(path, "x")
    region.write_privately(files.made, edition)
    return files


def test_an_empty_folder_holds_no_region(chosen: Settings) -> None:
    """The first start makes it."""
    assert region.ready(chosen) is None


def test_a_region_of_this_version_is_found(chosen: Settings) -> None:
    """The second start loads nothing but two small files."""
    files = fill(chosen, edition=region.edition())

    assert region.ready(chosen) == files


def test_a_region_of_an_older_version_is_made_anew(chosen: Settings) -> None:
    """A newer version has migrations to run before anything is served."""
    fill(chosen, edition="0001_territory")

    assert region.ready(chosen) is None


def test_a_region_without_its_keys_is_made_anew(chosen: Settings) -> None:
    """Passwords that nobody can open are no region."""
    fill(chosen, edition=region.edition())
    chosen.key_file.unlink()

    assert region.ready(chosen) is None


def test_what_is_written_is_its_owners_alone(tmp_path: Path) -> None:
    """Readable by nobody else, also when it is written again."""
    path = tmp_path / "secret"

    region.write_privately(path, "one")
    region.write_privately(path, "two")

    assert (region.read(path), stat.S_IMODE(path.stat().st_mode)) == ("two", 0o600)


def test_data_of_the_demonstration_lies_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the real database is, the demonstration has its own."""
    monkeypatch.setenv("VIGIPARC_STORAGE__DATABASE_URL", "postgresql+psycopg://real/one")

    variables = region.environment(Path("var"))

    assert variables["VIGIPARC_STORAGE__DATABASE_URL"] == ""
    assert variables["VIGIPARC_STORAGE__FOLDER"] == "var/demo"


def test_a_pace_that_was_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who wants a quicker demonstration says so as for any setting."""
    monkeypatch.setenv("VIGIPARC_PROBES__INTERVAL_SECONDS", "3")

    assert region.environment(Path("var"))["VIGIPARC_PROBES__INTERVAL_SECONDS"] == "3"
