"""
Answers an HTTP Digest challenge, which the ONVIF standard prefers.

Source: RFC 7616. Basic is never answered: it would give the password away.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable

# A quoted value, or what is left of one, whose words name no scheme.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.?)*+(?:"|\Z)')
_SCHEME = re.compile(r"(?i)(?:^|,)\s*(digest|basic|bearer|negotiate|ntlm)(?:\s+|$)")
# Each run of letters is looked at once, or 16 KB of them would hold up the loop for seconds.
_PARAMETER = re.compile(r"""\b([A-Za-z]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s,"]++))""")
_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}

Challenge = dict[str, str]


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """List the Digest challenges among WWW-Authenticate headers, in their order."""
    found = []
    for header in headers:
        bare = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), header)
        marks = list(_SCHEME.finditer(bare))
        ends = [mark.start() for mark in marks[1:]] + [len(header)]
        for mark, end in zip(marks, ends, strict=False):
            if mark[1].lower() == "digest":
                found.append(
                    {
                        each[1].lower(): each[3] or re.sub(r"\\(.)", r"\1", each[2] or "")
                        for each in _PARAMETER.finditer(header, mark.end(), end)
                    }
                )
    return found


def choose(offered: Iterable[Challenge]) -> Challenge | None:
    """Give the first challenge that can be met: MD5 or SHA-256, -sess or not; qop auth or none."""
    for each in offered:
        known = _split(each)[0] in _HASHES
        qops = {qop.strip() for qop in each.get("qop", "auth").split(",")}
        if known and "auth" in qops and "nonce" in each:
            return each
    return None


def authorise(
    challenge: Challenge, username: str, password: str, *, uri: str, cnonce: str = ""
) -> str:
    """
    Write the Authorization header of one POST, a character for each byte on the wire.

    A realm goes back as the very bytes that came, whatever they are encoded in.

    Args:
        challenge: One that `choose` gave.
        username: Of the account on the device.
        password: Of the same account.
        uri: The path of the request line, as it stands there: some devices
            compare the two.
        cnonce: Ours; a fresh one unless a test gives it.
    """
    name, of_session = _split(challenge)
    digest = _HASHES[name]
    realm, nonce = challenge.get("realm", ""), challenge["nonce"]
    cnonce = cnonce or os.urandom(8).hex()
    username, password = (each.encode().decode("latin-1") for each in (username, password))
    secret = digest(f"{username}:{realm}:{password}".encode("latin-1"))
    if of_session:
        secret = digest(f"{secret}:{nonce}:{cnonce}".encode("latin-1"))
    request = digest(f"POST:{uri}".encode())
    fields = {"username": username, "realm": realm, "nonce": nonce, "uri": uri}
    bare = {"algorithm": challenge["algorithm"]} if "algorithm" in challenge else {}
    if "qop" in challenge or of_session:
        fields["cnonce"] = cnonce
    if "qop" in challenge:
        middle = f"{nonce}:00000001:{cnonce}:auth"
        bare |= {"qop": "auth", "nc": "00000001"}
    else:
        middle = nonce
    fields["response"] = digest(f"{secret}:{middle}:{request}".encode("latin-1"))
    if "opaque" in challenge:
        fields["opaque"] = challenge["opaque"]
    quoted = [f'{name}="{_escape(value)}"' for name, value in fields.items()]
    return "Digest " + ", ".join(quoted + [f"{name}={value}" for name, value in bare.items()])


def _split(challenge: Challenge) -> tuple[str, bool]:
    """Give the hash that a challenge names, and whether its secret is one of the session."""
    algorithm = challenge.get("algorithm", "MD5").upper()
    return algorithm.removesuffix("-SESS"), algorithm.endswith("-SESS")


def _escape(value: str) -> str:
    """Keep a quoted value within its quotes and its line."""
    return value.replace("\\", "\\\\").replace('"', '\\"').translate({10: " ", 13: " "})
