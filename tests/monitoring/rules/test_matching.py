"""A device that was found is matched by what nobody else shares."""

import pytest

from registry.monitoring.rules.matching import (
    Match,
    Matcher,
    Position,
    Sighting,
    Whereabouts,
    macs_told,
)


def position(camera_id: int, host: str, serial: str = "", *macs: str) -> Position:
    """Return a registered position."""
    return Position(camera_id, "59054-01", f"CAM-{camera_id:02d}", host, 80, serial, macs)


CHURCH = position(1, "10.59.4.1", "ACCC8E000001", "00:1A:2B:3C:4D:01")
HALL = position(2, "10.59.4.2", "0000000", "00:1A:2B:3C:4D:02", "00:1A:2B:3C:4D:12")
SCHOOL = position(3, "10.59.4.3")
MATCHER = Matcher([CHURCH, HALL, SCHOOL])


@pytest.mark.parametrize(
    ("host", "serial", "macs", "expected"),
    [
        ("10.59.4.1", "accc-8e00-0001", (), Match(Whereabouts.KNOWN, CHURCH, "serial")),
        ("10.59.4.9", "ACCC8E000001", (), Match(Whereabouts.MOVED, CHURCH, "serial")),
        ("10.59.4.9", "0000000", ("001a2b3c4d12",), Match(Whereabouts.MOVED, HALL, "mac")),
        ("10.59.4.2", "", ("00:1a:2b:3c:4d:02",), Match(Whereabouts.KNOWN, HALL, "mac")),
        ("10.59.4.3", "", (), Match(Whereabouts.KNOWN, SCHOOL, "address")),
        ("10.59.4.3", "OTHER77", (), Match(Whereabouts.UNKNOWN)),
        ("10.59.4.3", "", ("00:1A:2B:3C:4D:99",), Match(Whereabouts.UNKNOWN)),
        ("10.59.4.9", "", (), Match(Whereabouts.UNKNOWN)),
    ],
)
def test_a_device_is_known_moved_or_unknown(
    host: str, serial: str, macs: tuple[str, ...], expected: Match
) -> None:
    """By serial, else by MAC, else by an address of which it says nothing else."""
    assert MATCHER.find(Sighting(((host, 80),), serial, macs)) == expected


def test_the_port_belongs_to_the_address() -> None:
    """Two cameras behind one address translation are two."""
    assert MATCHER.find(Sighting((("10.59.4.3", 8080),))).whereabouts is Whereabouts.UNKNOWN


def test_what_two_positions_share_names_neither() -> None:
    """Double funding is the audit's matter; here it would send somebody to the wrong pole."""
    matcher = Matcher([position(1, "10.0.0.1", "SN1"), position(2, "10.0.0.2", "SN1")])

    found = matcher.find(Sighting((("10.0.0.9", 80),), "SN1"))

    assert found == Match(Whereabouts.UNKNOWN)


@pytest.mark.parametrize(
    ("endpoint", "scopes", "macs"),
    [
        ("urn:uuid:2419d68a-2dd2-21b2-a205-accc8eaa0001", (), ("ACCC8EAA0001",)),
        ("", ("onvif://www.onvif.org/MAC/28:57:be:00:00:01",), ("2857BE000001",)),
        ("urn:uuid:not-a-uuid", ("onvif://www.onvif.org/hardware/001122334455",), ()),
        ("urn:uuid:2419d68a-2dd2-21b2-a205-000000000000", (), ()),
    ],
)
def test_a_mac_may_slip_out_before_any_login(
    endpoint: str, scopes: tuple[str, ...], macs: tuple[str, ...]
) -> None:
    """In the node of its endpoint, or in a scope that some makes give."""
    assert macs_told(endpoint, scopes) == macs
