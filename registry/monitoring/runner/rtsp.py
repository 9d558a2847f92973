"""Asks video servers whether they run, right after their camera was probed."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta

from probes.checks.rtsp import RtspVerdict, ask
from probes.target import RtspTarget
from registry.db import SessionFactory, session_scope
from registry.monitoring.agenda import Agenda
from registry.monitoring.rules import Scheduled
from registry.monitoring.service.surveys import keep_rtsp

MOST_AT_ONCE = 200


class VideoWatch:
    """
    Keeps the separate verdict on the video servers of cameras that opted in.

    A camera is asked when its probe has just come back, so that it never has two
    conversations at once, and no more often than every `pace_seconds`.
    """

    def __init__(
        self,
        agenda: Agenda,
        sessions: SessionFactory,
        *,
        pace_seconds: float,
        clock: Callable[[], datetime],
        writer: Executor,
    ) -> None:
        """Start with nothing asked."""
        self._agenda = agenda
        self._sessions = sessions
        self._pace = timedelta(seconds=pace_seconds)
        self._clock = clock
        self._writer = writer
        self._asked: dict[int, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._found: list[RtspVerdict] = []

    def heard(self, verdicts: Sequence[Scheduled], at: datetime) -> None:
        """Ask the video servers of the cameras that were just probed, if it is time."""
        for each in verdicts:
            camera_id = each.verdict.key
            before = self._asked.get(camera_id)
            if before is not None and at - before < self._pace:
                continue
            target = self._agenda.rtsp_target(camera_id)
            if target is None:
                self._asked.pop(camera_id, None)
                continue
            self._asked[camera_id] = at
            task = asyncio.get_running_loop().create_task(self._ask(target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def tick(self) -> None:
        """Write what has been found."""
        found, self._found = self._found, []
        if found:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writer, lambda: self._keep(found))

    async def close(self) -> None:
        """Stop asking; what was found is written."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.tick()

    async def _ask(self, target: RtspTarget) -> None:
        async with self._room:
            self._found.append(await ask(target, now=self._clock))

    def _keep(self, found: Sequence[RtspVerdict]) -> None:
        with session_scope(self._sessions) as session:
            keep_rtsp(session, found)
