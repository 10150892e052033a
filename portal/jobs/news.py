"""What happened is gathered for the people it concerns; `jobs.mail` sends it when its moment has come."""

import time
from datetime import timedelta
from typing import Any

from portal import clock
from portal.db.work import Work
from portal.operations import gathering
from portal.operations.gathering import Pace
from portal.settings import Settings

# Seconds; a batch that has begun is finished.
SLICE = 12.0


async def gather_news(ctx: dict[str, Any]) -> int:
    """Look at all that happened since the last time; answers how many events that were."""
    settings: Settings = ctx["settings"]
    if settings.has_simulated_clock:
        await clock.refresh(ctx["pool"])
    pace = Pace(timedelta(seconds=settings.news_after_seconds), settings.supplier_time_zone)
    until, count = time.monotonic() + SLICE, 0
    while time.monotonic() < until:
        work = Work(ctx["pool"])
        async with work:
            looked_at = await gathering.gather(work, pace)
        if not looked_at:
            break
        count += looked_at
    return count
