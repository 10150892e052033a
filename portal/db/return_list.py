"""Returns as a list: searched by any number, the newest first, paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.db.work import Connection
from portal.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A return in a list. Quantities are added up only where one unit allows it."""

    id: int
    number: str
    state: str
    account: str
    account_name: str
    order: str
    purchase_order_number: str | None
    shipment: str
    location: str
    carrier: str | None
    asked_at: datetime
    decided_at: datetime | None
    closed_at: datetime | None
    lines: int
    sku: str
    name: str
    unit: str | None
    quantity: Decimal
    received: Decimal
    reasons: Sequence[str]
    pictures: int
    credit_notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReturnFilter:
    """What a list is of. `q` is the beginning of any number; `states` none means all."""

    q: str = ""
    states: Sequence[str] = ()
    account: str | None = None
    order: str | None = None
    shipment: str | None = None
    location: str | None = None
    before: int | None = None


# Each search looks in one index; what is found is small.
SEARCH = """
select r.id, r.number, r.state, r.account, a.name as account_name, o.number as order, o.purchase_order_number,
    h.number as shipment, h.location, h.carrier, r.asked_at, r.decided_at, r.closed_at, l.lines, l.sku, l.name,
    l.unit, l.quantity, l.received, l.reasons,
    (select count(*) from return_picture p where p.return_id = r.id) as pictures,
    array(select i.number from return_credit x join invoice i on i.id = x.invoice_id
          where x.return_id = r.id order by i.id) as credit_notes
from goods_return r
join account a on a.number = r.account
join orders o on o.id = r.order_id
join shipment h on h.id = r.shipment_id
cross join lateral (
    select count(*) as lines, (array_agg(l.sku order by l.line))[1] as sku,
        (array_agg(l.name order by l.line))[1] as name,
        case when count(distinct l.unit) = 1 then min(l.unit) end as unit, sum(n.quantity) as quantity,
        sum(n.received) as received, array_agg(distinct n.reason) as reasons
    from goods_return_line n join order_line l on l.id = n.line_id where n.return_id = r.id
) l
where ($1::text[] is null or r.account = any($1))
    and ($2::text[] is null or r.state = any($2))
    and ($3::text is null or r.account = $3)
    and ($4::text is null or o.number = $4)
    and ($5::text is null or h.number = $5)
    and ($6::text is null or h.location = $6)
    and ($7::bigint is null or r.id < $7)
    and ($8::text is null or r.id in (
        select id from goods_return where upper(number) like $8
        union select y.id from goods_return y join orders k on k.id = y.order_id
            where upper(k.number) like $8 or upper(k.purchase_order_number) like $8
        union select y.id from goods_return y join shipment k on k.id = y.shipment_id where upper(k.number) like $8
        union select y.id from goods_return y join package k on k.shipment_id = y.shipment_id
            where upper(k.tracking_number) like $8
        union select y.return_id from goods_return_line y join order_line k on k.id = y.line_id
            where upper(k.sku) like $8
        union select y.return_id from return_credit y join invoice k on k.id = y.invoice_id
            where upper(k.number) like $8
        union select y.id from goods_return y join account k on k.number = y.account
            where upper(k.name) like $8 or upper(k.number) like $8))
order by r.id desc limit $9
"""


async def search(
    conn: Connection, viewer: Viewer, wanted: ReturnFilter, limit: int
) -> tuple[list[ReturnRow], int | None]:
    """The rows, and the key of the next page or None at the end."""
    rows = await conn.fetch(
        SEARCH,
        viewer.accounts,
        list(wanted.states) or None,
        wanted.account,
        wanted.order,
        wanted.shipment,
        wanted.location,
        wanted.before,
        _beginning(wanted.q),
        limit + 1,
    )
    found = [ReturnRow(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


def _beginning(q: str) -> str | None:
    """What begins so, taken literally."""
    plain = q.strip().upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{plain}%" if plain else None


async def waiting(conn: Connection) -> int:
    """How many returns nobody has decided on yet."""
    return await conn.fetchval("select count(*) from goods_return where state = 'requested'")  # type: ignore[no-any-return]


async def counts(conn: Connection, viewer: Viewer) -> dict[str, int]:
    """How many returns there are in each state that somebody waits in."""
    rows = await conn.fetch(
        """select state, count(*) as n from goods_return
           where state in ('requested', 'authorised') and ($1::text[] is null or account = any($1)) group by state""",
        viewer.accounts,
    )
    return {row["state"]: row["n"] for row in rows}
