"""A portal where goods have left, been billed, disputed and paid: finance's own side of the story."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.desk.floor import Floor, furnish
from tests.desk.supply import Sheet
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json

# The buyer's own finance person, and a reader, who may look and no more.
TOM = "tom@nordwind.example"
ROBIN = cast.ROBIN
# Amara is the supplier's finance, Dev its operations, Petra the buyer.
AMARA, DEV, PETRA = cast.AMARA, cast.DEV, cast.PETRA


@dataclass
class Office(Floor):
    """The floor, and what becomes of what leaves it."""

    def account(self, number: str, **terms: Any) -> None:
        """An account without tax, so that its figures read easily."""
        usual: Json = {"tax_status": "exempt", "tax_id": "GB123456789"}
        self.world.account(number, **usual | terms)

    def billed(self, *wanted: tuple[str, object], account: str = "NORDWIND", **more: Any) -> Json:
        """An order that ships whole and is billed; answers its invoice."""
        order = self.order(*wanted, account=account, **more)
        self.world.ship(
            order, "MAIN", {line: quantity for line, (_, quantity) in enumerate(wanted, 1)}, carrier="DHL"
        )
        return self.invoice_of(order)

    def invoice_of(self, order: Json) -> Json:
        found: list[Json] = self.world.get("invoices", order=order["number"], kind="invoice")["items"]
        assert len(found) == 1, found
        return found[0]

    def invoice(self, number: str) -> Json:
        return self.world.get(f"invoices/{number}")

    def dispute(self, invoice: Json, reason: str = "not_received", **more: Any) -> Json:
        lines = more.pop("lines", [{"line": 1, "quantity": "1"}])
        body = {"reason": reason, "lines": lines, **more}
        return self.world.post(f"invoices/{invoice['number']}/disputes", body)

    def acting(self, user: str, account: str = "NORDWIND") -> Any:
        """A client whose token acts for somebody of the account."""
        body = {"user": user, "account": account, "scopes": ["orders:read"], "name": user}
        return self.portal.client(self.world.post("tokens", body)["token"])

    def sheet(self, path: str, who: str = AMARA, status: int = 200) -> Sheet:
        return Sheet.open(self.person(who), path, status)

    def events(self, kind: str, order: str, account: str = "NORDWIND") -> list[Json]:
        found = self.world.feed(account)
        return [event for event in found if event["type"] == kind and event["order"] == order]


def furnished(portal: Portal) -> Office:
    floor = furnish(portal)
    office = Office(floor.portal, floor.world)
    for email, role in ((TOM, "finance"), (ROBIN, "reader")):
        person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        office.world.put(f"accounts/NORDWIND/users/{email}", person)
    return office


@pytest.fixture(scope="module")
def office(start_portal: Callable[..., Portal]) -> Iterator[Office]:
    """Every law holds when everybody has left."""
    made = furnished(start_portal())
    yield made
    made.portal.check()
