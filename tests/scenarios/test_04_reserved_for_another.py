"""Scenario 4. 200 on the shelf, 180 under agreement, 50 ordered: 20 ready, 30 reserved, both see why."""

from tests.scenarios.claims import expect, fact, holds_with, portion, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold


def shelf(story: World) -> tuple[str, ...]:
    level = story.level("MAIN", "BEARING")
    return tuple(level[key] for key in ("on_hand", "allocated", "reserved", "free"))


def reserved_for_others(story: World, order: dict[str, object]) -> str:
    return str(fact(portion(story.read(order), 1, "reserved_elsewhere"), "stock_reserved")["quantity"])


def test_20_are_ready_and_30_are_reserved_elsewhere(story: World) -> None:
    story.location("MAIN", name="Leicester")
    story.account("NORDWIND", name="Nordwind Maschinenbau")
    story.account("VELTRO", name="Veltro Distribution")
    story.product("BEARING")
    story.stock("MAIN", "BEARING", 200)
    story.agreement("AA-1", "VELTRO", "MAIN", "BEARING", 180, valid_to="2026-12-31")
    assert shelf(story) == ("200", "0", "180", "20")

    order = story.order("NORDWIND", {"BEARING": 50})
    # Picked by Thu 19, on the road until Sat 21, Leeds opens Mon 23.
    expect(order, 1, [(20, "allocated", "19 Nov", "23 Nov"), (30, "reserved_elsewhere", None, None)])
    holds_with(portion(order, 1, "allocated"), "on_shelf", location="MAIN")
    says(order, 1, "allocated", 20, "Leicester", "19 Nov", "23 Nov")
    assert fact(portion(order, 1, "reserved_elsewhere"), "stock_reserved") == {
        "fact": "stock_reserved",
        "location": "MAIN",
        "quantity": "180",
    }
    says(order, 1, "reserved_elsewhere", 30, 180, "Leicester")
    assert shelf(story) == ("200", "20", "180", "0")

    # The other side draws on its agreement and sees that its goods are there; the first sees fewer reserved.
    theirs = story.order("VELTRO", {"BEARING": 40})
    expect(theirs, 1, [(40, "allocated", "19 Nov", "23 Nov")])
    holds_with(portion(theirs, 1), "on_shelf", location="MAIN")
    says(theirs, 1, "allocated", 40, "Leicester", "19 Nov", "23 Nov")
    assert shelf(story) == ("200", "60", "140", "0")
    assert reserved_for_others(story, order) == "140"

    # Each reads its own order with its own token, and not the other's.
    buyer, distributor = story.token("NORDWIND"), story.token("VELTRO")
    for client, own, foreign in ((buyer, order, theirs), (distributor, theirs, order)):
        assert client.get(f"orders/{own['number']}").json()["lines"] == story.read(own)["lines"]
        assert client.get(f"orders/{foreign['number']}").status_code == 404
    assert "Veltro" not in buyer.get(f"orders/{order['number']}").text

    # What the distributor cancels is its own again, and nobody else's.
    story.cancel(theirs, {1: 40})
    assert shelf(story) == ("200", "20", "180", "0")
    expect(
        story.read(order), 1, [(20, "allocated", "19 Nov", "23 Nov"), (30, "reserved_elsewhere", None, None)]
    )
    assert reserved_for_others(story, order) == "180"

    # A smaller agreement lets 30 go, and they are the waiting buyer's at once.
    story.agreement("AA-1", "VELTRO", "MAIN", "BEARING", 150, valid_to="2026-12-31")
    expect(story.read(order), 1, [(50, "allocated", "19 Nov", "23 Nov")])
    assert shelf(story) == ("200", "50", "150", "0")
    laws_hold(story)
