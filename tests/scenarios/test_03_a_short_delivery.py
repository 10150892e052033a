"""Scenario 3. 400 are expected by the 15th, 240 arrive; 160 stay visible, their date told before it."""

import json

from portal.stories.a_short_delivery import STORY
from tests.scenarios.claims import expect, first_promised, holds_with, portion, says
from tests.scenarios.driver import World
from tests.scenarios.telling import tell


def test_160_of_400_move_and_the_buyer_knows_before_the_15th(story: World) -> None:
    tell(story, STORY, CLAIMS)


def ordered(world: World) -> None:
    order = world.the("order")
    # Tue 15: received Wed 16, picked Thu 17, on the road until Sat 19, Leeds opens Mon 21.
    expect(order, 1, [(400, "awaiting_supplier", "17 Dec", "21 Dec")])
    says(order, 1, "awaiting_supplier", 400, "4711", "Acme", "15 Dec", "17 Dec", "21 Dec")


def told(world: World) -> None:
    order = world.the("order")
    # Tue 22: received Wed 23, picked Thu 24, on the road until Sat 26; 25, 26 and 28 are holidays: Tue 29.
    expect(
        order,
        1,
        [(240, "awaiting_supplier", "17 Dec", "21 Dec"), (160, "awaiting_supplier", "24 Dec", "29 Dec")],
    )
    late = order["lines"][0]["portions"][1]
    assert late["first_promise"] == {"ships_on": "2026-12-17", "arrives_on": "2026-12-21"}
    assert late["supply"]["line"] == 2
    holds_with(late, "closed_days", days=3)
    for word in ("160", "4711", "22 Dec", "24 Dec", "29 Dec"):
        assert word in late["sentence"]

    (moved,) = world.lately("NORDWIND", "promise.changed")
    assert moved["order"] == order["number"]
    assert moved["at"] < "2026-12-15"
    said = json.dumps(moved["data"])
    assert "2026-12-21" in said, "the old date"
    assert "2026-12-29" in said, "the new date"


def came(world: World) -> None:
    order = world.the("order")
    # In the house Tue 15: picked by Wed 16, at Leeds Fri 18.
    expect(order, 1, [(240, "allocated", "16 Dec", "18 Dec"), (160, "awaiting_supplier", "24 Dec", "29 Dec")])
    first_promised(order, 1, "awaiting_supplier", "17 Dec", "21 Dec")
    says(order, 1, "allocated", 240, "Leicester", "16 Dec", "18 Dec")
    says(order, 1, "awaiting_supplier", 160, "4711", "22 Dec", "29 Dec")


def delivered(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(240, "delivered", "16 Dec", "18 Dec"), (160, "awaiting_supplier", "24 Dec", "29 Dec")])
    assert order["state"] == "open"
    assert order["summary"]["to_come"] == "160"


def rest(world: World) -> None:
    order = world.the("order")
    # In the house Tue 22: picked by Wed 23, on the road until Fri 25, which is Christmas: Tue 29.
    expect(order, 1, [(240, "delivered", "16 Dec", "18 Dec"), (160, "allocated", "23 Dec", "29 Dec")])
    holds_with(portion(order, 1, "allocated"), "closed_days", days=4)


def closed(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(240, "delivered", "16 Dec", "18 Dec"), (160, "shipped", "23 Dec", "29 Dec")])
    assert order["state"] == "closed"


CLAIMS = {
    "ordered": ordered,
    "told": told,
    "came": came,
    "delivered": delivered,
    "rest": rest,
    "closed": closed,
}
