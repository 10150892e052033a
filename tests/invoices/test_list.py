"""The list of invoices: what it finds, what it adds up, and who sees it."""

import pytest

from tests.invoices.conftest import Books
from tests.routes import cast
from tests.scenarios.driver import Json


@pytest.fixture(scope="module")
def told(books: Books) -> dict[str, Json]:
    """One of each: open, paid, paid too much, credited in full, in dispute; and one of a stranger."""
    found: dict[str, Json] = {}
    _, found["open"] = books.billed(3, purchase_order_number="45-OPEN")
    _, found["paid"] = books.billed(4)
    books.pay(found["paid"], "40.00")
    _, found["surplus"] = books.billed(5)
    books.pay(found["surplus"], "52.00")
    _, found["credited"] = books.billed(6)
    found["credit"] = books.credit(found["credited"], lines=[{"line": 1, "quantity": "6"}])
    _, found["disputed"] = books.billed(7)
    claim = {"reason": "not_received", "lines": [{"line": 1, "quantity": "1"}], "text": "one is missing"}
    books.world.post(f"invoices/{found['disputed']['number']}/disputes", claim)
    _, found["hull"] = books.billed(8, account="HULL")
    _, found["stranger"] = books.billed(9, account="SOUTH")
    return found


def numbers(rows: list[list[str]]) -> set[str]:
    return {word for row in rows for word in " ".join(row).split() if word.startswith(("INV-", "CN-"))}


@pytest.mark.parametrize(
    ("shelf", "shown"),
    [
        ("unpaid", {"open", "disputed", "hull"}),
        ("overdue", set()),
        ("paid", {"paid", "surplus"}),
        ("credit_notes", {"credit", "credited"}),
        ("surplus", {"surplus"}),
        ("disputed", {"disputed"}),
    ],
)
def test_each_tab_shows_its_own(books: Books, told: dict[str, Json], shelf: str, shown: set[str]) -> None:
    found = numbers(books.sheet(f"/invoices?show={shelf}").rows)
    assert found == {told[name]["number"] for name in shown}


@pytest.mark.parametrize("field", ["number", "order", "purchase_order_number", "shipment", "sku"])
def test_any_number_finds_an_invoice(books: Books, told: dict[str, Json], field: str) -> None:
    one = told["open"]
    typed = {**one, "shipment": one["shipments"][0], "sku": "BOLT"}[field].lower()
    found = numbers(books.sheet(f"/invoices?q={typed}").rows)
    assert one["number"] in found
    assert field == "sku" or found == {one["number"]}


def test_what_is_open_is_added_up_by_how_long_it_is_due(books: Books, told: dict[str, Json]) -> None:
    words = books.sheet("/invoices").text
    assert "£180.00 is to pay, nothing is overdue." in words
    assert "£2.00 is in your favour." in words
    assert "Not due yet£180.00" in words.replace(" £", "£")


def test_a_subsidiary_sees_its_own_and_a_stranger_sees_none_of_it(
    books: Books, told: dict[str, Json]
) -> None:
    assert numbers(books.sheet("/invoices", cast.ROBIN).rows) == {told["hull"]["number"]}
    assert numbers(books.sheet("/invoices", cast.RITA).rows) == {told["stranger"]["number"]}
    assert told["stranger"]["number"] not in books.sheet("/invoices").answer.text
    books.sheet(f"/invoices/{told['stranger']['number']}", status=404)
    books.sheet("/invoices/statement?account=SOUTH", status=404)


def test_staff_see_everybodys_and_may_narrow_it_to_an_account(books: Books, told: dict[str, Json]) -> None:
    everybody = numbers(books.sheet("/invoices", cast.AMARA).rows)
    assert {told["stranger"]["number"], told["hull"]["number"]} <= everybody
    south = numbers(books.sheet("/invoices?account=SOUTH", cast.AMARA).rows)
    assert south == {told["stranger"]["number"]}


def test_the_file_has_figures_that_add_up(books: Books, told: dict[str, Json]) -> None:
    head, *rows = books.file("/invoices.csv?account=NORTH&from=2026-11-01")
    totals = {row[0]: float(row[head.index("Total")]) for row in rows}
    assert totals[told["credit"]["number"]] == -60.0
    assert totals[told["credited"]["number"]] == 60.0
    assert all(row[head.index("Currency")] == "GBP" for row in rows)


def test_an_odd_address_shows_the_list(books: Books, told: dict[str, Json]) -> None:
    for query in (
        "show=nonsense",
        "from=yesterday",
        "before=x",
        "account=%00",
        "q=%00%25",
        "before=99999999999999999999",
    ):
        books.sheet(f"/invoices?{query}")
