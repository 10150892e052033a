"""A portal with two companies, an order of the first, and people on every side."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
import msgspec
import pytest
from argon2 import PasswordHasher

from portal.adapters import einvoice
from portal.db.pool import open_pool
from portal.db.work import Work
from portal.domain.invoices import Document
from tests.portals import Portal
from tests.returns.goods import as_base64, photo
from tests.routes import cast
from tests.scenarios.driver import Json, World

T = TypeVar("T")
NAMES = {cast.AMARA: "Amara Cole", cast.DEV: "Dev Patel", cast.FAY: "Fay Moreau", cast.ADA: "Ada Lind"}


@dataclass(eq=False)
class House:
    portal: Portal
    world: World
    order: Json
    shipment: Json
    # One that was withdrawn, so that no answer to it changes anything.
    offer: Json
    # One that waits to be approved by somebody who never comes to the door.
    asked: Json
    # Of the shipment, with files that are ready.
    invoice: Json
    # Of that invoice; it was taken back, so that no answer to it changes anything.
    dispute: Json
    # Of the shipment, authorised, with a picture of it.
    rma: Json
    # Their numbers, by address.
    people: dict[str, int]

    @property
    def path(self) -> str:
        return f"/orders/{self.order['number']}"


@pytest.fixture(scope="module")
def house(portal: Portal) -> House:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", "=HYPERLINK")
    world.stock("MAIN", "BOLT", 500)
    world.account("NORDWIND")
    world.account("NORDWIND-HULL", parent="NORDWIND")
    world.account("VELTRO")
    for email, places in cast.PLACES.items():
        for account, role in places.items():
            person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
            world.put(f"accounts/{account}/users/{email}", person)
    _run(_supplier_person(portal.database_url))
    _run(_entry(portal.database_url))
    order = world.order("NORDWIND", [("BOLT", 100), ("=HYPERLINK", 3)], purchase_order_number="4500118236")
    shipment = world.ship(order, "MAIN", {1: 1}, carrier="Northline")
    world.product("NUT")
    offer = world.told(order, "substitutions", {"line": 1, "quantity": "1", "sku": "NUT"})
    world.told(order, f"substitutions/{offer['id']}/withdrawal", {})
    world.inbound("production", "PR-1", "MAIN", [(1, "NUT", 40, "2026-11-25")])
    _run(_files(portal.database_url))
    invoice = world.get("invoices", order=order["number"])["items"][0]
    dispute, rma = disputed(world, invoice), returned(world, shipment)
    return House(
        portal,
        world,
        order,
        shipment,
        offer,
        asked(world),
        invoice,
        dispute,
        rma,
        _run(_people(portal.database_url)),
    )


def returned(world: World, shipment: Json) -> Json:
    lines = [{"line": 1, "quantity": "1", "reason": "damaged"}]
    rma = world.post("returns", {"shipment": shipment["number"], "lines": lines})
    return world.post(f"returns/{rma['number']}/pictures", {"content": as_base64(photo((64, 64)))})


def disputed(world: World, invoice: Json) -> Json:
    wrong = {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}]}
    dispute = world.post(f"invoices/{invoice['number']}/disputes", wrong)
    return world.post(f"disputes/{dispute['number']}/settlement", {"outcome": "withdrawn"})


def asked(world: World) -> Json:
    """A request for approval of an order of Petra's."""
    world.product("PUMP", category="Pumps")
    world.put("accounts/NORDWIND/users/abel@nordwind.example", {"name": "Abel", "roles": ["approver"]})
    rule = {"name": "Pumps", "when": {"category": "Pumps"}, "steps": [{"approvers": "approver"}]}
    world.put("accounts/NORDWIND/approval-policy", {"rules": [rule]})
    token = world.post("tokens", {"user": cast.PETRA, "scopes": ["orders:write"], "name": "Petra"})["token"]
    answer = world.portal.client(token).post("/orders", json=world.order_body("NORDWIND", {"PUMP": 1}))
    assert answer.json()["state"] == "pending_approval", answer.text
    found = world.get("approvals", account="NORDWIND")["items"]
    return {"number": found[0]["id"]}


async def _supplier_person(database_url: str) -> None:
    """The supplier's people are not made through the API."""
    connection = await asyncpg.connect(database_url)
    kept = PasswordHasher().hash(cast.PASSWORD)
    for email, name in NAMES.items():
        await connection.execute(
            "insert into person (email, name, password_hash, supplier_roles) values ($1, $2, $3, $4)",
            email,
            name,
            kept,
            [cast.STAFF[email]],
        )
    await connection.close()


async def _entry(database_url: str) -> None:
    """Something that was decided, in the audit log."""
    async with await open_pool(database_url, size=1) as pool:
        work = Work(pool, actor=cast.PETRA)
        async with work:
            work.audit("NORDWIND", "policy.changed", "NORDWIND", {"version": 1})


async def _files(database_url: str) -> None:
    """Somebody has made the files of what was billed: no worker runs here."""
    connection = await asyncpg.connect(database_url)
    for row in await connection.fetch("select id, facts from invoice"):
        paper = msgspec.json.decode(row["facts"], type=Document)
        await connection.execute(
            """update invoice_document set state = 'ready', pdf = $2, pdf_sha256 = sha256($2), cii = $3, ubl = $4,
                   profile = $5, made_at = now() where invoice_id = $1""",
            row["id"],
            b"%PDF-1.7",
            einvoice.cii(paper),
            einvoice.ubl(paper),
            einvoice.profile(paper),
        )
    await connection.close()


async def _people(database_url: str) -> dict[str, int]:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("select email, id from person")
    await connection.close()
    return {row["email"]: row["id"] for row in rows}


def _run(task: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, task).result()
