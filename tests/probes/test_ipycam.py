"""The probe is right on ipycam, a device server that is not ours."""

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from probes.engine import run_probe
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Issue
from tests.probes.conftest import LOOPBACK

# In a process of its own: it adds 260 MB, and binds the discovery port for good.
PROGRAM = """
import sys
from ipycam import CameraConfig, IPCamera
ports = dict(zip(("onvif_port", "rtsp_port", "web_port"), map(int, sys.argv[1:])))
IPCamera(CameraConfig(local_ip="127.0.0.1", username="admin", password="word", **ports)).start()
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


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Run an ipycam with a password; return its ONVIF port."""
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
    """Wait until somebody listens."""
    for _ in range(150):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.skip("ipycam did not start within 30 s")


def target(port: int, password: str) -> Target:
    """Name the device."""
    return Target(
        1,
        "127.0.0.1",
        port,
        username="admin",
        password=password,
        networks=LOOPBACK,
        verify_authentication=True,
    )


def test_the_right_password_is_verified(requests: Requests, port: int) -> None:
    """It wants a token even for its clock, and refuses one that is 300 s off."""
    verdict = run_probe(requests, target(port, "word"))

    assert verdict.health is Health.UP
    assert verdict.authentication is Authentication.VERIFIED
    assert verdict.issues == frozenset()
    assert verdict.identity is not None
    assert verdict.identity.manufacturer == "PythonCam"


def test_a_wrong_password_is_an_issue_and_no_outage(requests: Requests, port: int) -> None:
    """The device answers: it is up, and somebody must see to the password."""
    verdict = run_probe(requests, target(port, "wrong"))

    assert verdict.health is Health.UP
    assert verdict.authentication is Authentication.FAILED
    assert verdict.issues == {Issue.AUTH_FAILED}
