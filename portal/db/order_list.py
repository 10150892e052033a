"""Orders as a list: searched by any number, filtered, paged by key so that the last page is as fast as the first."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    func,
    select,
    text,
    union,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from portal.db import problems
from portal.db.tables.accounts import account
from portal.db.tables.invoices import invoice
from portal.db.tables.orders import order_line, order_status, orders
from portal.db.tables.shipments import package, shipment
from portal.db.work import Connection
from portal.domain.access import Viewer

MINE = func.any(bindparam("scope", type_=ARRAY(Text)))
# Behind everything that begins alike, as indexes of patterns compare: byte by byte.
LAST = "\U0010ffff"
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


class Shape(NamedTuple):
    """Which conditions a list has. A shape is composed and compiled once; values only fill it."""

    scoped: bool
    account: bool
    state: bool
    attention: bool
    problem: str | None
    updated_after: bool
    q: bool
    before: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of `db.problems`, on that day; promises that moved after `lately` moved lately."""

    kind: str
    today: date
    lately: datetime


async def search(
    conn: Connection,
    viewer: Viewer,
    *,
    q: str | None = None,
    state: str | None = None,
    account_number: str | None = None,
    attention: bool = False,
    problem: Problem | None = None,
    updated_after: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[OrderRow], int | None]:
    """Newest first. Answers the rows and the key of the next page, or None at the end.

    `q` is any number: order, purchase order, SKU, shipment, tracking, invoice, or the beginning of one. `attention`:
    only those with something that has no date yet. `problem`: only those in which that is wrong (`db.problems`).
    """
    values: dict[str, object] = {
        "scope": viewer.accounts,
        "account": account_number,
        "state": state,
        "today": problem.today if problem else None,
        "lately": problem.lately if problem else None,
        "updated_after": updated_after,
        "beginning": (beginning := _beginning(q)),
        "behind": beginning and beginning + LAST,
        "before": before,
        "most": limit + 1,
    }
    given = ("scope", "account", "state", "updated_after", "beginning", "before")
    has = {name: values[name] is not None for name in given}
    sql, names = _compiled(
        Shape(
            has["scope"], has["account"], has["state"], attention, problem.kind if problem else None,
            has["updated_after"], has["beginning"], has["before"],
        )
    )  # fmt: skip
    rows = await conn.fetch(sql, *(values[name] for name in names))
    found = [OrderRow(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


def _beginning(q: str | None) -> str | None:
    return "".join(letter for letter in q or "" if letter.isprintable()).strip().upper() or None


@lru_cache
def _compiled(shape: Shape) -> tuple[str, tuple[str, ...]]:
    """(the statement, the names of its values in their order)."""
    compiled = _statement(shape).compile(dialect=_dialect)
    return str(compiled), tuple(compiled.positiontup or ())


def _statement(shape: Shape) -> Select[tuple[object, ...]]:
    query = select(*COLUMNS).join(order_status, order_status.c.order_id == orders.c.id)
    query = query.join(account, account.c.number == orders.c.account)
    if shape.scoped:
        query = query.where(order_status.c.account == MINE)
    if shape.account:
        query = query.where(order_status.c.account == bindparam("account"))
    if shape.state:
        query = query.where(order_status.c.state == bindparam("state"))
    if shape.attention:
        query = query.where(text("order_status.undated_lines > 0 and order_status.state in ('open', 'held')"))
    if shape.problem:
        which = problems.has if shape.scoped or shape.account else problems.is_among
        days = ("cast(:today as date)", "cast(:lately as timestamptz)")
        query = query.where(text(which(shape.problem, "orders.id", *days)))
    if shape.updated_after:
        query = query.where(order_status.c.updated_at > bindparam("updated_after"))
    if shape.q:
        query = query.where(orders.c.id.in_(_matches(scoped=shape.scoped)))
    if shape.before:
        query = query.where(order_status.c.order_id < bindparam("before"))
    return query.order_by(order_status.c.order_id.desc()).limit(bindparam("most", type_=Integer))


def _matches(*, scoped: bool) -> CompoundSelect[tuple[int]] | Select[tuple[int]]:
    """Ids of the orders that carry such a number; each branch has an index on the upper case of its number.

    Those indexes are not to be had where policies hold: `upper` might tell of rows that are nobody's business. So a
    buyer's are found by a function (migration 0014) that asks the same, of their accounts only.
    """
    if scoped:
        given = bindparam("beginning", type_=Text), bindparam("behind", type_=Text)
        return select(func.portal_orders_with(*given, bindparam("scope", type_=ARRAY(Text))))
    branches = [
        select(orders.c.id).where(_begins(orders.c.number)),
        select(orders.c.id).where(_begins(orders.c.purchase_order_number)),
        select(order_line.c.order_id).where(_begins(order_line.c.sku)),
        select(shipment.c.order_id).where(_begins(shipment.c.number)),
        select(shipment.c.order_id)
        .join(package, package.c.shipment_id == shipment.c.id)
        .where(_begins(package.c.tracking_number)),
        select(invoice.c.order_id).where(_begins(invoice.c.number)),
    ]
    return union(*branches)


def _begins(number: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether it begins with what was typed, as a range: a plan that is made once for all values finds the index of a
    range, where it would read the whole table for a pattern that it does not know yet."""
    upper = func.upper(number)
    beginning, behind = bindparam("beginning", type_=Text), bindparam("behind", type_=Text)
    return and_(upper.op("~>=~", is_comparison=True)(beginning), upper.op("~<~", is_comparison=True)(behind))
