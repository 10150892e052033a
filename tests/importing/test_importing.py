"""Orders of a file become orders of the portal, each row counted once, and every law holds."""

from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from portal.db.work import Pool
from portal.importing import BadFile, NotReady, import_orders, running
from portal.operations import checking
from portal.settings import Settings
from tests.importing.files import book, left_out, names, row, take_over, write

# Old enough to be history when something else is the last of the file.
PRESENT = row(InvoiceNo="580000", InvoiceDate="2011-09-30 10:00:00", CustomerID="99999.0", StockCode="99999")


async def test_an_old_order_is_history_and_a_late_one_is_open(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    second = row(StockCode="71053", Description="WHITE METAL LANTERN", Quantity="4", UnitPrice="3.39")
    told = await take_over(pool, settings, tmp_path, row(), second, PRESENT)
    assert (told.rows, told.taken, told.orders, told.open_orders) == (3, 3, 2, 1)

    made = await book(pool)
    old, late = made["orders"]
    # 6 × 2.55 and 4 × 3.39, with 20 % tax; placed at 08:26 in London, in winter.
    assert old[:3] == ("536365", "C17850", "GB")
    assert old[3].isoformat() == "2010-12-01T08:26:00+00:00"
    assert old[4:9] == (Decimal("28.860"), Decimal("5.770"), Decimal("34.630"), "GBP", "closed")
    assert late[8] == "open"
    delivered, lantern, waiting = made["portions"]
    assert (delivered[8], delivered[15]) == ("delivered", "delivered")
    # Handled on Thursday 2, two days on the road; a Saturday is no day to take goods in.
    assert (str(delivered[11]), str(delivered[12])) == ("2010-12-02", "2010-12-06")
    assert lantern[3] == "WHITE METAL LANTERN"
    assert waiting[9] != "waiting", "what is open has been planned"
    assert [event[1] for event in made["events"] if event[0] == "536365"] == [
        "order.placed",
        "shipment.shipped",
        "shipment.delivered",
        "order.closed",
    ]
    assert await checking.broken_laws(pool) == []


async def test_rows_of_an_order_need_not_stand_together(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    other = row(InvoiceNo="536366", CustomerID="13047.0")
    told = await take_over(pool, settings, tmp_path, row(), other, row(StockCode="71053", Quantity="2"))
    assert told.orders == 2
    lines = [line[:3] for line in (await book(pool))["portions"]]
    assert sorted(set(lines)) == [("536365", 1, "85123A"), ("536365", 2, "71053"), ("536366", 1, "85123A")]


async def test_goods_that_leave_the_country_are_free_of_its_tax(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    told = await take_over(
        pool, settings, tmp_path, row(Country="EIRE"), row(InvoiceNo="536366", Country="Channel Islands")
    )
    assert told.orders == 2
    assert [order[2] for order in (await book(pool))["orders"]] == ["IE", "CHANNEL-ISLANDS"]
    assert {order[5] for order in (await book(pool))["orders"]} == {Decimal("0.000")}
    assert [tuple(r) for r in await pool.fetch("select city, country from ship_to order by code")] == [
        ("Channel Islands", "ZZ"),
        ("Ireland", "IE"),
    ]


async def test_a_cancellation_takes_back_what_its_one_line_has(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    cancels = row(InvoiceNo="C536400", Quantity="-2", InvoiceDate="2010-12-03 09:00:00")
    told = await take_over(pool, settings, tmp_path, row(), cancels, PRESENT)
    assert (told.taken, told.cancelled, told.left_out.total()) == (2, 1, 0)
    made = await book(pool)
    cancelled, delivered = (p for p in made["portions"] if p[0] == "536365")
    assert (cancelled[8], cancelled[7]) == ("cancelled", 2)
    assert (delivered[8], delivered[7]) == ("delivered", 4)
    assert made["shipments"] == [("536365", 1, 4)]
    # It was billed where it comes from, and owes nothing here.
    assert made["orders"][0][15] == Decimal(0)
    told_of = next(event for event in made["events"] if event[1] == "line.cancelled")
    assert told_of[3] == {
        "lines": [{"line": 1, "sku": "85123A", "quantity": "2"}],
        "reason": "cancellation C536400",
    }
    assert await checking.broken_laws(pool) == []


async def test_an_order_that_was_cancelled_whole_never_shipped(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    cancels = row(InvoiceNo="C536400", Quantity="-6", InvoiceDate="2010-12-01 08:40:00")
    await take_over(pool, settings, tmp_path, row(), cancels, PRESENT)
    made = await book(pool)
    assert made["orders"][0][8] == "cancelled"
    assert made["shipments"] == []
    assert await checking.broken_laws(pool) == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row(InvoiceNo="C536400", Quantity="-2", CustomerID="13047.0")], "cancellation without its order"),
        ([row(InvoiceNo="C536400", Quantity="-2", UnitPrice="2.10")], "cancellation without its order"),
        ([row(InvoiceNo="C536400", Quantity="-7")], "cancellation without its order"),
        (
            [row(InvoiceNo="C536400", Quantity="-2", InvoiceDate="2010-11-30 09:00:00")],
            "cancellation without its order",
        ),
        (
            [row(InvoiceNo="536370"), row(InvoiceNo="C536400", Quantity="-2")],
            "cancellation that fits several orders",
        ),
        (
            [row(InvoiceNo="C536399", Quantity="-5"), row(InvoiceNo="C536400", Quantity="-2")],
            "cancellation of more than is left",
        ),
    ],
)
async def test_a_cancellation_that_would_be_a_guess_is_left_out(
    pool: Pool, settings: Settings, tmp_path: Path, rows: list[list[str]], reason: str
) -> None:
    told = await take_over(pool, settings, tmp_path, row(), *rows)
    assert left_out(told)[len(rows) + 2][0] == reason
    assert told.left_out.total() == 1
    assert await checking.broken_laws(pool) == []


async def test_every_row_that_is_left_out_is_listed_with_its_reason(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    told = await take_over(
        pool,
        settings,
        tmp_path,
        row(),
        row(StockCode="POST"),
        row(CustomerID=""),
        row(UnitPrice="0.0"),
        row(Description="=cmd()|damaged"),
        row(CustomerID="13047.0"),
        row(Quantity="-1"),
    )
    assert told.left_out_file == tmp_path / "orders-left-out.csv"
    assert left_out(told) == {
        3: ("the code is no product", "'POST' stands for postage, not for goods."),
        4: ("no customer", "It does not say whose order it is."),
        5: ("no price", "The price is 0."),
        6: ("no name of a product", "'=cmd()|damaged' is a remark or a service, not the name of a product."),
        7: ("another customer than the order's", "The order began as another customer's."),
        8: ("no quantity that can be ordered", "-1 is negative, and it is no cancellation."),
    }
    assert told.taken == 1
    assert told.rows == told.taken + told.cancelled + told.known + told.left_out.total()
    listed = told.left_out_file.read_text()
    assert ",'=cmd()|damaged," in listed, "no spreadsheet takes it for a formula"
    assert ",-1," in listed, "a negative number is a number"
    assert "        1  no customer" in told.text()
    assert str(told.left_out_file) in told.text()


async def test_an_order_that_came_with_other_lines_is_left_as_it_is(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    await take_over(pool, settings, tmp_path, row(), PRESENT)
    made = await book(pool)
    told = await take_over(pool, settings, tmp_path, row(Quantity="7"), PRESENT)
    assert left_out(told)[2][0] == "the order is here already, with other content"
    assert (told.known, told.left_out.total()) == (1, 1)
    assert await book(pool) == made


async def test_what_the_portal_knows_of_accounts_and_products_stays(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    await pool.execute(
        """insert into product (sku, name, unit, list_price, list_currency, tax_category)
           values ('85123A', 'Heart', 'C62', 9, 'GBP', 'zero')"""
    )
    await take_over(pool, settings, tmp_path, row())
    made = await book(pool)
    assert made["products"] == [("85123A", "Heart", "C62", 9, None, None)]
    assert made["orders"][0][5] == 0, "its tax category is zero"
    assert made["stock"] == [], "the stock of a product that another system keeps is left alone"


@pytest.mark.parametrize("break_it", ["cut", "header"])
async def test_a_bad_file_changes_nothing(
    pool: Pool, settings: Settings, tmp_path: Path, break_it: str
) -> None:
    file = write(tmp_path / "orders.csv.gz", [row(InvoiceNo=str(536000 + n)) for n in range(3000)])
    if break_it == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    else:
        write(file, [], header=["a", "b"])
    with pytest.raises(BadFile):
        await import_orders(pool, settings, file)
    assert all(not rows for rows in (await book(pool)).values())
    assert names(tmp_path) == {"orders.csv.gz"}


async def test_a_bad_file_of_deliveries_changes_nothing(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    supply = tmp_path / "deliveries.csv"
    supply.write_text("purchase_order,vendor\n1,2\n")
    with pytest.raises(BadFile, match="does not begin with the header purchase_order,vendor,ordered_on"):
        await take_over(pool, settings, tmp_path, row(), supply=supply)
    assert all(not rows for rows in (await book(pool)).values())


async def test_two_imports_do_not_run_at_once(
    pool: Pool, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(running.SESSION, "lock_timeout", "100")
    async with pool.acquire() as other:
        await other.execute("select pg_advisory_lock(hashtext('portal import'))")
        with pytest.raises(NotReady, match="Another import is at work"):
            await take_over(pool, settings, tmp_path, row())


async def test_a_database_that_is_not_up_to_date_is_refused(
    database: str, pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    conn = await asyncpg.connect(database)
    await conn.execute("update alembic_version set version_num = '0000'")
    await conn.close()
    with pytest.raises(NotReady, match="python -m portal migrate"):
        await take_over(pool, settings, tmp_path, row())
