"""Each token is made for one sending, by the device's own clock."""

import hashlib
import re
from base64 import b64decode, b64encode

from lxml import etree

from probes.onvif.wsse import sign
from probes.target import Requests

NOON = 1795435200.0


def parts(request: bytes) -> dict[str, str]:
    """Read a token out of a request, by local name."""
    root = etree.fromstring(request)
    return {
        name: str(root.findtext(f".//{{*}}{name}"))
        for name in ("Username", "Password", "Nonce", "Created")
    }


def test_the_digest_is_that_of_the_standard(requests: Requests) -> None:
    """Base64 of SHA-1 of nonce, created and password (OASIS UsernameToken profile)."""
    token = parts(sign(requests.signed, "admin", "s3cret", at=NOON))

    secret = b64decode(token["Nonce"]) + token["Created"].encode() + b"s3cret"
    expected = hashlib.sha1(secret, usedforsecurity=False).digest()
    assert token["Password"] == b64encode(expected).decode()


def test_the_instant_is_the_devices_in_zulu_form(requests: Requests) -> None:
    """Some makes refuse +00:00, and a clock that is off refuses our time."""
    assert parts(sign(requests.signed, "a", "b", at=NOON))["Created"] == "2026-11-23T12:00:00Z"
    assert parts(sign(requests.signed, "a", "b", at=61.0))["Created"] == "1970-01-01T00:01:01Z"


def test_no_nonce_is_used_twice(requests: Requests) -> None:
    """A device with replay protection refuses the second."""
    nonces = {parts(sign(requests.signed, "a", "b", at=NOON))["Nonce"] for _ in range(50)}

    assert len(nonces) == 50
    assert all(len(b64decode(nonce)) == 16 for nonce in nonces)


def test_a_name_cannot_break_out_of_its_element(requests: Requests) -> None:
    """Markup in a user name is text."""
    request = sign(requests.signed, "a</Username>&<x>", "b", at=NOON)

    assert parts(request)["Username"] == "a</Username>&<x>"


def test_the_password_itself_never_travels(requests: Requests) -> None:
    """PasswordText would give it away over plain HTTP."""
    request = sign(requests.signed, "admin", "s3cret-word", at=NOON)

    assert b"s3cret-word" not in request
    assert re.search(rb'Type="[^"]*#PasswordDigest"', request)
