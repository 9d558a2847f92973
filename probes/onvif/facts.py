"""What an inventory of a device holds, as plain values with nothing secret in them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from probes.verdict import Identity


class Outcome(StrEnum):
    """What came of one question."""

    OK = "ok"
    NOT_PERMITTED = "not_permitted"
    NOT_SUPPORTED = "not_supported"
    UNREADABLE = "unreadable"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a device: its namespace, its version, and where it is on the device."""

    namespace: str
    version: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class NetworkPort:
    """One network interface of a device: its name, and its MAC as `00:1A:2B:3C:4D:5E`."""

    name: str
    mac: str = ""
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """
    What a device said of itself, at one instant.

    `outcomes` says for each operation what came of it: a fact that is missing was not
    permitted, not supported, unreadable or not answered, and that is a fact as well.
    """

    at: datetime
    identity: Identity | None = None
    services: tuple[Service, ...] = ()
    scopes: tuple[str, ...] = ()
    interfaces: tuple[NetworkPort, ...] = ()
    hostname: str = ""
    ntp_servers: tuple[str, ...] = ()
    is_ntp_from_dhcp: bool | None = None
    clock_source: str = ""
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def mac(self) -> str:
        """The MAC of the first enabled interface that has one."""
        ordered = sorted(self.interfaces, key=lambda port: not port.is_enabled)
        return next((port.mac for port in ordered if port.mac), "")

    def to_dict(self) -> dict[str, Any]:
        """Give the inventory as plain values, fit for JSON."""
        return {
            **asdict(self),
            "at": self.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "outcomes": {name: outcome.value for name, outcome in self.outcomes.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` wrote."""
        identity = data["identity"]
        return cls(
            at=datetime.fromisoformat(data["at"]).astimezone(UTC),
            identity=Identity.from_dict(identity) if identity else None,
            services=tuple(Service(**each) for each in data["services"]),
            scopes=tuple(data["scopes"]),
            interfaces=tuple(NetworkPort(**each) for each in data["interfaces"]),
            hostname=data["hostname"],
            ntp_servers=tuple(data["ntp_servers"]),
            is_ntp_from_dhcp=data["is_ntp_from_dhcp"],
            clock_source=data["clock_source"],
            outcomes={name: Outcome(each) for name, each in data["outcomes"].items()},
        )

    def lines(self) -> dict[str, str]:
        """Give each fact as one line of text by its name, for comparing and for showing."""
        told = self.identity or Identity()
        dhcp = {True: "dhcp", False: "", None: ""}[self.is_ntp_from_dhcp]
        return {
            "manufacturer": told.manufacturer,
            "model": told.model,
            "firmware": told.firmware,
            "serial": told.serial,
            "hardware_id": told.hardware_id,
            "mac": ", ".join(dict.fromkeys(port.mac for port in self.interfaces if port.mac)),
            "hostname": self.hostname,
            "ntp": ", ".join(filter(None, (dhcp, *self.ntp_servers))),
            "clock_source": self.clock_source,
            "services": ", ".join(
                f"{each.namespace} {each.version}".strip() for each in self.services
            ),
            "scopes": ", ".join(self.scopes),
        }
