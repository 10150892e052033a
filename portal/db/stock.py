"""Stock levels, agreements and inbound lines of products. The product's row lock guards all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import asyncpg

from portal.db.work import Connection
from portal.domain.promising import Inbound
from portal.domain.quantities import ZERO


@dataclass(frozen=True, slots=True)
class Product:
    """What planning needs to know of a product."""

    sku: str
    managed: bool
    backorders: str
    lead_time_days: int | None


@dataclass(frozen=True, slots=True)
class Level:
    """What stands at one location. free = on hand - quarantined - allocated - reserved."""

    sku: str
    location: str
    on_hand: Decimal
    quarantined: Decimal
    allocated: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.quarantined - self.allocated - self.reserved


@dataclass(frozen=True, slots=True)
class Agreement:
    """An allocation agreement and what it holds now."""

    number: str
    account: str
    location: str
    sku: str
    quantity: Decimal
    drawn: Decimal
    reserved: Decimal
    valid_from: date
    valid_to: date | None

    def remaining(self, today: date) -> Decimal:
        """What it may still draw or ring-fence; nothing outside of its dates."""
        if today < self.valid_from or (self.valid_to is not None and today > self.valid_to):
            return ZERO
        return max(self.quantity - self.drawn, ZERO)


async def lock(conn: Connection, skus: Iterable[str]) -> dict[str, Product]:
    """Lock the products in order of SKU. Everything about their stock and their waiting portions stands still."""
    rows = await conn.fetch(
        """select sku, managed, backorders, lead_time_days from product where sku = any($1::text[])
           order by sku for no key update""",
        sorted(set(skus)),
    )
    return {row["sku"]: Product(*row.values()) for row in rows}


async def products(conn: Connection, skus: Iterable[str]) -> dict[str, Product]:
    """The same without a lock, for a look that changes nothing."""
    rows = await conn.fetch(
        "select sku, managed, backorders, lead_time_days from product where sku = any($1::text[])", list(skus)
    )
    return {row["sku"]: Product(*row.values()) for row in rows}


async def levels(conn: Connection, skus: Iterable[str]) -> dict[str, list[Level]]:
    """By SKU, in order of location."""
    rows = await conn.fetch(
        """select sku, location, on_hand, quarantined, allocated, reserved from stock_level
           where sku = any($1::text[]) order by sku, location""",
        list(skus),
    )
    return _by_sku(rows, Level)


AT_HAND = """
select has.agreements, has.inbound, has.waiting,
    s.sku, s.location, s.on_hand, s.quarantined, s.allocated, s.reserved
from (
    select exists (select from allocation_agreement where sku = any($1::text[])) as agreements,
        exists (select from inbound_line where sku = any($1) and not closed) as inbound,
        exists (select from portion where sku = any($1) and stage = 'waiting') as waiting
) has left join stock_level s on s.sku = any($1) order by s.sku, s.location
"""


@dataclass(frozen=True, slots=True)
class Has:
    """What else there may be of products, beside their stock: most have nothing of it, and nothing need be asked."""

    agreements: bool
    inbound: bool
    waiting: bool


async def at_hand(conn: Connection, skus: Iterable[str]) -> tuple[dict[str, list[Level]], Has]:
    """Levels by SKU, in order of location, and whether it is worth asking for the rest."""
    rows = await conn.fetch(AT_HAND, list(skus))
    found: dict[str, list[Level]] = defaultdict(list)
    for row in rows:
        sku, *figures = tuple(row.values())[3:]
        if sku is not None:
            found[sku].append(Level(sku, *figures))
    return found, Has(*tuple(rows[0].values())[:3])


async def level(conn: Connection, location: str, sku: str) -> Level | None:
    """One level, or None where the product never stood."""
    row = await conn.fetchrow(
        """select sku, location, on_hand, quarantined, allocated, reserved from stock_level
           where location = $1 and sku = $2""",
        location,
        sku,
    )
    return Level(*row.values()) if row else None


async def begin(conn: Connection, location: str, sku: str) -> None:
    """A level with nothing on it: it was looked for, and nothing was there."""
    await conn.execute(
        "insert into stock_level (sku, location) values ($1, $2) on conflict do nothing", sku, location
    )


async def agreements(conn: Connection, skus: Iterable[str]) -> dict[str, list[Agreement]]:
    """By SKU, in the order in which they fill: the elder first."""
    rows = await conn.fetch(
        """select number, account, location, sku, quantity, drawn, reserved, valid_from, valid_to
           from allocation_agreement where sku = any($1::text[]) order by sku, valid_from, number""",
        list(skus),
    )
    return _by_sku(rows, Agreement)


async def inbound(conn: Connection, skus: Iterable[str]) -> dict[str, list[Inbound]]:
    """What is still to come, by SKU."""
    rows = await conn.fetch(
        """select i.sku, i.id, n.kind, n.reference, i.line, n.supplier, n.confirmed, n.location,
               i.quantity - i.received - i.rejected - i.quarantined as outstanding, i.expected_on, l.id as for_line
           from inbound_line i
           join inbound n on n.id = i.inbound_id
           left join orders o on o.number = i.for_order
           left join order_line l on l.order_id = o.id and l.line = i.for_line and l.sku = i.sku
           where i.sku = any($1::text[]) and not i.closed
               and i.quantity > i.received + i.rejected + i.quarantined
           order by i.id""",
        list(skus),
    )
    found: dict[str, list[Inbound]] = defaultdict(list)
    for row in rows:
        sku, *rest = row.values()
        found[sku].append(Inbound(*rest))
    return found


CHANGE = """
update stock_level s set on_hand = s.on_hand + c.on_hand, quarantined = s.quarantined + c.quarantined,
    allocated = s.allocated + c.allocated, reserved = s.reserved + c.reserved
from unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[])
    as c(sku, location, on_hand, quarantined, allocated, reserved)
where s.sku = c.sku and s.location = c.location
returning s.sku, s.location
"""


async def change(conn: Connection, changes: Mapping[tuple[str, str], Mapping[str, Decimal]]) -> None:
    """Add to the figures of levels, (sku, location) by (sku, location); missing levels begin at nothing.

    The CHECKs of the table refuse what would be oversold.
    """
    wanted = {key: amounts for key, amounts in sorted(changes.items()) if any(amounts.values())}
    if not wanted:
        return
    there = {(row["sku"], row["location"]) for row in await _add(conn, wanted)}
    if missing := {key: amounts for key, amounts in wanted.items() if key not in there}:
        await conn.execute(
            """insert into stock_level (sku, location) select * from unnest($1::text[], $2::text[])
               on conflict do nothing""",
            *map(list, zip(*missing, strict=True)),
        )
        await _add(conn, missing)


async def _add(
    conn: Connection, wanted: Mapping[tuple[str, str], Mapping[str, Decimal]]
) -> list[asyncpg.Record]:
    figures = [
        [amounts.get(name, ZERO) for amounts in wanted.values()]
        for name in ("on_hand", "quarantined", "allocated", "reserved")
    ]
    return await conn.fetch(CHANGE, *map(list, zip(*wanted, strict=True)), *figures)


async def write_agreements(conn: Connection, rows: Sequence[tuple[str, Decimal, Decimal]]) -> None:
    """Set (number, reserved, and what more was drawn)."""
    if rows:
        await conn.execute(
            """update allocation_agreement a set reserved = n.reserved, drawn = a.drawn + n.drawn
               from unnest($1::text[], $2::numeric[], $3::numeric[]) as n(number, reserved, drawn)
               where a.number = n.number""",
            *map(list, zip(*rows, strict=True)),
        )


async def give_back_draws(conn: Connection, amounts: Mapping[str, Decimal]) -> None:
    """Quantities that were drawn on agreements go back to them; a new plan ring-fences them again."""
    if amounts:
        await conn.execute(
            """update allocation_agreement a set drawn = a.drawn - n.amount
               from unnest($1::text[], $2::numeric[]) as n(number, amount) where a.number = n.number""",
            list(amounts),
            list(amounts.values()),
        )


def _by_sku(rows: Iterable[asyncpg.Record], kind: type) -> dict[str, list]:  # type: ignore[type-arg]
    found: dict[str, list] = defaultdict(list)  # type: ignore[type-arg]
    for row in rows:
        found[row["sku"]].append(kind(*row.values()))
    return found
