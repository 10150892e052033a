"""What random operations have found, told as short stories."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portal import clock
from portal.db import detail, stock
from portal.db.inbound import Announced
from portal.db.pool import open_pool
from portal.db.work import Pool, Work
from portal.domain.orders import Order, Portion
from portal.domain.refusals import Conflict
from portal.operations import agreeing, cataloguing, counting, keeping_up, picking, placing, receiving
from portal.operations.checking import broken_laws
from portal.operations.moving import Part
from portal.operations.placing import Wanted, WantedLine
from portal.operations.receiving import Announcement, Came
from tests.operations import supplier
from tests.operations.supplier import EVERYBODY, NOON, SUPPLIER
from tests.servers import Servers

TEN = Decimal(10)
SOON = date(2026, 11, 25)


@pytest.fixture(scope="module")
def shared(servers: Servers) -> Iterator[str]:
    """One database for all stories: each begins by emptying it."""
    url = asyncio.run(servers.create_database())
    yield url
    asyncio.run(servers.drop_database(url))


@pytest.fixture
async def pool(shared: str) -> AsyncIterator[Pool]:
    async with await open_pool(shared) as pool:
        yield pool


@pytest.fixture
async def work(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Work]:
    """A supplier with master data and nothing in stock, at noon on a Wednesday."""
    monkeypatch.setattr(clock, "_ahead", NOON - datetime.now(UTC))
    await supplier.begin_anew(pool)
    yield Work(pool, actor="test")
    assert await broken_laws(pool) == []


async def count(work: Work, location: str, sku: str, quantity: int) -> None:
    async with work:
        await counting.count(work, location, sku, Decimal(quantity), None)


async def on_hand(work: Work, location: str, sku: str) -> int:
    async with work:
        level = await stock.level(work.conn, location, sku)
    return int(level.on_hand) if level else 0


async def transfer(work: Work, *lines: Announced) -> None:
    """From MAIN to WEST."""
    async with work:
        await receiving.announce(work, Announcement("transfer", "TR-1", "WEST", lines, from_location="MAIN"))


async def arrives(work: Work, came: Came) -> None:
    async with work:
        await receiving.receive(work, "transfer", "TR-1", [came], None)


def line(quantity: int) -> Announced:
    return Announced(1, "BOLT", Decimal(quantity), SOON)


async def order(work: Work, account: str, sku: str, quantity: int, **wishes: object) -> str:
    wanted = Wanted(account, [WantedLine(1, sku, Decimal(quantity))], ship_to="LEEDS", **wishes)  # type: ignore[arg-type]
    async with work:
        number, _ = await placing.place(work, EVERYBODY, SUPPLIER, wanted)
    return number


async def read(work: Work, number: str) -> Order:
    async with work:
        found = await detail.detail(work.conn, EVERYBODY, number)
    assert found is not None
    return found


async def portions(work: Work, number: str) -> Sequence[Portion]:
    return (await read(work, number)).lines[0].portions


async def test_a_transfer_that_came_short_takes_nothing_more_when_it_is_told_again(work: Work) -> None:
    await count(work, "MAIN", "BOLT", 30)
    await transfer(work, line(10))
    await arrives(work, Came(1, received=Decimal(6), closed=True))

    for _ in range(2):
        await transfer(work, line(10))

    assert await on_hand(work, "MAIN", "BOLT") == 20
    assert await on_hand(work, "WEST", "BOLT") == 6


async def test_a_withdrawn_transfer_goes_back_and_leaves_again_when_it_is_announced_again(work: Work) -> None:
    await count(work, "MAIN", "BOLT", 30)
    await transfer(work, line(10))
    await transfer(work)
    assert await on_hand(work, "MAIN", "BOLT") == 30

    await transfer(work, line(10))

    assert await on_hand(work, "MAIN", "BOLT") == 20
    await arrives(work, Came(1, received=TEN))
    assert await on_hand(work, "WEST", "BOLT") == 10


async def test_a_withdrawn_line_that_is_announced_again_is_promised_again(work: Work) -> None:
    number = await order(work, "GROUP", "BOLT", 10)
    for lines in ([line(10)], [], [line(10)]):
        async with work:
            await receiving.announce(work, Announcement("purchase_order", "4711", "MAIN", lines))

    assert [portion.status for portion in await portions(work, number)] == ["awaiting_supplier"]


async def test_what_arrived_of_a_transfer_cannot_be_called_back(work: Work) -> None:
    await count(work, "MAIN", "BOLT", 30)
    await transfer(work, line(10))
    await arrives(work, Came(1, received=Decimal(8)))

    with pytest.raises(Conflict, match="8 of line 1 have arrived; transfer TR-1 cannot be of 3 now"):
        await transfer(work, line(3))

    assert await on_hand(work, "MAIN", "BOLT") == 20


async def test_an_account_that_moves_below_another_draws_on_its_agreement_at_once(work: Work) -> None:
    await count(work, "MAIN", "BOLT", 10)
    async with work:
        await agreeing.put(work, agreeing.Terms("A1", "RIVAL", "MAIN", "BOLT", TEN, NOON.date()))
    number = await order(work, "GROUP", "BOLT", 10)
    assert [portion.status for portion in await portions(work, number)] == ["reserved_elsewhere"]

    async with work:
        await cataloguing.put_account(work, supplier.account("GROUP", parent="RIVAL"))

    assert [portion.status for portion in await portions(work, number)] == ["allocated"]


async def test_another_weekly_day_moves_what_still_waits(work: Work) -> None:
    async with work:
        await receiving.announce(work, Announcement("purchase_order", "4711", "EAST", [line(10)]))
    number = await order(work, "RIVAL", "BOLT", 10)
    assert [portion.ships_on for portion in await portions(work, number)] == [date(2026, 11, 27)]

    async with work:
        await cataloguing.put_account(work, supplier.account("RIVAL", weekly_day="mon"))

    [moved] = await portions(work, number)
    assert moved.ships_on == date(2026, 11, 30)
    assert moved.first_ships_on == date(2026, 11, 27)


async def test_what_missed_its_weekly_day_leaves_on_the_next(
    work: Work, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(work, "EAST", "BOLT", 10)
    number = await order(work, "RIVAL", "BOLT", 10)
    assert [portion.ships_on for portion in await portions(work, number)] == [date(2026, 11, 20)]

    monkeypatch.setattr(clock, "_ahead", clock.ahead() + timedelta(days=3))
    await keeping_up.keep_up(pool)

    assert [portion.ships_on for portion in await portions(work, number)] == [date(2026, 11, 27)]


async def test_all_lines_of_a_complete_only_order_show_that_one_of_them_moved(work: Work) -> None:
    await count(work, "MAIN", "BOLT", 5)
    await count(work, "MAIN", "MADE", 5)
    wanted = Wanted(
        "GROUP", [WantedLine(1, "BOLT", Decimal(5)), WantedLine(2, "MADE", Decimal(5))], None, None, None, None,
        "complete_only",
    )  # fmt: skip
    async with work:
        number, _ = await placing.place(work, EVERYBODY, SUPPLIER, wanted)
    before = await read(work, number)

    async with work:
        await picking.short_pick(work, EVERYBODY, number, "MAIN", [Part(2, Decimal(5))], None)

    after = await read(work, number)
    assert after.lines[0].portions[0].ships_on != before.lines[0].portions[0].ships_on
    assert [line.version for line in after.lines] == [after.version, after.version]
