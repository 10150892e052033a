"""Order confirmations and statements of account on paper, in one language and in two."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.adapters.pdf import FONTS
from portal.adapters.pdf_child import Press
from portal.domain.orders import Order
from portal.domain.statements import Entry, OpenItem, Statement
from portal.pages import Pages
from portal.views.papers.confirmations import confirmation_paper
from portal.views.papers.statements import statement_paper
from tests.documents.reading import pages as pages_of
from tests.documents.reading import words
from tests.documents.test_invoice_paper import letters
from tests.templates import examples
from tests.templates.invoices import BUYER, GERMAN_BUYER, SELLER

D = Decimal
Printed = Callable[..., bytes]


@pytest.fixture(scope="module")
def machine() -> Press:
    return Press(FONTS)


@pytest.fixture
def confirmed(pages: Pages, machine: Press) -> Printed:
    def print_(order: Order | None = None, locale: str = "en", also: str | None = None) -> bytes:
        buyer = GERMAN_BUYER if locale == "de" else BUYER
        other = pages.tongue(also) if also else None
        paper = confirmation_paper(order or examples.order(), SELLER, buyer, pages.tongue(locale), other)
        return machine.print(str(pages.fragment("pdf/confirmation.html", locale=locale, paper=paper)))

    return print_


@pytest.fixture
def stated(pages: Pages, machine: Press) -> Printed:
    def print_(statement: Statement, locale: str = "en", also: str | None = None) -> bytes:
        other = pages.tongue(also) if also else None
        paper = statement_paper(statement, SELLER, BUYER, pages.tongue(locale), other)
        return machine.print(str(pages.fragment("pdf/statement.html", locale=locale, paper=paper)))

    return print_


def account(count: int, opening: str = "1480.22") -> Statement:
    """Two invoices, a payment, a credit note, and again."""
    balance, day, entries = D(opening), date(2026, 11, 1), []
    for n in range(count):
        kind = ("invoice", "invoice", "payment", "credit_note")[n % 4]
        amount = D("312.40") * (n % 7 + 1) if kind == "invoice" else D("-156.20") * (n % 7 + 1)
        balance += amount
        day += timedelta(days=n % 2 if count < 50 else 0)
        entries.append(
            Entry(day, kind, f"INV-2026-{n:06}", amount, balance, f"SO-2026-{n:06}", "4500118236", day)  # type: ignore[arg-type]
        )
    items = [
        OpenItem(
            "INV-2026-000004", "SO-2026-000417", date(2026, 9, 1), date(2026, 10, 1), D("937.20"), D("400.00")
        ),
        OpenItem(
            "INV-2026-000005",
            "SO-2026-000417",
            date(2026, 11, 1),
            date(2026, 12, 31),
            D("937.20"),
            D("900.00"),
        ),
        OpenItem(
            "INV-2026-000006", "SO-2026-000418", date(2026, 9, 1), date(2026, 10, 1), D("20.00"), D("-5.00")
        ),
    ]
    return Statement(
        "NORDWIND", "Nordwind Maschinenbau", "GBP", date(2026, 11, 1), date(2026, 11, 30), D(opening), balance,
        entries, items, {"invoice": D("900.10"), "credit_note": D("-200.00"), "payment": D("-300.00")},
    )  # fmt: skip


def test_a_confirmation_promises_each_part(confirmed: Printed) -> None:
    said = words(confirmed())

    for part in (
        "Order confirmation SO-2026-000417", "21 of 31 lines that are still to come have a day",
        "Total with VAT £20,047.27", "30 days net from the invoice", "Next arrival 20 Nov 2026",
        "No date yet 10 lines", "Deliver to Nordwind Maschinenbau, Goods in, gate 2, 14 Wharf Street",
        "6 SEA-V40 V-ring seal 40 mm, NBR 400 pcs",
        "120 Delivered 16 Nov 2026 120 Shipped 20 Nov 2026 160 Awaiting supplier 30 Nov 2026 1.35 20% 540.00",
        "230 Reserved no date yet", "2 Cancelled", "Goods 16,526.06 Freight 180.00 Net 16,706.06 VAT amount 3,341.21",
        "The days are those of Wed 18 Nov 2026, 14:31.",
    ):  # fmt: skip
        assert part in said


def test_a_confirmation_of_a_cancelled_order_says_so(confirmed: Printed) -> None:
    said = words(confirmed(replace(examples.order(), state="cancelled")))

    assert "This order was cancelled. Nothing of it will be delivered." in said


def test_a_long_confirmation_stays_on_its_pages(confirmed: Printed) -> None:
    for pdf in (confirmed(examples.long_order(120)), confirmed(locale="de", also="en")):
        told = pages_of(pdf)
        assert len(told) > 2
        for boxes in letters(pdf):
            assert max(right for _, _, right, _ in boxes) < 196.6
        assert re.search(r"(Page|Seite) 2 (of|von)", told[1])


def test_a_statement_goes_from_balance_to_balance(stated: Printed) -> None:
    made = account(8)
    said = words(stated(made))

    assert "Statement of account NORDWIND 1–30 Nov 2026" in said
    assert "Open balance" in said
    assert f"£{made.closing:,}" in said
    assert "Balance before 1,480.22" in said
    assert f"Open at the end {made.closing:,}" in said
    for entry in made.entries:
        assert f"{entry.balance:,}" in said
    assert "31 to 60 days late £400.00" in said
    assert "60 days late" in said
    assert "In your favour −£5.00" in said
    assert "IBAN" in said


def test_a_statement_with_nothing_to_pay_asks_for_nothing(stated: Printed) -> None:
    made = Statement(
        "NORDWIND", "Nordwind", "GBP", date(2026, 11, 1), date(2026, 11, 30), D(0), D("-20.00"), [], []
    )
    said = words(stated(made))

    assert "In your favour £20.00" in said
    assert "IBAN" not in said


def test_a_long_statement_carries_its_balance_over(stated: Printed) -> None:
    made = account(90)
    pdf = stated(made)
    balances = {f"{entry.balance:,}" for entry in made.entries} | {f"{made.opening:,}"}
    carried = None
    for page in pages_of(pdf):
        brought = re.search(r"Brought forward ([−\d,.]+)", page)
        assert (brought[1] if brought else None) == carried
        found = re.search(r"Carried forward ([−\d,.]+)", page)
        carried = found[1] if found else None
        assert carried is None or carried in balances
    assert carried is None
    assert all(max(right for _, _, right, _ in boxes) < 196.6 for boxes in letters(pdf))
