"""Takes credentials out of what is shown of a conversation."""

import re

from probes.verdict import DETAIL_LENGTH, sanitise

_HIDDEN = "***"
_HEADER = re.compile(r"(?i)\b(authorization)(\s*[:=]\s*).+")
# An attribute that carries a part of a login, and its value, however it is quoted.
_NAMED = re.compile(
    r"(?i)\b(password\w*|passwd|pwd|c?nonce|response|digest)(\s*[=:>][\s\"'>]*)[^\s\"'<>,&]+"
)
# What a token holds: SHA-1 or a nonce in base64, which end so, and digests in hex.
_TOKEN = re.compile(r"[A-Za-z0-9+/]{20,}={1,2}|\b[0-9A-Fa-f]{32,}\b")


def redacted(text: str, *secrets: str) -> str:
    """
    Hide every credential in a text that a device sent or an error holds.

    A device may echo what it was sent: a digest with its nonce is enough to guess
    a password at leisure.

    Args:
        text: What is to be shown.
        secrets: Words that must not be in it, whatever stands around them.
    """
    was_cut = len(text) >= DETAIL_LENGTH
    # Blanks are folded where a text was sanitised, be they a secret's own.
    for secret in filter(None, (*secrets, *map(sanitise, secrets))):
        text = text.replace(secret, _HIDDEN)
        if was_cut:
            text = _without_start(text, secret)
    text = _HEADER.sub(rf"\1\2{_HIDDEN}", text)
    text = _NAMED.sub(rf"\1\2{_HIDDEN}", text)
    return _TOKEN.sub(_HIDDEN, text)


def _without_start(text: str, secret: str) -> str:
    """Hide what is left of a secret within which the text was cut."""
    for length in range(len(secret) - 1, 0, -1):
        if text.endswith(secret[:length]):
            return text[:-length] + _HIDDEN
    return text
