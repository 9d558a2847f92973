"""
Keeps papers by their content: each file is named by the SHA-256 of what it holds.

What a file is, its first bytes say, not its name: PDF, images, and office files
without macros. Nothing is ever executed or rendered here; pages hand a paper out as
an attachment. A file that no row names any more does no harm: papers are written
before the transaction that names them, and a paper once kept is never changed.
"""

import hashlib
import os
import re
import secrets
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from registry.errors import Invalid, NotFound, Problem

MEGABYTE = 1 << 20
# Enough entries for any letter or table; a directory of a million is an attack.
MOST_ENTRIES = 2_000
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_STARTS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_PARTS = (
    ("word/document.xml", f"{_OPEN_XML}.wordprocessingml.document"),
    ("xl/workbook.xml", f"{_OPEN_XML}.spreadsheetml.sheet"),
    ("ppt/presentation.xml", f"{_OPEN_XML}.presentationml.presentation"),
)
_OPEN_DOCUMENT = tuple(
    f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation")
)
# Where office files keep code, whichever maker's.
_MACROS = ("vbaproject.bin", "vbadata.xml", "basic/", "scripts/", "macrosheets/")
SUFFIXES = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/tiff": ".tiff",
    _PARTS[0][1]: ".docx",
    _PARTS[1][1]: ".xlsx",
    _PARTS[2][1]: ".pptx",
    _OPEN_DOCUMENT[0]: ".odt",
    _OPEN_DOCUMENT[1]: ".ods",
    _OPEN_DOCUMENT[2]: ".odp",
}
TYPES = frozenset({*(media_type for _, media_type in _STARTS), *SUFFIXES, "image/webp"})


@dataclass(frozen=True, slots=True)
class Stored:
    """What was kept: its address, its size, and what it turned out to be."""

    sha256: str
    size_bytes: int
    media_type: str


class Store:
    """A folder of papers by content hash, each with two letters of it for a subfolder."""

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        """Name the folder, made at the first paper, and the size that a paper may have."""
        self._folder = folder
        self._most_bytes = most_bytes

    def keep(self, content: bytes, *, where: str = "file", name: str = "") -> Stored:
        """
        Check a paper and write it, unless the same one is there already.

        Raises:
            Invalid: It is empty, too large, of no known type, or carries macros.
        """
        media_type = self._checked(content, where, name)
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            _write(path, content)
        return Stored(digest, len(content), media_type)

    def read(self, sha256: str) -> bytes:
        """
        Return a paper, once its content has been held against its address.

        Raises:
            NotFound: There is no such paper, or it is not what it was.
        """
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise NotFound(f"no paper {sha256}") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NotFound(f"paper {sha256} is damaged: its content has another digest")
        return content

    def _checked(self, content: bytes, where: str, name: str) -> str:
        if not content:
            raise Invalid([Problem("paper.empty", where, name)])
        if len(content) > self._most_bytes:
            said = {"size": str(len(content)), "most": str(self._most_bytes)}
            raise Invalid([Problem("paper.large", where, name, said)])
        media_type = recognise(content)
        if not media_type:
            raise Invalid([Problem("paper.type", where, name)])
        if _is_office(media_type) and _has_macros(content):
            raise Invalid([Problem("paper.macros", where, name)])
        return media_type

    def _path(self, sha256: str) -> Path:
        if not _DIGEST.match(sha256):
            raise NotFound(f"no paper {sha256!r}")
        return self._folder / sha256[:2] / sha256


def recognise(content: bytes) -> str:
    """Return the media type that a content is of, or nothing if it is none of ours."""
    for start, media_type in _STARTS:
        if content.startswith(start):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return _office_type(content) if content.startswith(b"PK\x03\x04") else ""


def file_name(name: str, media_type: str) -> str:
    """Return a name to hand a paper out under: plain characters, the suffix of its type."""
    stem = name.replace("\\", "/").rpartition("/")[2]
    stem = re.sub(r"[^\w .()+-]", "_", stem).strip(" .")[:150]
    suffix = SUFFIXES.get(media_type, "")
    if suffix and stem.lower().endswith(suffix):
        return stem
    return f"{stem or 'document'}{suffix}"


def _office_type(content: bytes) -> str:
    """Tell an office file by its directory alone: nothing but a short name is unpacked."""
    names = _entries(content)
    if "mimetype" in names:
        with zipfile.ZipFile(BytesIO(content)) as archive, archive.open("mimetype") as entry:
            said = entry.read(100).decode("ascii", "replace").strip()
        return said if said in _OPEN_DOCUMENT else ""
    if "[Content_Types].xml" not in names:
        return ""
    return next((media_type for part, media_type in _PARTS if part in names), "")


def _has_macros(content: bytes) -> bool:
    return any(mark in name.lower() for name in _entries(content) for mark in _MACROS)


def _entries(content: bytes) -> frozenset[str]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return frozenset()
    return frozenset(names) if len(names) <= MOST_ENTRIES else frozenset()


def _is_office(media_type: str) -> bool:
    return media_type.startswith(_OPEN_XML) or media_type in _OPEN_DOCUMENT


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    passing = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    passing.replace(path)
