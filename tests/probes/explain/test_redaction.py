"""No credential is shown, whoever repeats it."""

import os
from binascii import b2a_base64
from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.explain import redacted
from probes.onvif.wsse import sign
from probes.transport.digest import authorise
from probes.verdict import DETAIL_LENGTH, sanitise

SECRET = "correct horse"


@pytest.mark.parametrize(
    "text",
    [
        "the password correct horse is wrong",
        'Authorization: Digest username="admin", response="0a4f113b", cnonce="99aa"',
        "authorization: Basic YWRtaW46Y29ycmVjdA==",
        "<Password Type='x#PasswordDigest'>kXo1ZQ7zxE9o2vUyhZC1OQy4cIE=</Password>",
        "nonce = 7ypf/xlj9XXwfDPEoM4URrv",
        "pwd=hunter2&user=x",
    ],
)
def test_what_names_a_credential_is_shown_without_it(text: str) -> None:
    """The name stays, so that a reader knows what stood there."""
    shown = redacted(text, SECRET)

    assert "***" in shown
    for secret in (SECRET, "0a4f113b", "YWRtaW46", "kXo1ZQ", "7ypf", "hunter2"):
        assert secret not in shown


@pytest.mark.parametrize("shown_of_it", range(1, len(SECRET) + 1))
def test_a_secret_is_hidden_even_where_its_text_was_cut(shown_of_it: int) -> None:
    """A long echo is cut to one line before anybody reads it, wherever that may be."""
    before = "x" * (DETAIL_LENGTH - shown_of_it)

    assert redacted(sanitise(f"{before}{SECRET} and more"), SECRET) == f"{before}***"


def test_a_secret_is_hidden_whose_blanks_were_folded() -> None:
    """One line holds no two blanks in a row; a password may."""
    secret = "correct  horse"

    assert redacted(sanitise(f"not {secret}!"), secret) == "not ***!"


def test_a_token_that_is_echoed_whole_is_hidden() -> None:
    """Digest and nonce together would let a password be guessed at leisure."""
    pieces = (b"<U>", b"</U><P>", b"</P><N>", b"</N><C>", b"</C>")
    token = sign(pieces, "admin", SECRET, at=1_700_000_000.0).decode()
    digest, nonce = token.split("<P>")[1].split("<")[0], token.split("<N>")[1].split("<")[0]

    shown = redacted(token, SECRET)

    assert digest not in shown
    assert nonce not in shown
    assert "admin" in shown


def test_a_digest_header_that_is_echoed_is_hidden() -> None:
    """Each hash, long and short."""
    for algorithm in ("MD5", "SHA-256"):
        challenge = {"nonce": "n", "realm": "r", "qop": "auth", "algorithm": algorithm}
        header = authorise(challenge, "admin", SECRET, uri="/x")
        response = header.split('response="')[1].split('"')[0]

        assert response not in redacted(header)
        assert response not in redacted(f"you sent {response}")


@pytest.mark.parametrize(
    "text",
    ["HTTP 400 Sender NotAuthorized", "Axis P3245, 10.12, B8A44F001122", "https://10.0.0.1/login"],
)
def test_what_is_no_credential_stays(text: str) -> None:
    """A technician needs what the device said."""
    assert redacted(text, SECRET) == text


_WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)


@given(st.text(max_size=60), st.text(max_size=60), _WORD)
def test_no_text_around_it_lets_a_secret_through(before: str, after: str, secret: str) -> None:
    """Wherever it stands, whatever it is."""
    assert secret not in redacted(before + secret + after, secret)


def test_every_digest_of_the_token_profile_is_known_by_its_form() -> None:
    """SHA-1 in base64 ends in one sign, sixteen bytes in two."""
    for _ in range(50):
        digest = b2a_base64(sha1(os.urandom(8), usedforsecurity=False).digest(), newline=False)
        nonce = b2a_base64(os.urandom(16), newline=False)

        assert redacted(f"{digest.decode()} {nonce.decode()}") == "*** ***"
