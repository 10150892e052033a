"""The credit page: what is free and why not more, in the reader's words, and the ledger as a file."""

import asyncio
import re
from calendar import monthrange
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import asyncpg
import pytest
from argon2 import PasswordHasher

from portal.clock import utc_now
from portal.filters import tongue
from tests.credit.conftest import Books
from tests.routes import cast
from tests.routes.cast import Guest


def person(books: Books, account: str, role: str) -> Guest:
    """Somebody of an account, signed in."""
    email = f"{role}@{books.code(account).lower()}.example"
    body = {"name": role.title(), "roles": [role], "password": cast.PASSWORD}
    books.put(f"accounts/{books.code(account)}/users/{email}", body)
    return cast.signed_in(books.portal, email)


def staff(books: Books) -> Guest:
    async def write() -> None:
        conn = await asyncpg.connect(books.portal.database_url)
        await conn.execute(
            """insert into person (email, name, password_hash, supplier_roles) values ($1, 'Amara', $2, '{finance}')
               on conflict do nothing""",
            cast.AMARA,
            PasswordHasher().hash(cast.PASSWORD),
        )
        await conn.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, write()).result()
    return cast.signed_in(books.portal, cast.AMARA)


def test_a_buyer_reads_what_is_free_what_waits_and_the_ledger(books: Books) -> None:
    books.account("BUYER", tax_status="exempt", credit_limit="200.00", payment_terms_days=60)
    order = books.order("BUYER", {"BOLT": 12})
    books.ship(order, "MAIN", {1: 5})
    held = books.order("BUYER", {"BOLT": 9})
    page = person(books, "BUYER", "buyer").client.get("/credit").text
    assert "<b>£80.00</b> may still be ordered on credit." in page
    assert "<b>£120.00</b> of <b>£200.00</b> are used" in page
    assert held["number"] in page
    assert "This order of £90.00 and £120.00 already open exceed the limit of £200.00." in page
    assert "Order placed" in page
    assert "-£50.00" in page
    assert '<svg class="curve"' in page


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"invoice_terms": "on_shipment"}, "invoices are issued when goods leave"),
        ({"invoice_terms": "on_order"}, "ordered and not invoiced counts as invoiced"),
        ({"invoice_terms": "on_delivery"}, "invoices are issued when goods arrive"),
        (
            {"invoice_terms": "consolidated", "consolidation": "monthly"},
            "on the day on which this account is billed",
        ),
        ({"invoice_terms": "consolidated", "consolidation": "completion"}, "when the last of it leaves"),
    ],
)
def test_what_frees_up_when_follows_the_terms_of_the_account(
    books: Books, terms: dict[str, str], words: str
) -> None:
    """Bolts leave soon; the nut has no stock and no date, and only who is billed at the end waits for it."""
    books.account("TERMS", tax_status="exempt", payment_terms_days=30, **terms)
    books.product("NUT", price="1.00")
    order = books.order("TERMS", {"BOLT": 2, "NUT": 1})
    page = person(books, "TERMS", "buyer").client.get("/credit").text
    assert words in page
    rows = dict(re.findall(r'<th scope="row">([^<]*)</th><td class="num" data-l="falls due">([^<]*)<', page))
    bolts = order["lines"][0]["portions"][0]
    assert rows[week_of(bolts, terms, utc_now().date())].startswith("£2"), rows


def week_of(bolts: dict[str, str], terms: dict[str, str], today: date) -> str:
    """The week in which the bolts are paid for, as the page names it."""
    ships_on, arrives_on = (date.fromisoformat(bolts[name]) for name in ("ships_on", "arrives_on"))
    if terms.get("consolidation") == "completion":
        return "no date yet"
    ready_on = {"on_order": today, "on_delivery": arrives_on}.get(terms["invoice_terms"], ships_on)
    if "consolidation" in terms:
        ready_on = ready_on.replace(day=monthrange(ready_on.year, ready_on.month)[1])
    due_on = ready_on + timedelta(days=30)
    monday = due_on - timedelta(days=due_on.weekday())
    return f"week of {tongue('en', 'Europe/London').day_month(monday, today)}"


def test_the_words_say_on_what_it_rests(books: Books) -> None:
    books.buyer()
    books.says(credit_limit="500.00")
    books.order("BUYER", {"BOLT": 1})
    buyer = person(books, "BUYER", "buyer")
    assert "as the ERP gave them" in buyer.client.get("/credit").text
    books.erp_system.is_("down")
    page = buyer.client.get("/credit").text
    assert "The ERP cannot be reached: orders are accepted on its last figures" in page
    assert "<b>£490.00</b> may still be ordered on credit." in page
    accepted = books.order("BUYER", {"BOLT": 2})
    page = buyer.client.get("/credit").text
    assert accepted["number"] in page
    assert "accepted for now" in page
    assert "This order leaves £470.00 of the credit limit of £500.00. The ERP cannot be reached" in page
    books.buyer(erp_silence="hold")
    page = buyer.client.get("/credit").text
    assert "What may still be ordered on credit cannot be said now: orders wait." in page


def test_a_group_shows_both_limits(books: Books) -> None:
    books.account("GROUP", tax_status="exempt", credit_limit="300.00")
    books.account("NORTH", parent="GROUP", tax_status="exempt", draws_on_parent=True, credit_limit="250.00")
    books.order("NORTH", {"BOLT": 10})
    books.order("GROUP", {"BOLT": 15})
    page = person(books, "NORTH", "buyer").client.get("/credit").text
    assert "<b>£50.00</b> may still be ordered on credit." in page
    assert f"Drawn on {books.code('GROUP')}" in page
    chief = person(books, "GROUP", "account_admin")
    assert "credit?account=" in chief.client.get("/credit").text
    assert (
        "<b>£100.00</b> of <b>£250.00</b>" in chief.client.get(f"/credit?account={books.code('NORTH')}").text
    )
    assert (
        person(books, "NORTH", "finance").client.get(f"/credit?account={books.code('GROUP')}").status_code
        == 404
    )


def test_staff_choose_whose_it_shall_be(books: Books) -> None:
    books.account("BUYER", credit_limit="200.00")
    amara = staff(books)
    assert "Whose page shall it be?" in amara.client.get("/credit").text
    page = amara.client.get(f"/credit?account={books.code('BUYER')}").text
    assert "<b>£200.00</b> may still be ordered on credit." in page
    assert "Nothing was ordered yet" in page


def test_the_ledger_is_a_file_too_and_has_pages(books: Books) -> None:
    books.account("BUYER", tax_status="exempt")
    for _ in range(3):
        books.order("BUYER", {"BOLT": 1})
    buyer = person(books, "BUYER", "finance")
    lines = buyer.client.get("/credit/ledger.csv").text.splitlines()
    assert len(lines) == 4
    assert lines[-1].endswith(",GBP,10.00,0.00,0.00,30.00")
    assert "/credit?before=" not in buyer.client.get("/credit").text
    oldest = books.ledger()[0]["id"]
    assert "Nothing was ordered yet" in buyer.client.get(f"/credit?before={oldest}").text


@pytest.mark.parametrize("before", ["nonsense", "-1", "9" * 40])
def test_an_odd_page_of_the_ledger_is_the_first(books: Books, before: str) -> None:
    books.account("BUYER")
    assert person(books, "BUYER", "buyer").client.get(f"/credit?before={before}").status_code == 200
