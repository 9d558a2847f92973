"""A video server beside ONVIF: points 36 and 37 of the quirk list."""

import asyncio
from datetime import UTC, datetime

import uvloop

from probes.checks.rtsp import RtspAnswer, RtspVerdict, ask
from probes.engine import probe_once
from probes.simulator import Device, Simulation
from probes.target import Requests, RtspTarget, Target
from probes.verdict import Health, Verdict
from tests.probes.conftest import LOOPBACK, QUICK


def ask_both(requests: Requests, said: bytes) -> tuple[Verdict, RtspVerdict, bytes]:
    """Ask a camera, and the video server beside it, which says this or nothing."""
    heard = bytearray()

    async def video(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(4096))
        writer.write(said)
        await reader.read(4096)
        writer.close()

    async def run() -> tuple[Verdict, RtspVerdict]:
        server = await asyncio.start_server(video, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with Simulation([Device(password="word")]) as simulation:
            target = Target(1, "127.0.0.1", simulation.ports[0], networks=LOOPBACK)
            beside = RtspTarget(1, "127.0.0.1", port, networks=LOOPBACK, timeout_seconds=0.5)
            verdicts = await asyncio.gather(
                probe_once(requests, target, limits=QUICK),
                ask(beside, now=lambda: datetime.now(UTC)),
            )
        server.close()
        return verdicts[0], verdicts[1]

    verdict, video_verdict = uvloop.run(run())
    return verdict, video_verdict, bytes(heard)


def test_q36_a_broken_video_server_is_a_verdict_of_its_own(requests: Requests) -> None:
    """ONVIF is well: the camera is up, and the other verdict says what is not."""
    verdict, video, heard = ask_both(requests, b"HTTP/1.1 404 Not Found\r\n\r\n")

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert video.answer is RtspAnswer.NOT_RTSP
    assert heard.startswith(b"OPTIONS rtsp://")
    assert heard.count(b"RTSP/1.0") == 1


def test_q37_a_video_server_that_hangs_costs_its_own_time_alone(requests: Requests) -> None:
    """Its timeout is its own, and the camera's verdict is not touched."""
    verdict, video, _ = ask_both(requests, b"")

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert video.answer is RtspAnswer.TIMEOUT
