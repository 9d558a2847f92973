"""
Bends the answers of a simulated camera as known makes do.

Each quirk stands for one that users of other ONVIF clients have reported, or that
a recorded device shows.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from probes.simulator import answers, http
from probes.simulator.device import Device, Fault

_SOAP12 = b"http://www.w3.org/2003/05/soap-envelope"
_SOAP11 = b"http://schemas.xmlsoap.org/soap/envelope/"
_PASSWORD_TEXT = re.compile(rb"<(?:[\w.-]+:)?Password [^>]*#PasswordText[^>]*>([^<]*)<")
# Zones as real devices write them; none follows POSIX.
_ODD_ZONE = b"EST+5:00:00EDT04:00:00,M3.5.0/01:00:00,UTC-1:0 MoroccoStandardTime0"
_UNABLE = "Optional Action Not Implemented"


class Asked(NamedTuple):
    """One request to a camera, and the reply that it would give without its quirk."""

    device: Device
    head: bytes
    body: bytes
    plain: Callable[[], bytes]

    @property
    def for_clock(self) -> bool:
        """Whether the time is asked."""
        return answers.operation(self.body) == "GetSystemDateAndTime"

    @property
    def signed(self) -> bool:
        """Whether it carries a WS-Security header."""
        return b":Security" in self.body

    def changed(self, change: Callable[[bytes], bytes], *, kind: str = http.SOAP) -> bytes:
        """Give the plain reply with another body."""
        reply = self.plain()
        return http.written(http.status_of(reply), change(http.body_of(reply)), kind=kind)

    def refused(self, status: int, code: str, subcodes: tuple[str, ...], text: str) -> bytes:
        """Give a fault instead of the answer."""
        said = answers.fault_answer(self.device, code, subcodes, text)
        return http.written(status, said)


def bend(fault: Fault, asked: Asked) -> bytes:
    """Give the reply of a device with a quirk; the plain one where it has none."""
    quirk = _QUIRKS.get(fault)
    return quirk(asked) if quirk is not None else asked.plain()


def _local_time_only(asked: Asked) -> bytes:
    """Tell local time alone, of the year in which its clock begins."""
    return asked.changed(
        lambda body: re.sub(rb"(:Year>)\d+", rb"\g<1>1979", body).replace(
            b"UTCDateTime", b"LocalDateTime"
        )
    )


def _minute_61(asked: Asked) -> bytes:
    """Count minutes past the hour's end."""
    return asked.changed(lambda body: re.sub(rb"(:Minute>)\d+", rb"\g<1>61", body))


def _month_13(asked: Asked) -> bytes:
    """Show a date that no calendar has."""
    return asked.changed(
        lambda body: re.sub(rb"(:Month>|:Day>)\d+", rb"\g<1>13", body).replace(
            b":Year>20", b":Year>24"
        )
    )


def _odd_zone(asked: Asked) -> bytes:
    """Write its time zone in a way of its own."""
    return asked.changed(lambda body: re.sub(rb"(:TZ>)[^<]+", rb"\g<1>" + _ODD_ZONE, body))


def _gbk(asked: Asked) -> bytes:
    """Declare UTF-8 and send GBK."""
    maker = asked.device.manufacturer.encode()
    return asked.changed(lambda body: body.replace(maker, "海康威视".encode("gbk")))


def _utf16(asked: Asked) -> bytes:
    """Write in UTF-16."""
    return asked.changed(
        lambda body: body.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        kind="application/soap+xml; charset=utf-16",
    )


def _byte_order_mark(asked: Asked) -> bytes:
    """Begin with a byte order mark and a blank line, and end with NUL bytes."""
    return asked.changed(lambda body: b"\xef\xbb\xbf\r\n" + body + b"\0\0")


def _multipart(asked: Asked) -> bytes:
    """Wrap the answer in a multipart message."""
    head = b"--part\r\nContent-Type: application/xop+xml\r\n\r\n"
    return asked.changed(
        lambda body: head + body + b"\r\n--part--\r\n",
        kind='multipart/related; boundary="part"; type="application/xop+xml"',
    )


def _bare_refusal(asked: Asked) -> bytes:
    """Refuse with a server error, without prefix and without the standard's subcode."""
    if http.status_of(asked.plain()) < http.ERROR:
        return asked.plain()
    said = (
        b'<Envelope xmlns="' + _SOAP12 + b'"><Body><Fault><Code><Value>Sender</Value></Code>'
        b"<Reason><Text>Authentication failed</Text></Reason>"
        b"<Detail>Invalid username or password</Detail></Fault></Body></Envelope>"
    )
    return http.written(500, said)


def _fault_as_root(asked: Asked) -> bytes:
    """Send a fault without an envelope around it."""
    if http.status_of(asked.plain()) < http.ERROR:
        return asked.plain()
    return http.written(
        500, b"<Fault><faultcode>Client</faultcode><faultstring>Unauthorized</faultstring></Fault>"
    )


def _attempts_left(asked: Asked) -> bytes:
    """Count down to the lock in words."""
    if asked.for_clock or not asked.signed:
        return asked.plain()
    return asked.refused(400, "Sender", (), "You still have 26 attempt(s)")


def _no_security(asked: Asked) -> bytes:
    """Choke on a security header, and answer everybody without one."""
    if asked.signed:
        return asked.refused(500, "MustUnderstand", (), "Header not understood")
    if asked.for_clock:
        return asked.plain()
    return http.written(200, answers.identity_answer(asked.device, Fault.NONE))


def _bare_pre_auth(asked: Asked) -> bytes:
    """Refuse even the clock to a token, whatever it says."""
    if asked.for_clock and asked.signed:
        return asked.refused(400, "Sender", ("ter:NotAuthorized",), "Sender not Authorized")
    return asked.plain()


def _password_text(asked: Asked) -> bytes:
    """Take the password in clear and in no other way."""
    given = _PASSWORD_TEXT.search(asked.body)
    if asked.for_clock or not asked.signed:
        return asked.plain()
    if given is not None and given[1].decode() == asked.device.password:
        return http.written(200, answers.identity_answer(asked.device, Fault.NONE))
    return asked.refused(400, "Sender", ("ter:NotAuthorized",), "Sender not Authorized")


def _low_privilege(asked: Asked) -> bytes:
    """Know the account, and not let it ask who the device is."""
    if asked.for_clock or http.status_of(asked.plain()) >= http.ERROR:
        return asked.plain()
    text = "The account may not do this"
    return asked.refused(400, "Sender", ("ter:OperationProhibited",), text)


def _no_identity(asked: Asked) -> bytes:
    """Know the clock call alone."""
    if asked.for_clock:
        return asked.plain()
    return asked.refused(500, "Receiver", ("ter:ActionNotSupported",), _UNABLE)


def _no_services(asked: Asked) -> bytes:
    """Know the older way to list services alone."""
    if answers.operation(asked.body) != "GetServices":
        return asked.plain()
    return asked.refused(500, "Receiver", ("ter:ActionNotSupported",), _UNABLE)


def _empty_answer(asked: Asked) -> bytes:
    """Answer with an element that holds nothing."""
    if asked.for_clock or http.status_of(asked.plain()) >= http.ERROR:
        return asked.plain()
    return http.written(200, answers.blank(asked.device))


def _echo(asked: Asked) -> bytes:
    """Show whoever logs in what was sent."""
    if asked.for_clock:
        return asked.plain()
    return http.written(500, asked.head + b"\n" + asked.body, kind=http.SOAP)


def _chunked(asked: Asked) -> bytes:
    """Send the answer in chunks."""
    body = http.body_of(asked.plain())
    head = f"HTTP/1.1 200 Simulated\r\nContent-Type: {http.SOAP}\r\n"
    return http.chunked(head, body[:7], body[7:300], body[300:])


def _interim(asked: Asked) -> bytes:
    """Say 100 Continue before the answer, though nobody asked."""
    return b"HTTP/1.1 100 Continue\r\n\r\n" + asked.plain()


def _close_delimited(asked: Asked) -> bytes:
    """End the answer with the connection, and not say how long it is."""
    return re.sub(rb"Content-Length: \d+\r\n", b"Connection: close\r\n", asked.plain(), count=1)


def _two_answers(asked: Asked) -> bytes:
    """Say everything twice in one breath."""
    return asked.plain() * 2


def _needs_action(asked: Asked) -> bytes:
    """Send nothing where the content type does not name the action."""
    return asked.plain() if b"action=" in asked.head else http.written(200, b"")


def _soap11_only(asked: Asked) -> bytes:
    """Send nothing to SOAP 1.2, and SOAP 1.1 to its like."""
    if b"text/xml" not in asked.head or _SOAP11 not in asked.body:
        return http.written(200, b"")
    return asked.changed(lambda body: body.replace(_SOAP12, _SOAP11), kind="text/xml")


def _version_mismatch(asked: Asked) -> bytes:
    """Refuse SOAP 1.2 by name."""
    if _SOAP11 in asked.body:
        return asked.changed(lambda body: body.replace(_SOAP12, _SOAP11), kind="text/xml")
    return asked.refused(500, "VersionMismatch", (), "SOAP 1.1 only")


_QUIRKS: Mapping[Fault, Callable[[Asked], bytes]] = {
    Fault.NO_ONVIF: lambda _: http.written(404, b"<html>404 Not Found</html>", kind="text/html"),
    Fault.LOCAL_TIME_ONLY: _local_time_only,
    Fault.MINUTE_61: _minute_61,
    Fault.MONTH_13: _month_13,
    Fault.ODD_ZONE: _odd_zone,
    Fault.GBK: _gbk,
    Fault.UTF16: _utf16,
    Fault.BYTE_ORDER_MARK: _byte_order_mark,
    Fault.MULTIPART: _multipart,
    Fault.BARE_REFUSAL: _bare_refusal,
    Fault.FAULT_AS_ROOT: _fault_as_root,
    Fault.ATTEMPTS_LEFT: _attempts_left,
    Fault.NO_SECURITY: _no_security,
    Fault.BARE_PRE_AUTH: _bare_pre_auth,
    Fault.PASSWORD_TEXT: _password_text,
    Fault.LOW_PRIVILEGE: _low_privilege,
    Fault.NO_IDENTITY: _no_identity,
    Fault.EMPTY_ANSWER: _empty_answer,
    Fault.NO_SERVICES: _no_services,
    Fault.ECHO: _echo,
    Fault.CHUNKED: _chunked,
    Fault.INTERIM: _interim,
    Fault.CLOSE_DELIMITED: _close_delimited,
    Fault.TWO_ANSWERS: _two_answers,
    Fault.NEEDS_ACTION: _needs_action,
    Fault.SOAP11_ONLY: _soap11_only,
    Fault.VERSION_MISMATCH: _version_mismatch,
}
