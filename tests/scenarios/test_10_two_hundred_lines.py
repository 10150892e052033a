"""Scenario 10. 200 lines in phases: now, backorder, manufacturing lead time."""

from tests.scenarios.claims import Json, Told, expect, holds_with, portion, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold

NOW = range(1, 121)
BACKORDER = range(121, 171)
MADE = range(171, 201)


def sku(line: int) -> str:
    return f"PART-{line:03}"


def lines_are(order: Json, now: Told, backorder: Told, made: Told) -> None:
    for lines, told in ((NOW, now), (BACKORDER, backorder), (MADE, made)):
        for line in lines:
            expect(order, line, [told])


def test_200_lines_come_in_three_phases(story: World) -> None:
    # The house works on what comes in on the same day, so that all dates count from the supply's own.
    story.location("MAIN", name="Leicester", receiving=0, handling=0)
    story.account("NORDWIND")
    story.product(*(sku(line) for line in NOW), *(sku(line) for line in BACKORDER))
    story.product(*(sku(line) for line in MADE), lead_time_days=15)
    for line in NOW:
        story.stock("MAIN", sku(line), 12)
    bought = [(line, sku(line), 6, "2026-12-02") for line in BACKORDER]
    story.inbound("purchase_order", "4711", "MAIN", bought, supplier="Acme")
    wanted = {sku(line): 12 if line in NOW else 6 if line in BACKORDER else 3 for line in range(1, 201)}
    order = story.order("NORDWIND", wanted)
    assert len(order["lines"]) == 200
    assert order["summary"]["ordered"] == str(120 * 12 + 50 * 6 + 30 * 3)

    # In stock: leaves Wed 18, Fri 20. Supplier: Wed 2, Fri 4. Lead time: the 15th working day from Wed 18 is
    # Wed 9 (19 and 20, then 23 to 27, 30 to 4, 7 to 9), Fri 11.
    now, backorder = (12, "allocated", "18 Nov", "20 Nov"), (6, "awaiting_supplier", "2 Dec", "4 Dec")
    lines_are(order, now, backorder, (3, "backordered", "9 Dec", "11 Dec"))
    for line in BACKORDER:
        says(order, line, "awaiting_supplier", 6, "4711", "Acme", "2 Dec", "4 Dec")
    for line in MADE:
        holds_with(portion(order, line), "lead_time", days=15)
        says(order, line, "backordered", 3, "9 Dec", "11 Dec")

    # The works plan it for that very day: the date stands, and now it is known where it comes from.
    mark = story.mark()
    planned = [(line, sku(line), 3, "2026-12-09") for line in MADE]
    story.inbound("production", "MO-9", "MAIN", planned)
    order = story.read(order)
    lines_are(order, now, backorder, (3, "awaiting_production", "9 Dec", "11 Dec"))
    for line in MADE:
        says(order, line, "awaiting_production", 3, "9 Dec", "11 Dec")
    assert story.news(mark, "NORDWIND", "promise.changed") == []

    story.now("2026-11-18T15:00:00Z")
    story.ship(order, "MAIN", dict.fromkeys(NOW, 12), mode="parcel")
    now = (12, "shipped", "18 Nov", "20 Nov")
    order = story.read(order)
    lines_are(order, now, backorder, (3, "awaiting_production", "9 Dec", "11 Dec"))
    assert order["state"] == "open"

    story.now("2026-12-02T10:00:00Z")
    story.receive("purchase_order", "4711", dict.fromkeys(BACKORDER, 6))
    order = story.read(order)
    lines_are(order, now, (6, "allocated", "2 Dec", "4 Dec"), (3, "awaiting_production", "9 Dec", "11 Dec"))
    story.ship(order, "MAIN", dict.fromkeys(BACKORDER, 6), mode="parcel")
    backorder = (6, "shipped", "2 Dec", "4 Dec")
    order = story.read(order)
    lines_are(order, now, backorder, (3, "awaiting_production", "9 Dec", "11 Dec"))
    assert order["summary"]["to_come"] == "90"

    story.now("2026-12-09T10:00:00Z")
    story.receive("production", "MO-9", dict.fromkeys(MADE, 3))
    lines_are(story.read(order), now, backorder, (3, "allocated", "9 Dec", "11 Dec"))
    story.ship(order, "MAIN", dict.fromkeys(MADE, 3), mode="parcel")
    order = story.read(order)
    lines_are(order, now, backorder, (3, "shipped", "9 Dec", "11 Dec"))
    assert order["state"] == "closed"
    laws_hold(story)
