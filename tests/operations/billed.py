"""What is billed of each order, read from its documents, and what must follow from that."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.db.work import Connection
from portal.domain import money
from portal.domain.money import Priced
from portal.domain.orders import Order
from portal.domain.portions import AWAY, OPEN

ZERO = Decimal(0)

LINES = """
select o.number, l.line, l.pool, coalesce(b.invoiced, 0) as invoiced, coalesce(b.waived, 0) as waived, b.basis
from orders o join order_line l on l.order_id = o.id left join line_billing b on b.line_id = l.id
"""
TOTALS = """
select o.number, o.freight_policy, s.invoiced_value, s.paid_value,
    coalesce(sum(case when i.kind = 'invoice' then i.total else -i.total end), 0) as total
from orders o join order_status s on s.order_id = o.id left join invoice i on i.order_id = o.id
group by o.id, o.number, s.order_id, s.invoiced_value, s.paid_value
"""


@dataclass(slots=True)
class Book:
    """An order's pools, invoiced and waived quantities by line number, and what its documents come to."""

    policy: str
    total: Decimal
    invoiced_value: Decimal
    paid_value: Decimal
    pools: dict[int, int]
    invoiced: dict[int, Decimal]
    waived: dict[int, Decimal]
    # The lines of which something was billed before it left.
    prepaid: set[int]


async def read(conn: Connection) -> Mapping[str, Book]:
    books = {
        row["number"]: Book(
            row["freight_policy"], row["total"], row["invoiced_value"], row["paid_value"], {}, {}, {}, set()
        )
        for row in await conn.fetch(TOTALS)
    }
    for row in await conn.fetch(LINES):
        book = books[row["number"]]
        book.pools[row["line"]] = row["pool"]
        book.invoiced[row["line"]] = row["invoiced"]
        book.waived[row["line"]] = row["waived"]
        if row["basis"] == "ordered":
            book.prepaid.add(row["line"])
    return books


def figures_follow(order: Order, book: Book) -> None:
    """The order's totals from its lines; what counts as open and shipped from its portions and documents."""
    priced = [
        Priced(line.quantity, line.unit_price, line.tax_category, line.tax_rate, book.pools[line.line])
        for line in order.lines
    ]
    totals = money.totals(priced, order.discount, order.freight, order.currency)
    assert (order.goods, order.tax, order.total) == (totals.goods, totals.tax, totals.total), order.number
    # What each shipment's own freight comes to, and which goods of a prepaid order were credited, is not read here.
    if book.policy == "actual" or any(book.waived[line] for line in book.prepaid):
        return
    terms = (order.discount, order.freight, order.currency, book.policy)
    both = [line.of(*AWAY, *OPEN) - book.waived[line.line] for line in order.lines]
    left = [
        min(line.of(*AWAY), most) if not book.waived[line.line] else line.of(*AWAY) - book.waived[line.line]
        for line, most in zip(order.lines, both, strict=True)
    ]
    invoiced = [book.invoiced[line.line] for line in order.lines]
    shipped, whole = money.worth(priced, left, *terms), money.worth(priced, both, *terms)
    billed = money.worth(priced, invoiced, *terms)
    assert (order.shipped_value, order.open_value) == (book.total + shipped - billed, whole - shipped), (
        order.number
    )
    assert order.open_value >= 0
