"""Debian's lighttpd in front of a device: Digest, a certificate or a redirect, on loopback."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ipycam_device import free_ports, wait_for

_MODULES = Path("/usr/lib/lighttpd")
_BASE = """
server.modules = ({modules})
server.document-root = "{folder}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{folder}/error.log"
"""
_PROXY = 'proxy.server = ("" => (("host" => "127.0.0.1", "port" => {upstream})))\n'
_DIGEST = """
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "{folder}/users"
auth.require = ("" => ("method" => "digest", "realm" => "{realm}", "require" => "valid-user",
                       "algorithm" => "{algorithm}"))
"""
_REALM = "ONVIF"


def digest_front(
    folder: Path, upstream: int, *, username: str, password: str, algorithm: str
) -> str:
    """Write the configuration of a server that wants HTTP Digest; `algorithm` as RFC 7616 says."""
    hashed = hashlib.new(algorithm.replace("-", "").lower(), usedforsecurity=False)
    hashed.update(f"{username}:{_REALM}:{password}".encode())
    (folder / "users").write_text(f"{username}:{_REALM}:{hashed.hexdigest()}\n")
    return _DIGEST.format(folder=folder, realm=_REALM, algorithm=algorithm) + _PROXY.format(
        upstream=upstream
    )


def tls_front(upstream: int, *, certificate: Path) -> str:
    """Write the configuration of a server that speaks TLS with a certificate (PEM with its key)."""
    return f'ssl.engine = "enable"\nssl.pemfile = "{certificate}"\n' + _PROXY.format(
        upstream=upstream
    )


def redirect_front(location: str) -> str:
    """Write the configuration of a server that sends everybody elsewhere."""
    return f'url.redirect = ("" => "{location}")\n'


@contextmanager
def running_lighttpd(folder: Path, configuration: str, *modules: str) -> Iterator[int]:
    """Run a lighttpd with some modules, and give its port; skip where one is not installed."""
    program = shutil.which("lighttpd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        pytest.skip("lighttpd is not installed")
    if "mod_openssl" in modules and not (_MODULES / "mod_openssl.so").is_file():
        pytest.skip("lighttpd-mod-openssl is not installed")
    (port,) = free_ports(1)
    listed = ", ".join(f'"{module}"' for module in modules)
    base = _BASE.format(modules=listed, folder=folder, port=port)
    file = folder / "lighttpd.conf"
    file.write_text(base + configuration)
    with subprocess.Popen(  # noqa: S603 - the machine's own server
        [program, "-D", "-f", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(port, "lighttpd")
            yield port
        finally:
            process.terminate()
