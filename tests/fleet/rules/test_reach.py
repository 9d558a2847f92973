"""Where a camera may be reached, and which of its options go together."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from registry.fleet.rules.reach import (
    Reach,
    Zones,
    misfits,
    parse_networks,
    stray_networks,
    write_networks,
)

TEN, TWELVE = ip_network("10.0.0.0/8"), ip_network("172.16.0.0/12")
ZONES = Zones({"local": (TEN,), "littoral": (TWELVE, ip_network("fc00::/7"))})
REACH = Reach(
    zone="local",
    networks="",
    host="10.59.4.7",
    scheme="https",
    tls_verify="ca",
    password_text=False,
)


def test_a_site_without_networks_has_those_of_its_zone() -> None:
    """Its own, where it has some, replace them: they are the narrower ones."""
    assert ZONES.allowed("local") == (TEN,)
    assert ZONES.allowed("local", "10.59.4.0/24") == (ip_network("10.59.4.0/24"),)
    assert ZONES.everywhere == (TEN, TWELVE, ip_network("fc00::/7"))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"host": "camera-7.lan"},
        {"host": ""},
        {"zone": "littoral", "host": "172.16.4.7"},
        {"zone": "littoral", "host": "fd00::7"},
        {"networks": "10.59.4.0/24"},
        {"password_text": True},
        {"password_text": True, "tls_verify": "pin"},
    ],
)
def test_what_goes_together_is_let_through(changes: dict[str, object]) -> None:
    """A name is judged when it is dialled, on the address that it leads to."""
    assert list(misfits(replace(REACH, **changes), ZONES)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"zone": "mars"}, "zone", "zone.unknown"),
        ({"host": "172.16.4.7"}, "host", "host.blocked"),
        ({"networks": "10.62.0.0/16"}, "host", "host.blocked"),
        ({"host": "127.0.0.1"}, "host", "host.blocked"),
        ({"password_text": True, "scheme": "http"}, "password_text", "password_text.exposed"),
        ({"password_text": True, "tls_verify": "off"}, "password_text", "password_text.exposed"),
    ],
)
def test_what_does_not_go_together_is_named(
    changes: dict[str, object], field: str, code: str
) -> None:
    """The field, and the code of what was expected there."""
    (found,) = misfits(replace(REACH, **changes), ZONES)  # type: ignore[arg-type]

    assert (found.field, found.code) == (field, code)


def test_a_site_never_widens_its_zone() -> None:
    """Each network of a site lies wholly within one of its zone's, of the same family."""
    stray = stray_networks("local", "10.1.0.0/16, 0.0.0.0/0 fd00::/64", ZONES)

    assert [each.value for each in stray] == ["0.0.0.0/0", "fd00::/64"]
    assert list(stray_networks("littoral", "fd00::/64;172.17.0.0/16", ZONES)) == []


def test_networks_are_kept_in_one_form() -> None:
    """However they are separated; a host with bits behind its mask is no network."""
    assert write_networks(parse_networks("10.1.0.0/16;10.2.3.4  fd00::/64")) == (
        "10.1.0.0/16, 10.2.3.4/32, fd00::/64"
    )
    with pytest.raises(ValueError, match="host bits"):
        parse_networks("10.1.2.3/16")
