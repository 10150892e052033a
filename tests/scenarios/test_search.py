"""Orders are found by any of their numbers, or by the beginning of one, without reading them all."""

import re

import pytest

from portal.db import order_list
from portal.db.order_list import Shape
from portal.db.work import Pool
from tests.scenarios.driver import World


@pytest.fixture
def numbers(world: World) -> dict[str, str]:
    """Numbers of orders by what makes each of them special."""
    world.shop({"BOLT-10": 10, "BOLT_1": 10, "50%": 10})
    told = {
        "hyphen": world.order("BUYER", {"BOLT-10": 1}, purchase_order_number=world.code("po 7/8")),
        "low line": world.order("BUYER", {"BOLT_1": 1}),
        "percent": world.order("BUYER", {"50%": 1}),
    }
    package = {"tracking_number": world.code("ÄNP 447"), "tracking_url": "https://track.example/1"}
    world.ship(told["hyphen"], "MAIN", {1: 1}, packages=[package])
    return {name: order["number"] for name, order in told.items()}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("bolt", {"hyphen", "low line"}),
        ("BOLT_", {"low line"}),
        ("bolt-1", {"hyphen"}),
        ("50%", {"percent"}),
        ("5%", set()),
        ("PO 7", {"hyphen"}),
        ("O 7", set()),
        ("änp 447", {"hyphen"}),
        ("bolt_1 ", {"low line"}),
        ("bolt_12", set()),
    ],
)
def test_by_the_beginning_of_a_number(
    world: World, numbers: dict[str, str], typed: str, found: set[str]
) -> None:
    items = world.get("orders", q=world.code(typed))["items"]
    assert {item["number"] for item in items} == {numbers[name] for name in found}


def test_by_the_number_of_the_order_itself(world: World, numbers: dict[str, str]) -> None:
    for number in numbers.values():
        assert [item["number"] for item in world.get("orders", q=number.lower())["items"]] == [number]


@pytest.mark.parametrize("scoped", [False, True])
async def test_a_plan_for_all_numbers_finds_its_way_by_the_indexes(pool: Pool, scoped: bool) -> None:
    shape = Shape(
        scoped=scoped,
        account=False,
        state=False,
        attention=False,
        problem=None,
        updated_after=False,
        q=True,
        before=False,
    )
    sql, _ = order_list._compiled(shape)
    async with pool.acquire() as conn:
        values = "'4500', '4500z', 50"
        if scoped:
            # Within a scope a function of the tables' owner finds them: this is its own statement.
            assert "portal_orders_with" in sql
            body = await conn.fetchval("select prosrc from pg_proc where proname = 'portal_orders_with'")
            sql = body.partition("return query")[2].rpartition(";")[0]
            for place, word in enumerate(("beginning", "behind", "mine"), 1):
                sql = re.sub(rf"\b{word}\b", f"${place}", sql)
            values = "'4500', '4500z', array['A']"
        types = "(text, text, text[])" if scoped else ""
        await conn.execute(
            f"set enable_seqscan = off; set plan_cache_mode = force_generic_plan; prepare p{types} as {sql}"
        )
        plan = "\n".join([row[0] for row in await conn.fetch(f"explain execute p({values})")])
    ranges = re.findall(r"Index Scan (?:using|on) (\w+).*\n\s+Index Cond: \(\(upper\(", plan)
    assert sorted(ranges) == [
        "invoice_number_idx",
        "order_line_sku_idx",
        "orders_number_idx",
        "orders_purchase_order_number_idx",
        "package_tracking_number_idx",
        "shipment_number_idx",
    ], plan
