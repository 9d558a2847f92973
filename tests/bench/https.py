"""Measures what one whole probe costs over TLS, with the certificate pinned."""

import argparse
import hashlib
import ssl
import statistics
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.bench.probes import fake_device, many_devices, measure

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
            runs = uvloop.run(measure(targets, repeats, bare=False))
    spent = [run.cpu_seconds / CAMERAS * 1e6 for run in runs]
    return {
        "cpu_us_per_probe": round(statistics.median(spent), 1),
        "cpu_us_per_probe_min": round(min(spent), 1),
        "openssl": ssl.OPENSSL_VERSION,
        "probes": CAMERAS * repeats,
    }


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
