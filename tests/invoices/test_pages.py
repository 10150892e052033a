"""Money on the pages of an order, an invoice, and the day."""

from tests.invoices.conftest import Books
from tests.routes import cast


def test_an_order_says_what_became_of_its_money(books: Books) -> None:
    order = books.order(10, 5)
    books.world.ship(order, "MAIN", {1: 6})
    [invoice] = books.invoices(order)
    books.pay(invoice, "25.00")
    words = books.sheet(f"/orders/{order['number']}").text
    assert "everything that shipped, nothing else" in words
    page = books.sheet(f"/orders/{order['number']}")
    assert page.row("Ordered", "goods")[-1] == "£150.00"
    assert page.row("To pay", invoice["number"], "due")[-1] == "£35.00"
    assert page.row("Still to be billed")[-1] == "£90.00"
    assert page.row(invoice["number"], "SH-")[-3:] == ["To pay", "£60.00", "£35.00"]


def test_a_finance_hold_says_what_it_keeps_from_being_billed(books: Books) -> None:
    order = books.order(4, 4)
    books.world.hold(order, "finance", lines=[2])
    page = books.sheet(f"/orders/{order['number']}")
    assert "1 line waits for the decision of our finance team" in " ".join(page.row("Still to be billed"))


def test_what_is_paid_before_it_ships_says_so(books: Books) -> None:
    order = books.order(4, account="AHEAD")
    page = books.sheet(f"/orders/{order['number']}")
    assert "£40.00 of it before it ships" in " ".join(page.row("Billed", "before"))


def test_what_left_and_is_billed_when_it_arrives_says_so(books: Books) -> None:
    order = books.order(4, account="LATER")
    books.world.ship(order, "MAIN", {1: 4})
    words = books.sheet(f"/orders/{order['number']}").text
    assert "£40.00 that shipped is not billed yet" in words


def test_an_order_that_is_not_agreed_has_its_price_and_no_bills(books: Books) -> None:
    """It waits for credit: nothing of it counts yet."""
    books.world.account("POOR", parent="NORTH", credit_limit="10.00", tax_status="exempt", tax_id="GB1")
    order = books.order(4, account="POOR")
    assert order["state"] == "held"
    page = books.sheet(f"/orders/{order['number']}")
    assert page.row("Total")[-1] == "£40.00"
    assert "Still to be billed" not in page.text
    assert "Not charged" not in page.text


def test_the_timeline_tells_what_money_did(books: Books) -> None:
    order, first = books.billed(10)
    _, second = books.billed(2)
    books.pay(first, "120.00", reference="BACS 9")
    books.world.post(f"invoices/{first['number']}/transfers", {"to": second["number"], "amount": "5.00"})
    books.world.post(f"invoices/{first['number']}/refunds", {"amount": "15.00"})
    books.credit(first, amount="7.00", reason="late")
    claim = {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}], "text": "bent"}
    case = books.world.post(f"invoices/{first['number']}/disputes", claim)
    books.world.post(f"disputes/{case['number']}/messages", {"text": "Send us a picture, please."})
    number = first["number"]
    words = books.sheet(f"/orders/{order['number']}").text
    for said in (
        f"Invoice {number} issued, £100.00",
        f"Payment of £120.00 received for {number}",
        "£20.00 more than was due",
        f"£5.00 of {number} moved to another invoice",
        f"£15.00 paid back of {number}",
        "issued, £7.00",
        f"Invoice {number} disputed damaged",
        f"Message about the dispute of {number}",
        "Send us a picture, please.",
    ):
        assert said in words, said


def test_an_invoice_says_what_it_bills_and_what_became_of_it(books: Books) -> None:
    order = books.order(10, purchase_order_number="45-77", discount="10.00")
    books.world.ship(order, "MAIN", {1: 3})
    books.world.ship(order, "MAIN", {1: 7})
    first, second = books.invoices(order)
    page = books.sheet(f"/invoices/{first['number']}")
    assert f"partial invoice 1 of {order['number']}" in page.text
    assert page.row("BOLT")[2:7] == ["10", "3", "0", "3 pcs", "7"]
    assert page.row("The order")[-1] == "£90.00"
    last = books.sheet(f"/invoices/{second['number']}")
    assert f"invoice 2 and last of {order['number']}" in last.text
    assert last.row("Discount")[-1] == "-£7.00"
    note = books.credit(second, lines=[{"line": 1, "quantity": "1"}])
    books.pay(second, "10.00", reference="=BACS")
    page = books.sheet(f"/invoices/{second['number']}")
    assert "short delivery" in " ".join(page.row("Credit note", note["number"]))
    assert page.row("Open")[-1] == "£44.00"
    assert f"corrects {second['number']}" in books.sheet(f"/invoices/{note['number']}").text


def test_only_finance_is_led_to_payments(books: Books) -> None:
    _, invoice = books.billed(1)
    path = f"/invoices/{invoice['number']}"
    assert books.sheet(path).links("/finance") == []
    assert f"/finance/invoices/{invoice['number']}" in books.sheet(path, cast.AMARA).links(
        "/finance/invoices"
    )
    assert f"{path}/dispute" in books.sheet(path).links(path)
    _, hulls = books.billed(1, account="HULL")
    path = f"/invoices/{hulls['number']}"
    assert f"{path}/dispute" not in books.sheet(path, cast.ROBIN).links(path), "a reader disputes nothing"


def test_an_order_is_reconciled_line_by_line(books: Books) -> None:
    order = books.order(10, 5)
    books.world.ship(order, "MAIN", {1: 6})
    [invoice] = books.invoices(order)
    books.pay(invoice, "25.00")
    page = books.sheet(f"/orders/{order['number']}/reconciliation")
    assert "£60.00 of £150.00 is billed. £35.00 is to pay. £90.00 is still to be billed." in page.text
    head, first, second, whole = books.file(f"/orders/{order['number']}/reconciliation.csv")
    line = dict(zip(head, first, strict=True))
    assert (line["Ordered"], line["Shipped"], line["Billed"], line["Still to bill"]) == ("10", "6", "6", "4")
    assert (line["Billed amount"], line["Paid amount"], line["Open amount"]) == ("60.00", "25.00", "35.00")
    assert dict(zip(head, second, strict=True))["Billed"] == "0"
    assert whole[-1] == "35.00"


def test_today_says_what_is_due_and_which_dispute_was_answered(books: Books) -> None:
    _, invoice = books.billed(11)
    claim = {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}], "text": "bent"}
    case = books.world.post(f"invoices/{invoice['number']}/disputes", claim)
    books.world.post(f"disputes/{case['number']}/messages", {"text": "Which of them?"})
    page = books.sheet("/today")
    assert f"We have answered your dispute of {invoice['number']}" in page.text
    assert f"/disputes/{case['number']}" in page.links("/disputes")
    assert "is due on Mon 23 Nov" in page.text
    assert page.links("/invoices?show=unpaid"), "there are more than the page has room for"
