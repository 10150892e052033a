"""What the supplier's figures were counted from, page by page; numbers of orders are looked up to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.db.insight_events import DELIVERED, DISPATCHED, Scope, backordered
from portal.db.work import Connection
from portal.domain.insight import Days

# $7: in parts, in one go, or null; $8 and $9: days that it took.
DISPATCHED_ORDERS = f"""{DISPATCHED}
select o.number as order, c.account, c.shipment, c.location, c.placed_at, c.shipped_at, c.took, c.leaves, c.is_partial,
    count(*) over () as of
from counted c join orders o on o.id = c.order_id
where ($7::boolean is null or c.is_partial = $7) and ($8::int is null or c.days >= $8)
    and ($9::int is null or c.days <= $9)
order by c.id desc limit $10 offset $11
"""
# $9: one outcome, or null.
BACKORDERED_LINES = """
select o.number as order, j.account, j.line, j.sku, j.quantity, j.since, j.due, j.outcome, j.day as settled_on,
    j.type = 'line.cancelled' as was_cancelled, count(*) over () as of
from judged j join orders o on o.id = j.order_id
where ($9::text is null or j.outcome = $9)
order by j.id desc, j.line limit $10 offset $11
"""
# $7: of the first promise, else of the last; $8: without any; $9 and $10: days off it.
DELIVERED_LINES = f"""{DELIVERED}, chosen as (
    select *, case when $7 then first else last end as promised from delivered
)
select o.number as order, c.account, c.line, c.sku, c.quantity, c.shipment, c.promised, c.delivered_on,
    c.delivered_on - c.promised as off, count(*) over () as of
from chosen c join orders o on o.id = c.order_id
where ($8::boolean is null or (c.promised is null) = $8) and ($9::int is null or c.delivered_on - c.promised >= $9)
    and ($10::int is null or c.delivered_on - c.promised <= $10)
order by c.id desc, c.line limit $11 offset $12
"""


@dataclass(frozen=True, slots=True)
class DispatchedOrder:
    order: str
    account: str
    shipment: str
    location: str
    placed_at: datetime
    shipped_at: datetime
    took: timedelta
    # How much of the order was still to come after it, without what a shipment held that was cancelled later.
    leaves: Decimal
    is_partial: bool


@dataclass(frozen=True, slots=True)
class BackorderedLine:
    """`quantity` had no stock; `settled_on` is the day from which nothing of the line waits any more."""

    order: str
    account: str
    line: int
    sku: str
    quantity: Decimal
    since: date
    due: date
    outcome: str
    settled_on: date | None
    was_cancelled: bool | None


@dataclass(frozen=True, slots=True)
class DeliveredLine:
    """`off`: days from the one promised to the delivery."""

    order: str
    account: str
    line: int
    sku: str
    quantity: Decimal
    shipment: str
    promised: date | None
    delivered_on: date
    off: int | None


async def dispatched_orders(
    conn: Connection, scope: Scope, *, is_partial: bool | None, took: Days | None, limit: int, offset: int
) -> tuple[list[DispatchedOrder], int]:
    """A page of them, the newest first, and how many they are in all; none when the page lies behind the last."""
    rows = await conn.fetch(
        DISPATCHED_ORDERS,
        *scope.values,
        is_partial,
        *_ends(took),
        limit,
        offset,
    )
    return [DispatchedOrder(*list(row.values())[:-1]) for row in rows], _of(rows)


async def backordered_lines(
    conn: Connection, scope: Scope, target: int, today: date, *, outcome: str | None, limit: int, offset: int
) -> tuple[list[BackorderedLine], int]:
    """As `dispatched_orders`, of the lines that `backorders` counts."""
    query = f"{backordered(needs_place=scope.needs_place)} {BACKORDERED_LINES}"
    rows = await conn.fetch(query, *scope.values, target, today, outcome, limit, offset)
    return [BackorderedLine(*list(row.values())[:-1]) for row in rows], _of(rows)


async def delivered_lines(
    conn: Connection,
    scope: Scope,
    *,
    of_first: bool,
    has_none: bool | None,
    off: Days | None,
    limit: int,
    offset: int,
) -> tuple[list[DeliveredLine], int]:
    """As `dispatched_orders`, of the lines that `deliveries` counts against the first promise or the last."""
    rows = await conn.fetch(DELIVERED_LINES, *scope.values, of_first, has_none, *_ends(off), limit, offset)
    return [DeliveredLine(*list(row.values())[:-1]) for row in rows], _of(rows)


def _ends(days: Days | None) -> tuple[int | None, int | None]:
    return (days.least, days.most) if days else (None, None)


def _of(rows: Sequence[Any]) -> int:
    return rows[0]["of"] if rows else 0
