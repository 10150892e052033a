"""The supplier's figures, counted from events and nothing else; numbers of orders are looked up to be shown.

An event counts on the day on which the portal recorded it, by the supplier's clock.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from portal.db.work import Connection
from portal.domain.insight import DAY, Days, Period

# $1 and $2 are instants, $3 an account or null.
OF_TYPE = "e.at >= $1 and e.at < $2 and ($3::text is null or e.account = $3)"
CANCELLED = """
select from event c where c.order_id = {of}.order_id and c.type = 'shipment.cancelled'
    and c.data->>'shipment' = {of}.data->>'shipment'
"""
# $4 is a location or null, $5 the supplier's time zone. An order is first dispatched by the first shipment that was not
# cancelled; where one that was had left before it, more is still to come than it could tell.
DISPATCHED = f"""
with dispatched as materialized (
    select e.id, e.order_id, e.account, e.at, d.shipment, d.location, d.leaves, d.placed_at, d.shipped_at,
        greatest(d.shipped_at - d.placed_at, interval '0') as took, d.leaves > 0 or not d.is_first as is_partial
    from event e
    cross join lateral jsonb_to_record(e.data) as d(shipment text, location text, is_first boolean, leaves numeric,
        placed_at timestamptz, shipped_at timestamptz)
    where e.type = 'shipment.shipped' and {OF_TYPE} and ($4::text is null or d.location = $4)
        and (d.is_first or not exists (
            select from event b where b.order_id = e.order_id and b.id < e.id and b.type = 'shipment.shipped'
                and not exists ({CANCELLED.format(of="b")})))
        and not exists ({CANCELLED.format(of="e")})
), counted as (
    select *, (at at time zone $5)::date as day, floor(extract(epoch from took) / 86400)::int as days
    from dispatched
)
"""
DISPATCHES = f"""{DISPATCHED}
select day, days, count(*) filter (where not is_partial) as whole, count(*) filter (where is_partial) as partial,
    percentile_disc(0.5) within group (order by took) as median,
    percentile_disc(0.9) within group (order by took) as ninetieth
from counted group by grouping sets ((day), (days), ())
"""
# $6: in parts, in one go, or null; $7 and $8: days that it took.
DISPATCHED_ORDERS = f"""{DISPATCHED}
select o.number as order, c.account, c.shipment, c.location, c.placed_at, c.shipped_at, c.took, c.leaves, c.is_partial,
    count(*) over () as of
from counted c join orders o on o.id = c.order_id
where ($6::boolean is null or c.is_partial = $6) and ($7::int is null or c.days >= $7)
    and ($8::int is null or c.days <= $8)
order by c.id desc limit $9 offset $10
"""
# $4 is the supplier's time zone, $5 the target in days, $6 today. What placing could not plan yet, its first plan
# tells; a line that took the place of one that waited is planned when it does. A line is settled by the first event
# after which nothing of it waits.
BACKORDERED = f"""
with placed as (
    select e.id, e.order_id, e.account, d.placed_at, d.waiting
    from event e cross join lateral jsonb_to_record(e.data) as d(placed_at timestamptz, waiting jsonb)
    where e.type = 'order.placed' and {OF_TYPE}
), planned as (
    select p.id, p.order_id, p.account, p.placed_at as since, p.waiting from placed p where p.waiting <> '[]'
    union all
    select f.id, p.order_id, p.account, coalesce(f.placed_at, f.at), f.waiting
    from placed p cross join lateral (
        select l.id, l.at, d.placed_at, d.waiting
        from event l cross join lateral jsonb_to_record(l.data) as d(placed_at timestamptz, waiting jsonb)
        where l.order_id = p.order_id and l.type in ('hold.released', 'order.planned', 'substitution.accepted')
    ) f
    where (p.waiting is null or p.waiting <> '[]') and f.waiting <> '[]'
), settled as (
    select distinct on (p.order_id, l.line) p.order_id, l.line, e.type, (e.at at time zone $4)::date as day
    from planned p
    join event e on e.order_id = p.order_id and e.id > p.id and e.type in ('portion.allocated', 'line.cancelled')
    cross join lateral jsonb_to_recordset(e.data->'lines') as l(line int, waits numeric)
    where l.waits = 0
    order by p.order_id, l.line, e.id
), backorder as (
    select p.id, p.order_id, p.account, w.line, w.sku, w.quantity, (p.since at time zone $4)::date as since,
        (p.since at time zone $4)::date + $5::int as due, s.type, s.day
    from planned p cross join lateral jsonb_to_recordset(p.waiting) as w(line int, sku text, quantity numeric)
    left join settled s on s.order_id = p.order_id and s.line = w.line
), judged as (
    select *, case
        when type = 'portion.allocated' and day <= due then 'in_time'
        when type = 'portion.allocated' then 'late'
        when type = 'line.cancelled' and day <= due then 'cancelled'
        when type is null and $6::date <= due then 'waiting'
        else 'missed' end as outcome
    from backorder
)
"""
BACKORDERS = f"{BACKORDERED} select outcome, count(*) as lines from judged group by outcome"
# $7: one outcome, or null.
BACKORDERED_LINES = f"""{BACKORDERED}
select o.number as order, j.account, j.line, j.sku, j.quantity, j.since, j.due, j.outcome, j.day as settled_on,
    j.type = 'line.cancelled' as was_cancelled, count(*) over () as of
from judged j join orders o on o.id = j.order_id
where ($7::text is null or j.outcome = $7)
order by j.id desc, j.line limit $8 offset $9
"""
# $4 is a location or null. The day promised last is the one that was told when it shipped.
DELIVERED = f"""
with delivered as (
    select e.id, e.order_id, e.account, d.shipment, d.delivered_on, l.line, l.sku, l.quantity, l.first_promise as first,
        d.expected_on as last
    from event e
    cross join lateral jsonb_to_record(e.data) as d(shipment text, location text, delivered_on date, expected_on date,
        lines jsonb)
    cross join lateral jsonb_to_recordset(d.lines) as l(line int, sku text, quantity numeric, first_promise date)
    where e.type = 'shipment.delivered' and {OF_TYPE} and ($4::text is null or d.location = $4)
)
"""
DELIVERIES = f"""{DELIVERED}
select delivered_on - first as first_off, delivered_on - last as last_off, count(*) as lines
from delivered group by 1, 2
"""
# $5: of the first promise, else of the last; $6: without any; $7 and $8: days off it.
DELIVERED_LINES = f"""{DELIVERED}, chosen as (
    select *, case when $5 then first else last end as promised from delivered
)
select o.number as order, c.account, c.line, c.sku, c.quantity, c.shipment, c.promised, c.delivered_on,
    c.delivered_on - c.promised as off, count(*) over () as of
from chosen c join orders o on o.id = c.order_id
where ($6::boolean is null or (c.promised is null) = $6) and ($7::int is null or c.delivered_on - c.promised >= $7)
    and ($8::int is null or c.delivered_on - c.promised <= $8)
order by c.id desc, c.line limit $9 offset $10
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which events are counted: of this period, of one account or all, of one location or all."""

    period: Period
    zone: ZoneInfo
    account: str | None = None
    location: str | None = None

    @property
    def values(self) -> tuple[datetime, datetime, str | None]:
        return (self._begin(self.period.first), self._begin(self.period.last + DAY), self.account)

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)


@dataclass(frozen=True, slots=True)
class Dispatches:
    """First dispatches: (in one go, in parts) by day, how many by the whole days that they took, and two quantiles."""

    by_day: dict[date, tuple[int, int]]
    took: dict[int, int]
    whole: int
    partial: int
    median: timedelta | None
    ninetieth: timedelta | None

    @property
    def total(self) -> int:
        return self.whole + self.partial


async def dispatches(conn: Connection, scope: Scope) -> Dispatches:
    rows = await conn.fetch(DISPATCHES, *scope.values, scope.location, scope.zone.key)
    whole = next(row for row in rows if row["day"] is None and row["days"] is None)
    return Dispatches(
        {row["day"]: (row["whole"], row["partial"]) for row in rows if row["day"] is not None},
        {row["days"]: row["whole"] + row["partial"] for row in rows if row["days"] is not None},
        *(whole[name] for name in ("whole", "partial", "median", "ninetieth")),
    )


async def backorders(conn: Connection, scope: Scope, target: int, today: date) -> dict[str, int]:
    """How many lines by what became of them. They stand nowhere, so the scope's location does not count."""
    rows = await conn.fetch(BACKORDERS, *scope.values, scope.zone.key, target, today)
    return {row["outcome"]: row["lines"] for row in rows}


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How many lines were delivered so many days after the day promised first, and last; None: no day was promised."""

    first: Counter[int | None]
    last: Counter[int | None]


async def deliveries(conn: Connection, scope: Scope) -> Deliveries:
    found = Deliveries(Counter(), Counter())
    for row in await conn.fetch(DELIVERIES, *scope.values, scope.location):
        found.first[row["first_off"]] += row["lines"]
        found.last[row["last_off"]] += row["lines"]
    return found


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
        scope.location,
        scope.zone.key,
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
    rows = await conn.fetch(
        BACKORDERED_LINES, *scope.values, scope.zone.key, target, today, outcome, limit, offset
    )
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
    rows = await conn.fetch(
        DELIVERED_LINES, *scope.values, scope.location, of_first, has_none, *_ends(off), limit, offset
    )
    return [DeliveredLine(*list(row.values())[:-1]) for row in rows], _of(rows)


def _ends(days: Days | None) -> tuple[int | None, int | None]:
    return (days.least, days.most) if days else (None, None)


def _of(rows: Sequence[Any]) -> int:
    return rows[0]["of"] if rows else 0


async def first_day(conn: Connection, zone: ZoneInfo) -> date | None:
    """The day of the first order."""
    at = await conn.fetchval("select min(at) from event where type = 'order.placed'")
    return at.astimezone(zone).date() if at else None


async def account_called(conn: Connection, words: str) -> str | None:
    """The number of the account with this number or this name."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """select number from account where number = $1 or lower(name) = lower($1)
           order by number = $1 desc, number limit 1""",
        words,
    )


async def locations(conn: Connection) -> list[tuple[str, str]]:
    """(code, name) of those that can be chosen."""
    return [tuple(row) for row in await conn.fetch("select code, name from location order by code")]
