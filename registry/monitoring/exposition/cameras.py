"""Writes the camera pages of the metrics: four series a camera, by shard."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from registry.monitoring.exposition.board import PLACES, Board, Seat
from registry.monitoring.exposition.text import BACKGROUND, Block, Family, block
from registry.monitoring.rules import Shown

CAMERAS_PAGE = "cameras"
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


def camera_blocks(seats: Iterable[Seat]) -> Iterator[Block]:
    """Write the families of some cameras that the board has judged."""
    known = list(seats)
    name, values = CAMERA_UP.name, _VALUES
    yield block(
        CAMERA_UP,
        [f"{name}{{{s.labels}}} {values[s.shown]}\n" for s in known if s.shown in values],
    )
    name = CAMERA_PROBED.name
    yield block(CAMERA_PROBED, [f"{name}{{{s.labels}}} {s.last_at}\n" for s in known if s.last_at])
    name = CAMERA_OFFSET.name
    yield block(
        CAMERA_OFFSET,
        [f"{name}{{{s.labels}}} {s.offset}\n" for s in known if s.offset],
    )
    name = CAMERA_INFO.name
    yield block(CAMERA_INFO, [f"{name}{{{s.info}}} 1\n" for s in known])


def camera_pages(board: Board) -> Iterator[tuple[str, list[Block]]]:
    """Write the page of every shard, each under its name."""
    for number in range(board.shards):
        yield shard_page(number, board.shards), list(camera_blocks(board.shard(number)))


def cameras_of_site(session: Session, public_id: str, *, at: datetime) -> list[Block] | None:
    """Write the families of one site's cameras from the database; None without such a site."""
    board = Board(reload_seconds=0, only=public_id)
    board.refresh(session, at=at)
    if not any(board.sites):
        return None
    board.judge(session, at=at)
    return list(camera_blocks(board.shard(0)))
