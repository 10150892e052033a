"""A buyer whose orders were billed, paid, credited and disputed in every way that their pages tell."""

from dataclasses import dataclass

import pytest

from tests.desk.floor import employ, now
from tests.desk.supply import Sheet
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World


@dataclass
class Books:
    """It is Wednesday, 18 November 2026; what was billed is due after five days. Prices are without tax."""

    world: World

    def order(self, *pieces: int, account: str = "NORTH", **more: object) -> Json:
        """A line of 10.00 a piece for each number."""
        wanted = [("BOLT", count) for count in pieces]
        return self.world.order(account, wanted, **more)

    def billed(self, *pieces: int, account: str = "NORTH", **more: object) -> tuple[Json, Json]:
        """An order that has left whole, and its invoice."""
        order = self.order(*pieces, account=account, **more)
        self.world.ship(order, "MAIN", dict(enumerate(pieces, 1)))
        return order, self.invoices(order)[0]

    def invoices(self, order: Json) -> list[Json]:
        """The elder first."""
        found: list[Json] = self.world.get("invoices", order=order["number"])["items"]
        return found[::-1]

    def pay(self, invoice: Json, amount: str, on: str = "2026-11-18", **more: object) -> Json:
        body = {"amount": amount, "received_on": on, **more}
        return self.world.post(f"invoices/{invoice['number']}/payments", body)

    def credit(self, invoice: Json, **what: object) -> Json:
        body = {"reason": "short delivery", **what}
        return self.world.post(f"invoices/{invoice['number']}/credit-notes", body)

    def sheet(self, path: str, who: str = cast.PETRA, status: int = 200) -> Sheet:
        return Sheet.open(cast.at_home(self.world.portal, who), path, status)

    def file(self, path: str, who: str = cast.PETRA) -> list[list[str]]:
        """A file for spreadsheets, row by row."""
        answer = cast.at_home(self.world.portal, who).client.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/csv")
        return [line.split(",") for line in answer.text.lstrip("\ufeff").splitlines()]


@pytest.fixture(scope="module")
def books(portal: Portal) -> Books:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", price="10.00")
    world.product("RARE", price="10.00")
    world.stock("MAIN", "BOLT", 10_000)
    plain = {"tax_status": "exempt", "tax_id": "GB123456789", "payment_terms_days": 5}
    world.account("NORTH", **plain)
    world.account("HULL", parent="NORTH", **plain)
    world.account("SOUTH", **plain)
    world.account("AHEAD", invoice_terms="on_order", parent="NORTH", **plain)
    world.account("LATER", invoice_terms="on_delivery", parent="NORTH", **plain)
    for account, email, role in (
        ("NORTH", cast.PETRA, "buyer"),
        ("HULL", cast.ROBIN, "reader"),
        ("SOUTH", cast.RITA, "account_admin"),
    ):
        person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    now(employ(portal.database_url, [(cast.AMARA, "Amara Cole", "finance")]))
    return Books(world)
