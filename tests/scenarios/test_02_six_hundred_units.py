"""Scenario 2. 600 units over 22 SKUs: 370 ship now, 230 wait for a supplier, a contract and an inspection."""

from decimal import Decimal

from portal.stories.six_hundred_units import CONTRACT, INSPECTION, PART, QUANTITIES, READY, STORY, WHOLE, sku
from tests.scenarios.claims import expect, first_promised, holds_with, portion, says
from tests.scenarios.driver import World
from tests.scenarios.telling import tell


def test_370_ship_and_230_stay_visible(story: World) -> None:
    assert sum(QUANTITIES.values()) == 600
    assert sum(READY.values()) == 370
    tell(story, STORY, CLAIMS)


def figures(world: World, shipped: int, delivered: int) -> None:
    order = world.the("order")
    summary = {
        "ordered": 600,
        "shipped": shipped,
        "delivered": delivered,
        "to_come": 600 - shipped,
        "never": 0,
    }
    assert {key: str(figure) for key, figure in summary.items()}.items() <= order["summary"].items()
    assert order["state"] == "open"
    invoiced = sum(Decimal(line["invoiced"]) for line in order["lines"])
    assert invoiced in (0, shipped), "invoiced for what shipped and nothing else"


def ordered(world: World) -> None:
    figures(world, shipped=0, delivered=0)


def first_left(world: World) -> None:
    assert world.get(f"shipments/{world.known['first']}")["expected_on"] == "2026-11-20"
    figures(world, shipped=370, delivered=0)
    order = world.the("order")

    # Left Wed 18, two days by road: Fri 20.
    for line in WHOLE:
        expect(order, line, [(25, "shipped", "18 Nov", "20 Nov")])
    # Expected Sat 28: work begins Mon 30, received Tue 1, picked Wed 2, at Leeds Fri 4.
    for line in PART:
        expect(order, line, [(5, "shipped", "18 Nov", "20 Nov"), (35, "awaiting_supplier", "2 Dec", "4 Dec")])
        says(order, line, "awaiting_supplier", 35, "4711", "Acme", "28 Nov", "2 Dec", "4 Dec", "Leeds")
    for line in CONTRACT:
        expect(order, line, [(25, "reserved_elsewhere", None, None)])
        holds_with(portion(order, line), "stock_reserved", location=world.code("MAIN"), quantity="100")
        says(order, line, "reserved_elsewhere", 25, "Leicester")
    # Released Fri 20: received Mon 23, picked Tue 24, at Leeds Thu 26.
    for line in INSPECTION:
        expect(order, line, [(20, "awaiting_inspection", "24 Nov", "26 Nov")])
        reference = world.code("QI-7")
        told = portion(order, line)
        holds_with(told, "inbound", kind="inspection", reference=reference, expected_on="2026-11-20")
        says(order, line, "awaiting_inspection", 20, "20 Nov", "24 Nov", "26 Nov")


def inspected(world: World) -> None:
    figures(world, shipped=370, delivered=370)
    order = world.the("order")
    for line in WHOLE:
        expect(order, line, [(25, "delivered", "18 Nov", "20 Nov")])
    # Released Fri 20: picked by Mon 23, at Leeds Wed 25; one day better than first promised.
    for line in INSPECTION:
        expect(order, line, [(20, "allocated", "23 Nov", "25 Nov")])
        first_promised(order, line, "allocated", "24 Nov", "26 Nov")
        says(order, line, "allocated", 20, "Leicester", "23 Nov", "25 Nov")
        assert world.level("MAIN", sku(line)) == {
            "on_hand": "20",
            "quarantined": "0",
            "allocated": "20",
            "reserved": "0",
            "free": "0",
        }


def second_left(world: World) -> None:
    figures(world, shipped=410, delivered=370)


def delivered(world: World) -> None:
    order = world.the("order")
    # In the house Mon 30: picked by Tue 1, at Leeds Thu 3.
    for line in PART:
        expect(order, line, [(5, "delivered", "18 Nov", "20 Nov"), (35, "allocated", "1 Dec", "3 Dec")])


def third_left(world: World) -> None:
    order = world.the("order")
    for line in WHOLE:
        expect(order, line, [(25, "delivered", "18 Nov", "20 Nov")])
    for line in PART:
        expect(order, line, [(5, "delivered", "18 Nov", "20 Nov"), (35, "shipped", "1 Dec", "3 Dec")])
    for line in INSPECTION:
        expect(order, line, [(20, "shipped", "23 Nov", "25 Nov")])
    for line in CONTRACT:
        expect(order, line, [(25, "reserved_elsewhere", None, None)])
    figures(world, shipped=550, delivered=370)


CLAIMS = {
    "ordered": ordered,
    "first": first_left,
    "inspected": inspected,
    "second": second_left,
    "delivered": delivered,
    "third": third_left,
}
