"""
Asks a device who it is and how it is set up, and never for an image.

onvif-zeep's ONVIFService does the asking, on the standard's own files, parsed once.
Never its ONVIFCamera: that one leaks a subscription on the device, knows no timeout
and edits os.environ.
"""

# onvif-zeep is not typed, zeep only in part.
# mypy: disable-error-code="no-untyped-call"

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from onvif.client import ONVIFService  # type: ignore[import-untyped]
from zeep import Client, Settings, Transport
from zeep.helpers import serialize_object
from zeep.wsse.username import UsernameToken

from probes.onvif import sift
from probes.onvif.contract import BINDING, ContractError, Offline, find_wsdl, refuse_rivals
from probes.onvif.facts import Inventory, Outcome, Service
from probes.onvif.reply import Clock, Fault, Named, read_clock, read_identity
from probes.target import Target
from probes.verdict import Identity, Unusable

# Cameras lock accounts: after so many refusals no credentials are sent any more.
MAX_REFUSALS = 2
MOST_BYTES = 1 << 20
_DENIED = frozenset({401, 403})
_OK = 200
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

    @property
    def date(self) -> float | None:
        """The instant of its Date header, in seconds since the epoch."""


class Way(Protocol):
    """The way to one device, open; it keeps the deadline, the guard and the caps."""

    @property
    def trusted(self) -> bool:
        """Whether credentials may be sent."""

    @property
    def dropped(self) -> bool:
        """Whether the last request was a login that got no answer, and may be made anew."""

    def post(self, body: bytes, action: str, *, login: bool = False) -> Answer:
        """Send a request without HTTP credentials; a `login` is never sent twice."""

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
        self.signed = False
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
        action, way = found[1] if found else "", self._way
        if self.digest:
            reply = way.post_with_digest(message, action)
        else:
            reply = way.post(message, action, login=self.signed)
        self.reply = reply
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
        interview = _Interview(self, way, target, now)
        try:
            return interview.run()
        finally:
            interview.close()


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
            scopes=sift.texts(each.get("ScopeItem") for each in sift.rows(scopes)),
            interfaces=sift.interfaces(interfaces),
            hostname=sift.text(sift.fields(hostname).get("Name")),
            ntp_servers=sift.servers(sift.fields(ntp)),
            is_ntp_from_dhcp=sift.flag(sift.fields(ntp).get("FromDHCP")),
            clock_source=source,
            outcomes=self._outcomes,
        )

    def close(self) -> None:
        """
        Part what zeep and onvif-zeep tie in circles, so that all of it is freed at once.

        The garbage collector would find it only when a quarter of all objects had come
        anew: in a monitor of many cameras that is after thousands of inventories.
        """
        self._device.ws_client._operations.clear()  # noqa: SLF001 - zeep has no other way
        vars(self._device).clear()

    def _clock(self) -> str:
        """Ask for the time, bare as the standard wants it; its offset is the token's."""
        began = self._now()
        said = self._ask(Operation.CLOCK)
        reply = self._carrier.reply
        try:
            clock = read_clock(reply.body) if reply else None
        except Unusable:
            clock = None
        # Where even the time is behind a login, the reply's Date header is a clock.
        at = clock.at if isinstance(clock, Clock) else reply.date if reply else None
        if at is not None:
            middle = began + (self._now() - began) / 2
            self._offset = timedelta(seconds=at - middle.timestamp())
        return sift.text(sift.fields(said).get("DateTimeType"))

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
                sift.text(each.get("Namespace")),
                sift.version(sift.fields(each.get("Version"))),
                sift.path(each.get("XAddr")),
            )
            for each in sift.rows(self._ask(Operation.SERVICES, IncludeCapability=False))
        ]
        if found or self._outcomes[Operation.SERVICES] is not Outcome.NOT_SUPPORTED:
            return tuple(found)
        capabilities = sift.fields(self._ask(Operation.CAPABILITIES, Category=["All"]))
        return tuple(
            Service(name, path=sift.path(sift.fields(said).get("XAddr")))
            for name, said in capabilities.items()
            if sift.fields(said).get("XAddr")
        )

    def _ask(self, operation: Operation, **parameters: object) -> Any:  # noqa: ANN401 - zeep's
        """Ask one thing; give what was said as plain values, and note what came of it."""
        said = self._say(operation, parameters)
        if self._carrier.signed and self._way.dropped:
            # The device may have read the token, and would refuse its nonce a second time.
            said = self._say(operation, parameters)
        outcome = _outcome(said, self._carrier.reply)
        if outcome is Outcome.NOT_PERMITTED and self._login:
            self._count_refusal()
        self._outcomes[str(operation)] = outcome
        return said if outcome is Outcome.OK else None

    def _say(self, operation: Operation, parameters: Mapping[str, object]) -> Any:  # noqa: ANN401
        """Send one question with a token of its own; give what was said, none if unreadable."""
        token = self._token()
        self._client.wsse, self._carrier.signed = token, token is not None
        self._carrier.sent, self._carrier.reply = False, None
        try:
            return serialize_object(getattr(self._device, operation)(parameters))
        except Exception:  # noqa: BLE001 - odd devices make zeep raise whatever there is
            return None

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
