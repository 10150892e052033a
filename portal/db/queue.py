"""Who waits for a product: the demand side of a plan."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.db.portions import COLUMNS, LISTED, read
from portal.db.work import Connection
from portal.domain.portions import Portion

WAITING = f"""
select {LISTED}, l.line, l.mode, o.number, o.arrival, o.requested_on, o.delivery_preference,
    coalesce(v.priority, a.priority) as priority, a.path,
    a.own_country_first, a.weekly_day, t.city, t.country, v.location as only,
    case when v.priority > a.priority then 'ahead' when v.priority < a.priority then 'back' end as moved, v.reason
from portion p
join order_line l on l.id = p.line_id
join orders o on o.id = p.order_id
join order_status s on s.order_id = p.order_id
join account a on a.number = p.account
join ship_to t on t.account = o.account and t.code = o.ship_to
left join queue_override v on v.line_id = p.line_id
where p.sku = any($1::text[]) and p.stage = 'waiting'
    and s.state not in ('draft', 'pending_approval', 'rejected', 'held')
order by p.id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting portion with what decides its place in the queue and its dates."""

    portion: Portion
    line: int
    mode: str
    order: str
    arrival: int
    requested_on: date | None
    delivery_preference: str
    priority: int
    path: list[str]
    own_country_first: bool
    weekly_day: str
    city: str
    country: str
    # What staff decided for the line: the one location it is served from, and which way it was moved, and why.
    only: str | None = None
    moved: str | None = None
    reason: str | None = None


async def waiting(conn: Connection, skus: Iterable[str]) -> dict[str, list[Waiting]]:
    """By SKU. Orders that wait for credit or approval take no place in the queue."""
    found: dict[str, list[Waiting]] = defaultdict(list)
    for row in await conn.fetch(WAITING, list(skus)):
        found[row["sku"]].append(Waiting(read(row), *tuple(row.values())[len(COLUMNS) :]))
    return found


# Orders first, then what decides their place: many lines of one order cost one look.
AHEAD = """
with asked as (
    select sku, order_id, sum(quantity) as quantity from portion
    where sku = any($1::text[]) and stage = 'waiting' group by sku, order_id
)
select w.sku, sum(w.quantity) as quantity, bool_and((-a.priority, o.arrival) < (-$2::int, $3::bigint))
    and not exists (select from queue_override v join portion p on p.line_id = v.line_id
        where v.sku = w.sku and p.stage = 'waiting') as are_before
from asked w join order_status s on s.order_id = w.order_id join orders o on o.id = w.order_id
join account a on a.number = o.account
where s.state not in ('draft', 'pending_approval', 'rejected', 'held')
group by w.sku
"""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What everybody together waits for, and whether all of them stand before a certain place in the queue: as far as
    the order of accounts and arrivals tells, so not where staff have changed it."""

    quantity: Decimal
    are_before: bool


async def ahead(conn: Connection, skus: Iterable[str], priority: int, arrival: int) -> dict[str, Ahead]:
    """By SKU; where nobody waits, there is no entry."""
    rows = await conn.fetch(AHEAD, list(skus), priority, arrival)
    return {row["sku"]: Ahead(row["quantity"], row["are_before"]) for row in rows}
