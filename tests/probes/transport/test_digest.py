"""HTTP Digest is answered as RFC 7616 says, and nothing weaker is."""

import hashlib
import re

import pytest

from probes.transport.digest import authorise, challenges, choose

# The example of RFC 7616, section 3.9.1, asked as GET there; ours is a POST.
RFC = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


def md5(data: bytes) -> str:
    """Hash as RFC 7616 does where a device names no algorithm."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_several_challenges_are_listed_in_their_order() -> None:
    """In several headers, or several in one; Basic is passed over."""
    found = challenges(
        [
            'Basic realm="x"',
            RFC.format("SHA-256"),
            'Digest nonce="a", Digest nonce=b, Basic realm="c"',
        ]
    )

    assert [each["nonce"][:4] for each in found] == ["7ypf", "a", "b"]
    assert found[0]["realm"] == "http-auth@example.org"


def test_the_words_of_a_realm_name_no_scheme() -> None:
    """A make may put anything between its quotes."""
    header = r'Digest realm="a, Basic \", Digest b", nonce="n", Digest nonce="m'

    assert [each.get("realm") for each in challenges([header])] == ['a, Basic ", Digest b', None]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_realm_goes_back_as_it_came(encoding: str) -> None:
    """Its bytes are hashed as they are: the device does the same, in its own encoding."""
    realm = "Caméra".encode(encoding)
    challenge = choose(challenges([f'Digest realm="{realm.decode("latin-1")}", nonce="n"']))
    assert challenge is not None

    header = authorise(challenge, "zoé", "été", uri="/x").encode("latin-1")

    secret = md5(b"zo\xc3\xa9:" + realm + b":\xc3\xa9t\xc3\xa9")
    response = md5(f"{secret}:n:{md5(b'POST:/x')}".encode())
    assert b'realm="' + realm + b'"' in header
    assert b'username="zo\xc3\xa9"' in header
    assert f'response="{response}"'.encode() in header


@pytest.mark.parametrize(
    "header",
    [
        'Digest nonce="a", algorithm=SHA-512-256, qop="auth"',
        'Digest nonce="a", qop="auth-int"',
        'Digest realm="no nonce", qop="auth"',
    ],
)
def test_a_challenge_that_cannot_be_met_is_not_chosen(header: str) -> None:
    """Better no login than a wrong one: cameras count them."""
    assert choose(challenges([header])) is None


def test_the_first_challenge_that_can_be_met_is_chosen() -> None:
    """The device states its preference by the order."""
    offered = challenges(
        ['Digest nonce="a", algorithm=X', RFC.format("SHA-256"), RFC.format("MD5")]
    )

    chosen = choose(offered)

    assert chosen is not None
    assert chosen["algorithm"] == "SHA-256"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "md5"),
        ("SHA-256", "sha256"),
    ],
)
def test_the_response_is_that_of_the_rfc(algorithm: str, expected: str) -> None:
    """Computed a second time here, word for word after section 3.4.1."""
    (challenge,) = challenges([RFC.format(algorithm)])

    header = authorise(challenge, "Mufasa", "Circle of Life", uri="/dir/index", cnonce="0a4f")

    def hashed(text: str) -> str:
        return hashlib.new(expected, text.encode()).hexdigest()

    a1 = hashed("Mufasa:http-auth@example.org:Circle of Life")
    a2 = hashed("POST:/dir/index")
    response = hashed(f"{a1}:{challenge['nonce']}:00000001:0a4f:auth:{a2}")
    assert f'response="{response}"' in header
    assert re.search(rf"algorithm={algorithm}\b", header)
    assert 'uri="/dir/index"' in header
    assert "qop=auth" in header
    assert "Circle" not in header


def test_a_secret_of_the_session_is_bound_to_both_nonces() -> None:
    """RFC 7616, section 3.4.2: -sess hashes the secret once more."""
    (challenge,) = challenges([RFC.format("MD5-sess")])
    chosen = choose([challenge])
    assert chosen is not None

    header = authorise(chosen, "Mufasa", "Circle of Life", uri="/dir/index", cnonce="0a4f")

    def hashed(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    nonce = challenge["nonce"]
    a1 = hashed(hashed("Mufasa:http-auth@example.org:Circle of Life") + f":{nonce}:0a4f")
    response = hashed(f"{a1}:{nonce}:00000001:0a4f:auth:" + hashed("POST:/dir/index"))
    assert f'response="{response}"' in header
    assert "algorithm=MD5-sess" in header


def test_an_old_challenge_without_qop_is_answered() -> None:
    """RFC 2069 cameras are still on their masts."""
    header = authorise({"realm": "r", "nonce": "n"}, "u", "p", uri="/")

    assert "qop" not in header
    assert "cnonce" not in header


def test_a_name_cannot_break_out_of_its_header() -> None:
    """Quotes and line ends in a realm or a name stay within the quotes."""
    header = authorise({"realm": 'r"\r\nX: y', "nonce": "n"}, 'u"', "p", uri="/")

    assert "\n" not in header
    assert "\r" not in header
    assert r'username="u\""' in header


@pytest.mark.parametrize("header", ["", "WSSE realm=x", 'HMAC nonce="n"', "=,,=", "Digest"])
def test_a_challenge_of_no_known_scheme_is_none(header: str) -> None:
    """A header that nobody can meet is a refusal, and no fault of ours."""
    assert choose(challenges([header])) is None


@pytest.mark.parametrize("filling", ["A", " ", ",", '="', 'a="', 'a="\\"', "digest ", "A1="])
def test_a_header_of_16_kilobytes_of_anything_ends(filling: str) -> None:
    """A hostile header that took seconds would hold up the whole fleet."""
    header = "Digest nonce=n, " + filling * (16_000 // len(filling))

    assert choose(challenges([header])) is not None
