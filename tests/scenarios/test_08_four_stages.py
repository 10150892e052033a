"""Scenario 8. Four stages over three weeks, closing by itself when the last item ships."""

from tests.scenarios.claims import Json, Told, expect, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold

WAITING: dict[int, Told] = {
    # Wed 25: received Thu 26, picked Fri 27, on the road until Sun 29: Mon 30.
    2: (10, "awaiting_supplier", "27 Nov", "30 Nov"),
    # Tue 1: received Wed 2, picked Thu 3, on the road until Sat 5: Mon 7.
    3: (10, "awaiting_transfer", "3 Dec", "7 Dec"),
    # Mon 7: received Tue 8, picked Wed 9, at Leeds Fri 11.
    4: (10, "awaiting_production", "9 Dec", "11 Dec"),
}


def lines_are(order: Json, done: dict[int, Told], state: str = "open") -> None:
    for line, told in (WAITING | done).items():
        expect(order, line, [told])
    assert order["state"] == state
    assert order["summary"]["shipped"] == str(
        sum(10 for told in done.values() if told[1] in ("shipped", "delivered"))
    )


def test_an_order_closes_by_itself_when_its_fourth_stage_ships(story: World) -> None:
    story.location("MAIN", name="Leicester")
    story.location("NORTH", name="Grimsby")
    story.account("NORDWIND")
    story.product("PANEL", "FRAME", "MOTOR", "DRIVE")
    story.stock("MAIN", "PANEL", 10)
    story.stock("NORTH", "MOTOR", 10)
    story.inbound("purchase_order", "4711", "MAIN", [(1, "FRAME", 10, "2026-11-25")], supplier="Acme")
    story.inbound("transfer", "TR-1", "MAIN", [(1, "MOTOR", 10, "2026-12-01")], from_location="NORTH")
    story.inbound("production", "MO-9", "MAIN", [(1, "DRIVE", 10, "2026-12-07")])
    assert story.level("NORTH", "MOTOR")["on_hand"] == "0"
    order = story.order("NORDWIND", {"PANEL": 10, "FRAME": 10, "MOTOR": 10, "DRIVE": 10})

    lines_are(order, {1: (10, "allocated", "19 Nov", "23 Nov")})
    says(order, 1, "allocated", 10, "Leicester", "19 Nov", "23 Nov")
    says(order, 2, "awaiting_supplier", 10, "4711", "Acme", "25 Nov", "27 Nov", "30 Nov")
    says(order, 3, "awaiting_transfer", 10, "TR-1", "Leicester", "1 Dec", "3 Dec", "7 Dec")
    says(order, 4, "awaiting_production", 10, "7 Dec", "9 Dec", "11 Dec")

    # Stage 1 leaves Wed 18: Fri 20.
    story.now("2026-11-18T15:00:00Z")
    parcel = story.ship(order, "MAIN", {1: 10}, mode="parcel")
    lines_are(story.read(order), {1: (10, "shipped", "18 Nov", "20 Nov")})
    story.now("2026-11-20T12:00:00Z")
    story.carrier(parcel, "delivered", "2026-11-20T11:00:00Z")
    done: dict[int, Told] = {1: (10, "delivered", "18 Nov", "20 Nov")}
    lines_are(story.read(order), done)

    # Stage 2 comes in on Wed 25: picked by Thu 26, on the road until Sat 28: Mon 30.
    story.now("2026-11-25T10:00:00Z")
    story.receive("purchase_order", "4711", {1: 10})
    lines_are(story.read(order), done | {2: (10, "allocated", "26 Nov", "30 Nov")})
    story.now("2026-11-26T10:00:00Z")
    story.ship(order, "MAIN", {2: 10}, mode="parcel")
    done[2] = (10, "shipped", "26 Nov", "30 Nov")
    lines_are(story.read(order), done)

    # Stage 3 comes over on Tue 1: picked by Wed 2, at Leeds Fri 4.
    story.now("2026-12-01T10:00:00Z")
    story.receive("transfer", "TR-1", {1: 10})
    lines_are(story.read(order), done | {3: (10, "allocated", "2 Dec", "4 Dec")})
    story.now("2026-12-02T10:00:00Z")
    story.ship(order, "MAIN", {3: 10}, mode="parcel")
    done[3] = (10, "shipped", "2 Dec", "4 Dec")
    lines_are(story.read(order), done)
    assert [event for event in story.feed("NORDWIND") if event["type"] == "order.closed"] == []

    # Stage 4 is made by Mon 7: picked by Tue 8, at Leeds Thu 10. Nobody closes the order.
    story.now("2026-12-07T10:00:00Z")
    story.receive("production", "MO-9", {1: 10})
    lines_are(story.read(order), done | {4: (10, "allocated", "8 Dec", "10 Dec")})
    story.now("2026-12-08T10:00:00Z")
    story.ship(order, "MAIN", {4: 10}, mode="parcel")
    done[4] = (10, "shipped", "8 Dec", "10 Dec")
    now = story.read(order)
    lines_are(now, done, state="closed")
    assert now["summary"]["to_come"] == "0"
    closings = [event for event in story.feed("NORDWIND") if event["type"] == "order.closed"]
    assert [event["order"] for event in closings] == [order["number"]]

    timeline = story.get(f"orders/{order['number']}/timeline")["items"]
    assert [event["type"] for event in timeline].count("shipment.shipped") == 4
    assert [event["at"] for event in timeline] == sorted(event["at"] for event in timeline)
    assert timeline[0]["type"] == "order.placed"
    laws_hold(story)
