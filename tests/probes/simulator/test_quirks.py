"""Each quirk bends what it is about, and nothing else."""

import pytest

from probes.simulator import Device, Fault
from probes.simulator.quirks import Asked, bend

CAMERA = Device(password="word")
PLAIN = b"HTTP/1.1 200 OK\r\n\r\n<t:Year>2026<t:Month>11<t:Day>24<t:Minute>5<t:TZ>UTC0<UTCDateTime>"
CLOCK = b"<Body><GetSystemDateAndTime/></Body>"
SIGNED = b"<w:Security/><Body><GetDeviceInformation/></Body>"


def bent(fault: Fault, body: bytes, *, head: bytes = b"POST / HTTP/1.1") -> bytes:
    """Give the reply of a camera with a quirk to one request."""
    return bend(fault, Asked(CAMERA, head, body, lambda: PLAIN))


def test_a_camera_without_a_quirk_answers_plainly() -> None:
    """Most of the fleet."""
    assert bent(Fault.NONE, CLOCK) == PLAIN


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (Fault.LOCAL_TIME_ONLY, b"<LocalDateTime>"),
        (Fault.MINUTE_61, b"<t:Minute>61"),
        (Fault.MONTH_13, b"<t:Month>13<t:Day>13"),
        (Fault.ODD_ZONE, b"MoroccoStandardTime0"),
        (Fault.BYTE_ORDER_MARK, b"\xef\xbb\xbf\r\n<t:Year>"),
        (Fault.INTERIM, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"),
        (Fault.CHUNKED, b"Transfer-Encoding: chunked\r\n\r\n7\r\n"),
        (Fault.MULTIPART, b"--part--"),
        (Fault.TWO_ANSWERS, b"<UTCDateTime>HTTP/1.1 200"),
        (Fault.NO_ONVIF, b" 404 "),
    ],
)
def test_a_quirk_of_form_shows_in_the_clock_answer(fault: Fault, word: bytes) -> None:
    """The bytes that make it one."""
    assert word in bent(fault, CLOCK)


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (Fault.ATTEMPTS_LEFT, b"26 attempt(s)"),
        (Fault.NO_SECURITY, b"MustUnderstand"),
        (Fault.PASSWORD_TEXT, b"ter:NotAuthorized"),
        (Fault.LOW_PRIVILEGE, b"ter:OperationProhibited"),
        (Fault.NO_IDENTITY, b"ter:ActionNotSupported"),
        (Fault.EMPTY_ANSWER, b"GetDeviceInformationResponse></"),
        (Fault.ECHO, b"POST / HTTP/1.1\n<w:Security/>"),
    ],
)
def test_a_quirk_of_login_leaves_the_clock_alone(fault: Fault, word: bytes) -> None:
    """The second question meets it, the first does not."""
    assert word in bent(fault, SIGNED)
    assert bent(fault, CLOCK) == PLAIN


@pytest.mark.parametrize(
    ("fault", "head", "body"),
    [
        (Fault.NEEDS_ACTION, b'Content-Type: x; action="a"', CLOCK),
        (
            Fault.SOAP11_ONLY,
            b"Content-Type: text/xml",
            CLOCK + b"http://schemas.xmlsoap.org/soap/envelope/",
        ),
    ],
)
def test_a_camera_that_wants_its_own_form_of_request_is_silent_otherwise(
    fault: Fault, head: bytes, body: bytes
) -> None:
    """Zero bytes with a good status: the least helpful of all replies."""
    assert bent(fault, CLOCK).endswith(b"Content-Length: 0\r\n\r\n")
    assert b"UTCDateTime" in bent(fault, body, head=head)


def test_an_older_camera_does_not_list_its_services() -> None:
    """It answers all else."""
    assert b"ActionNotSupported" in bent(Fault.NO_SERVICES, b"<Body><GetServices/></Body>")
    assert bent(Fault.NO_SERVICES, SIGNED) == PLAIN


def test_a_password_in_clear_is_taken_where_nothing_else_is() -> None:
    """By a camera that knows no digest."""
    text = b"<w:Password Type='x#PasswordText'>word</w:Password>"

    reply = bent(Fault.PASSWORD_TEXT, SIGNED + text)

    assert b"GetDeviceInformationResponse" in reply
