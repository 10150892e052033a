"""Scenario 1. 38 lines in six situations, and one true sentence for each of them."""

from tests.scenarios.claims import (
    Json,
    day,
    expect,
    fact,
    facts,
    first_promised,
    holds_with,
    line_of,
    portion,
    says,
)
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold

IN_STOCK = [f"STOCK-{n}" for n in range(1, 10)]
LATE = [f"LATE-{n}" for n in range(1, 12)]
KEPT = [f"KEPT-{n}" for n in range(1, 5)]
HEAVY = [f"HEAVY-{n}" for n in range(1, 4)]
QUEUED = [f"QUEUED-{n}" for n in range(1, 7)]
HELD = [f"HELD-{n}" for n in range(1, 6)]

# Lines in the order in which they were bought.
STOCK_LINES = range(1, 10)
LATE_LINES = range(10, 21)
KEPT_LINES = range(21, 25)
HEAVY_LINES = range(25, 28)
QUEUED_LINES = range(28, 34)
HELD_LINES = range(34, 39)


def supplier_order(story: World, expected_on: str) -> None:
    lines = [(n, sku, 60, expected_on) for n, sku in enumerate(LATE, start=1)]
    story.inbound("purchase_order", "4711", "MAIN", lines, supplier="Acme")


def the_warehouses_and_what_is_in_them(story: World) -> None:
    story.location("MAIN", name="Leicester")
    story.location("NORTH", name="Grimsby", handling=2, parcel=3, freight=5)
    story.product(*IN_STOCK, *LATE, *KEPT, *QUEUED, *HELD)
    story.product(*HEAVY, mode="freight")
    for sku in IN_STOCK:
        story.stock("MAIN", sku, 40)
    for sku in HELD:
        story.stock("MAIN", sku, 10)
    for sku in HEAVY:
        story.stock("NORTH", sku, 2)


def what_others_have(story: World) -> None:
    """A distributor's contract keeps 24 of each KEPT, and a rival waits for 40 of each QUEUED."""
    story.account("VELTRO", name="Veltro Distribution")
    story.account("CALDER", name="Calder Motors")
    for n, sku in enumerate(KEPT, start=1):
        story.stock("MAIN", sku, 24)
        story.agreement(f"AA-{n}", "VELTRO", "MAIN", sku, 24)
    story.order("CALDER", dict.fromkeys(QUEUED, 40))
    lines = [(n, sku, 40, "2026-12-07") for n, sku in enumerate(QUEUED, start=1)]
    story.inbound("purchase_order", "4800", "MAIN", lines, supplier="Borg")


def test_each_of_38_lines_tells_the_truth(story: World) -> None:
    the_warehouses_and_what_is_in_them(story)
    what_others_have(story)
    story.account("NORDWIND", name="Nordwind Maschinenbau")
    supplier_order(story, "2026-11-19")
    wanted = [
        *((sku, 40) for sku in IN_STOCK),
        *((sku, 60) for sku in LATE),
        *((sku, 24) for sku in KEPT),
        *((sku, 2) for sku in HEAVY),
        *((sku, 30) for sku in QUEUED),
        *((sku, 10) for sku in HELD),
    ]
    order = story.order("NORDWIND", wanted, purchase_order_number="4500118236")
    assert order["state"] == "open"
    assert len(order["lines"]) == 38

    # Expected Thu 19; received by Fri 20, picked by Mon 23; two days by road: Wed 25.
    for line in LATE_LINES:
        expect(order, line, [(60, "awaiting_supplier", "23 Nov", "25 Nov")])

    # It slips to Wed 25: received Thu 26, picked Fri 27, on the road until Sun 29, Leeds opens Mon 30.
    mark = story.mark()
    supplier_order(story, "2026-11-25")
    hold = story.hold(order, "finance", lines=list(HELD_LINES), note="may this order be invoiced in parts?")
    order = story.read(order)

    # In stock: picked by Thu 19, on the road until Sat 21, Leeds opens Mon 23.
    for line in STOCK_LINES:
        expect(order, line, [(40, "allocated", "19 Nov", "23 Nov")])
        told = portion(order, line)
        assert told["location"] == "MAIN"
        assert facts(told)[0] == "on_shelf"
        holds_with(told, "on_shelf", location="MAIN")
        holds_with(told, "handling", days=1)
        holds_with(told, "transit", days=2, mode="parcel")
        says(order, line, "allocated", 40, "Leicester", "19 Nov", "23 Nov")

    for number, line in enumerate(LATE_LINES, start=1):
        expect(order, line, [(60, "awaiting_supplier", "27 Nov", "30 Nov")])
        first_promised(order, line, "awaiting_supplier", "23 Nov", "25 Nov")
        told = portion(order, line)
        supply = {"kind": "purchase_order", "reference": "4711", "line": number, "supplier": "Acme"}
        assert supply.items() <= told["supply"].items()
        assert told["supply"]["expected_on"] == "2026-11-25"
        assert told["supply"]["confirmed"] is True
        assert "queue_ahead" not in facts(told)
        holds_with(told, "inbound", expected_on="2026-11-25", confirmed=True, reference="4711")
        holds_with(told, "receiving", days=1)
        says(order, line, "awaiting_supplier", 60, "4711", "Acme", "25 Nov", "27 Nov", "30 Nov", "Leeds")

    for line in KEPT_LINES:
        expect(order, line, [(24, "reserved_elsewhere", None, None)])
        assert fact(portion(order, line), "stock_reserved") == {
            "fact": "stock_reserved",
            "location": "MAIN",
            "quantity": "24",
        }
        says(order, line, "reserved_elsewhere", 24, "Leicester")

    # Grimsby picks for two days, Fri 20, and needs five days by road: Wed 25.
    for line in HEAVY_LINES:
        expect(order, line, [(2, "allocated", "20 Nov", "25 Nov")])
        assert portion(order, line)["location"] == "NORTH"
        holds_with(portion(order, line), "transit", days=5, mode="freight")
        says(order, line, "allocated", 2, "Grimsby", "20 Nov", "25 Nov")

    for line in QUEUED_LINES:
        expect(order, line, [(30, "backordered", None, None)])
        assert fact(portion(order, line), "queue_ahead")["quantity"] == "40"
        says(order, line, "backordered", 30, 40)

    for line in HELD_LINES:
        expect(order, line, [(10, "held", None, None)])
        told = portion(order, line)
        assert told["held_from"] == "allocated"
        assert told["hold"] == [hold]
        assert fact(told, "hold") == {"fact": "hold", "reason": "finance", "lifted_by": "finance"}
        says(order, line, "held", 10, "finance")

    summary = {"ordered": "1352", "shipped": "0", "delivered": "0", "to_come": "1352", "never": "0"}
    assert summary.items() <= order["summary"].items()
    assert [one["lines"] for one in order["holds"]] == [list(HELD_LINES)]

    # Eleven lines moved at once: the buyer hears of it once, the rival not at all.
    (moved,) = story.news(mark, "NORDWIND", "promise.changed")
    assert moved["order"] == order["number"]
    assert story.news(mark, "CALDER") == []

    what_is_ready_leaves_and_finance_decides(story, order, hold)
    laws_hold(story)


def what_is_ready_leaves_and_finance_decides(story: World, order: Json, hold: str) -> None:
    """The parcel leaves the same day, finance lifts its hold an hour later, and on Friday both places ship."""
    story.now("2026-11-18T15:00:00Z")
    parcel = story.ship(order, "MAIN", dict.fromkeys(STOCK_LINES, 40), mode="parcel", carrier="dhl")

    with story.refuses(409):
        story.ship(order, "MAIN", {34: 10})
    story.now("2026-11-18T16:00:00Z")
    now = story.release(order, hold)
    # Lifted Wed 18: picked by Thu 19, on the road until Sat 21, Leeds opens Mon 23.
    for line in HELD_LINES:
        expect(now, line, [(10, "allocated", "19 Nov", "23 Nov")])
    assert now["holds"] == []

    story.now("2026-11-20T10:00:00Z")
    pallets = story.ship(order, "NORTH", dict.fromkeys(HEAVY_LINES, 2), mode="freight", carrier="humber")
    second = story.ship(order, "MAIN", dict.fromkeys(HELD_LINES, 10), mode="parcel", carrier="dhl")

    now = story.read(order)
    # Left Wed 18, two days: Fri 20. Left Fri 20: Wed 25 by freight, Sun 22 by parcel.
    gone = {
        parcel["number"]: (STOCK_LINES, 40, "18 Nov", "20 Nov"),
        pallets["number"]: (HEAVY_LINES, 2, "20 Nov", "25 Nov"),
        second["number"]: (HELD_LINES, 10, "20 Nov", "23 Nov"),
    }
    for shipment, (lines, quantity, left, arrives) in gone.items():
        for line in lines:
            expect(now, line, [(quantity, "shipped", left, arrives)])
            assert portion(now, line)["shipment"] == shipment
            assert line_of(now, line)["shipped"] == str(quantity)
    assert now["state"] == "open"
    expected = {one["number"]: one["expected_on"] for one in now["shipments"]}
    assert expected == {shipment: day(arrives) for shipment, (_, _, _, arrives) in gone.items()}
    assert now["summary"]["shipped"] == "416"
    assert now["summary"]["to_come"] == "936"
