"""Money at finance's hands: payments in part and over, refunds, transfers, credit notes; each is done once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.finance.conftest import AMARA, DEV, PETRA, Office
from tests.scenarios.driver import Json


def path(invoice: Json) -> str:
    return f"/finance/invoices/{invoice['number']}"


def test_a_payment_in_part_and_the_rest(office: Office) -> None:
    invoice = office.billed(("BOLT", 100))
    page = office.sheet(path(invoice))
    assert page.form("/payments").fields["amount"] == "120.00", "what is due stands there"
    done = page.send("/payments", amount="50", on="2026-11-17", reference="BACS 771")
    assert "Recorded: £50.00 received" in done.text
    assert done.row("Payment", "BACS 771")[-1] == "£50.00"
    assert done.form("/payments").fields["amount"] == "70.00"
    office.sheet(path(invoice)).send("/payments")
    after = office.invoice(invoice["number"])
    assert (after["paid"], after["due"], after["state"]) == ("120.00", "0.00", "paid")


def test_more_than_is_due_is_asked_about_once_and_makes_a_surplus(office: Office) -> None:
    invoice = office.billed(("BOLT", 100))
    page = office.sheet(path(invoice)).send("/payments", 422, amount="130")
    assert "£10.00 more than is due. It would stand in the buyer's favour." in page.text
    assert office.invoice(invoice["number"])["paid"] == "0.00"
    done = page.send("/payments", sure="1")
    assert "In the buyer's favour £10.00" in done.text
    assert done.form("/refunds").fields["amount"] == "10.00"


def test_a_slip_with_the_decimal_point_is_refused(office: Office) -> None:
    """Ten times the invoice beyond what is due, or a thousand where that is more."""
    invoice = office.billed(("BOLT", 200))
    page = office.sheet(path(invoice)).send("/payments", 422, amount="2640.01", sure="1")
    assert "2640.01 GBP cannot be meant: 240.00 GBP are due" in page.text
    assert "2640.00 GBP at most" in page.text
    assert office.invoice(invoice["number"])["paid"] == "0.00"
    office.sheet(path(invoice)).send("/payments", amount="2640", sure="1")


def test_a_surplus_is_paid_back_or_moved_and_never_more_than_it(office: Office) -> None:
    office.account("SPARE")
    one, other = (office.billed(("BOLT", 100), account="SPARE") for _ in range(2))
    office.sheet(path(one)).send("/payments", amount="130", sure="1")
    page = office.sheet(path(one))
    assert "the surplus is 30.00" in page.send("/refunds", 422, amount="30.01").text
    page.send("/refunds", amount="5")
    moved = office.sheet(path(one)).send("/transfers", to=other["number"], amount="25")
    assert f"Moved: £25.00 to {other['number']}" in moved.text
    assert [office.invoice(one[n])[f] for n, f in (("number", "due"), ("number", "paid"))] == [
        "0.00",
        "100.00",
    ]
    assert office.invoice(other["number"])["due"] == "75.00"
    assert all("/refunds" not in form.action for form in moved.forms), "nothing is left to pay back"


def test_a_surplus_moves_only_to_what_its_account_owes(office: Office) -> None:
    office.account("ALONE")
    invoice = office.billed(("BOLT", 10), account="ALONE")
    office.billed(("BOLT", 10))
    office.sheet(path(invoice)).send("/payments", amount="12", sure="1")
    page = office.sheet(path(invoice))
    assert "The account owes nothing else in GBP." in page.text
    assert all("/transfers" not in form.action for form in page.forms)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": ""}, "Write an amount."),
        ({"amount": "0"}, "Write an amount."),
        ({"amount": "-5"}, "Write an amount in digits"),
        ({"amount": "1.001"}, "GBP has 2 decimals."),
        ({"amount": "NaN"}, "Write an amount in digits"),
        ({"amount": "1e400"}, "Write an amount in digits"),
        ({"amount": "9" * 60}, "Write an amount in digits"),
        ({"on": "yesterday"}, "Choose a day."),
        ({"on": "0001-01-01"}, "Choose a day."),
        ({"on": "2026-11-19"}, "This day is yet to come."),
    ],
)
def test_what_is_wrong_with_a_payment_is_said_beside_its_field(
    office: Office, typed: dict[str, str], said: str
) -> None:
    invoice = office.billed(("BOLT", 10))
    page = office.sheet(path(invoice)).send("/payments", 422, **typed)
    assert said in page.text
    assert page.form("/payments").fields | typed == page.form("/payments").fields or "amount" in typed
    assert office.invoice(invoice["number"])["paid"] == "0.00"


def test_a_button_that_is_pressed_four_times_pays_once(office: Office) -> None:
    invoice = office.billed(("BOLT", 100))
    page = office.sheet(path(invoice))
    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: page.post("/payments", amount="20"), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert office.invoice(invoice["number"])["paid"] == "20.00"


def test_a_credit_note_by_lines_is_shown_before_it_is_issued(office: Office) -> None:
    invoice = office.billed(("BOLT", 30), ("NUT", 10), discount="4.00", freight="8.00")
    page = office.sheet(path(invoice))
    assert "Say why: it stands on the credit note." in page.send("/credit-notes", 422, quantity_1=5).text
    nothing = page.send("/credit-notes", 422, reason="Short")
    assert "Type beside at least one line how much of it is credited." in nothing.text
    too_many = page.send("/credit-notes", 422, reason="Short", quantity_1=31)
    assert "31 wanted, but 30 of line 1" in too_many.text
    shown = page.send("/credit-notes", reason="Short", quantity_1=15)
    assert "Discount -£1.50" in shown.text
    assert "Freight £3.00" in shown.text
    assert "Credited £19.80" in shown.text
    assert office.invoice(invoice["number"])["credited"] == "0.00"
    done = shown.send("/credit-notes")
    assert "over £19.80" in done.text
    assert office.invoice(invoice["number"])["credited"] == "19.80"


def test_a_credit_of_a_paid_invoice_is_in_the_buyers_favour(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    office.sheet(path(invoice)).send("/payments")
    shown = office.sheet(path(invoice)).send("/credit-notes", by="amount", amount="3", reason="Kindness")
    assert "£3.00 is in the buyer's favour" in shown.text
    shown.send("/credit-notes")
    assert office.sheet(path(invoice)).form("/refunds").fields["amount"] == "3.00"


def test_a_credit_of_everything_is_the_invoice_to_the_cent(office: Office) -> None:
    invoice = office.billed(("BOLT", 3), discount="1.00", freight="0.77")
    office.sheet(path(invoice)).send("/credit-notes", reason="All wrong", quantity_1=3).send("/credit-notes")
    after = office.invoice(invoice["number"])
    assert after["credited"] == after["total"] == invoice["total"]
    assert after["state"] == "credited"
    assert all("/credit-notes" not in form.action for form in office.sheet(path(invoice)).forms)


def test_of_two_who_credit_the_same_goods_one_is_told(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    pages = [
        office.sheet(path(invoice)).send("/credit-notes", reason="Short", quantity_1=6) for _ in range(2)
    ]
    with ThreadPoolExecutor(2) as hands:
        answers = list(hands.map(lambda page: page.post("/credit-notes"), pages))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert office.invoice(invoice["number"])["credited"] == "7.20"


def test_who_may_not_write_sees_how_it_stands(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    page = office.sheet(path(invoice), DEV)
    assert "Still due £12.00" in page.text
    assert page.forms == []
    office.sheet(path(invoice), PETRA, 403)


def test_the_forms_have_addresses_of_their_own(office: Office) -> None:
    invoice = office.billed(("BOLT", 10))
    for form in ("payment", "refund", "transfer", "credit"):
        office.sheet(f"{path(invoice)}/{form}", AMARA)
    office.sheet(f"{path(invoice)}/nonsense", AMARA, 404)
