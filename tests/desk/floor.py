"""The floor of a warehouse: what stands there, who works there, and a page's form filled in as a person would."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import asyncpg
import httpx
from argon2 import PasswordHasher

from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import Json, World

MIRA = "mira@harrow.example"
STAFF = (
    (cast.DEV, "Dev Patel", "operations"),
    (MIRA, "Mira Osei", "operations"),
    (cast.AMARA, "Amara Cole", "finance"),
)


@dataclass
class Floor:
    """MAIN and NORTH; bolts, nuts and hoses travel as parcels, pumps by freight; BOLT weighs 100 g, a pump 20 kg."""

    portal: Portal
    world: World

    def order(self, *wanted: tuple[str, object], account: str = "NORDWIND", **more: Any) -> Json:
        return self.world.order(account, list(wanted), **more)

    def person(self, email: str = cast.DEV) -> Guest:
        return cast.at_home(self.portal, email)

    def open(self, path: str, email: str = cast.DEV) -> "Form":
        """The page's main form, as that person sees it."""
        guest = self.person(email)
        return Form.of(guest, guest.client.get(path), path)

    def desk(self, order: Json, email: str = cast.DEV, location: str = "MAIN") -> "Form":
        return self.open(f"/desk/orders/{order['number']}?location={location}", email)

    def stages(self, order: Json, line: int = 1) -> dict[str, str]:
        """Quantities of a line by status."""
        found = self.world.read(order)
        return {p["status"]: p["quantity"] for p in found["lines"][line - 1]["portions"]}


def furnish(portal: Portal) -> Floor:
    world = World(portal)
    world.location("MAIN")
    world.location("NORTH", name="Grimsby")
    world.product("BOLT", weight_kg="0.1")
    world.product("NUT", "HOSE")
    world.product("PUMP", mode="freight", weight_kg="20")
    for sku in ("BOLT", "NUT", "HOSE", "PUMP"):
        world.stock("MAIN", sku, 10_000)
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    world.account("VELTRO")
    person = {"name": "Petra Vogt", "roles": ["buyer"], "password": cast.PASSWORD}
    world.put(f"accounts/NORDWIND/users/{cast.PETRA}", person)
    now(employ(portal.database_url))
    return Floor(portal, world)


async def employ(database_url: str, staff: Sequence[tuple[str, str, str]] = STAFF) -> None:
    """The supplier's people are not made through the API."""
    connection = await asyncpg.connect(database_url)
    for email, name, role in staff:
        await connection.execute(
            "insert into person (email, name, password_hash, supplier_roles) values ($1, $2, $3, $4)",
            email,
            name,
            PasswordHasher().hash(cast.PASSWORD),
            [role],
        )
    await connection.close()


def now(task: Any) -> Any:
    """Run it to its end, also where a loop runs already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, task).result()


@dataclass
class Form:
    """A page that came, and the fields of its main form as they stand."""

    guest: Guest
    answer: httpx.Response
    action: str
    fields: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, guest: Guest, answer: httpx.Response, action: str) -> "Form":
        reader = _Fields()
        reader.feed(answer.text)
        return cls(guest, answer, action, reader.fields)

    def fill(self, **fields: object) -> "Form":
        """`fill(quantity_1=12)` types into the field `quantity-1`."""
        self.fields |= {name.replace("_", "-"): str(value) for name, value in fields.items()}
        return self

    def press(self, do: str, **fields: object) -> "Form":
        """Send it with that button; a redirect is followed, so that this is the page that comes."""
        self.fill(**fields)
        answer = self.guest.client.post(self.action, data={**self.fields, "do": do})
        if answer.status_code == 303:
            return Form.of(self.guest, self.guest.client.get(answer.headers["location"]), self.action)
        return Form.of(self.guest, answer, self.action)

    @property
    def said(self) -> str:
        """The page's words, in one line."""
        return " ".join(self.answer.text.split())


class _Fields(HTMLParser):
    """The named fields of `main`, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.is_within = False
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.is_within = True
        if not self.is_within:
            return
        name = found.get("name", "")
        if tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self.fields.setdefault(name, found.get("value", ""))
        if tag == "select":
            self.select = name
        if tag == "option" and self.select and ("selected" in found or self.select not in self.fields):
            self.fields[self.select] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.is_within = False
        if tag == "select":
            self.select = ""
