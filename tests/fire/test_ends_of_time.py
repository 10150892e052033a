"""Days and moments where the calendar ends: whatever is made of them, the portal answers, and goes on answering."""

import pytest

from tests.fire.shop import Ask, Json, Shop, post, put

# There is no day after the one and no hour before the other.
ENDS = ("0001-01-01", "9999-12-31")


@pytest.mark.parametrize("day", ENDS)
def test_a_day_at_the_end_of_the_calendar_is_answered(
    shop: Shop, day: str, subtests: pytest.Subtests
) -> None:
    moment = f"{day}T00:00:00Z" if day < "2" else f"{day}T23:59:59Z"
    shop.open("BOLT", "CARE", on_hand=5)
    shop.do(shop.announce("purchase_order", "PO", "BOLT", 10))
    line = [{"line": 1, "quantity": "1"}]
    here = {"location": shop.code("MAIN")}
    agreement = {"account": shop.code("BUYER"), "valid_from": day, "valid_to": day}
    shipment = shop.do(shop.move(shop.place(CARE=2)["number"], "shipments", 1))
    for ask in (
        shop.order(more={"requested_on": day}, BOLT=1),
        shop.order(more={"requested_on": day, "delivery_preference": "weekly"}, BOLT=1),
        shop.order(more={"placed_at": moment}, BOLT=1),
        shop.announce("purchase_order", f"END-{day}", "BOLT", 5, lines=[_due(shop, day)]),
        shop.announce("inspection", f"END-{day}", "BOLT", 5, lines=[_due(shop, day)]),
        post(f"/inbound/purchase_order/{shop.code('PO')}/receipts", _came(moment)),
        put(
            f"/allocation-agreements/{shop.code(day)}",
            {**agreement, **here, "sku": shop.code("BOLT"), "quantity": "1"},
        ),
        put(f"/price-agreements/{shop.code(day)}", {**agreement, "currency": "GBP", "prices": []}),
        post(f"/orders/{shipment['order']}/shipments", {**here, "lines": line, "shipped_at": moment}),
        post(f"/shipments/{shipment['number']}/events", {"state": "in_transit", "at": moment}),
        post(f"/shipments/{shipment['number']}/events", {"state": "delivered", "at": moment}),
        Ask("GET", f"/orders?updated_after={moment}"),
        post("/clock", {"now": moment}),
    ):
        with subtests.test(f"{ask.method} {ask.path} {ask.body}"):
            answer = shop.portal.erp.request(ask.method, ask.path, json=ask.body)
            assert answer.status_code < 500, answer.text
            for order in shop.get("/orders")["items"]:
                shop.read(order["number"])


def _due(shop: Shop, day: str) -> Json:
    return {"line": 1, "sku": shop.code("BOLT"), "quantity": "5", "expected_on": day}


def _came(moment: str) -> Json:
    return {"received_at": moment, "lines": [{"line": 1, "received": "1"}]}
