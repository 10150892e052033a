"""Money follows goods, as other systems read it: an invoice for each shipment, in the words of the contract."""

from decimal import Decimal

from tests.scenarios.driver import Json, World


def selling(world: World, **account: object) -> None:
    """BUYER buys bolts at 0.12 and cases at 10.00; both stand on the shelf."""
    world.location("MAIN")
    world.account("BUYER", payment_terms_days=60, **account)
    world.product("BOLT", price="0.12")
    world.product("CASE", price="10.00", tax_category="reduced")
    world.stock("MAIN", "BOLT", 1000)
    world.stock("MAIN", "CASE", 100)


def the_example(world: World) -> Json:
    """The order of the contract: 600 bolts, 10.00 off, 25.00 for freight."""
    selling(world)
    return world.order(
        "BUYER", {"BOLT": 600}, discount="10.00", freight="25.00", purchase_order_number="4500012345"
    )


def test_an_invoice_reads_as_the_contract_says(world: World) -> None:
    order = the_example(world)
    shipment = world.ship(order, "MAIN", {1: 370})

    [invoice] = world.invoices(order)

    told = {
        name: invoice[name]
        for name in (
            "kind", "state", "account", "order", "purchase_order_number", "shipments", "preceding", "issued_on",
            "due_on", "currency", "allowances", "charges", "rounding", "net", "total", "paid", "due", "credits",
            "corrects",
        )
    }  # fmt: skip
    assert told == {
        "kind": "invoice",
        "state": "open",
        "account": world.code("BUYER"),
        "order": order["number"],
        "purchase_order_number": "4500012345",
        "shipments": [shipment["number"]],
        "preceding": [],
        "issued_on": "2026-11-18",
        "due_on": "2027-01-17",
        "currency": "GBP",
        "allowances": "6.17",
        "charges": "15.42",
        "rounding": "0.00",
        "net": "53.65",
        "total": "64.38",
        "paid": "0.00",
        "due": "64.38",
        "credits": [],
        "corrects": None,
    }
    [line] = invoice["lines"]
    expected = {
        "line": 1,
        "sku": world.code("BOLT"),
        "ordered": "600",
        "previously_invoiced": "0",
        "quantity": "370",
        "outstanding": "230",
        "unit_price": "0.12",
        "net": "44.40",
        "tax_rate": "20",
    }
    assert {name: line[name] for name in expected} == expected
    [tax] = invoice["tax"]
    assert (tax["rate"], tax["base"], tax["amount"]) == ("20", "53.65", "10.73")


def test_the_second_invoice_names_the_first_and_both_are_the_order(world: World) -> None:
    order = the_example(world)
    world.ship(order, "MAIN", {1: 370})
    world.ship(order, "MAIN", {1: 230})

    first, second = world.invoices(order)

    assert second["preceding"] == [first["number"]]
    assert second["lines"][0]["previously_invoiced"] == "370"
    assert second["lines"][0]["outstanding"] == "0"
    assert Decimal(first["total"]) + Decimal(second["total"]) == Decimal(order["totals"]["total"])
    assert (second["progress"]["billed_before"], second["progress"]["to_bill"]) == (first["total"], "0.00")


def test_the_order_carries_its_invoices_and_what_they_come_to(world: World) -> None:
    order = the_example(world)
    assert order["totals"]["outstanding"] == order["totals"]["total"] == "104.40"
    world.ship(order, "MAIN", {1: 370})
    [invoice] = world.invoices(order)
    world.pay(invoice, "14.38")

    told = world.read(order)

    assert told["lines"][0]["invoiced"] == "370"
    [brief] = told["invoices"]
    assert (brief["number"], brief["kind"], brief["total"]) == (invoice["number"], "invoice", "64.38")
    assert (brief["issued_on"], brief["due_on"]) == (invoice["issued_on"], invoice["due_on"])
    assert brief["paid"] == "14.38"
    figures = {
        name: told["totals"][name] for name in ("shipped", "invoiced", "credited", "paid", "outstanding")
    }
    assert figures == {
        "shipped": "64.38",
        "invoiced": "64.38",
        "credited": "0.00",
        "paid": "14.38",
        "outstanding": "40.02",
    }


def test_an_order_reconciles_line_by_line(world: World) -> None:
    selling(world)
    order = world.order("BUYER", {"BOLT": 100, "CASE": 10}, discount="9.99", freight="5.00")
    shipment = world.ship(order, "MAIN", {1: 60, 2: 4})
    world.carrier(shipment, "delivered", "2026-11-18T08:59:00Z")
    world.cancel(order, {2: 2})
    [invoice] = world.invoices(order)
    world.credit_note(invoice, {2: 1})
    world.pay(invoice, "10.00")

    told = world.reconciled(order)

    bolts, cases = told["lines"]
    quantities = (
        "ordered",
        "cancelled",
        "shipped",
        "delivered",
        "invoiced",
        "credited",
        "waived",
        "outstanding",
    )
    assert [bolts[name] for name in quantities] == ["100", "0", "60", "60", "60", "0", "0", "40"]
    assert [cases[name] for name in quantities] == ["10", "2", "4", "4", "3", "1", "1", "4"]
    for amount in ("invoiced", "credited", "paid", "due"):
        assert sum(Decimal(line[f"{amount}_amount"]) for line in told["lines"]) == Decimal(told[amount])
    assert Decimal(told["total"]) == sum(
        Decimal(told[name]) * sign
        for name, sign in (("invoiced", 1), ("credited", -1), ("outstanding", 1), ("never", 1))
    )
    assert [one["kind"] for one in told["invoices"]] == ["invoice", "credit_note"]
    assert told["outstanding"] == world.read(order)["totals"]["outstanding"]


def test_invoices_are_listed_and_found_by_any_number_they_carry(world: World) -> None:
    order = the_example(world)
    shipment = world.ship(order, "MAIN", {1: 370})
    world.ship(order, "MAIN", {1: 30})
    first, second = (one["number"] for one in world.invoices(order))

    def found(**params: object) -> list[str]:
        return [
            one["number"] for one in world.get("invoices", account=world.code("BUYER"), **params)["items"]
        ]

    assert found() == [second, first]
    for q in (first, shipment["number"]):
        assert found(q=q) == [first]
    for q in (order["number"], "450001", world.code("BOLT")):
        assert found(q=q) == [second, first]
    assert found(q=world.code("CASE")) == []
    assert found(state="open", kind="invoice", issued_from="2026-11-18", issued_to="2026-11-18") == [
        second,
        first,
    ]
    assert found(state="paid") == found(kind="credit_note") == found(issued_from="2026-11-19") == []
    page = world.get("invoices", account=world.code("BUYER"), limit=1)
    assert [one["number"] for one in page["items"]] == [second]
    assert found(limit=1, cursor=page["next"]) == [first]
    assert [one["number"] for one in world.get("orders", q=first)["items"]] == [order["number"]]


def test_the_same_invoice_is_not_sent_twice_over_the_wire(world: World) -> None:
    order = the_example(world)
    world.ship(order, "MAIN", {1: 370})
    [invoice] = world.invoices(order)
    path = f"invoices/{invoice['number']}"
    answer = world.erp.get(path)
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert world.erp.get(path, headers=tag).status_code == 304
    world.pay(invoice, "1.00")
    assert world.erp.get(path, headers=tag).status_code == 200


def test_an_account_reads_its_own_invoices_and_writes_none(world: World) -> None:
    order = the_example(world)
    world.ship(order, "MAIN", {1: 370})
    world.account("OTHER")
    [invoice] = world.invoices(order)
    own = world.token("BUYER", ["orders:read"])
    stranger = world.token("OTHER", ["orders:read"])

    for path in (
        f"invoices/{invoice['number']}",
        f"orders/{order['number']}/reconciliation",
        f"accounts/{world.code('BUYER')}/statement",
    ):
        assert own.get(path).status_code == 200
        assert stranger.get(path).status_code == 404
    for path in (f"invoices/{invoice['number']}.pdf", f"invoices/{invoice['number']}.xml"):
        assert stranger.get(path).status_code == 404
    assert stranger.get("invoices").json()["items"] == []
    payment = {"amount": "1.00", "received_on": "2026-11-18"}
    assert own.post(f"invoices/{invoice['number']}/payments", json=payment).status_code == 403
    assert own.post(f"orders/{order['number']}/invoices", json={}).status_code == 403


def test_billing_now_bills_what_a_finance_hold_has_kept(world: World) -> None:
    selling(world, invoice_terms="consolidated", consolidation="monthly")
    order = world.order("BUYER", {"BOLT": 100})
    with world.refuses(422):
        world.bill(order)
    world.ship(order, "MAIN", {1: 40})
    hold = world.hold(order, "finance")
    with world.refuses((409, 422), "finance"):
        world.bill(order)
    world.release(order, hold)
    assert world.invoices(order) == []

    invoice = world.bill(order)

    assert invoice["issued"] == [invoice["number"]]
    assert (invoice["lines"][0]["quantity"], invoice["total"]) == ("40", "5.76")
    with world.refuses(422):
        world.bill(order)


def test_what_an_account_wants_on_its_invoices_stands_on_them(world: World) -> None:
    says = {
        "legal_name": "Buyer Holdings Ltd",
        "registration": "01234567",
        "tax_id": "GB123456782",
        "billing_address": {
            "name": "Accounts payable",
            "lines": ["PO Box 7"],
            "city": "York",
            "postal_code": "YO1 7AA",
            "region": None,
            "country": "GB",
        },
        "electronic_address": "9932:GB123456782",
        "buyer_reference": "Mill 3",
        "contract_number": "FA-9",
        "document_language": "both",
        "freight_policy": "first",
    }
    selling(world, **says)
    told = world.get(f"accounts/{world.code('BUYER')}")
    assert {name: told[name] for name in says} == says

    order = world.order("BUYER", {"BOLT": 10, "CASE": 2}, freight="6.00")
    world.ship(order, "MAIN", {1: 5})
    world.ship(order, "MAIN", {1: 5, 2: 2})
    first, second = world.invoices(order)

    assert (first["charges"], second["charges"]) == ("6.00", "0.00"), "all freight is on the first"
    buyer = first["buyer"]
    assert (buyer["legal_name"], buyer["vat_id"], buyer["registration"]) == (
        "Buyer Holdings Ltd", "GB123456782", "01234567",
    )  # fmt: skip
    assert (buyer["name"], buyer["address"]["lines"]) == ("Accounts payable", ["PO Box 7"])
    assert (first["buyer_reference"], first["contract_number"], first["language"]) == (
        "Mill 3",
        "FA-9",
        "both",
    )
    world.account("BUYER")
    replaced = world.get(f"accounts/{world.code('BUYER')}")
    assert (replaced["billing_address"], replaced["document_language"]) == (None, "en")
    assert world.invoice(first["number"])["buyer"] == buyer, "what was issued stays as it was"
