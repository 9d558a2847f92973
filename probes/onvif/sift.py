"""Sifts facts out of what zeep made of an answer, whatever an odd device put there."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from probes.onvif.facts import NetworkPort
from probes.verdict import normalise_mac, sanitise

_MOST_ITEMS = 64


def fields(said: object) -> Mapping[str, Any]:
    """Give the fields of what was said; none where it has none."""
    return said if isinstance(said, Mapping) else {}


def rows(said: object) -> list[Mapping[str, Any]]:
    """Give the rows of what was said, a bounded number of them."""
    listed = said if isinstance(said, list) else [said]
    return [each for each in listed[:_MOST_ITEMS] if isinstance(each, Mapping)]


def text(said: object) -> str:
    """Give a text on one short line."""
    return sanitise(said) if isinstance(said, str) else ""


def texts(said: Iterable[object]) -> tuple[str, ...]:
    """Give the texts that say something."""
    return tuple(filter(None, map(text, said)))


def flag(said: object) -> bool | None:
    """Give a yes or no; none where there is neither."""
    return said if isinstance(said, bool) else None


def version(said: Mapping[str, Any]) -> str:
    """Write the version of a service."""
    major, minor = said.get("Major"), said.get("Minor")
    return f"{major}.{minor}" if isinstance(major, int) and isinstance(minor, int) else ""


def path(address: object) -> str:
    """Keep the path of a service: its host is what the device believes, not where it is."""
    try:
        return sanitise(urlsplit(text(address)).path)
    except ValueError:
        return ""


def interfaces(said: object) -> tuple[NetworkPort, ...]:
    """List the network interfaces, with their MACs."""
    ports = []
    for each in rows(said):
        info = fields(each.get("Info"))
        name = text(info.get("Name")) or text(each.get("token"))
        ports.append(NetworkPort(name, mac(info.get("HwAddress")), each.get("Enabled") is True))
    return tuple(ports)


def mac(said: object) -> str:
    """Write a MAC in the register's form; empty for what is none, or stands for none."""
    digits = normalise_mac(text(said))
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def servers(said: Mapping[str, Any]) -> tuple[str, ...]:
    """List the time servers, those that a person entered before those that DHCP gave."""
    hosts = [*rows(said.get("NTPManual")), *rows(said.get("NTPFromDHCP"))]
    names = ("IPv4Address", "IPv6Address", "DNSname")
    found = (next(filter(None, (text(each.get(name)) for name in names)), "") for each in hosts)
    return tuple(dict.fromkeys(filter(None, found)))
