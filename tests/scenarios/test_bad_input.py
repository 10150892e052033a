"""Bad input at every door of the API: a clear problem document, and nothing changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.portals import Portal
from tests.scenarios.claims import Json
from tests.scenarios.driver import World, problem
from tests.scenarios.laws import laws_hold

MALFORMED = {
    "nothing": b"",
    "half a document": b'{"lines": [',
    "not JSON": b"<order/>",
    "two documents": b"{} {}",
    "not UTF-8": b'{"reason": "\xff\xfe"}',
    "half a character": b'{"reason": "\\ud800"}',
    "a list": b"[]",
    "a word": b'"order"',
    "null": b"null",
    "a bottomless document": b'{"lines": ' * 20_000,
}
ABSURD: tuple[object, ...] = (
    "-1",
    "1e400",
    "1e-400",
    "NaN",
    "Infinity",
    "",
    "three",
    "1,000",
    "0x10",
    "9" * 40,
    "0." + "0" * 40 + "1",
    True,
    None,
    [],
    {},
    10**40,
)


@dataclass(frozen=True)
class Book:
    """What the doors lead to: one order with something in every state, and what it stands on."""

    world: World
    order: Json
    shipment: Json
    delivered: Json
    hold: str
    # Of what was delivered, which was paid twice, and of the other shipment.
    paid: Json
    invoice: Json

    def path(self, template: str) -> str:
        code = self.world.code
        return template.format(
            order=self.order["number"],
            shipment=self.shipment["number"],
            hold=self.hold,
            paid=self.paid["number"],
            invoice=self.invoice["number"],
            main=code("MAIN"),
            bolt=code("BOLT"),
            buyer=code("BUYER"),
            reference=code("4711"),
            agreement=code("AA-1"),
            new=code("NEW"),
        )

    def body(self, door: str) -> Json:
        """A body that this door would let in."""
        code = self.world.code
        address = {"lines": ["1 Dock Road"], "city": "Leicester", "country": "GB"}
        line, place = {"line": 1, "quantity": "1"}, {"location": code("MAIN")}
        bodies: Json = {
            "account": {
                "name": "Buyer",
                "currency": "GBP",
                "ship_tos": [{"code": "A", "name": "A", "address": address}],
            },
            "product": {"name": "Bolt", "unit": "C62", "list_price": {"amount": "1.00", "currency": "GBP"}},
            "location": {"name": "Hall", "address": address, "time_zone": "Europe/London"},
            "prices": {
                "account": code("BUYER"),
                "currency": "GBP",
                "valid_from": "2026-01-01",
                "prices": [{"sku": code("BOLT"), "amount": "1.00"}],
            },
            "agreement": {
                "account": code("BUYER"),
                **place,
                "sku": code("BOLT"),
                "quantity": "5",
                "valid_from": "2026-01-01",
            },
            "stock": {"on_hand": "40"},
            "inbound": {
                **place,
                "lines": [{"line": 1, "sku": code("BOLT"), "quantity": "5", "expected_on": "2026-11-23"}],
            },
            "receipts": {"lines": [{"line": 1, "received": "1"}]},
            "orders": {
                "account": code("BUYER"),
                "lines": [{"line": 1, "sku": code("BOLT"), "quantity": "1"}],
            },
            "holds": {"reason": "manual", "lines": [1]},
            "release": {"note": "fine"},
            "cancellations": {"lines": [line]},
            "picks": place | {"lines": [line]},
            "packs": place | {"lines": [line]},
            "short-picks": place | {"lines": [{"line": 1, "missing": "1"}]},
            "shipments": place | {"lines": [line]},
            "carrier": {"state": "in_transit", "at": "2026-11-18T09:00:00Z"},
            "invoices": {},
            "payments": {"amount": "1.00", "received_on": "2026-11-18"},
            "refunds": {"amount": "1.00"},
            "transfers": {"to": self.invoice["number"], "amount": "0.50"},
            "credit-notes": {"reason": "short", "lines": [line]},
            "cancellation": {"reason": "wrong pallet"},
            "tokens": {"scopes": ["*"], "name": "more"},
            "user": {"name": "Ann", "roles": ["buyer"]},
        }
        told: Json = bodies[door]
        return told


# What each door is, where it stands, and the fields it cannot do without.
DOORS = {
    "account": ("PUT", "accounts/{new}", ("name", "currency")),
    "product": ("PUT", "products/{new}", ("name", "unit", "list_price")),
    "location": ("PUT", "locations/{new}", ("name", "address", "time_zone")),
    "prices": ("PUT", "price-agreements/{new}", ("account", "currency", "valid_from", "prices")),
    "agreement": (
        "PUT",
        "allocation-agreements/{new}",
        ("account", "location", "sku", "quantity", "valid_from"),
    ),
    "stock": ("PUT", "stock/{main}/{bolt}", ("on_hand",)),
    "inbound": ("PUT", "inbound/purchase_order/{new}", ("location", "lines")),
    "receipts": ("POST", "inbound/purchase_order/{reference}/receipts", ("lines",)),
    "orders": ("POST", "orders", ("account", "lines")),
    "holds": ("POST", "orders/{order}/holds", ("reason",)),
    "release": ("POST", "orders/{order}/holds/{hold}/release", ()),
    "cancellations": ("POST", "orders/{order}/cancellations", ("lines",)),
    "picks": ("POST", "orders/{order}/picks", ("location", "lines")),
    "packs": ("POST", "orders/{order}/packs", ("location", "lines")),
    "short-picks": ("POST", "orders/{order}/short-picks", ("location", "lines")),
    "shipments": ("POST", "orders/{order}/shipments", ("location", "lines")),
    "carrier": ("POST", "shipments/{shipment}/events", ("state", "at")),
    "invoices": ("POST", "orders/{order}/invoices", ()),
    "payments": ("POST", "invoices/{invoice}/payments", ("amount", "received_on")),
    "refunds": ("POST", "invoices/{paid}/refunds", ("amount",)),
    "transfers": ("POST", "invoices/{paid}/transfers", ("to",)),
    "credit-notes": ("POST", "invoices/{invoice}/credit-notes", ("reason",)),
    "cancellation": ("POST", "shipments/{shipment}/cancellation", ()),
    "tokens": ("POST", "tokens", ("scopes",)),
    "user": ("PUT", "accounts/{buyer}/users/ann@example.com", ("name", "roles")),
}
REQUIRED = [(door, field) for door, (_, _, fields) in DOORS.items() for field in fields]
# Where a number stands in the body that a door would let in.
NUMBERS = {
    "stock": ("on_hand",),
    "agreement": ("quantity",),
    "inbound": ("lines", 0, "quantity"),
    "receipts": ("lines", 0, "received"),
    "prices": ("prices", 0, "amount"),
    "product": ("list_price", "amount"),
    "orders": ("lines", 0, "quantity"),
    "cancellations": ("lines", 0, "quantity"),
    "picks": ("lines", 0, "quantity"),
    "packs": ("lines", 0, "quantity"),
    "short-picks": ("lines", 0, "missing"),
    "shipments": ("lines", 0, "quantity"),
    "payments": ("amount",),
    "refunds": ("amount",),
    "credit-notes": ("lines", 0, "quantity"),
}


@pytest.fixture(scope="module")
def book(shared_portal: Portal) -> Iterator[Book]:
    world = World(shared_portal, tag="BAD")
    world.shop({"BOLT": 40})
    world.account("OTHER")
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BOLT", 50, "2026-11-23")])
    order = world.order("BUYER", {"BOLT": 60})
    delivered = world.ship(order, "MAIN", {1: 2})
    world.carrier(delivered, "delivered", "2026-11-18T09:00:00Z")
    shipment = world.ship(order, "MAIN", {1: 3})
    world.pick(order, "MAIN", {1: 10})
    world.pack(order, "MAIN", {1: 5})
    other = world.order("BUYER", {"BOLT": 1})
    hold = world.hold(other, "manual")
    paid, invoice = world.invoices(order)
    world.pay(paid, "4.80")
    yield Book(world, order, shipment, delivered, hold, paid, invoice)
    laws_hold(world)


@pytest.fixture(scope="module")
def before(book: Book) -> Json:
    return book.world.everything()


@pytest.fixture
def untouched(book: Book, before: Json) -> Iterator[None]:
    """Whatever the test sends, all reads as it did in the beginning."""
    yield
    assert book.world.everything() == before


def knock(client: httpx.Client, method: str, path: str, body: Json | bytes | None) -> httpx.Response:
    if body is None:
        return client.request(method, path)
    if isinstance(body, bytes):
        return client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    return client.request(method, path, json=body)


def refused(
    book: Book, door: str, body: Json | bytes, status: int | tuple[int, ...], pointer: str | None = None
) -> Json:
    method, where, _ = DOORS[door]
    return problem(knock(book.world.erp, method, book.path(where), body), status, pointer=pointer)


def with_number(book: Book, door: str, value: object) -> tuple[Json, str]:
    """The body with `value` where its number stands, and the pointer to it."""
    body: Any = book.body(door)
    *inner, last = NUMBERS[door]
    at = body
    for step in inner:
        at = at[step]
    at[last] = value
    return body, "/" + "/".join(str(step) for step in NUMBERS[door])


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("door", DOORS)
def test_malformed_json(book: Book, door: str) -> None:
    asks_for_nothing = not DOORS[door][2]
    for kind, document in MALFORMED.items():
        if not (kind in ("nothing", "null") and asks_for_nothing):
            refused(book, door, document, 400)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("door", DOORS)
def test_an_unknown_field_is_pointed_at(book: Book, door: str) -> None:
    refused(book, door, book.body(door) | {"nonsense": 1}, 400, pointer="/nonsense")


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("door", ["orders", "cancellations", "shipments", "inbound", "receipts"])
def test_an_unknown_field_of_a_line_is_pointed_at(book: Book, door: str) -> None:
    body = book.body(door)
    body["lines"][0]["nonsense"] = 1
    refused(book, door, body, 400, pointer="/lines/0/nonsense")


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("door", "field"), REQUIRED)
def test_a_missing_field_is_named(book: Book, door: str, field: str) -> None:
    body = book.body(door)
    del body[field]
    told = refused(book, door, body, (400, 422))
    assert field in str(told["errors"])


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("door", "field"), REQUIRED)
@pytest.mark.parametrize("value", [{"a": 1}, True], ids=["object", "boolean"])
def test_a_field_of_the_wrong_type_is_pointed_at(book: Book, door: str, field: str, value: object) -> None:
    told = refused(book, door, book.body(door) | {field: value}, 400)
    assert told["errors"][0]["pointer"].removeprefix("#").startswith(f"/{field}")


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("door", NUMBERS)
def test_a_json_float_is_no_number(book: Book, door: str) -> None:
    body, pointer = with_number(book, door, 1.5)
    refused(book, door, body, 400, pointer=pointer)
    body, pointer = with_number(book, door, 1.0)
    refused(book, door, body, 400, pointer=pointer)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("door", NUMBERS)
def test_an_absurd_number_is_refused(book: Book, door: str) -> None:
    for value in ABSURD:
        body, _ = with_number(book, door, value)
        told = refused(book, door, body, (400, 422))
        assert len(told["detail"]) < 1000


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("door", "change"),
    [
        ("inbound", {"lines": [{"line": 1, "sku": "X", "quantity": "1", "expected_on": "2026-02-30"}]}),
        ("inbound", {"lines": [{"line": 1, "sku": "X", "quantity": "1", "expected_on": "23.11.2026"}]}),
        ("agreement", {"valid_from": "20260101"}),
        ("orders", {"requested_on": "soon"}),
        ("orders", {"placed_at": "2026-11-18 09:00"}),
        ("orders", {"delivery_preference": "never"}),
        ("carrier", {"at": "yesterday"}),
        ("carrier", {"state": "lost"}),
        ("holds", {"reason": "mood"}),
        ("holds", {"lines": ["1"]}),
        ("location", {"working_days": ["someday"]}),
        ("location", {"transit_days": {"pigeon": 1}}),
        ("product", {"mode": "pigeon"}),
        ("account", {"invoice_terms": "whenever"}),
        ("account", {"freight_policy": "never"}),
        ("account", {"document_language": "tlh"}),
        ("account", {"electronic_address": "ann@buyer.example"}),
        ("account", {"billing_address": {"city": "Leeds", "country": "GB"}}),
        ("payments", {"received_on": "2026-02-30"}),
        ("payments", {"received_on": "18.11.2026"}),
        ("user", {"roles": ["emperor"]}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_value_outside_its_list_or_calendar_is_malformed(book: Book, door: str, change: Json) -> None:
    refused(book, door, book.body(door) | change, 400)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("door", "change"),
    [
        ("location", {"time_zone": "Mars/Olympus"}),
        ("location", {"holiday_calendar": "ZZ"}),
        ("location", {"handling_days": -1}),
        ("location", {"receiving_days": 10**9}),
        ("location", {"transit_days": {"parcel": -1}}),
        ("product", {"unit": "BANANA"}),
        ("product", {"lead_time_days": -1}),
        ("account", {"currency": "SHELLS"}),
        ("account", {"credit_limit": "-1"}),
        ("account", {"name": ""}),
        ("account", {"name": "x" * 100_000}),
        ("account", {"name": "a\u0000b"}),
        ("agreement", {"valid_to": "2025-01-01"}),
        ("orders", {"lines": []}),
        ("orders", {"discount": "1000000.00"}),
        ("orders", {"freight": "-1.00"}),
        ("cancellations", {"lines": []}),
        ("picks", {"lines": []}),
        ("shipments", {"lines": []}),
        ("receipts", {"lines": []}),
        ("tokens", {"scopes": ["world:rule"]}),
        ("payments", {"amount": "1.001"}),
        ("payments", {"received_on": "2026-11-19"}),
        ("payments", {"received_on": "1990-11-19"}),
        ("payments", {"reference": "x" * 1000}),
        ("payments", {"external_id": "1"}),
        ("refunds", {"amount": "2.41"}),
        ("refunds", {"paid_on": "2026-11-19"}),
        ("transfers", {"amount": "0.001"}),
        ("transfers", {"amount": "2.41"}),
        ("transfers", {"on": "2026-11-19"}),
        ("credit-notes", {"amount": "1.00"}),
        ("credit-notes", {"lines": []}),
        ("credit-notes", {"lines": [], "amount": "1.001"}),
        ("credit-notes", {"lines": [], "amount": "3.61"}),
        ("credit-notes", {"lines": [{"line": 1, "quantity": "4"}]}),
        ("credit-notes", {"reason": ""}),
        ("credit-notes", {"reason": " "}),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(next(iter(value.items())))[:40],
)
def test_a_value_out_of_range_is_refused(book: Book, door: str, change: Json) -> None:
    refused(book, door, book.body(door) | change, (400, 422))


@pytest.mark.usefixtures("untouched")
def test_a_line_twice_is_refused(book: Book) -> None:
    for door in ("orders", "inbound", "credit-notes"):
        body = book.body(door)
        body["lines"] = body["lines"] * 2
        refused(book, door, body, (400, 422))


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "door", ["holds", "cancellations", "picks", "packs", "short-picks", "shipments", "credit-notes"]
)
def test_a_line_that_is_not_there_is_refused(book: Book, door: str) -> None:
    body = book.body(door)
    body["lines"] = [77] if door == "holds" else [body["lines"][0] | {"line": 77}]
    told = refused(book, door, body, 422)
    assert "77" in told["detail"]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("method", "where", "door"),
    [
        ("GET", "orders/SO-2026-999999", None),
        ("GET", "orders/SO-2026-999999/timeline", None),
        ("GET", "orders/%00", None),
        ("GET", "orders/" + "9" * 500, None),
        ("GET", "shipments/SH-2026-999999", None),
        ("GET", "stock/{main}/NOTHING", None),
        ("GET", "accounts/NOBODY/credit", None),
        ("GET", "accounts/NOBODY/statement", None),
        ("GET", "orders/SO-2026-999999/reconciliation", None),
        ("GET", "invoices/INV-2026-999999", None),
        ("GET", "invoices/INV-2026-999999.pdf", None),
        ("GET", "invoices/INV-2026-999999.xml", None),
        ("GET", "invoices/INV-2026-999999.ubl", None),
        ("GET", "invoices/{invoice}.docx", None),
        ("GET", "invoices/%00", None),
        ("POST", "orders/SO-2026-999999/invoices", "invoices"),
        ("POST", "invoices/INV-2026-999999/payments", "payments"),
        ("POST", "invoices/INV-2026-999999/refunds", "refunds"),
        ("POST", "invoices/INV-2026-999999/transfers", "transfers"),
        ("POST", "invoices/INV-2026-999999/credit-notes", "credit-notes"),
        ("POST", "orders/SO-2026-999999/holds", "holds"),
        ("POST", "orders/SO-2026-999999/picks", "picks"),
        ("POST", "orders/SO-2026-999999/shipments", "shipments"),
        ("POST", "orders/SO-2026-999999/cancellations", "cancellations"),
        ("POST", "orders/{order}/holds/999999999/release", "release"),
        ("POST", "orders/{order}/holds/first/release", "release"),
        ("POST", "orders/{order}/holds/{hold}/release", "release"),  # a hold of another order
        ("POST", "shipments/SH-2026-999999/cancellation", "cancellation"),
        ("PUT", "accounts/NOBODY/users/ann@example.com", "user"),
        ("PUT", "inbound/balloon/{new}", "inbound"),
        ("DELETE", "tokens/999999999", None),
    ],
)
def test_what_is_not_there_is_not_found(book: Book, method: str, where: str, door: str | None) -> None:
    answer = knock(book.world.erp, method, book.path(where), book.body(door) if door else None)
    # A path parameter with a fixed list of values may be called mistyped.
    problem(answer, (400, 404) if "balloon" in where or "%00" in where else 404)


@pytest.mark.usefixtures("untouched")
def test_a_reference_to_what_is_not_there_is_refused(book: Book) -> None:
    for door, change in (
        ("orders", {"account": "NOBODY"}),
        ("orders", {"ship_to": "NOWHERE"}),
        ("agreement", {"location": "NOWHERE"}),
        ("agreement", {"sku": "NOTHING"}),
        ("prices", {"account": "NOBODY"}),
        ("inbound", {"location": "NOWHERE"}),
        ("account", {"parent": "NOBODY"}),
        ("tokens", {"account": "NOBODY"}),
        ("picks", {"location": "NOWHERE"}),
        ("shipments", {"location": "NOWHERE"}),
        ("transfers", {"to": "INV-2026-999999"}),
    ):
        refused(book, door, book.body(door) | change, 422)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "door", [door for door, (_, where, _) in DOORS.items() if where.startswith("orders/")]
)
def test_a_stale_version_is_refused(book: Book, door: str) -> None:
    method, where, _ = DOORS[door]
    for tag in ('"1"', '"999999"', 'W/"1"', "nonsense"):
        answer = book.world.erp.request(
            method, book.path(where), json=book.body(door), headers={"If-Match": tag}
        )
        problem(answer, 412 if tag in ('"1"', '"999999"') else (400, 412, 404))


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("door", DOORS)
def test_a_wrong_token_is_refused_whatever_is_sent(book: Book, door: str) -> None:
    method, where, _ = DOORS[door]
    path, body = book.path(where), book.body(door)
    for token in (None, "nonsense", "x" * 5000):
        client = book.world.portal.client(token)
        problem(knock(client, method, path, body), 401)
        problem(knock(client, method, path, b"{"), 401)
    scope = "stock:write" if door == "invoices" or where.startswith("invoices/") else "invoices:write"
    poor = book.world.token(scopes=[scope])
    problem(poor.request(method, path, json=body), 403)
    stranger = book.world.token("OTHER")
    problem(stranger.request(method, path, json=body), (403, 404))


@pytest.mark.usefixtures("untouched")
def test_a_wrong_state_is_a_conflict(book: Book) -> None:
    world = book.world
    problem(
        world.erp.post(f"shipments/{book.delivered['number']}/cancellation", json={"reason": "late"}), 409
    )
    held = {"location": world.code("MAIN"), "lines": [{"line": 1, "quantity": "1"}]}
    number = world.orders[1]
    for noun in ("picks", "packs", "shipments"):
        problem(world.erp.post(f"orders/{number}/{noun}", json=held), 409)
    problem(world.erp.put(f"stock/{world.code('MAIN')}/{world.code('BOLT')}", json={"on_hand": "9"}), 409)


@pytest.mark.usefixtures("untouched")
def test_more_than_there_is_is_refused_with_the_numbers(book: Book) -> None:
    # 60 ordered: 5 have left, 10 are picked or packed, 25 are on the shelf, 20 wait.
    for door, quantity, available in (
        ("picks", "26", "25"),
        ("packs", "6", "5"),
        ("shipments", "36", "35"),
        ("cancellations", "61", "60"),
    ):
        body, _ = with_number(book, door, quantity)
        told = refused(book, door, body, 422)
        assert quantity in told["detail"], told
        if door != "cancellations":
            assert available in told["detail"], told


def test_what_is_good_is_still_let_in(book: Book) -> None:
    """So that the refusals above are of what was bad, not of the doors."""
    for door, (method, where, _) in DOORS.items():
        if door in ("release", "invoices"):  # there is nothing to release or to bill
            continue
        answer = book.world.erp.request(method, book.path(where), json=book.body(door))
        assert answer.is_success, (door, answer.text)
        if door == "orders":
            book.world.orders.append(answer.json()["number"])
        if door == "holds":
            book.world.release(book.order, answer.json()["id"])
