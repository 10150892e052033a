"""What a page of figures needs, read in as few queries as it takes; a file needs one of them."""

from datetime import date

from portal.db import insight, insight_groups
from portal.db.insight_events import Scope
from portal.db.work import Connection
from portal.filters import Tongue
from portal.views.insight.asked import Asked
from portal.views.insight.charts import Figure
from portal.views.insight.groups import Broken, Grouped
from portal.views.insight.headlines import Counted
from portal.views.insight.insight import Drawn
from portal.views.insight.latency import Latencies

# Webhooks leave from nowhere and are of nobody's goods: broken down by those, they are told by time.
LATENCY_BY = ("period", "account")


async def figures(
    conn: Connection, scope: Scope, asked: Asked, tongue: Tongue, today: date
) -> dict[str, Figure]:
    """All figures, by what addresses call them."""
    counted = Counted(
        await insight.dispatches(conn, scope),
        await insight.backorders(conn, scope, asked.target, today),
        await insight.deliveries(conn, scope),
    )
    drawn: Drawn | Grouped = Drawn(asked, counted, tongue, today)
    if asked.by:
        broken = Broken(
            await insight_groups.dispatches(conn, scope, asked.by),
            await insight_groups.backorders(conn, scope, asked.target, today, asked.by),
            await insight_groups.deliveries(conn, scope, asked.by),
        )
        names = await _names(conn, asked.by, [*broken.dispatches, *broken.backorders, *broken.deliveries])
        drawn = Grouped(asked, counted, broken, names, tongue, today)
    found = (drawn.fulfilment, drawn.dispatch_time, drawn.backorders, drawn.promises)
    return {figure.code: figure for figure in (*found, await latency(conn, scope, asked, tongue, today))}


async def latency(conn: Connection, scope: Scope, asked: Asked, tongue: Tongue, today: date) -> Figure:
    """By time, or by account."""
    by = asked.by if asked.by in LATENCY_BY else "period"
    every, found = await insight_groups.latencies(conn, scope, by)
    names = await _names(conn, by, list(found))
    return Latencies(asked.broken_down(by), tongue, today, names).drawn(every, found)


async def _names(conn: Connection, by: str, keys: list[insight_groups.Key]) -> dict[str, str]:
    """Of accounts and locations; suppliers and spans are called what they are."""
    if by == "account":
        return await insight_groups.account_names(conn, [key for key in keys if isinstance(key, str)])
    return dict(await insight.locations(conn)) if by == "location" else {}
