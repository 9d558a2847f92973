"""What the processes of this machine take, as Linux counts it in /proc."""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from time import process_time

from sqlalchemy import Engine, text

_TICKS = os.sysconf("SC_CLK_TCK")
# Places in the stat of a process, counted from behind its name.
_PARENT, _SPENT, _SPENT_BY_ENDED = 1, slice(11, 13), slice(13, 15)

Clock = Callable[[], float]


def processor_clock(engine: Engine) -> Clock:
    """
    Return a clock of processor seconds: of this process, and of a PostgreSQL server beside it.

    All of the server counts, its writers and what it cleans up too, by hundredths.

    Raises:
        ValueError: The server is on another machine, where its work cannot be seen.
    """
    if engine.dialect.name != "postgresql":
        return process_time
    with engine.connect() as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()")) or 0
    name = Path(f"/proc/{backend}/comm")
    if not (name.is_file() and "postgres" in name.read_text(encoding="utf-8")):
        message = "--database: expected a server on this machine, to count its processor's time"
        raise ValueError(message)
    server = int(_stat(backend)[_PARENT])
    return lambda: process_time() + cpu_seconds(tree(server)) + _ended_seconds(server)


def tree(pid: int) -> list[int]:
    """Return a process and all that it started."""
    return [pid, *(each for child in children(pid) for each in tree(child))]


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that still run; none of one that ended."""
    # Each thread has the children that it started.
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text(encoding="ascii").split()]


def memory_mb(pid: int, kind: str) -> float:
    """Return the memory of a process, `kind` being Rss or Pss."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(kb) for kb in re.findall(rf"^{kind}:\s+(\d+) kB", rollup, re.MULTILINE)) / 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor seconds of processes so far."""
    return sum(sum(map(int, _stat(pid)[_SPENT])) for pid in pids) / _TICKS


def _ended_seconds(pid: int) -> float:
    """Return the processor seconds of the children that a process has seen the end of."""
    return sum(map(int, _stat(pid)[_SPENT_BY_ENDED])) / _TICKS


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
