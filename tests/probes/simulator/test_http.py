"""Replies of simulated cameras are framed as HTTP wants it."""

from probes.simulator import http
from probes.transport.http1 import Reading


def test_a_reply_is_read_as_it_was_written() -> None:
    """Status, body and connection arrive as they were meant."""
    reply = Reading().feed(http.written(401, b"no", version="1.0", extra="X-A: b\r\n"))

    assert reply is not None
    assert (reply.status, reply.body, reply.persistent) == (401, b"no", False)
    assert reply.header("X-A") == ["b"]


def test_chunks_are_put_together_again() -> None:
    """Three chunks, one body."""
    reply = Reading().feed(http.chunked("HTTP/1.1 200 OK\r\n", b"a", b"bc", b"d"))

    assert reply is not None
    assert reply.body == b"abcd"


def test_a_reply_is_taken_apart() -> None:
    """What a quirk changes is the body, not the status."""
    written = http.written(500, b"body")

    assert (http.status_of(written), http.body_of(written)) == (500, b"body")
