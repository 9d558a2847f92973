"""How devices write what they say: points 25 to 31 of the quirk list."""

import pytest

from probes.simulator import Device, Fault
from probes.verdict import Authentication, Health, Identity, Issue, Reason
from tests.probes.conftest import Probe

VERIFIED = Authentication.VERIFIED
NAMED = Identity("Simulated", "SIM-2000", "1.0.0", "SIM-000001", "SIM")


def camera(fault: Fault) -> Device:
    """Make a camera with a quirk."""
    return Device(password="word", fault=fault)


def test_q25_a_camera_that_lacks_an_operation_is_up(probe: Probe) -> None:
    """It told the time: it is alive, only nameless."""
    verdict = probe(camera(Fault.NO_IDENTITY))

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.ACTION_NOT_SUPPORTED}
    assert verdict.identity is None


def test_q26_an_answer_that_holds_nothing_is_an_answer(probe: Probe) -> None:
    """The fields are missing, the camera is not: no mismatch, no outage."""
    verdict = probe(camera(Fault.EMPTY_ANSWER), expected=NAMED)

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == frozenset()
    assert verdict.identity == Identity()


def test_q27_xml_with_undeclared_prefixes_is_read_and_said(probe: Probe) -> None:
    """By local name, with repair: up, and an issue for the firmware."""
    verdict = probe(camera(Fault.BROKEN_XML))

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == {Issue.XML_BROKEN}
    assert verdict.identity == NAMED


def test_q28_bytes_of_another_encoding_are_replaced_and_said(probe: Probe) -> None:
    """The maker's name is GBK under a label of UTF-8: unreadable, and the serial is not."""
    verdict = probe(camera(Fault.GBK), expected=Identity(serial=NAMED.serial))

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == {Issue.XML_BROKEN}
    assert verdict.identity is not None
    assert verdict.identity.serial == NAMED.serial


@pytest.mark.parametrize("fault", [Fault.UTF16, Fault.BYTE_ORDER_MARK])
def test_q28_odd_but_legal_encodings_are_no_issue(probe: Probe, fault: Fault) -> None:
    """UTF-16, and a byte order mark before UTF-8."""
    verdict = probe(camera(fault))

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert verdict.identity == NAMED


def test_q28_an_answer_wrapped_in_a_multipart_message_is_read(probe: Probe) -> None:
    """Nobody asked for attachments: up, and said."""
    verdict = probe(camera(Fault.MULTIPART))

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset({Issue.XML_BROKEN}))
    assert verdict.identity == NAMED


def test_q29_the_content_type_names_the_action(probe: Probe) -> None:
    """Without it some devices send 200 and not one byte."""
    verdict = probe(camera(Fault.NEEDS_ACTION))

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())


def test_q29_a_camera_that_is_silent_to_soap_12_is_asked_once_in_soap_11(probe: Probe) -> None:
    """With text/xml; all that follows is said in the same way."""
    heard: list[bytes] = []

    verdict = probe(camera(Fault.SOAP11_ONLY), heard=heard)

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == frozenset()
    assert verdict.identity == NAMED
    assert b"".join(heard).count(b"application/soap+xml") == 1


def test_q29_a_camera_that_is_silent_to_both_is_down(probe: Probe) -> None:
    """It was asked in both ways, and once more in the second attempt; then it is enough."""
    heard: list[bytes] = []

    verdict = probe(camera(Fault.EMPTY_BODY), heard=heard)

    assert (verdict.health, verdict.reason) == (Health.DOWN, Reason.NOT_ONVIF)
    assert b"".join(heard).count(b"POST ") == 4


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.NOT_XML, Reason.NOT_ONVIF),
        (Fault.HTML_LOGIN, Reason.NOT_ONVIF),
        (Fault.EMPTY_ENVELOPE, Reason.NOT_ONVIF),
        (Fault.TOO_LARGE, Reason.TOO_LARGE),
    ],
)
def test_q30_what_is_no_soap_is_down_and_no_exception(
    probe: Probe, fault: Fault, reason: Reason
) -> None:
    """A stack trace under a SOAP label, a login page, an envelope of nothing, a megabyte."""
    verdict = probe(camera(fault))

    assert (verdict.health, verdict.reason) == (Health.DOWN, reason)
    assert verdict.reachable


def test_q31_a_camera_that_refuses_our_version_of_soap_is_asked_in_the_other(
    probe: Probe,
) -> None:
    """VersionMismatch by name."""
    verdict = probe(camera(Fault.VERSION_MISMATCH))

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == frozenset()


def test_q31_a_fault_is_found_wherever_it_stands(probe: Probe) -> None:
    """As the root of the document, in the words of SOAP 1.1: a refusal, hence alive."""
    verdict = probe(camera(Fault.FAULT_AS_ROOT), password="wrong")

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.AUTH_FAILED}
