"""Accounts that are billed by the week or the month: what has left since is billed when their period ends."""

import logging
from dataclasses import dataclass
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from portal.clock import utc_now
from portal.db import billing_runs, orders
from portal.db.billing_runs import Gatherer
from portal.db.patience import patiently
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.consolidating import period, period_ended
from portal.operations import billing

# It acts for nobody, and sees everything.
PORTAL = Viewer("portal", "portal", None, frozenset({"*"}))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Run:
    account: str
    first: date
    last: date


async def run(pool: Pool, actor: str = "portal") -> int:
    """Bill every account whose period is over; answers how many invoices that were. Running it twice does nothing more.

    Each order is a transaction of its own: one that fails stands in nobody's way, and is tried again.
    """
    work = Work(pool, actor=actor)
    async with work:
        gatherers = await billing_runs.gatherers(work.conn)
        zone = ZoneInfo(await billing_runs.time_zone(work.conn))
    issued = 0
    for gatherer in gatherers:
        ended = period_ended(gatherer.consolidation, gatherer.weekly_day, utc_now().astimezone(zone))
        if gatherer.billed_until is None or gatherer.billed_until < ended:
            issued += await _bill(pool, actor, _run(gatherer, ended))
    return issued


def _run(gatherer: Gatherer, ended: date) -> _Run:
    first, last = period(gatherer.consolidation, ended, gatherer.billed_until)
    return _Run(gatherer.account, first, last)


async def _bill(pool: Pool, actor: str, what: _Run) -> int:
    work = Work(pool, actor=actor)
    async with work:
        unbilled = await billing_runs.unbilled(work.conn, what.account)
    issued, is_whole = 0, True
    for number in unbilled:
        try:
            issued += await patiently(partial(_bill_order, pool, actor, what, number))
        except Exception:
            log.exception("order %s cannot be billed", number)
            is_whole = False
    if is_whole:
        async with work:
            await billing_runs.keep(work.conn, what.account, what.last, issued, work.now)
    return issued


async def _bill_order(pool: Pool, actor: str, what: _Run, number: str) -> int:
    work = Work(pool, actor=actor)
    async with work:
        order = await orders.lock(work.conn, PORTAL, number)
        return len(await billing.follow(work, order.id, asked=True, period=(what.first, what.last)))
