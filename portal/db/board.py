"""The supplier's morning in a handful of queries: what can ship, what is short, what came, what is late, what stops."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.db import disputes, health, return_list, standing_holds
from portal.db.ready import OURS
from portal.db.standing_holds import HoldFilter
from portal.db.underway import LATE as LATE_SHIPMENT
from portal.db.underway import TROUBLED
from portal.db.work import Connection
from portal.domain.desk import Arrived, Board, Late, Ready, Short

# Of each list the board shows the first few; the link under it shows all.
FEW = 5
# A receipt gets a higher number than all before it, whatever day it speaks of: enough to hold a few busy days.
LATEST_RECEIPTS = 500

# Orders first, lines within them: sorting so many lines would take longer than finding them.
READY = f"""
with {OURS.format(where="")}, by_line as (
    select location, mode, unit, order_id, line_id, sum(quantity) as quantity, min(promised) as promised
    from ours where stopped is null group by 1, 2, 3, 4, 5
), by_order as (
    select location, mode, unit, order_id, count(*) as lines, sum(quantity) as quantity, min(promised) as promised
    from by_line group by 1, 2, 3, 4
)
select location, mode, unit, grouping(unit) = 1 as is_whole, count(distinct order_id) as orders,
    sum(lines)::int as lines, sum(quantity) as quantity, count(distinct order_id) filter (where promised <= $1) as due,
    min(promised) as since
from by_order group by grouping sets ((location, mode), (location, mode, unit)) order by location, mode
"""
# Over what a row of it is a sum: one reason and currency, one reason, everything.
EACH, REASON, ALL = 0, 1, 3
SHORT = """
select p.status, grouping(p.status, o.currency) as over, o.currency, count(distinct p.order_id) as orders,
    count(distinct p.line_id) as lines, sum(p.quantity * l.unit_price) as value
from portion p join order_line l on l.id = p.line_id join orders o on o.id = p.order_id
where p.stage = 'waiting' group by grouping sets ((), (p.status), (p.status, o.currency))
"""
ARRIVED = f"""
with latest as (
    select r.id, r.inbound_line_id, r.rejected, r.closed, r.received_at
    from receipt r order by r.id desc limit {LATEST_RECEIPTS}
), came as (
    select i.inbound_id, max(r.received_at) as at, count(distinct i.id) as lines,
        count(distinct i.id) filter (where i.closed and i.received + i.quarantined < i.quantity) as short,
        count(distinct i.id) filter (where r.rejected > 0) as rejected
    from latest r join inbound_line i on i.id = r.inbound_line_id where r.received_at >= $1 group by i.inbound_id
), gave as (
    select e.data -> 'cause' ->> 'kind' as kind, e.data -> 'cause' ->> 'reference' as reference,
        count(distinct e.order_id) as orders, sum(jsonb_array_length(e.data -> 'lines')) as lines,
        max(e.txid::text::bigint) as work
    from event e where e.type = 'portion.allocated' and e.at >= $1 and e.data -> 'cause' ->> 'what' = 'received'
    group by 1, 2
)
select n.kind, n.reference, n.location, n.supplier, c.at, c.lines, c.short, c.rejected, coalesce(g.orders, 0),
    coalesce(g.lines, 0)::int, g.work
from came c join inbound n on n.id = c.inbound_id left join gave g on g.kind = n.kind and g.reference = n.reference
order by c.at desc
"""
LATE = f"""
select
    (select row(count(distinct i.inbound_id), min(i.expected_on)) from inbound_line i where not i.closed
        and i.quantity > i.received + i.rejected + i.quarantined and i.expected_on < $1) as documents,
    (select row(count(distinct p.line_id), min(p.first_arrives_on)) from portion p
        where p.stage = 'waiting' and p.first_arrives_on < $1) as promises,
    (select row(count(*), min(h.expected_on)) from shipment h where {LATE_SHIPMENT.format(today="$1")}) as shipments,
    (select count(*) from shipment h where {TROUBLED}) as troubled
"""


async def load(conn: Connection, today: date, since: datetime, mine: Collection[str]) -> Board:
    """Everything on the board. `since` is where "just arrived" begins, `mine` are the reasons whose holds I lift."""
    ready, due, due_since = await _ready(conn, today)
    short, short_lines = await _short(conn)
    counts = await standing_holds.counts(conn)
    holds, _ = await standing_holds.search(conn, HoldFilter(among=mine), FEW)
    offers = await conn.fetchrow(
        "select count(*) as offers, min(offered_at) as since from substitution where state = 'offered'"
    )
    assert offers is not None
    return Board(
        ready=ready,
        short=short,
        short_lines=short_lines,
        arrived=[Arrived(*row.values()) for row in await conn.fetch(ARRIVED, since)],
        late=await _late(conn, today, due, due_since),
        holds=holds,
        holds_by_reason=counts,
        offers=offers["offers"],
        offered_since=offers["since"],
        disputes=await disputes.count_waiting(conn),
        returns=await return_list.waiting(conn),
        alerts=(await health.count(conn))[0],
    )


async def _ready(conn: Connection, today: date) -> tuple[list[Ready], int, date | None]:
    """By location and mode; and how many orders there are due by today, with the oldest day."""
    rows = await conn.fetch(READY, today)
    amounts: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        if not row["is_whole"]:
            amounts[row["location"], row["mode"]][row["unit"]] = row["quantity"]
    wholes = [row for row in rows if row["is_whole"]]
    ready = [
        Ready(
            row["location"], row["mode"], row["orders"], row["lines"], amounts[row["location"], row["mode"]]
        )
        for row in wholes
    ]
    due = [row for row in wholes if row["due"]]
    return ready, sum(row["due"] for row in due), min((row["since"] for row in due), default=None)


async def _short(conn: Connection) -> tuple[list[Short], int]:
    """By reason, the most lines first; and how many lines wait in all: one may wait for two reasons."""
    rows = await conn.fetch(SHORT)
    worth: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        if row["over"] == EACH:
            worth[row["status"]][row["currency"]] = row["value"]
    reasons = sorted((row for row in rows if row["over"] == REASON), key=lambda row: -row["lines"])
    short = [Short(row["status"], row["orders"], row["lines"], worth[row["status"]]) for row in reasons]
    return short, next((row["lines"] for row in rows if row["over"] == ALL), 0)


async def _late(conn: Connection, today: date, due: int, due_since: date | None) -> Late:
    row: Any = await conn.fetchrow(LATE, today)
    documents, promises, shipments = row["documents"], row["promises"], row["shipments"]
    return Late(
        documents=documents[0],
        documents_since=documents[1],
        promises=promises[0],
        promises_since=promises[1],
        departures=due,
        departures_since=due_since,
        shipments=shipments[0],
        shipments_since=shipments[1],
        troubled=row["troubled"],
    )
