"""Each half minute somebody looks whether something does not get through."""

from datetime import timedelta
from typing import Any

from portal import clock
from portal.operations import watching

# A clock that nobody has moved goes as fast as the database's.
A_MOMENT = timedelta(seconds=5)


class Watched:
    """By how much the clock was ahead when it was looked at last. The worker keeps it, since each job gets a copy of
    its context."""

    ahead = timedelta()


async def watch_connections(ctx: dict[str, Any]) -> int:
    """Raise and clear alerts. After the clock was moved everything is late until it is done: that is nobody's fault."""
    if not ctx["settings"].has_simulated_clock:
        return await watching.watch(ctx["pool"])
    await clock.refresh(ctx["pool"])
    watched: Watched = ctx["watched"]
    before, watched.ahead = watched.ahead, clock.ahead()
    now = watched.ahead
    return await watching.watch(ctx["pool"], may_raise=abs(now - before) < A_MOMENT)
