"""A group with agreed prices, own words for products, and shelves that are not all full."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.cart.reading import Basket
from tests.desk.floor import employ, now
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World, ship_to

LEAH = "leah@hull.example"
PAUL = "paul@nordwind.example"


@dataclass
class Shop:
    """NORDWIND, NORDWIND-HULL below it, and VELTRO, a stranger; it is Wednesday, 18 November 2026.

    BOLT costs 1.00 by the list, 0.90 from 100 on by PA-1 until 31 December; 500 are on the shelf. NUT is not there.
    HOSE is sold by the metre. SCARCE takes no backorders and 30 are there. OLD is no longer sold.
    SERVICE is not counted.
    NORDWIND calls BOLT N-100 and HOSE "PIPE 12".
    """

    portal: Portal
    world: World

    def basket(self, email: str = cast.PETRA, account: str = "") -> Basket:
        """The cart of that person, emptied."""
        basket = Basket(cast.at_home(self.portal, email), account)
        basket.empty()
        return basket

    def prices(self, *prices: tuple[str, str, object], **more: object) -> Json:
        """(SKU, amount, from how many) of NORDWIND's agreement PA-1."""
        told = [{"sku": sku, "amount": amount, "min_quantity": str(least)} for sku, amount, least in prices]
        return self.world.prices("PA-1", "NORDWIND", told, **({"valid_to": "2026-12-31"} | more))

    def usual_prices(self) -> None:
        self.prices(("BOLT", "0.90", 100), ("BOLT", "1.00", 0))


@pytest.fixture(scope="module")
def shop(portal: Portal) -> Shop:
    return furnish(portal)


def furnish(portal: Portal) -> Shop:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", weight_kg="0.1")
    world.product("NUT", "BOLT-M8", "=SUM(A1)", price="0.50")
    world.product("HOSE", unit="MTR", price="7.35")
    world.product("SCARCE", backorders="deny")
    world.product("OLD", active=False)
    world.product("PUMP", price="100.00", mode="freight", weight_kg="20", lead_time_days=10)
    world.product("SERVICE", managed=False)
    for sku, count in (("BOLT", 500), ("HOSE", 80), ("SCARCE", 30)):
        world.stock("MAIN", sku, count)
    world.account("NORDWIND", name="Nordwind", ship_tos=[ship_to("Leeds"), ship_to("York")])
    world.account("NORDWIND-HULL", city="Hull", parent="NORDWIND")
    world.account("VELTRO", city="Kiel")
    people: list[tuple[str, str, str]] = [
        ("NORDWIND", cast.PETRA, "buyer"),
        ("NORDWIND", PAUL, "account_admin"),
        ("NORDWIND", cast.ROBIN, "reader"),
        ("NORDWIND-HULL", LEAH, "buyer"),
        ("VELTRO", cast.RITA, "account_admin"),
    ]
    for account, email, role in people:
        person: dict[str, Any] = {"name": email.split("@")[0].title(), "roles": [role]}
        world.put(f"accounts/{account}/users/{email}", person | {"password": cast.PASSWORD})
    now(employ(portal.database_url, [(cast.DEV, "Dev Patel", "operations")]))
    words = [{"code": "N-100", "sku": "BOLT"}, {"code": "PIPE 12", "sku": "HOSE"}]
    world.put("accounts/NORDWIND/own-skus", {"items": words})
    made = Shop(portal, world)
    made.usual_prices()
    return made
