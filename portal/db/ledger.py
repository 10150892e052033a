"""An account's ledger as it is read: every change of what it owes or will owe, with what it came to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.db.owed import COUNTS, OWING
from portal.db.work import Connection
from portal.domain.credit import Exposure
from portal.domain.finance import run_on


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
    """So much of what an account owes falls due on a day: what is invoiced, what has shipped and is not, and what has
    not shipped; `on` is None where nobody can name a day yet."""

    on: date | None
    shipped: Decimal
    still_open: Decimal
    invoiced: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """When an account is billed, and how many days after that it pays."""

    terms: str
    consolidation: str | None
    weekly_day: str
    days: int

    def due_on(self, ready_on: date | None) -> date | None:
        """The day on which it pays what can be billed from a day on."""
        if ready_on is None:
            return None
        billed_on: date | None = ready_on
        if self.terms == "consolidated" and self.consolidation != "completion":
            billed_on = run_on(self.consolidation or "monthly", self.weekly_day, ready_on)
        return billed_on + timedelta(days=self.days) if billed_on else None


async def terms(conn: Connection, account: str) -> Terms:
    row = await conn.fetchrow(
        "select invoice_terms, consolidation, weekly_day, payment_terms_days from account where number = $1",
        account,
    )
    assert row is not None
    return Terms(*row.values())


# An invoice says when it is due. What the rest of an order is worth follows from its figures by the weight of its
# prices, since discount, freight and tax are spread alike; it can be billed on the day on which the account's terms say
# so: when it left or will leave by the plan of today, when it arrives, when the last of the order leaves, or today, if
# it is billed when it is ordered. What was invoiced before it shipped is taken off what is still open.
DUE = f"""
with owing as (
    select s.order_id, greatest(s.shipped_value - s.invoiced_value, 0) as shipped,
        greatest(s.open_value + least(s.shipped_value - s.invoiced_value, 0), 0) as still_open
    from order_status s where s.account = $1 and s.{COUNTS} and {OWING}
), part as (
    select p.order_id, p.stage in ('shipped', 'delivered', 'returned') as has_left,
        case a.invoice_terms when 'on_order' then $2::date when 'on_delivery' then p.arrives_on
            else case when p.stage in ('shipped', 'delivered', 'returned') then (h.shipped_at at time zone 'UTC')::date
                else p.ships_on end end as ready_on,
        a.invoice_terms = 'consolidated' and a.consolidation = 'completion' as waits_for_all,
        p.quantity * l.unit_price + 0.000001 * p.quantity as weight
    from owing o join account a on a.number = $1 join portion p on p.order_id = o.order_id
        join order_line l on l.id = p.line_id left join shipment h on h.id = p.shipment_id
    where p.stage <> 'cancelled' and o.shipped + o.still_open > 0
), billed as (
    select order_id, has_left, weight, case when not waits_for_all then ready_on
        when not bool_or(ready_on is null) over w then max(ready_on) over w end as ready_on
    from part window w as (partition by order_id)
), share as (
    select order_id, has_left, ready_on, sum(weight) / sum(sum(weight)) over (partition by order_id, has_left) as share
    from billed group by order_id, has_left, ready_on
), falls_due as (
    select false as is_invoiced, h.ready_on as on_day,
        case when has_left then h.share * o.shipped else 0 end as shipped,
        case when has_left then 0 else h.share * o.still_open end as still_open, 0 as invoiced
    from share h join owing o using (order_id)
    union all
    select true, i.due_on, 0, 0, i.due from invoice_status i join account a on a.number = i.account
    where i.account = $1 and i.due > 0 and a.credit_source = 'portal'
)
select is_invoiced, on_day, sum(shipped) as shipped, sum(still_open) as still_open, sum(invoiced) as invoiced
from falls_due where shipped + still_open + invoiced > 0 group by 1, 2
"""


async def due(conn: Connection, account: str, how: Terms, today: date) -> list[Due]:
    """When what an account's own orders count for falls due, the earliest first and what has no day last."""
    found = [
        Due(
            row["on_day"] if row["is_invoiced"] else how.due_on(row["on_day"]),
            row["shipped"],
            row["still_open"],
            row["invoiced"],
        )
        for row in await conn.fetch(DUE, account, today)
    ]
    return sorted(found, key=lambda one: (one.on is None, one.on or today))


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
