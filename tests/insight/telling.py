"""A short story of each kind that a figure counts, told through the API.

18 November 2026 is a Wednesday. MAIN takes a day to receive and a day to handle, a parcel two days to Leeds.
"""

from tests.portals import Portal
from tests.scenarios.driver import World


def tell(portal: Portal) -> World:
    """Ends on 3 December, in the morning."""
    world = World(portal)
    world.shop({"BOLT": 1000, "NUT": 0, "GEAR": 0, "SEAL": 6, "VALVE": 0, "HOSE": 0, "PUMP": 0, "TAP": 0})
    world.account("STRICT", credit_limit="1.00")
    world.location("EAST")
    world.stock("EAST", "HOSE", 50)
    plain = world.order("BUYER", {"BOLT": 10})
    parts = world.order("BUYER", {"BOLT": 5, "NUT": 4})
    late = world.order("BUYER", {"GEAR": 3})
    some = world.order("BUYER", {"SEAL": 10})
    dropped = world.order("BUYER", {"VALVE": 2})
    sent_back = world.order("BUYER", {"BOLT": 7})
    from_the_east = world.order("BUYER", {"HOSE": 20})
    whole = world.order("BUYER", {"BOLT": 1, "PUMP": 1}, delivery_preference="complete_only")
    held = world.order("STRICT", {"BOLT": 1, "NUT": 2})
    world.order("BUYER", {"VALVE": 9})

    # In one go after six hours, promised for Monday 23 at first and for Friday 20 when it left: early, and on the day.
    world.now("2026-11-18T15:00:00Z")
    gone = world.ship(plain, "MAIN", {1: 10})
    # A shipment that was cancelled is no dispatch; what follows a day later is the first.
    wrong = world.ship(sent_back, "MAIN", {1: 7})
    world.cancel_shipment(wrong)
    world.cancel(dropped, {1: 2})
    world.now("2026-11-19T16:05:00Z")
    again = world.ship(sent_back, "MAIN", {1: 7})
    first_part = world.ship(parts, "MAIN", {1: 5})
    east = world.ship(from_the_east, "EAST", {1: 20})
    # The credit limit is raised: only now is it known that the nuts have no stock.
    world.account("STRICT", credit_limit="1000.00")
    world.release(held, world.read(held)["holds"][0]["id"])
    world.now("2026-11-20T10:00:00Z")
    world.carrier(gone, "delivered", "2026-11-20T10:00:00Z")
    world.now("2026-11-23T10:00:00Z")
    world.carrier(again, "delivered", "2026-11-23T10:00:00Z")
    world.carrier(first_part, "delivered", "2026-11-24T10:00:00Z")
    world.carrier(east, "delivered", "2026-11-26T10:00:00Z")

    # Nuts for both who wait, two of four missing seals, and bolts that are not on the shelf: none of them a backorder.
    world.now("2026-11-25T09:00:00Z")
    world.stock("MAIN", "NUT", 6)
    world.stock("MAIN", "SEAL", 8)
    short = world.order("BUYER", {"BOLT": 3})
    world.short_pick(short, "MAIN", {1: 1})
    second_part = world.ship(parts, "MAIN", {2: 4})
    world.carrier(second_part, "delivered", "2026-12-09T09:00:00Z")
    world.now("2026-12-02T09:00:00Z")
    world.stock("MAIN", "SEAL", 10)
    world.stock("MAIN", "PUMP", 1)
    # Instead of a valve the buyer takes a tap, which has to be waited for as well.
    swapped = world.order("BUYER", {"VALVE": 3})
    offered = world.told(swapped, "substitutions", {"line": 1, "quantity": "3", "sku": "TAP"})
    world.told(swapped, f"substitutions/{offered['id']}/acceptance", {})
    world.now("2026-12-03T09:30:00Z")
    world.stock("MAIN", "GEAR", 3)
    complete = world.ship(whole, "MAIN", {1: 1, 2: 1})
    world.carrier(complete, "delivered", "2026-12-07T09:00:00Z")
    assert world.read(some)["lines"][0]["portions"][0]["status"] == "allocated"
    assert world.read(late)["lines"][0]["portions"][0]["status"] == "allocated"
    return world
