"""
Processes that live and die together, in the foreground, until a signal.

The parent imports neither Flask nor the application: it is up at once, and what
it starts loads its own on the other core.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from registry.errors import Misconfigured
from registry.settings import Settings

POLL_SECONDS = 0.1
START_SECONDS = 60.0
STOP_SECONDS = 10.0


def require_free_port(settings: Settings) -> None:
    """
    Refuse to start on a port that somebody else listens on.

    Raises:
        Misconfigured: It is taken, or the address is none of this machine.
    """
    web = settings.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((web.host, web.port))
        except OSError as error:
            raise Misconfigured(
                f"web.port: cannot listen on {web.host}:{web.port} ({error.strerror}); "
                "choose another with VIGIPARC_WEB__PORT"
            ) from None


@dataclass(frozen=True, slots=True)
class Child:
    """A process of ours: its name for people, and the `vigiparc` arguments it runs."""

    name: str
    arguments: tuple[str, ...]


SERVICE = (Child("web", ("serve",)), Child("monitor", ("monitor",)))


def supervise(
    settings: Settings,
    children: Sequence[Child] = SERVICE,
    *,
    environment: Mapping[str, str] | None = None,
    announce: Callable[[], None],
) -> int:
    """
    Run some processes of ours in the foreground until a signal, or until one dies.

    Each child leads a session of its own: Ctrl-C reaches the parent alone, which
    then stops the children in the reverse of the order in which they were started.

    Args:
        settings: Where the web server listens.
        children: What runs, in the order in which it is started.
        environment: Variables for the children beside those of this process.
        announce: Called once, when the web server answers.

    Returns:
        0 after a signal, 1 when a child ended by itself.

    Raises:
        Misconfigured: The port is taken.
    """
    require_free_port(settings)
    stop = threading.Event()
    running: list[tuple[Child, subprocess.Popen[bytes]]] = []
    with _stopped_by_signals(stop):
        try:
            for child in children:
                running.append((child, _start(child, environment)))  # noqa: PERF401 - each may fail
            if _wait_until_answering(settings, running, stop):
                announce()
            return _watch(running, stop)
        finally:
            _stop(running)


# glibc gives every thread a heap of its own, and keeps large blocks that were freed: of
# 300 MB of a monitor, that is 15.
_FRUGAL = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144"}


def _start(child: Child, environment: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
        [sys.executable, "-m", "registry", *child.arguments],
        env={**_FRUGAL, **os.environ, **(environment or {})},
        start_new_session=True,
    )


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    def remember(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ended(running: Sequence[tuple[Child, subprocess.Popen[bytes]]]) -> Child | None:
    return next((child for child, process in running if process.poll() is not None), None)


def _wait_until_answering(
    settings: Settings,
    running: Sequence[tuple[Child, subprocess.Popen[bytes]]],
    stop: threading.Event,
) -> bool:
    # A child may die while we wait (a bad database, say): look at them too.
    for _ in range(int(START_SECONDS / POLL_SECONDS)):
        if _ended(running) or stop.is_set():
            return False
        try:
            socket.create_connection((settings.web.host, settings.web.port), POLL_SECONDS).close()
        except OSError:
            stop.wait(POLL_SECONDS)
        else:
            return True
    return False


def _watch(running: Sequence[tuple[Child, subprocess.Popen[bytes]]], stop: threading.Event) -> int:
    while not stop.wait(POLL_SECONDS):
        if ended := _ended(running):
            sys.stderr.write(f"vigiparc: the {ended.name} process has ended; stopping the rest\n")
            return 1
    return 0


def _stop(running: Sequence[tuple[Child, subprocess.Popen[bytes]]]) -> None:
    for _, process in reversed(running):
        if process.poll() is None:
            process.terminate()
    for _, process in reversed(running):
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
