"""Devices are called for on a zone's own networks, and every odd answer is read."""

import re
from ipaddress import ip_address, ip_network

import pytest

from probes.onvif.discovery import Door, Found, Interface, discover, interfaces_within, read_answer
from probes.target import Network
from tests.probes.calling import match, responder
from tests.probes.conftest import LOOPBACK

HERE = Interface(ip_address("127.0.0.1"), ip_network("127.0.0.0/8"))
CAMERAS = Interface(ip_address("10.59.4.1"), ip_network("10.59.4.0/24"))
ZONE: tuple[Network, ...] = (ip_network("10.0.0.0/8"), ip_network("fc00::/7"))


def read(data: bytes, source: str = "10.59.4.7") -> list[Found]:
    """Read an answer as one that came in on the cameras' network."""
    return list(read_answer(data, source, interfaces=[CAMERAS], networks=ZONE))


def hosts(data: bytes, source: str = "10.59.4.7") -> list[str]:
    """Return the addresses of the one device that answered, the likeliest first."""
    (found,) = read(data, source)
    return [str(door) for door in found.addresses]


def test_several_addresses_are_ranked() -> None:
    """Same subnet, other IPv4, IPv6; and what lies outside the zone is left out."""
    urls = (
        "http://169.254.7.7/onvif/device_service http://[fd00::7]/onvif/device_service "
        "http://10.77.0.7:8000/onvif/device_service http://8.8.8.8/onvif/device_service "
        "http://10.59.4.7/onvif/device_service"
    )

    assert hosts(match(urls)) == [
        "http://10.59.4.7:80/onvif/device_service",
        "http://10.59.4.7:8000/onvif/device_service",
        "http://10.77.0.7:8000/onvif/device_service",
        "http://[fd00::7]:80/onvif/device_service",
    ]


def test_link_local_addresses_come_last_where_a_zone_allows_them() -> None:
    """Some makes give the address of their first minute before the true one."""
    zone = (ip_network("10.0.0.0/8"), ip_network("169.254.0.0/16"))
    data = match("http://169.254.7.7/onvif/device_service http://10.59.4.7/onvif/device_service")

    (found,) = read_answer(data, "10.59.4.7", interfaces=[CAMERAS], networks=zone)

    assert [door.host for door in found.addresses] == ["10.59.4.7", "169.254.7.7"]


def test_a_pair_of_plain_and_tls_is_kept_in_this_order() -> None:
    """Both lead to the same device; which of them is probed is the register's word."""
    urls = "https://10.59.4.7/onvif/device_service http://10.59.4.7/onvif/device_service"

    assert hosts(match(urls)) == [
        "http://10.59.4.7:80/onvif/device_service",
        "https://10.59.4.7:443/onvif/device_service",
    ]


def test_behind_an_address_translation_the_answer_itself_tells_where() -> None:
    """The device knows another address than that at which it answers."""
    assert hosts(match("http://192.168.1.64:8899/onvif/dev"), source="10.59.4.9") == [
        "http://10.59.4.9:8899/onvif/dev"
    ]
    assert hosts(match(""), source="10.59.4.9") == ["http://10.59.4.9:80/onvif/device_service"]


@pytest.mark.parametrize(
    "urls",
    [
        "http://camera.lan/onvif/device_service",
        "http://10.59.4.7:99999/onvif",
        "http://[fd00::7/onvif",
        "ftp://10.59.4.7/onvif",
        "soap.udp://10.59.4.7:3702",
        "http:///onvif",
    ],
)
def test_an_address_that_cannot_be_is_left_out(urls: str) -> None:
    """A name would have to be believed; the rest is no address of a web service."""
    assert all("10.59.4.7:80/" in each or "camera" not in each for each in hosts(match(urls)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff" * 40,
        b"<html><body>hello</body></html>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><e:Envelope xmlns:e='x'><d:ProbeMatch/></e:Envelope>",
        b"x" * 70_000,
        re.sub(rb"ProbeMatch", b"Hello", match("http://10.59.4.7/")),
    ],
)
def test_what_is_no_answer_is_nobody(data: bytes) -> None:
    """A Hello is not believed either: it could send us anywhere."""
    assert read(data) == []


def test_scopes_and_endpoint_are_bounded() -> None:
    """Whatever a stranger sends ends up on one line of a terminal."""
    (found,) = read(
        match("http://10.59.4.7/", endpoint="e" * 900 + "\n\x1b[31m", scopes="s " * 900)
    )

    assert len(found.endpoint) <= 200
    assert len(found.scopes) == 64


def test_devices_on_loopback_are_found() -> None:
    """One that answers twice is one; those without a name of their own stay apart."""
    url = "http://127.0.0.{}:8899/onvif/device_service"
    answers = [
        match(url.format(7)),
        match(url.format(7), relates="urn:uuid:2"),
        match(url.format(8), endpoint=""),
        match(
            url.format(9),
            endpoint="http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous",
        ),
        b"garbage",
    ]

    with responder(*answers) as heard:
        found = discover([HERE], networks=LOOPBACK, seconds=1.5)

    assert len(found) == 3
    assert {each.addresses[0].host for each in found} == {"127.0.0.7", "127.0.0.8", "127.0.0.9"}
    assert {each.addresses[1].host for each in found} == {"127.0.0.1"}
    assert heard
    assert {re.search(rb"<d:Types>\w+:(\w+)<", each)[1] for each in heard} == {  # type: ignore[index]
        b"NetworkVideoTransmitter",
        b"Device",
    }
    assert all(b"discovery/Probe<" in each for each in heard)


def test_without_an_interface_in_the_zone_nothing_is_sent() -> None:
    """A zone on the other side of the country has none here."""
    with responder(match("http://127.0.0.7/")) as heard:
        assert discover([], networks=ZONE, seconds=0.2) == []

    assert heard == []


def test_only_interfaces_inside_the_zone_are_asked_on() -> None:
    """Loopback is one, where a zone holds it; a zone without networks has none."""
    assert [str(each.address) for each in interfaces_within(LOOPBACK)] == ["127.0.0.1"]
    assert interfaces_within((ip_network("198.51.100.0/24"),)) == []
    assert interfaces_within(()) == []


def test_an_address_is_written_as_a_url() -> None:
    """IPv6 in brackets."""
    assert str(Door("https", "fd00::7", 8443, "/onvif")) == "https://[fd00::7]:8443/onvif"
