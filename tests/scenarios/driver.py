"""A world to tell stories in: every verb of the API is one line here, and nothing but HTTP is behind it.

Codes given by a story ("MAIN", "NORDWIND", "4711") are prefixed with the world's tag when it has one, so that
many stories can share one running portal. What the portal does not accept raises `WrongAnswerError` with its
problem document; `World.refuses` is the other way round, and also asserts that nothing changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from tests.portals import Portal
from tests.scenarios.claims import honest

Json = dict[str, Any]
Wanted = Mapping[str, object] | Sequence[tuple[str, object]]
Quantities = Mapping[int, object]

WEDNESDAY = "2026-11-18T09:00:00Z"


class WrongAnswerError(AssertionError):
    """The portal answered otherwise than the story says."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        request = answer.request
        said = answer.text if len(answer.text) < 4000 else answer.text[:4000] + "..."
        super().__init__(f"{request.method} {request.url.path} -> {answer.status_code}: {said}")


def problem(
    answer: httpx.Response, status: int | tuple[int, ...], *words: str, pointer: str | None = None
) -> Json:
    """The problem document of a refused request; `words` stand in it, `pointer` among its errors."""
    if answer.status_code not in (status if isinstance(status, tuple) else (status,)):
        raise WrongAnswerError(answer)
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
    told: Json = answer.json()
    assert {"type", "title", "status", "detail"} <= told.keys(), told
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"]
    for word in words:
        assert word in json.dumps(told), f"{word!r} is not in {told}"
    if pointer is not None:
        pointers = [error["pointer"].removeprefix("#") for error in told["errors"]]
        assert pointer in pointers, f"{pointer!r} is not among {pointers}"
        assert all(error["detail"] for error in told["errors"])
    return told


class World:
    """One supplier's world, at a fixed instant."""

    def __init__(self, portal: Portal, tag: str = "", now: str | None = WEDNESDAY) -> None:
        """`now` is None for a world that others have made: its clock stays as it is."""
        self.portal = portal
        self.erp: httpx.Client = portal.erp
        self.tag = tag
        self.orders: list[str] = []
        self.accounts: dict[str, str] = {}
        self.levels: list[tuple[str, str]] = []
        # Numbers of orders, shipments and holds by the names that a story gives them.
        self.known: dict[str, str] = {}
        # How far each feed had come before the last step of a story.
        self.before: dict[str, int] = {}
        if now is not None:
            self.now(now)

    # -- talking --

    def code(self, name: str) -> str:
        return f"{self.tag}-{name}" if self.tag else name

    def now(self, instant: str) -> None:
        self.portal.clock(instant)

    def get(self, path: str, **params: Any) -> Json:
        return self.said(self.erp.get(path, params=params or None))

    def post(self, path: str, body: object = None, **headers: str) -> Json:
        return self.said(self.erp.post(path, json={} if body is None else body, headers=headers))

    def put(self, path: str, body: object) -> Json:
        return self.said(self.erp.put(path, json=body))

    @staticmethod
    def said(answer: httpx.Response) -> Json:
        if not answer.is_success:
            raise WrongAnswerError(answer)
        told: Json = answer.json()
        return told

    def token(self, account: str | None = None, scopes: Sequence[str] = ("*",)) -> httpx.Client:
        """A client with a token of its own: the account's, or the supplier's when there is no account."""
        body: Json = {"scopes": list(scopes), "name": "story"}
        if account is not None:
            body["account"] = self.code(account)
        return self.portal.client(self.post("tokens", body)["token"])

    @contextmanager
    def refuses(
        self, status: int | tuple[int, ...], *words: str, pointer: str | None = None
    ) -> Iterator[None]:
        """What happens inside is refused with this status and these words, and changes nothing."""
        before = self.everything()
        try:
            yield
        except WrongAnswerError as unexpected:
            problem(unexpected.answer, status, *words, pointer=pointer)
        else:
            raise AssertionError(f"{status} was expected, but it was accepted")
        assert self.everything() == before, "refused, but something changed"

    def everything(self) -> Json:
        """All that this world can read: orders, stock, and how far each account's feed has come."""
        return {
            "orders": {number: self.read(number) for number in self.orders},
            "stock": {level: self.level_of(*level) for level in self.levels},
            "feeds": {account: len(self.feed(account)) for account in self.accounts},
        }

    # -- master data --

    def location(
        self,
        code: str = "MAIN",
        *,
        name: str = "Leicester",
        country: str = "GB",
        time_zone: str = "Europe/London",
        receiving: int = 1,
        handling: int = 1,
        parcel: int = 2,
        freight: int = 4,
        **more: object,
    ) -> Json:
        """A warehouse, open Monday to Friday outside its country's holidays unless said otherwise."""
        body = {
            "name": name,
            "address": {"lines": ["1 Dock Road"], "city": name, "postal_code": "LE1 1AA", "country": country},
            "time_zone": time_zone,
            "working_days": ["mon", "tue", "wed", "thu", "fri"],
            "holiday_calendar": country,
            "receiving_days": receiving,
            "handling_days": handling,
            "transit_days": {"parcel": parcel, "freight": freight},
        }
        return self.put(f"locations/{self.code(code)}", body | more)

    def product(self, *skus: str, price: str = "1.00", unit: str = "C62", **more: object) -> None:
        for sku in skus:
            body = {"name": f"Part {sku}", "unit": unit, "list_price": {"amount": price, "currency": "GBP"}}
            self.put(f"products/{self.code(sku)}", body | more)

    def account(
        self,
        number: str,
        *,
        name: str | None = None,
        city: str = "Leeds",
        country: str = "GB",
        parent: str | None = None,
        **more: object,
    ) -> Json:
        """A buying company with one ship-to, whose code is its city in capitals."""
        body: Json = {"name": name or number.title(), "currency": "GBP", "ship_tos": [ship_to(city, country)]}
        if parent is not None:
            body["parent"] = self.code(parent)
        told = self.put(f"accounts/{self.code(number)}", body | more)
        self.accounts[number] = str(told["name"])
        return told

    def shop(self, stock: Mapping[str, object], **product: Any) -> None:
        """The least that can sell: MAIN, the account BUYER, and these products on MAIN's shelf."""
        self.location("MAIN")
        self.account("BUYER")
        self.product(*stock, **product)
        for sku, on_hand in stock.items():
            self.stock("MAIN", sku, on_hand)

    def stock(self, location: str, sku: str, on_hand: object, quarantined: object = None) -> Json:
        body = {"on_hand": str(on_hand)}
        if quarantined is not None:
            body["quarantined"] = str(quarantined)
        self.knows(location, sku)
        return self.put(f"stock/{self.code(location)}/{self.code(sku)}", body)

    def knows(self, location: str, sku: str) -> None:
        if (location, sku) not in self.levels:
            self.levels.append((location, sku))

    def level(self, location: str, sku: str) -> dict[str, str]:
        """The five figures of one stock level."""
        told = self.level_of(location, sku)
        return {key: told[key] for key in ("on_hand", "quarantined", "allocated", "reserved", "free")}

    def level_of(self, location: str, sku: str) -> Json:
        return self.get(f"stock/{self.code(location)}/{self.code(sku)}")

    def prices(self, number: str, account: str, prices: Sequence[Json], **more: object) -> Json:
        body = {"account": self.code(account), "currency": "GBP", "valid_from": "2026-01-01"}
        wanted = [price | {"sku": self.code(price["sku"])} for price in prices]
        return self.put(f"price-agreements/{self.code(number)}", body | {"prices": wanted} | more)

    def agreement(
        self, number: str, account: str, location: str, sku: str, quantity: object, **more: object
    ) -> Json:
        """Stock guaranteed to one account; valid since January unless said otherwise."""
        body = {
            "account": self.code(account),
            "location": self.code(location),
            "sku": self.code(sku),
            "quantity": str(quantity),
            "valid_from": "2026-01-01",
        }
        return self.put(f"allocation-agreements/{self.code(number)}", body | more)

    def inbound(
        self,
        kind: str,
        reference: str,
        location: str,
        lines: Sequence[tuple[int, str, object, str]],
        *,
        for_line: tuple[Json, int] | None = None,
        supplier: str | None = None,
        confirmed: bool = True,
        from_location: str | None = None,
    ) -> Json:
        """Supply on its way: (line, sku, quantity, expected_on). Put again with another date it is a slip.

        `for_line` is the order and its line that all of it was bought for.
        """
        told: list[Json] = [
            {"line": line, "sku": self.code(sku), "quantity": str(quantity), "expected_on": expected_on}
            for line, sku, quantity, expected_on in lines
        ]
        if for_line is not None:
            told = [line | {"for_order": for_line[0]["number"], "for_line": for_line[1]} for line in told]
        body: Json = {"location": self.code(location), "confirmed": confirmed, "lines": told}
        if supplier is not None:
            body["supplier"] = supplier
        if from_location is not None:
            body["from_location"] = self.code(from_location)
        return self.put(f"inbound/{kind}/{self.code(reference)}", body)

    def receive(self, kind: str, reference: str, lines: Quantities | Sequence[Json], **more: object) -> Json:
        """Goods came in: {line: received}, or whole lines with rejected, quarantined and closed."""
        told = (
            [{"line": line, "received": str(quantity)} for line, quantity in lines.items()]
            if isinstance(lines, Mapping)
            else list(lines)
        )
        return self.post(f"inbound/{kind}/{self.code(reference)}/receipts", {"lines": told} | more)

    # -- orders --

    def order_body(self, account: str, wanted: Wanted, **more: object) -> Json:
        pairs = list(wanted.items()) if isinstance(wanted, Mapping) else list(wanted)
        lines = [
            {"line": line, "sku": self.code(sku), "quantity": str(quantity)}
            for line, (sku, quantity) in enumerate(pairs, start=1)
        ]
        return {"account": self.code(account), "lines": lines} | more

    def order(self, account: str, wanted: Wanted, **more: object) -> Json:
        """Place an order of {sku: quantity}, lines numbered from 1."""
        order = self.post("orders", self.order_body(account, wanted, **more))
        self.orders.append(order["number"])
        return self.checked(order)

    def read(self, order: Json | str) -> Json:
        number = order if isinstance(order, str) else order["number"]
        return self.checked(self.get(f"orders/{number}"))

    def the(self, name: str) -> Json:
        """The order that a story calls by this name, as it reads now."""
        return self.read(self.known[name])

    def checked(self, order: Json) -> Json:
        """Hold an answer about an order against its own figures and sentences, whatever the story asks."""
        own = order["account"]
        honest(order, strangers=[name for number, name in self.accounts.items() if self.code(number) != own])
        return order

    def told(self, order: Json | str, noun: str, body: Json, **headers: str) -> Json:
        number = order if isinstance(order, str) else order["number"]
        return self.post(f"orders/{number}/{noun}", body, **headers)

    def pick(self, order: Json, location: str, lines: Quantities) -> Json:
        return self.checked(self.told(order, "picks", self.work(location, lines)))

    def pack(self, order: Json, location: str, lines: Quantities) -> Json:
        return self.checked(self.told(order, "packs", self.work(location, lines)))

    def ship(self, order: Json, location: str, lines: Quantities, **more: object) -> Json:
        """Ship these quantities from one location; answers the shipment."""
        return self.told(order, "shipments", self.work(location, lines) | more)

    def short_pick(self, order: Json, location: str, missing: Quantities) -> Json:
        told = [{"line": line, "missing": str(quantity)} for line, quantity in missing.items()]
        body = {"location": self.code(location), "lines": told, "reason": "not on the shelf"}
        return self.checked(self.told(order, "short-picks", body))

    def work(self, location: str, lines: Quantities) -> Json:
        return {"location": self.code(location), "lines": quantities(lines)}

    def prioritise(self, order: Json, line: int, priority: int | None, reason: str = "line_down") -> Json:
        body = {"line": line, "priority": priority, "reason": reason}
        return self.checked(self.told(order, "priorities", body))

    def reassign(
        self, order: Json, line: int, giver: tuple[Json, int], quantity: object, location: str = "MAIN"
    ) -> Json:
        """Give the line what is set aside for another: (order, line)."""
        body = {
            "line": line,
            "from_order": giver[0]["number"],
            "from_line": giver[1],
            "quantity": str(quantity),
            "location": self.code(location),
            "reason": "safety",
        }
        return self.checked(self.told(order, "reassignments", body))

    def relocate(
        self,
        order: Json,
        line: int,
        to_location: str | None,
        quantity: object = None,
        from_location: str | None = None,
        **more: object,
    ) -> Json:
        body: Json = {"line": line, "reason": "agreed"}
        if to_location is not None:
            body["to_location"] = self.code(to_location)
        if from_location is not None:
            body["from_location"] = self.code(from_location)
        if quantity is not None:
            body["quantity"] = str(quantity)
        return self.checked(self.told(order, "relocations", body | more))

    def cancel(self, order: Json, lines: Quantities) -> Json:
        return self.checked(self.told(order, "cancellations", {"lines": quantities(lines)}))

    def hold(self, order: Json, reason: str, lines: Sequence[int] | None = None, note: str = "asked") -> str:
        body: Json = {"reason": reason, "note": note}
        if lines is not None:
            body["lines"] = list(lines)
        return str(self.told(order, "holds", body)["id"])

    def release(self, order: Json, hold: str) -> Json:
        return self.checked(self.told(order, f"holds/{hold}/release", {}))

    def carrier(self, shipment: Json, state: str, at: str, **more: object) -> Json:
        """What the carrier says of a shipment; answers the order."""
        return self.post(f"shipments/{shipment['number']}/events", {"state": state, "at": at} | more)

    def cancel_shipment(self, shipment: Json) -> Json:
        return self.checked(
            self.post(f"shipments/{shipment['number']}/cancellation", {"reason": "wrong pallet"})
        )

    # -- money --

    def invoices(self, order: Json | str, **params: Any) -> list[Json]:
        """The order's invoices and credit notes, whole, the first first."""
        number = order if isinstance(order, str) else order["number"]
        listed = self.get("invoices", order=number, limit=200, **params)["items"]
        return [self.invoice(one["number"]) for one in reversed(listed)]

    def invoice(self, number: str) -> Json:
        return self.get(f"invoices/{number}")

    def bill(self, order: Json, **headers: str) -> Json:
        """Bill what is billable now; answers the first invoice."""
        return self.told(order, "invoices", {}, **headers)

    def pay(self, invoice: Json, amount: str, on: str = "2026-11-18", **more: object) -> Json:
        body = {"amount": amount, "received_on": on} | more
        return self.post(f"invoices/{invoice['number']}/payments", body)

    def refund(self, invoice: Json, amount: str, **more: object) -> Json:
        return self.post(f"invoices/{invoice['number']}/refunds", {"amount": amount} | more)

    def transfer(self, invoice: Json, to: Json, amount: str | None = None, **more: object) -> Json:
        body = {"to": to["number"], "amount": amount} | more
        return self.post(f"invoices/{invoice['number']}/transfers", body)

    def credit_note(
        self, invoice: Json, lines: Quantities | None = None, amount: str | None = None, **more: object
    ) -> Json:
        body: Json = {"reason": "delivered short"}
        if lines is not None:
            body["lines"] = quantities(lines)
        if amount is not None:
            body["amount"] = amount
        return self.post(f"invoices/{invoice['number']}/credit-notes", body | more)

    def reconciled(self, order: Json) -> Json:
        return self.get(f"orders/{order['number']}/reconciliation")

    def owes(self, account: str) -> dict[str, str]:
        """What counts against the account's limit, by kind."""
        exposure: dict[str, str] = self.get(f"accounts/{self.code(account)}/credit")["exposure"]
        return exposure

    # -- what was told --

    def feed(self, account: str, after: int | None = None) -> list[Json]:
        """All events of an account, oldest first, read page by page."""
        events: list[Json] = []
        while True:
            params: Json = {"account": self.code(account), "limit": 200}
            if after is not None:
                params["after"] = after
            page = self.get("events", **params)["items"]
            if not page:
                return events
            events += page
            after = int(page[-1]["sequence"])

    def mark(self) -> dict[str, int]:
        """How far each feed has come now; `news` tells what came after."""
        return {account: len(self.feed(account)) for account in self.accounts}

    def news(self, mark: Mapping[str, int], account: str, kind: str | None = None) -> list[Json]:
        """The events of an account since the mark, all or of one type."""
        events = self.feed(account)[mark.get(account, 0) :]
        return [event for event in events if kind in (None, event["type"])]

    def lately(self, account: str, kind: str | None = None) -> list[Json]:
        """What the last step of a story has told an account. That nothing was told for days is the clock's doing."""
        found = self.news(self.before, account, kind)
        return [event for event in found if event["type"] != "order.still_waiting" or kind]


def quantities(lines: Quantities) -> list[Json]:
    return [{"line": line, "quantity": str(quantity)} for line, quantity in lines.items()]


def ship_to(city: str, country: str = "GB", code: str | None = None) -> Json:
    return {
        "code": code or city.upper(),
        "name": f"Works {city}",
        "address": {"lines": ["1 Wharf Street"], "city": city, "postal_code": "LS1 4AP", "country": country},
    }
