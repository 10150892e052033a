"""What finance looks at, over the whole book: not billed and why, held, overdue, paid too much, runs to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from portal.db import billing
from portal.db.due import beginning
from portal.db.work import Connection
from portal.domain.finance import (
    WHYS,
    Debtor,
    Payable,
    Run,
    Stopped,
    Surplus,
    Unbilled,
    UnbilledSum,
)
from portal.domain.standing import Billing

# Orders of which more has left than stands billed, and by how many lines. Amounts alone would also find what was
# credited as an amount, of which nothing is to be billed.
OPEN = """
    select s.order_id, s.account, s.shipped_value - s.invoiced_value as value, a.name as account_name, a.invoice_terms,
        coalesce(a.consolidation, 'monthly') as consolidation, a.weekly_day, q.lines
    from order_status s join orders o on o.id = s.order_id join account a on a.number = s.account
    cross join lateral (
        select count(*)::int as lines from order_line l left join line_billing b on b.line_id = l.id
        where l.order_id = s.order_id and (select sum(p.quantity) from portion p
            where p.line_id = l.id and p.stage in ('shipped', 'delivered')) > coalesce(b.invoiced + b.waived, 0)
    ) q
    where s.shipped_value <> s.invoiced_value and s.shipped_value > s.invoiced_value
        and s.state in ('open', 'closed') and not o.billed_elsewhere and q.lines > 0
"""
WHY = """case
    when exists (select from hold h where h.order_id = w.order_id and h.reason = 'finance' and h.released_at is null)
        then 'held'
    when w.invoice_terms = 'on_delivery' then 'delivery'
    when w.invoice_terms = 'consolidated' and w.consolidation = 'completion' then 'completion'
    when w.invoice_terms = 'consolidated' then 'period'
    else 'now' end"""
# The shipments of an order of which something is not billed: a line that was credited for good counts as billed.
LEFT = """
    select min(h.shipped_at) as since, array_agg(h.number order by h.id) as shipments from shipment h
    where h.order_id = w.order_id and exists (
        select from portion p where p.shipment_id = h.id and p.stage in ('shipped', 'delivered')
        group by p.line_id having sum(p.quantity) > coalesce((
            select sum(case when i.kind = 'invoice' then n.quantity when n.waives then 0 else -n.quantity end)
            from invoice_line n join invoice i on i.id = n.invoice_id
            where n.shipment_id = h.id and n.line_id = p.line_id), 0))
"""
UNBILLED = f"""
with waiting as ({OPEN}), reasoned as (select w.*, {WHY} as why from waiting w)
select w.order_id, o.number as "order", w.account, w.account_name, o.currency, w.value, w.why, w.lines,
    coalesce(x.shipments, '{{}}') as shipments, coalesce(x.since, o.placed_at) as since, w.consolidation, w.weekly_day
from reasoned w join orders o on o.id = w.order_id cross join lateral ({LEFT}) x
where w.order_id > $1 and ($2::text is null or w.why = $2) and ($3::text is null or w.account = $3)
    and ($4::text is null or upper(o.number) like $4 or upper(w.account) like $4
        or upper(o.purchase_order_number) like $4)
order by w.order_id limit $5
"""
SUMS = f"""
with waiting as ({OPEN}), reasoned as (select w.*, {WHY} as why from waiting w)
select w.why, o.currency, count(*)::int as orders, sum(w.value) as value,
    min(coalesce(x.since, o.placed_at)) as since
from reasoned w join orders o on o.id = w.order_id cross join lateral ({LEFT}) x
group by w.why, o.currency
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders that are not billed; `after` is the last id of the page before."""

    why: str = ""
    account: str = ""
    q: str = ""
    after: int = 0


async def unbilled(conn: Connection, wanted: Wanted, limit: int) -> tuple[list[Unbilled], int | None]:
    """The oldest orders first; and the key of the next page."""
    rows = await conn.fetch(
        UNBILLED,
        wanted.after,
        wanted.why or None,
        wanted.account or None,
        beginning(wanted.q) if wanted.q else None,
        limit + 1,
    )
    found = [Unbilled(*row.values()) for row in rows[:limit]]
    return found, found[-1].order_id if len(rows) > limit else None


async def sums(conn: Connection) -> list[UnbilledSum]:
    """What is not billed, by reason and currency: what should have been billed by now first."""
    found = [UnbilledSum(*row.values()) for row in await conn.fetch(SUMS)]
    order = ("now", *WHYS)
    return sorted(found, key=lambda one: (order.index(one.why), one.currency))


STOPPED = """
select h.id, h.order_id, o.number as "order", h.account, a.name as account_name, h.note, h.lines, h.set_at,
    coalesce((select q.name from person q where q.email = h.set_by), h.set_by) as set_by,
    o.currency, greatest(s.shipped_value - s.invoiced_value, 0) as value, s.open_value, a.invoice_terms as terms,
    coalesce(a.consolidation, 'monthly') as consolidation, a.weekly_day
from hold h join orders o on o.id = h.order_id join order_status s on s.order_id = h.order_id
join account a on a.number = h.account
where h.reason = 'finance' and h.released_at is null and h.id > $1
order by h.id limit $2
"""


async def stopped(conn: Connection, after: int, limit: int) -> tuple[list[Stopped], int | None]:
    """Finance holds that stand, the longest standing first; and the key of the next page."""
    rows = await conn.fetch(STOPPED, after, limit + 1)
    found = [Stopped(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


# The same that billing reads, of several orders in one trip.
BILLINGS = billing.READ.replace("where o.id = $1", "where o.id = any($1::bigint[])")
_decoder = msgspec.json.Decoder(Billing)


async def billings(conn: Connection, ids: Sequence[int]) -> dict[int, Billing]:
    """The orders with these ids as billing sees them, by id."""
    rows = await conn.fetch(BILLINGS, list(ids))
    found = [_decoder.decode(row[0]) for row in rows]
    return {order.id: order for order in found}


DEBTORS = """
select s.account, a.name as account_name, i.currency, count(*)::int as invoices, sum(s.due) as overdue,
    min(s.due_on) as since, sum(s.disputes)::int as disputed
from invoice_status s join invoice i on i.id = s.invoice_id join account a on a.number = s.account
where s.due > 0 and s.due_on < $1
group by s.account, a.name, i.currency order by min(s.due_on), s.account limit $2
"""


async def debtors(conn: Connection, today: date, limit: int) -> list[Debtor]:
    """Who owes something that was due before today, the oldest debt first."""
    return [Debtor(*row.values()) for row in await conn.fetch(DEBTORS, today, limit)]


SURPLUSES = """
select i.number as invoice, s.account, a.name as account_name, i.currency, -s.due as amount, s.updated_at as since,
    coalesce((select sum(x.due) from invoice_status x join invoice y on y.id = x.invoice_id
        where x.account = s.account and x.due > 0 and y.currency = i.currency), 0) as open
from invoice_status s join invoice i on i.id = s.invoice_id join account a on a.number = s.account
where s.due < 0 order by s.updated_at limit $1
"""


async def surpluses(conn: Connection, limit: int) -> list[Surplus]:
    """What was paid too much, the longest standing first."""
    return [Surplus(*row.values()) for row in await conn.fetch(SURPLUSES, limit)]


RUNS = f"""
with waiting as ({OPEN})
select w.account, w.account_name, o.currency, w.consolidation, w.weekly_day, count(*)::int as orders,
    sum(w.value) as value
from waiting w join orders o on o.id = w.order_id
where w.invoice_terms = 'consolidated' and w.consolidation <> 'completion'
    and not exists (select from hold h where h.order_id = w.order_id and h.reason = 'finance' and h.lines is null
        and h.released_at is null)
group by w.account, w.account_name, o.currency, w.consolidation, w.weekly_day order by sum(w.value) desc
"""


async def runs(conn: Connection) -> list[Run]:
    """Consolidated accounts with something to bill at the end of their period."""
    return [Run(*row.values()) for row in await conn.fetch(RUNS)]


PAYABLE = """
select i.number, s.due, s.due_on from invoice_status s join invoice i on i.id = s.invoice_id
where s.account = $1 and i.currency = $2 and s.due > 0 and i.number <> $3
order by s.due_on, i.id limit $4
"""


async def payable(
    conn: Connection, account: str, currency: str, besides: str, limit: int
) -> Sequence[Payable]:
    """The open invoices that a surplus of another can settle, the first due first."""
    rows = await conn.fetch(PAYABLE, account, currency, besides, limit)
    return [Payable(*row.values()) for row in rows]
