"""A small shop of its own for each race, and requests that are sent at the same moment."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.portals import Portal

Json = dict[str, Any]
ADDRESS = {"lines": ["1 Dock Road"], "city": "Leeds", "postal_code": "LS1 1AA", "country": "GB"}
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to be sent. `key` is its Idempotency-Key."""

    method: str
    path: str
    body: Json = field(default_factory=dict)
    key: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def post(path: str, body: Json | None = None, key: str | None = None, **headers: str) -> Ask:
    return Ask("POST", path, body or {}, key, headers)


def put(path: str, body: Json) -> Ask:
    return Ask("PUT", path, body)


def client(portal: Portal, token: str | None = None) -> httpx.AsyncClient:
    """Each request gets a connection of its own, so that they spread over the web processes."""
    return httpx.AsyncClient(
        base_url=f"{portal.base_url}/api/v1",
        headers={"Authorization": f"Bearer {token or portal.erp_token}"},
        limits=httpx.Limits(max_keepalive_connections=0, max_connections=200),
        timeout=PATIENCE,
        trust_env=False,
    )


async def send(sender: httpx.AsyncClient, ask: Ask) -> httpx.Response:
    headers = {**ask.headers, **({"Idempotency-Key": ask.key} if ask.key else {})}
    return await sender.request(ask.method, ask.path, json=ask.body, headers=headers)


def at_once(portal: Portal, asks: Sequence[Ask]) -> list[httpx.Response]:
    """Send them all at the same moment; the answers in the order of the requests."""

    async def race() -> list[httpx.Response]:
        async with client(portal) as sender:
            return await asyncio.gather(*(send(sender, ask) for ask in asks))

    return asyncio.run(race())


def statuses(answers: Sequence[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


@dataclass(slots=True)
class Shop:
    """Codes that no other race uses, on a portal that all share."""

    portal: Portal
    tag: str

    def code(self, name: str) -> str:
        return f"{self.tag}-{name}"

    def said(self, answer: httpx.Response) -> Json:
        assert answer.is_success, answer.text
        told: Json = answer.json()
        return told

    def do(self, ask: Ask) -> Json:
        """One request that succeeds."""
        return self.said(self.portal.erp.request(ask.method, ask.path, json=ask.body))

    def put(self, path: str, body: Json) -> Json:
        return self.said(self.portal.erp.put(path, json=body))

    def get(self, path: str) -> Json:
        return self.said(self.portal.erp.get(path))

    def open(self, *skus: str, on_hand: int = 0, **product: Any) -> None:
        """A location, a buyer, products, and something on the shelf."""
        self.location("MAIN")
        self.account("BUYER")
        for sku in skus:
            facts = {"name": sku, "unit": "C62", "list_price": {"amount": "10", "currency": "GBP"}, **product}
            self.put(f"/products/{self.code(sku)}", facts)
            self.count(sku, on_hand)

    def location(self, name: str) -> None:
        self.put(
            f"/locations/{self.code(name)}", {"name": name, "address": ADDRESS, "time_zone": "Europe/London"}
        )

    def terms(self, name: str, **terms: Any) -> Ask:
        """The request that writes an account."""
        ship_to = {"code": "LEEDS", "name": name, "address": ADDRESS}
        body = {"name": name, "currency": "GBP", "tax_status": "exempt", "ship_tos": [ship_to], **terms}
        return put(f"/accounts/{self.code(name)}", body)

    def account(self, name: str, **terms: Any) -> None:
        self.do(self.terms(name, **terms))

    def count(self, sku: str, on_hand: int) -> Json:
        return self.put(f"/stock/{self.code('MAIN')}/{self.code(sku)}", {"on_hand": str(on_hand)})

    def level(self, sku: str, location: str = "MAIN") -> dict[str, int]:
        told = self.get(f"/stock/{self.code(location)}/{self.code(sku)}")
        return {name: int(told[name]) for name in ("on_hand", "quarantined", "allocated", "reserved", "free")}

    def order(
        self, account: str = "BUYER", *, key: str | None = None, more: Json | None = None, **skus: int
    ) -> Ask:
        """The request that places an order of these products, in this order."""
        lines = [{"sku": self.code(sku), "quantity": str(quantity)} for sku, quantity in skus.items()]
        return post("/orders", {"account": self.code(account), "lines": lines, **(more or {})}, key)

    def place(self, account: str = "BUYER", **skus: int) -> Json:
        lines: Any = skus
        return self.do(self.order(account, **lines))

    def read(self, number: str) -> Json:
        return self.get(f"/orders/{number}")

    def move(self, number: str, verb: str, quantity: int, key: str | None = None, **more: Any) -> Ask:
        """Something done with so much of the order's first line at the main location."""
        body = {"location": self.code("MAIN"), "lines": [{"line": 1, "quantity": str(quantity)}], **more}
        if verb == "cancellations":
            del body["location"]
        return post(f"/orders/{number}/{verb}", body, key)

    def announce(self, kind: str, reference: str, sku: str, quantity: int, **more: Any) -> Ask:
        line = {"line": 1, "sku": self.code(sku), "quantity": str(quantity), "expected_on": "2027-03-01"}
        body = {"location": self.code("MAIN"), "lines": [line], **more}
        return put(f"/inbound/{kind}/{self.code(reference)}", body)

    def receive(self, kind: str, reference: str, quantity: int) -> Ask:
        path = f"/inbound/{kind}/{self.code(reference)}/receipts"
        return post(path, {"lines": [{"line": 1, "received": str(quantity)}]})


def by_status(order: Json) -> dict[str, int]:
    """How much of the order stands where."""
    found: dict[str, int] = {}
    for line in order["lines"]:
        for portion in line["portions"]:
            found[portion["status"]] = found.get(portion["status"], 0) + int(portion["quantity"])
    return found
