"""The figures over a real wholesaler's orders, against the same figures recomputed from the feed in plain Python."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.db.pool import open_pool
from portal.domain.insight import OFF, OUTCOMES
from portal.filters import tongue
from portal.seed import book
from portal.views.insight.names import length, off_name, outcome_name
from tests.insight.conftest import staff
from tests.insight.reading import Figure, figures, listing
from tests.insight.recounting import Json, Recount, recount
from tests.portals import Portal
from tests.routes.cast import Guest
from tests.scenarios.driver import WEDNESDAY, World

TODAY = date(2026, 12, 14)
FIRST = date(2026, 8, 1)
ENGLISH = tongue("en", "Europe/London")
ON_ORDER = """
select i.reference, l.line, l.quantity - l.received - l.rejected as rest from inbound i
join inbound_line l on l.inbound_id = i.id where not l.closed and i.kind = 'purchase_order' order by l.id
"""


@pytest.fixture(scope="module")
def told(portal: Portal) -> World:
    """The book as the demo opens it; then half of what is on order comes in two weeks, and some is delivered late."""
    world = World(portal)
    with ThreadPoolExecutor(1) as thread:
        on_order = thread.submit(asyncio.run, open_the_book(portal)).result()
    for week, lines in ((1, on_order[::4]), (3, on_order[1::4])):
        world.now(f"{datetime.fromisoformat(WEDNESDAY) + timedelta(weeks=week):%Y-%m-%dT%H:%M:%SZ}")
        for reference, line, rest in lines:
            world.receive("purchase_order", reference, {line: rest})
    deliver_some(world)
    world.now(f"{TODAY}T12:00:00Z")
    return world


async def open_the_book(portal: Portal) -> list[tuple[str, int, Decimal]]:
    async with await open_pool(portal.database_url) as pool:
        await book.open_up(pool, portal.settings, datetime.fromisoformat(WEDNESDAY))
        return [tuple(row) for row in await pool.fetch(ON_ORDER)]


def deliver_some(world: World) -> None:
    """Each on another day, so that some keep their promise and some do not."""
    on_the_way = [
        event["data"]["shipment"]
        for event in feed(world)
        if event["type"] == "shipment.shipped" and event["data"]["carrier"] is not None
    ]
    for place, number in enumerate(on_the_way):
        if place == 0:
            world.cancel_shipment({"number": number})
        else:
            world.carrier({"number": number}, "delivered", f"2026-11-{18 + place % 10}T10:00:00Z")


@pytest.fixture(scope="module")
def events(told: World) -> list[Json]:
    return feed(told)


def feed(world: World) -> list[Json]:
    """Every account's events, in the order of their positions."""
    found: list[Json] = []
    after = "0"
    while items := world.get("events", after=after, limit=200)["items"]:
        found += items
        after = items[-1]["position"]
    return found


@pytest.fixture(scope="module")
def dev(told: World) -> Guest:
    return staff(told.portal)


def read(dev: Guest, **query: str) -> dict[str, Figure]:
    answer = dev.client.get("/insight", params={"from": str(FIRST), "to": str(TODAY)} | query)
    assert answer.status_code == 200, answer.text
    return figures(answer.text)


@pytest.fixture(scope="module")
def busiest(events: list[Json]) -> str:
    """The account with the most events that waited for anything."""
    accounts = [event["account"] for event in events if event["data"].get("waiting")]
    return max(set(accounts), key=lambda account: (accounts.count(account), account))


def test_the_book_has_something_of_everything(events: list[Json]) -> None:
    whole = recount(events, FIRST, TODAY, TODAY)
    assert whole.whole > 100
    assert whole.partial > 10
    assert all(whole.outcomes[outcome] for outcome in OUTCOMES if outcome not in {"waiting", "cancelled"})
    assert len(whole.first) >= 4


@pytest.mark.parametrize("target", ["3", "14", "60"])
def test_the_figures_are_those_of_the_feed(dev: Guest, events: list[Json], target: str) -> None:
    same(read(dev, target=target), recount(events, FIRST, TODAY, TODAY, target=int(target)))


def test_of_one_account(dev: Guest, events: list[Json], busiest: str) -> None:
    same(read(dev, account=busiest), recount(events, FIRST, TODAY, TODAY, account=busiest))


def test_of_one_location(dev: Guest, events: list[Json]) -> None:
    same(read(dev, location="NORTH"), recount(events, FIRST, TODAY, TODAY, location="NORTH"))


def test_of_two_weeks(dev: Guest, events: list[Json]) -> None:
    first, last = date(2026, 11, 9), date(2026, 11, 22)
    shown = read(dev, **{"from": str(first), "to": str(last)})
    same(shown, recount(events, first, last, TODAY))
    assert list(shown["partial"].rows) == ["9 Nov – 15 Nov", "16 Nov – 22 Nov"]


def same(shown: dict[str, Figure], counted: Recount) -> None:
    partial = shown["partial"].rows.values()
    assert [sum(row[n].number for row in partial) for n in (0, 1)] == [counted.whole, counted.partial]
    if counted.took:
        times = {name: figure for name, (figure, _) in shown["dispatch"].heads.items()}
        assert times == {
            "median": length(counted.quantile(Decimal("0.5")), ENGLISH),
            "90th percentile": length(counted.quantile(Decimal("0.9")), ENGLISH),
        }
        assert sum(row[0].number for row in shown["dispatch"].rows.values()) == len(counted.took)
    filled = {name: row[0].number for name, row in shown["filled"].rows.items()}
    if counted.outcomes:
        assert filled == {outcome_name(name, ENGLISH): counted.outcomes[name] for name in OUTCOMES}
    for n, counts in enumerate((counted.first, counted.last)):
        dated = {days: count for days, count in counts.items() if days is not None}
        kept = {name: row[n].number for name, row in shown["promises"].rows.items()}
        for days in OFF if dated else ():
            assert kept[off_name(days, ENGLISH)] == days.of(dated)
        assert sum(kept.values()) == counts.total()


def test_long_lists_add_up_to_their_figures(dev: Guest) -> None:
    """Read to their end, page by page, without an order or a line twice."""
    shown = read(dev)
    for count in (
        shown["filled"].rows["not filled in time"][0],
        shown["promises"].rows["before the day"][0],
        shown["dispatch"].rows["1 to 2 days"][0],
    ):
        assert count.href is not None
        found = listing(dev.client, count.href)
        assert len(found.rows) == count.number > 20
        assert len(set(found.rows)) == len(found.rows)
