"""Seals camera passwords under a key file that only its owner may read."""

import hmac
import os
import stat
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from registry.errors import Misconfigured

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Vault:
    """
    What seals and opens passwords; neither keys nor passwords show in its repr.

    The first key of the file seals, all of them open: put a new one on top to
    rotate, and drop the old one when everything has been sealed anew.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: list[str]) -> None:
        """
        Take the keys, newest first.

        Raises:
            ValueError: There is none, or one is no Fernet key.
        """
        self._keys = MultiFernet([Fernet(key) for key in keys])

    @classmethod
    def open(cls, path: Path) -> Self:
        """
        Read the key file, which is made with a fresh key when it is not there.

        Raises:
            Misconfigured: Others than its owner may read it, or it holds no keys.
        """
        _create(path)
        if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise Misconfigured(f"storage.key_file: {path} must be readable by its owner only")
        try:
            return cls(path.read_text(encoding="ascii").split())
        except ValueError:
            # Not chained: the decoder's own message may quote the file.
            raise Misconfigured(f"storage.key_file: {path} holds no valid keys") from None

    def seal(self, password: str) -> bytes:
        """Return what may be stored; each call gives other bytes."""
        return self._keys.encrypt(password.encode())

    def unseal(self, sealed: bytes) -> str:
        """
        Return the password that was sealed.

        Raises:
            InvalidToken: It was sealed under a key that the file no longer holds.
        """
        return self._keys.decrypt(sealed).decode()

    def holds(self, sealed: bytes, password: str) -> bool:
        """Tell whether a sealed password is this one; no, when no key opens it."""
        try:
            return hmac.compare_digest(self.unseal(sealed).encode(), password.encode())
        except InvalidToken:
            return False

    def __repr__(self) -> str:
        """Say nothing of the keys."""
        return "Vault()"


def _create(path: Path) -> None:
    # O_EXCL: of two processes that start together, one makes the file and the other
    # reads it. Written under another name first, so that it is never seen empty.
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
