"""An order reconciled: for it and each of its lines what was ordered, has left, was billed, credited and paid, and what
is still outstanding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from portal.domain import money
from portal.domain.quantities import ZERO

OPEN = ("waiting", "allocated", "picking", "packed")
# Which stages of a line's goods an account's terms bill.
BILLED: Mapping[str, tuple[str, ...]] = {
    "on_order": (*OPEN, "shipped", "delivered"),
    "on_shipment": ("shipped", "delivered"),
    "consolidated": ("shipped", "delivered"),
    "on_delivery": ("delivered",),
}


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of an invoice or credit note."""

    line: int
    category: str
    quantity: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Billed:
    """An invoice or credit note of the order. `gross` is what each tax category comes to, tax included."""

    number: str
    kind: Literal["invoice", "credit_note"]
    basis: Literal["quantities", "amount"]
    total: Decimal
    paid: Decimal
    corrects: str | None
    lines: Sequence[BilledLine]
    gross: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Ordered:
    """A line of the order: how much of it is at which stage, and how much stands billed."""

    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    stages: Mapping[str, Decimal]
    invoiced: Decimal = ZERO
    waived: Decimal = ZERO

    def of(self, *stages: str) -> Decimal:
        return sum((self.stages.get(stage, ZERO) for stage in stages), ZERO)

    @property
    def billable_ever(self) -> Decimal:
        """What is or may still be billed of it."""
        return self.quantity - self.of("cancelled", "returned") - self.waived


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One line. Of quantities `shipped` is all that left, `invoiced` is net of what was credited, `to_invoice` is what
    the terms let be billed now, and `outstanding` what is yet to be billed, now or later. Amounts are gross of tax: the
    line's part of each of its invoices, so that the lines add up to the order."""

    line: int
    sku: str
    name: str
    unit: str
    ordered: Decimal
    cancelled: Decimal
    shipped: Decimal
    delivered: Decimal
    returned: Decimal
    invoiced: Decimal
    credited: Decimal
    waived: Decimal
    to_invoice: Decimal
    outstanding: Decimal
    invoiced_amount: Decimal
    credited_amount: Decimal
    paid_amount: Decimal

    @property
    def due_amount(self) -> Decimal:
        return self.invoiced_amount - self.credited_amount - self.paid_amount


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """total = invoiced - credited + outstanding + never: `never` is what will not be billed any more, because it was
    cancelled, came back, or was credited. `shipped` is what left and did not come back. `due` below nothing is a
    surplus. `is_held`: a finance hold keeps something from being billed."""

    order: str
    account: str
    version: int
    currency: str
    terms: str
    total: Decimal
    shipped: Decimal
    invoiced: Decimal
    credited: Decimal
    paid: Decimal
    outstanding: Decimal
    lines: Sequence[Reconciled]
    is_held: bool = False

    @property
    def never(self) -> Decimal:
        return self.total - (self.invoiced - self.credited) - self.outstanding

    @property
    def due(self) -> Decimal:
        return self.invoiced - self.credited - self.paid


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as it stands: what `reconcile` works on. `shipped` and `still_open` are what its parts are worth that
    left and stayed with the buyer, and that are still to leave. `held` are the lines under a finance hold."""

    order: str
    account: str
    version: int
    currency: str
    terms: str
    total: Decimal
    shipped: Decimal
    still_open: Decimal
    billed_elsewhere: bool
    lines: Sequence[Ordered]
    billed: Sequence[Billed]
    held: frozenset[int] = field(default_factory=frozenset)


def reconcile(order: Standing) -> Reconciliation:
    """The figures of an order and of its lines."""
    amounts = _amounts(order.billed, order.currency)
    return Reconciliation(
        order=order.order,
        account=order.account,
        version=order.version,
        currency=order.currency,
        terms=order.terms,
        total=order.total,
        shipped=order.shipped,
        invoiced=_sum(order.billed, "invoice"),
        credited=_sum(order.billed, "credit_note"),
        paid=sum((one.paid for one in order.billed), ZERO),
        outstanding=ZERO
        if order.billed_elsewhere
        else outstanding(order.shipped + order.still_open, order.billed),
        lines=[_line(order, line, amounts.get(line.line, (ZERO, ZERO, ZERO))) for line in order.lines],
        is_held=bool(order.held),
    )


def outstanding(worth: Decimal, billed: Sequence[Billed]) -> Decimal:
    """What is yet to be billed of an order of which so much has left or is still to leave."""
    return worth - _sum(billed, "invoice") + _sum(billed, "credit_note")


def _sum(billed: Sequence[Billed], kind: str) -> Decimal:
    return sum((one.total for one in billed if one.kind == kind), ZERO)


def _line(order: Standing, line: Ordered, amounts: tuple[Decimal, Decimal, Decimal]) -> Reconciled:
    billable = line.of(*BILLED[order.terms]) - line.waived - line.invoiced
    is_billed_here = not (order.billed_elsewhere or line.line in order.held)
    ever = ZERO if order.billed_elsewhere else line.billable_ever - line.invoiced
    invoiced, credited, paid = amounts
    return Reconciled(
        line=line.line,
        sku=line.sku,
        name=line.name,
        unit=line.unit,
        ordered=line.quantity,
        cancelled=line.of("cancelled"),
        shipped=line.of("shipped", "delivered", "returned"),
        delivered=line.of("delivered", "returned"),
        returned=line.of("returned"),
        invoiced=line.invoiced,
        credited=_credited(order.billed, line.line),
        waived=line.waived,
        to_invoice=max(billable, ZERO) if is_billed_here else ZERO,
        outstanding=max(ever, ZERO),
        invoiced_amount=invoiced,
        credited_amount=credited,
        paid_amount=paid,
    )


def _credited(billed: Sequence[Billed], number: int) -> Decimal:
    notes = (one for one in billed if one.kind == "credit_note")
    return sum((line.quantity for note in notes for line in note.lines if line.line == number), ZERO)


def _amounts(billed: Sequence[Billed], currency: str) -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    """By line what was invoiced, credited and paid: each document's amounts spread over its own lines."""
    shares = {one.number: one for one in billed}
    sums: dict[int, list[Decimal]] = {}
    for one in billed:
        # A credit of an amount names no lines: it falls on those of the invoice that it corrects.
        names = one if one.lines or one.corrects is None else shares[one.corrects]
        for index, amount in ((0 if one.kind == "invoice" else 1, one.total), (2, one.paid)):
            for line, part in _spread(amount, names, currency).items():
                sums.setdefault(line, [ZERO, ZERO, ZERO])[index] += part
    return {line: (invoiced, credited, paid) for line, (invoiced, credited, paid) in sums.items()}


def _spread(amount: Decimal, over: Billed, currency: str) -> dict[int, Decimal]:
    """First over the tax categories by what they come to, then over the lines of each by their net amounts."""
    if not amount:
        return {}
    parts: dict[int, Decimal] = {}
    by_category: dict[str, dict[str, Decimal]] = {}
    for position, line in enumerate(over.lines):
        by_category.setdefault(line.category, {})[f"{position:06}"] = line.net
    gross = {category: over.gross.get(category, ZERO) for category in by_category}
    for category, share in money.spread(amount, gross, currency).items():
        for place, part in money.spread(share, by_category[category], currency).items():
            number = over.lines[int(place)].line
            parts[number] = parts.get(number, ZERO) + part
    return parts
