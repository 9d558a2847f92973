"""Structured logs: one JSON object a line for machines, plain lines for people."""

import asyncio
import logging
import sys
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET_KEYS = frozenset({"password", "token", "secret", "key", "authorization", "credentials"})
# Libraries that tell of every step at INFO.
CHATTY = ("alembic", "apscheduler", "zeep", "onvif", "urllib3")


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank every value whose key names a secret, whoever logged it."""
    for key in event:
        if key.lower() in SECRET_KEYS:
            event[key] = "***"
    return event


def is_news(record: logging.LogRecord) -> bool:
    """Tell what to log: not that a job was cut off, as APScheduler's are when we stop."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not issubclass(kind, asyncio.CancelledError)


def configure(*, as_json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """
    Set up logging for the whole process; call it before any import of onvif-zeep.

    What libraries log through the standard module takes the same shape as our own
    lines. onvif-zeep gives the root logger a handler of its own at import: a root
    that already has one keeps it out.
    """
    stream = stream or sys.stderr
    every_line: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        # The formatter by default shows the variables of every frame where rich is
        # installed: passwords among them.
        else [
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=every_line,
            processors=[ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(is_news)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*every_line, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
