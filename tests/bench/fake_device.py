"""
Answers ONVIF questions as fast as Python can, so that the prober is what is measured.

It accepts any token. The replies are as long as those of a common make, which
declares many namespaces. Started as a process of its own; prints two ports, one that
answers and one that swallows every connection as a dead host would.

Usage: `python -m tests.bench.fake_device [CERTIFICATE]`; a PEM file makes it speak TLS.
"""

import asyncio
import socket
import ssl
import sys
import time
from email.utils import formatdate
from functools import lru_cache
from typing import cast

import uvloop

_SPACES = "".join(
    f' xmlns:{prefix}="http://www.onvif.org/ver10/{prefix}/wsdl"'
    for prefix in (
        *("tad", "tan", "tas", "tcr", "tev", "tls", "tmd", "tns", "tpt", "tptz", "trc", "trp"),
        *("trt", "trv", "tse", "tst", "timg", "tnsaxis", "aev", "aa", "ali", "aweb", "pr"),
    )
)
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    f"{_SPACES}><SOAP-ENV:Body>%s</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
)
_IDENTITY = (
    "<tds:GetDeviceInformationResponse><tds:Manufacturer>Simulated</tds:Manufacturer>"
    "<tds:Model>SIM-2000</tds:Model><tds:FirmwareVersion>1.0.0</tds:FirmwareVersion>"
    "<tds:SerialNumber>SIM-000001</tds:SerialNumber><tds:HardwareId>SIM</tds:HardwareId>"
    "</tds:GetDeviceInformationResponse>"
)
_CLOCK = (
    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP"
    "</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone>"
    "<tt:TZ>CET-1CEST,M3.5.0,M10.5.0/3</tt:TZ></tt:TimeZone><tt:UTCDateTime><tt:Time>"
    "<tt:Hour>%d</tt:Hour><tt:Minute>%d</tt:Minute><tt:Second>%d</tt:Second></tt:Time><tt:Date>"
    "<tt:Year>%d</tt:Year><tt:Month>%d</tt:Month><tt:Day>%d</tt:Day></tt:Date></tt:UTCDateTime>"
    "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
)


def _http(body: str) -> bytes:
    """Frame a reply."""
    return (
        f"HTTP/1.1 200 OK\r\nServer: fake\r\nDate: {formatdate(usegmt=True)}\r\n"
        "Content-Type: application/soap+xml; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n{body}"
    ).encode()


@lru_cache(maxsize=4)
def _replies(second: int) -> tuple[bytes, bytes]:
    """Write the two replies of one second: the time, and who it is."""
    at = time.gmtime(second)
    parts = (at.tm_hour, at.tm_min, at.tm_sec, at.tm_year, at.tm_mon, at.tm_mday)
    return _http(_ENVELOPE % (_CLOCK % parts)), _http(_ENVELOPE % _IDENTITY)


class Fake(asyncio.Protocol):
    """One connection: a canned answer to each request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer a whole request."""
        self._buffer += data
        if not self._buffer.endswith(b"Envelope>"):
            return
        clock, identity = _replies(int(time.time()))
        asked_for_time = b"GetSystemDateAndTime" in self._buffer
        self._buffer = b""
        self._transport.write(clock if asked_for_time else identity)


def _hole() -> tuple[socket.socket, list[socket.socket]]:
    """
    Make a port on which every SYN is dropped: its queue is full and never served.

    Loopback connects to 127.0.0.0/8 alike, so one hole is a fleet of dead cameras.
    """
    listener = socket.socket()
    listener.bind(("0.0.0.0", 0))  # noqa: S104 - all of 127/8
    listener.listen(0)
    plugs = [socket.socket() for _ in range(2)]
    for plug in plugs:
        plug.settimeout(0)
        plug.connect_ex(("127.0.0.1", listener.getsockname()[1]))
    return listener, plugs


async def _serve(certificate: str | None) -> None:
    """Listen on every loopback address, until the parent goes away."""
    loop = asyncio.get_running_loop()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await loop.create_server(
        Fake,
        "0.0.0.0",  # noqa: S104 - all of 127/8
        0,
        backlog=4096,
        ssl=context,
    )
    hole, _plugs = _hole()
    port, dark = server.sockets[0].getsockname()[1], hole.getsockname()[1]
    sys.stdout.write(f"{port} {dark}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1] if len(sys.argv) > 1 else None))
