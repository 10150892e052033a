"""What money asks of a buyer today: invoices that are due or soon will be, and disputes that were answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec

from portal.db.work import Connection

# As many of each as the page shows; each says how many there are in all.
DUE = 5
ANSWERED = 5


@dataclass(frozen=True, slots=True)
class Due:
    """An invoice with something left to pay. `of`: how many such invoices in all."""

    number: str
    order: str
    purchase_order: str | None
    currency: str
    due: Decimal
    due_on: date
    of: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A dispute in which the supplier spoke last. `of`: how many such disputes in all."""

    number: str
    invoice: str
    order: str
    purchase_order: str | None
    said: str
    at: datetime
    of: int


@dataclass(frozen=True, slots=True)
class Waiting:
    due: Sequence[Due] = ()
    answered: Sequence[Answered] = ()


WAITING = f"""
select json_build_object(
    'due', (select coalesce(json_agg(x), '[]') from (
        select i.number, o.number as order, o.purchase_order_number as purchase_order, i.currency, s.due::text as due,
            s.due_on, count(*) over () as of
        from invoice_status s join invoice i on i.id = s.invoice_id join orders o on o.id = s.order_id
        where s.account = any($1::text[]) and s.due > 0 and s.due_on <= $2
        order by s.due_on, s.invoice_id limit {DUE}) x),
    'answered', (select coalesce(json_agg(x), '[]') from (
        select d.number, i.number as invoice, o.number as order, o.purchase_order_number as purchase_order,
            m.text as said, m.at, count(*) over () as of
        from dispute d join invoice i on i.id = d.invoice_id join orders o on o.id = d.order_id
        cross join lateral (select text, at, is_suppliers from dispute_message
            where dispute_id = d.id order by id desc limit 1) m
        where d.state = 'open' and d.account = any($1::text[]) and m.is_suppliers
        order by m.at, d.id limit {ANSWERED}) x)
)::text
"""
_waiting = msgspec.json.Decoder(Waiting)


async def waiting(conn: Connection, accounts: Sequence[str], until: date) -> Waiting:
    """What is due up to that day, overdue first; and what waits for the buyer's answer, the longest waiting first."""
    return _waiting.decode(await conn.fetchval(WAITING, list(accounts), until))
