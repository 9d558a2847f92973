"""A device that answers calls of WS-Discovery on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GROUP, PORT = "239.255.255.250", 3702
EPR = "urn:uuid:2419d68a-2dd2-21b2-a205-acccAAAAAA01"


def match(
    xaddrs: str,
    *,
    endpoint: str = EPR,
    scopes: str = "onvif://www.onvif.org/hardware/P3245",
    relates: str = "urn:uuid:1",
) -> bytes:
    """Write the answer of a device."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
        ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>'
        f"<w:RelatesTo>{relates}</w:RelatesTo></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>"
        f"<w:EndpointReference><w:Address>{endpoint}</w:Address></w:EndpointReference>"
        f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{scopes}</d:Scopes>"
        f"<d:XAddrs>{xaddrs}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
    ).encode()


@contextmanager
def responder(*answers: bytes) -> Iterator[list[bytes]]:
    """Answer every question on loopback with these datagrams; give the questions."""
    heard: list[bytes] = []
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((GROUP, PORT))
    joined = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
    server.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
    server.settimeout(0.1)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                data, address = server.recvfrom(65_535)
            except TimeoutError:
                continue
            heard.append(data)
            for answer in answers:
                server.sendto(answer, address)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield heard
    finally:
        stop.set()
        thread.join()
        server.close()
