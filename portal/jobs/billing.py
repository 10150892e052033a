"""Jobs that bill by the calendar."""

from typing import Any

from portal import clock
from portal.operations import consolidating


async def bill_what_was_gathered(ctx: dict[str, Any]) -> int:
    """Accounts that are billed by the week or the month, when that is over."""
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
    return await consolidating.run(ctx["pool"])
