"""Rules 8 to 12 and 28: supply, counts, agreements, the queue, and where goods are taken from."""

import pytest

from tests.scenarios.claims import Json, Told, expect, fact, facts, portion, portions_of
from tests.scenarios.driver import World

READY = ("19 Nov", "23 Nov")  # MAIN's stock on Wed 18: picked by Thu 19, on the road until Sat 21
MONDAY = ("25 Nov", "27 Nov")  # MAIN's supply of Mon 23: received Tue 24, picked Wed 25, two days by road


def ready(quantity: int) -> Told:
    return (quantity, "allocated", *READY)


def awaiting(quantity: int) -> Told:
    return (quantity, "awaiting_supplier", *MONDAY)


def backordered(quantity: int) -> Told:
    return (quantity, "backordered", None, None)


def reserved(quantity: int) -> Told:
    return (quantity, "reserved_elsewhere", None, None)


def figures(world: World, location: str = "MAIN", sku: str = "BOLT") -> tuple[str, ...]:
    """On hand, quarantined, allocated, reserved, free."""
    level = world.level(location, sku)
    return tuple(level[key] for key in ("on_hand", "quarantined", "allocated", "reserved", "free"))


def buys(world: World, *lines: tuple[int, object], reference: str = "4711", sku: str = "BOLT") -> None:
    """A supplier order for MAIN, due on Mon 23."""
    told = [(line, sku, quantity, "2026-11-23") for line, quantity in lines]
    world.inbound("purchase_order", reference, "MAIN", told, supplier="Acme")


# Inbound: rule 8


def test_what_comes_in_is_taken_off_what_is_outstanding(world: World) -> None:
    world.shop({"BOLT": 0})
    buys(world, (1, 100))
    order = world.order("BUYER", {"BOLT": 100})
    expect(order, 1, [awaiting(100)])
    world.receive("purchase_order", "4711", {1: 40})
    expect(world.read(order), 1, [ready(40), awaiting(60)])
    # Put again: quantities are totals ever, so that 40 of the 100 have come, or of 80.
    buys(world, (1, 100))
    expect(world.read(order), 1, [ready(40), awaiting(60)])
    buys(world, (1, 80))
    expect(world.read(order), 1, [ready(40), awaiting(40), backordered(20)])
    world.receive("purchase_order", "4711", {1: 40})
    expect(world.read(order), 1, [ready(80), backordered(20)])
    assert figures(world) == ("80", "0", "80", "0", "0")


def test_received_rejected_and_quarantined_are_disjoint(world: World) -> None:
    world.shop({"BOLT": 0})
    buys(world, (1, 100))
    order = world.order("BUYER", {"BOLT": 100})
    receipt = {"line": 1, "received": "50", "rejected": "10", "quarantined": "20"}
    world.receive("purchase_order", "4711", [receipt])
    assert figures(world) == ("70", "20", "50", "0", "0")
    expect(world.read(order), 1, [ready(50), awaiting(20), backordered(30)])


def test_a_closed_line_brings_nothing_more(world: World) -> None:
    world.shop({"BOLT": 0})
    buys(world, (1, 100))
    order = world.order("BUYER", {"BOLT": 100})
    world.receive("purchase_order", "4711", [{"line": 1, "received": "70", "closed": True}])
    expect(world.read(order), 1, [ready(70), backordered(30)])


def test_more_than_was_bought_may_come(world: World) -> None:
    world.shop({"BOLT": 0})
    buys(world, (1, 10))
    order = world.order("BUYER", {"BOLT": 10})
    world.receive("purchase_order", "4711", {1: 12})
    expect(world.read(order), 1, [ready(10)])
    assert figures(world) == ("12", "0", "10", "0", "2")


def test_a_line_left_out_is_withdrawn(world: World) -> None:
    world.shop({"BOLT": 0})
    buys(world, (1, 30), (2, 20))
    order = world.order("BUYER", {"BOLT": 50})
    assert [one["supply"]["line"] for one in portions_of(order, 1)] == [1, 2]
    buys(world, (1, 30))
    expect(world.read(order), 1, [awaiting(30), backordered(20)])


def test_it_goes_to_the_line_it_was_bought_for_then_to_the_queue(world: World) -> None:
    world.shop({"BOLT": 0})
    first, second = world.order("BUYER", {"BOLT": 10}), world.order("BUYER", {"BOLT": 10})
    lines = [(1, "BOLT", 15, "2026-11-23")]
    world.inbound("purchase_order", "4711", "MAIN", lines, for_line=(second, 1))
    expect(world.read(first), 1, [awaiting(5), backordered(5)])
    expect(world.read(second), 1, [awaiting(10)])
    world.receive("purchase_order", "4711", {1: 15})
    expect(world.read(first), 1, [ready(5), backordered(5)])
    expect(world.read(second), 1, [ready(10)])


def test_an_inspection_releases_or_rejects_what_is_in_quarantine(world: World) -> None:
    world.shop({"BOLT": 0})
    world.stock("MAIN", "BOLT", 30, quarantined=30)
    world.inbound("inspection", "QI-1", "MAIN", [(1, "BOLT", 30, "2026-11-23")])
    order = world.order("BUYER", {"BOLT": 30})
    expect(order, 1, [(30, "awaiting_inspection", *MONDAY)])
    world.receive("inspection", "QI-1", [{"line": 1, "received": "20", "rejected": "10"}])
    assert figures(world) == ("20", "0", "20", "0", "0")
    expect(world.read(order), 1, [ready(20), backordered(10)])


def test_a_transfer_leaves_one_shelf_when_it_is_put_and_reaches_the_other_when_received(world: World) -> None:
    world.shop({"BOLT": 0})
    world.location("NORTH")
    world.stock("NORTH", "BOLT", 25)
    for _ in range(2):  # put twice it is still one transfer
        world.inbound("transfer", "TR-1", "MAIN", [(1, "BOLT", 20, "2026-11-23")], from_location="NORTH")
    assert figures(world, "NORTH") == ("5", "0", "0", "0", "5")
    order = world.order("BUYER", {"BOLT": 25})
    expect(order, 1, [ready(5), (20, "awaiting_transfer", *MONDAY)])
    world.receive("transfer", "TR-1", {1: 20})
    assert figures(world) == ("20", "0", "20", "0", "0")
    assert where(world, order, 1) == [("20", "MAIN"), ("5", "NORTH")]


def test_a_smaller_transfer_gives_the_difference_back(world: World) -> None:
    world.shop({"BOLT": 0})
    world.location("NORTH")
    world.stock("NORTH", "BOLT", 25)
    for quantity, left in ((20, "5"), (12, "13"), (15, "10")):
        lines = [(1, "BOLT", quantity, "2026-11-23")]
        world.inbound("transfer", "TR-1", "MAIN", lines, from_location="NORTH")
        assert figures(world, "NORTH") == (left, "0", "0", "0", left)


def test_a_transfer_of_more_than_is_there_is_refused(world: World) -> None:
    world.shop({"BOLT": 0})
    world.location("NORTH")
    world.stock("NORTH", "BOLT", 5)
    with world.refuses(422, "20", "5"):
        world.inbound("transfer", "TR-1", "MAIN", [(1, "BOLT", 20, "2026-11-23")], from_location="NORTH")


# The queue


def test_new_stock_goes_to_whoever_waits_longest(world: World) -> None:
    world.shop({"BOLT": 0})
    first, second = world.order("BUYER", {"BOLT": 10}), world.order("BUYER", {"BOLT": 10})
    assert fact(portion(second, 1), "queue_ahead")["quantity"] == "10"
    world.stock("MAIN", "BOLT", 15)
    expect(world.read(first), 1, [ready(10)])
    expect(world.read(second), 1, [ready(5), backordered(5)])
    assert "queue_ahead" not in facts(portion(world.read(second), 1, "backordered"))


def test_a_first_delivery_with_more_ahead_is_not_your_date(world: World) -> None:
    world.shop({"BOLT": 0})
    world.order("BUYER", {"BOLT": 90})
    order = world.order("BUYER", {"BOLT": 20})
    world.inbound(
        "purchase_order", "4711", "MAIN", [(1, "BOLT", 80, "2026-11-23"), (2, "BOLT", 80, "2026-11-30")]
    )
    # Mon 30: received Tue 1, picked Wed 2, at Leeds Fri 4.
    expect(world.read(order), 1, [(20, "awaiting_supplier", "2 Dec", "4 Dec")])
    assert fact(portion(world.read(order), 1), "queue_ahead")["quantity"] == "90"


def test_a_higher_priority_goes_first_and_an_older_date_on_paper_does_not(world: World) -> None:
    world.shop({"BOLT": 0})
    world.account("FIRST", priority=5)
    normal = world.order("BUYER", {"BOLT": 10})
    backdated = world.order("BUYER", {"BOLT": 10}, placed_at="2026-01-02T08:00:00Z")
    preferred = world.order("FIRST", {"BOLT": 10})
    buys(world, (1, 15))
    expect(world.read(preferred), 1, [awaiting(10)])
    expect(world.read(normal), 1, [awaiting(5), backordered(5)])
    expect(world.read(backdated), 1, [backordered(10)])
    assert world.read(backdated)["placed_at"] == "2026-01-02T08:00:00Z"


# Counts: rule 9


def test_a_count_below_what_is_promised_takes_reserved_first_then_the_newest(world: World) -> None:
    world.shop({"BOLT": 100})
    world.account("HOLDER")
    world.account("FIRST", priority=5)
    world.agreement("AA-1", "HOLDER", "MAIN", "BOLT", 30)
    preferred = world.order("FIRST", {"BOLT": 20})
    older, newer = world.order("BUYER", {"BOLT": 20}), world.order("BUYER", {"BOLT": 20})
    assert figures(world) == ("100", "0", "60", "30", "10")
    world.stock("MAIN", "BOLT", 75)
    assert figures(world) == ("75", "0", "60", "15", "0")
    world.stock("MAIN", "BOLT", 50)
    assert figures(world) == ("50", "0", "50", "0", "0")
    expect(world.read(newer), 1, [ready(10), backordered(10)])
    world.stock("MAIN", "BOLT", 25)
    expect(world.read(newer), 1, [backordered(20)])
    expect(world.read(older), 1, [ready(5), backordered(15)])
    expect(world.read(preferred), 1, [ready(20)])


def test_a_count_below_what_is_picked_is_refused(world: World) -> None:
    world.shop({"BOLT": 20})
    order = world.order("BUYER", {"BOLT": 20})
    world.pick(order, "MAIN", {1: 12})
    with world.refuses(409, "12"):
        world.stock("MAIN", "BOLT", 11)
    world.stock("MAIN", "BOLT", 12)
    expect(world.read(order), 1, [(12, "picking", *READY), backordered(8)])


def test_a_count_leaves_quarantine_as_it_is_unless_it_says_so(world: World) -> None:
    world.shop({"BOLT": 0})
    world.stock("MAIN", "BOLT", 20, quarantined=5)
    world.stock("MAIN", "BOLT", 30)
    assert figures(world) == ("30", "5", "0", "0", "25")
    world.stock("MAIN", "BOLT", 30, quarantined=0)
    assert figures(world) == ("30", "0", "0", "0", "30")


# Agreements: rules 10, 11


def test_an_agreement_reserves_what_is_usable_up_to_what_remains(world: World) -> None:
    world.shop({"BOLT": 50})
    world.account("HOLDER")
    world.agreement("AA-1", "HOLDER", "MAIN", "BOLT", 80)
    assert figures(world) == ("50", "0", "0", "50", "0")
    # New stock fills the agreement before the queue.
    order = world.order("BUYER", {"BOLT": 20})
    expect(order, 1, [reserved(20)])
    world.stock("MAIN", "BOLT", 75)
    assert figures(world) == ("75", "0", "0", "75", "0")
    expect(world.read(order), 1, [reserved(20)])
    world.stock("MAIN", "BOLT", 90)
    assert figures(world) == ("90", "0", "10", "80", "0")
    expect(world.read(order), 1, [ready(10), reserved(10)])


def test_draws_are_kept_and_given_back(world: World) -> None:
    world.shop({"BOLT": 200})
    world.account("HOLDER")
    world.agreement("AA-1", "HOLDER", "MAIN", "BOLT", 180)
    order = world.order("HOLDER", {"BOLT": 40})
    assert figures(world) == ("200", "0", "40", "140", "20")
    world.agreement("AA-1", "HOLDER", "MAIN", "BOLT", 190)
    assert figures(world) == ("200", "0", "40", "150", "10")
    world.cancel(order, {1: 10})
    assert figures(world) == ("200", "0", "30", "160", "10")
    # What shipped is drawn for good.
    world.ship(order, "MAIN", {1: 30})
    assert figures(world) == ("170", "0", "0", "160", "10")


def test_children_draw_on_their_parents_agreement_and_others_do_not(world: World) -> None:
    world.shop({"BOLT": 50})
    world.account("GROUP")
    world.account("CHILD", parent="GROUP")
    world.account("GRANDCHILD", parent="CHILD")
    world.agreement("AA-1", "GROUP", "MAIN", "BOLT", 50)
    expect(world.order("CHILD", {"BOLT": 10}), 1, [ready(10)])
    expect(world.order("GRANDCHILD", {"BOLT": 10}), 1, [ready(10)])
    expect(world.order("BUYER", {"BOLT": 10}), 1, [reserved(10)])
    assert figures(world) == ("50", "0", "20", "30", "0")


def test_a_new_agreement_takes_unpicked_stock_of_others_at_once(world: World) -> None:
    world.shop({"BOLT": 50})
    world.account("HOLDER")
    picked, unpicked = world.order("BUYER", {"BOLT": 25}), world.order("BUYER", {"BOLT": 25})
    world.pick(picked, "MAIN", {1: 25})
    mark = world.mark()
    world.agreement("AA-1", "HOLDER", "MAIN", "BOLT", 40)
    expect(world.read(picked), 1, [(25, "picking", *READY)])
    expect(world.read(unpicked), 1, [reserved(25)])
    assert figures(world) == ("50", "0", "25", "25", "0")
    (moved,) = world.news(mark, "BUYER", "promise.changed")
    assert moved["order"] == unpicked["number"]


def test_an_agreement_counts_only_while_it_is_valid(world: World) -> None:
    world.shop({"BOLT": 50})
    world.account("HOLDER")
    world.agreement("AA-1", "HOLDER", "MAIN", "BOLT", 40, valid_from="2026-12-01")
    world.agreement("AA-2", "HOLDER", "MAIN", "BOLT", 40, valid_to="2026-11-17")
    assert figures(world) == ("50", "0", "0", "0", "50")
    world.agreement("AA-2", "HOLDER", "MAIN", "BOLT", 40, valid_to="2026-11-18")
    assert figures(world) == ("50", "0", "0", "40", "10")


def test_agreements_begin_and_end_with_the_day(world: World) -> None:
    world.shop({"BOLT": 50})
    world.account("HOLDER")
    agreed = {"valid_from": "2026-11-19", "valid_to": "2026-11-20"}
    world.agreement("AA-1", "HOLDER", "MAIN", "BOLT", 40, **agreed)
    assert figures(world) == ("50", "0", "0", "0", "50")
    world.now("2026-11-19T09:00:00Z")
    assert figures(world) == ("50", "0", "0", "40", "10")
    order = world.order("BUYER", {"BOLT": 30})
    # Picked by Fri 20, on the road until Sun 22.
    expect(order, 1, [(10, "allocated", "20 Nov", "23 Nov"), reserved(20)])
    world.ship(order, "MAIN", {1: 10})
    world.now("2026-11-21T09:00:00Z")
    assert figures(world) == ("40", "0", "20", "0", "20")
    # Sat 21: picking begins on Mon 23.
    expect(world.read(order), 1, [(10, "shipped", "19 Nov", "23 Nov"), (20, "allocated", "24 Nov", "26 Nov")])


def test_reserved_elsewhere_goes_by_the_queue_up_to_what_is_reserved(world: World) -> None:
    world.shop({"BOLT": 20})
    world.account("HOLDER")
    world.agreement("AA-1", "HOLDER", "MAIN", "BOLT", 20)
    first, second = world.order("BUYER", {"BOLT": 15}), world.order("BUYER", {"BOLT": 15})
    expect(world.read(first), 1, [reserved(15)])
    expect(world.read(second), 1, [reserved(5), backordered(10)])
    told = fact(portion(world.read(second), 1, "reserved_elsewhere"), "stock_reserved")
    assert told == {"fact": "stock_reserved", "location": world.code("MAIN"), "quantity": "20"}


# Choosing stock: rule 12


def two_houses(world: World, main: dict[str, int], north: dict[str, int]) -> None:
    world.shop(main)
    world.location("NORTH", name="Grimsby")
    world.product(*north)
    for sku, quantity in north.items():
        world.stock("NORTH", sku, quantity)


def where(world: World, order: Json, line: int) -> list[tuple[str, str]]:
    """(quantity, location) of what is allocated of a line, by location."""
    found = [
        (one["quantity"], one["location"].removeprefix(f"{world.tag}-"))
        for one in portions_of(world.read(order), line)
        if one["status"] == "allocated"
    ]
    return sorted(found, key=lambda one: one[1])


def test_a_whole_order_ships_from_one_location_if_one_can(world: World) -> None:
    two_houses(world, {"BOLT": 50}, {"BOLT": 10, "NUT": 10})
    order = world.order("BUYER", {"BOLT": 5, "NUT": 5})
    assert [where(world, order, line) for line in (1, 2)] == [[("5", "NORTH")], [("5", "NORTH")]]


def test_else_each_line_from_one(world: World) -> None:
    two_houses(world, {"BOLT": 7, "NUT": 10}, {"BOLT": 8, "CABLE": 5})
    order = world.order("BUYER", {"BOLT": 8, "NUT": 5, "CABLE": 5})
    assert [where(world, order, line) for line in (1, 2, 3)] == [
        [("8", "NORTH")],
        [("5", "MAIN")],
        [("5", "NORTH")],
    ]


def test_else_the_largest_free_stock_first(world: World) -> None:
    two_houses(world, {"BOLT": 5}, {"BOLT": 8})
    order = world.order("BUYER", {"BOLT": 11})
    assert where(world, order, 1) == [("3", "MAIN"), ("8", "NORTH")]


def test_ties_go_by_code(world: World) -> None:
    two_houses(world, {"BOLT": 10}, {"BOLT": 10})
    assert where(world, world.order("BUYER", {"BOLT": 6}), 1) == [("6", "MAIN")]


def test_what_is_there_is_sold_once(world: World) -> None:
    world.shop({"BOLT": 10})
    orders = [world.order("BUYER", {"BOLT": 4}) for _ in range(3)]
    assert [len(where(world, order, 1)) for order in orders] == [1, 1, 1]
    expect(world.read(orders[2]), 1, [ready(2), backordered(2)])


# Early facts: rule 28


def test_a_receipt_that_comes_before_its_supplier_order_waits_for_it(world: World) -> None:
    world.shop({"BOLT": 0})
    order = world.order("BUYER", {"BOLT": 10})
    path = f"inbound/purchase_order/{world.code('4711')}/receipts"
    answer = world.erp.post(path, json={"lines": [{"line": 1, "received": "6"}]})
    assert answer.status_code == 202
    assert answer.json()["parked"] is True
    assert figures(world) == ("0", "0", "0", "0", "0")
    buys(world, (1, 10))
    assert figures(world) == ("6", "0", "6", "0", "0")
    expect(world.read(order), 1, [ready(6), awaiting(4)])


@pytest.mark.parametrize("name", ["JD77", "WMS-7"])
def test_what_a_carrier_says_too_early_is_applied_when_the_shipment_is_known(world: World, name: str) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    told = {"state": "in_transit", "at": "2026-11-18T09:30:00Z"}
    answer = world.erp.post(f"shipments/{world.code(name)}/events", json=told)
    assert answer.status_code == 202
    assert answer.json()["parked"] is True
    known = {"packages": [{"tracking_number": world.code("JD77")}], "origin": "wms"}
    shipment = world.ship(order, "MAIN", {1: 10}, **known, external_id=world.code("WMS-7"))
    assert world.get(f"shipments/{shipment['number']}")["state"] == "in_transit"


def test_a_receipt_of_a_line_that_was_not_bought_is_refused(world: World) -> None:
    world.shop({"BOLT": 0})
    buys(world, (1, 10))
    with world.refuses(422, "7"):
        world.receive("purchase_order", "4711", {7: 5})


@pytest.mark.parametrize("path", ["stock?sku={sku}", "stock/{location}/{sku}"])
def test_stock_can_be_read_by_product_and_by_place(world: World, path: str) -> None:
    world.shop({"BOLT": 7})
    told = world.get(path.format(sku=world.code("BOLT"), location=world.code("MAIN")))
    levels = told.get("items", [told])
    assert [(one["on_hand"], one["free"]) for one in levels] == [("7", "7")]
