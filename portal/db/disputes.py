"""Disputes as rows: what can be disputed of an invoice, opening, answering and ending one, and reading them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from portal.db.due import beginning
from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.disputes import Billed, Dispute, DisputeRow


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as far as a dispute of it is concerned."""

    id: int
    number: str
    kind: str
    order: str
    order_id: int
    account: str
    currency: str
    total: Decimal
    credited: Decimal
    due: Decimal


# A viewer who may not see the account finds nothing.
INVOICE = """
select i.id, i.number, i.kind, o.number as "order", i.order_id, i.account, i.currency, i.total, s.credited, s.due
from invoice i join orders o on o.id = i.order_id join invoice_status s on s.invoice_id = i.id
where i.number = $1 and ($2::text[] is null or i.account = any($2))
"""
# What a line's goods on that shipment have come to: a return came back after it had arrived.
DELIVERED = """coalesce((select sum(p.quantity) from portion p
    where p.shipment_id = b.shipment_id and p.line_id = b.line_id and p.stage in ('delivered', 'returned')), 0)"""
CREDITED = """coalesce((select sum(c.quantity) from invoice n join invoice_line c on c.invoice_id = n.id
    where n.corrects = b.invoice_id and c.corrects_position = b.position), 0)"""
BILLED = f"""
select b.position, l.line, l.sku, l.name, l.unit, b.quantity, b.unit_price, b.net, {CREDITED} as credited,
    coalesce((select sum(x.quantity) from dispute d join dispute_line x on x.dispute_id = d.id
        where d.invoice_id = b.invoice_id and d.state = 'open' and x.position = b.position), 0) as disputed,
    h.number as shipment, h.state as shipment_state, h.delivered_at, {DELIVERED} as delivered
from invoice_line b join order_line l on l.id = b.line_id left join shipment h on h.id = b.shipment_id
where b.invoice_id = $1 order by b.position
"""


async def invoice(conn: Connection, viewer: Viewer, number: str) -> Invoice | None:
    """The invoice or credit note of this number, within the viewer's scope."""
    row = await conn.fetchrow(INVOICE, number, viewer.accounts)
    return Invoice(*row.values()) if row else None


async def billed(conn: Connection, invoice_id: int) -> list[Billed]:
    """The positions of an invoice, and how much of each can still be disputed."""
    return [Billed(*row.values()) for row in await conn.fetch(BILLED, invoice_id)]


INSERT = """
with opened as (
    insert into dispute (number, invoice_id, order_id, account, reason, opened_by, person_id, opened_at)
    values ('DI-' || $1::text || '-' || to_char(nextval('dispute_number'), 'FM999999000000'),
        $2, $3, $4, $5, $6, $7, $8)
    returning id, number
), disputed as (
    insert into dispute_line (dispute_id, position, quantity)
    select opened.id, c.position, c.quantity from opened, unnest($9::int[], $10::numeric[]) as c(position, quantity)
), said as (
    insert into dispute_message (dispute_id, author, is_suppliers, text, at)
    select opened.id, $6, false, $11, $8 from opened where $11::text is not null
), counted as (
    update invoice_status set disputes = disputes + 1, version = version + 1, updated_at = $8 where invoice_id = $2
)
select number from opened
"""


async def insert(
    conn: Connection,
    found: Invoice,
    reason: str,
    by: Viewer,
    claimed: Mapping[int, Decimal],
    words: str | None,
    now: datetime,
) -> str:
    """Open a dispute of an invoice whose order is locked; answers its number."""
    number: str = await conn.fetchval(
        INSERT, str(now.year), found.id, found.order_id, found.account, reason, by.author, by.person_id, now,
        list(claimed), list(claimed.values()), words,
    )  # fmt: skip
    return number


async def order_of(conn: Connection, viewer: Viewer, number: str) -> str | None:
    """The number of the order that a dispute concerns, within the viewer's scope: it is locked first."""
    order: str | None = await conn.fetchval(
        """select o.number from dispute d join orders o on o.id = d.order_id
           where d.number = $1 and ($2::text[] is null or d.account = any($2))""",
        number,
        viewer.accounts,
    )
    return order


async def lock(conn: Connection, dispute_id: int) -> None:
    """Hold what settling it writes: after a number was given to a credit note nothing may be waited for."""
    await conn.execute("select 1 from dispute where id = $1 for no key update", dispute_id)


async def say(
    conn: Connection, dispute_id: int, author: str, words: str, now: datetime, *, is_suppliers: bool
) -> None:
    """One more message."""
    await conn.execute(
        """with said as (insert into dispute_message (dispute_id, author, is_suppliers, text, at)
               values ($1, $2, $3, $4, $5))
           update dispute set version = version + 1 where id = $1""",
        dispute_id,
        author,
        is_suppliers,
        words,
        now,
    )


SETTLE = """
with settled as (
    update dispute set state = $2, settled_by = $3, settled_at = $4, version = version + 1,
        credit_note_id = (select id from invoice where number = $5)
    where id = $1 returning invoice_id
)
update invoice_status s set disputes = s.disputes - 1, version = s.version + 1, updated_at = $4
from settled where s.invoice_id = settled.invoice_id
"""


async def settle(
    conn: Connection, dispute_id: int, state: str, by: str, credit_note: str | None, now: datetime
) -> None:
    """It has ended. Its order is locked, and it was open a moment ago."""
    await conn.execute(SETTLE, dispute_id, state, by, now, credit_note)


DISPUTE = f"""
select json_build_object('id', d.id, 'number', d.number, 'state', d.state, 'reason', d.reason, 'version', d.version,
    'invoice', i.number, 'invoice_total', i.total::text, 'invoice_due', s.due::text, 'due_on', i.due_on,
    'currency', i.currency, 'order', o.number, 'order_id', o.id, 'account', d.account, 'account_name', a.name,
    'purchase_order_number', o.purchase_order_number, 'opened_by', d.opened_by,
    'opener', coalesce((select q.name from person q where q.email = d.opened_by), d.opened_by),
    'opened_at', d.opened_at, 'settled_by', d.settled_by, 'settled_at', d.settled_at, 'credit_note', n.number,
    'lines', coalesce((
        select json_agg(json_build_object('position', b.position, 'line', l.line, 'sku', l.sku, 'name', l.name,
            'unit', l.unit, 'quantity', x.quantity::text, 'billed', b.quantity::text, 'credited', {CREDITED}::text,
            'unit_price', b.unit_price::text, 'shipment', h.number, 'shipment_state', h.state,
            'delivered_at', h.delivered_at, 'delivered', {DELIVERED}::text) order by b.position)
        from dispute_line x join invoice_line b on b.invoice_id = d.invoice_id and b.position = x.position
        join order_line l on l.id = b.line_id left join shipment h on h.id = b.shipment_id
        where x.dispute_id = d.id), '[]'),
    'messages', coalesce((
        select json_agg(json_build_object('author', m.author, 'is_suppliers', m.is_suppliers, 'text', m.text,
            'at', m.at) order by m.id)
        from dispute_message m where m.dispute_id = d.id), '[]'),
    'notes', coalesce((
        select json_agg(json_build_object('number', c.number, 'issued_on', c.issued_on, 'total', c.total::text,
            'reason', c.reason) order by c.id)
        from invoice c where c.corrects = d.invoice_id and c.issued_at >= d.opened_at), '[]'))::text
from dispute d join invoice i on i.id = d.invoice_id join invoice_status s on s.invoice_id = i.id
join orders o on o.id = d.order_id join account a on a.number = d.account
left join invoice n on n.id = d.credit_note_id
where d.number = $1 and ($2::text[] is null or d.account = any($2))
"""
_decoder = msgspec.json.Decoder(Dispute)


async def dispute(conn: Connection, viewer: Viewer, number: str) -> Dispute | None:
    """The whole case, or None when there is none within the viewer's scope."""
    raw = await conn.fetchval(DISPUTE, number, viewer.accounts)
    return _decoder.decode(raw) if raw is not None else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which disputes. `waits_for_us`: those in which the buyer spoke last."""

    state: str | None = None
    account: str | None = None
    invoice: str | None = None
    order: str | None = None
    q: str = ""
    waits_for_us: bool = False
    before: int | None = None


LIST = """
select d.id, d.number, d.state, d.reason, i.number as invoice, o.number as "order", d.account, a.name as account_name,
    i.currency, w.worth, w.lines, d.opened_by,
    coalesce((select q.name from person q where q.email = d.opened_by), d.opened_by) as opener,
    d.opened_at, d.settled_at, coalesce(m.at, d.opened_at) as last_at,
    d.state = 'open' and not coalesce(m.is_suppliers, false) as waits_for_us
from dispute d join invoice i on i.id = d.invoice_id join orders o on o.id = d.order_id
join account a on a.number = d.account
cross join lateral (select coalesce(sum(x.quantity * b.unit_price), 0) as worth, count(*)::int as lines
    from dispute_line x join invoice_line b on b.invoice_id = d.invoice_id and b.position = x.position
    where x.dispute_id = d.id) w
left join lateral (select is_suppliers, at from dispute_message where dispute_id = d.id order by id desc limit 1) m
    on true
where {conditions} order by d.id desc limit $1
"""


async def search(
    conn: Connection, viewer: Viewer, wanted: Wanted, limit: int
) -> tuple[list[DisputeRow], int | None]:
    """Newest first; and the key of the next page, or None at the end."""
    values: list[object] = [limit + 1]
    conditions = ["true"]

    def where(condition: str, value: object) -> None:
        values.append(value)
        conditions.append(condition.format(f"${len(values)}"))

    if viewer.accounts is not None:
        where("d.account = any({}::text[])", list(viewer.accounts))
    for condition, value in (
        ("d.state = {}", wanted.state),
        ("d.account = {}", wanted.account),
        ("i.number = {}", wanted.invoice),
        ("o.number = {}", wanted.order),
        ("d.id < {}", wanted.before),
    ):
        if value is not None:
            where(condition, value)
    if wanted.q:
        where(
            "(upper(d.number) like {0} or upper(i.number) like {0} or upper(o.number) like {0}"
            " or upper(d.account) like {0})",
            beginning(wanted.q),
        )
    if wanted.waits_for_us:
        conditions.append("d.state = 'open' and not coalesce(m.is_suppliers, false)")
    rows = await conn.fetch(LIST.format(conditions=" and ".join(conditions)), *values)
    found = [DisputeRow(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def count_open(conn: Connection) -> int:
    """How many are open, over the whole book."""
    return await conn.fetchval("select count(*) from dispute where state = 'open'")  # type: ignore[no-any-return]


WAITING = """
select count(*) from dispute d left join lateral (
    select is_suppliers from dispute_message where dispute_id = d.id order by id desc limit 1) m on true
where d.state = 'open' and not coalesce(m.is_suppliers, false)
"""


async def count_waiting(conn: Connection) -> int:
    """In how many of them the buyer spoke last."""
    return await conn.fetchval(WAITING)  # type: ignore[no-any-return]
