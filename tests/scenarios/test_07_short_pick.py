"""Scenario 7. A shortage found in the middle of picking."""

from tests.scenarios.claims import expect, first_promised, line_of, portion, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold


def test_three_of_ten_are_not_on_the_shelf(story: World) -> None:
    story.location("MAIN", name="Leicester")
    story.location("NORTH", name="Grimsby", handling=2, parcel=3, freight=5)
    story.account("NORDWIND")
    story.product("VALVE")
    story.stock("MAIN", "VALVE", 10)
    story.stock("NORTH", "VALVE", 2)
    order = story.order("NORDWIND", {"VALVE": 10})
    expect(order, 1, [(10, "allocated", "19 Nov", "23 Nov")])

    order = story.pick(order, "MAIN", {1: 10})
    expect(order, 1, [(10, "picking", "19 Nov", "23 Nov")])
    says(order, 1, "picking", 10, "Leicester")

    mark = story.mark()
    order = story.short_pick(order, "MAIN", {1: 3})
    # Two are at Grimsby: two days to pick, Fri 20; three by road: Mon 23. One is nowhere.
    expect(
        order,
        1,
        [
            (7, "picking", "19 Nov", "23 Nov"),
            (2, "allocated", "20 Nov", "23 Nov"),
            (1, "backordered", None, None),
        ],
    )
    assert portion(order, 1, "picking")["location"] == "MAIN"
    assert portion(order, 1, "allocated")["location"] == "NORTH"
    says(order, 1, "allocated", 2, "Grimsby", "20 Nov", "23 Nov")
    says(order, 1, "backordered", 1)
    first_promised(order, 1, "backordered", "19 Nov", "23 Nov")
    # The stock is corrected: what is not there was never counted twice.
    zero = {"quarantined": "0", "reserved": "0", "free": "0"}
    assert story.level("MAIN", "VALVE") == {"on_hand": "7", "allocated": "7", **zero}
    assert story.level("NORTH", "VALVE") == {"on_hand": "2", "allocated": "2", **zero}
    (moved,) = story.news(mark, "NORDWIND", "promise.changed")
    assert moved["order"] == order["number"]

    # A supplier order covers the last one. Wed 25: received Thu 26, picked Fri 27, Sun 29, so Mon 30.
    story.inbound("purchase_order", "4711", "MAIN", [(1, "VALVE", 5, "2026-11-25")], supplier="Acme")
    now = story.read(order)
    expect(
        now,
        1,
        [
            (7, "picking", "19 Nov", "23 Nov"),
            (2, "allocated", "20 Nov", "23 Nov"),
            (1, "awaiting_supplier", "27 Nov", "30 Nov"),
        ],
    )
    says(now, 1, "awaiting_supplier", 1, "4711", "Acme", "25 Nov", "27 Nov", "30 Nov")
    first_promised(now, 1, "awaiting_supplier", "19 Nov", "23 Nov")

    now = story.pack(order, "MAIN", {1: 7})
    expect(
        now,
        1,
        [
            (7, "packed", "19 Nov", "23 Nov"),
            *[
                (2, "allocated", "20 Nov", "23 Nov"),
                (1, "awaiting_supplier", "27 Nov", "30 Nov"),
            ],
        ],
    )
    says(now, 1, "packed", 7, "Leicester")

    story.now("2026-11-19T10:00:00Z")
    first = story.ship(order, "MAIN", {1: 7}, mode="parcel")
    story.now("2026-11-20T10:00:00Z")
    second = story.ship(order, "NORTH", {1: 2}, mode="parcel")
    now = story.read(order)
    # Left Thu 19, two days: Sat 21, so Mon 23. Left Fri 20, three days: Mon 23.
    expect(
        now,
        1,
        [
            (7, "shipped", "19 Nov", "23 Nov"),
            (2, "shipped", "20 Nov", "23 Nov"),
            (1, "awaiting_supplier", "27 Nov", "30 Nov"),
        ],
    )
    assert [one["number"] for one in now["shipments"]] == [first["number"], second["number"]]
    assert line_of(now, 1)["shipped"] == "9"
    assert now["state"] == "open"
    assert story.level("MAIN", "VALVE")["on_hand"] == "0"
    laws_hold(story)
