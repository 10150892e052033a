"""What comes back is credited in the same breath, on the invoice of its shipment, to the cent."""

from decimal import Decimal

import pytest

from tests.returns.goods import Goods, bolts
from tests.scenarios.driver import Json, World


def credit_notes(goods: Goods) -> list[Json]:
    return [one for one in goods.world.read(goods.order)["invoices"] if one["kind"] == "credit_note"]


def the_invoice(goods: Goods) -> Json:
    [invoice] = [one for one in goods.world.read(goods.order)["invoices"] if one["kind"] == "invoice"]
    return goods.world.get(f"invoices/{invoice['number']}")


def test_three_announced_and_two_received_are_two_credited(goods: Goods) -> None:
    world = goods.world
    rma = goods.receive(goods.ask({1: 3}), {1: 2})
    [number] = rma["credit_notes"]
    note = world.get(f"invoices/{number}")
    # Two bolts at 3.00 and 20 % on them.
    assert (note["kind"], note["net"], note["total"]) == ("credit_note", "6.00", "7.20")
    assert [(line["line"], line["quantity"]) for line in note["lines"]] == [(1, "2")]
    assert note["corrects"] == the_invoice(goods)["number"]
    assert note["shipments"] == [goods.shipment["number"]]
    order = world.read(goods.order)
    assert order["lines"][0]["invoiced"] == "8"
    invoice = the_invoice(goods)
    assert invoice["credits"] == [number] or invoice["credits"][0]["number"] == number
    assert Decimal(invoice["due"]) == Decimal(invoice["total"]) - Decimal("7.20")
    told = [event["type"] for event in world.feed("BUYER")][-2:]
    assert told == ["return.received", "credit_note.issued"]

    done = goods.receive(rma, [{"line": 1, "received": "0", "closed": True}])
    assert done["credit_notes"] == [number]
    assert len(credit_notes(goods)) == 1


def test_each_receipt_has_its_credit_note_and_all_of_them_are_the_invoice(goods: Goods) -> None:
    """Everything comes back in three parcels: nothing of the invoice is left, not a cent."""
    rma = goods.ask({1: 10, 2: 4})
    goods.receive(rma, {1: 3})
    goods.receive(rma, {1: 3, 2: "1.5"})
    done = goods.receive(rma, {1: 4, 2: "2.5"})
    assert (done["state"], len(done["credit_notes"])) == ("closed", 3)
    invoice = the_invoice(goods)
    assert (invoice["state"], invoice["due"]) == ("credited", "0.00")
    totals = [Decimal(one["total"]) for one in credit_notes(goods)]
    assert sum(totals) == Decimal(invoice["total"])
    exposure = goods.world.get(f"accounts/{goods.world.code('BUYER')}/credit")["exposure"]
    assert set(exposure.values()) == {"0.00"}


def test_scrap_and_quarantine_are_credited_as_the_shelf_is(goods: Goods) -> None:
    rma = goods.ask({1: 3})
    parts = [
        {"line": 1, "received": "1"},
        {"line": 1, "received": "1", "to": "quarantine"},
        {"line": 1, "received": "1", "restock": False},
    ]
    [number] = goods.receive(rma, parts)["credit_notes"]
    assert goods.world.get(f"invoices/{number}")["total"] == "10.80"


@pytest.mark.parametrize("terms", ["on_order", "on_delivery"])
def test_under_other_terms_what_was_billed_is_credited(world: World, terms: str) -> None:
    goods = bolts(world, invoice_terms=terms)
    [number] = goods.receive(goods.ask({1: 2}), {1: 2})["credit_notes"]
    assert world.get(f"invoices/{number}")["total"] == "7.20"


def test_what_was_never_billed_is_not_credited_and_not_billed_later(world: World) -> None:
    goods = bolts(world, invoice_terms="consolidated", consolidation="monthly")
    rma = goods.receive(goods.ask({1: 2}), {1: 2})
    assert rma["credit_notes"] == []
    world.post(f"orders/{goods.order['number']}/invoices", {})
    assert the_invoice(goods)["lines"][0]["quantity"] == "8"


def test_what_comes_back_after_it_was_paid_is_a_surplus_of_the_buyer(goods: Goods) -> None:
    invoice = the_invoice(goods)
    payment = {"amount": invoice["total"], "received_on": "2026-11-18"}
    goods.world.post(f"invoices/{invoice['number']}/payments", payment)
    goods.receive(goods.ask({1: 2}), {1: 2})
    assert the_invoice(goods)["due"] == "-7.20"


def test_goods_that_did_not_come_are_still_owed(goods: Goods) -> None:
    """Nothing is credited for what was only announced."""
    before = the_invoice(goods)
    rma = goods.ask({1: 3})
    goods.receive(rma, [{"line": 1, "received": "0", "closed": True}])
    assert goods.read(rma)["state"] == "closed"
    assert the_invoice(goods) == before
    assert goods.stages() == {"delivered": "10"}
