"""A deadline ends what takes too long, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from probes.engine.deadline import Deadline

LONG_SECONDS = 5.0


async def wait(seconds: float, *, limit: float, moved: float | None = None) -> bool:
    """Wait under a deadline, moved at once if asked; tell whether it rang."""
    loop = asyncio.get_running_loop()
    deadline = Deadline(loop, seconds=limit)
    if moved is not None:
        deadline.move(loop.time() + moved)
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        if not deadline.took_back():
            raise
    finally:
        deadline.stop()
    return deadline.expired


@pytest.mark.parametrize(
    ("act", "rang"),
    [
        (lambda: wait(LONG_SECONDS, limit=0.01), True),
        (lambda: wait(0.01, limit=LONG_SECONDS), False),
        (lambda: wait(0.05, limit=0.01, moved=LONG_SECONDS), False),
        (lambda: wait(LONG_SECONDS, limit=0.01, moved=0.03), True),
    ],
    ids=["too long", "in time", "in time because moved", "too long although moved"],
)
def test_a_deadline_rings_only_when_time_is_up(
    act: Callable[[], Awaitable[bool]], *, rang: bool
) -> None:
    """It rings at its end, or at the end to which it was moved."""

    async def run() -> bool:
        return await act()

    assert uvloop.run(run()) is rang


def test_a_stopped_deadline_leaves_its_task_alone() -> None:
    """The next thing that the task does has all its time."""

    async def run() -> int:
        await wait(0, limit=0.01)
        await asyncio.sleep(0.05)
        task = asyncio.current_task()
        return task.cancelling() if task else -1

    assert uvloop.run(run()) == 0


def test_a_cancellation_by_others_goes_on() -> None:
    """The engine that closes must not wait for deadlines."""

    async def run() -> None:
        task = asyncio.create_task(wait(LONG_SECONDS, limit=LONG_SECONDS))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    uvloop.run(run())
