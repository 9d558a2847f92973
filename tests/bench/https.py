"""
Measures what one whole probe costs over TLS, with the certificate pinned.

`handshake_us` is what OpenSSL takes on this machine to connect and shake hands with the
same device, in turns with the probes: nobody who speaks TLS by it is cheaper than that.
"""

import argparse
import hashlib
import socket
import ssl
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from probes.target import Target
from probes.transport.tls import Contexts
from tests.bench.probes import cpu_seconds, fake_device, many_devices, measure

CAMERAS = 400


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Probe every camera several times over, and give the medians."""
    del arguments
    repeats = 3 if quick else 10
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "device.pem"
        pin = _write(certificate)
        with fake_device(str(certificate)) as ports:
            targets = [
                replace(target, scheme="https", tls_verify=pin)
                for target in many_devices(ports.alive)[:CAMERAS]
            ]
            spent, bare = [], []
            for _ in range(repeats):
                (run,) = uvloop.run(measure(targets, 1, bare=False))
                spent.append(run.cpu_seconds / CAMERAS * 1e6)
                bare.append(_shake_hands(targets) / CAMERAS * 1e6)
    return {
        "cpu_us_per_probe": round(statistics.median(spent), 1),
        "cpu_us_per_probe_min": round(min(spent), 1),
        "handshake_us": round(statistics.median(bare), 1),
        "ratio_handshake": round(
            statistics.median(whole / part for whole, part in zip(spent, bare, strict=True)), 2
        ),
        "openssl": ssl.OPENSSL_VERSION,
        "probes": CAMERAS * repeats,
    }


def _shake_hands(targets: Sequence[Target]) -> float:
    """Connect to each device, shake hands, and hang up; give the CPU seconds."""
    context, began = Contexts().unchecked, cpu_seconds()
    for target in targets:
        with (
            socket.create_connection((target.host, target.port)) as plain,
            context.wrap_socket(plain, server_hostname=target.host),
        ):
            pass
    return cpu_seconds() - began


def _write(path: Path) -> str:
    """Write a self-signed certificate of 2,048 bits with its key; give its pin."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return "pin:" + hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()
