"""Compresses a page piece by piece: what has not changed need not be compressed again."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

# Level 1 is a fifth of the time of level 6, for a page that is a tenth larger.
LEVEL = 1
# A member of gzip without name and time: the same page gives the same bytes. RFC 1952, 2.3.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
_LAST_BLOCK = b"\x03\x00"
_POLYNOMIAL = 0xEDB88320
# Lengths are told apart up to 4 GiB, as gzip itself does.
_LENGTH_BITS = 32


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A stretch of text, compressed by itself.

    `deflated` ends on a whole byte and refers to nothing before it, so that pieces one
    after another are one stream; `length` and `checksum` are of the text, in bytes.
    """

    deflated: bytes = b""
    length: int = 0
    checksum: int = 0


NOTHING = Piece()


def deflate(text: str) -> Piece:
    """Compress a stretch of text."""
    plain = text.encode()
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH)
    return Piece(deflated, len(plain), zlib.crc32(plain))


def joined(pieces: Iterable[Piece]) -> Piece:
    """Put pieces one after another."""
    deflated, length, checksum = [], 0, 0
    for piece in pieces:
        deflated.append(piece.deflated)
        length += piece.length
        checksum = _followed(checksum, piece.length) ^ piece.checksum
    return Piece(b"".join(deflated), length, checksum)


def gzip_of(piece: Piece) -> bytes:
    """
    Return a piece as a file of gzip.

    Of one member, although a file may have several: some browsers read only the first.
    """
    ends = (piece.checksum, piece.length % 2**_LENGTH_BITS)
    trailer = b"".join(each.to_bytes(4, "little") for each in ends)
    return _HEADER + piece.deflated + _LAST_BLOCK + trailer


def _followed(checksum: int, length: int) -> int:
    """
    Return what is left of a CRC-32 after `length` bytes more, but for what these add.

    Each byte multiplies it by x^8. zlib has it as crc32_combine, Python has it not.
    """
    for power in _POWERS:
        if not length:
            break
        if length & 1:
            checksum = _times(checksum, power)
        length >>= 1
    return checksum


def _times(first: int, second: int) -> int:
    """Multiply two polynomials over GF(2), their highest bit first, modulo that of CRC-32."""
    product, bit = 0, 1 << 31
    while first:
        if first & bit:
            product ^= second
            first ^= bit
        second = second >> 1 ^ (_POLYNOMIAL if second & 1 else 0)
        bit >>= 1
    return product


def _powers() -> list[int]:
    """Return x^8, x^16, x^32 and so on, each the square of the one before."""
    powers = [1 << 23]
    while len(powers) < _LENGTH_BITS:
        powers.append(_times(powers[-1], powers[-1]))
    return powers


_POWERS = _powers()
