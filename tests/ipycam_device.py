"""An ipycam camera in a process of its own: a device server that is not ours."""

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

USERNAME, PASSWORD = "admin", "word"

# It adds 260 MB, and binds the discovery port for good.
PROGRAM = f"""
import sys
from ipycam import CameraConfig, IPCamera
ports = dict(zip(("onvif_port", "rtsp_port", "web_port"), map(int, sys.argv[1:])))
config = CameraConfig(local_ip="127.0.0.1", username="{USERNAME}", password="{PASSWORD}", **ports)
IPCamera(config).start()
sys.stdin.read()
"""


def _is_usable() -> bool:
    """Tell whether ipycam is there, with the system libraries that its OpenCV wants."""
    if importlib.util.find_spec("ipycam") is None:
        return False
    found = subprocess.run([sys.executable, "-c", "import cv2"], capture_output=True, check=False)
    return found.returncode == 0


def _free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def running_ipycam() -> Iterator[int]:
    """Run an ipycam with a password, and give its ONVIF port; skip where it cannot run."""
    if not _is_usable():
        pytest.skip("ipycam, or a library that its OpenCV wants, is not installed")
    ports = _free_ports(3)
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, *map(str, ports)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(ports[0])
            yield ports[0]
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    """Wait until somebody listens; an ipycam that is installed and does not start is a failure."""
    for _ in range(150):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("ipycam did not start within 30 s")
