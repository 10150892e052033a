"""Work that was asked for in bulk, a slice at a time: no job is long, and none begins anew what is done."""

import time
from typing import Any, cast

from portal import clock
from portal.db import bulk as runs
from portal.db.work import Connection
from portal.operations import bulk

# Seconds; a row that has begun is finished.
SLICE = 12.0


async def carry_on_bulk(ctx: dict[str, Any], run_id: int) -> None:
    """Do rows of one run; what is left after a slice is the next job's."""
    await _what_time_is_it(ctx)
    if await _slice(ctx, run_id, time.monotonic() + SLICE):
        await _leave_to_the_next(ctx, run_id)


async def carry_on_all_bulk(ctx: dict[str, Any]) -> None:
    """What a worker left that was killed, or was never told of."""
    await _what_time_is_it(ctx)
    until = time.monotonic() + SLICE
    async with ctx["pool"].acquire() as conn:
        unfinished = await runs.unfinished(cast("Connection", conn))
    for run_id in unfinished:
        if await _slice(ctx, run_id, until):
            await _leave_to_the_next(ctx, run_id)


async def _slice(ctx: dict[str, Any], run_id: int, until: float) -> bool:
    """Whether there is more to do."""
    while time.monotonic() < until:
        if not await bulk.carry_out(ctx["pool"], run_id):
            return False
    return True


async def _leave_to_the_next(ctx: dict[str, Any], run_id: int) -> None:
    async with ctx["pool"].acquire() as conn:
        left = await runs.waiting(cast("Connection", conn), run_id)
    # Two that end here at once ask for one next job.
    await ctx["redis"].enqueue_job("carry_on_bulk", run_id, _job_id=f"bulk-{run_id}-{left}")


async def _what_time_is_it(ctx: dict[str, Any]) -> None:
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
