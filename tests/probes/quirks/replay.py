"""Replays a recorded reply as a device: whatever is asked, it gives that one answer."""

import asyncio
import csv
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

# What these replies say of their body is of the recording, not of the replay.
_FRAMING = re.compile(rb"(?im)^(?:content-length|transfer-encoding|connection|keep-alive):.*\r?\n")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:\s*chunked")
_TABLE = Path(__file__).with_name("recorded.tsv")
_DEFAULT_HEAD = b"HTTP/1.1 %d Recorded\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"


class Capture(NamedTuple):
    """One recorded reply; `status` is 0 where the recorder did not keep it."""

    name: str
    status: int
    path: Path


def captures(folder: Path) -> Iterator[Capture]:
    """List the recorded replies of a folder, with what its index knows of each."""
    with (folder / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = {row["file"]: row for row in csv.DictReader(index, delimiter="\t")}
    for path in sorted(folder.rglob("*.xml")):
        file = path.relative_to(folder).as_posix()
        http = rows[file]["http"] if file in rows else ""
        yield Capture(file.removesuffix(".xml"), int(http) if http.isdigit() else 0, path)


def expectations() -> dict[str, tuple[str, frozenset[str]]]:
    """
    Read the table: the health of each recorded reply, with its issues or its reason.

    It is what a device comes to that gives the reply to both questions, while
    credentials are held, at noon of 23 November 2026. An ONVIF answer to another
    question is a sign of life; so is a refusal, under any status; a fault to both
    questions is no answer, nor is what was meant for WS-Discovery.
    """
    with _TABLE.open(encoding="utf-8") as table:
        next(table)
        rows = [line.rstrip("\n").split("\t") for line in table]
    return {name: (health, frozenset(codes.split())) for name, health, codes in rows}


def reply_of(capture: Capture) -> bytes:
    """
    Give a recorded reply as it came over the wire.

    Headers are those that were recorded. Where none were, they are a plain device's,
    with the status of the index, or else the one that fits the body.
    """
    body = capture.path.read_bytes()
    recorded = capture.path.with_suffix(".hdr")
    status = capture.status or (400 if b"Fault>" in body else 200)
    head = _DEFAULT_HEAD % status
    if recorded.is_file():
        head = recorded.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").strip()
        head += b"\r\n"
    closing = b"Connection: close\r\n"
    if _CHUNKED.search(head):
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        return _FRAMING.sub(b"", head) + closing + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
    return _FRAMING.sub(b"", head) + closing + b"Content-Length: %d\r\n\r\n" % len(body) + body


@asynccontextmanager
async def replayed(reply: bytes) -> AsyncIterator[int]:
    """Run a device that gives one reply to everything, and give its port."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = b""
        while not asked.endswith(b"Envelope>"):
            piece = await reader.read(4096)
            if not piece:
                break
            asked += piece
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
