"""Cameras lock accounts: two logins a cycle, the unanswered ones and the retry's included."""

import asyncio
import re
from collections.abc import Callable

import pytest
import uvloop

from probes.engine import Engine, probe_once
from probes.simulator import Device, Fault, answers, http
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Issue, Verdict
from tests.probes.conftest import LOOPBACK, QUICK

DEVICE = Device(password="word")
CLOCK = http.written(200, answers.clock_answer(DEVICE, Fault.NONE))
NAMED = http.written(200, answers.identity_answer(DEVICE, Fault.NONE))
ODD = http.written(500, answers.fault_answer(DEVICE, "Receiver", (), "odd"))
CHALLENGE = http.written(
    401, b"", extra='WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'
)
STALE = http.written(
    401, b"", extra='WWW-Authenticate: Digest realm="r", nonce="m", qop="auth", stale=TRUE\r\n'
)
HANG_UP = b""


class Camera:
    """A camera that answers its logins in the order given, the last for ever after."""

    def __init__(self, *to_logins: bytes, to_clock: bytes = CLOCK) -> None:
        """Wait for the first request."""
        self._to_logins = to_logins
        self._to_clock = to_clock
        self.logins: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, up to the one at which it hangs up."""
        try:
            while reply := self._reply(await self._request(reader)):
                writer.write(reply)
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        return head + await reader.readexactly(int(length[1]))

    def _reply(self, request: bytes) -> bytes:
        if b"GetSystemDateAndTime" in request:
            return self._to_clock
        if b"UsernameToken" not in request and b"\nAuthorization" not in request:
            return CHALLENGE
        self.logins.append(request)
        return self._to_logins[min(len(self.logins), len(self._to_logins)) - 1]


def cycle(requests: Requests, camera: Camera, *, quick: bool) -> Verdict:
    """Probe a camera for one cycle, in either way."""

    async def run() -> Verdict:
        server = await asyncio.start_server(camera.serve, "127.0.0.1", 0)
        target = Target(
            1,
            "127.0.0.1",
            server.sockets[0].getsockname()[1],
            username="admin",
            password="word",
            networks=LOOPBACK,
            authentication_known=Authentication.VERIFIED,
            timeout_seconds=5,
        )
        async with server:
            if not quick:
                return await probe_once(requests, target, limits=QUICK)
            engine = Engine(requests, QUICK)
            engine.feed([target])
            async with asyncio.timeout(10):
                while not (verdicts := engine.drain()):  # noqa: ASYNC110 - the engine has no event
                    await asyncio.sleep(0.01)
            await engine.close()
            return verdicts[0]

    return uvloop.run(run())


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    "camera",
    [
        lambda: Camera(HANG_UP),
        lambda: Camera(HANG_UP, CHALLENGE),
        lambda: Camera(CHALLENGE),
        lambda: Camera(STALE),
        lambda: Camera(STALE, to_clock=CHALLENGE),
        lambda: Camera(HANG_UP, to_clock=ODD),
        lambda: Camera(HANG_UP, HANG_UP, CHALLENGE, to_clock=ODD),
        lambda: Camera(ODD, to_clock=ODD),
    ],
)
def test_a_cycle_sends_two_logins_whatever_becomes_of_them(
    requests: Requests, camera: Callable[[], Camera], *, quick: bool
) -> None:
    """A login without an answer may have been counted all the same."""
    device = camera()

    cycle(requests, device, quick=quick)

    assert 1 <= len(device.logins) <= 2


@pytest.mark.parametrize("quick", [True, False])
def test_a_login_that_got_no_answer_is_made_anew(requests: Requests, *, quick: bool) -> None:
    """A device that refuses replays may have read the first: another nonce, and it passes."""
    device = Camera(HANG_UP, NAMED)

    verdict = cycle(requests, device, quick=quick)

    nonces = [re.findall(rb"Nonce[^>]*>([^<]+)<", each)[0] for each in device.logins]
    assert verdict.authentication is Authentication.VERIFIED
    assert verdict.identity is not None
    assert len(set(nonces)) == len(nonces) == 2


@pytest.mark.parametrize("quick", [True, False])
def test_a_cycle_without_a_login_left_calls_no_password_wrong(
    requests: Requests, *, quick: bool
) -> None:
    """The first got no answer and the second a challenge: that decides nothing, and no latch."""
    device = Camera(HANG_UP, CHALLENGE)

    verdict = cycle(requests, device, quick=quick)

    assert verdict.health is Health.UP
    assert verdict.authentication is Authentication.VERIFIED
    assert Issue.AUTH_FAILED not in verdict.issues


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("to_clock", [CLOCK, CHALLENGE], ids=["open clock", "closed clock"])
def test_a_nonce_that_is_always_stale_calls_no_password_wrong(
    requests: Requests, to_clock: bytes, *, quick: bool
) -> None:
    """Stale says that the digest was right but for its nonce: nothing is decided, no latch."""
    device = Camera(STALE, to_clock=to_clock)

    verdict = cycle(requests, device, quick=quick)

    assert len(device.logins) == 2
    assert verdict.health is Health.UP
    assert verdict.authentication is Authentication.VERIFIED
    assert Issue.AUTH_FAILED not in verdict.issues
