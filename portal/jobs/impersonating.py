"""Those who look as a buyer and whose time is over."""

from typing import Any

from portal import clock
from portal.operations import impersonating


async def end_impersonations(ctx: dict[str, Any]) -> int:
    """Enter that they have ended, for the log and the audit trail."""
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
    return await impersonating.end_what_is_over(ctx["pool"])
