"""Says what one reply of a device is worth: an answer, a refusal, or a sign to ask otherwise."""

from collections.abc import Callable
from typing import NamedTuple

from probes.onvif.reply import Clock, Fault, Named, Other
from probes.transport.digest import Challenge, challenges, choose
from probes.transport.http1 import Reply
from probes.transport.link import Exchange
from probes.transport.request import USUAL_PATH, Form
from probes.verdict import Reason, Unusable

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DENIED = frozenset({401, 403})
_NOT_FOUND = 404
_ERROR = 400
_FINE = 200
# Answers to SOAP 1.2 after which some devices still understand SOAP 1.1: nothing
# at all, or an error of the web server alone.
_EMPTY_REPLIES = frozenset({200, 400, 415, 500})

Said = Clock | Named | Fault | Other


class Answer(NamedTuple):
    """One answer of the device: what it says, and the reply that carried it."""

    said: Said
    exchange: Exchange

    @property
    def reply(self) -> Reply:
        """The reply that carried it."""
        return self.exchange.reply

    @property
    def denied(self) -> bool:
        """Whether the device refuses whoever asks; one that knows the account may forbid."""
        said = self.said
        if not isinstance(said, Fault) or said.prohibits:
            return False
        return self.reply.status in _DENIED or said.denies

    @property
    def offered(self) -> list[Challenge]:
        """The Digest challenges that came with a refusal."""
        return challenges(self.reply.header("WWW-Authenticate"))

    @property
    def wants_other_scheme(self) -> bool:
        """Whether it asks for a login in a way that is never used (Basic)."""
        return bool(self.reply.header("WWW-Authenticate")) and choose(self.offered) is None


def read(exchange: Exchange, reader: Callable[[bytes], Said]) -> Answer:
    """
    Read an answer, whatever HTTP status carries it.

    Devices answer refusals and faults with any status from 200 to 500, so the
    envelope is believed first, and the status only where there is none.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    reply = exchange.reply
    if reply.status in _REDIRECTS:
        raise Unusable(Reason.REDIRECT, "".join(reply.header("Location")))
    try:
        return Answer(reader(reply.body), exchange)
    except Unusable as error:
        if reply.status in _DENIED:
            return Answer(Fault(()), exchange)
        # A page that is not there, or a stack trace sold as SOAP, is about ONVIF;
        # any other error is about HTTP.
        sold = any("soap" in each.lower() for each in reply.header("Content-Type"))
        if reply.status >= _ERROR and reply.status != _NOT_FOUND and not sold:
            raise Unusable(Reason.HTTP_STATUS, f"HTTP {reply.status}") from error
        raise


def other_form(reply: Reply, form: Form, *, registered: str) -> Form | None:
    """
    Give the form in which to ask again, after a reply that is none of ONVIF.

    Args:
        reply: What came back.
        form: In which it was asked; each form is tried once.
        registered: The path of the register.
    """
    status, body = reply.status, reply.body
    if status == _NOT_FOUND and not form.path and registered != USUAL_PATH:
        return form._replace(path=USUAL_PATH)
    understood = body.strip() and (b"Envelope" in body or status == _FINE)
    if (
        form.soap11
        or status not in _EMPTY_REPLIES
        or (understood and b"VersionMismatch" not in body)
    ):
        return None
    return form._replace(soap11=True)


def shown(said: object) -> str:
    """Show what was said on one line; of an answer that was read, nothing."""
    match said:
        case Fault():
            return " ".join([*said.codes, said.text]).strip()
        case Other():
            return said.answer
        case Named() | Clock():
            return ""
        case _:
            return str(said)
