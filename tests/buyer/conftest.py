"""A group of two companies with goods under way in every manner, and a stranger with the same goods."""

from dataclasses import dataclass

import pytest

from tests.desk.floor import employ, now
from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import Json, World, ship_to

LEAH = "leah@hull.example"
TRACKED = {"tracking_number": "NP4471", "tracking_url": "https://track.example/NP4471"}


@dataclass
class Group:
    """NORDWIND with sites in Leeds and York, NORDWIND-HULL below it, and VELTRO, a stranger.

    It is Wednesday, 18 November 2026. The orders by what they are there for.
    """

    world: World
    orders: dict[str, Json]

    def guest(self, email: str = cast.PETRA) -> Guest:
        return cast.at_home(self.world.portal, email)

    def read(self, name: str) -> Json:
        return self.world.read(self.orders[name])

    def documents(self, *names: str) -> list[Json]:
        """As they stand now; all but the stranger's when none is named."""
        wanted = names or tuple(name for name in self.orders if name != "stranger")
        return [self.read(name) for name in wanted]


@pytest.fixture(scope="module")
def group(portal: Portal) -> Group:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", "NUT", "GASKET", "PUMP", "BELT", "RARE", "SOLO")
    world.product("=SUM(A1)", "SEAL")
    world.product("MADE", lead_time_days=10)
    for sku in ("BOLT", "NUT", "=SUM(A1)", "SOLO"):
        world.stock("MAIN", sku, 1000)
    world.account("NORDWIND", ship_tos=[ship_to("Leeds"), ship_to("York")])
    world.account("NORDWIND-HULL", city="Hull", parent="NORDWIND")
    world.account("VELTRO", city="Kiel")
    for account, email, role in (
        ("NORDWIND", cast.PETRA, "buyer"),
        ("NORDWIND", cast.ROBIN, "reader"),
        ("NORDWIND-HULL", LEAH, "buyer"),
        ("VELTRO", cast.RITA, "account_admin"),
    ):
        person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    now(employ(portal.database_url, [(cast.DEV, "Dev Patel", "operations")]))
    world.inbound("purchase_order", "4711", "MAIN", [(1, "SEAL", 500, "2026-11-25")], supplier="Acme")
    world.inbound("purchase_order", "4712", "MAIN", [(1, "BELT", 60, "2026-11-30")], confirmed=False)
    return Group(world, orders(world))


def orders(world: World) -> dict[str, Json]:
    leeds = {"ship_to": "LEEDS"}
    wanted = {"BOLT": 10, "SEAL": 40, "BELT": 5, "RARE": 3}
    plain = world.order("NORDWIND", wanted, purchase_order_number="45-1", **leeds)
    whole = world.order("NORDWIND", {"NUT": 7, "SEAL": 8}, delivery_preference="complete_only", **leeds)
    held = world.order("NORDWIND", {"BOLT": 4, "NUT": 6}, ship_to="YORK")
    world.hold(held, "address", lines=[2], note="Which gate?")
    shipped = world.order("NORDWIND", {"BOLT": 20, "NUT": 20}, ship_to="YORK", purchase_order_number="45-2")
    world.ship(shipped, "MAIN", {1: 12}, carrier="Northline", packages=[TRACKED])
    made = world.order("NORDWIND", {"MADE": 2}, **leeds)
    hull = world.order("NORDWIND-HULL", {"=SUM(A1)": 9, "BOLT": 1})
    stranger = world.order("VELTRO", {"SOLO": 77, "RARE": 5, "SEAL": 3}, purchase_order_number="SECRET-1")
    return {
        "plain": plain, "whole": whole, "held": held, "shipped": shipped, "made": made, "hull": hull,
        "stranger": stranger,
    }  # fmt: skip
