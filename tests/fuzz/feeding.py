"""Feeds odd replies to a reader, and counts what becomes of them."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import FrameType

from probes.onvif import reply
from probes.onvif.document import open_document
from probes.onvif.reply import Clock, Fault, Named, Other
from probes.target import Requests
from probes.transport.digest import authorise, challenges, choose
from probes.transport.http1 import MAX_BODY_BYTES, Reading, Reply
from probes.verdict import Reason, Unusable
from tests.fuzz.mutation import http_mutator, sound_bodies, sound_replies, xml_mutator

HANG_SECONDS = 0.5
_LONGEST_TEXT = 200
_XML_REASONS = {Reason.NOT_ONVIF, Reason.MALFORMED_XML}
_HTTP_REASONS = {Reason.NOT_HTTP, Reason.TOO_LARGE, Reason.CLOSED_EARLY}

Feed = Callable[[Random], str]
Said = Clock | Named | Fault | Other


class Hang(Exception):
    """One input took longer than any reply of 64 KB may."""


@dataclass(slots=True)
class Report:
    """What became of the inputs: how many, how each ended, the first that broke a reader."""

    inputs: int = 0
    seconds: float = 0.0
    slowest_ms: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def run(feed: Feed, *, inputs: int, seed: int) -> Report:
    """
    Feed one reader with so many odd replies.

    Each input has a seed of its own, which a failure names: the same seed makes
    the same input again.
    """
    report = Report()
    began = time.process_time()
    with _watchdog():
        for number in range(inputs):
            mark = f"{seed}-{number}"
            started = time.process_time()
            try:
                report.outcomes[feed(Random(mark))] += 1  # noqa: S311 - a fuzz, not a secret
            except Exception as error:  # noqa: BLE001 - that is what it looks for
                report.failures.append(f"{mark}: {type(error).__name__}: {error}"[:300])
            report.slowest_ms = max(report.slowest_ms, 1000 * (time.process_time() - started))
            report.inputs += 1
            signal.setitimer(signal.ITIMER_VIRTUAL, HANG_SECONDS)
    report.seconds = time.process_time() - began
    return report


def xml_feed(requests: Requests) -> Feed:
    """Make the feed of the two readers of what devices say."""
    bodies = sound_bodies(sound_replies(requests))

    def feed(random: Random) -> str:
        body = random.choice(bodies)
        mutator = xml_mutator(random)
        body = mutator.mutate(body) if random.random() < _MOSTLY else mutator.recode(body)
        return read_xml(body)

    return feed


def http_feed(requests: Requests) -> Feed:
    """Make the feed of the reader of HTTP, with all that is read of a header."""
    replies = sound_replies(requests)

    def feed(random: Random) -> str:
        data = http_mutator(random).mutate(random.choice(replies))
        cuts = sorted(random.randint(0, len(data)) for _ in range(random.randint(0, 4)))
        pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        return read_http(pieces)

    return feed


def read_xml(body: bytes) -> str:
    """Read one body both ways, hold what must hold, and say how it ended."""
    ends = []
    for read, fast, slow in (
        (reply.read_clock, reply.fast_clock, reply.slow_clock),
        (reply.read_identity, reply.fast_identity, reply.slow_identity),
    ):
        try:
            said = read(body)
        except Unusable as error:
            _hold(error.reason in _XML_REASONS, f"reason {error.reason}")
            ends.append(str(error.reason))
            continue
        ends.append(type(said).__name__.lower())
        _hold(isinstance(said, (Clock, Named, Fault, Other)), f"an answer of {type(said)}")
        texts = said.identity.to_dict().values() if isinstance(said, Named) else []
        _hold(all(len(t) <= _LONGEST_TEXT and t.isprintable() for t in texts), "a long text")
        _hold_equal(fast(body), slow, body)
    return "+".join(ends)


def _hold_equal(quick: object, slow: Callable[[bytes], Said], body: bytes) -> None:
    """Hold the fast reader to the hardened one, wherever that needs no repair."""
    if quick is None:
        return
    try:
        thorough = slow(body)
    except Unusable as error:
        _hold(error.reason is Reason.MALFORMED_XML, f"fast {quick}, hardened {error.reason}")
        return
    _hold(open_document(body).broken or quick == thorough, f"fast {quick}, hardened {thorough}")


def read_http(pieces: list[bytes]) -> str:
    """Read one reply as it comes in pieces, and all that is ever asked of its header."""
    reading = Reading()
    try:
        whole = next((each for each in map(reading.feed, pieces) if each is not None), None)
        whole = whole or reading.finish()
    except Unusable as error:
        _hold(error.reason in _HTTP_REASONS, f"reason {error.reason}")
        return str(error.reason)
    _read_header(whole)
    _hold(len(whole.body) <= MAX_BODY_BYTES, "a large body")
    return "reply"


def _read_header(whole: Reply) -> None:
    """Ask a header for its date and its challenges, and answer the one that can be met."""
    _hold(whole.date is None or isinstance(whole.date, float), "an odd date")
    challenge = choose(challenges(whole.header("WWW-Authenticate")))
    if challenge is not None:
        answer = authorise(challenge, "admin", "word", uri="/onvif/device_service")
        _hold("\r" not in answer and "\n" not in answer, "a split header")


def _hold(holds: object, what: str) -> None:
    """Raise unless something holds."""
    if not holds:
        raise AssertionError(what)


@contextmanager
def _watchdog() -> Iterator[None]:
    """Interrupt an input that takes too much CPU time."""

    def bark(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGVTALRM, bark)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


_MOSTLY = 0.95
