"""Scenario 2. 600 units over 22 SKUs: 370 ship now, 230 wait for a supplier, a contract and an inspection."""

from decimal import Decimal

from tests.scenarios.claims import Json, expect, first_promised, holds_with, portion, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold

WHOLE = range(1, 15)  # 14 lines of 25, all in stock
PART = range(15, 19)  # 4 lines of 40, 5 of each in stock, 35 at the supplier
CONTRACT = range(19, 21)  # 2 lines of 25, all on the shelf, all under contract
INSPECTION = range(21, 23)  # 2 lines of 20, all in quarantine


def sku(line: int) -> str:
    return f"ITEM-{line:02}"


def the_warehouse(story: World) -> None:
    story.location("MAIN", name="Leicester")
    story.account("NORDWIND", name="Nordwind Maschinenbau")
    story.account("VELTRO", name="Veltro Distribution")
    story.product(*(sku(line) for line in range(1, 23)))
    for line in WHOLE:
        story.stock("MAIN", sku(line), 25)
    for line in PART:
        story.stock("MAIN", sku(line), 5)
    for line in CONTRACT:
        story.stock("MAIN", sku(line), 100)
        story.agreement(f"AA-{line}", "VELTRO", "MAIN", sku(line), 100)
    for line in INSPECTION:
        story.stock("MAIN", sku(line), 20, quarantined=20)
    # Ten days from now is Sat 28.
    bought = [(line, sku(line), 35, "2026-11-28") for line in PART]
    story.inbound("purchase_order", "4711", "MAIN", bought, supplier="Acme")
    checked = [(line, sku(line), 20, "2026-11-20") for line in INSPECTION]
    story.inbound("inspection", "QI-7", "MAIN", checked)


def figures(order: Json, shipped: int, delivered: int) -> None:
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


def test_370_ship_and_230_stay_visible(story: World) -> None:
    the_warehouse(story)
    quantities = {**dict.fromkeys(WHOLE, 25), **dict.fromkeys(PART, 40)}
    quantities |= {**dict.fromkeys(CONTRACT, 25), **dict.fromkeys(INSPECTION, 20)}
    assert sum(quantities.values()) == 600
    order = story.order("NORDWIND", {sku(line): quantity for line, quantity in quantities.items()})
    figures(order, shipped=0, delivered=0)

    story.now("2026-11-18T14:00:00Z")
    ready = {**dict.fromkeys(WHOLE, 25), **dict.fromkeys(PART, 5)}
    assert sum(ready.values()) == 370
    shipment = story.ship(order, "MAIN", ready, mode="parcel", carrier="dhl")
    assert shipment["expected_on"] == "2026-11-20"
    order = story.read(order)
    figures(order, shipped=370, delivered=0)

    # Left Wed 18, two days by road: Fri 20.
    for line in WHOLE:
        expect(order, line, [(25, "shipped", "18 Nov", "20 Nov")])
    # Expected Sat 28: work begins Mon 30, received Tue 1, picked Wed 2, at Leeds Fri 4.
    for line in PART:
        expect(order, line, [(5, "shipped", "18 Nov", "20 Nov"), (35, "awaiting_supplier", "2 Dec", "4 Dec")])
        says(order, line, "awaiting_supplier", 35, "4711", "Acme", "28 Nov", "2 Dec", "4 Dec", "Leeds")
    for line in CONTRACT:
        expect(order, line, [(25, "reserved_elsewhere", None, None)])
        holds_with(portion(order, line), "stock_reserved", location="MAIN", quantity="100")
        says(order, line, "reserved_elsewhere", 25, "Leicester")
    # Released Fri 20: received Mon 23, picked Tue 24, at Leeds Thu 26.
    for line in INSPECTION:
        expect(order, line, [(20, "awaiting_inspection", "24 Nov", "26 Nov")])
        holds_with(
            portion(order, line), "inbound", kind="inspection", reference="QI-7", expected_on="2026-11-20"
        )
        says(order, line, "awaiting_inspection", 20, "20 Nov", "24 Nov", "26 Nov")

    the_first_parcel_arrives_and_the_inspection_passes(story, order, shipment)
    the_supplier_delivers(story, order)
    laws_hold(story)


def the_first_parcel_arrives_and_the_inspection_passes(story: World, order: Json, shipment: Json) -> None:
    story.now("2026-11-20T10:00:00Z")
    story.carrier(shipment, "delivered", "2026-11-20T09:30:00Z")
    story.receive("inspection", "QI-7", dict.fromkeys(INSPECTION, 20))
    order = story.read(order)
    figures(order, shipped=370, delivered=370)
    for line in WHOLE:
        expect(order, line, [(25, "delivered", "18 Nov", "20 Nov")])
    # Released Fri 20: picked by Mon 23, at Leeds Wed 25; one day better than first promised.
    for line in INSPECTION:
        expect(order, line, [(20, "allocated", "23 Nov", "25 Nov")])
        first_promised(order, line, "allocated", "24 Nov", "26 Nov")
        says(order, line, "allocated", 20, "Leicester", "23 Nov", "25 Nov")
        assert story.level("MAIN", sku(line)) == {
            "on_hand": "20",
            "quarantined": "0",
            "allocated": "20",
            "reserved": "0",
            "free": "0",
        }

    story.now("2026-11-23T10:00:00Z")
    story.ship(order, "MAIN", dict.fromkeys(INSPECTION, 20), mode="parcel")
    figures(story.read(order), shipped=410, delivered=370)


def the_supplier_delivers(story: World, order: Json) -> None:
    story.now("2026-11-30T09:00:00Z")
    story.receive("purchase_order", "4711", dict.fromkeys(PART, 35))
    order = story.read(order)
    # In the house Mon 30: picked by Tue 1, at Leeds Thu 3.
    for line in PART:
        expect(order, line, [(5, "delivered", "18 Nov", "20 Nov"), (35, "allocated", "1 Dec", "3 Dec")])
    story.now("2026-12-01T09:00:00Z")
    story.ship(order, "MAIN", dict.fromkeys(PART, 35), mode="parcel")
    order = story.read(order)
    for line in PART:
        expect(order, line, [(5, "delivered", "18 Nov", "20 Nov"), (35, "shipped", "1 Dec", "3 Dec")])
    for line in INSPECTION:
        expect(order, line, [(20, "shipped", "23 Nov", "25 Nov")])
    for line in CONTRACT:
        expect(order, line, [(25, "reserved_elsewhere", None, None)])
    figures(order, shipped=550, delivered=370)
