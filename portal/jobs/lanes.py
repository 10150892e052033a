"""Work that takes longer than a job of the worker may: it runs beside the jobs, in lanes of its own.

All jobs have short limits, because one that died with its worker begins again only when the longest limit is over. What
takes minutes is therefore claimed in the database, and a job only says that there is something to do.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


class Lane:
    """One thing after the other until nothing is left, and again when it is woken."""

    def __init__(self, name: str, step: Callable[[], Awaitable[bool]]) -> None:
        """`step` does one thing; False when there was nothing to do."""
        self.name = name
        self.step = step
        self._is_called = False
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        self._is_called = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=self.name)

    async def rest(self) -> None:
        """Wait until nothing is left to do."""
        if self._task is not None:
            await self._task

    async def stop(self) -> None:
        """What is under way is broken off, and gives back what it has claimed."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._is_called:
            self._is_called = False
            try:
                while await self.step():
                    pass
            except Exception:
                # The clock wakes it again.
                log.exception("%s: broken off", self.name)
