"""Trust is a decision with three policies."""

import hashlib
import ssl

import pytest

from probes.transport.tls import Contexts, issue_of, matches
from probes.verdict import Issue

PIN = "pin:" + hashlib.sha256(b"certificate").hexdigest()


def test_only_the_authorities_policy_checks_the_name() -> None:
    """A pin replaces the authority, and `off` is the operator's own word."""
    contexts = Contexts()

    assert contexts.first("ca").verify_mode is ssl.CERT_REQUIRED
    assert contexts.first("ca").check_hostname
    assert contexts.first(PIN).verify_mode is ssl.CERT_NONE
    assert contexts.first("off").verify_mode is ssl.CERT_NONE


def test_old_tls_is_not_spoken() -> None:
    """TLS 1.2 at least, trusted or not."""
    contexts = Contexts()

    for context in (contexts.checked, contexts.unchecked):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("policy", "certificate", "expected"),
    [(PIN, b"certificate", True), (PIN, b"another", False), ("off", b"any", True)],
)
def test_a_pin_is_the_hash_of_the_certificate(
    policy: str, certificate: bytes, *, expected: bool
) -> None:
    """Any other certificate is another device, or somebody in between."""
    assert matches(policy, certificate) is expected


def test_an_expired_certificate_is_told_from_an_unknown_one() -> None:
    """The one is renewed, the other pinned."""
    expired, unknown = ssl.SSLCertVerificationError(), ssl.SSLCertVerificationError()
    expired.verify_code, unknown.verify_code = 10, 18

    assert issue_of(expired) is Issue.TLS_CERT_EXPIRED
    assert issue_of(unknown) is Issue.TLS_UNTRUSTED
