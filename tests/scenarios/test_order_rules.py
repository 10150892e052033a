"""Rules 14 to 18, 20, 21, 24 and 25: what is done to an order, in what states, and what it costs."""

import pytest

from tests.scenarios.claims import (
    Json,
    Told,
    expect,
    fact,
    facts,
    line_of,
    portion,
    portions_of,
    says,
)
from tests.scenarios.driver import World, ship_to

READY = ("19 Nov", "23 Nov")  # MAIN's stock on Wed 18: picked by Thu 19, on the road until Sat 21
GONE = ("18 Nov", "20 Nov")  # left on Wed 18, two days by road


def ready(quantity: int) -> Told:
    return (quantity, "allocated", *READY)


def picking(quantity: int) -> Told:
    return (quantity, "picking", *READY)


def shipped(quantity: int) -> Told:
    return (quantity, "shipped", *GONE)


def dateless(quantity: int, status: str) -> Told:
    return (quantity, status, None, None)


# Holds: rule 14


def test_a_hold_on_all_of_an_order_stops_it_and_keeps_its_stock(world: World) -> None:
    world.shop({"BOLT": 6, "NUT": 0})
    order = world.order("BUYER", {"BOLT": 10, "NUT": 5})
    world.ship(order, "MAIN", {1: 2})
    hold = world.hold(order, "quality", note="a crack was seen")
    now = world.read(order)
    expect(now, 1, [shipped(2), dateless(4, "held"), dateless(4, "held")])
    assert [one["held_from"] for one in portions_of(now, 1)[1:]] == ["allocated", "backordered"]
    expect(now, 2, [dateless(5, "held")])
    assert portion(now, 2)["hold"] == [hold]
    assert fact(portion(now, 2), "hold")["reason"] == "quality"
    assert world.level("MAIN", "BOLT")["allocated"] == "4"
    assert now["holds"][0]["note"] == "a crack was seen"
    assert now["state"] == "open"

    for stopped in (world.pick, world.pack, world.ship):
        with world.refuses(409):
            stopped(order, "MAIN", {1: 4})

    # A held line keeps its place in the queue.
    later = world.order("BUYER", {"NUT": 5})
    world.stock("MAIN", "NUT", 5)
    expect(world.read(order), 2, [dateless(5, "held")])
    assert portion(world.read(order), 2)["held_from"] == "allocated"
    expect(world.read(later), 1, [dateless(5, "backordered")])

    now = world.release(order, hold)
    expect(now, 1, [shipped(2), ready(4), dateless(4, "backordered")])
    expect(now, 2, [ready(5)])
    assert now["holds"] == []
    with world.refuses(409):
        world.release(order, hold)


def test_a_hold_on_a_line_leaves_the_others(world: World) -> None:
    world.shop({"BOLT": 10, "NUT": 10})
    order = world.order("BUYER", {"BOLT": 10, "NUT": 10})
    world.hold(order, "finance", lines=[2])
    now = world.read(order)
    expect(now, 1, [ready(10)])
    expect(now, 2, [dateless(10, "held")])
    assert now["holds"][0] | {"reason": "finance", "lines": [2], "lifted_by": "finance"} == now["holds"][0]
    says(now, 2, "held", 10, "finance")
    with world.refuses(409):
        world.ship(order, "MAIN", {1: 10, 2: 10})
    world.ship(order, "MAIN", {1: 10})


def test_all_of_several_holds_must_be_lifted(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    finance, address = world.hold(order, "finance"), world.hold(order, "address", lines=[1])
    assert sorted(portion(world.read(order), 1)["hold"]) == sorted([finance, address])
    expect(world.release(order, finance), 1, [dateless(10, "held")])
    assert portion(world.read(order), 1)["hold"] == [address]
    expect(world.release(order, address), 1, [ready(10)])


def test_an_unknown_hold_line_or_reason_is_refused(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    with world.refuses(404):
        world.release(order, "999999999")
    with world.refuses(422):
        world.hold(order, "finance", lines=[7])
    with world.refuses(400, pointer="/reason"):
        world.hold(order, "mood")


# Picking, packing and shipping


def test_each_step_takes_what_the_step_before_has(world: World) -> None:
    world.shop({"BOLT": 8})
    order = world.order("BUYER", {"BOLT": 10})
    expect(order, 1, [ready(8), dateless(2, "backordered")])
    with world.refuses(422, "9", "8"):
        world.pick(order, "MAIN", {1: 9})
    expect(world.pick(order, "MAIN", {1: 5}), 1, [picking(5), ready(3), dateless(2, "backordered")])
    with world.refuses(422, "6", "5"):
        world.pack(order, "MAIN", {1: 6})
    now = world.pack(order, "MAIN", {1: 2})
    expect(now, 1, [(2, "packed", *READY), picking(3), ready(3), dateless(2, "backordered")])
    with world.refuses(422, "9", "8"):
        world.ship(order, "MAIN", {1: 9})
    # Packed goes first, then what is being picked, then what is on the shelf.
    world.ship(order, "MAIN", {1: 6})
    expect(world.read(order), 1, [shipped(6), ready(2), dateless(2, "backordered")])
    assert world.level("MAIN", "BOLT") == {
        "on_hand": "2",
        "quarantined": "0",
        "allocated": "2",
        "reserved": "0",
        "free": "0",
    }


def test_a_short_pick_takes_from_picking_first_then_allocated(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    world.pick(order, "MAIN", {1: 4})
    expect(world.short_pick(order, "MAIN", {1: 3}), 1, [picking(1), ready(6), dateless(3, "backordered")])
    expect(world.short_pick(order, "MAIN", {1: 3}), 1, [ready(4), dateless(6, "backordered")])
    assert world.level("MAIN", "BOLT")["on_hand"] == "4"
    with world.refuses(422):
        world.short_pick(order, "MAIN", {1: 5})


# Shipments: rules 15, 16, 18


def test_a_cancelled_shipment_restores_stock_once_and_reopens_the_order(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    assert world.read(order)["state"] == "closed"
    now = world.cancel_shipment(shipment)
    assert now["number"] == order["number"]
    expect(now, 1, [ready(10)])
    assert now["state"] == "open"
    assert line_of(now, 1)["shipped"] == "0"
    assert world.level("MAIN", "BOLT")["on_hand"] == "10"
    assert world.level("MAIN", "BOLT")["allocated"] == "10"
    with world.refuses(409):
        world.cancel_shipment(shipment)


def test_a_delivered_shipment_cannot_be_cancelled(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    world.carrier(shipment, "delivered", "2026-11-18T09:00:00Z")
    with world.refuses(409):
        world.cancel_shipment(shipment)


def test_a_carrier_never_takes_back_what_it_said(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    told = {}
    world.now("2026-11-20T12:00:00Z")
    for state, at in (
        ("out_for_delivery", "2026-11-20T07:00:00Z"),
        ("in_transit", "2026-11-19T07:00:00Z"),
        ("delivered", "2026-11-20T11:00:00Z"),
        ("delivered", "2026-11-20T11:00:00Z"),
        ("out_for_delivery", "2026-11-20T10:00:00Z"),
    ):
        world.carrier(shipment, state, at)
        told = world.get(f"shipments/{shipment['number']}")
        if state == "in_transit":
            assert told["state"] == "out_for_delivery"
    assert told["state"] == "delivered"
    assert told["delivered_at"] == "2026-11-20T11:00:00Z"
    expect(world.read(order), 1, [(10, "delivered", *GONE)])
    delivered = [event for event in world.feed("BUYER") if event["type"] == "shipment.delivered"]
    assert len(delivered) == 1


def test_an_exception_is_the_shipments_alone(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    world.carrier(shipment, "exception", "2026-11-18T09:00:00Z", note="gate was closed")
    (told,) = world.read(order)["shipments"]
    assert told["state"] == "exception"
    assert told["events"][-1]["note"] == "gate was closed"
    expect(world.read(order), 1, [shipped(10)])


def test_a_part_may_be_delivered(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    world.now("2026-11-20T12:00:00Z")
    at = "2026-11-20T11:00:00Z"
    world.carrier(shipment, "delivered", at, lines=[{"line": 1, "quantity": "4"}])
    now = world.read(order)
    expect(now, 1, [(4, "delivered", *GONE), shipped(6)])
    assert (line_of(now, 1)["shipped"], line_of(now, 1)["delivered"]) == ("10", "4")
    with world.refuses(422):
        world.carrier(shipment, "delivered", at, lines=[{"line": 1, "quantity": "7"}])
    world.carrier(shipment, "delivered", at, lines=[{"line": 1, "quantity": "6"}])
    expect(world.read(order), 1, [(10, "delivered", *GONE)])


def test_a_second_tracking_number_adds(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10}, packages=[{"tracking_number": "JD01"}])
    world.carrier(shipment, "in_transit", "2026-11-18T09:00:00Z", tracking_number="JD02")
    (told,) = world.read(order)["shipments"]
    assert [one["tracking_number"] for one in told["packages"]] == ["JD01", "JD02"]


def test_what_the_carrier_brings_back_is_allocated_again_when_booked_in(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    world.carrier(shipment, "returned_to_sender", "2026-11-18T09:00:00Z")
    assert world.read(order)["shipments"][0]["state"] == "returned_to_sender"
    expect(world.read(order), 1, [shipped(10)])
    assert world.level("MAIN", "BOLT")["on_hand"] == "0"
    # Booking in what came back is cancelling the shipment.
    world.cancel_shipment(shipment)
    expect(world.read(order), 1, [ready(10)])
    assert world.read(order)["state"] == "open"
    assert world.level("MAIN", "BOLT")["on_hand"] == "10"


def test_a_shipment_from_elsewhere_is_made_once(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    path = f"orders/{order['number']}/shipments"
    body = world.work("MAIN", {1: 4}) | {"origin": "wms", "external_id": world.code("4")}
    first, again = (world.erp.post(path, json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["number"] == first.json()["number"]
    expect(world.read(order), 1, [shipped(4), ready(6)])
    with world.refuses(409):
        world.post(path, body | world.work("MAIN", {1: 5}))


# Cancelling: rules 15, 16


def test_cancelling_takes_what_is_furthest_away_first(world: World) -> None:
    world.shop({"BOLT": 30})
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 40, "2026-11-23")])
    world.inbound("purchase_order", "4712", "MAIN", [(1, "BOLT", 20, "2026-11-30")])
    order = world.order("BUYER", {"BOLT": 100})
    soon, late = ("awaiting_supplier", "25 Nov", "27 Nov"), ("awaiting_supplier", "2 Dec", "4 Dec")
    expect(order, 1, [ready(30), (40, *soon), (20, *late), dateless(10, "backordered")])
    expect(world.cancel(order, {1: 15}), 1, [ready(30), (40, *soon), (15, *late), dateless(15, "cancelled")])
    expect(world.cancel(order, {1: 20}), 1, [ready(30), (35, *soon), dateless(35, "cancelled")])
    expect(world.cancel(order, {1: 45}), 1, [ready(20), dateless(80, "cancelled")])
    assert world.level("MAIN", "BOLT")["allocated"] == "20"
    assert world.level("MAIN", "BOLT")["free"] == "10"
    summary = world.read(order)["summary"]
    assert (summary["ordered"], summary["to_come"], summary["never"]) == ("100", "20", "80")

    world.pick(order, "MAIN", {1: 15})
    with world.refuses(409):
        world.cancel(order, {1: 6})
    expect(world.cancel(order, {1: 5}), 1, [picking(15), dateless(85, "cancelled")])


def test_a_cancelled_order_is_cancelled_and_gives_way(world: World) -> None:
    world.shop({"BOLT": 10})
    order, later = world.order("BUYER", {"BOLT": 10}), world.order("BUYER", {"BOLT": 6})
    expect(later, 1, [dateless(6, "backordered")])
    with world.refuses(422, "11", "10"):
        world.cancel(order, {1: 11})
    now = world.cancel(order, {1: 10})
    assert now["state"] == "cancelled"
    assert now["summary"]["never"] == "10"
    expect(world.read(later), 1, [ready(6)])
    types = [event["type"] for event in world.feed("BUYER") if event["order"] == order["number"]]
    assert types.count("line.cancelled") == 1
    with world.refuses((409, 422)):
        world.cancel(order, {1: 1})
    with world.refuses((409, 422)):
        world.ship(order, "MAIN", {1: 1})


def test_what_shipped_cannot_be_cancelled_but_the_rest_closes_the_order(world: World) -> None:
    world.shop({"BOLT": 6})
    order = world.order("BUYER", {"BOLT": 10})
    world.ship(order, "MAIN", {1: 6})
    with world.refuses((409, 422)):
        world.cancel(order, {1: 5})
    now = world.cancel(order, {1: 4})
    expect(now, 1, [shipped(6), dateless(4, "cancelled")])
    assert now["state"] == "closed"


def test_lines_of_different_units_are_counted_not_added(world: World) -> None:
    world.shop({"BOLT": 10})
    world.product("OIL", unit="LTR")
    order = world.order("BUYER", {"BOLT": 10, "OIL": "2.5"})
    world.ship(order, "MAIN", {1: 10})
    summary = world.read(order)["summary"]
    assert (int(summary["lines"]), int(summary["lines_complete"])) == (2, 1)
    assert "ordered" not in summary


# Products: rule 20


def test_a_product_without_backorders_refuses_the_whole_order(world: World) -> None:
    world.shop({"BOLT": 4}, backorders="deny")
    world.product("NUT")
    world.stock("MAIN", "NUT", 50)
    with world.refuses(422, "10", "4"):
        world.order("BUYER", {"NUT": 5, "BOLT": 10})
    assert world.get("orders", account=world.code("BUYER"))["items"] == []
    order = world.order("BUYER", {"BOLT": 4})
    world.stock("MAIN", "BOLT", 3)
    expect(world.read(order), 1, [ready(3), dateless(1, "backordered")])


def test_what_is_not_counted_is_always_there(world: World) -> None:
    world.shop({})
    world.product("ADVICE", managed=False)
    order = world.order("BUYER", {"ADVICE": 500})
    told = portion(order, 1, "allocated")
    assert told["quantity"] == "500"
    world.told(order, "shipments", {"location": told["location"], "lines": [{"line": 1, "quantity": "500"}]})
    assert world.read(order)["state"] == "closed"


def test_an_inactive_product_cannot_be_ordered(world: World) -> None:
    world.shop({"BOLT": 4}, active=False)
    with world.refuses(422):
        world.order("BUYER", {"BOLT": 1})


# Prices and tax: rule 21


def test_the_price_comes_from_the_order_the_agreement_or_the_list(world: World) -> None:
    world.shop({"BOLT": 500, "NUT": 500}, price="1.00")
    breaks = [{"sku": "BOLT", "amount": "0.90"}, {"sku": "BOLT", "amount": "0.80", "min_quantity": "100"}]
    world.prices("PA-1", "BUYER", breaks)
    world.prices("PA-2", "BUYER", [{"sku": "NUT", "amount": "0.10"}], valid_to="2026-11-17")
    lines: list[tuple[str, object]] = [("BOLT", 99), ("BOLT", 100), ("NUT", 1)]
    order = world.order("BUYER", lines)
    source = f"agreement:{world.code('PA-1')}"
    assert [(one["unit_price"], one["price_source"]) for one in order["lines"]] == [
        ("0.90", source),
        ("0.80", source),
        ("1.00", "list"),
    ]
    body = world.order_body("BUYER", {"BOLT": 1})
    body["lines"][0]["unit_price"] = "0.123456"
    order = world.post("orders", body)
    world.orders.append(order["number"])
    assert (order["lines"][0]["unit_price"], order["lines"][0]["price_source"]) == ("0.123456", "order")
    body["lines"][0]["unit_price"] = "0.1234567"
    with world.refuses((400, 422)):
        world.post("orders", body)


def test_the_totals_are_exact(world: World) -> None:
    world.shop({"BOLT": 10}, price="10.00")
    world.product("FOOD", price="10.00", tax_category="reduced")
    world.product("BOOK", price="10.00", tax_category="zero")
    order = world.order("BUYER", {"BOLT": 10, "FOOD": 10, "BOOK": 10})
    totals = {"goods": "300.00", "discount": "0.00", "freight": "0.00", "tax": "25.00", "total": "325.00"}
    assert totals.items() <= order["totals"].items()
    world.account("ABROAD", tax_status="reverse_charge")
    order = world.order("ABROAD", {"BOLT": 10}, freight=12)
    totals = {"goods": "100.00", "freight": "12.00", "tax": "0.00", "total": "112.00"}
    assert totals.items() <= order["totals"].items()


@pytest.mark.parametrize("quantity", ["1.5", "0", "-3", "1000000000000000000000"])
def test_pieces_come_whole_and_more_than_none(world: World, quantity: str) -> None:
    world.shop({"BOLT": 10})
    with world.refuses(422):
        world.order("BUYER", {"BOLT": quantity})


def test_quantities_are_told_without_trailing_zeros(world: World) -> None:
    world.shop({"OIL": "10.500"}, unit="LTR")
    assert world.level("MAIN", "OIL")["on_hand"] == "10.5"
    order = world.order("BUYER", {"OIL": "0.350"})
    assert line_of(order, 1)["quantity"] == "0.35"
    assert world.level("MAIN", "OIL")["free"] == "10.15"


# Ship-tos


def test_the_ship_to_is_asked_for_when_there_are_several(world: World) -> None:
    world.shop({"BOLT": 10})
    world.account("BUYER", ship_tos=[ship_to("Leeds"), ship_to("York")])
    with world.refuses((400, 422)):
        world.order("BUYER", {"BOLT": 1})
    with world.refuses(422):
        world.order("BUYER", {"BOLT": 1}, ship_to="PARIS")
    order = world.order("BUYER", {"BOLT": 1}, ship_to="YORK")
    says(order, 1, "allocated", "York")


def test_lines_are_numbered_when_they_are_not(world: World) -> None:
    world.shop({"BOLT": 10})
    lines = [{"sku": world.code("BOLT"), "quantity": 1}, {"sku": world.code("BOLT"), "quantity": "2"}]
    order = world.post("orders", {"account": world.code("BUYER"), "lines": lines})
    world.orders.append(order["number"])
    assert [(one["line"], one["quantity"]) for one in order["lines"]] == [(1, "1"), (2, "2")]


# Credit and approval: rules 24, 25


def exposure(world: World) -> Json:
    credit = world.get(f"accounts/{world.code('BUYER')}/credit")
    assert credit["exposure"].keys() >= {"open_orders", "shipped_not_invoiced", "invoiced_unpaid"}
    return credit


def test_over_the_limit_an_order_is_held_and_takes_nothing(world: World) -> None:
    world.shop({"BOLT": 10}, price="10.00")
    world.account("BUYER", credit_limit="100.00")
    order = world.order("BUYER", {"BOLT": 10})  # 120.00 with tax
    assert order["state"] == "held"
    expect(order, 1, [dateless(10, "held")])
    assert portion(order, 1)["held_from"] not in ("allocated", "picking", "packed")
    assert fact(portion(order, 1), "hold")["reason"] == "credit"
    assert world.level("MAIN", "BOLT")["free"] == "10"
    assert exposure(world)["exposure"]["open_orders"] == "0.00"

    second = world.order("BUYER", {"BOLT": 8})  # 96.00 with tax
    assert second["state"] == "open"
    expect(second, 1, [ready(8)])
    assert exposure(world)["exposure"]["open_orders"] == "96.00"
    assert (exposure(world)["limit"], exposure(world)["available"]) == ("100.00", "4.00")

    (hold,) = world.read(order)["holds"]
    with world.refuses(422):
        world.release(order, hold["id"])
    world.account("BUYER", credit_limit="216.00")
    now = world.release(order, hold["id"])
    assert now["state"] == "open"
    expect(now, 1, [ready(2), dateless(8, "backordered")])
    assert exposure(world)["available"] == "0.00"


def test_exposure_follows_the_goods(world: World) -> None:
    world.shop({"BOLT": 10}, price="10.00")
    order = world.order("BUYER", {"BOLT": 8})

    def figures() -> tuple[str, ...]:
        told = exposure(world)["exposure"]
        return told["open_orders"], told["shipped_not_invoiced"], told["invoiced_unpaid"]

    assert figures() == ("96.00", "0.00", "0.00")
    shipment = world.ship(order, "MAIN", {1: 3})
    open_orders, *left = figures()
    assert open_orders == "60.00"
    assert sorted(left) == ["0.00", "36.00"], "shipped, and invoiced as soon as there are invoices"
    world.cancel(order, {1: 5})
    assert figures()[0] == "0.00"
    world.cancel_shipment(shipment)
    assert figures() == ("36.00", "0.00", "0.00")
    assert exposure(world)["limit"] is None


def test_an_account_on_credit_hold_orders_and_waits(world: World) -> None:
    world.shop({"BOLT": 10})
    world.account("BUYER", credit_hold=True)
    order = world.order("BUYER", {"BOLT": 1})
    assert order["state"] == "held"
    assert world.level("MAIN", "BOLT")["allocated"] == "0"
    assert exposure(world)["hold"] is True


def test_bypassing_approval_is_a_right_of_its_own(world: World) -> None:
    world.shop({"BOLT": 10})
    clerk, chief = world.token(scopes=["orders:write"]), world.token(scopes=["orders:write", "orders:bypass"])
    body = world.order_body("BUYER", {"BOLT": 1}, approval="bypass")
    assert clerk.post("orders", json=body).status_code == 403
    placed = chief.post("orders", json=body)
    assert (placed.status_code, placed.json()["state"]) == (201, "open")
    world.orders.append(placed.json()["number"])


# Papers


def test_a_shipment_has_its_delivery_note(world: World) -> None:
    world.shop({"BOLT": 10})
    world.account("OTHER")
    shipment = world.ship(world.order("BUYER", {"BOLT": 10}), "MAIN", {1: 10})
    path = f"shipments/{shipment['number']}/delivery-note.pdf"
    for client in (world.erp, world.token("BUYER")):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    assert world.token("OTHER").get(path).status_code == 404


# What is said


def test_events_tell_the_life_of_an_order(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    hold = world.hold(order, "manual")
    world.release(order, hold)
    shipment = world.ship(order, "MAIN", {1: 8})
    world.carrier(shipment, "delivered", "2026-11-18T09:00:00Z")
    world.cancel(order, {1: 2})
    timeline = world.get(f"orders/{order['number']}/timeline")["items"]
    told = [event["type"] for event in timeline]
    story = (
        "order.placed",
        "hold.set",
        "hold.released",
        "shipment.shipped",
        "shipment.delivered",
        "line.cancelled",
        "order.closed",
    )
    assert [kind for kind in told if kind in story] == list(story)
    assert {event["order"] for event in timeline} == {order["number"]}


def test_every_waiting_portion_says_what_it_waits_for(world: World) -> None:
    world.shop({"BOLT": 0})
    order = world.order("BUYER", {"BOLT": 10})
    assert "queue_ahead" not in facts(portion(order, 1))
    says(order, 1, "backordered", 10)
