"""The excerpt that the demo brings along: real rows, taken over once, with real shortages."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from portal.db.pool import open_pool
from portal.db.work import Pool, Work
from portal.importing import Report, import_orders
from portal.operations import checking
from portal.settings import Settings
from tests.importing.files import book
from tests.servers import Servers


async def take_over(settings: Settings) -> Report:
    with as_file(files("portal.seed") / "data" / "wholesale-excerpt.csv.gz") as file:
        async with await open_pool(settings.database_url) as pool:
            return await import_orders(pool, settings, file, report=settings.home / "left-out.csv")


@pytest.fixture(scope="module")
def imported(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Report]]:
    """A database with the excerpt in it, for all tests here: none of them adds an order."""
    home: Path = tmp_path_factory.mktemp("import")
    url = asyncio.run(servers.create_database())
    settings = Settings.from_env(
        {"PORTAL_MODE": "test", "PORTAL_HOME": str(home), "PORTAL_DATABASE_URL": url}
    )
    yield settings, asyncio.run(take_over(settings))
    asyncio.run(servers.drop_database(url))


@pytest.fixture
async def excerpt(imported: tuple[Settings, Report]) -> AsyncIterator[Pool]:
    async with await open_pool(imported[0].database_url) as pool:
        yield pool


async def test_it_holds_real_shortages_and_orders_of_38_lines(
    excerpt: Pool, imported: tuple[Settings, Report]
) -> None:
    statuses = {row["status"] for row in await excerpt.fetch("select distinct status from portion")}
    assert statuses == {
        "delivered",
        "cancelled",
        "allocated",
        "awaiting_supplier",
        "reserved_elsewhere",
        "backordered",
    }
    assert await excerpt.fetchval("select count(*) from order_status where lines = 38") >= 3
    told = imported[1]
    assert (
        told.open_orders
        == await excerpt.fetchval("select count(*) from order_status where state = 'open'")
        > 20
    )
    assert len(told.left_out) >= 7, "it has dirt of nearly every kind"


async def test_every_row_is_counted_once_and_every_law_holds(
    excerpt: Pool, imported: tuple[Settings, Report]
) -> None:
    told = imported[1]
    assert told.rows == told.taken + told.cancelled + told.left_out.total()
    assert told.taken == await excerpt.fetchval("select count(*) from order_line")
    assert told.orders == await excerpt.fetchval("select count(*) from orders")
    assert await checking.broken_laws(excerpt) == []


async def test_the_second_run_changes_nothing(excerpt: Pool, imported: tuple[Settings, Report]) -> None:
    settings, first = imported
    made = await book(excerpt)
    second = await take_over(settings)
    assert (second.taken, second.cancelled, second.orders) == (0, 0, 0)
    assert second.known == first.taken + first.cancelled
    assert second.left_out == first.left_out
    assert await book(excerpt) == made


async def test_the_figures_are_those_that_closing_the_books_computes(excerpt: Pool) -> None:
    before = (await book(excerpt))["orders"]
    work = Work(excerpt)
    async with work:
        for found in await work.conn.fetch("select id from orders"):
            work.touch(found["id"])
    # The version is the last of the figures: it has risen.
    assert [order[:-1] for order in (await book(excerpt))["orders"]] == [order[:-1] for order in before]


async def test_what_orders_are_worth_is_what_moving_their_goods_would_say(excerpt: Pool) -> None:
    """The statement's arithmetic against the domain's: every order with a cancellation, and some without. What has left
    was billed elsewhere, and is owed there."""
    from portal.domain import money
    from portal.domain.money import Priced

    rows = await excerpt.fetch(
        """select l.order_id, l.quantity, l.unit_price, l.tax_category, l.tax_rate,
               coalesce(sum(p.quantity) filter (where p.stage <> 'cancelled'), 0) as rest
           from order_line l join portion p on p.line_id = l.id group by l.id order by l.order_id, l.line"""
    )
    lines: dict[int, list[tuple[Priced, object]]] = {}
    for row in rows:
        priced = Priced(row["quantity"], row["unit_price"], row["tax_category"], row["tax_rate"])
        lines.setdefault(row["order_id"], []).append((priced, row["rest"]))
    told = await excerpt.fetch("select order_id, state, open_value, shipped_value from order_status")
    for order_id, state, worth, shipped in told:
        priced, rest = zip(*lines[order_id], strict=True)
        assert shipped == 0
        if state == "closed":
            assert worth == 0
            continue
        assert worth == money.worth(priced, rest, money.ZERO, money.ZERO, "GBP"), order_id
