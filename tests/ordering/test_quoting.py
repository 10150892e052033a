"""A quote is the plan that placing would make, with what it costs; and it writes nothing."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.db.pool import open_pool
from portal.domain.orders import Order, Portion
from portal.domain.quotes import Quote
from portal.domain.refusals import Unacceptable
from portal.operations import quoting
from tests.operations.supplier import NOON, begin_anew
from tests.ordering.shop import Shop

TODAY = NOON.date()
FULL = [("BOLT", 100), ("CABLE", 4), ("MADE", 3), ("CARE", 1)]


def told(portion: Portion) -> tuple[object, ...]:
    """Of a portion what the buyer is shown."""
    return (
        portion.quantity, portion.status, portion.location, portion.ships_on, portion.arrives_on,
        tuple(str(sorted(fact.items())) for fact in portion.because),
    )  # fmt: skip


def promised(portions: Mapping[int, list[Portion]]) -> dict[int, list[tuple[object, ...]]]:
    return {line: sorted(map(told, mine), key=str) for line, mine in portions.items()}


def as_placed(order: Order) -> dict[int, list[tuple[object, ...]]]:
    return promised({line.line: list(line.portions) for line in order.lines})


def as_quoted(quote: Quote) -> dict[int, list[tuple[object, ...]]]:
    return promised({line: list(mine) for line, mine in quote.chosen.portions.items()})


async def scarce(shop: Shop) -> None:
    """Some on two shelves, some reserved for a rival, some on its way."""
    await shop.stock("MAIN", "BOLT", 40)
    await shop.stock("WEST", "BOLT", 30)
    await shop.agree("AG-1", "RIVAL", "MAIN", "BOLT", 10)
    await shop.stock("MAIN", "CABLE", 4)
    await shop.expect("4711", "MAIN", "BOLT", 20, date(2026, 11, 25))


@pytest.mark.parametrize("preference", ["as_available", "complete_only", "weekly"])
async def test_a_quote_promises_what_placing_then_gives(shop: Shop, preference: str) -> None:
    await scarce(shop)
    await shop.place(shop.wanted([("BOLT", 15)], account="RIVAL", ship_to="LEEDS"))
    wanted = shop.wanted(FULL, delivery_preference=preference)

    quote = await shop.quote(wanted)
    order = await shop.place(replace(wanted, freight=quote.chosen.freight))

    if preference == "complete_only":
        # An order keeps the dates of its parts, and beside them the one day of the whole.
        assert {p.arrives_on for mine in quote.chosen.portions.values() for p in mine} == {
            order.complete_arrives_on
        }
    else:
        assert as_quoted(quote) == as_placed(order)
    assert (quote.chosen.totals.total, quote.chosen.totals.freight) == (order.total, order.freight)


async def _one(shop: Shop, data: st.DataObject) -> None:
    await begin_anew(shop.pool)
    await shop.open()
    some = st.integers(0, 60)
    for where in ("MAIN", "WEST"):
        for sku in ("BOLT", "CABLE"):
            await shop.stock(where, sku, data.draw(some))
    if reserved := data.draw(some):
        await shop.agree("AG-1", data.draw(st.sampled_from(["NORTH", "RIVAL"])), "MAIN", "BOLT", reserved)
    for number in range(data.draw(st.integers(0, 3))):
        sku = data.draw(st.sampled_from(["BOLT", "CABLE"]))
        day = TODAY + timedelta(days=data.draw(st.integers(-2, 20)))
        await shop.expect(
            f"47{number}", data.draw(st.sampled_from(["MAIN", "WEST"])), sku, 1 + data.draw(some), day
        )
    lines = st.lists(
        st.tuples(st.sampled_from(["BOLT", "CABLE", "MADE", "CARE"]), st.integers(1, 50)),
        min_size=1,
        max_size=5,
    )
    for who in data.draw(st.lists(st.sampled_from(["NORTH", "RIVAL"]), max_size=2)):
        await shop.place(shop.wanted(data.draw(lines), account=who, ship_to="LEEDS"))
    preference = data.draw(st.sampled_from(["as_available", "weekly"]))
    wanted = shop.wanted(data.draw(lines), delivery_preference=preference)

    quote = await shop.quote(wanted)

    assert as_quoted(quote) == as_placed(await shop.place(wanted))


def test_whatever_the_shop_holds_a_quote_is_what_placing_gives(database: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        async def run() -> None:
            async with await open_pool(database, size=2) as pool:
                await _one(Shop(pool), data)

        asyncio.run(run())

    check()


async def test_a_quote_writes_nothing(shop: Shop) -> None:
    await scarce(shop)
    async with shop.pool.acquire() as conn:
        tables = [
            row[0] for row in await conn.fetch("select tablename from pg_tables where schemaname = 'public'")
        ]
        counted = " union all ".join(
            f"select '{name}', count(*), coalesce(sum(hashtext(t::text)), 0) from \"{name}\" t"
            for name in tables
        )
        before = await conn.fetch(counted)
        await shop.quote(shop.wanted(FULL))
        assert await conn.fetch(counted) == before


async def test_every_way_says_when_it_is_complete_and_what_its_shipments_cost(shop: Shop) -> None:
    await scarce(shop)

    quote = await shop.quote(shop.wanted([("BOLT", 70), ("CABLE", 4)]))

    soon, whole, weekly = (quote.ways[name] for name in ("as_available", "complete_only", "weekly"))
    assert [(s.location, s.mode, s.ships_on) for s in soon.shipments] == [
        ("MAIN", "freight", date(2026, 11, 19)),
        ("MAIN", "parcel", date(2026, 11, 19)),
        ("WEST", "parcel", date(2026, 11, 19)),
        ("MAIN", "parcel", date(2026, 11, 27)),
    ]
    assert [s.freight for s in soon.shipments] == [
        Decimal("52.20"),
        Decimal("8.90"),
        Decimal("8.90"),
        Decimal("7.30"),
    ]
    assert soon.freight == Decimal("77.30")
    assert soon.complete_on == date(2026, 11, 30)
    # One parcel from each place, on one day.
    assert [(s.location, s.mode, s.ships_on) for s in whole.shipments] == [
        ("MAIN", "freight", date(2026, 11, 27)),
        ("MAIN", "parcel", date(2026, 11, 27)),
        ("WEST", "parcel", date(2026, 11, 27)),
    ]
    assert whole.freight < soon.freight
    assert whole.first_on == whole.complete_on
    assert {s.ships_on for s in weekly.shipments} == {date(2026, 11, 20), date(2026, 11, 27)}


async def test_goods_of_enough_value_travel_free(shop: Shop) -> None:
    await shop.stock("MAIN", "BOLT", 500)

    assert (await shop.quote(shop.wanted([("BOLT", 74)]))).chosen.freight > 0
    assert (await shop.quote(shop.wanted([("BOLT", 75)]))).chosen.freight == 0


async def test_a_part_without_a_date_is_costed_as_one_more_shipment(shop: Shop) -> None:
    await shop.stock("MAIN", "BOLT", 10)

    quote = await shop.quote(shop.wanted([("BOLT", 30)]))

    ready, later = quote.chosen.shipments
    assert (later.location, later.ships_on, later.costed_at) == (None, None, "MAIN")
    assert later.freight == Decimal("6.50") + Decimal("0.40") * 4
    assert ready.freight == Decimal("6.50") + Decimal("0.40") * 2
    assert quote.chosen.complete_on is None
    assert quote.chosen.undated == [1]


async def test_what_placing_refuses_a_quote_refuses_in_the_same_words(shop: Shop) -> None:
    await shop.stock("MAIN", "RARE", 3)
    wanted = shop.wanted([("RARE", 5), ("BOLT", 1)])

    with pytest.raises(Unacceptable) as quoted:
        await shop.quote(wanted)
    with pytest.raises(Unacceptable) as placed:
        await shop.place(wanted)

    assert (quoted.value.detail, quoted.value.problems) == (placed.value.detail, placed.value.problems)


async def test_a_line_that_comes_after_its_day_or_on_no_day_is_unlikely(shop: Shop) -> None:
    await shop.stock("MAIN", "BOLT", 10)
    await shop.stock("MAIN", "CABLE", 10)
    wanted = shop.wanted([("BOLT", 10), ("CABLE", 1), ("BOLT", 5)])
    needed = [date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 24)]
    lines = [replace(line, need_by=day) for line, day in zip(wanted.lines, needed, strict=True)]

    quote = await shop.quote(replace(wanted, lines=lines))

    # Parcels take two days, freight four over the weekend; of the last five nobody can say anything.
    assert [line.line for line in quote.unlikely] == [3]
    sooner = [replace(line, need_by=date(2026, 11, 20)) for line in lines]
    assert [line.line for line in (await shop.quote(replace(wanted, lines=sooner))).unlikely] == [1, 2, 3]


async def held(shop: Shop, lines: list[tuple[str, int]], **changes: object) -> int:
    """An order that waits to be placed."""
    async with shop.pool.acquire() as conn:
        await conn.execute("update account set credit_hold = true where number = 'NORTH'")
    order = await shop.place(shop.wanted(lines, **changes))
    assert order.state == "held"
    return order.id


async def test_an_order_that_waits_is_told_what_it_would_get_and_until_when(shop: Shop) -> None:
    await shop.stock("MAIN", "BOLT", 10)
    await shop.expect("4711", "MAIN", "CABLE", 20, date(2026, 12, 9))
    order = await held(shop, [("BOLT", 10), ("CABLE", 2)])

    found = await quoting.outlook(shop.pool, order)

    assert found is not None
    assert found.way.arrives_on(1) == date(2026, 11, 23)
    # What waits for December waits no longer for it.
    assert [slip.line for slip in found.cost.slips] == [1]
    assert found.cost.at_hand == 1
    assert found.cost.keeps_until is not None


async def test_waiting_costs_a_week_once_the_weekly_delivery_has_left(shop: Shop) -> None:
    await shop.stock("MAIN", "BOLT", 10)
    order = await held(shop, [("BOLT", 10)], delivery_preference="weekly")

    found = await quoting.outlook(shop.pool, order)

    # Wednesday: one day to pick, and the delivery leaves on Friday. Thursday is the last day to approve it.
    assert found is not None
    assert found.cost.last_day == date(2026, 11, 19)
    assert found.cost.keeps_until == datetime(2026, 11, 20, tzinfo=UTC)
    [slip] = found.cost.slips
    assert (slip.old_ships_on, slip.new_ships_on) == (date(2026, 11, 20), date(2026, 11, 27))


async def test_waiting_for_a_distant_delivery_costs_nothing_yet(shop: Shop) -> None:
    await shop.expect("4711", "MAIN", "BOLT", 20, date(2027, 1, 13))
    order = await held(shop, [("BOLT", 10)])

    found = await quoting.outlook(shop.pool, order)

    assert found is not None
    assert found.cost.slips == ()
    assert found.cost.keeps_until is None


async def test_what_comes_tomorrow_is_not_said_to_be_lost_by_deciding_tomorrow(shop: Shop) -> None:
    await shop.expect("4711", "MAIN", "BOLT", 20, date(2026, 11, 18))
    order = await held(shop, [("BOLT", 10)])

    found = await quoting.outlook(shop.pool, order)

    assert found is not None
    assert found.cost.slips == ()


async def test_an_order_that_is_placed_has_no_outlook(shop: Shop) -> None:
    order = await shop.place(shop.wanted([("BOLT", 10)]))

    assert await quoting.outlook(shop.pool, order.id) is None
