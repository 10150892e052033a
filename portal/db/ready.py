"""What stands ready in the warehouses: by order, location and mode, and what of it may not leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page ends: the next one begins after it."""

    promised: date
    order_id: int
    location: str
    mode: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. `stopped`: those that may not leave, in place of those that may. `due`: promised by that day."""

    location: str | None = None
    mode: str | None = None
    due: date | None = None
    stopped: bool = False
    after: Key | None = None


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """What of an order stands ready at one location, to leave in one mode. Counts are of lines.

    `promised` is the first day ever promised for any of it to ship. `weight` is None when any of it is unknown.
    `stopped_by` are the reasons of the holds; empty when it waits only for the rest of the order.
    """

    order_id: int
    number: str
    account: str
    account_name: str
    ship_to: str
    requested_on: date | None
    location: str
    mode: str
    promised: date
    lines: int
    allocated: int
    picking: int
    packed: int
    weight: Decimal | None
    stopped_by: Sequence[str]

    @property
    def key(self) -> Key:
        return Key(self.promised, self.order_id, self.location, self.mode)


@dataclass(frozen=True, slots=True)
class Count:
    """`stopped` is None for what may leave, else `hold` or `incomplete`."""

    location: str
    mode: str
    stopped: str | None
    orders: int
    lines: int


# Each ready portion with what stops it, as `operations.shipping` sees it: a hold on its line or on the whole order; or
# the rest of an order that ships complete only.
OURS = """
standing as (
    select h.order_id, bool_or(h.lines is null) as whole, array_agg(one.line) as lines
    from hold h left join lateral unnest(h.lines) as one(line) on true
    where h.released_at is null group by h.order_id
), ours as (
    select p.order_id, p.line_id, p.location, p.stage, p.quantity, p.sku, l.unit, l.mode, l.line,
        coalesce(case when o.delivery_preference = 'complete_only' then (
                select s.first_complete_ships_on from order_status s where s.order_id = p.order_id) end,
            p.first_ships_on, p.ships_on, o.placed_at::date) as promised,
        case when h.whole or l.line = any(h.lines) then 'hold'
            when o.delivery_preference = 'complete_only' and exists (
                select 1 from portion w where w.order_id = p.order_id and w.stage = 'waiting') then 'incomplete'
            end as stopped
    from portion p join order_line l on l.id = p.line_id join orders o on o.id = p.order_id
    left join standing h on h.order_id = p.order_id
    where p.stage in ('allocated', 'picking', 'packed'){where}
)
"""
# Lines first, orders of them: sorting so many lines would take longer than finding them.
COUNTS = f"""
with {OURS.format(where="")}, by_line as (
    select location, mode, stopped, order_id, line_id from ours group by 1, 2, 3, 4, 5
), by_order as (
    select location, mode, stopped, order_id, count(*) as lines from by_line group by 1, 2, 3, 4
)
select location, mode, stopped, count(*) as orders, sum(lines)::int as lines
from by_order group by 1, 2, 3 order by 1, 2, 3
"""
# First which rows stand on the page; what is told of them is looked up for these alone.
ROWS = """
with {ours}, page as (
    select order_id, location, mode, min(promised) as promised from ours where (stopped is not null) = $1
    group by order_id, location, mode{having} order by 4, 1, 2, 3 limit $2
), row as (
    select g.order_id, g.location, g.mode, count(distinct g.line_id) as lines, array_agg(distinct g.line) as numbers,
        count(distinct g.line_id) filter (where g.stage = 'allocated') as allocated,
        count(distinct g.line_id) filter (where g.stage = 'picking') as picking,
        count(distinct g.line_id) filter (where g.stage = 'packed') as packed,
        case when bool_and(r.weight_kg is not null) then sum(r.weight_kg * g.quantity) end as weight
    from page join ours g using (order_id, location, mode) join product r on r.sku = g.sku
    where (g.stopped is not null) = $1
    group by g.order_id, g.location, g.mode
)
select row.order_id, o.number, o.account, a.name as account_name, t.name || ', ' || t.city as ship_to,
    o.requested_on, row.location, row.mode, page.promised, row.lines, row.allocated, row.picking, row.packed,
    row.weight, array(select distinct h.reason from hold h where h.order_id = row.order_id and h.released_at is null
        and (h.lines is null or h.lines && row.numbers) order by 1) as stopped_by
from page join row using (order_id, location, mode) join orders o on o.id = row.order_id
join account a on a.number = o.account join ship_to t on t.account = o.account and t.code = o.ship_to
order by page.promised, row.order_id, row.location, row.mode
"""


async def counts(conn: Connection) -> list[Count]:
    """How much stands ready, by location, mode, and whether something stops it."""
    return [Count(*row.values()) for row in await conn.fetch(COUNTS)]


async def rows(conn: Connection, wanted: Wanted, limit: int) -> tuple[list[ReadyRow], Key | None]:
    """The oldest promise first; and where the next page begins, or None at the end."""
    values: list[object] = [wanted.stopped, limit + 1]
    given = [wanted.location is not None, wanted.mode is not None, wanted.due is not None]
    values += [value for value in (wanted.location, wanted.mode, wanted.due) if value is not None]
    if wanted.after is not None:
        after = wanted.after
        values += [after.promised, after.order_id, after.location, after.mode]
    found = await conn.fetch(_statement(*given, wanted.after is not None), *values)
    read = [ReadyRow(*row.values()) for row in found[:limit]]
    return read, read[-1].key if len(found) > limit else None


@lru_cache(maxsize=16)
def _statement(location: bool, mode: bool, due: bool, after: bool) -> str:
    """Only the conditions that are asked for: one plan serves all values of each statement."""
    place, where, having = 2, "", []
    if location:
        where += f" and p.location = ${(place := place + 1)}"
    if mode:
        where += f" and l.mode = ${(place := place + 1)}"
    if due:
        having.append(f"min(promised) <= ${(place := place + 1)}")
    if after:
        names = ", ".join(f"${place + n}" for n in range(1, 5))
        having.append(f"(min(promised), order_id, location, mode) > ({names})")
    return ROWS.format(
        ours=OURS.format(where=where), having=f" having {' and '.join(having)}" if having else ""
    )


async def places(conn: Connection) -> dict[str, str]:
    """Every location's name by its code."""
    return {
        row["code"]: row["name"] for row in await conn.fetch("select code, name from location order by code")
    }
