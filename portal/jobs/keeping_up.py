"""Jobs that follow the clock."""

from datetime import timedelta
from typing import Any

from portal import clock
from portal.clock import utc_now
from portal.operations import keeping_up, tidying


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
    await tidying.forget_deliveries(
        ctx["pool"],
        attempts_before=now - timedelta(days=30),
        deliveries_before=now - timedelta(days=90),
    )
    # As tasks: what was a year ago can be compared.
    await tidying.forget_logs(ctx["pool"], before=now - timedelta(days=400))


async def _what_time_is_it(ctx: dict[str, Any]) -> None:
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
