"""No image, ever: every byte that leaves for a device is held to a short list of questions."""

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime

import uvloop

from probes.checks.rtsp import ask
from probes.engine import Engine, Limits
from probes.onvif.contract import load_requests
from probes.onvif.discovery import discover, interfaces_within
from probes.onvif.inventory import MOST_BYTES, Library
from probes.simulator import Device, Fault, Simulation
from probes.simulator.answers import operation
from probes.target import RtspTarget, Target
from probes.transport.blocking import Poster
from probes.transport.tls import Contexts
from tests.probes.calling import match, responder
from tests.probes.conftest import LOOPBACK

ALLOWED = {
    "GetSystemDateAndTime",
    "GetDeviceInformation",
    "GetServices",
    "GetCapabilities",
    "GetScopes",
    "GetNetworkInterfaces",
    "GetHostname",
    "GetNTP",
}
# What would lead to a picture, or change a device; written apart, so that no search of
# the product for these words finds any.
FORBIDDEN = re.compile(
    rb"(?i:snap" + rb"shot)|Stream" + rb"Uri|Get" + rb"Profiles|DESC" + rb"RIBE|\bPL" + rb"AY\b"
    rb"|<[\w:]*Set[A-Z]|<[\w:]*Create[A-Z]|Subscri"
)
REQUEST = re.compile(rb"(\w+) (\S+) HTTP/1\.1\r\n")
# Nothing comes in where nobody listens; these take their time to say nothing.
SILENT = {Fault.REFUSE, Fault.DARK, Fault.STALL, Fault.SLOW_DRIP, Fault.SLOW, Fault.BYTEWISE}


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


async def everything_asked() -> list[bytes]:
    """Probe and survey a camera of every kind, and return every byte that they heard."""
    heard: list[bytes] = []
    devices = [Device(password="pw", fault=fault) for fault in Fault if fault not in SILENT]
    library, contexts = Library(), Contexts()

    def survey(target: Target) -> None:
        try:
            with Poster(target, contexts=contexts, now=utc_now, seconds=3, most=MOST_BYTES) as way:
                library.take(way, target, now=utc_now)
        except OSError:
            # It hung up at the door, after it heard what it heard.
            return

    async with Simulation(devices, heard=lambda _, data: heard.append(data)) as simulation:
        targets = [
            Target(
                number,
                "127.0.0.1",
                port,
                username="admin",
                password="pw",
                networks=LOOPBACK,
                verify_authentication=True,
                timeout_seconds=3,
            )
            for number, port in enumerate(simulation.ports)
        ]
        engine = Engine(load_requests(), Limits(retry_pause_seconds=0.01))
        engine.feed(targets)
        while engine.in_flight or engine.backlog:  # noqa: ASYNC110 - the engine has no event for it
            await asyncio.sleep(0.02)
        await engine.close()
        for target in targets:
            await asyncio.to_thread(survey, target)
    return heard


def test_every_byte_that_leaves_is_of_a_question_that_is_allowed() -> None:
    """A camera of every kind is probed and surveyed; none hears of more than eight operations."""
    heard = uvloop.run(everything_asked())

    requests = [found for data in heard for found in REQUEST.findall(data)]
    bodies = Counter(filter(None, map(operation, heard)))
    assert len(requests) > 300
    assert set(requests) == {(b"POST", b"/onvif/device_service")}
    assert set(bodies) == ALLOWED
    assert not [data for data in heard if FORBIDDEN.search(data)]


def test_a_video_server_is_asked_for_nothing_but_its_methods() -> None:
    """One line of OPTIONS, and the connection is dropped."""
    heard = bytearray()

    async def run() -> None:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.extend(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"RTSP/1.0 200 OK\r\nPublic: OPTIONS, DESCRIBE, SETUP\r\n\r\n")
            heard.extend(await reader.read())
            writer.close()

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            await ask(RtspTarget(1, "127.0.0.1", port, networks=LOOPBACK), now=utc_now)
            await asyncio.sleep(0.1)

    uvloop.run(run())

    lines = bytes(heard).split(b"\r\n")
    assert re.fullmatch(rb"OPTIONS rtsp://127\.0\.0\.1:\d+/ RTSP/1\.0", lines[0])
    assert lines[1:] == [b"CSeq: 1", b"User-Agent: VigiParc", b"", b""]


def test_a_call_for_devices_asks_who_is_there_and_no_more() -> None:
    """A Probe of WS-Discovery for two types, and nothing else on the wire."""
    with responder(match("http://127.0.0.7/onvif/device_service")) as heard:
        discover(interfaces_within(LOOPBACK), networks=LOOPBACK, seconds=1)

    assert heard
    assert {re.search(rb"<s:Body>\s*<d:(\w+)>", data)[1] for data in heard} == {b"Probe"}  # type: ignore[index]
    assert not [data for data in heard if FORBIDDEN.search(data)]
