"""The finance page: what is not billed and why, what waits for a decision, who is late; and deciding it."""

from collections.abc import Callable, Iterator

import asyncpg
import pytest

from tests.desk.floor import now
from tests.finance.conftest import DEV, Office, furnished
from tests.portals import Portal


@pytest.fixture
def fresh(start_portal: Callable[..., Portal]) -> Iterator[Office]:
    """A book of its own: what a board adds up is the whole book."""
    made = furnished(start_portal())
    yield made
    made.portal.check()


def test_what_left_and_is_not_billed_stands_with_its_reason_and_its_day(fresh: Office) -> None:
    office = fresh
    page = office.sheet("/finance")
    assert "Nothing waits for a decision." in page.text
    assert "All that has left is billed." in page.text
    assert "No invoice is open." in page.text
    assert "All that has left is billed." in office.sheet("/finance/unbilled").text
    world = office.world
    office.account("WEEKLY", invoice_terms="consolidated", consolidation="weekly")
    office.account("MONTHLY", invoice_terms="consolidated", consolidation="monthly")
    office.account("WHOLE", invoice_terms="consolidated", consolidation="completion")
    office.account("ARRIVES", invoice_terms="on_delivery")
    office.account("AT-ONCE")
    orders = {}
    for account in ("WEEKLY", "MONTHLY", "WHOLE", "ARRIVES", "AT-ONCE"):
        orders[account] = office.order(("BOLT", 50), account=account)
        world.ship(orders[account], "MAIN", {1: 20})
    world.hold(orders["MONTHLY"], "finance", note="May it be billed in parts?")
    page = office.sheet("/finance")
    assert "Shipped, not invoiced £80.00" in page.text
    assert page.row("Stopped by a finance hold") == [
        "Stopped by a finance hold", "1", "£20.00", "today",
    ]  # fmt: skip
    assert page.row("Billed when it arrives")[1:3] == ["1", "£20.00"]
    assert page.row("Gathered until its day")[1:3] == ["1", "£20.00"]
    assert page.row("Billed when the order is complete")[1:3] == ["1", "£20.00"]
    # 18 November 2026 is a Wednesday.
    assert "on Fri 20 Nov, in 2 days" in page.row("Weekly", "1 order, weekly")[2]

    rows = office.sheet("/finance/unbilled")
    assert "£80.00 of 4 orders have left and are not billed." in rows.text
    assert orders["AT-ONCE"]["number"] not in rows.text, "it was billed when it left"
    assert "on Fri 20 Nov, in 2 days" in rows.row(orders["WEEKLY"]["number"])[5]
    assert rows.row(orders["ARRIVES"]["number"])[-1] == "", "it cannot be billed before it arrives"
    held = office.sheet("/finance/unbilled?why=held")
    assert len(held.rows) == 2
    held.row(orders["MONTHLY"]["number"])
    assert "No order fits." in office.sheet("/finance/unbilled?q=nothing").text
    for odd in ("why=nonsense", "after=x", f"after={'9' * 40}", "q=%00", "account=NOBODY"):
        office.sheet(f"/finance/unbilled?{odd}")


def test_what_is_gathered_is_billed_for_the_asking_once(office: Office) -> None:
    office.account("WEEKLY-2", invoice_terms="consolidated", consolidation="weekly")
    order = office.order(("BOLT", 50), account="WEEKLY-2")
    for quantity in (20, 10):
        office.world.ship(order, "MAIN", {1: quantity})
    mine, hers = (office.sheet(f"/finance/unbilled?q={order['number']}") for _ in range(2))
    done = mine.send("/bills", order=order["number"])
    invoice = office.invoice_of(order)
    assert f"{order['number']} is billed" in done.text
    assert f"Issued: {invoice['number']}" in done.text
    assert invoice["total"] == "30.00"
    told = hers.send("/bills", 422, order=order["number"])
    assert f"Nothing of order {order['number']} is billable now" in told.text
    assert "No order fits." in office.sheet(f"/finance/unbilled?q={order['number']}").text
    assert "There is no order" in hers.send("/bills", 404, order="SO-1900-000001").text


def test_lifting_a_hold_bills_what_the_terms_say(office: Office) -> None:
    order = office.order(("BOLT", 50))
    hold = office.world.hold(order, "finance", lines=[1], note="May it be billed in parts?")
    page = office.sheet("/finance/holds")
    assert "May it be billed in parts?" in page.text
    assert "Bills nothing yet; what has not left may leave again" in page.text
    done = page.send("/holds", do=f"lift-{hold}", note="Yes, in parts.")
    assert f"The hold of {order['number']} is lifted" in done.text
    assert office.world.read(order)["holds"] == []
    assert order["number"] not in office.sheet("/finance/holds").text


def test_a_hold_is_lifted_and_what_was_gathered_is_billed_at_once(office: Office) -> None:
    office.account("WEEKLY-4", invoice_terms="consolidated", consolidation="weekly")
    orders = []
    for _ in range(2):
        order = office.order(("BOLT", 50), account="WEEKLY-4")
        office.world.ship(order, "MAIN", {1: 20})
        orders.append((order, office.world.hold(order, "finance")))
    page = office.sheet("/finance/holds")
    assert "Bills it on Fri 20 Nov, in 2 days" in page.text
    assert "Bills 1 line at once: goods for £20.00, on 1 invoice" in page.text
    (first, lifted), (second, billed) = orders
    page.send("/holds", do=f"lift-{lifted}")
    assert office.world.get("invoices", order=first["number"])["items"] == []
    done = office.sheet("/finance/holds").send("/holds", do=f"bill-{billed}", note="Bill it.")
    assert f"Issued: {office.invoice_of(second)['number']}" in done.text


def test_a_hold_that_kept_a_shipment_from_its_invoice(office: Office) -> None:
    """On delivery: it arrives while finance has not decided yet."""
    office.account("ARRIVES-5", invoice_terms="on_delivery")
    order = office.order(("BOLT", 50), account="ARRIVES-5")
    shipment = office.world.ship(order, "MAIN", {1: 20})
    hold = office.world.hold(order, "finance")
    office.world.carrier(shipment, "delivered", "2026-11-18T08:30:00Z")
    page = office.sheet("/finance/holds")
    assert "Bills 1 line at once: goods for £20.00, on 1 invoice" in page.text
    done = page.send("/holds", do=f"lift-{hold}")
    assert f"Issued: {office.invoice_of(order)['number']}" in done.text


def test_a_hold_is_decided_on_once_and_by_finance(office: Office) -> None:
    order = office.order(("BOLT", 50))
    hold = office.world.hold(order, "finance")
    quality = office.world.hold(order, "quality")
    devs = office.sheet("/finance/holds", DEV)
    assert all("do" not in form.fields for form in devs.forms)
    mine, hers = office.sheet("/finance/holds"), office.sheet("/finance/holds")
    assert "has no finance hold" in mine.send("/holds", 404, do=f"lift-{quality}").text
    assert "There is no hold" in mine.send("/holds", 404, do="lift-999999").text
    mine.send("/holds", 404, do="nonsense")
    fresh = office.sheet("/finance/holds")
    fresh.send("/holds", do=f"lift-{hold}")
    # The order has no other finance hold: the page that she has open is an old one.
    told = hers.guest.client.post("/finance/holds", data=hers.form("/holds").fields | {"do": f"lift-{hold}"})
    assert told.status_code == 409
    assert "was lifted already" in told.text


def test_who_is_late_and_how_late(fresh: Office) -> None:
    office = fresh
    office.account("SLOW", payment_terms_days=10)
    for _ in range(2):
        office.billed(("BOLT", 30), account="SLOW")
    office.account("LATER", payment_terms_days=60)
    office.billed(("BOLT", 50), account="LATER")
    office.world.now("2027-01-04T09:00:00Z")
    page = office.sheet("/finance")
    assert "Overdue £60.00 of £110.00 open" in page.text
    assert "Not due yet £50.00" in page.text
    assert "31 to 60 days late £60.00" in page.text
    assert page.row("Slow", "2 invoices")[1:] == ["£60.00", "37 days"]


def test_a_surplus_and_a_dispute_wait_on_the_board(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    office.sheet(f"/finance/invoices/{invoice['number']}").send("/payments", amount="20", sure="1")
    dispute = office.dispute(invoice, lines=[{"line": 1, "quantity": "2"}])
    page = office.sheet("/finance")
    assert "1 dispute waits for an answer" in page.text
    assert "paid too much" in page.text
    assert page.row(invoice["number"])[1] == "£8.00"
    assert page.row(dispute["number"])[1] == "£2.00"
    assert "1 disputed invoice waits for an answer" in office.sheet("/desk", DEV).text
    office.world.post(f"disputes/{dispute['number']}/messages", {"text": "Which?"})
    assert "No dispute waits for an answer of ours." in office.sheet("/finance").text


def test_a_document_that_was_not_made_is_made_after_all(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))

    async def give_up() -> None:
        connection = await asyncpg.connect(office.portal.database_url)
        await connection.execute(
            """update invoice_document set state = 'failed', problem = 'no room on the disk', attempts = 5
               where invoice_id = (select id from invoice where number = $1)""",
            invoice["number"],
        )
        await connection.close()

    now(give_up())
    page = office.sheet("/finance")
    assert "1 document was not made" in page.text
    assert "no room on the disk" in page.row(invoice["number"])[0]
    done = page.send("/documents", invoice=invoice["number"])
    assert f"{invoice['number']} is made again" in done.text
    assert "none failed" in done.text
    assert "are made already" in page.send("/documents", 409, invoice=invoice["number"], form="another").text


def test_what_was_credited_for_good_is_not_waiting_to_be_billed(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    for credit in (
        {"lines": [{"line": 1, "quantity": "4"}], "reason": "Short"},
        {"amount": "1.20", "reason": "Kindness"},
    ):
        office.world.post(f"invoices/{invoice['number']}/credit-notes", credit)
    assert "No order fits." in office.sheet(f"/finance/unbilled?q={invoice['order']}").text
