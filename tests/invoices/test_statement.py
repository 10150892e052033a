"""A statement of account: as of any day, to the penny, whatever came later."""

from datetime import date
from decimal import Decimal

import pytest

from portal.domain.statements import age_of
from tests.invoices.conftest import Books
from tests.routes import cast

D = Decimal


@pytest.fixture(scope="module")
def october(books: Books) -> None:
    """HULL was billed on two Wednesdays; the first was paid twice over, and a part of that settled the second."""
    world = books.world
    world.now("2026-11-04T09:00:00Z")
    _, first = books.billed(10, account="HULL", purchase_order_number="H-1")
    world.now("2026-11-11T09:00:00Z")
    _, second = books.billed(20, account="HULL")
    world.now("2026-11-12T09:00:00Z")
    books.pay(first, "130.00", on="2026-11-12", reference="BACS 1")
    world.now("2026-11-18T09:00:00Z")
    transfer = {"to": second["number"], "amount": "20.00"}
    world.post(f"invoices/{first['number']}/transfers", transfer)
    refund = {"amount": "10.00"}
    world.post(f"invoices/{first['number']}/refunds", refund)
    books.credit(second, lines=[{"line": 1, "quantity": "3"}])


@pytest.mark.parametrize(
    ("days", "opening", "closing", "entries"),
    [
        ("from=2026-10-01&to=2026-11-03", "0.00", "0.00", 0),
        ("from=2026-10-01&to=2026-11-10", "0.00", "100.00", 1),
        ("from=2026-11-05&to=2026-11-11", "100.00", "300.00", 1),
        ("from=2026-11-05&to=2026-11-17", "100.00", "170.00", 2),
        ("from=2026-11-01&to=2026-11-18", "0.00", "150.00", 7),
        ("from=2026-11-18&to=2026-11-18", "170.00", "150.00", 4),
    ],
)
def test_it_is_right_as_of_any_day(
    books: Books, october: None, days: str, opening: str, closing: str, entries: int
) -> None:
    head, first, *between, last = books.file(f"/invoices/statement.csv?account=HULL&{days}")
    balance, amount = head.index("Balance"), head.index("Amount")
    assert (first[balance], last[balance], len(between)) == (opening, closing, entries)
    assert D(opening) + sum(D(row[amount]) for row in between) == D(closing)
    owed = [
        D(row[-1].replace("£", "").split()[0])
        for row in books.sheet(f"/invoices/statement?account=HULL&{days}").rows
        if row and row[0].startswith("INV-")
    ]
    assert sum(owed, D(0)) == D(closing), "what is open is what is owed"


def test_a_moved_surplus_changes_nothing_of_what_is_owed(books: Books, october: None) -> None:
    page = books.sheet("/invoices/statement?account=HULL&from=2026-11-18&to=2026-11-18")
    assert "£150.00 was open at the end of Wed 18 Nov." in page.text
    moved = [row for row in page.rows if row[1:] and row[1].startswith("Moved")]
    assert len(moved) == 2


def test_it_ages_what_was_open_on_its_last_day(books: Books, october: None) -> None:
    words = books.sheet("/invoices/statement?account=HULL&from=2026-11-01&to=2026-11-17").text
    assert "1 to 30 days late" in words
    assert "6 days late" not in words
    assert "1 day late" in words


@pytest.mark.parametrize(
    ("late", "bucket"),
    [(-10, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (900, 4)],
)
def test_how_long_something_is_due(late: int, bucket: int) -> None:
    assert age_of(date(2026, 1, 1), date.fromordinal(date(2026, 1, 1).toordinal() + late)) == bucket


def test_days_that_cannot_be_read_are_said_beside_the_field(books: Books) -> None:
    page = books.sheet("/invoices/statement?account=HULL&from=soon", status=422)
    assert "This is not a day: write it as 2026-11-18." in page.text
    books.sheet("/invoices/statement.csv?account=HULL&from=soon", status=422)


def test_the_file_of_an_account_with_any_letters_is_saved(books: Books) -> None:
    books.world.account("日本")
    answer = cast.at_home(books.world.portal, cast.AMARA).client.get(
        "/invoices/statement.csv", params={"account": books.world.code("日本")}
    )
    assert answer.status_code == 200, answer.text
    assert "statement-" in answer.headers["content-disposition"]
