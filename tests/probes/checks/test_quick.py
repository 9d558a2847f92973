"""A plain camera is asked quickly; what is not goes on elsewhere, and nothing is asked twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count

import pytest
import uvloop

from probes.checks.memory import Memory
from probes.checks.quick import Means, Quick, is_quick
from probes.engine import Engine
from probes.explain import Trace
from probes.simulator import answers
from probes.simulator.device import Device, Fault
from probes.target import Requests, Target
from probes.transport.poller import Poller
from probes.verdict import Authentication, Health, Issue, Reason, Verdict
from tests.probes.conftest import LOOPBACK, QUICK

Answer = Callable[[asyncio.StreamWriter, int, bytes], Awaitable[None]]
DEVICE = Device(password="word")
CLOSE = "Connection: close\r\n"


def http(body: bytes, *, status: int = 200, extra: str = "") -> bytes:
    """Write a reply."""
    return f"HTTP/1.1 {status} X\r\n{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body


def onvif(question: bytes, *, extra: str = "") -> bytes:
    """Answer as a camera that is well."""
    clock = b"GetSystemDateAndTime" in question
    body = (answers.clock_answer if clock else answers.identity_answer)(DEVICE, Fault.NONE)
    return http(body, extra=extra)


def ask(requests: Requests, answer: Answer) -> tuple[Verdict, list[bytes], int]:
    """
    Feed the engine one camera that answers in its way.

    Returns the verdict, the questions that were asked, and on how many connections.
    """
    questions: list[bytes] = []
    connections = count()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        next(connections)
        asked = b""
        while data := await reader.read(4096):
            asked += data
            if asked.endswith(b"Envelope>"):
                questions.append(asked)
                await answer(writer, len(questions), asked)
                asked = b""
        writer.close()

    async def run() -> Verdict:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        engine = Engine(requests, QUICK)
        engine.feed(
            [
                Target(
                    1,
                    "127.0.0.1",
                    port,
                    username="admin",
                    password="word",
                    networks=LOOPBACK,
                    authentication_known=Authentication.VERIFIED,
                    timeout_seconds=2,
                )
            ]
        )
        verdicts: list[Verdict] = []
        async with asyncio.timeout(5):
            while not verdicts:
                await asyncio.sleep(0.01)
                verdicts = engine.drain()
        await engine.close()
        server.close()
        await server.wait_closed()
        return verdicts[0]

    return uvloop.run(run()), questions, next(connections)


def test_a_plain_camera_is_asked_twice_on_one_connection(requests: Requests) -> None:
    """The clock without credentials, the identity with them."""

    async def answer(writer: asyncio.StreamWriter, _number: int, asked: bytes) -> None:
        writer.write(onvif(asked))

    verdict, questions, connections = ask(requests, answer)

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert verdict.authentication is Authentication.VERIFIED
    assert verdict.identity is not None
    assert set(verdict.phases) == {"dns", "connect", "clock", "identity", "total"}
    assert [b"Security" in asked for asked in questions] == [
        False,
        True,
    ]
    assert connections == 1


@pytest.mark.parametrize("pause_seconds", [0.0, 0.0005])
def test_a_reply_may_come_in_any_pieces(requests: Requests, pause_seconds: float) -> None:
    """A byte a packet is still the same reply."""

    async def answer(writer: asyncio.StreamWriter, _number: int, asked: bytes) -> None:
        for byte in onvif(asked):
            writer.write(bytes([byte]))
            await asyncio.sleep(pause_seconds)

    verdict, questions, _ = ask(requests, answer)

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert len(questions) == 2


def test_a_camera_that_hangs_up_after_each_reply_is_asked_on_two_connections(
    requests: Requests,
) -> None:
    """Many do, and say so."""

    async def answer(writer: asyncio.StreamWriter, _number: int, asked: bytes) -> None:
        writer.write(onvif(asked, extra=CLOSE))
        writer.close()

    verdict, questions, connections = ask(requests, answer)

    assert (verdict.health, verdict.identity is not None) == (Health.UP, True)
    assert (len(questions), connections) == (2, 2)


def test_a_reply_may_end_with_its_connection(requests: Requests) -> None:
    """Old servers state no length."""

    async def answer(writer: asyncio.StreamWriter, _number: int, asked: bytes) -> None:
        body = onvif(asked).partition(b"\r\n\r\n")[2]
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + body)
        writer.close()

    verdict, questions, _ = ask(requests, answer)

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert len(questions) == 2


def test_a_connection_dropped_between_two_questions_is_replaced(requests: Requests) -> None:
    """What served before may be gone; the question is asked again on a new one."""

    async def answer(writer: asyncio.StreamWriter, number: int, asked: bytes) -> None:
        if number != 2:
            writer.write(onvif(asked))
        else:
            writer.close()

    verdict, questions, connections = ask(requests, answer)

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert verdict.identity is not None
    assert (len(questions), connections) == (3, 2)


def test_a_connection_that_ends_with_a_reply_is_not_asked_on(requests: Requests) -> None:
    """Some hang up without having said so, and never hear what is still sent."""
    ended: set[asyncio.StreamWriter] = set()

    async def answer(writer: asyncio.StreamWriter, _number: int, asked: bytes) -> None:
        if writer not in ended:
            writer.write(onvif(asked))
            writer.write_eof()
            ended.add(writer)

    verdict, _, connections = ask(requests, answer)

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert verdict.identity is not None
    assert connections == 2


def test_a_refusal_is_read_by_the_thorough_check_and_not_asked_for_again(
    requests: Requests,
) -> None:
    """Cameras lock accounts: handing over costs no second login."""

    async def answer(writer: asyncio.StreamWriter, number: int, asked: bytes) -> None:
        refusal = answers.fault_answer(DEVICE, "Sender", ("ter:NotAuthorized",), "no")
        writer.write(onvif(asked) if number == 1 else http(refusal, status=400))

    verdict, questions, connections = ask(requests, answer)

    assert verdict.issues == {Issue.AUTH_FAILED}
    assert verdict.authentication is Authentication.FAILED
    assert (len(questions), connections) == (2, 1)


def test_a_challenge_is_answered_on_the_same_connection(requests: Requests) -> None:
    """The token went first, HTTP Digest follows: two logins, and no third."""
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'

    async def answer(writer: asyncio.StreamWriter, number: int, asked: bytes) -> None:
        if number == 2:
            writer.write(http(b"", status=401, extra=challenge))
        else:
            writer.write(onvif(asked))

    verdict, questions, connections = ask(requests, answer)

    assert verdict.authentication is Authentication.VERIFIED
    assert b"Authorization: Digest" in questions[2]
    assert b"Security" not in questions[2]
    assert (len(questions), connections) == (3, 1)


def test_a_plain_fault_under_a_good_status_is_no_identity(requests: Requests) -> None:
    """A fault may come with 200, and its headers still count."""

    async def answer(writer: asyncio.StreamWriter, number: int, asked: bytes) -> None:
        refusal = answers.fault_answer(DEVICE, "Sender", ("ter:NotAuthorized",), "no")
        basic = 'WWW-Authenticate: Basic realm="r"\r\n'
        writer.write(onvif(asked) if number == 1 else http(refusal, extra=basic))

    verdict, _, _ = ask(requests, answer)

    assert verdict.issues == {Issue.AUTH_SCHEME_UNSUPPORTED}


def test_an_identity_that_never_comes_leaves_the_camera_up_and_slow(requests: Requests) -> None:
    """The clock was answered."""

    async def answer(writer: asyncio.StreamWriter, number: int, asked: bytes) -> None:
        if number == 1:
            writer.write(onvif(asked))

    verdict, questions, _ = ask(requests, answer)

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.SLOW}
    assert verdict.authentication is Authentication.VERIFIED
    assert len(questions) == 2


def test_a_camera_that_hangs_up_at_once_is_down(requests: Requests) -> None:
    """It is tried once more on a new connection, and no oftener."""

    async def answer(writer: asyncio.StreamWriter, _number: int, _asked: bytes) -> None:
        writer.close()

    verdict, questions, connections = ask(requests, answer)

    assert (verdict.health, verdict.reason) == (Health.DOWN, Reason.CLOSED_EARLY)
    assert (len(questions), connections) == (2, 2)


def test_a_socket_that_cannot_be_watched_is_closed(requests: Requests) -> None:
    """It is the attempt's end, and costs no descriptor."""

    async def run() -> tuple[bool, Exception | None, bool]:
        poller = Poller(asyncio.get_running_loop())
        poller.close()
        means = Means(requests, Memory(), poller, lambda: datetime.now(UTC), 1.0, 5.0)
        target = Target(1, "127.0.0.1", 9, networks=LOOPBACK)
        quick = Quick(means, target, Trace(), lambda _: None, seconds=1.0)
        return quick.start(), quick.error, quick.plain is None

    begun, error, is_closed = uvloop.run(run())

    assert (begun, is_closed) == (False, True)
    assert isinstance(error, ValueError)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"host": "2001:db8::1"}, True),
        ({"host": "camera.example"}, False),
        ({"host": "fe80::1%eth0"}, False),
        ({"scheme": "https"}, False),
        ({"verify_authentication": True}, False),
    ],
)
def test_only_plain_targets_are_asked_quickly(
    changes: dict[str, object], *, expected: bool
) -> None:
    """Names are resolved, certificates judged and proofs made at leisure."""
    plain = {"key": 1, "host": "10.0.0.1"}

    assert is_quick(Target(**{**plain, **changes})) is expected  # type: ignore[arg-type]
