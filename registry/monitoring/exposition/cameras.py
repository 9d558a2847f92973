"""Writes the camera pages of the metrics: four series a camera, by shard."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from registry.monitoring.exposition.board import PLACES, Board, Seat
from registry.monitoring.exposition.pieces import NOTHING, Piece, deflate, joined
from registry.monitoring.exposition.text import BACKGROUND, Block, Family, block_of
from registry.monitoring.rules import Shown

CAMERAS_PAGE = "cameras"
# Few enough that a change of one camera writes few lines anew, enough to compress well.
CAMERAS_PER_SHEET = 2_500
# Absent is not zero: unreachable, unknown and planned time is in neither sum.
_VALUES: Mapping[int | None, int] = {
    PLACES[Shown.UP]: 1,
    PLACES[Shown.DEGRADED]: 1,
    PLACES[Shown.DOWN]: 0,
}

CAMERA_UP = Family(
    "vigiparc_camera_up",
    "gauge",
    "1 while the camera is up, 0 while it is down, else absent (unreachable, unknown,"
    " maintenance), so that avg_over_time follows up / (up + down). " + BACKGROUND,
)
CAMERA_PROBED = Family(
    "vigiparc_camera_last_probe_timestamp_seconds",
    "gauge",
    "When the probe of the camera's last verdict began. " + BACKGROUND,
)
CAMERA_OFFSET = Family(
    "vigiparc_camera_clock_offset_seconds",
    "gauge",
    "How far the camera's clock was ahead of UTC at its last answer; negative is behind. "
    + BACKGROUND,
)
CAMERA_INFO = Family(
    "vigiparc_camera_info",
    "info",
    "Always 1: what answers (or is registered) at a funded position, to be joined on camera.",
)


def shard_page(number: int, shards: int) -> str:
    """Return the name under which a shard's page is kept."""
    return f"{CAMERAS_PAGE}/{number}/{shards}"


class Sheet:
    """
    The lines of some cameras, family by family; what is as it was is kept compressed.

    Which camera is up and what it is changes rarely, when it was probed always.
    """

    def __init__(self, seats: Sequence[Seat]) -> None:
        """Begin with nothing that is kept."""
        self.seats = seats
        self._shown: list[int | None] = []
        self._seen: list[tuple[str, str] | None] = []
        self._up = self._infos = NOTHING

    def up(self) -> Piece:
        """Write which camera is up or down."""
        shown = [s.shown for s in self.seats]
        if shown != self._shown:
            name, values, self._shown = CAMERA_UP.name, _VALUES, shown
            self._up = deflate(
                "".join(
                    f"{name}{{{s.labels}}} {values[s.shown]}\n"
                    for s in self.seats
                    if s.shown in values
                )
            )
        return self._up

    def probed(self) -> Piece:
        """Write when each was probed."""
        name, known = CAMERA_PROBED.name, self._in_service()
        return deflate("".join([f"{name}{{{s.labels}}} {s.last_at}\n" for s in known if s.last_at]))

    def offsets(self) -> Piece:
        """Write how far their clocks are off."""
        name, known = CAMERA_OFFSET.name, self._in_service()
        return deflate("".join([f"{name}{{{s.labels}}} {s.offset}\n" for s in known if s.offset]))

    def infos(self) -> Piece:
        """Write what they are."""
        seen = [None if s.shown is None else s.observed for s in self.seats]
        if seen != self._seen:
            name, self._seen = CAMERA_INFO.name, seen
            lines = (f"{name}{{{s.info}}} 1\n" for s in self._in_service())
            self._infos = deflate("".join(lines))
        return self._infos

    def _in_service(self) -> list[Seat]:
        return [s for s in self.seats if s.shown is not None]


def sheets_of(seats: Sequence[Seat]) -> list[Sheet]:
    """Share seats out among sheets."""
    return [
        Sheet(seats[first : first + CAMERAS_PER_SHEET])
        for first in range(0, len(seats), CAMERAS_PER_SHEET)
    ]


def camera_blocks(sheets: Sequence[Sheet]) -> Iterator[Block]:
    """Write the families of some cameras that the board has judged."""
    yield block_of(CAMERA_UP, joined(sheet.up() for sheet in sheets))
    yield block_of(CAMERA_PROBED, joined(sheet.probed() for sheet in sheets))
    yield block_of(CAMERA_OFFSET, joined(sheet.offsets() for sheet in sheets))
    yield block_of(CAMERA_INFO, joined(sheet.infos() for sheet in sheets))


class CameraWriter:
    """Writes the page of every shard; its sheets last until a camera is seated anew."""

    def __init__(self, board: Board) -> None:
        """Write of a board that somebody else refreshes and judges."""
        self._board = board
        self._sheets: dict[int, tuple[Sequence[Seat], list[Sheet]]] = {}

    def __call__(self) -> Iterator[tuple[str, list[Block]]]:
        """Write the pages, each under its name."""
        shards = self._board.shards
        self._sheets = {n: kept for n, kept in self._sheets.items() if n < shards}
        for number in range(shards):
            seats = self._board.shard(number)
            before = self._sheets.get(number)
            if before is None or before[0] is not seats:
                self._sheets[number] = seats, sheets_of(seats)
            yield shard_page(number, shards), list(camera_blocks(self._sheets[number][1]))


def cameras_of_site(session: Session, public_id: str, *, at: datetime) -> list[Block] | None:
    """Write the families of one site's cameras from the database; None without such a site."""
    board = Board(reload_seconds=0, only=public_id)
    board.refresh(session, at=at)
    if not any(board.sites):
        return None
    board.judge(session, at=at)
    return list(camera_blocks(sheets_of(board.shard(0))))
