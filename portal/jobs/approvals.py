"""What time does to requests for approval."""

from typing import Any

from portal import clock
from portal.operations import minding


async def mind_approvals(ctx: dict[str, Any]) -> int:
    """Remind, go further up, and end what nobody decided in time."""
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
    return await minding.mind(ctx["pool"])
