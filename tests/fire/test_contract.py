"""The contract tells the truth: every answer has exactly the shape that it tells, nothing more and nothing less."""

import re
from collections.abc import Callable, Iterator

import msgspec
import pytest

from portal.routes.api.answered import ANSWERS, Parked
from tests.fire.shop import ADDRESS, Ask, Json, Shop, post, put
from tests.portals import Portal


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
    yield from approvals(shop)
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
        if operation.get("security") and "204" not in operation["responses"] and not path.endswith(".pdf")
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
