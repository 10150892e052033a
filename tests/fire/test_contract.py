"""The contract tells the truth: every answer has exactly the shape that it tells, nothing more and nothing less."""

import re
from collections.abc import Callable, Iterator

import msgspec
import pytest

from portal.routes.api.answered import ANSWERS, Parked
from tests.fire.shop import ADDRESS, Ask, Json, Shop, post, put
from tests.portals import Portal
from tests.returns.goods import as_base64, photo

FILES = (".pdf", ".xml", ".ubl")
DOT = as_base64(photo((8, 8)))


@pytest.fixture(scope="module")
def busy(start_portal: Callable[..., Portal]) -> Shop:
    portal = start_portal()
    portal.clock("2026-11-18T12:00:00Z")
    shop = Shop(portal, "C")
    shop.open("BOLT", "CARE", on_hand=10)
    return shop


def asked(shop: Shop) -> Iterator[tuple[str, Ask]]:
    """One of each call, as (its path in the contract, the request), with much to tell in the order."""
    buyer, bolt, main = shop.code("BUYER"), shop.code("BOLT"), shop.code("MAIN")
    order = shop.place(BOLT=16, CARE=4)["number"]
    held = shop.do(post(f"/orders/{order}/holds", {"reason": "quality", "lines": [2], "note": "scratched"}))
    package = {"tracking_number": "C1", "tracking_url": "https://carrier.example/C1", "weight_kg": "2.5"}
    more: Json = {"carrier": "dhl", "service": "express", "packages": [package], "freight": "9.00"}
    shipment = shop.do(shop.move(order, "shipments", 2, **more))["number"]
    returned = shop.do(shop.move(order, "shipments", 1))["number"]

    yield "/accounts/{number}", shop.terms("BUYER", credit_limit="5000.00", tax_id="GB 1")
    yield "/accounts/{number}", Ask("GET", f"/accounts/{buyer}")
    yield "/accounts/{number}/credit", Ask("GET", f"/accounts/{buyer}/credit")
    yield "/accounts/{number}/credit/ledger", Ask("GET", f"/accounts/{buyer}/credit/ledger?limit=2")
    limits = {"limit_per_order": money("500.00"), "limit_per_period": {**money("900.00"), "period": "month"}}
    yield (
        "/accounts/{number}/users/{email}",
        put(
            f"/accounts/{buyer}/users/ann@buyer.example",
            {"name": "Ann", "roles": ["buyer", "approver"], **limits},
        ),
    )
    product = {
        "name": "Bolt",
        "unit": "C62",
        "list_price": money("10.00"),
        "weight_kg": "0.2",
        "category": "Fixing",
    }
    yield "/products/{sku}", put(f"/products/{bolt}", product)
    yield "/products/{sku}", Ask("GET", f"/products/{bolt}")
    tariff = {
        "mode": "parcel",
        "currency": "GBP",
        "per_shipment": "6.50",
        "per_kg": "0.40",
        "free_from": "250",
    }
    location = {"name": "Main", "address": ADDRESS, "time_zone": "Europe/London", "holiday_calendar": "GB"}
    location["freight_tariffs"] = [tariff]
    yield "/locations/{location}", put(f"/locations/{main}", location)
    yield "/locations/{location}", Ask("GET", f"/locations/{main}")
    prices = {"prices": [{"sku": bolt, "amount": "9.125", "min_quantity": "10"}]}
    agreed = {"account": buyer, "valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    yield "/price-agreements/{number}", put("/price-agreements/C-PA", {**agreed, **prices, "currency": "GBP"})
    yield "/price-agreements/{number}", Ask("GET", "/price-agreements/C-PA")
    words = {"items": [{"code": "12/4 bolt", "sku": bolt}]}
    yield "/accounts/{number}/own-skus", put(f"/accounts/{buyer}/own-skus", words)
    yield "/accounts/{number}/own-skus", Ask("GET", f"/accounts/{buyer}/own-skus")
    reserve = {**agreed, "location": main, "sku": bolt, "quantity": "2"}
    yield "/allocation-agreements/{number}", put("/allocation-agreements/C-AA", reserve)
    yield "/allocation-agreements/{number}", Ask("GET", "/allocation-agreements/C-AA")
    yield "/stock/{location}/{sku}", put(f"/stock/{main}/{bolt}", {"on_hand": "9", "quarantined": "1"})
    yield "/stock/{location}/{sku}", Ask("GET", f"/stock/{main}/{bolt}")
    yield "/stock", Ask("GET", f"/stock?sku={bolt}")
    yield "/inbound/{kind}/{reference}", shop.announce("purchase_order", "PO", "BOLT", 10, supplier="Acme")
    yield "/inbound/{kind}/{reference}", Ask("GET", f"/inbound/purchase_order/{shop.code('PO')}")
    yield "/inbound/{kind}/{reference}/receipts", shop.receive("purchase_order", "PO", 1)
    yield (
        "/quotes",
        post(
            "/quotes",
            {
                "account": buyer,
                "lines": [{"sku": bolt, "quantity": "30", "need_by": "2026-11-20"}],
                "discount": "1",
            },
        ),
    )
    yield "/orders/{number}/picks", shop.move(order, "picks", 3)
    yield "/orders/{number}/packs", shop.move(order, "packs", 1)
    yield "/orders/{number}/short-picks", missing(shop, order)
    yield "/orders/{number}/cancellations", shop.move(order, "cancellations", 1)
    yield "/orders/{number}/shipments", shop.move(order, "shipments", 1)
    yield from offers(shop)
    yield from queue(shop)
    yield from invoices(shop)
    yield from returns(shop)
    said = {"state": "in_transit", "at": "2026-11-18T11:00:00Z", "note": "Leeds", "tracking_number": "C2"}
    yield "/shipments/{number}/events", post(f"/shipments/{shipment}/events", said)
    part = {"state": "delivered", "at": "2026-11-18T12:00:00Z", "lines": [{"line": 1, "quantity": "1"}]}
    yield "/shipments/{number}/events", post(f"/shipments/{shipment}/events", part)
    yield "/shipments/{number}/cancellation", post(f"/shipments/{returned}/cancellation")
    yield "/shipments/{number}", Ask("GET", f"/shipments/{shipment}")
    yield "/orders/{number}/holds", post(f"/orders/{order}/holds", {"reason": "manual", "lines": [2]})
    yield "/orders/{number}", Ask("GET", f"/orders/{order}")
    yield "/orders/{number}/holds/{hold_id}/release", post(f"/orders/{order}/holds/{held['id']}/release")
    yield (
        "/orders",
        shop.order(more={"origin": "c", "external_id": "1", "requested_on": "2026-12-01"}, BOLT=1),
    )
    yield "/orders", Ask("GET", "/orders?limit=1")
    yield "/orders/{number}/timeline", Ask("GET", f"/orders/{order}/timeline")
    yield "/events", Ask("GET", "/events?limit=200")
    yield "/accounts/{number}/audit", Ask("GET", f"/accounts/{buyer}/audit")
    yield from disputes(shop)
    yield from approvals(shop)
    yield "/mail-bounces", post("/mail-bounces", {"message": "Subject: I am away\n\nUntil Monday."})
    yield from webhooks(shop)
    yield "/tokens", post("/tokens", {"account": buyer, "scopes": ["orders:read"], "name": "reader"})
    yield "/clock", post("/clock", {"now": "2026-11-19T12:00:00Z"})


def offers(shop: Shop) -> Iterator[tuple[str, Ask]]:
    """What another product in place of an ordered one comes to; of the first offer two things are foreseen."""
    order = shop.place(BOLT=3)["number"]
    under = f"/orders/{order}/substitutions"
    wanted = {"line": 1, "quantity": "1", "sku": shop.code("CARE"), "note": "the same"}
    path = "/orders/{number}/substitutions"
    for noun in ("acceptance", "refusal", "withdrawal"):
        offered = shop.do(post(under, wanted))
        yield path, Ask("GET", under)
        yield f"{path}/{{offer_id}}/{noun}", post(f"{under}/{offered['id']}/{noun}", {"note": "said so"})
    yield path, post(under, wanted)


def invoices(shop: Shop) -> Iterator[tuple[str, Ask]]:
    """What was billed of two shipments, what was paid of it and too much, and what was taken back."""
    says = {
        "legal_name": "Pays Ltd",
        "buyer_reference": "Mill 3",
        "billing_address": {**ADDRESS, "name": "Post"},
    }
    shop.account("PAYS", invoice_terms="consolidated", consolidation="monthly", **says)
    shop.put(f"/products/{shop.code('PAID')}", {"name": "Paid", "unit": "C62", "list_price": money("10.00")})
    shop.count("PAID", 20)
    order = shop.do(shop.order("PAYS", more={"freight": "6.00", "discount": "1.00"}, PAID=9))["number"]
    shop.do(shop.move(order, "shipments", 2, packages=[{"tracking_number": "PAY1"}], carrier="dhl"))
    shop.do(shop.move(order, "shipments", 1))
    yield "/orders/{number}/invoices", post(f"/orders/{order}/invoices")
    shop.do(shop.move(order, "shipments", 4))
    yield "/orders/{number}/invoices", post(f"/orders/{order}/invoices")
    of_order = f"/invoices?order={order}"
    second, first = (one["number"] for one in shop.get(of_order)["items"])
    ids = {"origin": "bank", "external_id": "P1", "reference": "BACS"}
    paid = {"amount": "99.00", "received_on": "2026-11-18", **ids}
    path = "/invoices/{number}"
    yield f"{path}/payments", post(f"/invoices/{first}/payments", paid)
    yield f"{path}/payments", post(f"/invoices/{first}/payments", paid)
    yield f"{path}/refunds", post(f"/invoices/{first}/refunds", {"amount": "1.00"})
    yield f"{path}/transfers", post(f"/invoices/{first}/transfers", {"to": second})
    noted = {"reason": "delivered short", "lines": [{"line": 1, "quantity": "1"}]}
    yield f"{path}/credit-notes", post(f"/invoices/{second}/credit-notes", noted)
    yield (
        f"{path}/credit-notes",
        post(f"/invoices/{second}/credit-notes", {"reason": "kindness", "amount": "2.00"}),
    )
    yield "/invoices", Ask("GET", f"{of_order}&limit=3")
    yield path, Ask("GET", f"/invoices/{first}")
    yield path, Ask("GET", f"/invoices/{second}")
    yield path, Ask("GET", f"/invoices/{shop.get(of_order)['items'][0]['number']}")
    yield "/orders/{number}/reconciliation", Ask("GET", f"/orders/{order}/reconciliation")
    yield "/accounts/{number}/statement", Ask("GET", f"/accounts/{shop.code('PAYS')}/statement")


def returns(shop: Shop) -> Iterator[tuple[str, Ask]]:
    """One return is refused, one called off, one comes back and is credited."""
    shop.account("SENDS")
    shop.put(f"/products/{shop.code('SENT')}", {"name": "Sent", "unit": "C62", "list_price": money("10.00")})
    shop.count("SENT", 9)
    order = shop.do(shop.order("SENDS", SENT=9))["number"]
    parcel = {"packages": [{"tracking_number": "BACK1", "weight_kg": "2"}], "carrier": "dhl"}
    shipment = shop.do(shop.move(order, "shipments", 9, **parcel))["number"]
    buyer = {"account": shop.code("SENDS"), "scopes": ["shipments:write"], "name": "sends"}
    token = shop.do(post("/tokens", buyer))["token"]
    buyers = shop.portal.client(token)
    line = {"line": 1, "quantity": "2", "reason": "other", "note": "too long"}
    body = {"shipment": shipment, "lines": [line], "note": "Dock 2"}
    path = "/returns/{number}"
    asked = [shop.said(buyers.post("/returns", json=body))["number"] for _ in range(3)]
    yield "/returns", post("/returns", {**body, "origin": "wms", "external_id": "R1"})
    yield f"{path}/authorisation", post(f"/returns/{asked[0]}/authorisation", {"note": "well packed"})
    yield f"{path}/refusal", post(f"/returns/{asked[1]}/refusal", {"note": "cut to length"})
    yield f"{path}/cancellation", post(f"/returns/{asked[2]}/cancellation")
    yield f"{path}/pictures", post(f"/returns/{asked[0]}/pictures", {"content": DOT, "line": 1})
    came = [{"line": 1, "received": "1"}, {"line": 1, "received": "1", "to": "quarantine", "closed": True}]
    yield f"{path}/receipts", post(f"/returns/{asked[0]}/receipts", {"lines": came})
    yield path, Ask("GET", f"/returns/{asked[0]}")
    yield "/returns", Ask("GET", f"/returns?order={order}&limit=2")


def disputes(shop: Shop) -> Iterator[tuple[str, Ask]]:
    """What a buyer says is wrong with an invoice, what is said about it, and how it ends."""
    facts = {"name": "Bent", "unit": "C62", "list_price": money("10.00")}
    shop.put(f"/products/{shop.code('BENT')}", facts)
    shop.count("BENT", 2)
    order = shop.place(BENT=2)["number"]
    shop.do(shop.move(order, "shipments", 2))
    [invoice] = shop.get(f"/invoices?order={order}")["items"]
    wrong = {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}], "text": "bent"}
    path = f"/invoices/{invoice['number']}/disputes"
    yield "/invoices/{number}/disputes", post(path, wrong)
    [dispute] = shop.get(f"/disputes?invoice={invoice['number']}&state=open")["items"]
    under = f"/disputes/{dispute['number']}"
    yield "/disputes/{number}/messages", post(f"{under}/messages", {"text": "which?"})
    yield "/disputes", Ask("GET", f"/disputes?order={order}&limit=1")
    yield "/disputes/{number}", Ask("GET", under)
    yield "/disputes/{number}/settlement", post(f"{under}/settlement", {"outcome": "credited", "note": "so"})


def webhooks(shop: Shop) -> Iterator[tuple[str, Ask]]:
    """An endpoint from its making to its last replay."""
    path, many = "/webhook-endpoints/{endpoint_id}", "/webhook-endpoints"
    about = {"url": "https://erp.buyer.example/hook", "types": ["order.placed"], "description": "ERP"}
    yield many, post(many, about)
    made = shop.do(post(many, {**about, "account": shop.code("BUYER")}))
    under = f"{many}/{made['id']}"
    yield many, Ask("GET", f"{many}?account={shop.code('BUYER')}")
    yield path, Ask("GET", under)
    yield path, Ask("PATCH", under, {"types": None, "description": "The ERP"})
    yield f"{path}/secret-rotation", post(f"{under}/secret-rotation")
    yield f"{path}/test", post(f"{under}/test")
    shop.place(BOLT=1)
    yield f"{path}/replay", post(f"{under}/replay", {"since": "2026-11-18T00:00:00Z"})
    yield f"{path}/deliveries", Ask("GET", f"{under}/deliveries?state=waiting&limit=3")


def queue(shop: Shop) -> Iterator[tuple[str, Ask]]:
    """Staff change who goes ahead, whose stock it is, and where it comes from."""
    facts = {"name": "Scarce", "unit": "C62", "list_price": money("10.00")}
    shop.put(f"/products/{shop.code('SCARCE')}", facts)
    shop.count("SCARCE", 3)
    has, wants = shop.place(SCARCE=3)["number"], shop.place(SCARCE=2)["number"]
    why: Json = {"line": 1, "reason": "line_down"}
    yield "/orders/{number}/priorities", post(f"/orders/{wants}/priorities", {**why, "priority": 4})
    given = {"from_order": has, "from_line": 1, "quantity": "1", "location": shop.code("MAIN")}
    yield "/orders/{number}/reassignments", post(f"/orders/{wants}/reassignments", {**why, **given})
    there = {"to_location": shop.code("MAIN")}
    yield "/orders/{number}/relocations", post(f"/orders/{wants}/relocations", {**why, **there})


def approvals(shop: Shop) -> Iterator[tuple[str, Ask]]:
    """A policy, and two requests: one is asked about and approved, one is taken back. At last somebody stands in."""
    account = shop.code("ASKS")
    shop.account("ASKS")
    for name, role in (("boss", "approver"), ("vice", "approver"), ("clerk", "account_admin")):
        shop.put(f"/accounts/{account}/users/{name}@asks.example", {"name": name, "roles": [role]})
    boss, clerk = (_acting(shop, f"{name}@asks.example") for name in ("boss", "clerk"))
    path = "/accounts/{number}/approval-policy"
    steps = [{"approvers": ["boss@asks.example"]}, {"approvers": "account_admin", "need": "any"}]
    rules = [{"name": "all", "when": {"total_above": money("1")}, "steps": steps}]
    more = {"self_approval": True, "expires_after_hours": 80, "working_time": {"time_zone": "Europe/London"}}
    yield path, put(f"/accounts/{account}/approval-policy", {"rules": rules, **more})
    yield path, Ask("GET", f"/accounts/{account}/approval-policy")
    orders = [shop.do(shop.order("ASKS", BOLT=2))["number"] for _ in range(2)]
    found = {one["order"]: one["id"] for one in shop.get(f"/approvals?account={account}")["items"]}
    yield "/approvals", Ask("GET", f"/approvals?account={account}&state=pending&approver=boss@asks.example")
    first, second = (f"/approvals/{found[order]}" for order in orders)
    yield (
        "/orders/{number}/changes",
        post(f"/orders/{orders[0]}/changes", {"lines": [{"line": 1, "quantity": 3}]}),
    )
    decisions = "/approvals/{number}/decisions"
    yield decisions, post(f"{first}/decisions", {"decision": "ask", "comment": "why?"}, **boss)
    yield "/approvals/{number}/answers", post(f"{first}/answers", {"comment": "so"}, **clerk)
    condition = {"total": "500.00", "until": "2026-12-31"}
    yield decisions, post(f"{first}/decisions", {"decision": "approve", "condition": condition}, **boss)
    yield "/approvals/{number}", Ask("GET", first)
    yield "/approvals/{number}/withdrawal", post(f"{second}/withdrawal", {"comment": "no"}, **clerk)
    path = "/accounts/{number}/delegations"
    between = {"from_on": "2026-11-20", "to_on": "2026-11-30", "cap": money("900.00")}
    body = {"from": "boss@asks.example", "to": "vice@asks.example", **between}
    yield path, post(f"/accounts/{account}/delegations", body)
    yield path, Ask("GET", f"/accounts/{account}/delegations")


def _acting(shop: Shop, user: str) -> dict[str, str]:
    token = shop.do(post("/tokens", {"scopes": ["*"], "name": user, "user": user}))["token"]
    return {"Authorization": f"Bearer {token}"}


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def missing(shop: Shop, order: str) -> Ask:
    body = {"location": shop.code("MAIN"), "lines": [{"line": 1, "missing": "1"}]}
    return post(f"/orders/{order}/short-picks", body)


def test_every_answer_has_the_shape_that_the_contract_tells(busy: Shop, subtests: pytest.Subtests) -> None:
    met = set()
    for path, ask in asked(busy):
        with subtests.test(f"{ask.method} {ask.path}"):
            answer = busy.portal.erp.request(ask.method, ask.path, json=ask.body, headers=ask.headers)
            assert answer.is_success, answer.text
            told = msgspec.json.decode(answer.content, type=ANSWERS[ask.method.lower(), path])
            # Whatever is told is there: nothing that the contract promises is left out.
            assert msgspec.json.decode(msgspec.json.encode(told)).keys() == answer.json().keys()
            met.add((ask.method.lower(), path))
    assert ANSWERS.keys() == met
    busy.portal.check()


def test_every_call_that_answers_is_in_the_contract(busy: Shop) -> None:
    document = busy.get("/openapi.json")
    called = {
        (method, path.removeprefix("/api/v1"))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation.get("security") and "204" not in operation["responses"] and not path.endswith(FILES)
    }
    assert called == ANSWERS.keys()


def test_what_is_not_known_yet_is_told_to_be_parked(busy: Shop) -> None:
    said = post("/shipments/NOT-YET/events", {"state": "in_transit", "at": "2026-11-18T11:00:00Z"})
    for early in (said, busy.receive("purchase_order", "NOT-YET", 1)):
        answer = busy.portal.erp.post(early.path, json=early.body)
        assert answer.status_code == 202
        assert msgspec.json.decode(answer.content, type=Parked) == Parked(parked=True)


def test_the_page_to_read_it_needs_nothing_from_elsewhere(busy: Shop) -> None:
    page = busy.portal.browser().get("/api/v1/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert any("swagger" in address for address in loaded)
    for address in loaded:
        assert address.startswith("/"), address
        assert busy.portal.browser().get(address).status_code == 200, address
