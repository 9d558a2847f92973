"""The processes of the service live and die together."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from registry import settings
from registry.errors import Misconfigured
from registry.settings import Settings
from registry.supervisor.processes import Child, require_free_port, supervise


def a_free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def on_free_port(tmp_path: Path) -> Settings:
    """Return settings with a port and a folder of their own."""
    return settings.load(web={"port": a_free_port()}, storage={"folder": str(tmp_path)})


def camera(port: int) -> Child:
    """Return a child that stays: one simulated camera."""
    return Child("camera", ("simulate", "--cameras", "1", "--base-port", str(port)))


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Poll until something holds, or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


def test_a_taken_port_is_named_with_the_cure(on_free_port: Settings) -> None:
    """Two services on one port is a sentence with the setting in it, before anything starts."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", on_free_port.web.port))
        other.listen()

        with pytest.raises(Misconfigured, match=r"web\.port.*VIGIPARC_WEB__PORT"):
            require_free_port(on_free_port)


def test_a_child_that_ends_by_itself_stops_the_rest(
    on_free_port: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    """A service with a dead half is no service: it stops, says which, and fails."""
    other = a_free_port()
    children = (camera(other), Child("short-lived", ("--version",)))

    code = supervise(on_free_port, children, announce=lambda: None)

    assert code == 1
    assert "short-lived process has ended" in capfd.readouterr().err
    assert not listens(other)


def test_an_interrupt_stops_everything_and_is_no_failure(on_free_port: Settings) -> None:
    """Ctrl-C announces nothing more, leaves no process, and exits with 0."""
    port = on_free_port.web.port
    announced: list[bool] = []

    def interrupt() -> None:
        wait_until(lambda: bool(announced))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    code = supervise(on_free_port, (camera(port),), announce=lambda: announced.append(True))

    assert (code, announced) == (0, [True])
    assert not listens(port)
