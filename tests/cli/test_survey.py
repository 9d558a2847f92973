"""Inventories and discovery from the command line, against simulated cameras."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.cli.command import lay_register, vigiparc
from tests.cli.test_simulating import simulated
from tests.probes.calling import match, responder

PORT = 18_901
NETWORKS = {"VIGIPARC_PROBES__NETWORKS": '["127.0.0.0/8"]'}


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """Return the folder of a register that holds three simulated cameras."""
    sheet, secret = tmp_path / "cameras.csv", tmp_path / "password"
    secret.write_text("correct horse")
    lay_register(tmp_path)
    with simulated(*fleet(tmp_path), "--sheet", str(sheet)):
        pass
    taken = vigiparc("import", str(sheet), folder=tmp_path, variables=NETWORKS)
    assert taken.returncode == 0, taken.stderr
    return tmp_path


def fleet(folder: Path) -> tuple[str, ...]:
    """Return the options of three cameras at addresses of their own."""
    where = ("--cameras", "3", "--addresses", "--base-port", str(PORT))
    return (*where, "--password-file", str(folder / "password"))


def test_inventories_are_taken_and_kept(street: Path) -> None:
    """Of one camera, of a site, of all; one that refuses is told with its reason."""
    with simulated(*fleet(street), "--fault", "refuse:2"):
        everyone = vigiparc("inventory", "--all", "--json", folder=street, variables=NETWORKS)
        one = vigiparc("inventory", "--camera", "1", folder=street, variables=NETWORKS)

    told = json.loads(everyone.stdout)
    assert (everyone.returncode, told["asked"], told["failed"]) == (1, 3, 1)
    assert [each["reason"] for each in told["cameras"]] == [None, None, "connect_refused"]
    assert told["cameras"][1]["facts"]["mac"] == "02:56:50:00:00:01"
    assert one.returncode == 0
    assert "camera 1: Simulated, SIM-2000, SIM-000001" in one.stdout
    engine = create_engine(f"sqlite:///{street / 'vigiparc.db'}")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT camera_id, mac FROM device_inventories ORDER BY 1"))
        assert kept.all() == [(1, "02:56:50:00:00:00"), (2, "02:56:50:00:00:01"), (3, "")]
    engine.dispose()


@pytest.mark.parametrize("options", [(), ("--all", "--camera", "1"), ("--site", "x", "--all")])
def test_an_inventory_says_of_which_cameras(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Exactly one way to choose."""
    shown = vigiparc("inventory", *options, folder=tmp_path)

    assert shown.returncode == 2
    assert "--camera N, --site X or --all" in shown.stderr


def test_an_inventory_of_nobody_fails(street: Path) -> None:
    """A wrong number is no success."""
    shown = vigiparc("inventory", "--camera", "999", folder=street, variables=NETWORKS)

    assert shown.returncode == 1
    assert "no camera with an address" in shown.stderr


def test_devices_of_a_zone_are_found_and_named(street: Path) -> None:
    """By the MAC in its endpoint, wherever it stands; nothing is written."""
    node = "urn:uuid:2419d68a-2dd2-21b2-a205-0256500000"
    answers = [
        match(f"http://127.1.0.1:{PORT}/onvif/device_service", endpoint=f"{node}00"),
        match(f"http://127.1.0.3:{PORT}/onvif/device_service", endpoint=f"{node}01"),
    ]
    with simulated(*fleet(street)), responder(*answers):
        found = vigiparc("discover", "--seconds", "2", "--json", folder=street, variables=NETWORKS)
        shown = vigiparc("discover", "--seconds", "2", folder=street, variables=NETWORKS)

    devices = {each["address"]: each for each in json.loads(found.stdout)["devices"]}
    here, there = (devices[f"http://127.1.0.{host}:{PORT}/onvif/device_service"] for host in (1, 3))
    assert (here["register"], here["by"], here["camera"]["label"]) == ("known", "mac", "CAM-01")
    assert (there["register"], there["camera"]["host"]) == ("moved", "127.1.0.2")
    assert "moved" in shown.stdout
    assert "2 devices found (127.0.0.1)" in shown.stderr


def test_an_unknown_zone_and_one_elsewhere_are_said(street: Path) -> None:
    """With the zones that there are; and a zone that is not reached from here."""
    wrong = vigiparc("discover", "--zone", "mars", folder=street, variables=NETWORKS)
    elsewhere = {"VIGIPARC_PROBES__NETWORKS": '["198.51.100.0/24"]'}
    far = vigiparc("discover", folder=street, variables=elsewhere)

    assert (wrong.returncode, far.returncode) == (2, 1)
    assert "expected one of local" in wrong.stderr
    assert "no interface of this machine lies in the networks of zone local" in far.stderr
