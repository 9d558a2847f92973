"""Decides whether the other end of a TLS connection may be trusted with a password."""

import hashlib
import ssl
from functools import cached_property

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
        return context

    def first(self, policy: str) -> ssl.SSLContext:
        """Give the context to try first under a policy (`ca`, `pin`, `pin:...`, `off`)."""
        return self.checked if policy == "ca" else self.unchecked


def issue_of(error: ssl.SSLCertVerificationError) -> Issue:
    """Tell an expired certificate from one that nobody vouches for."""
    return Issue.TLS_CERT_EXPIRED if error.verify_code == _EXPIRED else Issue.TLS_UNTRUSTED


def matches(policy: str, certificate: bytes) -> bool:
    """Tell whether a certificate (DER) is the one that is pinned, where one is."""
    if not policy.startswith("pin:"):
        return True
    return fingerprint(certificate) == policy.removeprefix("pin:")


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (DER), in hexadecimal."""
    return hashlib.sha256(certificate).hexdigest()
