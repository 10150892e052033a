"""Orders as a list: searched by any number, filtered, paged by key so that the last page is as fast as the first."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import asyncpg
from sqlalchemy import CompoundSelect, Select, func, select, union
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from portal.db.tables.accounts import account
from portal.db.tables.orders import order_line, order_status, orders
from portal.db.tables.shipments import package, shipment
from portal.db.work import Connection
from portal.domain.access import Viewer

_dialect = dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list."""

    id: int
    number: str
    account: str
    account_name: str
    purchase_order_number: str | None
    state: str
    version: int
    placed_at: datetime
    requested_on: date | None
    currency: str
    goods: Decimal
    discount: Decimal
    freight: Decimal
    tax: Decimal
    total: Decimal
    lines: int
    lines_complete: int
    to_come: Decimal
    next_arrival: date | None
    undated_lines: int
    ship_to: str
    updated_at: datetime


COLUMNS = (
    orders.c.id,
    orders.c.number,
    orders.c.account,
    account.c.name.label("account_name"),
    orders.c.purchase_order_number,
    order_status.c.state,
    order_status.c.version,
    orders.c.placed_at,
    orders.c.requested_on,
    orders.c.currency,
    orders.c.goods,
    orders.c.discount,
    orders.c.freight,
    orders.c.tax,
    orders.c.total,
    order_status.c.lines,
    order_status.c.lines_complete,
    order_status.c.to_come,
    order_status.c.next_arrival,
    order_status.c.undated_lines,
    orders.c.ship_to,
    order_status.c.updated_at,
)


async def search(
    conn: Connection,
    viewer: Viewer,
    *,
    q: str | None = None,
    state: str | None = None,
    account_number: str | None = None,
    attention: bool = False,
    updated_after: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[OrderRow], int | None]:
    """Newest first. Answers the rows and the key of the next page, or None at the end.

    `q` is any number: order, purchase order, SKU, shipment, tracking, or the beginning of one. `attention`: only
    those with something that has no date yet.
    """
    query = select(*COLUMNS).join(order_status, order_status.c.order_id == orders.c.id)
    query = query.join(account, account.c.number == orders.c.account)
    if viewer.accounts is not None:
        query = query.where(order_status.c.account == func.any(list(viewer.accounts)))
    if account_number is not None:
        query = query.where(order_status.c.account == account_number)
    if state is not None:
        query = query.where(order_status.c.state == state)
    if attention:
        query = query.where(order_status.c.undated_lines > 0, order_status.c.state.in_(("open", "held")))
    if updated_after is not None:
        query = query.where(order_status.c.updated_at > updated_after)
    if q:
        query = query.where(orders.c.id.in_(_matches(q, viewer)))
    if before is not None:
        query = query.where(order_status.c.order_id < before)
    rows = await fetch(conn, query.order_by(order_status.c.order_id.desc()).limit(limit + 1))
    found = [OrderRow(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


def _matches(q: str, viewer: Viewer) -> CompoundSelect[tuple[int]]:
    """Ids of the orders that carry such a number; each branch has an index on the upper case of its number."""
    wanted = q.strip().upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    branches = [
        select(orders.c.id).where(func.upper(orders.c.number).like(wanted)),
        select(orders.c.id).where(func.upper(orders.c.purchase_order_number).like(wanted)),
        select(order_line.c.order_id).where(func.upper(order_line.c.sku).like(wanted)),
        select(shipment.c.order_id).where(func.upper(shipment.c.number).like(wanted)),
        select(shipment.c.order_id)
        .join(package, package.c.shipment_id == shipment.c.id)
        .where(func.upper(package.c.tracking_number).like(wanted)),
    ]
    if viewer.accounts is not None:
        owners = (orders, orders, order_line, shipment, shipment)
        mine = func.any(list(viewer.accounts))
        branches = [
            branch.where(owner.c.account == mine) for branch, owner in zip(branches, owners, strict=True)
        ]
    return union(*branches)


async def fetch(conn: Connection, query: Select[tuple[object, ...]]) -> list[asyncpg.Record]:
    """Run a composed statement on the one driver."""
    compiled = query.compile(dialect=_dialect, compile_kwargs={"render_postcompile": True})
    names = compiled.positiontup or []
    return await conn.fetch(str(compiled), *(compiled.params[name] for name in names))
