"""The simulated clock of demo and test mode: set, it runs on from there in every process."""

from datetime import datetime, timedelta

from portal import clock
from portal.db.work import Work


async def set_clock(work: Work, now: datetime) -> None:
    """From the commit on it is `now`."""
    await _keep(work, now - _real(work))


async def back_to_real_time(work: Work) -> None:
    """From the commit on it is as late as it is."""
    await _keep(work, timedelta())


def _real(work: Work) -> datetime:
    return work.now - clock.ahead()


async def _keep(work: Work, ahead: timedelta) -> None:
    await work.conn.execute(
        """insert into clock (id, ahead_microseconds) values (1, $1)
           on conflict (id) do update set ahead_microseconds = excluded.ahead_microseconds""",
        ahead // timedelta(microseconds=1),
    )
    # Open pages hear of it: on another day what they say about today is not true any more.
    await work.conn.execute("select pg_notify('portal_clock', '')")
