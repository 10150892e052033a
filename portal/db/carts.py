"""Carts as rows: one open cart per person and account."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.db import shop
from portal.db.shop import Customer
from portal.db.work import Connection
from portal.domain import carts
from portal.domain.carts import TOO_FEW, Cart, Line, Offer, Product, obstacle, too_few

HEAD = """
select c.id, c.account, a.currency, c.person_id, c.version, c.changed_at, c.ship_to, c.purchase_order_number,
    c.cost_centre, c.delivery_preference, c.instructions, c.requested_on, a.name, a.path
from cart c join account a on a.number = c.account where c.id = $1
"""
LINES = """
select position, typed, sku, quantity, need_by, unit_price, price_source, problem
from cart_line where cart_id = $1 order by position
"""
# What is said of the order as a whole, beside its lines.
DETAILS = (
    "ship_to",
    "purchase_order_number",
    "cost_centre",
    "delivery_preference",
    "instructions",
    "requested_on",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is written."""

    position: int
    typed: str
    sku: str | None = None
    quantity: Decimal | None = None
    need_by: date | None = None
    unit_price: Decimal | None = None
    price_source: str | None = None
    problem: str | None = None


async def find(conn: Connection, account: str, person_id: int) -> int | None:
    """The id of somebody's cart for an account, if they ever began one."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        "select id from cart where account = $1 and person_id = $2", account, person_id
    )


async def read(conn: Connection, cart_id: int, day: date) -> Cart | None:
    """The cart with its lines, priced as of that day (the supplier's) beside the prices that were seen."""
    head = await conn.fetchrow(HEAD, cart_id)
    if head is None:
        return None
    rows = await rows_of(conn, cart_id)
    customer = Customer(head["account"], head["name"], head["currency"], head["path"])
    products = await shop.products(conn, customer, {row.sku for row in rows if row.sku}, day)
    return Cart(
        id=head["id"],
        account=head["account"],
        currency=head["currency"],
        person_id=head["person_id"],
        version=head["version"],
        changed_at=head["changed_at"],
        lines=_lines(rows, products),
        **{name: head[name] for name in DETAILS},
    )


def _lines(rows: Sequence[Row], products: dict[str, Product]) -> list[Line]:
    found = [_line(row, products.get(row.sku or "")) for row in rows]
    short = too_few(found)
    return [replace(line, problem=TOO_FEW) if line.position in short else line for line in found]


def _line(row: Row, product: Product | None) -> Line:
    seen = Offer(row.unit_price, row.price_source or "list") if row.unit_price is not None else None
    problem = obstacle(row.problem, row.quantity, product)
    return carts.Line(row.position, row.typed, row.sku, row.quantity, row.need_by, seen, problem, product)


async def rows_of(conn: Connection, cart_id: int) -> list[Row]:
    """As they are written, in order."""
    return [Row(*row.values()) for row in await conn.fetch(LINES, cart_id)]


async def open_for(conn: Connection, account: str, person_id: int, now: datetime) -> int:
    """Somebody's cart for an account, begun when there is none; locked until commit."""
    await conn.execute(
        "insert into cart (account, person_id, changed_at) values ($1, $2, $3) on conflict do nothing",
        account,
        person_id,
        now,
    )
    return await conn.fetchval(  # type: ignore[no-any-return]
        "select id from cart where account = $1 and person_id = $2 for no key update", account, person_id
    )


async def lock(conn: Connection, cart_id: int) -> tuple[str, int, int] | None:
    """(account, whose it is, version), held until commit."""
    row = await conn.fetchrow(
        "select account, person_id, version from cart where id = $1 for no key update", cart_id
    )
    return tuple(row.values()) if row else None


async def put(conn: Connection, cart_id: int, rows: Sequence[Row]) -> None:
    """Write lines, new or in the place of what stood at their positions."""
    await conn.executemany(
        """insert into cart_line (cart_id, position, typed, sku, quantity, need_by, unit_price, price_source, problem)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (cart_id, position) do update set typed = excluded.typed, sku = excluded.sku,
               quantity = excluded.quantity, need_by = excluded.need_by, unit_price = excluded.unit_price,
               price_source = excluded.price_source, problem = excluded.problem""",
        [
            (
                cart_id, row.position, row.typed, row.sku, row.quantity, row.need_by, row.unit_price,
                row.price_source, row.problem,
            )
            for row in rows
        ],
    )  # fmt: skip


async def remove(conn: Connection, cart_id: int, positions: Collection[int] | None = None) -> None:
    """Take lines out; all of them when none are named."""
    await conn.execute(
        "delete from cart_line where cart_id = $1 and ($2::int[] is null or position = any($2))",
        cart_id,
        list(positions) if positions is not None else None,
    )


async def changed(conn: Connection, cart_id: int, now: datetime) -> int:
    """Raise the version; answers the new one."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        "update cart set version = version + 1, changed_at = $2 where id = $1 returning version", cart_id, now
    )


async def describe(conn: Connection, cart_id: int, details: dict[str, Any]) -> None:
    """Keep what was said of the order as a whole: some of `DETAILS`."""
    names = [name for name in DETAILS if name in details]
    if names:
        settings = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 2))
        await conn.execute(
            f"update cart set {settings} where id = $1",
            cart_id,
            *(details[name] for name in names),
        )


async def details_of(conn: Connection, cart_id: int) -> dict[str, Any]:
    """What was said of the order as a whole."""
    row = await conn.fetchrow(f"select {', '.join(DETAILS)} from cart where id = $1", cart_id)
    return dict(row) if row else {}


async def ordered(conn: Connection, cart_id: int, positions: Collection[int], now: datetime) -> None:
    """These lines have become an order: they leave the cart, and what was said of that order goes with them."""
    blank = ", ".join(f"{name} = null" for name in DETAILS)
    await conn.execute(
        f"""with gone as (delete from cart_line where cart_id = $1 and position = any($2::int[]))
            update cart set {blank}, version = version + 1, changed_at = $3 where id = $1""",
        cart_id,
        list(positions),
        now,
    )
