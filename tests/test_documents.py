"""Papers by content: recognised by what they hold, refused when they could bite."""

import io
import zipfile
from pathlib import Path

import pytest

from registry.documents import Store, file_name, recognise
from registry.errors import Invalid, NotFound

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"


def packed(*names: str, mimetype: str = "") -> bytes:
    """Return a zip archive with entries of these names."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return target.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return an empty store for papers of at most 4 KB."""
    return Store(tmp_path / "papers", most_bytes=4_096)


def refused(store: Store, content: bytes, name: str = "devis.pdf") -> str:
    """Offer a content that is refused, and return the code."""
    with pytest.raises(Invalid) as error:
        store.keep(content, name=name)
    (problem,) = error.value.problems
    assert problem.value == name
    return problem.code


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.4\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"II*\x00....", "image/tiff"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (packed("[Content_Types].xml", "word/document.xml"), WORD),
        (packed("[Content_Types].xml", "xl/workbook.xml"), SHEET),
        (packed("content.xml", mimetype=ODT), ODT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_paper_is_what_it_holds(content: bytes, media_type: str) -> None:
    """PDF, images, letters and tables, whatever they are called."""
    assert recognise(content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ\x90\x00 a program",
        b"#!/bin/sh\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old office file, whose macros cannot be seen",
        b"RIFF....WAVE",
        b"PK\x03\x04 no archive at all",
        packed("a.txt"),
        packed("[Content_Types].xml", "ppt/other.xml"),
        packed("content.xml", mimetype="application/epub+zip"),
    ],
    ids=lambda content: content[:12].decode("latin-1"),
)
def test_anything_else_is_refused_whatever_its_name(store: Store, content: bytes) -> None:
    """A page, a drawing with a script, a program, an archive: none of them is a paper."""
    assert refused(store, content) == "paper.type"


@pytest.mark.parametrize(
    "content",
    [
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        packed("[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/sheet1.xml"),
        packed("content.xml", "Basic/Standard/Module1.xml", mimetype=ODT),
    ],
)
def test_an_office_file_with_macros_is_refused(store: Store, content: bytes) -> None:
    """A letter has no code in it."""
    assert refused(store, content, "lettre.docx") == "paper.macros"


def test_an_archive_of_thousands_of_entries_is_not_read() -> None:
    """Its directory alone tells enough."""
    names = [f"word/{number}" for number in range(2_001)]
    many = Store(Path("unused"), most_bytes=1 << 20)

    assert refused(many, packed("[Content_Types].xml", "word/document.xml", *names)) == "paper.type"


def test_a_bomb_is_never_unpacked() -> None:
    """A gigabyte of zeros in a kilobyte: kept as it is, because nobody opens it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODT.ljust(3_000_000))

    assert recognise(target.getvalue()) == ODT


def test_size_is_limited_and_said(store: Store) -> None:
    """Up to the limit; beyond it both figures are given; nothing at all is refused too."""
    store.keep(b"%PDF-".ljust(4_096))

    with pytest.raises(Invalid) as error:
        store.keep(b"%PDF-".ljust(4_097))

    (problem,) = error.value.problems
    assert (problem.code, problem.parameters) == ("paper.large", {"size": "4097", "most": "4096"})
    assert refused(store, b"") == "paper.empty"


def test_a_paper_is_kept_once_under_its_digest(store: Store, tmp_path: Path) -> None:
    """Twice the same content is one file, readable by its owner only."""
    first, second = (store.keep(b"%PDF-1.7 plan") for _ in range(2))

    files = [path for path in (tmp_path / "papers").rglob("*") if path.is_file()]
    assert first == second
    assert [path.name for path in files] == [first.sha256]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert store.read(first.sha256) == b"%PDF-1.7 plan"


def test_a_paper_that_was_altered_is_not_handed_out(store: Store, tmp_path: Path) -> None:
    """One changed byte on the disk, and the digest no longer fits."""
    kept = store.keep(b"%PDF-1.7 plan")
    path = tmp_path / "papers" / kept.sha256[:2] / kept.sha256
    path.write_bytes(b"%PDF-1.7 Plan")

    with pytest.raises(NotFound, match="damaged"):
        store.read(kept.sha256)


@pytest.mark.parametrize("address", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_an_unknown_address_is_not_found(store: Store, address: str) -> None:
    """And no address leads out of the folder."""
    with pytest.raises(NotFound):
        store.read(address)


@pytest.mark.parametrize(
    ("name", "media_type", "handed"),
    [
        ("devis.pdf", "application/pdf", "devis.pdf"),
        ("C:\\Mairie\\devis été.PDF", "application/pdf", "devis été.PDF"),
        ('a"b\n<script>.html', "application/pdf", "a_b__script_.html.pdf"),
        ("../../x", "image/png", "x.png"),
        ("", "application/pdf", "document.pdf"),
    ],
)
def test_a_paper_is_handed_out_under_a_harmless_name(
    name: str, media_type: str, handed: str
) -> None:
    """The suffix is that of the content, no sign in it steers a browser or a shell."""
    assert file_name(name, media_type) == handed
