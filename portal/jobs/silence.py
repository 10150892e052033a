"""What time does to orders of which nothing is heard."""

from typing import Any

from portal import clock
from portal.operations import breaking_silence


async def listen_for_silence(ctx: dict[str, Any]) -> int:
    """Tell buyers when the next news is expected, and ask account managers to see to it."""
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
    return await breaking_silence.listen(ctx["pool"])


async def close_settled_tasks(ctx: dict[str, Any]) -> int:
    """News have come, or an address works again: nobody has to look any more."""
    if ctx["settings"].has_simulated_clock:
        await clock.refresh(ctx["pool"])
    return await breaking_silence.close_settled(ctx["pool"])
