"""Statements of account, from invoices, credit notes and payments alone: as of any day, whatever came later."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import msgspec

from portal.db.work import Connection
from portal.domain.statements import ZERO, Entry, EntryKind, OpenItem, Statement

# What was issued or received up to a day, signed by what it does to what is owed on `invoice_id`.
MOVES = """
    select i.issued_on as "on", i.kind, i.number, case i.kind when 'invoice' then i.total else -i.total end as amount,
        coalesce(i.corrects, i.id) as invoice_id, i.order_id, i.due_on, c.number as corrects, i.reason as reference,
        i.issued_at as at, 0 as rank
    from invoice i left join invoice c on c.id = i.corrects
    where i.account = $1 and i.issued_on <= $3
    union all
    select p.received_on, p.kind, i.number, -p.amount, p.invoice_id, p.order_id, null, null, p.reference, p.at, 1
    from payment p join invoice i on i.id = p.invoice_id
    where p.account = $1 and p.received_on <= $3
"""
STATEMENT = f"""
with moved as materialized ({MOVES}), still_open as (
    select invoice_id, sum(amount) as due from moved group by invoice_id having sum(amount) <> 0
)
select json_build_object(
    'account', a.number, 'name', a.name, 'currency', a.currency,
    'opening', (select coalesce(sum(amount) filter (where "on" < $2), 0)::text from moved),
    'moves', (select coalesce(json_agg(json_build_object('on', m."on", 'kind', m.kind, 'number', m.number,
            'amount', m.amount::text, 'order', o.number, 'purchase_order_number', o.purchase_order_number,
            'due_on', m.due_on, 'corrects', m.corrects, 'reference', m.reference)
            order by m."on", m.at, m.rank, m.number), '[]')
        from moved m join orders o on o.id = m.order_id where m."on" >= $2),
    'open_items', (select coalesce(json_agg(json_build_object('number', i.number, 'order', o.number,
            'issued_on', i.issued_on, 'due_on', i.due_on, 'total', i.total::text, 'due', b.due::text,
            'purchase_order_number', o.purchase_order_number) order by i.due_on, i.id), '[]')
        from still_open b join invoice i on i.id = b.invoice_id join orders o on o.id = i.order_id)
)::text
from account a where a.number = $1
"""


class _Move(msgspec.Struct):
    on: date
    kind: EntryKind
    number: str
    amount: Decimal
    order: str
    purchase_order_number: str | None
    due_on: date | None
    corrects: str | None
    reference: str | None


class _Read(msgspec.Struct):
    account: str
    name: str
    currency: str
    opening: Decimal
    moves: list[_Move]
    open_items: list[OpenItem]


_decoder = msgspec.json.Decoder(_Read)


async def statement(conn: Connection, account: str, first: date, last: date) -> Statement | None:
    """From the first day to the last, both included; None where there is no such account. Whoever asks has seen to it
    that they may."""
    raw = await conn.fetchval(STATEMENT, account, first, last)
    if raw is None:
        return None
    read = _decoder.decode(raw)
    balance = read.opening
    totals: defaultdict[EntryKind, Decimal] = defaultdict(lambda: ZERO)
    entries = []
    for move in read.moves:
        balance += move.amount
        totals[move.kind] += move.amount
        entries.append(
            Entry(
                move.on, move.kind, move.number, move.amount, balance, move.order, move.purchase_order_number,
                move.due_on, move.corrects, move.reference,
            )
        )  # fmt: skip
    return Statement(
        read.account, read.name, read.currency, first, last, read.opening, balance, entries, read.open_items,
        dict(totals),
    )  # fmt: skip
