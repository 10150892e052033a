"""Offers of another product as rows, and what staff choose from when they make one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.db.queue import Waiting
from portal.db.work import Connection
from portal.domain.portions import Portion

LISTED = """u.id, l.line, l.sku as line_sku, u.quantity, u.sku, u.substitute_quantity, u.unit_price, u.state,
    u.settled_by, u.settled_at"""
# As many candidates as one looks through.
MOST = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as operations need it; it stands while its state is `offered`."""

    id: int
    line: int
    line_sku: str
    quantity: Decimal
    sku: str
    substitute_quantity: Decimal
    unit_price: Decimal
    state: str
    settled_by: str | None
    settled_at: datetime | None


async def insert(
    conn: Connection,
    order_id: int,
    line_id: int,
    quantity: Decimal,
    sku: str,
    substitute_quantity: Decimal,
    unit_price: Decimal,
    note: str | None,
    by: str,
    now: datetime,
) -> int:
    """Write a standing offer; answers its id. A line has at most one: the database sees to that too."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """insert into substitution (order_id, account, line_id, quantity, sku, substitute_quantity, unit_price, note,
               offered_by, offered_at)
           select id, account, $2, $3, $4, $5, $6, $7, $8, $9 from orders where id = $1 returning id""",
        order_id,
        line_id,
        quantity,
        sku,
        substitute_quantity,
        unit_price,
        note,
        by,
        now,
    )


async def get(conn: Connection, number: str, offer_id: str) -> Offer | None:
    """One offer of an order, by the id that the API tells."""
    if not offer_id.isascii() or not offer_id.isdigit() or len(offer_id) > 18:
        return None
    row = await conn.fetchrow(
        f"""select {LISTED} from substitution u join order_line l on l.id = u.line_id
            join orders o on o.id = u.order_id where o.number = $1 and u.id = $2""",
        number,
        int(offer_id),
    )
    return Offer(*row.values()) if row else None


async def standing(conn: Connection, line_id: int) -> int | None:
    """The id of the offer that stands for a line."""
    found: int | None = await conn.fetchval(
        "select id from substitution where line_id = $1 and state = 'offered'", line_id
    )
    return found


async def settle(
    conn: Connection,
    offer_id: int,
    state: str,
    note: str | None,
    by: str,
    now: datetime,
    new_line_id: int | None = None,
) -> None:
    """The offer has ended. Its order is locked, and it stood a moment ago."""
    await conn.execute(
        """update substitution set state = $2, settled_note = $3, settled_by = $4, settled_at = $5, new_line_id = $6
           where id = $1""",
        offer_id,
        state,
        note,
        by,
        now,
        new_line_id,
    )


PLACE = """
select o.number, o.arrival, o.requested_on, o.delivery_preference, a.priority, a.path, a.own_country_first,
    a.weekly_day, t.city, t.country
from orders o join account a on a.number = o.account
join ship_to t on t.account = o.account and t.code = o.ship_to
where o.id = $1
"""


async def place_in_queue(conn: Connection, portion: Portion, line: int, mode: str) -> Waiting:
    """A portion that is not written yet, where it would stand in the queue."""
    row = await conn.fetchrow(PLACE, portion.order_id)
    assert row is not None
    return Waiting(portion, line, mode, *row.values())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that could be offered. `free` is what the account may take at once, or None where nobody counts."""

    sku: str
    name: str
    unit: str
    category: str | None
    free: Decimal | None


# Without words: of the same category and with something free. With words: whatever they find.
CANDIDATES = """
select found.* from (
    select p.sku, p.name, p.unit, p.category,
        case when p.managed then
            coalesce((select sum(s.on_hand - s.quarantined - s.allocated - s.reserved) from stock_level s
                where s.sku = p.sku), 0)
            + coalesce((select sum(g.reserved) from allocation_agreement g
                where g.sku = p.sku and g.account = any($3::text[])), 0)
        end as free
    from product p
    where p.active and p.sku <> $1 and case when $2::text is null
        then p.category = (select category from product where sku = $1)
        else p.sku ilike $2 or p.name ilike $2 end
) found
where $2 is not null or found.free is null or found.free > 0
order by found.free desc nulls first, found.sku
limit $4
"""


async def candidates(conn: Connection, sku: str, words: str, path: Sequence[str]) -> list[Candidate]:
    """What could be sent instead, what most is free of first. `path` is the account's."""
    pattern = (
        "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" if words else None
    )
    rows = await conn.fetch(CANDIDATES, sku, pattern, list(path), MOST)
    return [Candidate(*row.values()) for row in rows]
