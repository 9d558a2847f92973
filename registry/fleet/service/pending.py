"""Keeps a file between its dry run and its confirmation, sealed and not for long."""

import base64
import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex

from cryptography.fernet import InvalidToken

from registry.errors import NotFound
from registry.fleet.vault import Vault

LASTING = timedelta(hours=1)
_GONE = "the file that was tried is not kept any more; send it again"
_TOKEN = re.compile(r"[0-9a-f]{32}\Z")


def keep(  # noqa: PLR0913 - a file, whose it is, and where it waits
    folder: Path, vault: Vault, *, content: bytes, name: str, actor: str, at: datetime
) -> str:
    """
    Seal a file until its confirmation and return the word that takes it out again.

    A sheet may hold passwords: it never lies on the disk in the clear. What nobody
    confirmed within an hour is thrown away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.stat().st_mtime < (at - LASTING).timestamp():
            path.unlink(missing_ok=True)
    token = token_hex(16)
    told = {"name": name, "actor": actor, "content": base64.b64encode(content).decode()}
    path = folder / token
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(vault.seal(json.dumps(told)))
    os.utime(path, (at.timestamp(), at.timestamp()))
    return token


def take(folder: Path, vault: Vault, token: str, *, actor: str, at: datetime) -> tuple[str, bytes]:
    """
    Return the name and content of a file that was kept, and forget it.

    Raises:
        NotFound: It is another person's, it was confirmed already, or it is too old.
    """
    path = folder / token
    fresh = (at - LASTING).timestamp()
    if not _TOKEN.match(token) or not path.is_file() or path.stat().st_mtime < fresh:
        raise NotFound(_GONE)
    try:
        told = json.loads(vault.unseal(path.read_bytes()))
    except InvalidToken:
        told = {"actor": ""}
    if told["actor"] != actor:
        raise NotFound(_GONE)
    path.unlink(missing_ok=True)
    return told["name"], base64.b64decode(told["content"])
