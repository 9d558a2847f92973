"""A page in pieces is one file of gzip, byte for byte the text that went in."""

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from registry.monitoring.exposition.pieces import NOTHING, deflate, gzip_of, joined


@given(st.lists(st.text(max_size=300), max_size=8))
def test_pieces_in_a_row_are_the_whole_text(texts: list[str]) -> None:
    """In one member, whose checksum and length are right: gzip looks at both."""
    packed = gzip_of(joined(deflate(text) for text in texts))

    whole = "".join(texts).encode()
    assert gzip.decompress(packed) == whole
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert reader.decompress(packed) == whole
    assert (reader.eof, reader.unused_data) == (True, b"")


@given(st.lists(st.text(max_size=50), min_size=3, max_size=3))
def test_pieces_may_be_joined_in_any_grouping(texts: list[str]) -> None:
    """What was joined once is a piece like any other."""
    first, second, third = (deflate(text) for text in texts)

    assert joined([joined([first, second]), third]) == joined([first, joined([second, third])])
    assert joined([NOTHING, first, NOTHING]) == first


def test_a_long_piece_keeps_its_checksum() -> None:
    """Far longer than a page, with every bit of a length of its own."""
    text = "vigiparc_camera_up{} 1\n" * 300_007

    packed = gzip_of(joined([deflate("x"), deflate(text)]))

    assert gzip.decompress(packed) == ("x" + text).encode()
