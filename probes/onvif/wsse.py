"""Signs a request with WS-UsernameToken, as older ONVIF devices want it."""

import os
from binascii import b2a_base64
from functools import lru_cache
from hashlib import sha1
from math import floor
from time import gmtime, strftime
from xml.sax.saxutils import escape


def sign(
    pieces: tuple[bytes, bytes, bytes, bytes, bytes],
    username: str,
    password: str,
    *,
    at: float,
) -> bytes:
    """
    Fill a request with a token made for this one sending.

    Only the digest travels, never the password. The nonce is new each time,
    because some devices refuse a replay.

    Args:
        pieces: The request, cut around name, digest, nonce and creation.
        username: Of the account on the device.
        password: Of the same account.
        at: Now by the device's own clock, in seconds since the epoch: a device
            whose clock is off refuses a token made by ours.
    """
    nonce = os.urandom(16)
    created = _written(floor(at))
    # SHA-1 is what the token profile prescribes (OASIS WSS UsernameToken 1.1).
    digest = sha1(nonce + created + password.encode(), usedforsecurity=False).digest()
    head, before_digest, before_nonce, before_created, tail = pieces
    name = _escaped(username)
    return b"".join(
        (
            head,
            name,
            before_digest,
            b2a_base64(digest, newline=False),
            before_nonce,
            b2a_base64(nonce, newline=False),
            before_created,
            created,
            tail,
        )
    )


def sign_in_clear(
    pieces: tuple[bytes, bytes, bytes, bytes, bytes],
    username: str,
    password: str,
    *,
    at: float,
) -> bytes:
    """
    Fill a request with a token that holds the password itself (PasswordText).

    Only for a camera that knows no digest, whose operator asked for it, inside
    TLS that passed its check. Arguments as for `sign`.
    """
    head, before_password, before_nonce, before_created, tail = pieces
    return b"".join(
        (
            head,
            _escaped(username),
            before_password.replace(b"#PasswordDigest", b"#PasswordText"),
            escape(password).encode(),
            before_nonce,
            b2a_base64(os.urandom(16), newline=False),
            before_created,
            _written(floor(at)),
            tail,
        )
    )


@lru_cache(maxsize=1024)
def _escaped(username: str) -> bytes:
    """Write a user name as XML wants it."""
    return escape(username).encode()


# The clocks of a fleet stand on few different seconds at a time.
@lru_cache(maxsize=64)
def _written(second: int) -> bytes:
    """Write an instant as the token wants it."""
    # Z, not +00:00: some makes refuse the long form (OASIS WSS allows both).
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(second)).encode()
