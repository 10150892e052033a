"""Scenario 7. A shortage found in the middle of picking."""

from portal.stories.a_short_pick import STORY
from tests.scenarios.claims import Told, expect, first_promised, line_of, portion, says
from tests.scenarios.driver import World
from tests.scenarios.telling import tell

# A supplier order covers the last one. Wed 25: received Thu 26, picked Fri 27, Sun 29, so Mon 30.
LAST: Told = (1, "awaiting_supplier", "27 Nov", "30 Nov")
# Two are at Grimsby: two days to pick, Fri 20; three by road: Mon 23.
NORTH: Told = (2, "allocated", "20 Nov", "23 Nov")


def test_three_of_ten_are_not_on_the_shelf(story: World) -> None:
    tell(story, STORY, CLAIMS)


def ordered(world: World) -> None:
    expect(world.the("order"), 1, [(10, "allocated", "19 Nov", "23 Nov")])


def picked(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(10, "picking", "19 Nov", "23 Nov")])
    says(order, 1, "picking", 10, "Leicester")


def missed(world: World) -> None:
    order = world.the("order")
    # One is nowhere.
    expect(order, 1, [(7, "picking", "19 Nov", "23 Nov"), NORTH, (1, "backordered", None, None)])
    assert portion(order, 1, "picking")["location"] == world.code("MAIN")
    assert portion(order, 1, "allocated")["location"] == world.code("NORTH")
    says(order, 1, "allocated", 2, "Grimsby", "20 Nov", "23 Nov")
    says(order, 1, "backordered", 1)
    first_promised(order, 1, "backordered", "19 Nov", "23 Nov")
    # The stock is corrected: what is not there was never counted twice.
    zero = {"quarantined": "0", "reserved": "0", "free": "0"}
    assert world.level("MAIN", "VALVE") == {"on_hand": "7", "allocated": "7", **zero}
    assert world.level("NORTH", "VALVE") == {"on_hand": "2", "allocated": "2", **zero}
    (moved,) = world.lately("NORDWIND", "promise.changed")
    assert moved["order"] == order["number"]


def announced(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(7, "picking", "19 Nov", "23 Nov"), NORTH, LAST])
    says(order, 1, "awaiting_supplier", 1, "4711", "Acme", "25 Nov", "27 Nov", "30 Nov")
    first_promised(order, 1, "awaiting_supplier", "19 Nov", "23 Nov")


def packed(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(7, "packed", "19 Nov", "23 Nov"), NORTH, LAST])
    says(order, 1, "packed", 7, "Leicester")


def second_left(world: World) -> None:
    order = world.the("order")
    # Left Thu 19, two days: Sat 21, so Mon 23. Left Fri 20, three days: Mon 23.
    left: list[Told] = [(7, "shipped", "19 Nov", "23 Nov"), (2, "shipped", "20 Nov", "23 Nov")]
    expect(order, 1, [*left, LAST])
    assert [one["number"] for one in order["shipments"]] == [world.known["first"], world.known["second"]]
    assert line_of(order, 1)["shipped"] == "9"
    assert order["state"] == "open"
    assert world.level("MAIN", "VALVE")["on_hand"] == "0"


CLAIMS = {
    "ordered": ordered,
    "picked": picked,
    "missed": missed,
    "announced": announced,
    "packed": packed,
    "second": second_left,
}
