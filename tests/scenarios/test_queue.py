"""Staff override the queue: who goes ahead, whose stock it is, where it comes from; and both buyers read why."""

from tests.scenarios.claims import expect, facts, portion, says
from tests.scenarios.driver import Json, World

READY = ("19 Nov", "23 Nov")  # MAIN's stock on Wed 18: picked by Thu 19, on the road until Sat 21
MONDAY = ("25 Nov", "27 Nov")  # MAIN's supply of Mon 23: received Tue 24, picked Wed 25, two days by road
WEEK_LATER = ("2 Dec", "4 Dec")  # the same a week later


def two_in_a_queue(world: World) -> tuple[Json, Json]:
    """10 come on Monday and 10 a week later; two buyers want 10 each, in this order."""
    world.shop({"BOLT": 0})
    world.account("RIVAL")
    for reference, day in (("4711", "2026-11-23"), ("4712", "2026-11-30")):
        world.inbound("purchase_order", reference, "MAIN", [(1, "BOLT", 10, day)], supplier="Acme")
    first, second = world.order("BUYER", {"BOLT": 10}), world.order("RIVAL", {"BOLT": 10})
    expect(first, 1, [(10, "awaiting_supplier", *MONDAY)])
    expect(second, 1, [(10, "awaiting_supplier", *WEEK_LATER)])
    return first, second


def test_a_line_put_ahead_takes_the_earlier_supply_and_both_read_why(world: World) -> None:
    first, second = two_in_a_queue(world)
    mark = world.mark()

    second = world.prioritise(second, 1, 5, "line_down")
    expect(second, 1, [(10, "awaiting_supplier", *MONDAY)])
    first = world.read(first)
    expect(first, 1, [(10, "awaiting_supplier", *WEEK_LATER)])

    moved = {"fact": "moved_in_queue", "to": "ahead", "reason": "line_down"}
    assert moved in portion(second, 1)["because"]
    says(second, 1, "awaiting_supplier", "moved ahead in the queue because a production line stands still")
    assert "moved_in_queue" not in facts(portion(first, 1))
    cause = {"what": "queue_changed", "reason": "line_down"}
    for account in ("BUYER", "RIVAL"):
        [event] = world.news(mark, account, "promise.changed")
        assert event["data"]["cause"] == cause, "each is told why, and of nobody else"
    [changed] = world.news(mark, "RIVAL", "queue.changed")
    assert changed["data"]["priority"] == 5
    assert world.news(mark, "BUYER", "queue.changed") == []

    # Who orders later stands behind both, and the account's own place comes back when staff take theirs away.
    third = world.order("BUYER", {"BOLT": 1})
    expect(third, 1, [(1, "backordered", None, None)])
    expect(world.prioritise(second, 1, None, "agreed"), 1, [(10, "awaiting_supplier", *WEEK_LATER)])
    expect(world.read(first), 1, [(10, "awaiting_supplier", *MONDAY)])


def test_a_line_put_back_says_so(world: World) -> None:
    first, second = two_in_a_queue(world)
    first = world.prioritise(first, 1, -1, "contract")
    says(first, 1, "awaiting_supplier", "moved back in the queue because a contract asks for it")
    expect(world.read(second), 1, [(10, "awaiting_supplier", *MONDAY)])


def test_what_does_not_wait_has_no_place_in_a_queue(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    with world.refuses(409, "Nothing of line 1"):
        world.prioritise(order, 1, 5)
    with world.refuses(422, "has no line 9"):
        world.prioritise(order, 9, 5)
    with world.refuses(400):
        world.prioritise(order, 1, 5, "because I say so")


def test_stock_is_given_to_whom_it_is_more_urgent_for(world: World) -> None:
    world.shop({"BOLT": 10})
    world.account("RIVAL")
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 10, "2026-11-23")], supplier="Acme")
    has, wants = world.order("BUYER", {"BOLT": 10}), world.order("RIVAL", {"BOLT": 6})
    mark = world.mark()

    wants = world.reassign(wants, 1, (has, 1), 4)
    expect(wants, 1, [(4, "allocated", *READY), (2, "awaiting_supplier", *MONDAY)])
    expect(world.read(has), 1, [(6, "allocated", *READY), (4, "awaiting_supplier", *MONDAY)])
    assert world.level("MAIN", "BOLT")["allocated"] == "10"

    [released] = world.news(mark, "BUYER", "portion.released")
    assert released["data"]["cause"] == {"what": "reassigned", "reason": "safety"}
    assert released["data"]["lines"][0]["quantity"] == "4"
    [given] = world.news(mark, "RIVAL", "portion.allocated")
    assert given["data"]["cause"] == {"what": "reassigned", "reason": "safety"}


def test_only_what_is_there_and_not_being_picked_can_be_given(world: World) -> None:
    world.shop({"BOLT": 10, "NUT": 0})
    has, wants = world.order("BUYER", {"BOLT": 10}), world.order("BUYER", {"BOLT": 6, "NUT": 1})
    with world.refuses(422, "7 wanted, but 6 of line 1"):
        world.reassign(wants, 1, (has, 1), 7)
    world.pick(has, "MAIN", {1: 8})
    with world.refuses(422, "3 wanted, but 2 of line 1", pointer="/quantity"):
        world.reassign(wants, 1, (has, 1), 3)
    with world.refuses(422, "only the same can be given"):
        world.reassign(wants, 2, (has, 1), 1)
    with world.refuses(404):
        world.reassign(wants, 1, ({"number": "SO-1900-000001"}, 1), 1)


def test_stock_that_a_contract_guarantees_is_nobody_elses_to_give(world: World) -> None:
    world.shop({"BOLT": 10})
    world.account("RIVAL")
    world.agreement("AA-1", "BUYER", "MAIN", "BOLT", 10)
    has, wants = world.order("BUYER", {"BOLT": 10}), world.order("RIVAL", {"BOLT": 5})
    with world.refuses(422, "1 wanted, but 0 of line 1"):
        world.reassign(wants, 1, (has, 1), 1)


def two_places(world: World) -> None:
    world.shop({"BOLT": 10})
    world.location("NORTH", name="Doncaster")
    world.stock("NORTH", "BOLT", 4)


def test_what_is_set_aside_moves_to_stock_that_is_free_elsewhere(world: World) -> None:
    two_places(world)
    order = world.order("BUYER", {"BOLT": 10})
    with world.refuses(422, "6 wanted, but 4 of", "are free at", pointer="/quantity"):
        world.relocate(order, 1, "NORTH", 6, "MAIN")
    order = world.relocate(order, 1, "NORTH", 3, "MAIN")
    at = {one["location"]: one["quantity"] for one in order["lines"][0]["portions"]}
    assert at == {world.code("MAIN"): "7", world.code("NORTH"): "3"}
    assert world.level("MAIN", "BOLT")["free"] == "3"
    assert world.level("NORTH", "BOLT")["free"] == "1"


def test_goods_that_go_to_another_location_are_this_lines_when_they_come_in(world: World) -> None:
    two_places(world)
    world.stock("NORTH", "BOLT", 0)
    order = world.order("BUYER", {"BOLT": 6})
    order = world.relocate(order, 1, "NORTH", 5, "MAIN", transfer_expected_on="2026-11-23")
    expect(order, 1, [(1, "allocated", *READY), (5, "awaiting_transfer", *MONDAY)])
    supply = portion(order, 1, "awaiting_transfer")["supply"]
    assert (supply["kind"], supply["expected_on"]) == ("transfer", "2026-11-23")
    assert order["number"] not in supply["reference"], "another buyer reads it when the goods become theirs"
    assert world.level("MAIN", "BOLT")["on_hand"] == "5"

    rival = world.order("BUYER", {"BOLT": 9})
    world.now("2026-11-23T09:00:00Z")
    world.post(f"inbound/transfer/{supply['reference']}/receipts", {"lines": [{"line": 1, "received": "5"}]})
    assert {p["location"] for p in world.read(order)["lines"][0]["portions"]} == {
        world.code("MAIN"),
        world.code("NORTH"),
    }
    assert world.read(rival)["lines"][0]["shipped"] == "0"
    with world.refuses(422, "is over"):
        world.relocate(order, 1, "NORTH", 1, "MAIN", transfer_expected_on="2026-11-02")


def test_what_waits_can_be_told_where_to_come_from(world: World) -> None:
    world.shop({"BOLT": 0})
    world.location("NORTH", name="Doncaster")
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 5, "2026-11-23")], supplier="Acme")
    world.inbound("purchase_order", "4712", "NORTH", [(1, "BOLT", 5, "2026-11-30")], supplier="Acme")
    order, behind = world.order("BUYER", {"BOLT": 5}), world.order("BUYER", {"BOLT": 5})
    expect(order, 1, [(5, "awaiting_supplier", *MONDAY)])

    expect(world.relocate(order, 1, "NORTH"), 1, [(5, "awaiting_supplier", *WEEK_LATER)])
    expect(world.read(behind), 1, [(5, "awaiting_supplier", *MONDAY)])
    # Stock that comes in elsewhere passes it by.
    world.stock("MAIN", "BOLT", 3)
    expect(world.read(order), 1, [(5, "awaiting_supplier", *WEEK_LATER)])
    # Another place in the queue keeps its own reason, whatever is decided about the location.
    world.prioritise(order, 1, 5, "safety")
    world.relocate(order, 1, None)
    assert "people's safety" in portion(world.relocate(order, 1, "NORTH"), 1)["sentence"]
    world.prioritise(order, 1, None, "agreed")
    with world.refuses(409, "served from there already"):
        world.relocate(order, 1, "NORTH")
    expect(world.relocate(order, 1, None), 1, [(5, "awaiting_supplier", *MONDAY)])
