"""An ipycam camera in a process of its own: a device server that is not ours."""

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

USERNAME, PASSWORD = "admin", "ipy-secret-1"

# It adds 260 MB, and binds the discovery port for good.
PROGRAM = """
import sys
from ipycam import CameraConfig, IPCamera
ports = dict(zip(("onvif_port", "rtsp_port", "web_port"), map(int, sys.argv[1:4])))
account = {"username": sys.argv[4], "password": sys.argv[5]}
config = CameraConfig(local_ip="127.0.0.1", **account, **ports)
IPCamera(config).start()
sys.stdin.read()
"""


def _is_usable() -> bool:
    """Tell whether ipycam is there, with the system libraries that its OpenCV wants."""
    if importlib.util.find_spec("ipycam") is None:
        return False
    found = subprocess.run([sys.executable, "-c", "import cv2"], capture_output=True, check=False)
    return found.returncode == 0


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def running_ipycam(username: str = USERNAME, password: str = PASSWORD) -> Iterator[int]:
    """
    Run an ipycam and give its ONVIF port; skip where it cannot run.

    Without an account it lets everybody in.
    """
    if not _is_usable():
        pytest.skip("ipycam, or a library that its OpenCV wants, is not installed")
    ports = free_ports(3)
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, *map(str, ports), username, password],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(ports[0], "ipycam")
            yield ports[0]
        finally:
            process.kill()


def wait_for(port: int, name: str) -> None:
    """Wait until a server listens; one that is installed and does not start is a failure."""
    for _ in range(150):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"{name} did not start within 30 s")
