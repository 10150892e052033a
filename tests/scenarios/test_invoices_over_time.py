"""Invoices as days pass: overdue by the supplier's day."""

from tests.scenarios.driver import World


def test_an_invoice_is_overdue_the_day_after_it_was_due(story: World) -> None:
    story.shop({"BOLT": 100}, price="1.00")
    story.account("BUYER", payment_terms_days=14)
    order = story.order("BUYER", {"BOLT": 10})
    story.ship(order, "MAIN", {1: 10})
    [invoice] = story.invoices(order)
    assert invoice["due_on"] == "2026-12-02"

    story.now("2026-12-02T23:30:00Z")
    assert story.invoice(invoice["number"])["state"] == "open"
    known = story.erp.get(f"invoices/{invoice['number']}").headers["ETag"]
    story.now("2026-12-03T00:30:00Z")

    assert story.invoice(invoice["number"])["state"] == "overdue"
    fresh = story.erp.get(f"invoices/{invoice['number']}", headers={"If-None-Match": known})
    assert fresh.status_code == 200, "what is known is not what it is any more"
    assert [one["number"] for one in story.get("invoices", state="overdue")["items"]] == [invoice["number"]]
    assert story.get("invoices", state="open")["items"] == []
    story.pay(invoice, "12.00", on="2026-12-03")
    assert story.get("invoices", state="overdue")["items"] == []
