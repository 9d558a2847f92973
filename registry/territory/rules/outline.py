"""
Simplifies outlines, packs them, finds a point inside, and tells which side a point is on.

Rings are lists of (longitude, latitude) in degrees, closed or not; a hole is a ring
like the others. A degree of latitude is 111 km, one of longitude 71 km in Lille.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from math import cos, hypot, radians
from typing import NamedTuple, TypeAlias

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = Sequence[Point]

# Steps of packed outlines: a hundred-thousandth of a degree is about a metre.
_STEPS = 100_000
_METRES = 111_320.0
_SCAN_LINES = 15
_FEWEST = 3


class Box(NamedTuple):
    """The least rectangle around an outline, in degrees."""

    south: float
    north: float
    west: float
    east: float


def box(rings: Sequence[Ring]) -> Box:
    """Return the least rectangle around rings."""
    longitudes = [point[0] for ring in rings for point in ring]
    latitudes = [point[1] for ring in rings for point in ring]
    return Box(min(latitudes), max(latitudes), min(longitudes), max(longitudes))


def simplified(ring: Ring, *, metres: float) -> list[Point]:
    """
    Leave out the points that stray less than some metres from the line without them.

    Source: Douglas and Peucker, 1973. A ring that would collapse is left as it is.
    """
    points = [(float(x), float(y)) for x, y in ring]
    if points[0] == points[-1]:
        points.pop()
    if len(points) <= _FEWEST:
        return points
    # A ring has no ends: the point furthest from the first one is taken for the other.
    far = max(range(len(points)), key=lambda at: _distance(points[0], points[at]))
    first = _reduced(points[: far + 1], metres)
    second = _reduced([*points[far:], points[0]], metres)
    kept = [*first[:-1], *second[:-1]]
    return kept if len(kept) >= _FEWEST else points


def _reduced(line: list[Point], metres: float) -> list[Point]:
    keep = {0, len(line) - 1}
    pending = [(0, len(line) - 1)]
    while pending:
        start, stop = pending.pop()
        inner = range(start + 1, stop)
        strays = [(_stray(line[at], line[start], line[stop]), at) for at in inner]
        worst, at = max(strays, default=(0.0, 0))
        if worst > metres:
            keep.add(at)
            pending += [(start, at), (at, stop)]
    return [line[at] for at in sorted(keep)]


def _distance(one: Point, other: Point) -> float:
    across = (one[0] - other[0]) * cos(radians(one[1]))
    return hypot(across, one[1] - other[1]) * _METRES


def _stray(point: Point, start: Point, stop: Point) -> float:
    """Return the metres between a point and a stretch of line."""
    scale = cos(radians(point[1]))
    x, y = (point[0] - start[0]) * scale, point[1] - start[1]
    dx, dy = (stop[0] - start[0]) * scale, stop[1] - start[1]
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, (x * dx + y * dy) / length)) if length else 0.0
    return hypot(x - along * dx, y - along * dy) * _METRES


def pack(rings: Sequence[Ring]) -> bytes:
    """Return rings as bytes, each point as its steps from the one before."""
    packed = [struct.pack("<I", len(rings))]
    for ring in rings:
        packed.append(struct.pack("<I", len(ring)))
        x = y = 0
        for longitude, latitude in ring:
            east, north = round(longitude * _STEPS), round(latitude * _STEPS)
            packed.append(struct.pack("<ii", east - x, north - y))
            x, y = east, north
    return zlib.compress(b"".join(packed), 9)


def unpack(packed: bytes) -> list[list[Point]]:
    """Return the rings that were packed, to a hundred-thousandth of a degree."""
    raw = zlib.decompress(packed)
    (count,), at = struct.unpack_from("<I", raw), 4
    rings = []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", raw, at)
        steps = struct.unpack_from(f"<{2 * length}i", raw, at + 4)
        at += 4 + 8 * length
        ring, x, y = [], 0, 0
        for east, north in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + east, y + north
            ring.append((x / _STEPS, y / _STEPS))
        rings.append(ring)
    return rings


def holds(rings: Sequence[Ring], point: Point) -> bool:
    """Tell whether a point lies inside; rings inside rings are holes (even-odd rule)."""
    x, y = point
    return sum(crossing > x for ring in rings for crossing in _crossings(ring, y)) % 2 == 1


def inside_point(rings: Sequence[Ring]) -> Point:
    """
    Return a point inside: the middle of the widest stretch of several lines across.

    The centre of gravity of a crescent lies outside of it; this point never does.
    """
    around = box(rings)
    best: tuple[float, Point] = (-1.0, (around.west, around.south))
    for line in range(1, _SCAN_LINES + 1):
        # Off the round fractions, where corners of simplified outlines like to lie.
        y = around.south + (around.north - around.south) * (line - 0.437) / _SCAN_LINES
        found = sorted(x for ring in rings for x in _crossings(ring, y))
        for west, east in zip(found[::2], found[1::2], strict=False):
            best = max(best, (east - west, ((west + east) / 2, y)))
    return best[1]


def _crossings(ring: Ring, y: float) -> Iterator[float]:
    """Give the longitudes at which a ring crosses a latitude."""
    before = ring[-1]
    for after in ring:
        if (before[1] > y) != (after[1] > y):
            yield before[0] + (y - before[1]) * (after[0] - before[0]) / (after[1] - before[1])
        before = after
