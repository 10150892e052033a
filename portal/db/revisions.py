"""Orders that are changed after they were written: their state, their lines, what was added."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db.orders import NewLine
from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at besides lines, and what is told of an order when it is placed."""

    purchase_order_number: str | None
    ship_to: str
    cost_centre: str | None
    person_id: int | None


async def facts(conn: Connection, order_id: int) -> Facts:
    """Of an order that is locked."""
    row = await conn.fetchrow(
        "select purchase_order_number, ship_to, cost_centre, person_id from orders where id = $1", order_id
    )
    assert row is not None
    return Facts(*row.values())


async def set_state(conn: Connection, order_id: int, state: str) -> None:
    """Before an order is placed its state does not follow from its portions: whoever decides on it says so."""
    await conn.execute("update order_status set state = $2 where order_id = $1", order_id, state)


async def lines(conn: Connection, order_id: int) -> list[NewLine]:
    """An order's lines as they were written, those that are cancelled too."""
    rows = await conn.fetch(
        """select line, sku, name, unit, mode, tax_category, tax_rate, quantity, unit_price, price_source, need_by,
               pool
           from order_line where order_id = $1 order by line""",
        order_id,
    )
    return [NewLine(*row.values()) for row in rows]


async def change_line(
    conn: Connection, line_id: int, quantity: Decimal, unit_price: Decimal, source: str, need_by: date | None
) -> None:
    """Before an order is placed; its portions follow before the commit."""
    await conn.execute(
        """update order_line set quantity = $2, unit_price = $3, price_source = $4, need_by = coalesce($5, need_by)
           where id = $1""",
        line_id,
        quantity,
        unit_price,
        source,
        need_by,
    )


async def told(conn: Connection, order_id: int) -> dict[str, Any]:
    """What the event of placing tells of the buyer's own words."""
    return {"purchase_order_number": (await facts(conn, order_id)).purchase_order_number}
