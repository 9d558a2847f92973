"""The sheet of simulated cameras is one that the import takes."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from probes.simulator import Device, addressed_devices
from registry.demo.street import write_sheet
from registry.fleet.rules import Zones, parse
from registry.sheets import read

ZONES = Zones.only(ip_network("127.0.0.0/8"))


@pytest.mark.parametrize("name", ["cameras.xlsx", "cameras.csv"])
def test_a_sheet_of_simulated_cameras_is_sound(tmp_path: Path, name: str) -> None:
    """Every camera with its address, its serial and its account; sites of twenty."""
    path = tmp_path / name
    write_sheet(path, addressed_devices(45, 8899, "admin", "word"))

    parsed = parse(read(path.read_bytes(), name), zones=ZONES)

    assert parsed.problems == []
    assert len(parsed.rows) == 45
    assert len({row.site_key for row in parsed.rows}) == 3
    last = parsed.rows[-1]
    assert (last.host, last.port, last.serial) == ("127.1.0.45", 8899, "SIM-000045")
    assert (last.username, last.password, last.cameras_funded) == ("admin", "word", 5)
    assert last.commissioned_on is not None


def test_only_its_owner_reads_a_sheet_with_passwords(tmp_path: Path) -> None:
    """From the first byte on."""
    path = tmp_path / "cameras.csv"
    write_sheet(path, [Device(password="word")])

    assert path.stat().st_mode & 0o777 == 0o600


def test_without_a_password_no_account_is_declared(tmp_path: Path) -> None:
    """An empty user name is never sent."""
    path = tmp_path / "cameras.csv"
    write_sheet(path, [Device()])

    (row,) = parse(read(path.read_bytes(), path.name), zones=ZONES).rows

    assert (row.username, row.password) == (None, None)


def test_more_cameras_than_communes_can_hold_are_refused(tmp_path: Path) -> None:
    """The number that is possible is said."""
    with pytest.raises(ValueError, match=r"a sheet holds \d+ simulated cameras at most, not 80000"):
        write_sheet(tmp_path / "cameras.csv", [Device()] * 80_000)
