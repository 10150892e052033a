"""Orders as rows: writing new ones, locking them, and finding them within a viewer's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter

from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.money import Priced, Totals
from portal.domain.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Header:
    """An order's fixed facts, ready to be written."""

    account: str
    ship_to: str
    purchase_order_number: str | None
    placed_by: str | None
    placed_at: datetime
    requested_on: date | None
    delivery_preference: str
    currency: str
    discount: Decimal
    freight: Decimal
    goods: Decimal
    tax: Decimal
    total: Decimal
    origin: str | None
    external_id: str | None
    fingerprint: bytes | None
    person_id: int | None = None
    cost_centre: str | None = None
    instructions: str | None = None
    repeated_because: str | None = None


@dataclass(frozen=True, slots=True)
class NewLine:
    """An order line, ready to be written."""

    line: int
    sku: str
    name: str
    unit: str
    mode: str
    tax_category: str
    tax_rate: Decimal
    quantity: Decimal
    unit_price: Decimal
    price_source: str
    need_by: date | None = None
    # Whose discount and freight it shares: 0 for all that is ordered at first.
    pool: int = 0

    @property
    def priced(self) -> Priced:
        return Priced(self.quantity, self.unit_price, self.tax_category, self.tax_rate, self.pool)


@dataclass(frozen=True, slots=True)
class Locked:
    """An order whose row is locked: nobody else works on it until commit."""

    id: int
    number: str
    account: str
    currency: str
    state: str
    version: int
    delivery_preference: str
    discount: Decimal
    freight: Decimal
    total: Decimal
    ship_to: str
    # What is not shipped and not cancelled, gross of tax.
    open_value: Decimal
    placed_at: datetime
    freight_policy: str = "pro_rata"


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line as operations need it."""

    id: int
    line: int
    sku: str
    unit: str
    mode: str
    quantity: Decimal
    unit_price: Decimal
    tax_category: str
    tax_rate: Decimal
    pool: int = 0

    @property
    def priced(self) -> Priced:
        return Priced(self.quantity, self.unit_price, self.tax_category, self.tax_rate, self.pool)


# An order with its lines and its changing side, before its first version. What is paid before it leaves has no shipment
# whose own freight could be billed with it.
INSERT = """
with placed as (
    insert into orders (number, arrival, account, ship_to, purchase_order_number, placed_by, placed_at, requested_on,
        delivery_preference, currency, discount, freight, goods, tax, total, origin, external_id, fingerprint,
        person_id, cost_centre, instructions, repeated_because, freight_policy)
    values ('SO-' || $1::text || '-' || to_char(nextval('order_number'), 'FM999999000000'), nextval('arrival'),
        $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, (select case when a.invoice_terms = 'on_order' and a.freight_policy = 'actual' then 'pro_rata'
            else a.freight_policy end from account a where a.number = $2))
    returning id, number, arrival
), standing as (
    insert into order_status (order_id, account, version, state, lines, to_come, open_value, updated_at)
    select id, $2, 0, $22, cardinality($24::int[]), 0, $14, $23 from placed
), written as (
    insert into order_line (order_id, account, line, sku, name, unit, mode, tax_category, tax_rate, quantity,
        unit_price, price_source, need_by, pool)
    select placed.id, $2, l.* from placed, unnest($24::int[], $25::text[], $26::text[], $27::text[], $28::text[],
        $29::text[], $30::numeric[], $31::numeric[], $32::numeric[], $33::text[], $34::date[], $35::int[]) as l
    returning line, id
)
select placed.id, placed.number, placed.arrival, written.line, written.id as line_id,
    (select invoice_terms = 'on_order' from account where number = $2) as is_prepaid
from placed, written
"""
HEADER = attrgetter(
    "account", "ship_to", "purchase_order_number", "placed_by", "placed_at", "requested_on", "delivery_preference",
    "currency", "discount", "freight", "goods", "tax", "total", "origin", "external_id", "fingerprint",
    "person_id", "cost_centre", "instructions", "repeated_because",
)  # fmt: skip
LINE = attrgetter(
    "line",
    "sku",
    "name",
    "unit",
    "mode",
    "tax_category",
    "tax_rate",
    "quantity",
    "unit_price",
    "price_source",
    "need_by",
    "pool",
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was just written; `lines` are the ids of its lines by number, `arrival` its place in the queue. One
    that is prepaid is billed when it takes its place."""

    id: int
    number: str
    arrival: int
    lines: dict[int, int]
    is_prepaid: bool = False


async def insert(
    conn: Connection, header: Header, lines: Sequence[NewLine], state: str, now: datetime
) -> Placed:
    """Write an order, whole."""
    columns = [list(column) for column in zip(*map(LINE, lines), strict=True)]
    rows = await conn.fetch(INSERT, str(now.year), *HEADER(header), state, now, *columns)
    first = rows[0]
    return Placed(
        first["id"], first["number"], first["arrival"], {row["line"]: row["line_id"] for row in rows},
        first["is_prepaid"],
    )  # fmt: skip


async def lock(conn: Connection, viewer: Viewer, number: str) -> Locked:
    """Lock an order within the viewer's scope; a stranger's order is not found."""
    row = await conn.fetchrow(
        """select id, number, account, currency, delivery_preference, discount, freight, total, ship_to, placed_at,
               freight_policy
           from orders where number = $1 and ($2::text[] is null or account = any($2)) for no key update""",
        number,
        viewer.accounts,
    )
    if row is None:
        raise NotFound(f"There is no order {number!r}.")
    # Read after the lock was had: somebody may have worked on it while this waited.
    status = await conn.fetchrow(
        "select state, version, open_value from order_status where order_id = $1", row["id"]
    )
    assert status is not None
    return Locked(
        row["id"], row["number"], row["account"], row["currency"], status["state"], status["version"],
        row["delivery_preference"], row["discount"], row["freight"], row["total"], row["ship_to"],
        status["open_value"], row["placed_at"], row["freight_policy"],
    )  # fmt: skip


async def lines(conn: Connection, order_id: int) -> list[OrderedLine]:
    """In order of line number."""
    rows = await conn.fetch(
        """select id, line, sku, unit, mode, quantity, unit_price, tax_category, tax_rate, pool from order_line
           where order_id = $1 order by line""",
        order_id,
    )
    return [OrderedLine(*row.values()) for row in rows]


async def add_line(conn: Connection, order: Locked, line: NewLine) -> OrderedLine:
    """Write one more line of an order that is locked; its portions must follow before the commit. Where the order is
    placed already, the line is its own pool."""
    line_id: int = await conn.fetchval(
        """insert into order_line (order_id, account, line, sku, name, unit, mode, tax_category, tax_rate, quantity,
               unit_price, price_source, need_by, pool)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id""",
        order.id,
        order.account,
        *LINE(line),
    )
    return OrderedLine(
        line_id, line.line, line.sku, line.unit, line.mode, line.quantity, line.unit_price, line.tax_category,
        line.tax_rate, line.pool,
    )  # fmt: skip


async def set_totals(conn: Connection, order_id: int, totals: Totals) -> None:
    """What the order's lines come to; its discount and freight stay as they were agreed."""
    await conn.execute(
        "update orders set goods = $2, tax = $3, total = $4 where id = $1",
        order_id,
        totals.goods,
        totals.tax,
        totals.total,
    )


async def open_up(conn: Connection, order_id: int) -> int:
    """An order that waited takes its place now, at the end of the queue; answers that place."""
    await conn.execute(
        """update order_status set state = 'open', counted_open = coalesce(counted_open, 0),
               counted_shipped = coalesce(counted_shipped, 0) where order_id = $1""",
        order_id,
    )
    return await conn.fetchval(  # type: ignore[no-any-return]
        "update orders set arrival = nextval('arrival') where id = $1 returning arrival", order_id
    )


async def by_external_id(conn: Connection, origin: str, external_id: str) -> tuple[str, bytes | None] | None:
    """(number, fingerprint of what was sent) of the order that another system placed under this id."""
    row = await conn.fetchrow(
        "select number, fingerprint from orders where origin = $1 and external_id = $2", origin, external_id
    )
    return (row["number"], row["fingerprint"]) if row else None


async def account_of(conn: Connection, viewer: Viewer, number: str) -> str | None:
    """Whose order it is, within the viewer's scope: the account is locked before its order."""
    account: str | None = await conn.fetchval(
        "select account from orders where number = $1 and ($2::text[] is null or account = any($2))",
        number,
        viewer.accounts,
    )
    return account


async def number_of(conn: Connection, order_id: int) -> str:
    """The number that people know an order by."""
    return await conn.fetchval("select number from orders where id = $1", order_id)  # type: ignore[no-any-return]


async def find(conn: Connection, viewer: Viewer, number: str) -> tuple[int, int] | None:
    """(id, version) of an order within the viewer's scope, or None."""
    row = await conn.fetchrow(
        """select o.id, s.version from orders o join order_status s on s.order_id = o.id
           where o.number = $1 and ($2::text[] is null or o.account = any($2))""",
        number,
        viewer.accounts,
    )
    return (row["id"], row["version"]) if row else None
