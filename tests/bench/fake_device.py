"""
Answers ONVIF questions as fast as Python can, so that the prober is what is measured.

It accepts any token. The replies are as long as those of a common make, which
declares many namespaces. Started as a process of its own; prints its port.
"""

import asyncio
import sys
import time
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
        "HTTP/1.1 200 OK\r\nServer: fake\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n{body}"
    ).encode()


class Fake(asyncio.Protocol):
    """One connection: a canned answer to each request."""

    identity = _http(_ENVELOPE % _IDENTITY)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer a whole request."""
        self._buffer += data
        if not self._buffer.endswith(b"Envelope>"):
            return
        asked_for_time = b"GetSystemDateAndTime" in self._buffer
        self._buffer = b""
        self._transport.write(_clock() if asked_for_time else self.identity)


def _clock() -> bytes:
    """Tell the time."""
    at = time.gmtime()
    parts = (at.tm_hour, at.tm_min, at.tm_sec, at.tm_year, at.tm_mon, at.tm_mday)
    return _http(_ENVELOPE % (_CLOCK % parts))


async def _serve() -> None:
    """Listen on every loopback address, until the parent goes away."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Fake, "0.0.0.0", 0, backlog=4096)  # noqa: S104 - 127/8
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(_serve())
