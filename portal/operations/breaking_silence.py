"""Nothing was heard of an order for too long: its buyers are told when the next news is expected, and whoever looks
after them is asked to see to it."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from portal.db import billing_runs, orders, silence, tasks
from portal.db.patience import patiently
from portal.db.places import destination, today_at
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.calendars import Destination
from portal.domain.events import Event
from portal.domain.silence import STILL_WAITING, as_data, next_news

# It acts for nobody, and sees everything.
PORTAL = Viewer("portal", "portal", None, frozenset({"*"}))
BATCH = 200
# So long anybody can read what became of a task.
KEPT = timedelta(days=400)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the supplier is: whose day it is, and who is open."""

    zone: ZoneInfo
    today: date
    calendar: Destination


async def listen(pool: Pool, actor: str = "portal") -> int:
    """Break every silence that is too long; answers how many those were. Running it twice does nothing more: to say
    that nothing was heard is news, for as long as the account waits.

    Each order is a transaction of its own: one that fails stands in nobody's way.
    """
    broken, after = 0, 0
    work = Work(pool, actor=actor)
    while True:
        async with work:
            await tasks.close_settled(work.conn, work.now)
            here = await _here(work)
            found = await silence.silent(work.conn, work.now, here.today, after, BATCH)
        for order_id, number in found:
            try:
                broken += await patiently(partial(_break, pool, actor, order_id, number))
            except Exception:
                log.exception("order %s cannot be heard of", number)
            after = order_id
        if len(found) < BATCH:
            return broken


async def close_settled(pool: Pool) -> int:
    """End the tasks that have settled by themselves, and forget those of last year."""
    work = Work(pool)
    async with work:
        await tasks.forget(work.conn, work.now - KEPT)
        return await tasks.close_settled(work.conn, work.now)


async def _here(work: Work) -> _Here:
    name = await billing_runs.time_zone(work.conn)
    country = await work.conn.fetchval("select country from supplier") or ""
    return _Here(ZoneInfo(name), today_at(name, work.now), destination("", country))


async def _break(pool: Pool, actor: str, order_id: int, number: str) -> bool:
    """Under its lock the order is looked at again: something may have happened meanwhile."""
    work = Work(pool, actor=actor)
    async with work:
        order = await orders.lock(work.conn, PORTAL, number)
        here = await _here(work)
        if not await silence.is_silent(work.conn, order_id, work.now, here.today):
            return False
        last = await silence.last_news(work.conn, order_id)
        waiting = await silence.waiting(work.conn, order_id, here.today)
        since = last.at.astimezone(here.zone).date()
        news = next_news(waiting, here.today, here.calendar.open_on_or_after)
        data = as_data(since, news, waiting)
        now = work.now
        work.record(Event(STILL_WAITING, order.account, order_id, number, data))
        # Tasks are locked after everything else.
        await work.close_books()
        because = {name: data[name] for name in ("since", "next_news_on", "is_known")}
        because |= {"lines": len(waiting), "after": last.event}
        await tasks.raise_of_order(work.conn, "silence", order.account, order_id, because, now)
    return True
