"""Scenario 8. Four stages over three weeks, closing by itself when the last item ships."""

from collections.abc import Callable

from portal.stories.four_stages import STORY
from tests.scenarios.claims import Told, expect, says
from tests.scenarios.driver import World
from tests.scenarios.telling import tell

WAITING: dict[int, Told] = {
    1: (10, "allocated", "19 Nov", "23 Nov"),
    # Wed 25: received Thu 26, picked Fri 27, on the road until Sun 29: Mon 30.
    2: (10, "awaiting_supplier", "27 Nov", "30 Nov"),
    # Tue 1: received Wed 2, picked Thu 3, on the road until Sat 5: Mon 7.
    3: (10, "awaiting_transfer", "3 Dec", "7 Dec"),
    # Mon 7: received Tue 8, picked Wed 9, at Leeds Fri 11.
    4: (10, "awaiting_production", "9 Dec", "11 Dec"),
}
# What becomes of one line after the other: (the step, the line, and where it is then).
CHANGES: list[tuple[str, int, Told]] = [
    # Left Wed 18: Fri 20.
    ("panels-shipped", 1, (10, "shipped", "18 Nov", "20 Nov")),
    ("panels-delivered", 1, (10, "delivered", "18 Nov", "20 Nov")),
    # In the house Wed 25: picked by Thu 26, on the road until Sat 28: Mon 30.
    ("frames-came", 2, (10, "allocated", "26 Nov", "30 Nov")),
    ("frames-shipped", 2, (10, "shipped", "26 Nov", "30 Nov")),
    # In the house Tue 1: picked by Wed 2, at Leeds Fri 4.
    ("motors-came", 3, (10, "allocated", "2 Dec", "4 Dec")),
    ("motors-shipped", 3, (10, "shipped", "2 Dec", "4 Dec")),
    # Made by Mon 7: picked by Tue 8, at Leeds Thu 10.
    ("drives-came", 4, (10, "allocated", "8 Dec", "10 Dec")),
    ("closed", 4, (10, "shipped", "8 Dec", "10 Dec")),
]


def test_an_order_closes_by_itself_when_its_fourth_stage_ships(story: World) -> None:
    tell(story, STORY, CLAIMS)


def lines_are(world: World, lines: dict[int, Told], state: str) -> None:
    order = world.the("order")
    for line, told in lines.items():
        expect(order, line, [told])
    assert order["state"] == state
    gone = sum(10 for told in lines.values() if told[1] in ("shipped", "delivered"))
    assert (order["summary"]["shipped"], order["summary"]["to_come"]) == (str(gone), str(40 - gone))


def ordered(world: World) -> None:
    assert world.level("NORTH", "MOTOR")["on_hand"] == "0"
    lines_are(world, WAITING, "open")
    order = world.the("order")
    says(order, 1, "allocated", 10, "Leicester", "19 Nov", "23 Nov")
    says(order, 2, "awaiting_supplier", 10, "4711", "Acme", "25 Nov", "27 Nov", "30 Nov")
    says(order, 3, "awaiting_transfer", 10, "TR-1", "Leicester", "1 Dec", "3 Dec", "7 Dec")
    says(order, 4, "awaiting_production", 10, "7 Dec", "9 Dec", "11 Dec")


def after(step: str) -> Callable[[World], None]:
    """What is so after a step follows from all changes up to it."""
    upto = [name for name, _, _ in CHANGES].index(step) + 1
    lines = WAITING | {line: told for _, line, told in CHANGES[:upto]}

    def claim(world: World) -> None:
        lines_are(world, lines, "closed" if step == "closed" else "open")
        closings = [event["order"] for event in world.feed("NORDWIND") if event["type"] == "order.closed"]
        assert closings == ([world.known["order"]] if step == "closed" else [])

    return claim


def closed(world: World) -> None:
    """Nobody closes the order."""
    after("closed")(world)
    timeline = world.get(f"orders/{world.known['order']}/timeline")["items"]
    assert [event["type"] for event in timeline].count("shipment.shipped") == 4
    assert [event["at"] for event in timeline] == sorted(event["at"] for event in timeline)
    assert timeline[0]["type"] == "order.placed"


CLAIMS = {"ordered": ordered, **{step: after(step) for step, _, _ in CHANGES}, "closed": closed}
