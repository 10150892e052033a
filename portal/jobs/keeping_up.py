"""Jobs that follow the clock."""

from datetime import datetime, timedelta
from typing import Any, cast

from portal import clock
from portal.adapters.sessions import IDLE_SECONDS, Sessions
from portal.clock import utc_now
from portal.db import logins
from portal.db.work import Connection
from portal.operations import keeping_up, tidying

# Of sessions that nobody has used for so long, in one go.
MOST_LOOKED_AT = 5000


async def keep_promises_up_to_date(ctx: dict[str, Any]) -> int:
    """Re-plan what was promised for a day that is over."""
    await _what_time_is_it(ctx)
    return await keeping_up.keep_up(ctx["pool"])


async def tidy_up(ctx: dict[str, Any]) -> None:
    """Answers older than their keys are kept, messages that waited too long, what other systems were told, and what
    logs are for."""
    await _what_time_is_it(ctx)
    now = utc_now()
    await tidying.forget_answers(ctx["pool"], before=now - timedelta(hours=72))
    await tidying.open_cases(ctx["pool"], before=now - timedelta(days=7), now=now)
    await tidying.forget_mails(ctx["pool"], before=now - timedelta(days=180))
    kept = ctx["settings"]
    attempts_before = now - timedelta(days=kept.keep_attempts_days)
    await tidying.keep_parts(ctx["pool"], attempts_before=attempts_before)
    await tidying.forget_deliveries(
        ctx["pool"],
        attempts_before=attempts_before,
        deliveries_before=now - timedelta(days=kept.keep_deliveries_days),
    )
    await end_what_was_left_alone(ctx, now)
    await tidying.forget_entries(ctx["pool"], before=now - timedelta(days=90))
    # As tasks: what was a year ago can be compared.
    await tidying.forget_logs(ctx["pool"], before=now - timedelta(days=400))


async def end_what_was_left_alone(ctx: dict[str, Any], now: datetime) -> int:
    """Sessions that Valkey has let go: nobody has ended them. Answers how many."""
    pool = ctx["pool"]
    async with pool.acquire() as acquired:
        keys = await logins.idle(
            cast("Connection", acquired), now - timedelta(seconds=IDLE_SECONDS), MOST_LOOKED_AT
        )
        living = await Sessions(ctx["redis"], secure=False).living(keys)
        gone = [key for key in keys if key not in living]
        await logins.expire(cast("Connection", acquired), gone, now)
    return len(gone)


async def _what_time_is_it(ctx: dict[str, Any]) -> None:
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
