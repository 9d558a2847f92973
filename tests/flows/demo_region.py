"""Starts the demonstration region in a folder of its own, and speaks to it over HTTP."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

ROOT = Path(__file__).parents[2]
# One of the addresses in the shipped workbook.
FIRST_CAMERA, CAMERA_PORT = "127.62.2.1", 8899


@dataclass
class DemoRegion:
    """A running `vigiparc demo`."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    def metrics(self) -> str:
        """Return the metrics page, empty while there is none."""
        try:
            with urlopen(f"{self.address}/metrics", timeout=10) as answer:  # noqa: S310 - loopback
                return str(answer.read().decode())
        except (HTTPError, URLError):
            return ""

    def sample(self, name: str, **labels: str) -> float:
        """Sum the samples of a metric whose labels hold these values."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in self.metrics().splitlines()
            if re.match(rf"{name}(\{{|\s)", line) and all(each in line for each in wanted)
        )

    def sign_in(self, email: str) -> Callable[[str], str]:
        """Sign in over the form, as a browser does, and return a getter of pages."""
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        opener.addheaders = [("Accept-Language", "fr")]
        form = opener.open(f"{self.address}/login").read().decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token, "the sign-in form has no CSRF token"
        password = json.loads((self.folder / "demo" / "account").read_text())
        fields = {"email": email, "password": password, "csrf_token": token[1]}
        opener.open(f"{self.address}/login", urlencode(fields).encode()).read()
        return lambda path: str(opener.open(f"{self.address}{path}").read().decode())

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def variables(folder: Path, **changes: str) -> dict[str, str]:
    """Return an environment of our own settings only."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("VIGIPARC_")}
    return {**plain, "VIGIPARC_STORAGE__FOLDER": str(folder), **changes}


def another_is_running() -> bool:
    """Tell whether the simulated cameras' addresses are taken: the workbook gives them."""
    try:
        socket.create_server((FIRST_CAMERA, CAMERA_PORT)).close()
    except OSError:
        return True
    return False


@contextmanager
def demo_region(folder: Path) -> Iterator[DemoRegion]:
    """Run the demonstration, quicker than for people: a probe of each camera every 3 s."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    quick = {
        "VIGIPARC_WEB__PORT": str(port),
        "VIGIPARC_PROBES__INTERVAL_SECONDS": "3",
        "VIGIPARC_PROBES__TIMEOUT_SECONDS": "2",
        "VIGIPARC_METRICS__SNAPSHOT_SECONDS": "1",
        "VIGIPARC_METRICS__AVAILABILITY_SECONDS": "2",
    }
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "registry", "demo"],
            env=variables(folder, **quick),
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield DemoRegion(process, port, folder)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)


def eventually(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Poll until something holds, or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.5)
    return False
