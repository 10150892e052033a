"""An account's ledger as it is read: every change of what it owes or will owe, with what it came to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.db.work import Connection
from portal.domain.credit import Exposure


@dataclass(frozen=True, slots=True)
class Entry:
    """One change by kind, what brought it about (an event's type), and what the account owed after it."""

    id: int
    at: datetime
    because: str
    order: str | None
    change: Exposure
    balance: Decimal


LATEST = """
select e.id, e.at, e.because, o.number, e.open_orders, e.shipped_not_invoiced, e.invoiced_unpaid
from credit_entry e left join orders o on o.id = e.order_id
where e.account = $1 and ($2::bigint is null or e.id < $2) order by e.id desc limit $3
"""
BALANCE = """
select coalesce(sum(open_orders + shipped_not_invoiced + invoiced_unpaid), 0) from credit_entry
where account = $1 and ($2::bigint is null or id < $2)
"""


async def page(
    conn: Connection, account: str, before: int | None, limit: int
) -> tuple[list[Entry], int | None]:
    """The latest first; and the id to go on before."""
    rows = await conn.fetch(LATEST, account, before, limit + 1)
    balance: Decimal = await conn.fetchval(BALANCE, account, before)
    found = []
    for row in rows[:limit]:
        change = Exposure(row["open_orders"], row["shipped_not_invoiced"], row["invoiced_unpaid"])
        found.append(Entry(row["id"], row["at"], row["because"], row["number"], change, balance))
        balance -= change.total
    return found, found[-1].id if len(rows) > limit else None


async def whole(conn: Connection, account: str) -> AsyncIterator[Entry]:
    """From the first on, for a file. Needs a transaction."""
    balance = Decimal(0)
    rows = conn.cursor(
        LATEST.replace("order by e.id desc limit $3", "order by e.id").replace(
            "($2::bigint is null or e.id < $2)", "true"
        ),
        account,
        prefetch=500,
    )
    async for row in rows:
        change = Exposure(row["open_orders"], row["shipped_not_invoiced"], row["invoiced_unpaid"])
        balance += change.total
        yield Entry(row["id"], row["at"], row["because"], row["number"], change, balance)


@dataclass(frozen=True, slots=True)
class Due:
    """So much of an account's orders falls due on a day: what has shipped, and what has not; `on` is None where nobody
    can name a day yet."""

    on: date | None
    shipped: Decimal
    still_open: Decimal


# What an order's parts are worth follows from its figures by the weight of their prices: discount, freight and tax are
# spread alike. An invoice is due so many days after the goods left, or will leave by the plan of today.
DUE = """
with part as (
    select p.order_id, p.stage in ('shipped', 'delivered', 'returned') as has_left,
        case when p.stage in ('shipped', 'delivered', 'returned') then (h.shipped_at at time zone 'UTC')::date
            else p.ships_on end + a.payment_terms_days as due_on,
        p.quantity * l.unit_price + 0.000001 * p.quantity as weight
    from order_status s join account a on a.number = s.account join portion p on p.order_id = s.order_id
        join order_line l on l.id = p.line_id left join shipment h on h.id = p.shipment_id
    where s.account = $1 and s.state in ('open', 'closed') and (s.open_value > 0 or s.shipped_value > 0)
        and p.stage <> 'cancelled'
), share as (
    select order_id, has_left, due_on, sum(weight) / sum(sum(weight)) over (partition by order_id, has_left) as share
    from part group by order_id, has_left, due_on
)
select due_on, coalesce(sum(share * s.shipped_value) filter (where has_left), 0) as shipped,
    coalesce(sum(share * s.open_value) filter (where not has_left), 0) as still_open
from share join order_status s using (order_id) group by due_on order by due_on nulls last
"""


async def due(conn: Connection, account: str) -> list[Due]:
    """When what an account's own orders count for falls due, the earliest first."""
    return [Due(*row.values()) for row in await conn.fetch(DUE, account)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that a credit hold stops, as a whole or in part, or that was accepted on old figures and is looked at
    again; and what was said when it was judged. `what` is `held`, `stopped` or `accepted`."""

    order: str
    purchase_order_number: str | None
    what: str
    value: Decimal
    note: str | None
    set_at: datetime
    said: dict[str, str | None] | None


WAITING = """
select o.number, o.purchase_order_number, w.what, s.open_value, w.note, w.since, w.said
from (
    select h.order_id, case s.state when 'held' then 'held' else 'stopped' end as what, h.note, h.set_at as since,
        (select c.figures from credit_check c where c.order_id = h.order_id and c.figures ->> 'sentence' = h.note
            order by c.id desc limit 1) as said
    from hold h join order_status s on s.order_id = h.order_id
    where h.account = $1 and h.reason = 'credit' and h.released_at is null and s.state in ('held', 'open')
    union all
    select c.order_id, 'accepted', c.figures ->> 'sentence', c.at, c.figures
    from credit_check c join order_status s on s.order_id = c.order_id
    where c.account = $1 and c.settled_at is null and c.basis = 'last_known' and c.outcome = 'covered'
        and s.state = 'open'
) w join orders o on o.id = w.order_id join order_status s on s.order_id = w.order_id
order by w.since, o.id limit $2
"""


async def waiting(conn: Connection, account: str, limit: int) -> list[Waiting]:
    """The longest waiting first."""
    return [Waiting(*row.values()) for row in await conn.fetch(WAITING, account, limit)]
