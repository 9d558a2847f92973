"""Video servers are asked beside their camera's probes, by those who opted in."""

import asyncio
from collections.abc import Awaitable, Callable

import uvloop

from probes.checks.rtsp import RtspAnswer
from probes.simulator import Device
from registry.db import SessionFactory
from registry.fleet.models import Camera
from registry.monitoring.models import RtspStanding
from registry.monitoring.runner.rtsp import VideoWatch
from tests.monitoring.runner.field import Field, field

Scene = Callable[[Field, VideoWatch, list[bytes]], Awaitable[None]]


def play(sessions: SessionFactory, scene: Scene, *, opted_in: bool = True) -> None:
    """Play a scene with a camera, its video server, and what that one heard."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"RTSP/1.0 200 OK\r\n\r\n")
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, field(sessions, Device(password="pw")) as street:
            if opted_in:
                street.change(lambda camera: asked_at(camera, port))
            watch = VideoWatch(
                street.agenda,
                sessions,
                pace_seconds=300,
                clock=street.clock,
                writer=street.writer,
            )
            await scene(street, watch, heard)
            await watch.close()

    uvloop.run(run())


def asked_at(camera: Camera, port: int) -> None:
    """Opt a camera in."""
    camera.rtsp_port, camera.rtsp_path = port, "/live"


def kept(street: Field) -> RtspStanding | None:
    """Return what is kept of the camera's video server."""
    with street.sessions() as session:
        return session.get(RtspStanding, street.camera_id)


def test_a_video_server_is_asked_after_a_probe_and_kept_apart(sessions: SessionFactory) -> None:
    """OPTIONS alone, and no more often than the pace."""

    async def scene(street: Field, watch: VideoWatch, heard: list[bytes]) -> None:
        for minutes in (0, 1, 4, 5):
            street.wait(minutes=minutes)
            watch.heard(street.up(), street.at)
            await asyncio.sleep(0.1)
        await watch.tick()

        found = kept(street)
        assert found is not None
        assert (found.answer, found.detail) == (RtspAnswer.OK, "RTSP/1.0 200 OK")
        assert len(heard) == 3
        assert all(each.startswith(b"OPTIONS rtsp://127.0.0.1") for each in heard)

    play(sessions, scene)


def test_who_did_not_opt_in_is_not_asked(sessions: SessionFactory) -> None:
    """No port, no question."""

    async def scene(street: Field, watch: VideoWatch, heard: list[bytes]) -> None:
        watch.heard(street.up(), street.at)
        await asyncio.sleep(0.1)
        await watch.tick()

        assert (heard, kept(street)) == ([], None)

    play(sessions, scene, opted_in=False)
