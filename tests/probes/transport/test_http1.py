"""A reply is read whole, however it is cut into packets, and never beyond its bounds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.transport.http1 import (
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    Reading,
    Reply,
    plain_body,
)
from probes.verdict import Reason, Unusable

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n6;note=x\r\n world\r\n0\r\n\r\n"
)
BARE_LINES = b"HTTP/1.1 200 OK\nContent-Length: 11\n\nhello world"
CONTINUED = b"HTTP/1.1 100 Continue\r\n\r\n" + LENGTH


def read(*packets: bytes) -> Reply | None:
    """Feed packets one after another."""
    reading = Reading()
    reply = None
    for packet in packets:
        assert reply is None, "the reply was whole before its last packet"
        reply = reading.feed(packet)
    return reply


def reason(*packets: bytes) -> Reason:
    """Feed packets and give the reason why they are refused."""
    with pytest.raises(Unusable) as caught:
        read(*packets)
    return caught.value.reason


@pytest.mark.parametrize("whole", [LENGTH, CHUNKED, BARE_LINES, CONTINUED])
def test_a_reply_in_one_packet_is_whole(whole: bytes) -> None:
    """The common case."""
    reply = read(whole)

    assert reply is not None
    assert (reply.status, reply.body) == (200, b"hello world")


@pytest.mark.parametrize("whole", [LENGTH, CHUNKED, CONTINUED])
@given(cuts=st.lists(st.integers(1, 60), max_size=8))
def test_a_reply_is_the_same_in_any_packets(whole: bytes, cuts: list[int]) -> None:
    """A radio link cuts anywhere, also inside a header or a chunk's size."""
    reading = Reading()
    edges = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})

    replies = (reading.feed(whole[start:end]) for start, end in pairwise(edges))

    reply = next(reply for reply in replies if reply is not None)
    assert reply.body == b"hello world"


@pytest.mark.parametrize("whole", [LENGTH, CHUNKED, BARE_LINES])
def test_one_byte_a_packet_is_read(whole: bytes) -> None:
    """The slowest of devices is still read."""
    reading = Reading()

    replies = (reading.feed(whole[at : at + 1]) for at in range(len(whole)))

    reply = next(reply for reply in replies if reply is not None)
    assert reply.body == b"hello world"


@pytest.mark.parametrize(("tail", "persistent"), [(b"0\r\n\r\n", True), (b"0\r\n", False)])
def test_a_chunked_reply_without_its_last_line_gives_up_its_connection(
    tail: bytes, *, persistent: bool
) -> None:
    """The answer is whole, but what comes next on the wire is not known."""
    reply = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" + tail)

    assert reply is not None
    assert (reply.body, reply.persistent) == (b"ok", persistent)


def test_a_reply_without_length_ends_with_its_connection() -> None:
    """Old devices frame by hanging up."""
    reading = Reading()
    assert reading.feed(b"HTTP/1.0 200 OK\r\n\r\nhello") is None

    reply = reading.finish()

    assert (reply.body, reply.persistent) == (b"hello", False)


@pytest.mark.parametrize("torn", [b"", b"HTTP/1.1 2", LENGTH[:-3], CHUNKED[:-5]])
def test_a_reply_cut_short_is_no_reply(torn: bytes) -> None:
    """Half an answer must not be read as a whole one."""
    reading = Reading()
    reading.feed(torn)

    with pytest.raises(Unusable) as caught:
        reading.finish()

    assert caught.value.reason is Reason.CLOSED_EARLY


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (b"SSH-2.0-dropbear\r\n", Reason.NOT_HTTP),
        (b"RTSP/1.0 400 Bad\r\n\r\n", Reason.NOT_HTTP),
        (b"\x15\x03\x01\x00\x02\x02\x0a", Reason.NOT_HTTP),
        (b"HTTP/2 200\r\n\r\n", Reason.NOT_HTTP),
        (b"HTTP/1.1 twohundred\r\n\r\n", Reason.NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_HEADER_BYTES, Reason.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", Reason.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_BODY_BYTES + 1), Reason.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n", Reason.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"z" * 300, Reason.NOT_HTTP),
    ],
)
def test_what_is_not_http_or_too_much_is_refused(packet: bytes, expected: Reason) -> None:
    """As soon as it can be known, not after the last byte."""
    assert reason(packet) is expected


def test_many_small_chunks_do_not_pass_the_cap() -> None:
    """The cap counts the body, however it is sliced."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"

    assert reason(head + chunk * 17) is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("head", "persistent"),
    [
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\n", False),
        (b"HTTP/1.0 200 OK\r\n", False),
        (b"HTTP/1.0 200 OK\r\nCONNECTION: Keep-Alive\r\n", True),
    ],
)
def test_a_connection_is_kept_as_the_device_says(head: bytes, *, persistent: bool) -> None:
    """Version and header decide, as RFC 9112 has it."""
    reply = read(head + b"Content-Length: 0\r\n\r\n")

    assert reply is not None
    assert reply.persistent is persistent


def test_headers_are_found_by_name_in_any_case() -> None:
    """Each line counts: challenges come in several."""
    reply = Reply(
        401,
        b"HTTP/1.1 401 X\r\nWWW-authenticate: a\r\nwww-Authenticate:  b \r\n",
        b"",
        persistent=False,
    )

    assert reply.header("WWW-Authenticate") == ["a", "b"]
    assert reply.header("Authenticate") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Mon, 23 Nov 2026 12:00:00 GMT", 1795435200.0),
        (b"yesterday", None),
        (b"Mon, 99 Nov 2026 99:00:00 GMT", None),
    ],
)
def test_a_date_is_read_if_it_is_one(value: bytes, expected: float | None) -> None:
    """It stands in for the clock of a device that asks for a login even there."""
    assert Reply(200, b"HTTP/1.1 200 OK\r\nDate: " + value, b"", persistent=True).date == expected


STATUS = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 200",
    b"HTTP/1.1 2000",
    b"HTTP/1.0 200 OK",
    b"http/1.1 200 OK",
]
HEADERS = [
    b"Content-Length: 11",
    b"content-length:11",
    b"CONTENT-LENGTH: 11 ",
    b"Content-Length: 5",
    b"Content-Length: 12",
    b"Content-Length: eleven",
    b"Content-Length: " + b"1" * 5000,
    b"X-Content-Length: 11",
    b"Connection: close",
    b"Connection: Keep-Alive",
    b"Transfer-Encoding: chunked",
    b"Date: Tue, 24 Nov 2026 12:00:00 GMT",
    b"Server: \xff",
]


@given(
    st.sampled_from(STATUS),
    st.lists(st.sampled_from(HEADERS), max_size=4),
    st.sampled_from([b"\r\n", b"\n"]),
)
def test_a_reply_read_at_sight_is_the_reply_that_is_read_with_care(
    status: bytes, headers: list[bytes], end: bytes
) -> None:
    """What the quick way takes for plain, the reader of everything takes for the same."""
    data = end.join([status, *headers, b"", b"hello world"])

    body = plain_body(data)

    if body is not None:
        assert read(data) == Reply(200, data.partition(b"\r\n\r\n")[0], body, persistent=True)


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (LENGTH, b"hello world"),
        (LENGTH.replace(b"Content-Length", b"content-length"), b"hello world"),
        (LENGTH[:-1], None),
        (LENGTH + b"x", None),
        (CHUNKED, None),
        (CONTINUED, None),
        (b"", None),
    ],
)
def test_a_plain_reply_is_read_at_sight(data: bytes, body: bytes | None) -> None:
    """Whole, in one piece, of a stated length."""
    assert plain_body(data) == body
