"""Payments as the ERP tells them: partial, over, repeated, paid back, moved; and what the account owes by them."""

from tests.scenarios.driver import Json, World


def billed(world: World, *quantities: int, **account: object) -> list[Json]:
    """BUYER was billed 12.00 for each ten of these, one invoice for each quantity."""
    world.shop({"BOLT": 1000}, price="1.00")
    world.account("BUYER", **account)
    order = world.order("BUYER", {"BOLT": sum(quantities)})
    for quantity in quantities:
        world.ship(order, "MAIN", {1: quantity})
    return world.invoices(order)


def standing(invoice: Json) -> tuple[str, str, str]:
    return invoice["state"], invoice["paid"], invoice["due"]


def test_an_invoice_is_paid_in_parts(world: World) -> None:
    [invoice] = billed(world, 100)
    assert standing(invoice) == ("open", "0.00", "120.00")

    first = world.pay(invoice, "20.00", reference="BACS 1")
    assert standing(first) == ("open", "20.00", "100.00")
    second = world.pay(invoice, "100.00", on="2026-11-17")
    assert standing(second) == ("paid", "120.00", "0.00")

    told = world.invoice(invoice["number"])
    assert standing(told) == ("paid", "120.00", "0.00")
    assert [(one["amount"], one["received_on"], one["reference"]) for one in told["payments"]] == [
        ("20.00", "2026-11-18", "BACS 1"),
        ("100.00", "2026-11-17", None),
    ]


def test_what_was_paid_too_much_stays_the_accounts(world: World) -> None:
    first, second = billed(world, 100, 50)

    over = world.pay(first, "150.00")
    assert standing(over) == ("paid", "150.00", "-30.00")
    assert world.owes("BUYER") == {
        "open_orders": "0.00",
        "shipped_not_invoiced": "0.00",
        "invoiced_unpaid": "30.00",
    }

    moved = world.transfer(first, second, "20.00")
    assert (moved["invoice"], moved["amount"], moved["other"]) == (second["number"], "20.00", first["number"])
    assert standing(moved) == ("open", "20.00", "40.00")
    back = world.refund(first, "4.00", reference="sent back")
    assert (back["kind"], back["amount"], back["due"]) == ("refund", "-4.00", "-6.00")
    # All that is left of it.
    assert world.transfer(first, second)["amount"] == "6.00"

    assert standing(world.invoice(first["number"])) == ("paid", "120.00", "0.00")
    assert standing(world.invoice(second["number"])) == ("open", "26.00", "34.00")
    assert world.owes("BUYER")["invoiced_unpaid"] == "34.00"


def test_a_surplus_is_moved_and_paid_back_no_further_than_it_goes(world: World) -> None:
    first, second, third = billed(world, 10, 10, 20)
    world.account("OTHER")
    order = world.order("OTHER", {"BOLT": 10})
    world.ship(order, "MAIN", {1: 10})
    [strangers] = world.invoices(order)
    world.pay(first, "15.00")
    note = world.credit_note(second, {1: 1})

    with world.refuses(422, "3.00", pointer="/amount"):
        world.refund(first, "3.01")
    with world.refuses(422, "0.00", pointer="/amount"):
        world.refund(third, "0.01")
    with world.refuses(422, "3.00", pointer="/amount"):
        world.transfer(first, third, "4.00")
    with world.refuses(422, pointer="/to"):
        world.transfer(first, first, "1.00")
    with world.refuses(422, pointer="/to"):
        world.transfer(first, strangers, "1.00")
    with world.refuses(422, pointer="/to"):
        world.transfer(first, note, "1.00")
    with world.refuses(422, "nothing to move"):
        world.transfer(second, third)
    world.pay(third, "22.00")
    with world.refuses(422, "2.00", pointer="/amount"):
        world.transfer(first, third, "3.00")


def test_money_that_cannot_be_is_refused(world: World) -> None:
    [invoice] = billed(world, 10)
    note = world.credit_note(invoice, {1: 1})
    for amount in ("0", "0.00", "1.005", "-1.00"):
        with world.refuses(422, pointer="/amount"):
            world.pay(invoice, amount)
    with world.refuses(422, pointer="/received_on"):
        world.pay(invoice, "1.00", on="2026-11-19")
    with world.refuses(409, "credit note"):
        world.pay(note, "1.00")
    with world.refuses(409, "credit note"):
        world.refund(note, "1.00")
    with world.refuses(404):
        world.pay({"number": "INV-2026-999999"}, "1.00")
    with world.refuses(422, pointer="/external_id"):
        world.pay(invoice, "1.00", origin="bank")
    with world.refuses(400):
        world.pay(invoice, "1.00", paid_by="me")


def test_the_same_payment_told_twice_counts_once(world: World) -> None:
    first, second = billed(world, 10, 10)
    ids = {"origin": world.code("bank"), "external_id": "4711"}

    once = world.pay(first, "5.00", **ids)
    again = world.pay(first, "5.00", **ids)

    assert again["id"] == once["id"]
    assert world.invoice(first["number"])["paid"] == "5.00"
    with world.refuses(409, first["number"], pointer="/external_id"):
        world.pay(first, "6.00", **ids)
    with world.refuses(409, first["number"], pointer="/external_id"):
        world.pay(second, "5.00", **ids)
    world.pay(first, "10.00")
    ids["external_id"] = "4712"
    moved = world.transfer(first, second, **ids)
    assert world.transfer(first, second, **ids)["id"] == moved["id"]
    assert world.invoice(second["number"])["paid"] == "3.00"


def test_a_payment_with_the_same_key_is_one(world: World) -> None:
    [invoice] = billed(world, 10)
    path, body = f"invoices/{invoice['number']}/payments", {"amount": "5.00", "received_on": "2026-11-18"}
    first = world.erp.post(path, json=body, headers={"Idempotency-Key": world.code("pay")})
    again = world.erp.post(path, json=body, headers={"Idempotency-Key": world.code("pay")})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert world.invoice(invoice["number"])["paid"] == "5.00"


def test_a_credit_note_on_a_paid_invoice_leaves_a_surplus(world: World) -> None:
    first, second = billed(world, 10, 10)
    world.pay(first, "12.00")

    note = world.credit_note(first, {1: 4})

    assert (note["kind"], note["total"], note["corrects"]) == ("credit_note", "4.80", first["number"])
    assert note["state"] == "open", "the account has still something of it"
    told = world.invoice(first["number"])
    assert (*standing(told), told["credited"], told["credits"]) == (
        "paid", "12.00", "-4.80", "4.80", [note["number"]],
    )  # fmt: skip
    world.transfer(first, second)
    assert world.invoice(note["number"])["state"] == "paid"
    assert standing(world.invoice(second["number"])) == ("open", "4.80", "7.20")


def test_what_is_credited_whole_is_neither_open_nor_paid(world: World) -> None:
    [invoice] = billed(world, 10)
    world.credit_note(invoice, amount="12.00")
    told = world.invoice(invoice["number"])
    assert (told["state"], told["credited"], told["due"]) == ("credited", "12.00", "0.00")
    assert world.owes("BUYER")["invoiced_unpaid"] == "0.00"


def test_every_payment_is_told_and_counts_against_the_limit_at_once(world: World) -> None:
    first, second = billed(world, 50, 50, credit_limit="150.00")
    mark = world.mark()
    with_limit = world.get(f"accounts/{world.code('BUYER')}/credit")
    assert with_limit["available"] == "30.00"

    world.pay(first, "70.00", reference="BACS")
    world.transfer(first, second)

    told = [(event["type"], event["data"]["invoice"], event["data"]["amount"], event["data"]["due"])
            for event in world.news(mark, "BUYER") if event["type"].startswith("payment.")]  # fmt: skip
    assert told == [
        ("payment.received", first["number"], "70.00", "-10.00"),
        ("payment.transferred", first["number"], "10.00", "0.00"),
        ("payment.transferred", second["number"], "10.00", "50.00"),
    ]
    assert world.get(f"accounts/{world.code('BUYER')}/credit")["available"] == "100.00"
    ledger = world.get(f"accounts/{world.code('BUYER')}/credit/ledger", limit=1)["items"][0]
    assert (ledger["because"], ledger["balance"]) == ("payment.received", "50.00")
    # What was paid may be ordered again.
    assert world.order("BUYER", {"BOLT": 83})["state"] == "open"
    assert world.order("BUYER", {"BOLT": 1})["state"] == "held"


def test_a_prepaid_order_owes_what_it_was_billed_and_nothing_twice(world: World) -> None:
    world.shop({"BOLT": 100}, price="1.00")
    world.account("BUYER", invoice_terms="on_order")
    order = world.order("BUYER", {"BOLT": 100})
    [invoice] = world.invoices(order)
    owed = {"open_orders": "0.00", "shipped_not_invoiced": "0.00", "invoiced_unpaid": "120.00"}
    assert world.owes("BUYER") == owed

    world.pay(invoice, "120.00")
    assert set(world.owes("BUYER").values()) == {"0.00"}
    world.ship(order, "MAIN", {1: 60})
    assert set(world.owes("BUYER").values()) == {"0.00"}
    world.cancel(order, {1: 40})
    told = world.invoice(invoice["number"])
    assert (told["credited"], told["due"]) == ("48.00", "-48.00")
    assert world.owes("BUYER")["invoiced_unpaid"] == "-48.00"
    world.refund(invoice, "48.00")
    assert set(world.owes("BUYER").values()) == {"0.00"}


def test_a_statement_says_what_moved_and_what_is_open(world: World) -> None:
    first, second = billed(world, 10, 20)
    world.pay(first, "12.00", reference="BACS 9")
    world.credit_note(second, {1: 5})

    path = f"accounts/{world.code('BUYER')}/statement"
    told = world.get(path)

    assert (told["opening"], told["closing"], told["currency"]) == ("0.00", "18.00", "GBP")
    assert [(one["kind"], one["amount"], one["balance"]) for one in told["entries"]] == [
        ("invoice", "12.00", "12.00"),
        ("invoice", "24.00", "36.00"),
        ("payment", "-12.00", "24.00"),
        ("credit_note", "-6.00", "18.00"),
    ]
    [item] = told["open_items"]
    assert (item["number"], item["due"]) == (second["number"], "18.00")
    assert told["ageing"]["not_due"] == "18.00"
    later = world.get(path, **{"from": "2026-11-19", "to": "2026-12-31"})
    assert (later["opening"], later["closing"], later["entries"]) == ("18.00", "18.00", [])
    with world.refuses(400):
        world.get(path, **{"from": "2026-11-20", "to": "2026-11-19"})
    assert world.get(path, to="0001-01-01")["entries"] == []
