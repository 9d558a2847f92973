"""Trust is a decision with three policies."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from probes.transport.tls import Certificate, Contexts, issue_of, objection, read_certificate
from probes.verdict import Issue

HASH = hashlib.sha256(b"certificate").hexdigest()
PIN = "pin:" + HASH
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


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
    [
        (PIN, Certificate(HASH), None),
        (PIN, Certificate(HASH, NOON + timedelta(days=1)), None),
        (PIN, Certificate(HASH, NOON - timedelta(days=1)), Issue.TLS_CERT_EXPIRED),
        (PIN, Certificate("0" * 64), Issue.TLS_CERT_CHANGED),
        ("pin", Certificate(HASH), None),
        ("off", Certificate(HASH, NOON - timedelta(days=1)), None),
    ],
)
def test_a_pin_is_the_hash_of_the_certificate(
    policy: str, certificate: Certificate, expected: Issue | None
) -> None:
    """Any other certificate is another device, or somebody in between."""
    assert objection(policy, certificate, at=NOON) is expected


def test_an_unreadable_certificate_still_has_a_hash() -> None:
    """Some cameras write theirs against the standard, and are pinned all the same."""
    assert read_certificate(b"certificate") == Certificate(HASH)


def test_an_expired_certificate_is_told_from_an_unknown_one() -> None:
    """The one is renewed, the other pinned."""
    expired, unknown = ssl.SSLCertVerificationError(), ssl.SSLCertVerificationError()
    expired.verify_code, unknown.verify_code = 10, 18

    assert issue_of(expired) is Issue.TLS_CERT_EXPIRED
    assert issue_of(unknown) is Issue.TLS_UNTRUSTED
    assert issue_of(ssl.SSLError()) is Issue.TLS_UNTRUSTED
