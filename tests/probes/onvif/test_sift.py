"""Facts are sifted out of whatever an odd device put where they should be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.onvif import sift
from probes.onvif.facts import NetworkPort


@pytest.mark.parametrize(
    ("said", "mac"),
    [
        ("00:1a:2b:3c:4d:5e", "00:1A:2B:3C:4D:5E"),
        ("001A2B3C4D5E", "00:1A:2B:3C:4D:5E"),
        ("00-1A-2B-3C-4D-5E", "00:1A:2B:3C:4D:5E"),
        ("00:00:00:00:00:00", ""),
        ("FF:FF:FF:FF:FF:FF", ""),
        ("null", ""),
        (None, ""),
    ],
)
def test_a_mac_is_written_as_the_register_does(said: object, mac: str) -> None:
    """One of zeros, the broadcast address, or none at all, is none."""
    assert sift.mac(said) == mac


def test_interfaces_keep_their_name_or_their_token() -> None:
    """Makes differ in which of the two they fill."""
    said = [
        {"token": "eth0", "Enabled": True, "Info": {"HwAddress": "001A2B3C4D5E"}},
        {"token": "t1", "Enabled": False, "Info": {"Name": "wlan0"}},
        {"token": "t2", "Info": None},
        "garbage",
    ]

    assert sift.interfaces(said) == (
        NetworkPort("eth0", "00:1A:2B:3C:4D:5E"),
        NetworkPort("wlan0", is_enabled=False),
        NetworkPort("t2", is_enabled=False),
    )


def test_time_servers_of_a_person_come_before_those_of_dhcp() -> None:
    """By address or name, each once."""
    said = {
        "NTPManual": [{"DNSname": "ntp.example"}, {"IPv4Address": "10.0.0.1"}],
        "NTPFromDHCP": {"IPv4Address": "10.0.0.1"},
    }

    assert sift.servers(said) == ("ntp.example", "10.0.0.1")


def test_of_a_service_the_path_alone_is_kept() -> None:
    """Its host is what the device believes."""
    assert sift.path("http://192.168.1.64/onvif/device_service") == "/onvif/device_service"
    assert sift.path("http://[fd00::7/onvif") == ""
    assert sift.version({"Major": 2, "Minor": 60}) == "2.60"
    assert sift.version({"Major": "2"}) == ""


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Info", "Name", "token", "HwAddress", "NTPManual", "DNSname", "Major"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(ODD)
def test_nothing_that_a_device_says_is_an_accident(said: object) -> None:
    """Whatever stands where, sifting gives facts or none."""
    sift.interfaces(said)
    sift.servers(sift.fields(said))
    sift.version(sift.fields(said))
    assert isinstance(sift.path(said), str)
    assert sift.flag(said) in {True, False, None}
    assert all(map(str, sift.texts([said])))
