"""Scenario 6. Two locations, one by parcel, one by freight."""

from tests.scenarios.claims import expect, holds_with, portion, portions_of, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold


def test_one_order_leaves_two_locations_by_parcel_and_by_freight(story: World) -> None:
    story.location("MAIN", name="Leicester")
    story.location("NORTH", name="Grimsby", handling=2, parcel=3, freight=5)
    story.account("NORDWIND")
    story.product("BELT", "CABLE")
    story.product("MOTOR", mode="freight")
    story.stock("MAIN", "BELT", 30)
    story.stock("NORTH", "MOTOR", 4)
    story.stock("MAIN", "CABLE", 5)
    story.stock("NORTH", "CABLE", 8)
    order = story.order("NORDWIND", {"BELT": 20, "MOTOR": 3, "CABLE": 12})

    # Leicester, parcel: picked by Thu 19, on the road until Sat 21: Mon 23.
    expect(order, 1, [(20, "allocated", "19 Nov", "23 Nov")])
    holds_with(portion(order, 1), "transit", days=2, mode="parcel")
    says(order, 1, "allocated", 20, "Leicester", "19 Nov", "23 Nov")
    # Grimsby, freight: two days to pick, Fri 20; five by road, Wed 25.
    expect(order, 2, [(3, "allocated", "20 Nov", "25 Nov")])
    holds_with(portion(order, 2), "on_shelf", location="NORTH")
    holds_with(portion(order, 2), "handling", days=2)
    holds_with(portion(order, 2), "transit", days=5, mode="freight")
    says(order, 2, "allocated", 3, "Grimsby", "20 Nov", "25 Nov")
    # Neither has 12: the largest stock first, 8 from Grimsby (Fri 20, three days: Mon 23), 4 from Leicester.
    expect(order, 3, [(4, "allocated", "19 Nov", "23 Nov"), (8, "allocated", "20 Nov", "23 Nov")])
    assert [one["location"] for one in portions_of(order, 3)] == ["MAIN", "NORTH"]

    with story.refuses(422):
        story.ship(order, "MAIN", {2: 3}, mode="freight")

    story.now("2026-11-19T10:00:00Z")
    parcel = story.ship(
        order,
        "MAIN",
        {1: 20, 3: 4},
        mode="parcel",
        carrier="dhl",
        service="express",
        packages=[
            {"tracking_number": "JD01", "tracking_url": "https://track.example/JD01", "weight_kg": "12.40"},
            {"tracking_number": "JD02", "weight_kg": 8},
        ],
        freight="12.00",
    )
    # Left Thu 19, two days: Sat 21, so Mon 23.
    assert (parcel["location"], parcel["mode"], parcel["carrier"]) == ("MAIN", "parcel", "dhl")
    assert (parcel["expected_on"], parcel["delivered_at"], parcel["freight"]) == ("2026-11-23", None, "12.00")
    assert [one["tracking_number"] for one in parcel["packages"]] == ["JD01", "JD02"]
    assert [one["weight_kg"] for one in parcel["packages"]] == ["12.4", "8"]
    assert parcel["lines"] == [{"line": 1, "quantity": "20"}, {"line": 3, "quantity": "4"}]

    story.now("2026-11-20T10:00:00Z")
    pallets = story.ship(order, "NORTH", {2: 3, 3: 8}, mode="freight", carrier="humber", freight="180.00")
    # Left Fri 20, five days by freight: Wed 25. The cable travels with the motors.
    assert (pallets["location"], pallets["mode"], pallets["expected_on"]) == (
        "NORTH",
        "freight",
        "2026-11-25",
    )

    now = story.read(order)
    expect(now, 1, [(20, "shipped", "19 Nov", "23 Nov")])
    expect(now, 2, [(3, "shipped", "20 Nov", "25 Nov")])
    expect(now, 3, [(4, "shipped", "19 Nov", "23 Nov"), (8, "shipped", "20 Nov", "25 Nov")])
    assert [one["shipment"] for one in portions_of(now, 3)] == [parcel["number"], pallets["number"]]
    assert now["state"] == "closed"

    story.now("2026-11-23T12:00:00Z")
    story.carrier(parcel, "delivered", "2026-11-23T11:00:00Z")
    now = story.read(order)
    expect(now, 1, [(20, "delivered", "19 Nov", "23 Nov")])
    expect(now, 3, [(4, "delivered", "19 Nov", "23 Nov"), (8, "shipped", "20 Nov", "25 Nov")])
    assert now["summary"]["delivered"] == "24"

    story.now("2026-11-25T12:00:00Z")
    story.carrier(pallets, "delivered", "2026-11-25T11:00:00Z")
    now = story.read(order)
    expect(now, 2, [(3, "delivered", "20 Nov", "25 Nov")])
    expect(now, 3, [(4, "delivered", "19 Nov", "23 Nov"), (8, "delivered", "20 Nov", "25 Nov")])
    assert [(one["state"], one["delivered_at"]) for one in now["shipments"]] == [
        ("delivered", "2026-11-23T11:00:00Z"),
        ("delivered", "2026-11-25T11:00:00Z"),
    ]
    assert story.level("MAIN", "BELT")["on_hand"] == "10"
    assert story.level("NORTH", "CABLE")["on_hand"] == "0"
    laws_hold(story)
