"""Reconciling: whatever was billed, credited and paid, the lines add up to the order."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.reconciling import Billed, BilledLine, Ordered, Standing, reconcile

CURRENCIES = st.sampled_from(["GBP", "JPY"])


def amounts(currency: str, least: int = 0) -> st.SearchStrategy[Decimal]:
    places = 0 if currency == "JPY" else 2
    return st.integers(least, 100_000).map(lambda units: Decimal(units).scaleb(-places))


@st.composite
def orders(draw: st.DrawFn) -> Standing:
    """An order of some lines, billed and credited in any way; sums need not make sense to anybody but the lines."""
    currency = draw(CURRENCIES)
    lines = [ordered(number) for number in range(1, draw(st.integers(1, 4)) + 1)]
    documents: list[Billed] = []
    for number in range(draw(st.integers(0, 5))):
        invoices = [one for one in documents if one.kind == "invoice"]
        is_note = bool(invoices) and draw(st.booleans())
        documents.append(
            Billed(
                number=str(number),
                kind="credit_note" if is_note else "invoice",
                basis="quantities",
                total=draw(amounts(currency)),
                paid=Decimal(0) if is_note else draw(amounts(currency)),
                corrects=draw(st.sampled_from(invoices)).number if is_note else None,
                lines=() if is_note and draw(st.booleans()) else billed_lines(draw, lines, currency),
                gross={name: draw(amounts(currency)) for name in ("standard", "zero")},
            )
        )
    worth = (draw(amounts(currency)), draw(amounts(currency)))
    return Standing(
        "SO", "A", 1, currency, "on_shipment", sum(worth, Decimal(0)), *worth, False, lines, documents,
    )  # fmt: skip


def ordered(number: int) -> Ordered:
    return Ordered(number, f"SKU{number}", "Part", "C62", Decimal(10), {"shipped": Decimal(10)})


def billed_lines(draw: st.DrawFn, lines: Sequence[Ordered], currency: str) -> list[BilledLine]:
    chosen = draw(st.lists(st.sampled_from(lines), min_size=1, max_size=5))
    return [
        BilledLine(
            line.line, draw(st.sampled_from(["standard", "zero"])), Decimal(1), draw(amounts(currency))
        )
        for line in chosen
    ]


@given(orders())
def test_the_lines_add_up_to_the_order(order: Standing) -> None:
    told = reconcile(order)
    for name in ("invoiced", "credited", "paid", "due"):
        lines = sum((getattr(line, f"{name}_amount") for line in told.lines), Decimal(0))
        assert lines == getattr(told, name), name
    assert told.total == told.invoiced - told.credited + told.outstanding + told.never


def one_line(terms: str, held: frozenset[int] = frozenset(), **stages: int) -> tuple[Decimal, Decimal]:
    """(what may be billed now, what is yet to be billed) of a line of ten, of which one is billed."""
    quantities = {stage: Decimal(quantity) for stage, quantity in stages.items()}
    line = Ordered(1, "SKU", "Part", "C62", Decimal(10), quantities, invoiced=Decimal(1))
    nothing = Decimal(0)
    order = Standing(
        "SO", "A", 1, "GBP", terms, nothing, nothing, nothing, False, [line], (), held,
    )  # fmt: skip
    [told] = reconcile(order).lines
    return told.to_invoice, told.outstanding


def test_what_may_be_billed_now_is_what_the_terms_say() -> None:
    goods = {"waiting": 2, "packed": 1, "shipped": 3, "delivered": 2, "returned": 1, "cancelled": 1}
    assert one_line("on_shipment", **goods) == one_line("consolidated", **goods) == (4, 7)
    assert one_line("on_delivery", **goods) == (1, 7)
    assert one_line("on_order", **goods) == (7, 7)


def test_a_finance_hold_lets_nothing_be_billed_and_all_stays_outstanding() -> None:
    assert one_line("on_shipment", frozenset({1}), shipped=10) == (0, 9)
    assert one_line("on_shipment", frozenset({2}), shipped=10) == (9, 9)


def test_what_was_billed_elsewhere_is_not_billed_here() -> None:
    line = ordered(1)
    worth = Decimal(5)
    told = reconcile(Standing("SO", "A", 1, "GBP", "on_shipment", worth, worth, worth, True, [line], ()))
    assert (told.outstanding, told.lines[0].outstanding, told.lines[0].to_invoice) == (0, 0, 0)
