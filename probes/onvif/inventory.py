"""
Asks a device who it is and how it is set up, and never for an image.

onvif-zeep's ONVIFService does the asking, on the standard's own files, parsed once.
Never its ONVIFCamera: that one leaks a subscription on the device, knows no timeout
and edits os.environ.
"""

# onvif-zeep is not typed, zeep only in part.
# mypy: disable-error-code="no-untyped-call"

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from onvif.client import ONVIFService  # type: ignore[import-untyped]
from zeep import Client, Settings, Transport
from zeep.helpers import serialize_object
from zeep.wsse.username import UsernameToken

from probes.onvif.contract import BINDING, ContractError, Offline, find_wsdl, refuse_rivals
from probes.onvif.facts import Inventory, NetworkPort, Outcome, Service
from probes.onvif.reply import Clock, Fault, Named, read_clock, read_identity
from probes.target import Target
from probes.verdict import Identity, Unusable, sanitise

# Cameras lock accounts: after so many refusals no credentials are sent any more.
MAX_REFUSALS = 2
MOST_BYTES = 1 << 20
_MOST_ITEMS = 64
_DENIED = frozenset({401, 403})
_OK = 200
_MAC_DIGITS = 12
_SETTINGS: Mapping[str, bool] = {
    "strict": False,
    "forbid_dtd": True,
    "forbid_entities": True,
    "forbid_external": True,
    "xml_huge_tree": False,
}


class Operation(StrEnum):
    """All that is ever asked; a test holds every byte that leaves to this list."""

    CLOCK = "GetSystemDateAndTime"
    IDENTITY = "GetDeviceInformation"
    SERVICES = "GetServices"
    CAPABILITIES = "GetCapabilities"
    SCOPES = "GetScopes"
    INTERFACES = "GetNetworkInterfaces"
    HOSTNAME = "GetHostname"
    NTP = "GetNTP"


class Answer(Protocol):
    """An HTTP reply, as the transport gives it."""

    @property
    def status(self) -> int:
        """Its HTTP status."""

    @property
    def body(self) -> bytes:
        """Its body, whole."""


class Way(Protocol):
    """The way to one device, open; it keeps the deadline, the guard and the caps."""

    @property
    def trusted(self) -> bool:
        """Whether credentials may be sent."""

    def post(self, body: bytes, action: str) -> Answer:
        """Send a request without HTTP credentials."""

    def post_with_digest(self, body: bytes, action: str) -> Answer:
        """Send a request, and answer the Digest challenge that it meets."""

    def wants_digest(self, reply: Any) -> bool:  # noqa: ANN401 - one of its own replies
        """Tell whether a refusal came with a challenge that can be met."""


class _Response(NamedTuple):
    """A reply in the shape that zeep reads."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    encoding: str = "utf-8"


class _Carrier(Transport):
    """Carries zeep's requests over the way to a device, and never reads anything else."""

    def __init__(self, way: Way) -> None:
        """Start without a login."""
        super().__init__()
        self._way = way
        self.digest = False
        self.sent = False
        self.reply: Answer | None = None

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> _Response:
        """
        Send one request where the register says the device is; zeep's address is not used.

        onvif-zeep sends a request again when its reply makes zeep stumble over a type:
        one question is one request here.
        """
        if self.sent:
            raise ContractError(f"a second request for one question to {address}")
        self.sent = True
        found = _ACTION.search(headers.get("Content-Type", ""))
        send = self._way.post_with_digest if self.digest else self._way.post
        self.reply = reply = send(message, found[1] if found else "")
        # A device is never believed about its content's type: it is one XML document.
        return _Response(reply.status, reply.body, {"Content-Type": "application/soap+xml"})

    def get(self, address: str, params: object, headers: object) -> None:
        """Fetch nothing."""
        raise ContractError(f"zeep wanted {address}, {params}, {headers}")

    def _load_remote_data(self, url: str) -> bytes:
        """Fetch nothing."""
        raise ContractError(f"zeep wanted {url}")


_ACTION = re.compile(r'action="([^"]*)"')


class Library:
    """The standard's files, read once for all inventories; safe to share among threads."""

    def __init__(self, wsdl_dir: str | Path | None = None) -> None:
        """
        Read the files.

        Raises:
            ContractError: onvif-zeep or its WSDLs are absent or overwritten.
        """
        refuse_rivals()
        self.path = str(find_wsdl(wsdl_dir))
        settings = Settings(**_SETTINGS)
        self.document = Client(self.path, transport=Offline(), settings=settings).wsdl

    def take(self, way: Way, target: Target, *, now: Callable[[], datetime]) -> Inventory:
        """
        Ask one device all that is ever asked; what fails is recorded, not raised.

        Args:
            way: To the device, open.
            target: The device, and the account on it.
            now: The wall clock, in aware UTC.
        """
        return _Interview(self, way, target, now).run()


class _Interview:
    """One inventory of one device, in order."""

    def __init__(
        self, library: Library, way: Way, target: Target, now: Callable[[], datetime]
    ) -> None:
        """Prepare; a client of one's own keeps tokens apart, whose object is not thread-safe."""
        self._carrier = _Carrier(way)
        settings = Settings(**_SETTINGS)
        self._client = Client(library.document, transport=self._carrier, settings=settings)
        self._device = ONVIFService(
            f"http://{target.key}.device.invalid/",
            "",
            "",
            library.path,
            zeep_client=self._client,
            binding_name=BINDING,
        )
        self._way = way
        self._target = target
        self._now = now
        self._at = now()
        self._offset = timedelta(0)
        self._login = False
        self._refusals = 0
        self._outcomes: dict[str, Outcome] = {}

    def run(self) -> Inventory:
        """Ask everything."""
        source = self._clock()
        identity = self._identity()
        services = self._services()
        scopes = self._ask(Operation.SCOPES)
        interfaces = self._ask(Operation.INTERFACES)
        hostname = self._ask(Operation.HOSTNAME)
        ntp = self._ask(Operation.NTP)
        return Inventory(
            at=self._at,
            identity=identity,
            services=services,
            scopes=_texts(each.get("ScopeItem") for each in _rows(scopes)),
            interfaces=_interfaces(interfaces),
            hostname=_text(_fields(hostname).get("Name")),
            ntp_servers=_servers(_fields(ntp)),
            is_ntp_from_dhcp=_flag(_fields(ntp).get("FromDHCP")),
            clock_source=source,
            outcomes=self._outcomes,
        )

    def _clock(self) -> str:
        """Ask for the time, bare as the standard wants it; its offset is the token's."""
        began = self._now()
        said = self._ask(Operation.CLOCK)
        reply = self._carrier.reply
        try:
            clock = read_clock(reply.body) if reply else None
        except Unusable:
            clock = None
        if isinstance(clock, Clock) and clock.at is not None:
            middle = began + (self._now() - began) / 2
            self._offset = timedelta(seconds=clock.at - middle.timestamp())
        return _text(_fields(said).get("DateTimeType"))

    def _identity(self) -> Identity | None:
        """
        Ask who the device is: bare first, for its refusal says how it wants its login.

        Our own reader, which forgives more than zeep, has the last word.
        """
        self._ask(Operation.IDENTITY)
        reply = self._carrier.reply
        if self._outcomes[Operation.IDENTITY] is Outcome.NOT_PERMITTED and self._may_log_in():
            self._carrier.digest = reply is not None and self._way.wants_digest(reply)
            self._login = True
            self._ask(Operation.IDENTITY)
            reply = self._carrier.reply
        try:
            named = read_identity(reply.body) if reply else None
        except Unusable:
            return None
        if not isinstance(named, Named):
            return None
        self._outcomes[Operation.IDENTITY] = Outcome.OK
        return named.identity

    def _may_log_in(self) -> bool:
        target = self._target
        return bool(target.username) and target.send_credentials and self._way.trusted

    def _services(self) -> tuple[Service, ...]:
        """Ask for the services; older devices only know capabilities."""
        found = [
            Service(
                _text(each.get("Namespace")),
                _version(_fields(each.get("Version"))),
                _path(each.get("XAddr")),
            )
            for each in _rows(self._ask(Operation.SERVICES, IncludeCapability=False))
        ]
        if found or self._outcomes[Operation.SERVICES] is not Outcome.NOT_SUPPORTED:
            return tuple(found)
        capabilities = _fields(self._ask(Operation.CAPABILITIES, Category=["All"]))
        return tuple(
            Service(name, path=_path(_fields(said).get("XAddr")))
            for name, said in capabilities.items()
            if _fields(said).get("XAddr")
        )

    def _ask(self, operation: Operation, **parameters: object) -> Any:  # noqa: ANN401 - zeep's
        """Ask one thing; give what was said as plain values, and note what came of it."""
        self._client.wsse = self._token()
        self._carrier.sent, self._carrier.reply = False, None
        try:
            said = serialize_object(getattr(self._device, operation)(parameters))
        except Exception:  # noqa: BLE001 - odd devices make zeep raise whatever there is
            said = None
        outcome = _outcome(said, self._carrier.reply)
        if outcome is Outcome.NOT_PERMITTED and self._login:
            self._count_refusal()
        self._outcomes[str(operation)] = outcome
        return said if outcome is Outcome.OK else None

    def _count_refusal(self) -> None:
        """Stop logging in after some refusals, unless the account is known but not let in."""
        reply = self._carrier.reply
        said = _fault(reply.body) if reply else None
        if said is not None and said.prohibits:
            return
        self._refusals += 1
        if self._refusals >= MAX_REFUSALS:
            self._login = self._carrier.digest = False

    def _token(self) -> UsernameToken | None:
        """Make a token for one sending, by the device's own clock, unless Digest is wanted."""
        if not self._login or self._carrier.digest:
            return None
        target = self._target
        return UsernameToken(
            target.username,
            target.password,
            use_digest=not target.password_text,
            # Z, not +00:00: some makes refuse the long form (OASIS WSS allows both).
            zulu_timestamp=True,
            created=self._now() + self._offset,
        )


def _outcome(said: object, reply: Answer | None) -> Outcome:
    """Judge what came of a question by the reply itself: zeep throws its status away."""
    if reply is None:
        return Outcome.NO_ANSWER
    fault = _fault(reply.body)
    denied = reply.status in _DENIED
    if fault is not None:
        denied = denied or fault.denies or fault.prohibits
        return Outcome.NOT_PERMITTED if denied else Outcome.NOT_SUPPORTED
    if denied:
        return Outcome.NOT_PERMITTED
    if said is not None:
        return Outcome.OK
    return Outcome.UNREADABLE if reply.body or reply.status != _OK else Outcome.NOT_SUPPORTED


def _fault(body: bytes) -> Fault | None:
    """Give the fault that a reply holds; our own reader finds it wherever it stands."""
    try:
        read = read_identity(body)
    except Unusable:
        return None
    return read if isinstance(read, Fault) else None


def _fields(said: object) -> Mapping[str, Any]:
    """Give the fields of what was said; none where it has none."""
    return said if isinstance(said, Mapping) else {}


def _rows(said: object) -> list[Mapping[str, Any]]:
    """Give the rows of what was said, a bounded number of them."""
    rows = said if isinstance(said, list) else [said]
    return [each for each in rows[:_MOST_ITEMS] if isinstance(each, Mapping)]


def _text(said: object) -> str:
    """Give a text on one short line."""
    return sanitise(said) if isinstance(said, str) else ""


def _texts(said: Iterable[object]) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, said)))


def _flag(said: object) -> bool | None:
    return said if isinstance(said, bool) else None


def _version(said: Mapping[str, Any]) -> str:
    major, minor = said.get("Major"), said.get("Minor")
    return f"{major}.{minor}" if isinstance(major, int) and isinstance(minor, int) else ""


def _path(address: object) -> str:
    """Keep the path of a service: its host is what the device believes, not where it is."""
    try:
        return sanitise(urlsplit(_text(address)).path)
    except ValueError:
        return ""


def _interfaces(said: object) -> tuple[NetworkPort, ...]:
    ports = []
    for each in _rows(said):
        info = _fields(each.get("Info"))
        name = _text(info.get("Name")) or _text(each.get("token"))
        ports.append(NetworkPort(name, _mac(info.get("HwAddress")), each.get("Enabled") is True))
    return tuple(ports)


def _mac(said: object) -> str:
    """Write a MAC in the register's form; empty for what is none, or stands for none."""
    digits = re.sub(r"[^0-9A-F]", "", _text(said).upper())
    if len(digits) != _MAC_DIGITS or not int(digits, 16):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, _MAC_DIGITS, 2))


def _servers(said: Mapping[str, Any]) -> tuple[str, ...]:
    """List the time servers, those that a person entered before those that DHCP gave."""
    hosts = [*_rows(said.get("NTPManual")), *_rows(said.get("NTPFromDHCP"))]
    fields = ("IPv4Address", "IPv6Address", "DNSname")
    found = (next(filter(None, (_text(each.get(name)) for name in fields)), "") for each in hosts)
    return tuple(dict.fromkeys(filter(None, found)))
