"""
Opens the XML that a device wrote, however it was encoded, torn or wrapped.

A hostile document costs no more than its 64 KB are worth: no document type, no
entity, no network, no huge tree, and each element is looked at once.
"""

import codecs
import re
from collections.abc import Collection
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from probes.verdict import Reason, Unusable, sanitise

Element = _Element

_DTD = re.compile(rb"(?i)<!(?:doctype|entity)")
_PAGE = re.compile(rb"(?i)<!doctype\s+html")
# What stands at the root of a web page, or of a piece of one.
_PAGE_ELEMENTS = frozenset(
    {"html", "head", "body", "title", "meta", "script", "style", "frameset", "form", "table"}
    | {"div", "center", "font", "p", "br", "h1", "h2", "h3", "pre", "img", "link"}
)
_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_ENVELOPE = re.compile(rb"<(?:[\w.-]{1,40}:)?Envelope[\s>]")
_FARTHEST_ENVELOPE = 2048
# What may stand before an envelope without being a fault of the device's.
_PROLOG = re.compile(rb"(?:<[?!][^<]*>|[ \t\r\n])*+")
# Only these: a codec such as idna takes its time with hostile bytes, and one such
# as utf-7 hides markup from whoever looks at the bytes.
_CODECS = {
    name: name
    for name in (
        *("us-ascii", "iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-15"),
        *("windows-1250", "windows-1251", "windows-1252"),
        *("gb2312", "gbk", "gb18030", "big5", "euc-jp", "euc-kr", "shift_jis"),
    )
} | {"latin1": "iso-8859-1"}
_WIDE = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


class Document(NamedTuple):
    """An XML document; `broken` says that it needed repair to be read."""

    root: Element
    broken: bool


def open_document(body: bytes) -> Document:
    """
    Parse a hostile document, and say whether it needed repair.

    A document type is refused before parsing: the parser's own switches stop
    entities and the network, but still accept the declaration.

    Raises:
        Unusable: There is no XML to be had.
    """
    text, repaired = _in_utf8(body)
    start = _ENVELOPE.search(text, 0, _FARTHEST_ENVELOPE)
    if _PAGE.search(text) or (start is None and not text.startswith(b"<")):
        raise Unusable(Reason.NOT_ONVIF, _opening(text))
    if _DTD.search(text):
        raise Unusable(Reason.MALFORMED_XML, "a document type, which SOAP forbids")
    if start is not None and not _PROLOG.fullmatch(text, 0, start.start()):
        # A warning of the web server, or the head of a multipart reply.
        text, repaired = text[start.start() :], True
    root, sound = _parsed(text)
    if local_name(root).lower() in _PAGE_ELEMENTS:
        raise Unusable(Reason.NOT_ONVIF, _opening(text))
    return Document(root, repaired or not sound)


def first_of(root: Element, names: Collection[str]) -> Element | None:
    """Give the first element, in document order, that has one of these local names."""
    return next((each for each in root.iter("*") if local_name(each) in names), None)


def firsts(root: Element, names: Collection[str]) -> dict[str, Element]:
    """Give the first element of each of these local names, as far as there is one."""
    found: dict[str, Element] = {}
    for each in root.iter("*"):
        name = local_name(each)
        if name in names and name not in found:
            found[name] = each
            if len(found) == len(names):
                break
    return found


def text_of(element: Element | None) -> str:
    """Give the text in an element on one short line; empty where there is no element."""
    return sanitise("".join(map(str, element.itertext()))) if element is not None else ""


def local_name(element: Element) -> str:
    """Give the name of an element without namespace, nor prefix if undeclared."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _parsed(text: bytes) -> tuple[Element, bool]:
    """
    Parse UTF-8, and say whether it was well-formed.

    Raises:
        Unusable: Not even repair makes XML of it.
    """
    parser = etree.XMLParser(
        # Whatever the document says of its encoding: it has been decoded already.
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.LxmlError, ValueError) as error:
        raise Unusable(Reason.MALFORMED_XML, sanitise(str(error))) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise Unusable(Reason.MALFORMED_XML, _opening(text))
    return root, not len(parser.error_log)


def _in_utf8(body: bytes) -> tuple[bytes, bool]:
    """
    Bring a document to UTF-8, and say whether bytes had to be replaced.

    Some devices declare UTF-8 and send GBK, some end their text with NUL bytes.
    """
    wide = _WIDE.get(body[:2])
    if wide is None:
        body = body.strip(b"\0 \t\r\n").removeprefix(codecs.BOM_UTF8).lstrip()
        declared = _DECLARED.match(body)
        name = declared[1].decode().lower() if declared else "utf-8"
        codec = _CODECS.get(name, "utf-8")
    else:
        codec = wide
    try:
        text, repaired = body.decode(codec), False
    except UnicodeDecodeError:
        text, repaired = body.decode(codec, errors="replace"), True
    text = text.lstrip("\ufeff").strip("\0 \t\r\n")
    # The parser takes a NUL for the end of the document.
    return text.replace("\0", "").encode(), repaired or "\0" in text


def _opening(text: bytes) -> str:
    """Show the first words of what is no answer."""
    return sanitise(text[:400].decode(errors="replace"))
