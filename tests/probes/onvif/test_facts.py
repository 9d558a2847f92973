"""What an inventory holds, on its way through JSON and onto a page."""

import json
from datetime import UTC, datetime

from probes.onvif.facts import Inventory, NetworkPort, Outcome, Service
from probes.verdict import Identity

WHOLE = Inventory(
    at=datetime(2026, 11, 24, 2, 30, tzinfo=UTC),
    identity=Identity("Axis", "P3245", "10.1", "ACCC8E000001", "7D4"),
    services=(Service("http://www.onvif.org/ver10/device/wsdl", "2.60", "/onvif/device_service"),),
    scopes=("onvif://www.onvif.org/hardware/P3245",),
    interfaces=(
        NetworkPort("wlan0", "00:1A:2B:3C:4D:5F", is_enabled=False),
        NetworkPort("eth0", "00:1A:2B:3C:4D:5E"),
    ),
    hostname="axis-accc8e000001",
    ntp_servers=("10.0.0.1",),
    is_ntp_from_dhcp=True,
    clock_source="NTP",
    outcomes={"GetHostname": Outcome.OK, "GetUsers": Outcome.NOT_PERMITTED},
)


def test_an_inventory_travels_as_json() -> None:
    """It is kept as text, and read back the same."""
    assert Inventory.from_dict(json.loads(json.dumps(WHOLE.to_dict()))) == WHOLE


def test_the_mac_is_that_of_an_interface_in_use() -> None:
    """One that is switched off names the device only where no other does."""
    assert WHOLE.mac == "00:1A:2B:3C:4D:5E"
    assert Inventory(at=WHOLE.at).mac == ""


def test_facts_are_told_one_a_line() -> None:
    """Each by its name, empty where it is not known."""
    assert WHOLE.lines() == {
        "manufacturer": "Axis",
        "model": "P3245",
        "firmware": "10.1",
        "serial": "ACCC8E000001",
        "hardware_id": "7D4",
        "mac": "00:1A:2B:3C:4D:5F, 00:1A:2B:3C:4D:5E",
        "hostname": "axis-accc8e000001",
        "ntp": "dhcp, 10.0.0.1",
        "clock_source": "NTP",
        "services": "http://www.onvif.org/ver10/device/wsdl 2.60",
        "scopes": "onvif://www.onvif.org/hardware/P3245",
    }
    assert set(Inventory(at=WHOLE.at).lines().values()) == {""}
