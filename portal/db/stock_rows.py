"""What stands where, with the rows behind each figure: who has it, for whom it is kept, how it came."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.db.due import beginning
from portal.db.work import Connection
from portal.domain.stockroom import Agreed, Coming, Firm, Found, Moved, Movement, Product, Shelf

# Of movements the newest; all of them are in the sums.
NEWEST = 20


@dataclass(frozen=True, slots=True)
class StockFilter:
    """Which products; `after` is the last SKU of the page before. `short`: only those that somebody waits for."""

    q: str = ""
    short: bool = False
    after: str = ""


SEARCH = """
with page as (
    select p.sku, p.name, p.unit, p.managed from product p
    where p.sku > $1 {conditions} order by p.sku limit $2
)
select page.*, s.on_hand, s.allocated, s.reserved, s.quarantined, w.waiting
from page, lateral (
    select coalesce(sum(on_hand), 0) as on_hand, coalesce(sum(allocated), 0) as allocated,
        coalesce(sum(reserved), 0) as reserved, coalesce(sum(quarantined), 0) as quarantined
    from stock_level where sku = page.sku) s,
lateral (select coalesce(sum(quantity), 0) as waiting from portion where sku = page.sku and stage = 'waiting') w
order by page.sku
"""


async def search(conn: Connection, wanted: StockFilter, limit: int) -> tuple[list[Found], str | None]:
    """Products by SKU, those whose SKU begins or whose name contains what was typed; and the last SKU of the page."""
    values: list[object] = [wanted.after, limit + 1]
    conditions = ""
    if wanted.q:
        values.append(beginning(wanted.q))
        conditions += " and (upper(p.sku) like $3 or upper(p.name) like '%' || $3)"
    if wanted.short:
        conditions += " and p.sku in (select w.sku from portion w where w.stage = 'waiting')"
    rows = await conn.fetch(SEARCH.format(conditions=conditions), *values)
    found = [Found(*row.values()) for row in rows[:limit]]
    return found, found[-1].sku if len(rows) > limit else None


async def product(conn: Connection, sku: str) -> Product | None:
    row = await conn.fetchrow(
        "select sku, name, unit, mode, managed, backorders, lead_time_days from product where sku = $1", sku
    )
    return Product(*row.values()) if row else None


async def shelves(conn: Connection, sku: str) -> list[Shelf]:
    """Every location, also those where the product never stood."""
    rows = await conn.fetch(
        """select c.code, c.name, coalesce(s.on_hand, 0), coalesce(s.allocated, 0), coalesce(s.reserved, 0),
               coalesce(s.quarantined, 0)
           from location c left join stock_level s on s.location = c.code and s.sku = $1 order by c.code""",
        sku,
    )
    return [Shelf(*row.values()) for row in rows]


async def firm(conn: Connection, sku: str, location: str | None = None) -> list[Firm]:
    """The portions that have stock, in the order of the queue. Together they are what is allocated."""
    rows = await conn.fetch(
        """select o.number, l.line, p.account, a.name, p.location, p.quantity, p.stage, p.ships_on, p.agreement,
               exists (select from hold h where h.order_id = p.order_id and h.released_at is null
                   and (h.lines is null or l.line = any(h.lines)))
           from portion p join order_line l on l.id = p.line_id join orders o on o.id = p.order_id
           join account a on a.number = p.account left join queue_override v on v.line_id = p.line_id
           where p.sku = $1 and ($2::text is null or p.location = $2) and p.counted
               and p.stage in ('allocated', 'picking', 'packed')
           order by coalesce(v.priority, a.priority) desc, o.arrival, l.line, p.id""",
        sku,
        location,
    )
    return [Firm(*row.values()) for row in rows]


async def agreements(conn: Connection, sku: str) -> list[Agreed]:
    """In the order in which they fill."""
    rows = await conn.fetch(
        """select g.number, g.account, a.name, g.location, g.quantity, g.drawn, g.reserved, g.valid_from, g.valid_to,
               g.in_force
           from allocation_agreement g join account a on a.number = g.account
           where g.sku = $1 order by g.location, g.valid_from, g.number""",
        sku,
    )
    return [Agreed(*row.values()) for row in rows]


async def coming(conn: Connection, sku: str) -> list[Coming]:
    """What is still to come of a product, by date, and how much of it somebody waits for."""
    rows = await conn.fetch(
        """select n.kind, n.reference, i.line, n.location, n.supplier, n.confirmed, i.expected_on,
               i.quantity - i.received - i.rejected - i.quarantined, w.quantity, i.for_order, i.for_line
           from inbound_line i join inbound n on n.id = i.inbound_id, lateral (
               select coalesce(sum(p.quantity), 0) as quantity from portion p where p.inbound_line_id = i.id) w
           where i.sku = $1 and not i.closed and i.quantity > i.received + i.rejected + i.quarantined
           order by i.expected_on, i.id""",
        sku,
    )
    return [Coming(*row.values()) for row in rows]


MOVEMENTS = """
with came as (
    select n.kind as what, n.reference, null as of_order, r.received_at as at,
        case n.kind when 'inspection' then -r.rejected else r.received + r.quarantined end as quantity
    from inbound_line i join inbound n on n.id = i.inbound_id join receipt r on r.inbound_line_id = i.id
    where i.sku = $1 and n.location = $2
), gone as (
    select 'shipment' as what, h.number as reference, o.number as of_order, h.shipped_at as at,
        -x.quantity as quantity
    from order_line l join orders o on o.id = l.order_id
    join shipment h on h.order_id = l.order_id and h.location = $2 and h.state <> 'cancelled'
    join shipment_line x on x.shipment_id = h.id and x.line_id = l.id
    where upper(l.sku) = upper($1) and l.sku = $1
), sent as (
    select 'sent' as what, n.reference, null as of_order, n.created_at as at, -i.quantity as quantity
    from inbound_line i join inbound n on n.id = i.inbound_id
    where i.sku = $1 and n.from_location = $2 and i.quantity > 0
), all_of_it as (select * from came union all select * from gone union all select * from sent)
select (select coalesce(sum(quantity), 0) from came) as came, (select coalesce(sum(quantity), 0) from gone) as gone,
    (select coalesce(sum(quantity), 0) from sent) as sent,
    (select coalesce(array_agg(row(what, reference, of_order, at, quantity) order by at desc), '{}')
     from (select * from all_of_it where quantity <> 0 order by at desc limit $3) newest) as newest
"""


async def moved(conn: Connection, sku: str, location: str) -> Moved:
    """What came to a location and left it. Counts, short picks and imports leave no row: they are the rest."""
    row = await conn.fetchrow(MOVEMENTS, sku, location, NEWEST)
    assert row is not None
    newest: Sequence[Movement] = [Movement(*movement) for movement in row["newest"]]
    return Moved(newest, row["came"], row["gone"], row["sent"])
