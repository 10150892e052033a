"""The laws that must hold when a story ends, read through the API, and as the portal checks them itself."""

from __future__ import annotations

from decimal import Decimal

from tests.scenarios.claims import OURS, Json
from tests.scenarios.driver import World


def laws_hold(world: World) -> None:
    """All of them, also those that only the portal itself can see."""
    readable_laws_hold(world)
    world.portal.check()


def readable_laws_hold(world: World) -> None:
    """Portions sum to their lines, stock adds up and is what orders hold of it, and no feed has a gap."""
    orders = [world.read(number) for number in world.orders]
    for location, sku in world.levels:
        stock_adds_up(world, location, sku, orders)
    for account in world.accounts:
        feed_has_no_gap(world, account)


def stock_adds_up(world: World, location: str, sku: str, orders: list[Json]) -> None:
    level = {key: Decimal(value) for key, value in world.level(location, sku).items()}
    where = f"{location} {sku}: {level}"
    assert (
        level["on_hand"] == level["free"] + level["allocated"] + level["reserved"] + level["quarantined"]
    ), where
    assert min(level.values()) >= 0, where
    held = sum(
        (
            Decimal(portion["quantity"])
            for order in orders
            for line in order["lines"]
            if line["sku"] == world.code(sku)
            for portion in line["portions"]
            if portion.get("held_from", portion["status"]) in OURS
            and portion["location"] == world.code(location)
        ),
        Decimal(0),
    )
    assert level["allocated"] == held, f"orders hold {held} of {where}"


def feed_has_no_gap(world: World, account: str) -> None:
    events = world.feed(account)
    assert [int(event["sequence"]) for event in events] == list(range(1, len(events) + 1)), account
    assert len({event["id"] for event in events}) == len(events), account
    assert {event["account"] for event in events} <= {world.code(account)}, account
