"""The same figures by time, account, location and supplier, as pages and as files; and how long webhooks took."""

import asyncio
import csv
import io
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

from tests.insight.conftest import staff
from tests.insight.reading import Figure, figures, listing
from tests.portals import Portal
from tests.routes.cast import Guest
from tests.scenarios.driver import World

PERIOD = {"from": "2026-11-16", "to": "2026-12-06"}


@pytest.fixture(scope="module")
def told(portal: Portal) -> World:
    """Acme is late with gears for two accounts, Bolt Brothers send seals in time; pumps are in nobody's plan."""
    world = World(portal)
    world.shop({"BOLT": 100, "GEAR": 0, "SEAL": 0, "PUMP": 0})
    world.account("OTHER", name="Otherwise & Sons")
    world.inbound("purchase_order", "PO-1", "MAIN", [(1, "GEAR", 20, "2026-11-20")], supplier="Acme Gears")
    world.inbound("purchase_order", "PO-2", "MAIN", [(1, "SEAL", 20, "2026-11-20")], supplier="Bolt Brothers")
    both = world.order("BUYER", {"BOLT": 1, "GEAR": 2, "SEAL": 3})
    gears = world.order("OTHER", {"GEAR": 4})
    plain = world.order("OTHER", {"BOLT": 5})
    world.order("OTHER", {"PUMP": 6})
    world.ship(plain, "MAIN", {1: 5})
    world.ship(both, "MAIN", {1: 1})
    world.now("2026-11-20T10:00:00Z")
    world.receive("purchase_order", "PO-2", {1: 20})
    seals = world.ship(both, "MAIN", {3: 3})
    world.carrier(seals, "delivered", "2026-11-23T10:00:00Z")
    world.inbound("purchase_order", "PO-1", "MAIN", [(1, "GEAR", 20, "2026-11-27")], supplier="Acme Gears")
    # Only now somebody orders pumps: what still waits has a supplier as well.
    world.inbound("purchase_order", "PO-3", "MAIN", [(1, "PUMP", 6, "2026-12-18")], supplier="Pumpworks")
    world.now("2026-11-27T10:00:00Z")
    world.receive("purchase_order", "PO-1", {1: 20})
    late = world.ship(gears, "MAIN", {1: 4})
    world.carrier(late, "delivered", "2026-11-30T10:00:00Z")
    return world


@pytest.fixture(scope="module")
def dev(told: World) -> Guest:
    return staff(told.portal)


def read(dev: Guest, by: str = "", **query: str) -> dict[str, Figure]:
    answer = dev.client.get("/insight", params=PERIOD | {"by": by} | query)
    assert answer.status_code == 200, answer.text
    return figures(answer.text)


def test_by_supplier_are_those_whose_goods_were_waited_for(dev: Guest) -> None:
    """The order of gears and seals counts for both of its suppliers; the one of bolts waited for nobody."""
    shown = read(dev, "supplier", target="5")
    assert shown["partial"].numbers() == {
        "Acme Gears": [1, 1],
        "Bolt Brothers": [0, 1],
        "no supplier": [1, 0],
    }
    assert shown["partial"].heads == {"dispatched in parts": ("33.3%", "1 of 3 orders")}, "each once"
    assert shown["filled"].numbers() == {
        "Bolt Brothers": [1, 0, 0],
        "Acme Gears": [0, 2, 0],
        "Pumpworks": [0, 1, 0],
    }
    assert next(iter(shown["filled"].rows)) == "Acme Gears", "the most lines first"
    assert shown["promises"].rows["Acme Gears"][0].share == "0%"
    assert shown["promises"].rows["Bolt Brothers"][0].share == "100%"


def test_one_supplier_only(dev: Guest) -> None:
    shown = read(dev, supplier="bolt brothers")
    assert shown["filled"].numbers() == {"filled in time": [1]}
    assert shown["promises"].heads["first promise kept"] == ("100%", "1 of 1 line delivered")
    assert shown["partial"].heads["dispatched in parts"] == ("100%", "1 of 1 order")


def test_by_account_location_and_time(dev: Guest) -> None:
    account = read(dev, "account")
    assert account["partial"].numbers() == {"OTHER Otherwise & Sons": [2, 0], "BUYER Buyer": [0, 1]}
    assert account["dispatch"].rows["BUYER Buyer"][1].told == "0 h 0 min"
    location = read(dev, "location")
    assert [row.split()[0] for row in location["partial"].rows] == ["MAIN"]
    weeks = read(dev, "period")
    assert weeks["partial"].numbers() == {"16 Nov – 22 Nov": [1, 1], "23 Nov – 29 Nov": [1, 0]}
    assert list(weeks["promises"].rows) == ["16 Nov – 22 Nov", "23 Nov – 29 Nov", "30 Nov – 6 Dec"]


@pytest.mark.parametrize("by", ["period", "account", "location", "supplier"])
def test_each_count_leads_to_as_many(dev: Guest, by: str) -> None:
    for name, figure in read(dev, by, target="5").items():
        for row, counts in figure.rows.items():
            for count in counts:
                if count.href is not None:
                    found = listing(dev.client, count.href)
                    assert len(found.rows) == count.number, f"{name}, {row}: {found}"


def test_a_chart_as_a_file(dev: Guest) -> None:
    answer = dev.client.get("/insight/filled/figures.csv", params=PERIOD | {"by": "supplier", "target": "5"})
    assert answer.headers["content-disposition"] == 'attachment; filename="filled-2026-11-16-2026-12-06.csv"'
    assert list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))) == [
        ["Supplier", "In time", "In time, percent", "Too late or not yet", "Not judged"],
        ["Acme Gears", "0", "0", "2", "0"],
        ["Bolt Brothers", "1", "100", "0", "0"],
        ["Pumpworks", "0", "0", "1", "0"],
    ]
    spread = dev.client.get("/insight/partial/figures.csv", params=PERIOD).text
    assert "2026-11-16,2026-11-22,1,1,50" in spread
    assert dev.client.get("/insight/nothing/figures.csv", params=PERIOD).status_code == 404


def test_how_long_webhooks_took(told: World, dev: Guest) -> None:
    """Of a hundred messages in two accounts one was slow."""
    assert "No webhook was sent" in dev.client.get("/insight", params=PERIOD).text
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, tell_systems(told.portal)).result()
    latency = read(dev)["latency"]
    assert {name: figure for name, (figure, _) in latency.heads.items()} == {
        "median": "40 ms", "95th percentile": "1.5 s",
    }  # fmt: skip
    assert set(read(dev, "account")["latency"].rows) == {"OTHER Otherwise & Sons", "BUYER Buyer"}
    assert set(read(dev, "account", account="OTHER")["latency"].rows) == {"OTHER Otherwise & Sons"}


async def tell_systems(portal: Portal) -> None:
    connection = await asyncpg.connect(portal.database_url)
    await connection.execute(
        "insert into connection (id, kind, account, url) values ('told', 'webhook', null, 'https://example.com')"
    )
    await connection.execute(
        """insert into delivery (connection_id, event_id, account, order_id, type, state, due_at, first_attempt_ms)
           select 'told', id, account, order_id, type, 'delivered', at,
               case when row_number() over (order by id) % 12 = 0 then 1500 else 40 end
           from event where at < '2026-12-06'"""
    )
    await connection.close()
