"""A company in which orders must be agreed to: who buys, who decides, who is asked in which step."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from portal.db import people
from portal.db.pool import open_pool
from portal.domain.access import Viewer
from tests.desk.floor import Form, employ, now
from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import Json, World

KLAUS = "klaus@nordwind.example"
ANNA = "anna@nordwind.example"
FINN = "finn@nordwind.example"
ADAM = "adam@nordwind.example"
LEAH = "leah@hull.example"
PEOPLE = (
    ("NORDWIND", cast.PETRA, "Petra Vogt", ["buyer"]),
    ("NORDWIND", KLAUS, "Klaus Brandt", ["approver"]),
    ("NORDWIND", ANNA, "Anna Ek", ["approver"]),
    ("NORDWIND", FINN, "Finn Lund", ["finance"]),
    ("NORDWIND", ADAM, "Adam Weiss", ["account_admin"]),
    ("NORDWIND", cast.ROBIN, "Robin Reader", ["reader"]),
    ("NORDWIND-HULL", LEAH, "Leah Marsh", ["buyer"]),
    ("VELTRO", cast.RITA, "Rita Voss", ["account_admin"]),
)
# Above 1,000 Klaus; above 10,000 finance as well. Pumps are looked at by Klaus or Anna.
POLICY: Json = {
    "rules": [
        {"name": "Above 1,000", "when": {"total_above": {"amount": "1000", "currency": "GBP"}},
         "steps": [{"approvers": [KLAUS]}]},
        {"name": "Above 10,000", "when": {"total_above": {"amount": "10000", "currency": "GBP"}},
         "steps": [{"approvers": [KLAUS]}, {"approvers": "finance"}]},
        {"name": "Pumps", "when": {"category": "Pumps"}, "steps": [{"approvers": [KLAUS, ANNA], "need": "any"}]},
    ],
    "expires_after_hours": 16,
    "escalate_after_hours": 12,
}  # fmt: skip


@dataclass
class Office:
    """NORDWIND and its site in Hull buy; VELTRO is a stranger. It is Wednesday, 18 November 2026, nine o'clock."""

    portal: Portal
    world: World
    tokens: dict[str, str] = field(default_factory=dict)

    def guest(self, email: str) -> Guest:
        return cast.at_home(self.portal, email)

    def open(self, path: str, email: str) -> Form:
        guest = self.guest(email)
        return Form.of(guest, guest.client.get(path), path)

    def order(
        self, wanted: dict[str, object], email: str = cast.PETRA, account: str = "NORDWIND", **more: Any
    ) -> Json:
        """Placed in that person's name: it waits for approval where the policy says so."""
        client = self.portal.client(self.token(email))
        answer = client.post("/orders", json=self.world.order_body(account, wanted, **more))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def request(self, order: Json) -> str:
        """The number of the order's newest request."""

        async def find() -> str:
            async with await open_pool(self.portal.database_url, size=1) as pool:
                return str(
                    await pool.fetchval(
                        """select r.number from approval_request r join orders o on o.id = r.order_id
                           where o.number = $1 order by r.id desc limit 1""",
                        order["number"],
                    )
                )

        return str(now(find()))

    def asked(self, wanted: dict[str, object], **more: Any) -> tuple[Json, str]:
        """An order that waits, and the path of its request."""
        order = self.order(wanted, **more)
        assert order["state"] == "pending_approval", order["state"]
        return order, f"/approvals/{self.request(order)}"

    def decide(self, path: str, email: str, do: str, *, sure: bool = True, **fields: Any) -> httpx.Response:
        """Press a button of a request's page, and the one of the page after it."""
        page = self.open(path, email)
        form = {"_csrf": page.fields["_csrf"], "form": page.fields["form"], "version": page.fields["version"]}
        more = {"sure": "1"} if sure else {}
        return page.guest.client.post(f"{path}/decisions", data=form | {"do": do} | more | fields)

    def delegate(self, sender: str, to: str, **more: Any) -> None:
        """From today until Friday."""
        days = {"from_on": "2026-11-18", "to_on": "2026-11-20"}
        self.world.post("accounts/NORDWIND/delegations", {"from": sender, "to": to} | days | more)

    def token(self, email: str) -> str:
        """Of a system that orders in this person's name."""
        if email not in self.tokens:
            body = {"user": email, "scopes": ["orders:write", "orders:read"], "name": email}
            self.tokens[email] = str(self.world.post("tokens", body)["token"])
        return self.tokens[email]

    def state(self, order: Json) -> str:
        return str(self.world.read(order)["state"])


def furnish(portal: Portal) -> Office:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", "NUT", price="1.00")
    world.product("SEAL", price="2.00", name="V-ring seal")
    world.product("PUMP", price="400.00", category="Pumps", mode="freight")
    for sku, quantity in (("BOLT", 100_000), ("NUT", 100_000), ("PUMP", 50)):
        world.stock("MAIN", sku, quantity)
    world.inbound("purchase_order", "4711", "MAIN", [(1, "SEAL", 5000, "2026-11-25")], supplier="Acme")
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    world.account("NORDWIND-HULL", name="Nordwind Hull", city="Hull", parent="NORDWIND")
    world.account("VELTRO")
    for account, email, name, roles in PEOPLE:
        person = {"name": name, "roles": roles, "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    now(employ(portal.database_url, [(cast.DEV, "Dev Patel", "operations")]))
    world.put("accounts/NORDWIND/approval-policy", POLICY)
    return Office(portal, world)


async def viewer_of(pool: Any, email: str) -> Viewer:
    async with pool.acquire() as conn:
        person = await people.by_email(conn, email)
        assert person is not None
        found = await people.viewer(conn, person.id)
    assert found is not None
    return found[0]
