"""Structured logs: one JSON object a line for machines, plain lines for people."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

SECRET_KEYS = frozenset({"password", "token", "secret", "key", "authorization", "credentials"})
# Libraries that tell of every step at INFO.
CHATTY = ("alembic", "apscheduler", "zeep", "onvif", "urllib3")


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank every value whose key names a secret, whoever logged it."""
    for key in event:
        if key.lower() in SECRET_KEYS:
            event[key] = "***"
    return event


def configure(*, as_json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """
    Set up logging for the whole process; call it before any import of onvif-zeep.

    onvif-zeep gives the root logger a handler of its own at import: a root that
    already has one keeps it out.
    """
    stream = stream or sys.stderr
    logging.basicConfig(format="%(message)s", level=level, stream=stream, force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide_secrets,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
