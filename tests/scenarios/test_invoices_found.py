"""Lists of invoices find their way by the indexes, whatever is asked for, with a plan that is made once."""

import re
from datetime import UTC, date, datetime

import pytest

from portal.db import invoice_list
from portal.db.invoice_list import Asked
from portal.db.work import Pool
from portal.domain.access import Viewer

NOW = datetime(2026, 11, 18, tzinfo=UTC)
BUYER = Viewer("t", "Buyer", ("A", "B"), frozenset())
STAFF = Viewer("t", "Staff", None, frozenset())


async def plan(pool: Pool, viewer: Viewer, asked: Asked, statement: str) -> str:
    """Of the statement as it would be run, by indexes as far as there are any."""
    which = invoice_list._conditions(viewer, asked, NOW)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("set local enable_seqscan = off")
        rows = await conn.fetch("explain " + which.fill(statement), *which.values)
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("viewer", [BUYER, STAFF], ids=["buyer", "staff"])
async def test_any_number_is_found_as_the_range_of_an_index(pool: Pool, viewer: Viewer) -> None:
    found = await plan(pool, viewer, Asked(q="4500"), invoice_list.LISTED)
    ranges = re.findall(r"Index Scan (?:using|on) (\w+).*\n\s+Index Cond: \(\(upper\(", found)
    assert sorted(ranges) == [
        "invoice_number_idx",
        "order_line_sku_idx",
        "orders_number_idx",
        "orders_purchase_order_number_idx",
        "shipment_number_idx",
    ], found


@pytest.mark.parametrize(
    "asked",
    [Asked(state="overdue"), Asked(unpaid=True), Asked(surplus=True)],
    ids=["overdue", "unpaid", "surplus"],
)
async def test_what_is_open_is_read_from_its_own_index(pool: Pool, asked: Asked) -> None:
    for statement in (invoice_list.LISTED, invoice_list.TOTALS):
        found = await plan(pool, STAFF, asked, statement)
        assert re.search(r"(?:using|on) invoice_status_(due|surplus)_idx", found), found


async def test_every_filter_can_be_combined_with_every_other(pool: Pool) -> None:
    """On nothing at all: that the statements are whole."""
    asked = Asked(
        account="A", below=True, order="SO-1", state="overdue", kind="invoice", q="4500", disputed=True,
        issued_from=date(2026, 1, 1), issued_to=date(2026, 12, 31), due_to=date(2026, 12, 31), unpaid=True,
        surplus=True,
    )  # fmt: skip
    async with pool.acquire() as conn:
        for viewer in (BUYER, STAFF):
            found = await invoice_list.search(conn, viewer, asked, NOW, before=7, limit=3)  # type: ignore[arg-type]
            assert found == ([], None)
            assert await invoice_list.totals(conn, viewer, asked, NOW) == []  # type: ignore[arg-type]
            assert await invoice_list.of_order(conn, viewer, "SO-1", NOW) == []  # type: ignore[arg-type]
