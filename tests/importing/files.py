"""Small files of wholesale rows for the tests, and what an import made of them."""

import csv
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from portal.db.work import Pool
from portal.importing import Report, import_orders
from portal.importing.reading import HEADER
from portal.settings import Settings

# One good row; `row` changes what a test is about.
GOOD = (
    "536365",
    "85123A",
    "WHITE HANGING HEART",
    "6",
    "2010-12-01 08:26:00",
    "2.55",
    "17850.0",
    "United Kingdom",
)
LATER = "2011-09-30 12:00:00"


def row(**changes: str) -> list[str]:
    """`row(Quantity="0")`: the good row with another quantity."""
    assert changes.keys() <= set(HEADER)
    return [changes.get(name, value) for name, value in zip(HEADER, GOOD, strict=True)]


def write(path: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    """A CSV file, packed when its name says so."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


async def take_over(
    pool: Pool, settings: Settings, folder: Path, *rows: Sequence[str], **options: Any
) -> Report:
    """Import a file of these rows."""
    file = write(folder / "orders.csv", rows)
    return await import_orders(pool, settings, file, **options)


def left_out(report: Report) -> dict[int, tuple[str, str]]:
    """(reason, explanation) by the line of the file."""
    assert report.left_out_file is not None
    with report.left_out_file.open(newline="") as file:
        return {int(row["Line"]): (row["Reason"], row["Explanation"]) for row in csv.DictReader(file)}


def names(folder: Path) -> set[str]:
    """What lies in a folder, but for a test home's secret."""
    return {path.name for path in folder.iterdir()} - {"secret.key"}


BOOK = {
    "orders": """
        select o.external_id, o.account, o.ship_to, o.placed_at, o.goods, o.tax, o.total, o.currency, s.state, s.lines,
            s.lines_complete, s.to_come, s.next_arrival, s.undated_lines, s.open_value, s.shipped_value, s.version
        from orders o join order_status s on s.order_id = o.id order by o.external_id""",
    "portions": """
        select o.external_id, l.line, l.sku, l.name, l.quantity, l.unit_price, l.tax_rate, p.quantity as portion,
            p.stage, p.status, p.location, p.ships_on, p.arrives_on, p.first_arrives_on, p.because::text,
            h.state, h.shipped_at, h.delivered_at
        from orders o join order_line l on l.order_id = o.id join portion p on p.line_id = l.id
        left join shipment h on h.id = p.shipment_id
        order by o.external_id, l.line, p.status, p.arrives_on, p.quantity""",
    "shipments": """
        select o.external_id, l.line, x.quantity from shipment_line x join order_line l on l.id = x.line_id
        join orders o on o.id = l.order_id order by 1, 2""",
    "stock": "select sku, location, on_hand, quarantined, allocated, reserved from stock_level order by 1, 2",
    "supply": """
        select n.kind, n.reference, n.location, n.supplier, n.confirmed, i.line, i.sku, i.quantity, i.received,
            i.rejected, i.expected_on, i.closed
        from inbound n join inbound_line i on i.inbound_id = n.id order by 1, 2, 6""",
    "contracts": "select number, account, location, sku, quantity, reserved from allocation_agreement order by 1",
    "products": "select sku, name, unit, list_price, category, lead_time_days from product order by 1",
    "accounts": """
        select a.number, a.name, a.tax_status, f.sequence from account a join account_feed f on f.account = a.number
        order by 1""",
    "events": """
        select o.external_id, e.type, e.version, e.data - 'shipment' as data
        from event e join orders o on o.id = e.order_id
        order by o.external_id, e.id""",
}


async def book(pool: Pool) -> dict[str, list[tuple[Any, ...]]]:
    """All that an import writes, without the numbers that the database gives."""
    return {name: [tuple(row.values()) for row in await pool.fetch(query)] for name, query in BOOK.items()}
