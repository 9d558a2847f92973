"""Decides whether the other end of a TLS connection may be trusted with a password."""

import hashlib
import ssl
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from cryptography import x509

from probes.verdict import Issue

# X509_V_ERR_CERT_HAS_EXPIRED, in OpenSSL's x509_vfy.h.
_EXPIRED = 10
# The policy under which the first certificate seen is to be pinned by the register.
PIN_FIRST = "pin"


class Contexts:
    """The two ways to shake hands; made once, because reading the authorities is slow."""

    @cached_property
    def checked(self) -> ssl.SSLContext:
        """A context that accepts certificates of known authorities only."""
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    @cached_property
    def unchecked(self) -> ssl.SSLContext:
        """A context that accepts any certificate: for pins, and to go on without credentials."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Keys of 1,024 bits and SHA-1 signatures are common in cameras: refusing the
        # handshake would call a live one down, and a pin names the certificate itself.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        return context

    def first(self, policy: str) -> ssl.SSLContext:
        """Give the context to try first under a policy (`ca`, `pin`, `pin:...`, `off`)."""
        return self.checked if policy == "ca" else self.unchecked


def issue_of(error: OSError) -> Issue:
    """Tell an expired certificate from one, or a handshake, that is not to be trusted."""
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code == _EXPIRED:
        return Issue.TLS_CERT_EXPIRED
    return Issue.TLS_UNTRUSTED


class Certificate(NamedTuple):
    """
    What a device showed: the SHA-256 of its DER form, in hex, and how long it is valid.

    The end is none where it cannot be read: some cameras write certificates
    against the standard, and are pinned all the same.
    """

    sha256: str
    until: datetime | None = None


# A device shows the same certificate at each probe; reading one takes 30 us.
@lru_cache(maxsize=1 << 12)
def read_certificate(der: bytes) -> Certificate:
    """Read a certificate as it was sent."""
    try:
        until = x509.load_der_x509_certificate(der).not_valid_after_utc
    except ValueError:
        until = None
    return Certificate(hashlib.sha256(der).hexdigest(), until)


def objection(policy: str, certificate: Certificate, *, at: datetime) -> Issue | None:
    """
    Say why a certificate that the handshake did not judge is not trusted.

    Args:
        policy: Of the target; `ca` was judged by the handshake, `off` asks nothing.
        certificate: What the device showed.
        at: Now: a pin does not outlive its certificate.
    """
    if not policy.startswith("pin:"):
        return None
    if certificate.sha256 != policy.removeprefix("pin:"):
        return Issue.TLS_CERT_CHANGED
    if certificate.until is not None and certificate.until < at:
        return Issue.TLS_CERT_EXPIRED
    return None
