"""Scenario 1. 38 lines in six situations, and one true sentence for each of them."""

from portal.stories.thirty_eight_lines import (
    HEAVY_LINES,
    HELD_LINES,
    KEPT_LINES,
    LATE_LINES,
    QUEUED_LINES,
    STOCK_LINES,
    STORY,
)
from tests.scenarios.claims import (
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
from tests.scenarios.telling import tell


def test_each_of_38_lines_tells_the_truth(story: World) -> None:
    tell(story, STORY, CLAIMS)


def ordered(world: World) -> None:
    order = world.the("presses")
    assert order["state"] == "open"
    assert len(order["lines"]) == 38

    # Expected Thu 19; received by Fri 20, picked by Mon 23; two days by road: Wed 25.
    for line in LATE_LINES:
        expect(order, line, [(60, "awaiting_supplier", "23 Nov", "25 Nov")])


def slipped(world: World) -> None:
    """To Wed 25: received Thu 26, picked Fri 27, on the road until Sun 29, Leeds opens Mon 30."""
    order = world.the("presses")
    for number, line in enumerate(LATE_LINES, start=1):
        expect(order, line, [(60, "awaiting_supplier", "27 Nov", "30 Nov")])
        first_promised(order, line, "awaiting_supplier", "23 Nov", "25 Nov")
        told = portion(order, line)
        reference = world.code("4711")
        supply = {"kind": "purchase_order", "reference": reference, "line": number, "supplier": "Acme"}
        assert supply.items() <= told["supply"].items()
        assert told["supply"]["expected_on"] == "2026-11-25"
        assert told["supply"]["confirmed"] is True
        assert "queue_ahead" not in facts(told)
        holds_with(told, "inbound", expected_on="2026-11-25", confirmed=True, reference=reference)
        holds_with(told, "receiving", days=1)
        says(order, line, "awaiting_supplier", 60, "4711", "Acme", "25 Nov", "27 Nov", "30 Nov", "Leeds")

    # Eleven lines moved at once: the buyer hears of it once, the rival not at all.
    (moved,) = world.lately("NORDWIND", "promise.changed")
    assert moved["order"] == order["number"]
    assert world.lately("CALDER") == []


def held(world: World) -> None:
    """Now all six situations are there, side by side."""
    slipped_and_still(world)
    order = world.the("presses")

    # In stock: picked by Thu 19, on the road until Sat 21, Leeds opens Mon 23.
    for line in STOCK_LINES:
        expect(order, line, [(40, "allocated", "19 Nov", "23 Nov")])
        told = portion(order, line)
        assert told["location"] == world.code("MAIN")
        assert facts(told)[0] == "on_shelf"
        holds_with(told, "on_shelf", location=world.code("MAIN"))
        holds_with(told, "handling", days=1)
        holds_with(told, "transit", days=2, mode="parcel")
        says(order, line, "allocated", 40, "Leicester", "19 Nov", "23 Nov")

    for line in KEPT_LINES:
        expect(order, line, [(24, "reserved_elsewhere", None, None)])
        assert fact(portion(order, line), "stock_reserved") == {
            "fact": "stock_reserved",
            "location": world.code("MAIN"),
            "quantity": "24",
        }
        says(order, line, "reserved_elsewhere", 24, "Leicester")

    # Grimsby picks for two days, Fri 20, and needs five days by road: Wed 25.
    for line in HEAVY_LINES:
        expect(order, line, [(2, "allocated", "20 Nov", "25 Nov")])
        assert portion(order, line)["location"] == world.code("NORTH")
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
        assert told["hold"] == [world.known["money"]]
        assert fact(told, "hold") == {"fact": "hold", "reason": "finance", "lifted_by": "finance"}
        says(order, line, "held", 10, "finance")

    summary = {"ordered": "1352", "shipped": "0", "delivered": "0", "to_come": "1352", "never": "0"}
    assert summary.items() <= order["summary"].items()
    assert [one["lines"] for one in order["holds"]] == [list(HELD_LINES)]


def slipped_and_still(world: World) -> None:
    """A hold on other lines moves no date."""
    for line in LATE_LINES:
        expect(world.the("presses"), line, [(60, "awaiting_supplier", "27 Nov", "30 Nov")])
    assert world.lately("NORDWIND", "promise.changed") == []
    assert world.lately("CALDER") == []


def parcel(world: World) -> None:
    with world.refuses(409):
        world.ship(world.the("presses"), "MAIN", {34: 10})


def lifted(world: World) -> None:
    order = world.the("presses")
    # Lifted Wed 18: picked by Thu 19, on the road until Sat 21, Leeds opens Mon 23.
    for line in HELD_LINES:
        expect(order, line, [(10, "allocated", "19 Nov", "23 Nov")])
    assert order["holds"] == []


def pallets(world: World) -> None:
    order = world.the("presses")
    # Left Wed 18, two days: Fri 20. Left Fri 20: Wed 25 by freight, Sun 22 by parcel.
    gone = {
        world.known["parcel"]: (STOCK_LINES, 40, "18 Nov", "20 Nov"),
        world.known["pallets"]: (HEAVY_LINES, 2, "20 Nov", "25 Nov"),
        world.known["second"]: (HELD_LINES, 10, "20 Nov", "23 Nov"),
    }
    for shipment, (lines, quantity, left, arrives) in gone.items():
        for line in lines:
            expect(order, line, [(quantity, "shipped", left, arrives)])
            assert portion(order, line)["shipment"] == shipment
            assert line_of(order, line)["shipped"] == str(quantity)
    assert order["state"] == "open"
    expected = {one["number"]: one["expected_on"] for one in order["shipments"]}
    assert expected == {shipment: day(arrives) for shipment, (_, _, _, arrives) in gone.items()}
    assert order["summary"]["shipped"] == "416"
    assert order["summary"]["to_come"] == "936"


CLAIMS = {
    "ordered": ordered,
    "slipped": slipped,
    "held": held,
    "parcel": parcel,
    "lifted": lifted,
    "pallets": pallets,
}
