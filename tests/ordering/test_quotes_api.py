"""POST /quotes: everything that an order would come to, for whoever may see the account; and nothing is written."""

from collections.abc import Callable

import pytest

from tests.ordering.checkout import open_shop
from tests.portals import Portal
from tests.scenarios.driver import World, problem


@pytest.fixture(scope="module")
def world(start_portal: Callable[..., Portal]) -> World:
    return open_shop(start_portal())


def test_it_tells_prices_promises_freight_credit_and_the_ways_to_deliver(world: World) -> None:
    world.inbound("purchase_order", "4711", "MAIN", [(1, "NUT", 100, "2026-12-02")], supplier="Acme")
    world.prices(
        "PA-7", "NORDWIND", [{"sku": "NUT", "amount": "0.90", "min_quantity": "50"}], valid_to="2026-12-31"
    )
    body = world.order_body("NORDWIND", {"BOLT": 10, "NUT": 60, "BEAM": 1})
    body["lines"][1]["need_by"] = "2026-11-25"

    told = world.post("quotes", body)

    assert told["state"] == "open"
    nut = told["lines"][1]
    assert (nut["unit_price"], nut["price_source"], nut["price_until"]) == (
        "0.90",
        "agreement:PA-7",
        "2026-12-31",
    )
    assert nut["is_unlikely"] is True
    assert [(part["quantity"], part["status"]) for part in nut["portions"]] == [
        ("50", "allocated"),
        ("10", "awaiting_supplier"),
    ]
    assert "supplier order 4711 from Acme" in nut["portions"][1]["sentence"]
    assert [(one["mode"], one["freight"]) for one in told["shipments"]] == [
        ("freight", "49.50"),
        ("parcel", "18.50"),
        ("parcel", "8.50"),
    ]
    assert [(way["delivery_preference"], way["shipments"], way["freight"]) for way in told["ways"]] == [
        ("as_available", 3, "76.50"),
        ("complete_only", 2, "70.00"),
        ("weekly", 3, "76.50"),
    ]
    assert told["totals"]["freight"] == "76.50"
    assert told["credit"]["outcome"] == "covered"
    assert told["approval"] is None


def test_it_writes_nothing_and_reserves_nothing(world: World) -> None:
    before = world.everything(), world.level("MAIN", "BOLT"), len(world.feed("NORDWIND"))

    world.post("quotes", world.order_body("NORDWIND", {"BOLT": 10}))

    assert (world.everything(), world.level("MAIN", "BOLT"), len(world.feed("NORDWIND"))) == before


def test_an_account_asks_for_its_own_and_finds_no_other(world: World) -> None:
    world.account("RIVAL")
    own = world.token("NORDWIND")
    body = world.order_body("NORDWIND", {"BOLT": 10})

    assert own.post("/quotes", json=body).status_code == 200
    problem(own.post("/quotes", json={**body, "account": "RIVAL"}), 422, "account", pointer="/account")


def test_what_placing_refuses_it_refuses_alike(world: World) -> None:
    body = world.order_body("NORDWIND", {"BOLT": 10})
    wrong = (
        {**body, "lines": []},
        {**body, "ship_to": "NOWHERE"},
        {**body, "lines": [{"sku": "NOSUCH", "quantity": "1"}]},
        {**body, "lines": [{"sku": "BOLT", "quantity": "0.5"}]},
        {**body, "discount": "1000"},
    )
    for one in wrong:
        quoted, placed = (world.erp.post(path, json=one) for path in ("quotes", "orders"))
        assert (quoted.status_code, quoted.json()["detail"]) == (placed.status_code, placed.json()["detail"])
        assert quoted.status_code == 422


def test_it_says_who_would_have_to_agree(world: World) -> None:
    rule = {
        "name": "Large orders",
        "when": {"total_above": {"amount": "50", "currency": "GBP"}},
        "steps": [{"approvers": "approver", "need": "any"}],
    }
    path = f"accounts/{world.code('NORDWIND')}/approval-policy"
    world.put(path, {"rules": [rule]})
    try:
        told = world.post("quotes", world.order_body("NORDWIND", {"BOLT": 100}))
        assert told["state"] == "pending_approval"
        [step] = told["approval"]["steps"]
        assert [seat["email"] for seat in step["approvers"]] == ["klaus@nordwind.example"]
        assert told["approval"]["avoid"]
        assert world.post("quotes", world.order_body("NORDWIND", {"BOLT": 1}))["approval"] is None
    finally:
        world.put(path, {"rules": []})


def test_the_same_key_gives_the_same_quote(world: World) -> None:
    body = world.order_body("NORDWIND", {"BOLT": 7})
    first, again = (
        world.erp.post("quotes", json=body, headers={"Idempotency-Key": "a-quote"}) for _ in range(2)
    )

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


def test_a_location_keeps_its_tariffs(world: World) -> None:
    tariff = {"mode": "parcel", "currency": "GBP", "per_shipment": "6.5", "per_kg": "0.4", "free_from": "500"}
    world.location("EAST", freight_tariffs=[tariff])

    assert world.get("locations/EAST")["freight_tariffs"] == [
        {"mode": "parcel", "currency": "GBP", "per_shipment": "6.50", "per_kg": "0.40", "free_from": "500.00"}
    ]
    world.location("EAST")
    assert world.get("locations/EAST")["freight_tariffs"] == []
    twice = {**world.get("locations/EAST"), "freight_tariffs": [tariff, tariff]}
    twice.pop("code")
    problem(
        world.erp.put("locations/EAST", json=twice), 422, "stands here twice", pointer="/freight_tariffs/1"
    )
    cents = {**twice, "freight_tariffs": [{**tariff, "per_shipment": "6.555"}]}
    problem(world.erp.put("locations/EAST", json=cents), 422, pointer="/freight_tariffs/0/per_shipment")
