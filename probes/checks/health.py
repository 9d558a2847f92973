"""
Asks a device two things: what time it is, and who it is.

The clock call is PRE_AUTH in ONVIF Core, so it goes first and bare: it proves
the device alive whatever its password, and it tells by how much the second
question must shift its token, for a camera whose clock is off refuses a good
digest.
"""

from collections.abc import Callable
from datetime import datetime

from probes.checks.answer import Answer, other_form, read, shown
from probes.checks.findings import Findings, compare, remembered
from probes.checks.memory import Memory, Scheme
from probes.explain import Trace
from probes.onvif.reply import Clock, Fault, Named, Other, read_clock
from probes.onvif.wsse import sign, sign_in_clear
from probes.target import Requests, Target
from probes.transport.digest import Challenge, authorise, choose
from probes.transport.link import Dropped, Exchange, Link
from probes.transport.request import PLAIN
from probes.verdict import Authentication, Issue, Reason, Unusable

# Cameras lock accounts: no more logins than this are sent in a cycle, its retry included.
MAX_LOGINS = 2

# What the second question may come to on a device that told the time, and what is then said.
_UNREAD = {
    Reason.MALFORMED_XML: Issue.XML_BROKEN,
    Reason.NOT_ONVIF: Issue.ACTION_NOT_SUPPORTED,
    Reason.HTTP_STATUS: Issue.ACTION_NOT_SUPPORTED,
    Reason.REDIRECT: Issue.ACTION_NOT_SUPPORTED,
}


class HealthCheck:
    """
    One conversation with one device, in order.

    Args:
        link: Open already; its owner closes it and keeps the deadline.
        requests: What to ask.
        target: Whom to ask, and what the register expects there.
        memory: What devices said in earlier probes.
        findings: Filled as the answers come; the clock is not asked for again
            where they hold its answer.
        trace: Told what was seen.
        now: The wall clock, in aware UTC.
        max_skew_seconds: A clock further off than this is an issue.
    """

    def __init__(  # noqa: PLR0913 - a conversation has this many sides
        self,
        link: Link,
        requests: Requests,
        target: Target,
        *,
        memory: Memory,
        findings: Findings,
        trace: Trace,
        now: Callable[[], datetime],
        max_skew_seconds: float,
    ) -> None:
        """Keep what the conversation needs."""
        self._link = link
        self._requests = requests
        self._target = target
        self._memory = memory
        self._found = findings
        self._trace = trace
        self._now = now
        self._max_skew_seconds = max_skew_seconds
        self._form = PLAIN
        self._challenge: list[Challenge] = []
        self._proven = False
        self._open = False

    async def run(self) -> None:
        """
        Hold the conversation.

        Raises:
            Unusable: What came back is no ONVIF answer.
            OSError: The connection broke.
        """
        found = self._found
        fault = None if found.answered else await self._ask_clock()
        try:
            await self._ask_identity()
        except Unusable as error:
            if found.answered and error.reason in _UNREAD:
                found.issues.add(_UNREAD[error.reason])
            if found.answered or fault is None:
                raise
        if fault is None:
            return
        if not found.answered:
            raise Unusable(Reason.SOAP_FAULT, shown(fault))
        found.issues.add(Issue.ACTION_NOT_SUPPORTED)

    async def _ask_clock(self) -> Fault | None:
        """Ask for the time without credentials; give the fault that came instead."""
        exchange = await self._ask_until_understood()
        reply, took = exchange.reply, exchange.seconds
        midpoint = exchange.sent_at + took / 2
        try:
            answer = read(exchange, read_clock)
        except Unusable as error:
            self._trace.spend("clock", took, seen=self._told("HTTP", reply.status, error))
            raise
        said = answer.said
        if isinstance(said, Clock):
            self._found.answered = True
            self._note_clock(said, midpoint, slack=took / 2)
            offset = self._found.clock_offset_seconds
            self._trace.spend("clock", took, seen=self._told(offset, "s"))
            return None
        self._trace.spend("clock", took, seen=self._told("HTTP", reply.status, said))
        if isinstance(said, Other):
            # It speaks ONVIF, if not to the point.
            self._found.answered = True
            return Fault((), said.answer)
        fault = said if isinstance(said, Fault) else Fault(())
        if not answer.denied:
            return fault
        # Some makes ask for a login even here: alive, and its Date header is a clock.
        self._found.answered = True
        self._challenge = answer.offered
        if reply.date is not None:
            self._note_clock(Clock(reply.date), midpoint, slack=took / 2)
        return None

    async def _ask_until_understood(self) -> Exchange:
        """Ask for the time, once more at the usual path and once more in SOAP 1.1 if need be."""
        requests = self._requests
        exchange = await self._link.post(requests.clock, requests.clock_action)
        while True:
            form = other_form(exchange.reply, self._form, registered=self._target.path)
            if form is None:
                return exchange
            step = "soap11" if form.soap11 else "path"
            self._trace.note(step, exchange.seconds, seen=f"HTTP {exchange.reply.status}")
            self._form = form
            exchange = await self._link.post(requests.clock, requests.clock_action, form=form)

    def _note_clock(self, clock: Clock, midpoint: float, *, slack: float = 0.0) -> None:
        """Judge the device's clock against ours."""
        self._found.note_clock(
            clock, midpoint, slack=slack, max_skew_seconds=self._max_skew_seconds
        )

    async def _ask_identity(self) -> None:
        """Ask who the device is, with the credentials if they may be sent."""
        target, found = self._target, self._found
        if not target.username:
            await self._look_without_login()
            return
        if not target.send_credentials:
            found.note_latch(target)
        if self._trace.logins >= MAX_LOGINS:
            found.authentication = remembered(target)
        if not (target.send_credentials and self._link.trusted and self._may_log_in()):
            if not found.answered:
                await self._look_without_login()
            return
        # A challenge is fetched anew each time: a camera may count an answer to an old
        # one as a wrong password, and lock the account.
        if target.verify_authentication or self._memory.scheme(target.key) is Scheme.DIGEST:
            await self._prove_refusal()
        answer = await self._log_in()
        if isinstance(answer.said, Fault) and answer.said.rejects_security:
            found.issues.add(Issue.AUTH_SCHEME_UNSUPPORTED)
            found.authentication = Authentication.NONE
            await self._look_without_login()
            return
        self._note_login(answer)

    async def _look_without_login(self) -> None:
        """Ask a device of which we hold no credentials, and note if it tells."""
        answer = await self._ask_bare()
        if isinstance(answer.said, Named):
            self._found.issues.add(Issue.ANONYMOUS_ACCESS)
            self._note_identity(answer.said)

    async def _prove_refusal(self) -> None:
        """Ask without credentials first: only a refusal here makes a login proof."""
        answer = await self._ask_bare()
        self._open = isinstance(answer.said, Named)
        self._proven = answer.denied
        if answer.denied:
            self._challenge = answer.offered

    async def _log_in(self) -> Answer:
        """
        Ask with credentials, in the way that the device wants.

        A device that challenges gets HTTP Digest and no token, others the
        token and no Digest: the standard forbids both at once.
        """
        # Should the login get no answer, what was known before still holds.
        self._found.authentication = remembered(self._target)
        if self._challenge:
            return await self._log_in_by_challenge(None)
        text_first = self._may_show_password() and (
            self._memory.scheme(self._target.key) is Scheme.TEXT
        )
        answer = await self._ask_signed(text=text_first)
        if not answer.denied:
            return answer
        self._challenge = answer.offered
        if self._challenge:
            self._proven = True
            self._keep_for_later(Scheme.DIGEST)
            return await self._log_in_by_challenge(answer)
        date = answer.reply.date
        if self._found.clock_offset_seconds is None and date is not None:
            self._note_clock(Clock(date), self._now().timestamp())
            self._keep_for_later(Scheme.TOKEN)
            return await self._ask_signed(text=text_first)
        if self._may_show_password() and not text_first:
            self._keep_for_later(Scheme.TEXT)
            return await self._ask_signed(text=True)
        return answer

    def _may_log_in(self) -> bool:
        """Tell whether the cycle has a login left."""
        return self._trace.logins < MAX_LOGINS

    def _keep_for_later(self, scheme: Scheme) -> None:
        """
        Leave a way in to the next cycle where this one has no login left for it.

        Raises:
            Dropped: None is left, and those that were sent decide nothing.
        """
        if not self._may_log_in():
            self._memory.note_scheme(self._target.key, scheme)
            raise Dropped

    def _may_show_password(self) -> bool:
        """Tell whether the password itself may travel: asked for, and over TLS that holds."""
        target = self._target
        return target.password_text and target.scheme == "https" and self._link.trusted

    async def _log_in_by_challenge(self, refusal: Answer | None) -> Answer:
        """
        Answer a Digest challenge, and once more if its nonce was stale.

        Raises:
            Dropped: Stale twice: the password was right (RFC 7616 3.3), nothing is decided.
        """
        answer = refusal
        while (challenge := choose(self._challenge)) is not None:
            answer = await self._ask_digest(challenge)
            stale = [each for each in answer.offered if each.get("stale", "").lower() == "true"]
            if not (answer.denied and stale):
                break
            self._keep_for_later(Scheme.DIGEST)
            self._challenge = stale
        return answer or await self._ask_bare()

    async def _ask_bare(self) -> Answer:
        """Ask who the device is without credentials."""
        return await self._ask(self._requests.identity, "identity")

    async def _ask_signed(self, *, text: bool = False) -> Answer:
        """Ask with a WS-UsernameToken made for the device's own clock, or with the password."""
        self._trace.logins += 1
        target = self._target
        at = self._now().timestamp() + (self._found.clock_offset_seconds or 0.0)
        write = sign_in_clear if text else sign
        body = write(self._requests.signed, target.username, target.password, at=at)
        try:
            answer = await self._ask(body, "login_text" if text else "login", login=True)
        except Dropped:
            if not self._may_log_in():
                raise
            return await self._ask_signed(text=text)
        self._note_scheme(answer, Scheme.TEXT if text else Scheme.TOKEN)
        return answer

    def _note_scheme(self, answer: Answer, scheme: Scheme) -> None:
        """Keep the scheme of a login that passed."""
        if isinstance(answer.said, Named):
            self._memory.note_scheme(self._target.key, scheme)

    async def _ask_digest(self, challenge: Challenge) -> Answer:
        """Ask with HTTP Digest; an answer proves that the bare question is refused."""
        self._trace.logins += 1
        self._proven = True
        target = self._target
        path = self._form.path or target.path
        header = authorise(challenge, target.username, target.password, uri=path)
        body = self._requests.identity
        try:
            answer = await self._ask(body, "login_digest", authorization=header, login=True)
        except Dropped:
            if not self._may_log_in():
                raise
            return await self._ask_digest(challenge)
        self._note_scheme(answer, Scheme.DIGEST)
        return answer

    async def _ask(
        self, body: bytes, step: str, *, authorization: str = "", login: bool = False
    ) -> Answer:
        """Send the second question and read its answer."""
        action = self._requests.identity_action
        exchange = await self._link.post(
            body, action, authorization=authorization, form=self._form, login=login
        )
        reply, took = exchange.reply, exchange.seconds
        phases = self._trace.phases
        phases["identity"] = phases.get("identity", 0.0) + took
        try:
            answer = read(exchange, self._read_identity)
        except Unusable as error:
            self._trace.note(step, took, seen=self._told("HTTP", reply.status, error))
            raise
        # A refusal is a sign of life, whatever comes of the next question.
        if answer.denied or isinstance(answer.said, Other):
            self._found.answered = True
        self._trace.note(step, took, seen=self._told("HTTP", reply.status, answer.said))
        return answer

    def _read_identity(self, body: bytes) -> Named | Fault | Other:
        """Read the second answer, or know it again."""
        return self._memory.read(self._target.key, body, self._target.basis)

    def _told(self, *seen: object) -> str:
        """Put what was seen on one line, if somebody will read it: a fleet's probes have none."""
        if not self._trace.keep:
            return ""
        return " ".join(shown(each) for each in seen)

    def _note_login(self, answer: Answer) -> None:
        """Judge what the login came to."""
        found, said = self._found, answer.said
        if isinstance(said, Named):
            found.note_login(self._target, refused_bare=self._proven, open_to_all=self._open)
            self._note_identity(said)
        elif answer.denied:
            found.authentication = Authentication.FAILED
            found.detail = shown(said) if isinstance(said, Fault) else ""
            if isinstance(said, Fault) and said.locks:
                found.issues.add(Issue.AUTH_LOCKED)
            elif answer.wants_other_scheme:
                found.issues.add(Issue.AUTH_SCHEME_UNSUPPORTED)
            else:
                found.issues.add(Issue.AUTH_FAILED)
        else:
            found.authentication = remembered(self._target)
            found.detail = shown(said)
            if isinstance(said, Other) or (
                isinstance(said, Fault) and (said.unsupported or said.prohibits)
            ):
                found.issues.add(Issue.ACTION_NOT_SUPPORTED)

    def _note_identity(self, named: Named) -> None:
        """Compare the device that answers with the registered one."""
        self._found.note_identity(named, compare(self._target.basis, named.identity))
