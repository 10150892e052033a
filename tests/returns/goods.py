"""Goods that were delivered, and the verbs of their coming back, each in one line."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from PIL import Image

from tests.scenarios.driver import Json, World


@dataclass
class Goods:
    """An order whose first shipment has arrived; `buyer` is a client with the account's own token."""

    world: World
    order: Json
    shipment: Json
    buyer: httpx.Client

    def ask(self, wanted: Mapping[int, object], reason: str = "damaged", **more: Any) -> Json:
        """Announced by the supplier's token: authorised by that."""
        return self.world.post("returns", self.body(wanted, reason, **more))

    def body(self, wanted: Mapping[int, object], reason: str = "damaged", **more: Any) -> Json:
        lines = [{"line": line, "quantity": str(n), "reason": reason} for line, n in wanted.items()]
        return {"shipment": self.shipment["number"], "lines": lines, **more}

    def receive(self, rma: Json, lines: Mapping[int, object] | Sequence[Json]) -> Json:
        """{line: received}, or whole lines with `restock`, `to` and `closed`."""
        told = (
            [{"line": line, "received": str(n)} for line, n in lines.items()]
            if isinstance(lines, Mapping)
            else list(lines)
        )
        return self.world.post(f"returns/{rma['number']}/receipts", {"lines": told})

    def read(self, rma: Json) -> Json:
        return self.world.get(f"returns/{rma['number']}")

    def stages(self, line: int = 1) -> dict[str, str]:
        """Quantities of a line by status."""
        found = self.world.read(self.order)
        return {p["status"]: p["quantity"] for p in found["lines"][line - 1]["portions"]}


def bolts(world: World, **account: Any) -> Goods:
    world.location("MAIN")
    world.account("BUYER", **account)
    world.product("BOLT", price="3.00")
    world.product("HOSE", price="12.50", unit="MTR")
    world.stock("MAIN", "BOLT", 10)
    world.stock("MAIN", "HOSE", 20)
    order = world.order("BUYER", [("BOLT", 10), ("HOSE", 4)], purchase_order_number="4500")
    shipment = world.ship(
        order,
        "MAIN",
        {1: 10, 2: 4},
        carrier="Northline",
        packages=[{"tracking_number": f"T-{order['number']}"}],
    )
    world.carrier(shipment, "delivered", "2026-11-18T12:00:00Z")
    token = world.portal.token(world.code("BUYER"))
    return Goods(world, order, shipment, world.portal.client(token))


def photo(size: tuple[int, int] = (640, 480), kind: str = "JPEG", **more: Any) -> bytes:
    """A picture as a phone takes it: with where and by what."""
    picture = Image.effect_noise(size, 40).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Camera of Petra"
    exif[0x0112] = 6
    written = io.BytesIO()
    picture.save(written, kind, exif=exif, **more)
    return written.getvalue()


def as_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
