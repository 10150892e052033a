"""Disputes as both sides see them: the form against the goods, the thread, and what finance decides."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.desk.supply import Sheet
from tests.finance.conftest import AMARA, DEV, PETRA, ROBIN, Office
from tests.scenarios.driver import Json


def opened(office: Office, invoice: Json, **typed: object) -> Sheet:
    """Petra opens a dispute from the invoice, and sees its page."""
    page = office.sheet(f"/invoices/{invoice['number']}/dispute", PETRA)
    usual: Json = {"reason": "not_received", "quantity_1": 3}
    return page.send("/dispute", **usual | typed)


def number_of(page: Sheet) -> str:
    return str(page.answer.url).split("/disputes/")[1].split("?")[0]


def test_the_form_shows_what_has_come_of_each_line(office: Office) -> None:
    order = office.order(("BOLT", 40), ("NUT", 5))
    shipment = office.world.ship(order, "MAIN", {1: 40, 2: 5})
    part = {"lines": [{"line": 1, "quantity": "30"}]}
    office.world.carrier(shipment, "delivered", "2026-11-18T08:30:00Z", **part)
    invoice = office.invoice_of(order)
    page = office.sheet(f"/invoices/{invoice['number']}/dispute?line=1", PETRA)
    bolts = page.row("BOLT")
    assert bolts[1].startswith("40 pcs")
    assert bolts[2].startswith("30 pcs")
    assert bolts[3] == shipment["number"]
    assert page.row("NUT")[2] == "In transit"


def test_a_buyer_disputes_from_the_invoice_and_reads_the_answer(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    page = opened(office, invoice, words="Only 37 were in the box.")
    assert "The dispute is open" in page.text
    assert "Petra Vogt disputes 3 pcs of line 1: not received." in page.text
    assert "Only 37 were in the box." in page.text
    number = number_of(page)
    hers = office.sheet(f"/disputes/{number}")
    assert "It has waited for us since" in hers.text
    hers.send("/messages", words="We look at the scale's record.\nUntil tomorrow.")
    again = office.sheet(f"/disputes/{number}", PETRA)
    assert "We look at the scale's record." in again.text
    assert "it has waited for you since" in again.text
    [shown] = office.sheet(f"/invoices/{invoice['number']}", PETRA).links("/disputes/DI-")
    assert shown == f"/disputes/{number}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": ""}, "Choose what is wrong."),
        ({"quantity_1": ""}, "Type beside at least one line how much of it is wrong."),
        ({"quantity_1": "many"}, "Write a quantity in digits, such as 12 or 12.5."),
        ({"quantity_1": "1.5"}, "This is counted in whole pieces."),
        ({"quantity_1": "41"}, "40 of line 1 can be disputed: 40 billed"),
        ({"reason": "wrong_price"}, "Say what is wrong: we cannot see it from the goods."),
        ({"reason": "other", "quantity_1": ""}, "Say what is wrong: we cannot see it from the goods."),
    ],
)
def test_what_is_wrong_with_the_form_is_said_beside_its_field(
    office: Office, typed: dict[str, object], said: str
) -> None:
    invoice = office.billed(("BOLT", 40))
    page = office.sheet(f"/invoices/{invoice['number']}/dispute", PETRA)
    kept = {"reason": "damaged", "quantity_1": "3", "words": "", **typed}
    answer = page.send("/dispute", 422, **kept)
    assert said in answer.text
    again = answer.form("/dispute").fields
    assert again["quantity-1"] == str(kept["quantity_1"])
    assert office.world.get("disputes", invoice=invoice["number"])["items"] == []


def test_a_button_that_is_pressed_four_times_opens_one(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    page = office.sheet(f"/invoices/{invoice['number']}/dispute", PETRA)
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: page.post("/dispute", reason="damaged", quantity_1=2), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(office.world.get("disputes", invoice=invoice["number"])["items"]) == 1


def test_finance_sees_what_a_credit_comes_to_before_it_is_issued(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    number = number_of(opened(office, invoice, quantity_1=10))
    page = office.sheet(f"/disputes/{number}").send("/credit", by="lines", reason="Ten were missing")
    assert "Credit dispute" in page.text
    assert "Issue the credit note over £12.00" in page.text
    assert "£36.00 of the invoice is still to pay then." in page.text
    assert office.world.get("invoices", order=invoice["order"], kind="credit_note")["items"] == []
    done = page.send("/credit")
    [note] = office.world.get("invoices", order=invoice["order"], kind="credit_note")["items"]
    assert f"The dispute is settled by {note['number']}" in done.text
    assert office.invoice(note["number"])["reason"] == "Ten were missing"
    assert f"Credited by {note['number']}: Amara Cole" in office.sheet(f"/disputes/{number}", PETRA).text


def test_what_was_shown_is_issued_or_nothing(office: Office) -> None:
    """The invoice changes between the look and the button."""
    invoice = office.billed(("BOLT", 3), discount="1.00")
    number = number_of(opened(office, invoice, quantity_1=1))
    page = office.sheet(f"/disputes/{number}").send("/credit", by="lines")
    credit = {"lines": [{"line": 1, "quantity": "1"}], "reason": "Another one"}
    office.world.post(f"invoices/{invoice['number']}/credit-notes", credit)
    shown = page.form("/credit").fields["shown"]
    told = page.send("/credit", 409, shown=f"{float(shown) + 0.01:.2f}")
    assert "Nothing was credited." in told.text
    assert office.world.get(f"disputes/{number}")["state"] == "open"
    assert len(office.world.get("invoices", order=invoice["order"], kind="credit_note")["items"]) == 1


def test_an_amount_settles_a_wrong_price(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    number = number_of(opened(office, invoice, reason="wrong_price", words="0.90 was agreed."))
    page = office.sheet(f"/disputes/{number}")
    assert "Write an amount." in page.send("/credit", 422, by="amount", amount="").text
    assert "GBP has 2 decimals." in page.send("/credit", 422, by="amount", amount="1.234").text
    too_much = page.send("/credit", 422, by="amount", amount="48.01")
    assert "48.00 are left of invoice" in too_much.text
    page.send("/credit", by="amount", amount="4.80").send("/credit")
    assert office.invoice(invoice["number"])["due"] == "43.20"


def test_a_rejection_needs_words_and_the_buyer_reads_them(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    number = number_of(opened(office, invoice))
    page = office.sheet(f"/disputes/{number}")
    assert "Say why: the buyer reads it." in page.send("/rejection", 422, words="  ").text
    page.send("/rejection", words="The scale shows 40.")
    hers = office.sheet(f"/disputes/{number}", PETRA)
    assert "The scale shows 40." in hers.text
    assert "Rejected by Amara Cole" in hers.text
    assert not hers.forms or all("/disputes" not in form.action for form in hers.forms), "it is over"


def test_the_second_of_two_decisions_is_told(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    number = number_of(opened(office, invoice))
    mine, hers = office.sheet(f"/disputes/{number}"), office.sheet(f"/disputes/{number}", PETRA)
    hers.send("/withdrawal", words="Found them.")
    told = mine.send("/rejection", 409, words="No.")
    assert f"Dispute {number} was withdrawn already, by Petra Vogt" in told.text


def test_what_is_billed_and_credited_in_full_has_no_form(office: Office) -> None:
    invoice = office.billed(("BOLT", 4))
    credit = {"lines": [{"line": 1, "quantity": "4"}], "reason": "All wrong"}
    office.world.post(f"invoices/{invoice['number']}/credit-notes", credit)
    page = office.sheet(f"/invoices/{invoice['number']}/dispute", PETRA)
    assert "credited in full" in page.text
    assert all("/dispute" not in form.action for form in page.forms)


def test_everybody_sees_it_and_only_some_may_speak_or_settle(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    number = number_of(opened(office, invoice))
    path = f"/disputes/{number}"
    ends = {
        who: {form.action.rpartition("/")[2] for form in office.sheet(path, who).forms if path in form.action}
        for who in (PETRA, ROBIN, DEV, AMARA)
    }
    assert ends == {
        PETRA: {"messages", "withdrawal"},
        ROBIN: set(),
        DEV: {"messages", "withdrawal"},
        AMARA: {"messages", "withdrawal", "credit", "rejection"},
    }


def test_the_lists_of_both_sides(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    number = number_of(opened(office, invoice))
    row = office.sheet(f"/disputes?q={number}").row(number)
    assert "waits for you" in row[-1]
    assert "waits for us" in office.sheet(f"/disputes?q={number}", PETRA).row(number)[-1]
    office.world.post(f"disputes/{number}/messages", {"text": "Which?"})
    assert number not in office.sheet("/disputes?show=us").text
    assert "waits for you" in office.sheet(f"/disputes?q={number}", PETRA).row(number)[-1]
    assert "No dispute fits." in office.sheet("/disputes?q=nothing", PETRA).text
    for odd in ("show=nonsense", "before=x", f"before={'9' * 30}", "q=%00"):
        office.sheet(f"/disputes?{odd}")


def test_words_of_a_stranger_hand_are_only_words(office: Office) -> None:
    invoice = office.billed(("BOLT", 40))
    page = opened(office, invoice, words="<script>alert(1)</script> =HYPERLINK")
    assert "<script>alert" not in page.answer.text
    assert "&lt;script&gt;alert(1)" in page.answer.text
