"""Rules 6, 7, 13, 19 and 20: how days are counted, and what is said when there is none."""

import pytest

from tests.scenarios.claims import expect, fact, facts, first_promised, holds_with, portion, says
from tests.scenarios.driver import World

# 2026: 18 Nov is a Wednesday; 26 Nov is Thanksgiving; 25 and 28 Dec (for 26) are holidays in Great Britain.
WAITING = {
    "plain weekdays": ("2026-11-23", {}, "25 Nov", "27 Nov"),
    "today": ("2026-11-18", {}, "20 Nov", "23 Nov"),
    "a closed day starts on the next open one": ("2026-11-28", {}, "2 Dec", "4 Dec"),
    "no days at all is the first open day": (
        "2026-11-28",
        {"receiving": 0, "handling": 0},
        "30 Nov",
        "2 Dec",
    ),
    "no days at all on an open day is that day": (
        "2026-11-27",
        {"receiving": 0, "handling": 0},
        "27 Nov",
        "30 Nov",
    ),
    "receiving alone": ("2026-11-26", {"receiving": 2, "handling": 0}, "30 Nov", "2 Dec"),
    "handling alone": ("2026-11-27", {"receiving": 0}, "30 Nov", "2 Dec"),
    "over Christmas": ("2026-12-23", {}, "29 Dec", "31 Dec"),
    "arrival at Christmas": ("2026-12-21", {}, "23 Dec", "29 Dec"),
    "Tuesday to Saturday": (
        "2026-11-27",
        {"working_days": ["tue", "wed", "thu", "fri", "sat"]},
        "1 Dec",
        "3 Dec",
    ),
    "another country's holidays": ("2026-11-25", {"holiday_calendar": "US"}, "30 Nov", "2 Dec"),
    "no road at all": ("2026-11-23", {"parcel": 0}, "25 Nov", "25 Nov"),
    "a long road counts calendar days": ("2026-11-23", {"parcel": 9}, "25 Nov", "4 Dec"),
}


@pytest.mark.parametrize("case", WAITING)
def test_a_waiting_portion_counts_from_its_supply(world: World, case: str) -> None:
    expected_on, location, ships_on, arrives_on = WAITING[case]
    world.location("MAIN", **location)  # type: ignore[arg-type]
    world.account("BUYER")
    world.product("BOLT")
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 10, expected_on)], supplier="Acme")
    order = world.order("BUYER", {"BOLT": 10})
    expect(order, 1, [(10, "awaiting_supplier", ships_on, arrives_on)])
    says(order, 1, "awaiting_supplier", 10, "4711", "Acme", ships_on, arrives_on, "Leeds")


def test_the_destination_keeps_its_own_holidays(world: World) -> None:
    world.shop({"BOLT": 0})
    world.account("YANKEE", city="Boston", country="US")
    world.location("MAIN", parcel=1)
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 20, "2026-11-23")])
    # Ships Wed 25, one day by road: Thanksgiving in Boston, a Thursday like others in Leeds.
    expect(world.order("BUYER", {"BOLT": 10}), 1, [(10, "awaiting_supplier", "25 Nov", "26 Nov")])
    abroad = world.order("YANKEE", {"BOLT": 10})
    expect(abroad, 1, [(10, "awaiting_supplier", "25 Nov", "27 Nov")])
    holds_with(portion(abroad, 1), "closed_days", days=1)
    says(abroad, 1, "awaiting_supplier", "Boston", "27 Nov")


def test_stock_counts_handling_from_today(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    # Wed 18: picked by Thu 19, on the road until Sat 21, open on Mon 23.
    expect(order, 1, [(10, "allocated", "19 Nov", "23 Nov")])
    assert facts(portion(order, 1))[:3] == ["on_shelf", "handling", "transit"]
    holds_with(portion(order, 1), "closed_days", days=2)


def test_at_the_weekend_work_begins_on_monday(world: World) -> None:
    world.shop({"BOLT": 10})
    world.location("EARLY", handling=0)
    world.product("NUT")
    world.stock("EARLY", "NUT", 10)
    world.now("2026-11-21T12:00:00Z")
    order = world.order("BUYER", {"BOLT": 10, "NUT": 10})
    expect(order, 1, [(10, "allocated", "24 Nov", "26 Nov")])
    expect(order, 2, [(10, "allocated", "23 Nov", "25 Nov")])


@pytest.mark.parametrize(
    ("time_zone", "instant", "ships_on", "arrives_on"),
    [
        # 16:00 in London is already Thu 19 in Tokyo: picked by Fri 20, on the road until Sun 22.
        ("Asia/Tokyo", "2026-11-18T16:00:00Z", "20 Nov", "23 Nov"),
        # 03:00 in London is still Tue 17 in Los Angeles: picked by Wed 18.
        ("America/Los_Angeles", "2026-11-18T03:00:00Z", "18 Nov", "20 Nov"),
    ],
)
def test_today_is_the_locations(
    world: World, time_zone: str, instant: str, ships_on: str, arrives_on: str
) -> None:
    world.shop({"BOLT": 10})
    world.location("MAIN", time_zone=time_zone)
    world.now(instant)
    expect(world.order("BUYER", {"BOLT": 10}), 1, [(10, "allocated", ships_on, arrives_on)])


def test_freight_takes_its_own_days(world: World) -> None:
    world.shop({"MOTOR": 10}, mode="freight")
    order = world.order("BUYER", {"MOTOR": 10})
    # Picked by Thu 19, four days by freight: Mon 23.
    expect(order, 1, [(10, "allocated", "19 Nov", "23 Nov")])
    holds_with(portion(order, 1), "transit", days=4, mode="freight")


@pytest.mark.parametrize(
    ("requested_on", "ships_on", "arrives_on"),
    [
        ("2026-11-27", "25 Nov", "27 Nov"),
        ("2026-11-30", "27 Nov", "30 Nov"),  # a Friday that ends on Sunday is delivered on Monday
        ("2026-11-19", "19 Nov", "23 Nov"),  # sooner than possible: as soon as possible
    ],
)
def test_nothing_ships_earlier_than_requested(
    world: World, requested_on: str, ships_on: str, arrives_on: str
) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10}, requested_on=requested_on)
    expect(order, 1, [(10, "allocated", ships_on, arrives_on)])
    if ships_on != "19 Nov":
        assert fact(portion(order, 1), "requested")["on"] == requested_on


def test_a_late_supply_keeps_its_peg_and_has_no_date(world: World) -> None:
    world.shop({"BOLT": 0})
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 10, "2026-11-23")], supplier="Acme")
    order = world.order("BUYER", {"BOLT": 10})
    world.now("2026-11-23T18:00:00Z")
    expect(world.read(order), 1, [(10, "awaiting_supplier", "25 Nov", "27 Nov")])

    world.now("2026-11-24T09:00:00Z")
    late = world.read(order)
    expect(late, 1, [(10, "awaiting_supplier", None, None)])
    told = portion(late, 1)
    assert told["supply"]["reference"] == world.code("4711")
    holds_with(told, "overdue", reference=world.code("4711"), expected_on="2026-11-23")
    first_promised(late, 1, "awaiting_supplier", "25 Nov", "27 Nov")
    says(late, 1, "awaiting_supplier", 10, "4711", "23 Nov")

    # A new date. Mon 30: received Tue 1, picked Wed 2, at Leeds Fri 4.
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 10, "2026-11-30")], supplier="Acme")
    now = world.read(order)
    expect(now, 1, [(10, "awaiting_supplier", "2 Dec", "4 Dec")])
    assert "overdue" not in facts(portion(now, 1))
    first_promised(now, 1, "awaiting_supplier", "25 Nov", "27 Nov")


def test_stock_that_should_have_left_gets_a_new_date_before_anybody_asks(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    expect(order, 1, [(10, "allocated", "19 Nov", "23 Nov")])
    world.now("2026-11-19T18:00:00Z")
    expect(world.read(order), 1, [(10, "allocated", "19 Nov", "23 Nov")])
    mark = world.mark()
    world.now("2026-11-24T09:00:00Z")
    late = portion(world.read(order), 1, "allocated")
    assert late["ships_on"] >= "2026-11-24"
    assert late["first_promise"] == {"ships_on": "2026-11-19", "arrives_on": "2026-11-23"}
    (moved,) = world.news(mark, "BUYER", "promise.changed")
    assert moved["order"] == order["number"]
    # The same day again is no news.
    world.now("2026-11-24T12:00:00Z")
    assert len(world.news(mark, "BUYER", "promise.changed")) == 1


def test_what_comes_back_from_a_cancelled_shipment_keeps_the_wish(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10}, requested_on="2026-11-27")
    shipment = world.ship(order, "MAIN", {1: 10})
    expect(world.cancel_shipment(shipment), 1, [(10, "allocated", "25 Nov", "27 Nov")])


def test_an_unconfirmed_date_is_said_to_be_one(world: World) -> None:
    world.shop({"BOLT": 0})
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 10, "2026-11-23")], confirmed=False)
    order = world.order("BUYER", {"BOLT": 10})
    expect(order, 1, [(10, "awaiting_supplier", "25 Nov", "27 Nov")])
    holds_with(portion(order, 1), "inbound", confirmed=False)
    assert portion(order, 1)["supply"]["confirmed"] is False
    assert "confirmed for" not in portion(order, 1)["sentence"]


def test_the_first_promise_is_never_overwritten(world: World) -> None:
    world.shop({"BOLT": 0})
    for expected_on in ("2026-11-23", "2026-11-25", "2026-11-30", "2026-11-24"):
        world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 10, expected_on)])
        if not world.orders:
            world.order("BUYER", {"BOLT": 10})
    order = world.read(world.orders[0])
    # Tue 24: received Wed 25, picked Thu 26, on the road until Sat 28.
    expect(order, 1, [(10, "awaiting_supplier", "26 Nov", "30 Nov")])
    first_promised(order, 1, "awaiting_supplier", "25 Nov", "27 Nov")


@pytest.mark.parametrize(
    ("weekly_day", "ships_on", "arrives_on"), [("wed", "25 Nov", "27 Nov"), ("thu", "19 Nov", "23 Nov")]
)
def test_weekly_ships_on_the_accounts_day(
    world: World, weekly_day: str, ships_on: str, arrives_on: str
) -> None:
    world.shop({"BOLT": 10})
    world.account("BUYER", delivery_preference="weekly", weekly_day=weekly_day)
    expect(world.order("BUYER", {"BOLT": 10}), 1, [(10, "allocated", ships_on, arrives_on)])


def test_complete_only_waits_for_its_last_part_and_keeps_its_stock(world: World) -> None:
    world.shop({"BOLT": 5})
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 5, "2026-11-25")])
    order = world.order("BUYER", {"BOLT": 10}, delivery_preference="complete_only")
    # All of it ships with the last: Wed 25, received Thu 26, picked Fri 27, on the road until Sun 29.
    expect(order, 1, [(5, "allocated", "27 Nov", "30 Nov"), (5, "awaiting_supplier", "27 Nov", "30 Nov")])
    assert world.level("MAIN", "BOLT")["allocated"] == "5"
    with world.refuses(422):
        world.ship(order, "MAIN", {1: 5})

    world.now("2026-11-25T10:00:00Z")
    world.receive("purchase_order", "4711", {1: 5})
    expect(world.read(order), 1, [(10, "allocated", "26 Nov", "30 Nov")])
    world.ship(order, "MAIN", {1: 10})
    assert world.read(order)["state"] == "closed"
