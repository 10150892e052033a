"""Work that was asked for in bulk, a slice at a time: no job is long, and none begins anew what is done."""

import time
from typing import Any, cast

from portal import clock
from portal.db import bulk as runs
from portal.db import credit
from portal.db.work import Connection
from portal.domain.credit import Heard
from portal.operations import bulk
from portal.operations.drafting import Supplier
from portal.operations.outside import Outside

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
    outside = await _outside(ctx, run_id)
    while time.monotonic() < until:
        if not await bulk.carry_out(ctx["pool"], run_id, outside):
            return False
    return True


async def _outside(ctx: dict[str, Any], run_id: int) -> Outside:
    """What rows may need to know that nobody can ask within their transaction: once for a slice."""
    settings = ctx["settings"]
    supplier = Supplier(settings.supplier_time_zone, settings.tax_rates[settings.supplier_country])
    return Outside(supplier, await _heard(ctx, run_id))


async def _heard(ctx: dict[str, Any], run_id: int) -> dict[str, Heard]:
    """What the ERP says of the accounts that the rows name, and of those whose limit they draw on."""
    if not ctx["erp"].is_connected:
        return {}
    async with ctx["pool"].acquire() as acquired:
        conn = cast("Connection", acquired)
        asked = {
            account: await credit.known_to_erp(conn, account) for account in await runs.accounts(conn, run_id)
        }
    return {account: await ctx["erp"].ask(known) for account, known in asked.items() if known}


async def _leave_to_the_next(ctx: dict[str, Any], run_id: int) -> None:
    async with ctx["pool"].acquire() as conn:
        left = await runs.waiting(cast("Connection", conn), run_id)
    # Two that end here at once ask for one next job.
    await ctx["redis"].enqueue_job("carry_on_bulk", run_id, _job_id=f"bulk-{run_id}-{left}")


async def _what_time_is_it(ctx: dict[str, Any]) -> None:
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
