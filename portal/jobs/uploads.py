"""Files that go into carts, a slice at a time: no job is long, and none begins anew what is done."""

import time
from typing import Any, cast

from portal import clock
from portal.db import uploads
from portal.db.work import Connection
from portal.operations import uploading

# Seconds; a slice that has begun is finished.
TURN = 10.0


async def fill_cart(ctx: dict[str, Any], upload_id: int) -> None:
    """Go on with one file; what is left after a turn is the next job's."""
    await _what_time_is_it(ctx)
    if await _turn(ctx, upload_id):
        await _leave_to_the_next(ctx, upload_id)


async def fill_all_carts(ctx: dict[str, Any]) -> None:
    """What a worker left that was killed, or was never told of."""
    await _what_time_is_it(ctx)
    async with ctx["pool"].acquire() as conn:
        waiting = await uploads.waiting(cast("Connection", conn))
    for upload_id in waiting:
        if await _turn(ctx, upload_id):
            await _leave_to_the_next(ctx, upload_id)


async def _turn(ctx: dict[str, Any], upload_id: int) -> bool:
    """Whether there is more to do."""
    until = time.monotonic() + TURN
    while time.monotonic() < until:
        if not await uploading.carry_on(ctx["pool"], upload_id, ctx["settings"].supplier_time_zone):
            return False
    return True


async def _leave_to_the_next(ctx: dict[str, Any], upload_id: int) -> None:
    async with ctx["pool"].acquire() as conn:
        upload = await uploads.find(cast("Connection", conn), upload_id)
    if upload is not None:
        await ctx["redis"].enqueue_job(
            "fill_cart", upload_id, _job_id=f"cart-upload-{upload_id}-{upload.done}"
        )


async def _what_time_is_it(ctx: dict[str, Any]) -> None:
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
