"""Scenario 4. 200 on the shelf, 180 under agreement, 50 ordered: 20 ready, 30 reserved, both see why."""

from portal.stories.reserved_for_another import STORY
from tests.scenarios.claims import expect, fact, holds_with, portion, says
from tests.scenarios.driver import World
from tests.scenarios.telling import tell


def test_20_are_ready_and_30_are_reserved_elsewhere(story: World) -> None:
    tell(story, STORY, CLAIMS)


def shelf(world: World) -> tuple[str, ...]:
    level = world.level("MAIN", "BEARING")
    return tuple(level[key] for key in ("on_hand", "allocated", "reserved", "free"))


def reserved_for_others(world: World) -> str:
    return str(fact(portion(world.the("order"), 1, "reserved_elsewhere"), "stock_reserved")["quantity"])


def stage(world: World) -> None:
    assert shelf(world) == ("200", "0", "180", "20")


def ordered(world: World) -> None:
    order = world.the("order")
    # Picked by Thu 19, on the road until Sat 21, Leeds opens Mon 23.
    expect(order, 1, [(20, "allocated", "19 Nov", "23 Nov"), (30, "reserved_elsewhere", None, None)])
    holds_with(portion(order, 1, "allocated"), "on_shelf", location=world.code("MAIN"))
    says(order, 1, "allocated", 20, "Leicester", "19 Nov", "23 Nov")
    assert fact(portion(order, 1, "reserved_elsewhere"), "stock_reserved") == {
        "fact": "stock_reserved",
        "location": world.code("MAIN"),
        "quantity": "180",
    }
    says(order, 1, "reserved_elsewhere", 30, 180, "Leicester")
    assert shelf(world) == ("200", "20", "180", "0")


def drawn(world: World) -> None:
    """The other side sees that its goods are there; the first sees fewer reserved."""
    order, theirs = world.the("order"), world.the("theirs")
    expect(theirs, 1, [(40, "allocated", "19 Nov", "23 Nov")])
    holds_with(portion(theirs, 1), "on_shelf", location=world.code("MAIN"))
    says(theirs, 1, "allocated", 40, "Leicester", "19 Nov", "23 Nov")
    assert shelf(world) == ("200", "60", "140", "0")
    assert reserved_for_others(world) == "140"

    # Each reads its own order with its own token, and not the other's.
    buyer, distributor = world.token("NORDWIND"), world.token("VELTRO")
    for client, own, foreign in ((buyer, order, theirs), (distributor, theirs, order)):
        assert client.get(f"orders/{own['number']}").json()["lines"] == own["lines"]
        assert client.get(f"orders/{foreign['number']}").status_code == 404
    assert "Veltro" not in buyer.get(f"orders/{order['number']}").text


def cancelled(world: World) -> None:
    """What the distributor cancels is its own again, and nobody else's."""
    assert shelf(world) == ("200", "20", "180", "0")
    portions = [(20, "allocated", "19 Nov", "23 Nov"), (30, "reserved_elsewhere", None, None)]
    expect(world.the("order"), 1, portions)
    assert reserved_for_others(world) == "180"


def shrunk(world: World) -> None:
    """A smaller agreement lets 30 go, and they are the waiting buyer's at once."""
    expect(world.the("order"), 1, [(50, "allocated", "19 Nov", "23 Nov")])
    assert shelf(world) == ("200", "50", "150", "0")


CLAIMS = {"stage": stage, "ordered": ordered, "drawn": drawn, "cancelled": cancelled, "shrunk": shrunk}
