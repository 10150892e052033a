"""A day by which a line is needed: Today and the order tell when it will probably be missed."""

from dataclasses import replace
from datetime import UTC, date, datetime

from portal.db import today
from portal.domain.today import Unlikely
from portal.operations.placing import Wanted
from tests.ordering.shop import Shop

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def needed(wanted: Wanted, *days: date | None) -> Wanted:
    lines = [replace(line, need_by=day) for line, day in zip(wanted.lines, days, strict=True)]
    return replace(wanted, lines=lines)


async def unlikely(shop: Shop) -> list[Unlikely]:
    async with shop.pool.acquire() as conn:
        found = await today.news(conn, ("NORTH",), LONG_AGO)  # type: ignore[arg-type]
    return list(found.unlikely)


async def test_today_tells_of_days_that_will_probably_be_missed(shop: Shop) -> None:
    await shop.stock("MAIN", "BOLT", 10)
    await shop.expect("4711", "MAIN", "BOLT", 100, date(2026, 12, 2))
    wanted = shop.wanted([("BOLT", 10), ("BOLT", 5), ("MADE", 1), ("CARE", 1)], purchase_order_number="PO-1")

    order = await shop.place(needed(wanted, date(2026, 11, 23), date(2026, 11, 30), None, date(2027, 1, 1)))

    [told] = await unlikely(shop)
    assert (told.order, told.purchase_order, told.lines) == (order.number, "PO-1", 1)
    assert (told.need_by, told.arrives_on) == (date(2026, 11, 30), date(2026, 12, 7))
    assert [line.line for line in order.lines if line.is_unlikely] == [2]
    assert [line.need_by for line in order.lines][:2] == [date(2026, 11, 23), date(2026, 11, 30)]


async def test_what_has_no_day_at_all_is_told_too_until_supply_comes(shop: Shop) -> None:
    order = await shop.place(needed(shop.wanted([("BOLT", 5)]), date(2026, 12, 24)))

    [told] = await unlikely(shop)
    assert told.arrives_on is None

    await shop.expect("4711", "MAIN", "BOLT", 100, date(2026, 12, 2))
    assert await unlikely(shop) == []
    assert not (await shop.read(order.number)).lines[0].is_unlikely


async def test_an_order_that_ships_complete_is_late_as_a_whole(shop: Shop) -> None:
    await shop.stock("MAIN", "BOLT", 10)
    await shop.expect("4711", "MAIN", "CABLE", 100, date(2026, 12, 2))
    wanted = shop.wanted([("BOLT", 5), ("CABLE", 1)], delivery_preference="complete_only")

    order = await shop.place(needed(wanted, date(2026, 11, 23), None))

    assert [told.lines for told in await unlikely(shop)] == [1]
    assert order.lines[0].is_unlikely


async def test_nobody_else_is_told(shop: Shop) -> None:
    wanted = shop.wanted([("BOLT", 5)], account="RIVAL", ship_to="LEEDS")

    await shop.place(needed(wanted, date(2026, 12, 24)))

    assert await unlikely(shop) == []


async def test_what_was_said_of_the_order_is_kept_with_it(shop: Shop) -> None:
    order = await shop.place(shop.wanted([("BOLT", 1)], cost_centre="K-100", instructions="Gate 4"))

    assert (order.cost_centre, order.instructions) == ("K-100", "Gate 4")
