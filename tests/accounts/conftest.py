"""A supplier with two account managers, and accounts in every kind of trouble."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from tests.desk.floor import employ, furnish, now
from tests.desk.supply import Sheet
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World

JO, NOOR = "jo@harrow.example", "noor@harrow.example"
MANAGERS = ((JO, "Jo Whitfield", "account_manager"), (NOOR, "Noor Haddad", "account_manager"))
MORNING = "2026-11-18T09:00:00Z"


@dataclass
class Rooms:
    """Where account managers work. `orders` by what is wrong with them."""

    portal: Portal
    world: World
    orders: dict[str, Json]

    def sheet(self, path: str, who: str = JO, status: int = 200) -> Sheet:
        return Sheet.open(cast.at_home(self.portal, who), path, status)

    def row(self, account: str, who: str = JO, query: str = "?whose=all&show=all") -> list[str]:
        return self.sheet(f"/accounts{query}", who).row(account)

    def number(self, name: str) -> str:
        return str(self.orders[name]["number"])

    def sql(self, statement: str, *values: Any) -> Any:
        return now(_run(self.portal.database_url, statement, values))


async def _run(url: str, statement: str, values: tuple[Any, ...]) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()


def opened(portal: Portal) -> Rooms:
    """NORDWIND is Jo's and has one of everything, VELTRO is Noor's and is well, CALM is nobody's."""
    floor = furnish(portal)
    world = floor.world
    now(employ(portal.database_url, MANAGERS))
    usual: Json = {"tax_status": "exempt", "tax_id": "GB123456789"}
    world.account("NORDWIND", name="Nordwind Maschinenbau", manager=JO, payment_terms_days=0, **usual)
    world.account("VELTRO", manager=NOOR, **usual)
    world.account("CALM", **usual)
    for email, roles in ((cast.RITA, ["account_admin"]), (cast.ROBIN, ["reader"])):
        person = {"name": email.split("@")[0].title(), "roles": roles, "password": cast.PASSWORD}
        world.put(f"accounts/{'VELTRO' if email == cast.RITA else 'NORDWIND'}/users/{email}", person)
    rooms = Rooms(portal, world, {})
    rooms.orders = trouble(world)
    return rooms


def trouble(world: World) -> dict[str, Json]:
    """It is Wednesday 18 November at first, and then Monday 30 November."""
    world.portal.clock(MORNING)
    world.product("SEAL", "BELT", "RARE")
    slip(world, "SEAL-1", "SEAL", "2026-11-20")
    slip(world, "BELT-1", "BELT", "2026-12-03")
    late = world.order("NORDWIND", {"SEAL": 40}, purchase_order_number="45-LATE")
    moved = world.order("NORDWIND", {"BELT": 5})
    silent = world.order("NORDWIND", {"RARE": 3})
    held = world.order("NORDWIND", {"NUT": 6})
    failed = world.order("NORDWIND", {"BOLT": 20})
    shipped = world.ship(failed, "MAIN", {1: 20}, carrier="DHL")
    billed = world.get("invoices", order=failed["number"])["items"][0]
    lines = [{"line": 1, "quantity": "1"}]
    world.portal.clock("2026-11-30T09:00:00Z")
    world.hold(held, "address", note="Which gate?")
    slip(world, "BELT-1", "BELT", "2026-12-10")
    world.carrier(shipped, "exception", "2026-11-30T08:00:00Z", note="Nobody there")
    world.post(f"invoices/{billed['number']}/disputes", {"reason": "not_received", "lines": lines})
    delivered = world.order("NORDWIND", {"NUT": 2})
    parcel = world.ship(delivered, "MAIN", {1: 2})
    world.carrier(parcel, "delivered", "2026-11-30T08:30:00Z")
    asked = {"user": cast.PETRA, "account": "NORDWIND", "scopes": ["orders:read"], "name": "Petra"}
    petra = world.portal.client(world.post("tokens", asked)["token"])
    back = {"shipment": parcel["number"], "lines": [lines[0] | {"reason": "damaged"}]}
    assert petra.post("/returns", json=back).json()["state"] == "requested"
    world.order("VELTRO", {"BOLT": 10})
    return {"late": late, "moved": moved, "silent": silent, "held": held, "failed": failed}


def slip(world: World, reference: str, sku: str, day: str) -> None:
    world.inbound("purchase_order", reference, "MAIN", [(1, sku, 500, day)], supplier="Acme")


@pytest.fixture(scope="module")
def rooms(start_portal: Callable[..., Portal]) -> Iterator[Rooms]:
    made = opened(start_portal())
    yield made
    made.portal.check()
