"""Scenario 6. Two locations, one by parcel, one by freight."""

from portal.stories.parcel_and_freight import STORY
from tests.scenarios.claims import Json, expect, holds_with, portion, portions_of, says
from tests.scenarios.driver import World
from tests.scenarios.telling import tell


def test_one_order_leaves_two_locations_by_parcel_and_by_freight(story: World) -> None:
    tell(story, STORY, CLAIMS)


def shipment(world: World, name: str) -> Json:
    return world.get(f"shipments/{world.known[name]}")


def ordered(world: World) -> None:
    order = world.the("order")
    # Leicester, parcel: picked by Thu 19, on the road until Sat 21: Mon 23.
    expect(order, 1, [(20, "allocated", "19 Nov", "23 Nov")])
    holds_with(portion(order, 1), "transit", days=2, mode="parcel")
    says(order, 1, "allocated", 20, "Leicester", "19 Nov", "23 Nov")
    # Grimsby, freight: two days to pick, Fri 20; five by road, Wed 25.
    expect(order, 2, [(3, "allocated", "20 Nov", "25 Nov")])
    holds_with(portion(order, 2), "on_shelf", location=world.code("NORTH"))
    holds_with(portion(order, 2), "handling", days=2)
    holds_with(portion(order, 2), "transit", days=5, mode="freight")
    says(order, 2, "allocated", 3, "Grimsby", "20 Nov", "25 Nov")
    # Neither has 12: the largest stock first, 8 from Grimsby (Fri 20, three days: Mon 23), 4 from Leicester.
    expect(order, 3, [(4, "allocated", "19 Nov", "23 Nov"), (8, "allocated", "20 Nov", "23 Nov")])
    assert [one["location"] for one in portions_of(order, 3)] == [world.code("MAIN"), world.code("NORTH")]

    with world.refuses(422):
        world.ship(order, "MAIN", {2: 3}, mode="freight")


def parcel_left(world: World) -> None:
    parcel = shipment(world, "parcel")
    # Left Thu 19, two days: Sat 21, so Mon 23.
    assert (parcel["location"], parcel["mode"]) == (world.code("MAIN"), "parcel")
    assert (parcel["carrier"], parcel["service"]) == ("Northline Parcel", "express")
    assert (parcel["expected_on"], parcel["delivered_at"], parcel["freight"]) == ("2026-11-23", None, "12.00")
    assert [one["tracking_number"] for one in parcel["packages"]] == ["JD01", "JD02"]
    assert [one["weight_kg"] for one in parcel["packages"]] == ["12.4", "8"]
    assert parcel["lines"] == [{"line": 1, "quantity": "20"}, {"line": 3, "quantity": "4"}]


def pallets_left(world: World) -> None:
    pallets = shipment(world, "pallets")
    # Left Fri 20, five days by freight: Wed 25. The cable travels with the motors.
    assert (pallets["location"], pallets["mode"], pallets["expected_on"]) == (
        world.code("NORTH"),
        "freight",
        "2026-11-25",
    )
    order = world.the("order")
    expect(order, 1, [(20, "shipped", "19 Nov", "23 Nov")])
    expect(order, 2, [(3, "shipped", "20 Nov", "25 Nov")])
    expect(order, 3, [(4, "shipped", "19 Nov", "23 Nov"), (8, "shipped", "20 Nov", "25 Nov")])
    assert [one["shipment"] for one in portions_of(order, 3)] == [
        world.known["parcel"],
        world.known["pallets"],
    ]
    assert order["state"] == "closed"


def parcel_delivered(world: World) -> None:
    order = world.the("order")
    expect(order, 1, [(20, "delivered", "19 Nov", "23 Nov")])
    expect(order, 3, [(4, "delivered", "19 Nov", "23 Nov"), (8, "shipped", "20 Nov", "25 Nov")])
    assert order["summary"]["delivered"] == "24"


def pallets_delivered(world: World) -> None:
    order = world.the("order")
    expect(order, 2, [(3, "delivered", "20 Nov", "25 Nov")])
    expect(order, 3, [(4, "delivered", "19 Nov", "23 Nov"), (8, "delivered", "20 Nov", "25 Nov")])
    assert [(one["state"], one["delivered_at"]) for one in order["shipments"]] == [
        ("delivered", "2026-11-23T11:00:00Z"),
        ("delivered", "2026-11-25T11:00:00Z"),
    ]
    assert world.level("MAIN", "BELT")["on_hand"] == "10"
    assert world.level("NORTH", "CABLE")["on_hand"] == "0"


CLAIMS = {
    "ordered": ordered,
    "parcel": parcel_left,
    "pallets": pallets_left,
    "parcel-delivered": parcel_delivered,
    "pallets-delivered": pallets_delivered,
}
