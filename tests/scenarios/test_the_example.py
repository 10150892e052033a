"""The order that the API's paper shows, told from its beginning until it reads exactly so."""

from tests.scenarios.claims import Json, facts, line_of, portions_of
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold

SENTENCE = (
    "180 wait for supplier order 4711 from Acme, confirmed for 25 Nov;"
    " they ship on 27 Nov and reach Leeds on 30 Nov."
)


def supplier_order(story: World, expected_on: str) -> None:
    lines = [(1, "NUT-M8", 500, expected_on), (2, "BOLT-M8", 200, expected_on)]
    story.inbound("purchase_order", "4711", "MAIN", lines, supplier="Acme")


def placed(story: World) -> Json:
    """550 on the shelf, 180 of them under a contract; 600 ordered, and 20 of an account that goes before."""
    story.location("MAIN", parcel=3)
    story.account("NORDWIND")
    story.account("CALDER", priority=5)
    story.account("VELTRO")
    story.product("BOLT-M8", "NUT-M8", price="0.15")
    story.stock("MAIN", "BOLT-M8", 550)
    story.agreement("AA-1", "VELTRO", "MAIN", "BOLT-M8", 180)
    story.prices("PA-7", "NORDWIND", [{"sku": "BOLT-M8", "amount": "0.12"}])
    order = story.order(
        "NORDWIND",
        {"BOLT-M8": 600},
        purchase_order_number="4500012345",
        ship_to="LEEDS",
        placed_at="2026-11-18T15:20:00Z",
        delivery_preference="as_available",
        origin="erp",
        external_id="SO-1",
        discount="10.00",
        freight="25.00",
    )
    story.order("CALDER", {"BOLT-M8": 20})
    return order


def is_in(found: Json, wanted: Json) -> None:
    assert wanted.items() <= found.items(), f"\nfound  {found}\nwanted {wanted}"


def test_the_order_reads_as_on_paper(story: World) -> None:
    story.now("2026-11-18T15:20:00Z")
    order = placed(story)
    supplier_order(story, "2026-11-19")
    story.now("2026-11-19T12:00:00Z")
    shipment = story.ship(order, "MAIN", {1: 370}, mode="parcel", carrier="dhl", freight="12.00")
    supplier_order(story, "2026-11-25")
    order = story.read(order)

    is_in(
        order,
        {
            "account": "NORDWIND",
            "purchase_order_number": "4500012345",
            "state": "open",
            "placed_at": "2026-11-18T15:20:00Z",
            "currency": "GBP",
        },
    )
    is_in(
        order["totals"],
        {"goods": "72.00", "discount": "10.00", "freight": "25.00", "tax": "17.40", "total": "104.40"},
    )
    is_in(
        order["summary"],
        {"ordered": "600", "shipped": "370", "delivered": "0", "to_come": "230", "never": "0"},
    )
    is_in(
        line_of(order, 1),
        {
            "sku": "BOLT-M8",
            "unit": "C62",
            "quantity": "600",
            "unit_price": "0.12",
            "price_source": "agreement:PA-7",
            "shipped": "370",
            "delivered": "0",
            "cancelled": "0",
            "returned": "0",
        },
    )
    shipped, awaiting, reserved = portions_of(order, 1)
    is_in(
        shipped,
        {
            "quantity": "370",
            "status": "shipped",
            "shipment": shipment["number"],
            "location": "MAIN",
            "ships_on": "2026-11-19",
            "arrives_on": "2026-11-23",
        },
    )
    is_in(
        awaiting,
        {
            "quantity": "180",
            "status": "awaiting_supplier",
            "ships_on": "2026-11-27",
            "arrives_on": "2026-11-30",
            "first_promise": {"ships_on": "2026-11-23", "arrives_on": "2026-11-26"},
            "sentence": SENTENCE,
        },
    )
    supply = {"kind": "purchase_order", "reference": "4711", "line": 2, "supplier": "Acme"}
    is_in(awaiting["supply"], supply | {"expected_on": "2026-11-25", "confirmed": True})
    assert facts(awaiting) == ["queue_ahead", "inbound", "receiving", "handling", "transit"]
    ahead, inbound, receiving, handling, transit = awaiting["because"]
    is_in(ahead, {"quantity": "20"})
    is_in(inbound, supply | {"expected_on": "2026-11-25", "confirmed": True})
    is_in(receiving, {"days": 1})
    is_in(handling, {"days": 1})
    is_in(transit, {"days": 3, "mode": "parcel"})
    is_in(reserved, {"quantity": "50", "status": "reserved_elsewhere"})
    assert {"fact": "stock_reserved", "location": "MAIN", "quantity": "180"} in reserved["because"]
    laws_hold(story)


def test_the_shipment_reads_as_on_paper(story: World) -> None:
    story.location("HALL", parcel=3)
    story.account("ALDER")
    story.product("RIVET")
    story.stock("HALL", "RIVET", 5)
    order = story.order("ALDER", {"RIVET": 5})
    story.now("2026-11-19T12:00:00Z")
    packages = [
        {"tracking_number": "JD01", "tracking_url": "https://track.example/JD01", "weight_kg": "12.4"}
    ]
    shipped_at = "2026-11-19T11:30:00Z"
    answer = story.ship(
        order,
        "HALL",
        {1: 5},
        mode="parcel",
        carrier="dhl",
        packages=packages,
        freight="12.00",
        shipped_at=shipped_at,
    )
    story.carrier(answer, "in_transit", "2026-11-19T11:45:00Z", note="left the depot")
    (shipment,) = story.read(order)["shipments"]
    is_in(
        shipment,
        {
            "number": answer["number"],
            "location": "HALL",
            "mode": "parcel",
            "carrier": "dhl",
            "state": "in_transit",
            "shipped_at": shipped_at,
            "expected_on": "2026-11-23",
            "delivered_at": None,
            "freight": "12.00",
            "lines": [{"line": 1, "quantity": "5"}],
        },
    )
    is_in(shipment["packages"][0], packages[0])
    told = {"state": "in_transit", "at": "2026-11-19T11:45:00Z", "note": "left the depot"}
    is_in(shipment["events"][-1], told)
    assert story.get(f"shipments/{shipment['number']}")["lines"] == shipment["lines"]
    laws_hold(story)
