"""A simulated camera is described in plain values."""

import pytest

from probes.simulator import Device, Fault, addressed_devices, numbered_devices


def test_numbered_cameras_differ_where_cameras_do() -> None:
    """Port, serial and MAC: a register must tell them apart."""
    devices = numbered_devices(300, 20_000, "admin", "word")

    assert [device.port for device in devices] == list(range(20_000, 20_300))
    assert len({device.serial for device in devices}) == 300
    assert len({device.mac for device in devices}) == 300
    assert devices[299].mac == "02:56:50:00:01:2b"


def test_a_camera_is_read_from_plain_values() -> None:
    """As a file of the demo holds it."""
    device = Device.from_dict({"host": "127.1.0.1", "port": 8000, "fault": "stall"})

    assert device == Device(host="127.1.0.1", port=8000, fault=Fault.STALL)


def test_more_cameras_than_ports_are_refused() -> None:
    """The message names what was asked for."""
    with pytest.raises(ValueError, match="1000 cameras from port 65000"):
        numbered_devices(1000, 65_000)


@pytest.mark.parametrize(
    ("data", "named"), [({"hots": "x"}, "hots"), ({"fault": "explode"}, "explode")]
)
def test_an_unknown_word_is_named(data: dict[str, str], named: str) -> None:
    """A typing error in a plan is found before the demo."""
    with pytest.raises(ValueError, match=named):
        Device.from_dict(data)


def test_a_simulated_password_is_not_shown() -> None:
    """Habits are habits."""
    assert "s3cret" not in repr(Device(password="s3cret"))


def test_cameras_may_have_an_address_each() -> None:
    """As in a real network: 10,000 of them on one port, past the end of a /24."""
    devices = addressed_devices(10_000, 8899, "admin", "word")

    assert (devices[0].host, devices[299].host) == ("127.1.0.1", "127.1.1.44")
    assert {device.port for device in devices} == {8899}
    assert len({device.host for device in devices}) == 10_000
    assert devices[7].serial == "SIM-000008"


@pytest.mark.parametrize("first", ["10.0.0.1", "127.255.255.250"])
def test_addresses_of_other_machines_are_refused(first: str) -> None:
    """A simulation stays at home."""
    with pytest.raises(ValueError, match=f"100 addresses from {first} on are not all"):
        addressed_devices(100, 8899, first=first)
