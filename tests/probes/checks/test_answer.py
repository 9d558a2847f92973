"""A reply is worth what its envelope says, and what its status says where there is none."""

import pytest

from probes.checks.answer import Answer, other_form, read, shown
from probes.onvif.reply import Clock, Fault, Named, Other, read_clock
from probes.transport.http1 import Reply
from probes.transport.link import Exchange
from probes.transport.request import PLAIN, Form
from probes.verdict import Identity, Reason, Unusable

USUAL = "/onvif/device_service"
FAULT = b"<Envelope><Body><Fault><Code><Value>%b</Value></Code></Fault></Body></Envelope>"


def exchange(status: int, body: bytes = b"", head: bytes = b"") -> Exchange:
    """Put a reply together."""
    return Exchange(Reply(status, head, body, persistent=True), 0.0, 0.1)


@pytest.mark.parametrize(
    ("status", "code", "denied"),
    [
        (400, b"ter:NotAuthorized", True),
        (200, b"ter:NotAuthorized", True),
        (401, b"x", True),
        (403, b"ter:OperationProhibited", False),
        (500, b"ter:Action", False),
    ],
)
def test_a_refusal_is_told_from_what_is_forbidden_and_from_what_fails(
    status: int, code: bytes, *, denied: bool
) -> None:
    """Only a refusal says that the credentials are wrong."""
    assert read(exchange(status, FAULT % code), read_clock).denied is denied


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (exchange(301, head=b"x\nLocation: http://a/"), Reason.REDIRECT),
        (exchange(404, b"<html>"), Reason.NOT_ONVIF),
        (exchange(503, b"busy"), Reason.HTTP_STATUS),
        (exchange(500, b"Error", b"x\nContent-Type: application/soap+xml"), Reason.NOT_ONVIF),
    ],
)
def test_what_is_no_answer_has_its_reason(reply: Exchange, reason: Reason) -> None:
    """A page that is not there is about ONVIF, a busy server is about HTTP."""
    with pytest.raises(Unusable) as caught:
        read(reply, read_clock)

    assert caught.value.reason is reason


def test_a_challenge_that_is_never_answered_is_known() -> None:
    """Basic alone is another scheme; beside Digest it does not matter."""
    basic = exchange(401, head=b'x\nWWW-Authenticate: Basic realm="r"')
    both = exchange(401, head=b'x\nWWW-Authenticate: Basic realm="r", Digest nonce="n"')

    assert Answer(Fault(()), basic).wants_other_scheme
    assert not Answer(Fault(()), both).wants_other_scheme
    assert Answer(Fault(()), both).offered == [{"nonce": "n"}]


@pytest.mark.parametrize(
    ("reply", "form", "registered", "again"),
    [
        (exchange(404), PLAIN, "/x", Form(USUAL)),
        (exchange(404), Form(USUAL), "/x", None),
        (exchange(404), PLAIN, USUAL, None),
        (exchange(200), PLAIN, USUAL, Form(soap11=True)),
        (exchange(200), Form(USUAL), "/x", Form(USUAL, soap11=True)),
        (exchange(200), Form(soap11=True), USUAL, None),
        (exchange(415, b"Unsupported"), PLAIN, USUAL, Form(soap11=True)),
        (exchange(500, FAULT % b"env:VersionMismatch"), PLAIN, USUAL, Form(soap11=True)),
        (exchange(500, FAULT % b"env:Receiver"), PLAIN, USUAL, None),
        (exchange(400, FAULT % b"ter:NotAuthorized"), PLAIN, USUAL, None),
        (exchange(200, b"<html>Login</html>"), PLAIN, USUAL, None),
        (exchange(401), PLAIN, USUAL, None),
        (exchange(503), PLAIN, USUAL, None),
    ],
)
def test_each_other_form_is_tried_once_and_only_where_it_may_help(
    reply: Exchange, form: Form, registered: str, again: Form | None
) -> None:
    """The usual path after a 404, SOAP 1.1 after silence: a login page helps neither."""
    assert other_form(reply.reply, form, registered=registered) == again


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (Fault(("Sender", "NotAuthorized"), "no"), "Sender NotAuthorized no"),
        (Other("GetScopesResponse"), "GetScopesResponse"),
        (Clock(1.0), ""),
        (Named(Identity("Axis")), ""),
        (404, "404"),
    ],
)
def test_what_was_said_is_shown_on_one_line(said: object, text: str) -> None:
    """Of an answer that was read, the verdict itself tells."""
    assert shown(said) == text
