"""Logs: one object a line, and never a secret."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from registry import logs


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Give logging back as it was found: it belongs to the whole process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    chatty = {name: logging.getLogger(name).level for name in logs.CHATTY}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in chatty.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def test_a_line_is_one_json_object() -> None:
    """A log collector reads level, time and event without a pattern."""
    stream = io.StringIO()
    logs.configure(as_json=True, stream=stream)

    structlog.get_logger().info("probed", camera=12)

    line = json.loads(stream.getvalue())
    assert (line["event"], line["camera"], line["level"]) == ("probed", 12, "info")
    assert line["timestamp"].endswith("Z")


def test_a_library_logs_in_the_same_shape() -> None:
    """What comes through the standard module is one JSON object a line as well."""
    stream = io.StringIO()
    logs.configure(as_json=True, stream=stream)

    logging.getLogger("a.library").warning("read %d rows", 3)

    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"]) == ("read 3 rows", "warning")


def test_what_we_cut_off_ourselves_is_no_error() -> None:
    """Stopping in the middle of a job is how the monitor stops; it must not look like a fault."""
    stream = io.StringIO()
    logs.configure(as_json=True, stream=stream)
    log = logging.getLogger("apscheduler.executors.default")

    for raised in (asyncio.CancelledError(), ValueError("no such thing")):
        log.error("Error running job", exc_info=raised)

    (line,) = stream.getvalue().splitlines()
    assert "ValueError: no such thing" in line


def test_an_exception_is_logged_with_its_trace_on_the_same_line() -> None:
    """A log collector keeps the trace with the event that it belongs to."""
    stream = io.StringIO()
    logs.configure(as_json=True, stream=stream)

    structlog.get_logger().error("failed", exc_info=ValueError("no such thing"))

    line = json.loads(stream.getvalue())
    assert "ValueError: no such thing" in line["exception"]


def test_a_value_under_the_name_of_a_secret_is_blanked() -> None:
    """Whoever logs a password by mistake logs three stars."""
    stream = io.StringIO()
    logs.configure(as_json=True, stream=stream)

    structlog.get_logger().info("signed in", password="hunter2", Token="abc")

    assert "hunter2" not in stream.getvalue()
    assert "abc" not in stream.getvalue()


def test_lines_below_the_level_are_left_out() -> None:
    """DEBUG stays silent unless asked for."""
    stream = io.StringIO()
    logs.configure(as_json=False, level="WARNING", stream=stream)

    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")

    assert "quiet" not in stream.getvalue()
    assert "loud" in stream.getvalue()


def test_a_library_that_sets_up_the_root_logger_later_changes_nothing() -> None:
    """onvif-zeep calls basicConfig at import: the second call finds a handler and leaves."""
    logs.configure(as_json=True, stream=io.StringIO())
    before = list(logging.getLogger().handlers)

    logging.basicConfig(level=logging.DEBUG)

    assert logging.getLogger().handlers == before


@pytest.mark.parametrize("as_json", [True, False])
def test_a_trace_shows_no_variables(*, as_json: bool) -> None:
    """A frame that holds a password is named, and what it holds is not."""
    stream = io.StringIO()
    logs.configure(as_json=as_json, stream=stream)

    try:
        _log_in("ca" + "che")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("a.library").exception("failed too")

    assert "_log_in" in stream.getvalue()
    assert "cache" not in stream.getvalue()


def _log_in(password: str) -> None:
    message = f"refused, {len(password)} characters"
    raise ValueError(message)
