"""The ledger: every change of what an account owes, and nothing else."""

import asyncio
import contextlib
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.db.pool import open_pool
from tests.credit.conftest import Books
from tests.scenarios.driver import Json, WrongAnswerError

KINDS = ("open_orders", "shipped_not_invoiced", "invoiced_unpaid")


def moved(books: Books) -> list[tuple[str, ...]]:
    return [
        (entry["because"], *(entry[kind] for kind in KINDS), entry["balance"]) for entry in books.ledger()
    ]


def test_each_entry_says_what_brought_it_about(books: Books) -> None:
    books.account("BUYER", tax_status="exempt")
    order = books.order("BUYER", {"BOLT": 10})
    shipment = books.ship(order, "MAIN", {1: 4})
    books.cancel(order, {1: 1})
    books.cancel_shipment(shipment)
    assert moved(books) == [
        ("order.placed", "100.00", "0.00", "0.00", "100.00"),
        ("shipment.shipped", "-40.00", "0.00", "40.00", "100.00"),
        ("line.cancelled", "-10.00", "0.00", "0.00", "90.00"),
        ("shipment.cancelled", "40.00", "0.00", "-40.00", "90.00"),
    ]
    assert {entry["order"] for entry in books.ledger()} == {order["number"]}


def test_what_changes_no_figure_is_no_entry(books: Books) -> None:
    books.account("BUYER", tax_status="exempt")
    order = books.order("BUYER", {"BOLT": 10})
    hold = books.hold(order, "manual")
    books.release(order, hold)
    books.pick(order, "MAIN", {1: 10})
    assert len(books.ledger()) == 1


def test_what_waits_for_credit_owes_nothing_until_it_is_released(books: Books) -> None:
    books.account("BUYER", tax_status="exempt", credit_limit="50.00")
    order = books.order("BUYER", {"BOLT": 10})
    assert books.ledger() == []
    books.account("BUYER", tax_status="exempt", credit_limit="500.00")
    books.release(order, order["holds"][0]["id"])
    assert moved(books) == [("hold.released", "100.00", "0.00", "0.00", "100.00")]


def test_what_the_erp_says_is_entered_by_the_difference(books: Books) -> None:
    books.buyer()
    books.says(invoiced_unpaid="70.00", other_orders="5.00")
    books.order("BUYER", {"BOLT": 1})
    books.order("BUYER", {"BOLT": 1})
    books.says(invoiced_unpaid="40.00", other_orders="5.00")
    books.order("BUYER", {"BOLT": 1})
    assert moved(books) == [
        ("erp.figures", "5.00", "0.00", "70.00", "75.00"),
        ("order.placed", "10.00", "0.00", "0.00", "85.00"),
        ("order.placed", "10.00", "0.00", "0.00", "95.00"),
        ("erp.figures", "0.00", "0.00", "-30.00", "65.00"),
        ("order.placed", "10.00", "0.00", "0.00", "75.00"),
    ]


def test_a_stranger_reads_nothing(books: Books) -> None:
    books.buyer()
    books.buyer("OTHER")
    other = books.token("OTHER")
    for path in ("credit", "credit/ledger"):
        assert other.get(f"accounts/{books.code('BUYER')}/{path}").status_code == 404
        assert other.get(f"accounts/{books.code('OTHER')}/{path}").status_code == 200
    assert other.get(f"accounts/{books.code('OTHER')}/credit/ledger?cursor=nonsense").status_code == 400


MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ("order", "order", "ship", "cancel", "cancel_shipment", "figures", "limit", "release")
        ),
        st.integers(1, 12),
    ),
    min_size=4,
    max_size=14,
)


Made = tuple[list[Json], list[Json]]


def move(books: Books, made: Made, what: str, number: int) -> None:
    """What cannot be is refused, and changes nothing: the ledger shows it."""
    orders, shipments = made
    match what:
        case "order":
            orders.append(books.order("BUYER", {"BOLT": number}))
        case "ship" if orders:
            shipments.append(books.ship(orders[number % len(orders)], "MAIN", {1: min(number, 3)}))
        case "cancel" if orders:
            books.cancel(orders[number % len(orders)], {1: 1})
        case "cancel_shipment" if shipments:
            books.cancel_shipment(shipments[number % len(shipments)])
        case "figures":
            books.says(credit_limit="300.00", invoiced_unpaid=f"{number * 7}.00")
        case "limit":
            books.says(credit_limit=f"{number * 60}.00")
        case "release" if orders:
            for hold in books.read(orders[number % len(orders)])["holds"]:
                books.release(orders[number % len(orders)], hold["id"])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_whatever_happens_the_ledger_adds_up_to_what_is_owed(
    books: Books, moves: list[tuple[str, int]]
) -> None:
    books.tag = f"{books.tag}x"
    books.location("MAIN")
    books.product("BOLT", price="10.00")
    books.stock("MAIN", "BOLT", 10_000)
    books.buyer(credit_limit="300.00")
    books.says(credit_limit="300.00")
    made: Made = ([], [])
    for what, number in moves:
        with contextlib.suppress(WrongAnswerError):
            move(books, made, what, number)
    orders = made[0]
    books.portal.check()
    entries = books.ledger()
    running = Decimal(0)
    for entry in entries:
        running += sum(Decimal(entry[kind]) for kind in KINDS)
        assert Decimal(entry["balance"]) == running
    counted = Decimal(0)
    for order in orders:
        now = books.read(order)
        if now["state"] in ("open", "closed"):
            counted += sum(
                Decimal(portion["quantity"]) * 10
                for line in now["lines"]
                for portion in line["portions"]
                if portion["status"] != "cancelled"
            )
    told = [entry for entry in entries if entry["order"] is not None]
    assert sum((Decimal(entry[kind]) for entry in told for kind in KINDS), Decimal(0)) == counted


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_of_the_ledger_has_its_bounds(books: Books, limit: int) -> None:
    books.buyer()
    answer = books.erp.get(f"accounts/{books.code('BUYER')}/credit/ledger?limit={limit}")
    assert answer.status_code == 400


def test_orders_from_before_there_was_a_ledger_go_on_in_it(books: Books) -> None:
    """As the migration leaves them: what they count for is entered once, and nothing is marked as entered."""
    books.account("BUYER", tax_status="exempt", credit_limit="200.00")
    order = books.order("BUYER", {"BOLT": 10})
    held = books.order("BUYER", {"BOLT": 15})

    async def forget() -> None:
        async with await open_pool(books.portal.database_url, size=1) as pool:
            await pool.execute(
                """update order_status set counted_open = null, counted_shipped = null
                   where order_id in (select id from orders where number = any($1))""",
                [order["number"], held["number"]],
            )

    asyncio.run(forget())
    books.portal.check()
    books.ship(order, "MAIN", {1: 4})
    books.cancel(order, {1: 6})
    books.account("BUYER", tax_status="exempt", credit_limit="500.00")
    books.release(held, held["holds"][0]["id"])
    assert [entry["balance"] for entry in books.ledger()] == ["100.00", "100.00", "40.00", "190.00"]
    books.portal.check()
