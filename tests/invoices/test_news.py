"""What a live page says, once, when money moves."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.domain.news import news
from portal.domain.orders import Invoice, Order
from portal.domain.words import english
from tests.templates import examples

D = Decimal
TODAY = date(2026, 11, 18)
BILL = Invoice("INV-1", "invoice", TODAY, TODAY, D(100), D(0), D(0), D(100), "ready")


@pytest.fixture
def order() -> Order:
    return replace(examples.order(), invoices=[BILL])


@pytest.mark.parametrize(
    ("invoices", "said"),
    [
        ([BILL], ""),
        ([BILL, replace(BILL, number="INV-2")], "Invoice INV-2 issued."),
        ([BILL, replace(BILL, number="CN-1", kind="credit_note")], "Credit note CN-1 issued."),
        ([replace(BILL, paid=D(40), due=D(60))], "Payment for INV-1 received."),
        ([replace(BILL, open_disputes=1)], "INV-1 is disputed."),
        (
            [BILL, *(replace(BILL, number=f"INV-{n}") for n in range(2, 6))],
            "4 invoices changed.",
        ),
    ],
)
def test_money_is_announced(order: Order, invoices: list[Invoice], said: str) -> None:
    assert news(order, replace(order, invoices=invoices), english(TODAY)) == said


def test_a_refund_and_a_settled_dispute_are_announced(order: Order) -> None:
    before = replace(order, invoices=[replace(BILL, paid=D(120), due=D(-20))])
    assert "paid back or moved" in news(before, order, english(TODAY))
    before = replace(order, invoices=[replace(BILL, open_disputes=1)])
    assert news(before, order, english(TODAY)) == "The dispute of INV-1 is settled."
