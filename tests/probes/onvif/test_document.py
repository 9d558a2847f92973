"""A document is opened whatever its form, and costs no more than it should."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.onvif.document import Document, first_of, firsts, open_document, text_of
from probes.verdict import Reason, Unusable

PLAIN = (
    '<?xml version="1.0" encoding="{}"?><s:Envelope xmlns:s="urn:s"><s:Body>é</s:Body></s:Envelope>'
)


def words(document: Document) -> str:
    """Give all the text of a document."""
    return text_of(document.root)


@pytest.mark.parametrize(
    "codec",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "windows-1252"],
)
def test_each_encoding_of_the_field_is_read_without_repair(codec: str) -> None:
    """Odd, legal, and no reason to call the XML broken."""
    label = codec.removesuffix("-sig").removesuffix("-le").removesuffix("-be")

    document = open_document(PLAIN.format(label).encode(codec))

    assert (words(document), document.broken) == ("é", False)


@pytest.mark.parametrize("label", ["utf-7", "idna", "zlib", "unicode_escape", "nonsense", "utf-16"])
def test_a_label_that_no_device_has_reason_to_use_counts_for_nothing(label: str) -> None:
    """The bytes are read as UTF-8: an odd codec hides markup or burns time."""
    assert words(open_document(PLAIN.format(label).encode())) == "é"


@pytest.mark.parametrize(
    "body",
    [
        PLAIN.format("utf-8").encode().replace("é".encode(), "海".encode("gbk")),
        PLAIN.format("utf-8").encode().replace("é".encode(), b"a\0b"),
        b"Warning: date() in x.php\n" + PLAIN.format("utf-8").encode(),
        b"--part\r\n\r\n" + PLAIN.format("utf-8").encode() + b"\r\n--part--",
        PLAIN.format("utf-8").encode() + b"<again/>",
    ],
)
def test_what_needs_repair_says_so(body: bytes) -> None:
    """Foreign bytes, a NUL, a web server's warning, a multipart wrap, an echo at the end."""
    assert open_document(body).broken


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-be"])
def test_a_document_type_is_seen_in_any_encoding(codec: str) -> None:
    """SOAP forbids it, and so an entity bomb never reaches the parser."""
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'

    with pytest.raises(Unusable) as caught:
        open_document(bomb.encode(codec))

    assert caught.value.reason is Reason.MALFORMED_XML


def test_an_external_entity_is_not_fetched() -> None:
    """Neither a file of ours nor an address of the network."""
    body = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x>&e;</x>'

    with pytest.raises(Unusable):
        open_document(body)


@pytest.mark.parametrize("piece", ["<a>", "<a/>", "</b>", "&a;", "<v:a xmlns:v='u'/>", "<a x=''/>"])
def test_a_hostile_filling_ends_in_a_document_or_a_reason(piece: str) -> None:
    """64 KB of open tags, stray ends, entities or attributes: a few milliseconds (measured)."""
    body = ("<s:Envelope xmlns:s='urn:s'>" + piece * (65_000 // len(piece))).encode()

    assert open_document(body).broken


def test_elements_are_found_by_local_name_in_document_order() -> None:
    """Prefixes differ from make to make, declared or not."""
    root = open_document(b"<a><v:b>1</v:b><c xmlns='urn:c'>2</c><b>3</b></a>").root

    assert text_of(first_of(root, {"c", "b"})) == "1"
    assert {name: text_of(each) for name, each in firsts(root, {"b", "c"}).items()} == {
        "b": "1",
        "c": "2",
    }
    assert first_of(root, {"d"}) is None
    assert text_of(None) == ""


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_bytes_at_all_raise_anything_but_unusable(body: bytes) -> None:
    """With and without something that looks like XML in front."""
    reasons = set()
    for each in (body, b"<a>" + body, b"\xff\xfe<\0" + body):
        try:
            open_document(each)
        except Unusable as error:
            reasons.add(error.reason)

    assert reasons <= {Reason.NOT_ONVIF, Reason.MALFORMED_XML}
