"""What of an order is to be billed, and what was billed and no longer may be: pure functions of its quantities, its
terms and its documents."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from portal.domain.quantities import ZERO
from portal.domain.standing import Hold, OrderedLine, Slot, Standing

__all__ = ["BASIS", "Due", "Over", "Standing", "due", "over", "stopped_by"]

# How early the terms bill: the law that no more is billed than is billable follows it.
BASIS = {
    "on_order": "ordered",
    "on_shipment": "shipped",
    "consolidated": "shipped",
    "on_delivery": "delivered",
}

Due = dict[Slot, dict[int, Decimal]]


def due(standing: Standing, *, asked: bool = False, until: date | None = None) -> Due:
    """What the terms make due, by slot and line id. What is gathered until a day waits for it, unless it is `asked`
    for now; then only what left `until` that day."""
    order = standing.order
    terms = order.account.invoice_terms
    if order.billed_elsewhere or not _is_time(standing, asked=asked):
        return {}
    invoiced, waived = standing.invoiced, standing.waived()
    shipments = [one.id for one in standing.shipments.values() if until is None or one.shipped_on <= until]
    found: Due = {}
    for line in order.lines:
        if any(hold.reason == "finance" and hold.stops(line.line) for hold in order.holds or ()):
            continue
        billed = {
            slot: invoiced.get((line.id, slot), ZERO) + waived.get((line.id, slot), ZERO)
            for slot in (None, *standing.shipments)
        }
        for slot, quantity in _due_of(standing, line, terms, billed).items():
            found.setdefault(slot, {})[line.id] = quantity
    return {slot: found[slot] for slot in (None, *sorted(shipments)) if slot in found}


def _is_time(standing: Standing, *, asked: bool) -> bool:
    account = standing.order.account
    if account.invoice_terms == "on_order":
        return standing.order.state in ("open", "closed")
    if account.invoice_terms != "consolidated" or asked:
        return True
    return account.consolidation == "completion" and not standing.has_open_goods


def _due_of(
    standing: Standing, line: OrderedLine, terms: str, billed: Mapping[Slot, Decimal]
) -> dict[Slot, Decimal]:
    left = standing.away(line.id)
    if terms == "on_order":
        # What a hold stops is not billed before it may leave.
        is_held = any(hold.stops(line.line) for hold in standing.order.holds or ())
        most = sum(left.values(), ZERO) if is_held else standing.alive(line.id)
        whole = sum(billed.values(), ZERO)
        return {None: most - whole} if most > whole else {}
    there = standing.there(line.id, "delivered") if terms == "on_delivery" else left
    free = {slot: there[slot] - billed.get(slot, ZERO) for slot in sorted(there, key=lambda slot: slot or 0)}
    free = {slot: quantity for slot, quantity in free.items() if quantity > 0}
    # What was paid before it left covers the goods that leave first.
    covered = billed[None]
    found: dict[Slot, Decimal] = {}
    for slot, quantity in free.items():
        less = min(covered, quantity)
        covered -= less
        if quantity > less:
            found[slot] = quantity - less
    return found


# How much of which position of which invoice (by id).
Over = dict[int, dict[int, Decimal]]


def over(standing: Standing) -> Over:
    """What is billed and no longer may be: its shipment was cancelled, it came back, or it never leaves.

    What came back was paid, as long as anything is: it does not count as what was waived before. The newest invoice is
    corrected first.
    """
    invoiced = defaultdict(Decimal, standing.invoiced)
    waived = defaultdict(Decimal, standing.noted)
    slots: dict[int, set[Slot]] = defaultdict(set)
    for line_id, slot in (*invoiced, *waived):
        slots[line_id].add(slot)
    found: Over = {}
    for line in standing.order.lines:
        # What was billed before it left comes last: it may be as much as the shipments leave.
        for slot in sorted(slots.get(line.id, ()), key=lambda slot: (slot is None, slot or 0)):
            key = (line.id, slot)
            there = max(standing.capacity(line.id, slot, invoiced, waived), ZERO)
            more = min(invoiced[key] + waived[key] - there, invoiced[key])
            if more > 0:
                _take(standing, line.id, slot, more, found)
                invoiced[key] -= more
            waived[key] = min(waived[key], there - invoiced[key])
    return found


def _take(standing: Standing, line_id: int, slot: Slot, quantity: Decimal, into: Over) -> None:
    for invoice in reversed(standing.invoices):
        left = standing.left_of(invoice)
        for line in invoice.lines:
            if line.line_id == line_id and line.shipment_id == slot and quantity > 0:
                part = min(left[line.position], quantity)
                if part > 0:
                    into.setdefault(invoice.id, {})[line.position] = part
                    quantity -= part


def stopped_by(standing: Standing) -> list[Hold]:
    """The holds that keep anything from being billed."""
    order = standing.order
    is_prepaid = order.account.invoice_terms == "on_order" and standing.has_open_goods
    return [hold for hold in order.holds or () if hold.reason == "finance" or is_prepaid]
