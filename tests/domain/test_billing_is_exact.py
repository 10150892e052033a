"""Whatever the split: invoices add up to their order to the smallest unit, and every document to itself."""

import os
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain import money
from portal.domain.invoices import Document
from tests.domain.selling import ZERO, Sale, ordered, sale, sales, some

# `PORTAL_TEST_EXAMPLES=5000 pytest tests/domain/test_billing_is_exact.py` looks longer.
EXAMPLES = int(os.environ.get("PORTAL_TEST_EXAMPLES", "0")) or 300
MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def to_ship(order: Sale) -> dict[int, Decimal]:
    return {line.id: there for line in order.lines if (there := order.there(line.id, "allocated"))}


def adds_up(paper: Document) -> None:
    """Every amount follows from the lines, without any tolerance."""
    currency = paper.currency
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in paper.lines:
        assert line.net == money.rounded(line.unit_price / line.price_per * line.quantity, currency), line
        key = (line.tax_code, line.tax_rate)
        bases[key] = bases.get(key, ZERO) + line.net
    for sign, adjustments in ((-1, paper.allowances), (1, paper.charges)):
        for one in adjustments:
            assert one.amount > 0, one
            key = (one.tax_code, one.tax_rate)
            bases[key] = bases.get(key, ZERO) + sign * one.amount
    assert {(tax.code, tax.rate): tax.base for tax in paper.taxes} == bases
    assert len(paper.taxes) == len(bases)
    for tax in paper.taxes:
        assert tax.base >= 0
        assert tax.amount == money.rounded(tax.base * tax.rate / 100, currency)
    allowances = sum((one.amount for one in paper.allowances), ZERO)
    charges = sum((one.amount for one in paper.charges), ZERO)
    assert paper.lines_net == sum((line.net for line in paper.lines), ZERO)
    assert paper.net == paper.lines_net - allowances + charges
    assert paper.tax == sum((tax.amount for tax in paper.taxes), ZERO)
    assert paper.total == paper.net + paper.tax + paper.rounding
    assert paper.total >= 0
    order = paper.order
    sign = 1 if paper.kind == "invoice" else -1
    assert order.billed_after == order.billed_before + sign * paper.total


def units(amount: Decimal, currency: str) -> Decimal:
    return abs(amount).scaleb(money.digits(currency))


@MANY
@given(st.data())
def test_the_invoices_of_any_split_come_to_the_order(data: st.DataObject) -> None:
    order = data.draw(sales(policy=data.draw(st.sampled_from(("pro_rata", "first")))))
    while there := to_ship(order):
        order.ship(some(data.draw, there))
    totals = order.totals
    assert order.billed == totals.total
    assert sum((paper.net for paper in order.papers), ZERO) == totals.total - totals.tax
    for category in {line.category for line in order.lines}:
        assert order.base_of(category) >= 0
    for paper, drawn in zip(order.papers, order.drawn, strict=True):
        adds_up(paper)
        rates = {part.rate for part in drawn.bill.parts if part.rate}
        assert units(paper.rounding, order.currency) <= max(len(rates), len(paper.taxes))
    assert order.papers[-1].order.to_bill == 0
    assert order.counted() == (0, totals.total)


@MANY
@given(st.data())
def test_an_order_that_ships_at_once_is_its_invoice(data: st.DataObject) -> None:
    order = data.draw(sales(policy=data.draw(st.sampled_from(("pro_rata", "first")))))
    order.ship(to_ship(order))
    [paper] = order.papers
    totals = order.totals
    adds_up(paper)
    assert (paper.lines_net, paper.tax, paper.total, paper.rounding) == (
        totals.goods, totals.tax, totals.total, 0,
    )  # fmt: skip
    told = dict.fromkeys(("discount", "freight", "rounding"), ZERO)
    for one in (*paper.allowances, *paper.charges):
        told[one.reason] += one.amount
    assert told == {"discount": order.discount, "freight": order.freight, "rounding": 0}


@MANY
@given(st.data())
def test_a_credit_in_full_is_its_invoice_to_the_last_unit(data: st.DataObject) -> None:
    order = data.draw(sales())
    shipments = []
    while (there := to_ship(order)) and len(shipments) < 4:
        freight = data.draw(st.one_of(st.none(), st.integers(0, 3000).map(Decimal)))
        shipments.append(order.ship(some(data.draw, there), freight))
    taken = data.draw(st.sampled_from(shipments))
    order.take_back(taken)
    *_, note = order.papers
    paper = next(one for one in order.papers if [s.number for s in one.shipments] == [f"SH-{taken}"])
    assert note.kind == "credit_note"
    assert note.corrects
    assert note.corrects.number
    for name in ("lines_net", "net", "tax", "rounding", "total", "taxes", "allowances", "charges"):
        assert getattr(note, name) == getattr(paper, name), name
    assert [(line.line, line.quantity, line.net) for line in note.lines] == [
        (line.line, line.quantity, line.net) for line in paper.lines
    ]
    adds_up(note)


@MANY
@given(st.data())
def test_nothing_is_lost_whatever_is_taken_back_credited_and_billed_again(data: st.DataObject) -> None:
    order = data.draw(sales(terms=data.draw(st.sampled_from(("on_shipment", "on_delivery", "on_order")))))
    if order.terms == "on_order" and order.policy == "actual":
        order.policy = "pro_rata"
    order.settle()
    for _ in range(data.draw(st.integers(1, 8))):
        one_thing(data.draw, order)
        stands_right(order)
    for paper in order.papers:
        adds_up(paper)
    # However it went, what all documents come to is what the goods that stand billed do, but for a unit that a credit
    # in full leaves, and for what was credited as an amount.
    amounts = sum((one.total for one in order.documents if one.basis == "amount"), ZERO)
    if not amounts:
        standing = order.standing()
        agreed = standing.agreed
        shipments = frozenset(slot for (_, slot), q in standing.invoiced.items() if slot and q)
        worth = agreed.gross(agreed.target(standing.by_line(standing.invoiced), shipments))
        notes = sum(one.kind == "credit_note" for one in order.documents)
        freight = order.freight + sum((one.freight or ZERO for one in order.shipments), ZERO)
        # Freight that was on an invoice goes back with it; the next one bills it again.
        most = ZERO if order.policy == "pro_rata" else units(freight * 2, order.currency)
        assert units(order.billed - worth, order.currency) <= 6 * notes + most


def one_thing(draw: st.DrawFn, order: Sale) -> None:
    """Something happens to the order, if it can."""
    shipped = {
        one.id: {line.id: q for line in order.lines if (q := order.there(line.id, "shipped", one.id))}
        for one in order.shipments
    }
    away = {
        one.id: {
            line.id: q
            for line in order.lines
            if (q := order.there(line.id, "shipped", one.id) + order.there(line.id, "delivered", one.id))
        }
        for one in order.shipments
    }
    whole = [
        one.id
        for one in order.shipments
        if shipped[one.id] and shipped[one.id] == away[one.id]
        and not any(order.there(line.id, "returned", one.id) for line in order.lines)
    ]  # fmt: skip
    left = {
        one.id: {position: q for position, q in order.standing().left_of(one).items() if q}
        for one in order.standing().invoices
    }
    can = {
        "ship": to_ship(order),
        "deliver": [one for one, there in shipped.items() if there],
        "bring_back": [one for one, there in away.items() if there],
        "take_back": whole,
        "cancel": to_ship(order),
        "credit": [one for one, there in left.items() if there],
        "credit_amount": [
            one.id for one in order.standing().invoices if order.standing().sums_left_of(one).gross > 0
        ],
        "add_line": [1] if len(order.lines) < 8 else [],
    }
    what = draw(st.sampled_from([name for name, on in can.items() if on] or ["nothing"]))
    if what == "ship":
        order.ship(some(draw, can["ship"]), Decimal(draw(st.integers(0, 900))))  # type: ignore[arg-type]
    elif what == "deliver":
        order.deliver(one := draw(st.sampled_from(can["deliver"])), some(draw, shipped[one]))
    elif what == "bring_back":
        order.bring_back(one := draw(st.sampled_from(can["bring_back"])), some(draw, away[one]))
    elif what == "take_back":
        order.take_back(draw(st.sampled_from(whole)))
    elif what == "cancel":
        order.cancel(some(draw, can["cancel"]))  # type: ignore[arg-type]
    elif what == "credit":
        one = draw(st.sampled_from(can["credit"]))
        order.credit(one, some(draw, left[one]), waives=draw(st.booleans()))
    elif what == "credit_amount":
        one = draw(st.sampled_from(can["credit_amount"]))
        standing = order.standing()
        most = standing.sums_left_of(next(i for i in standing.invoices if i.id == one)).gross
        step = Decimal(1).scaleb(-money.digits(order.currency))
        order.credit_amount(one, draw(st.integers(1, int(most / step))) * step)
    elif what == "add_line":
        last = order.lines[-1]
        number = len(order.lines) + 1
        price = Decimal(draw(st.integers(0, 9999))).scaleb(-2)
        order.add_line(ordered(number, draw(st.integers(1, 9)), price, last.category, last.rate, pool=number))


def stands_right(order: Sale) -> None:
    """No more is billed of a line than may be, nothing is credited beyond its invoice, and what counts is not below
    nothing."""
    standing = order.standing()
    waived = standing.waived()
    for line in order.lines:
        billed = sum((q for (one, _), q in standing.invoiced.items() if one == line.id), ZERO)
        set_aside = sum((q for (one, _), q in waived.items() if one == line.id), ZERO)
        goods = standing.alive(line.id)
        if order.terms != "on_order":
            goods = sum(standing.away(line.id).values(), ZERO)
        assert billed >= 0
        assert set_aside >= 0
        assert billed + set_aside <= goods, line
    for one in standing.invoices:
        left = standing.sums_left_of(one)
        assert left.gross >= 0
        assert all(quantity >= 0 for quantity in standing.left_of(one).values())
        assert all(share.base >= 0 for share in left.shares.values())
        if not any(standing.left_of(one).values()):
            assert left.gross == 0, "what takes all that is left takes exactly that"
    still_open, _ = order.counted()
    assert still_open >= 0


@pytest.mark.parametrize("split", sorted({p for s in ((3,), (1, 2), (1, 1, 1)) for p in permutations(s)}))
def test_three_pieces_with_a_discount_of_ten_in_every_order_of_shipping(split: tuple[int, ...]) -> None:
    order = sale(ordered(1, 3, "10.00"), discount="10.00")
    for pieces in split:
        order.ship({1: Decimal(pieces)})
    assert order.billed == order.totals.total == Decimal("24.00")
    assert [str(paper.total) for paper in order.papers] == [f"{8 * pieces}.00" for pieces in split]


def test_a_cancelled_rest_takes_its_part_of_the_discount_with_it() -> None:
    order = sale(ordered(1, 3, "10.00"), discount="10.00")
    order.ship({1: Decimal(1)})
    order.cancel({1: Decimal(2)})
    assert order.billed == Decimal("8.00")
    assert order.counted() == (0, Decimal("8.00"))


def test_what_is_added_changes_nothing_of_what_was_billed() -> None:
    order = sale(ordered(1, 2, "10.00"), discount="5.00", freight="3.00")
    order.ship({1: Decimal(1)})
    order.add_line(ordered(2, 1, "100.00", pool=2))
    order.ship({1: Decimal(1), 2: Decimal(1)})
    first, second = order.papers
    assert str(first.total) == "10.80"
    assert str(second.total) == "130.80"
    assert order.billed == order.totals.total


def test_all_freight_is_on_the_first_invoice_where_the_account_wants_that() -> None:
    order = sale(ordered(1, 2, "10.00"), ordered(2, 2, "10.00", "zero", 0), freight="6.00", policy="first")
    order.ship({1: Decimal(1)})
    order.ship({1: Decimal(1), 2: Decimal(2)})
    first, second = order.papers
    assert [(str(one.amount), one.tax_code) for one in first.charges] == [("3.00", "S"), ("3.00", "Z")]
    assert (str(first.total), str(second.total)) == ("18.60", "32.00")


def test_each_shipment_carries_its_own_freight_where_the_account_wants_that() -> None:
    order = sale(ordered(1, 2, "10.00"), freight="99.00", policy="actual")
    order.ship({1: Decimal(1)}, Decimal("4.00"))
    order.ship({1: Decimal(1)}, Decimal("7.50"))
    assert [str(paper.total) for paper in order.papers] == ["16.80", "21.00"]
    order.take_back(2)
    assert order.billed == Decimal("16.80")


def test_a_full_credit_leaves_no_cent_behind() -> None:
    """The three thirds of 10.00 are 3.33, 3.34 and 3.33: what is credited is what was billed, not what a state says."""
    order = sale(ordered(1, 3, "3.333333"), currency="EUR")
    for _ in range(3):
        order.ship({1: Decimal(1)})
    for shipment in (1, 2, 3):
        order.take_back(shipment)
        note = order.papers[-1]
        assert str(note.total) == str(order.papers[shipment - 1].total)
    assert order.billed == 0
    order.ship({1: Decimal(3)})
    assert order.billed == order.totals.total
