"""Documents drawn up from what stands billed of an order: which lines, what they come to, what is billed with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.billing import Due
from portal.domain.invoices import Kind
from portal.domain.proration import Bill, Item, bill, credit, credit_amount, credit_the_rest
from portal.domain.quantities import ZERO
from portal.domain.standing import Billed, BilledLine, BilledTax, Slot, Slots, Standing

Period = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Position:
    """A line of the document: a quantity of an order line, and the shipment that it left on. `corrects` is the position
    of the invoice that a credit note takes back."""

    line_id: int
    slot: Slot
    quantity: Decimal
    net: Decimal
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A document that is drawn up: everything but its number.

    `stands` is what stands billed of the order with it. `billed_before` is what its documents came to without it, and
    `to_bill` what they may still come to besides. A credit note `waives` what is not to be billed again.
    """

    kind: Kind
    issued_on: date
    nth: int
    positions: Sequence[Position]
    bill: Bill
    stands: Slots
    billed_before: Decimal
    to_bill: Decimal
    reason: str | None = None
    corrects: Billed | None = None
    period: Period | None = None
    waives: bool = False

    @property
    def basis(self) -> str:
        return "quantities" if self.positions else "amount"

    def as_issued(self, id_: int, number: str) -> Billed:
        """As it stands among the order's documents from now on."""
        lines = [
            BilledLine(nth, one.line_id, one.quantity, one.net, one.slot, one.corrects, self.waives)
            for nth, one in enumerate(self.positions, 1)
        ]
        taxes = [
            BilledTax(part.category, part.discount, part.freight, part.base, part.amount)
            for part in self.bill.parts
        ]
        return Billed(
            id_,
            number,
            self.kind,
            self.basis,
            self.nth,
            self.issued_on,
            self.bill.total,
            self.corrects.id if self.corrects else None,
            lines,
            taxes,
        )


def invoices(standing: Standing, wanted: Due) -> Iterator[list[Position]]:
    """What goes on which invoice: one for each shipment, one over all of them where the terms gather. Lines stand in
    the order's order, and each in the order in which its goods left."""
    gathers = standing.order.account.invoice_terms == "consolidated"
    groups = [wanted] if gathers else [{slot: lines} for slot, lines in wanted.items()]
    for group in groups:
        found = [
            (
                standing.at[line_id],
                slot or 0,
                Position(line_id, slot, quantity, _net(standing, line_id, quantity)),
            )
            for slot, lines in group.items()
            for line_id, quantity in lines.items()
        ]
        if found:
            yield [position for _, _, position in sorted(found, key=lambda entry: entry[:2])]


def invoice(
    standing: Standing, positions: Sequence[Position], day: date, period: Period | None = None
) -> Drawn:
    """The invoice over these positions. `period` is what it gathers, where its terms say so."""
    stands = dict(standing.invoiced)
    for position in positions:
        key = (position.line_id, position.slot)
        stands[key] = stands.get(key, ZERO) + position.quantity
    billed = standing.billed()
    items = _items(standing, positions)
    drawn = bill(standing.agreed, billed, standing.by_line(stands), _shipments(stands), items)
    if standing.order.account.invoice_terms == "consolidated":
        days = [standing.shipments[one.slot].shipped_on for one in positions if one.slot is not None]
        first, last = period or (min(days), day)
        period = (min(first, *days), max(last, *days))
    else:
        period = None
    nth = len(standing.invoices) + 1
    to_bill = _to_bill(standing, stands, billed.gross + drawn.total)
    return Drawn(
        "invoice", day, nth, positions, drawn, stands, standing.total_billed(), to_bill, period=period
    )


def credit_note(
    standing: Standing,
    invoice: Billed,
    parts: Mapping[int, Decimal],
    reason: str,
    day: date,
    *,
    waives: bool = False,
) -> Drawn:
    """The credit note over so much of these positions of an invoice."""
    stands = dict(standing.invoiced)
    positions = []
    for line in invoice.lines:
        quantity = parts.get(line.position)
        if quantity:
            net = _net(standing, line.line_id, quantity)
            positions.append(Position(line.line_id, line.shipment_id, quantity, net, line.position))
            stands[line.line_id, line.shipment_id] -= quantity
    items, left = _items(standing, positions), standing.sums_left_of(invoice)
    billed = standing.billed()
    if all(parts.get(position, ZERO) == there for position, there in standing.left_of(invoice).items()):
        drawn = credit_the_rest(standing.agreed, items, left)
        stays = billed.gross - standing.billed_for_goods(invoice).gross
    else:
        quantities = standing.by_line(stands)
        drawn = credit(standing.agreed, billed, quantities, _shipments(stands), items, left)
        stays = billed.gross - drawn.total
    if standing.has_amounts(invoice):
        stays = standing.worth(stands).gross
    to_bill = _to_bill(standing, stands, stays, positions if waives else ())
    return Drawn(
        "credit_note",
        day,
        _nth_note(standing),
        positions,
        drawn,
        stands,
        standing.total_billed(),
        to_bill,
        reason,
        invoice,
        waives=waives,
    )


def amount_note(standing: Standing, invoice: Billed, amount: Decimal, reason: str, day: date) -> Drawn:
    """The credit note of an amount of an invoice, gross of tax: what is left of it is at least as much."""
    drawn = credit_amount(standing.agreed, amount, standing.sums_left_of(invoice))
    return Drawn(
        "credit_note",
        day,
        _nth_note(standing),
        (),
        drawn,
        standing.invoiced,
        standing.total_billed(),
        _to_bill(standing, standing.invoiced, standing.billed().gross),
        reason,
        invoice,
    )


def because(standing: Standing, invoice: Billed, parts: Mapping[int, Decimal]) -> str:
    """Why goods that were billed no longer are, in a word: `shipment_cancelled`, `returned` or `cancelled`."""
    lines = [line for line in invoice.lines if line.position in parts]
    shipments = [standing.shipments[line.shipment_id] for line in lines if line.shipment_id is not None]
    if any(shipment.state == "cancelled" for shipment in shipments):
        return "shipment_cancelled"
    if shipments or all(standing.there(line.line_id, "returned") for line in lines):
        return "returned"
    return "cancelled"


def counted(standing: Standing) -> tuple[Decimal, Decimal]:
    """What of the order counts as open and as shipped, gross of tax. What is shipped and billed counts as it was
    billed, so that nothing is left over when all is."""
    order, agreed = standing.order, standing.agreed
    waived = standing.waived()
    alive = _alive(standing)
    left = []
    for line, most in zip(order.lines, alive, strict=True):
        less = sum((waived.get((line.id, shipment), ZERO) for shipment in standing.shipments), ZERO)
        left.append(min(sum(standing.away(line.id).values(), ZERO) - less, most))
    gone = frozenset(slot for line in order.lines for slot in standing.away(line.id) if slot is not None)
    stands = standing.invoiced
    billed = agreed.gross(agreed.target(standing.by_line(stands), _shipments(stands)))
    shipped = agreed.gross(agreed.target(left, gone))
    both = agreed.gross(agreed.target(alive, gone))
    # What was billed elsewhere is owed there.
    owed = ZERO if order.billed_elsewhere else standing.total_billed() + shipped - billed
    return both - shipped, owed


def _to_bill(standing: Standing, stands: Slots, billed: Decimal, waiving: Sequence[Position] = ()) -> Decimal:
    """What may still be billed when so much stands billed, which came to `billed`. `waiving` never will be."""
    agreed, alive = standing.agreed, _alive(standing)
    for position in waiving:
        alive[standing.at[position.line_id]] -= position.quantity
    if alive == standing.by_line(stands):
        return ZERO
    there = frozenset(one.id for one in standing.shipments.values() if one.state != "cancelled")
    return max(agreed.gross(agreed.target(alive, there | _shipments(stands))) - billed, ZERO)


def _alive(standing: Standing) -> list[Decimal]:
    """Of each line, what is billed or ever may be."""
    waived = standing.by_line(standing.waived())
    return [standing.alive(line.id) - less for line, less in zip(standing.order.lines, waived, strict=True)]


def _shipments(stands: Slots) -> frozenset[int]:
    """The shipments that stand billed, at least in part."""
    return frozenset(slot for (_, slot), quantity in stands.items() if slot is not None and quantity)


def _items(standing: Standing, positions: Sequence[Position]) -> list[Item]:
    return [Item(standing.at[one.line_id], one.quantity, one.net) for one in positions]


def _net(standing: Standing, line_id: int, quantity: Decimal) -> Decimal:
    return standing.agreed.net(standing.at[line_id], quantity)


def _nth_note(standing: Standing) -> int:
    return sum(document.kind == "credit_note" for document in standing.documents) + 1
