"""
Tells a page how far a long import has come, in the very answer that imports.

The answer is sent in pieces: its beginning, a line every second, and then what came
of it. That needs no script and keeps nothing: the import is one transaction of one
request, and a reader who leaves before the end takes it back whole.
"""

import traceback
from collections.abc import Callable, Iterator
from contextvars import copy_context
from threading import Event, Thread

import structlog
from flask import Response, g, render_template, stream_with_context
from sqlalchemy.orm import Session

from registry.fleet.service import ImportReport
from registry.web.render import gettext

PATIENCE_SECONDS = 2.0
STEP_SECONDS = 1.0
# Where a page is cut: what stands before it is sent first, what stands behind it last.
MARK = "<!-- steps -->"

Note = Callable[[int, int], None]
Tell = Callable[[], tuple[str, int]]


class AbandonedError(Exception):
    """Nobody reads the answer any more: the import is to be taken back."""


class Running:
    """
    One import on a thread of its own.

    `done` and `total` are rows; the total is 0 until the file has been read.
    """

    def __init__(self, work: Callable[[Note], ImportReport]) -> None:
        """Start the work, which is given what notes its progress."""
        self.done, self.total = 0, 0
        self._ended, self._left = Event(), Event()
        self._report: ImportReport | None = None
        self._error: BaseException | None = None
        run = copy_context().run
        self._thread = Thread(target=run, args=(self._run, work), name="import", daemon=True)
        self._thread.start()

    def ends_within(self, seconds: float) -> bool:
        """Wait for the end, not longer than that; tell whether it has come."""
        return self._ended.wait(seconds)

    def result(self) -> ImportReport:
        """Wait for the end and return the report, or raise what the work has raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        if self._report is None:
            raise AbandonedError
        return self._report

    def leave(self) -> None:
        """Take the work back unless it has ended, and wait until it has let go."""
        self._left.set()
        self._thread.join()

    def note(self, done: int, total: int) -> None:
        """
        Keep how far the work has come.

        Raises:
            AbandonedError: Nobody reads the answer any more.
        """
        if self._left.is_set():
            raise AbandonedError
        self.done, self.total = done, total

    def _run(self, work: Callable[[Note], ImportReport]) -> None:
        try:
            self._report = work(self.note)
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._error = error
        finally:
            self._ended.set()


def answer(running: Running, tell: Tell, *, start: Callable[[], str]) -> Response | tuple[str, int]:
    """
    Answer with what came of an import; a long one is told step by step until then.

    Args:
        running: The import, already started.
        tell: Gives the page of its end and the status; it has `MARK` in it.
        start: Gives the same page without an end.
    """
    if running.ends_within(PATIENCE_SECONDS):
        return tell()
    # Rendered before the headers go: what the page keeps in the cookie goes with them.
    beginning, _, _ = start().partition(MARK)
    # Flask ends a request before its pieces are sent, and would close the session that
    # the import is using: it is taken along, and closed with the last piece.
    session: Session = g.pop("session")
    pieces = _pieces(running, tell, beginning, session)
    response = Response(stream_with_context(pieces), mimetype="text/html")
    response.call_on_close(running.leave)
    response.call_on_close(session.close)
    # A proxy that collects the pieces would show them all at the end.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _pieces(running: Running, tell: Tell, beginning: str, session: Session) -> Iterator[str]:
    g.session = session
    try:
        yield beginning
        while True:
            yield render_template("fleet/_step.html", done=running.done, total=running.total)
            if running.ends_within(STEP_SECONDS):
                break
        yield _end(tell)
    finally:
        # The session is closed when this ends: the work must have let go of it.
        running.leave()


def _end(tell: Tell) -> str:
    try:
        page, _ = tell()
    except Exception as error:  # noqa: BLE001 - the answer has begun: only its end can say so
        trace = "".join(traceback.format_exception(error))
        structlog.get_logger().error("import failed", trace=trace)
        failed = gettext(
            "Nothing is imported: something went wrong on the way. Send the sheet again."
        )
        return f'</div><p class="notice notice--error" role="alert">{failed}</p></main></html>'
    return page.partition(MARK)[2]
