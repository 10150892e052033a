"""An order as billing sees it: its goods, its terms, its documents, and what stands billed of it.

What is billed is known by line and *slot*: the shipment that the goods left on, or none where they are paid before they
leave. Net of credit notes, and apart from it what was *waived*: credited although the goods stay, and not to be billed
again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

import msgspec

from portal.domain.invoices import Address, Seller
from portal.domain.money import Priced, Share, net, spread
from portal.domain.portions import AWAY, OPEN
from portal.domain.proration import Agreed, Sums
from portal.domain.quantities import ZERO

# The shipment, or nothing where goods are billed before they leave.
Slot = int | None
GONE = ("cancelled", "returned")
# A quantity by line id and slot.
Slots = Mapping[tuple[int, Slot], Decimal]


class BilledLine(msgspec.Struct, frozen=True):
    """A line of an invoice or credit note. `line_id` is the order line's."""

    position: int
    line_id: int
    quantity: Decimal
    net: Decimal
    shipment_id: int | None = None
    corrects_position: int | None = None
    waives: bool = False


class BilledTax(msgspec.Struct, frozen=True):
    category: str
    discount: Decimal
    freight: Decimal
    base: Decimal
    amount: Decimal


class Billed(msgspec.Struct, frozen=True):
    """An invoice or a credit note as it was issued."""

    id: int
    number: str
    kind: str
    basis: str
    nth: int
    issued_on: date
    total: Decimal
    corrects: int | None = None
    lines: Sequence[BilledLine] = ()
    taxes: Sequence[BilledTax] = ()

    @property
    def sums(self) -> Sums:
        shares = {tax.category: Share(tax.discount, tax.freight, tax.base) for tax in self.taxes}
        return Sums(shares, self.total)


class OrderedLine(msgspec.Struct, frozen=True):
    id: int
    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    category: str
    rate: Decimal
    pool: int
    need_by: date | None = None
    buyer_sku: str | None = None
    # As the database has it.
    invoiced: Decimal = ZERO
    waived: Decimal = ZERO

    @property
    def priced(self) -> Priced:
        return Priced(self.quantity, self.unit_price, self.category, self.rate, self.pool)


class Goods(msgspec.Struct, frozen=True, array_like=True):
    """A quantity of a line that shares one fate."""

    line_id: int
    stage: str
    status: str
    shipment_id: int | None
    ships_on: date | None
    arrives_on: date | None
    quantity: Decimal


class Shipped(msgspec.Struct, frozen=True):
    id: int
    number: str
    state: str
    mode: str
    shipped_on: date
    delivered_on: date | None = None
    carrier: str | None = None
    freight: Decimal | None = None
    tracking: Sequence[str] | None = None
    # (line id, quantity) of what left on it.
    lines: Sequence[tuple[int, Decimal]] | None = None


class Hold(msgspec.Struct, frozen=True):
    reason: str
    lines: Sequence[int] | None = None

    def stops(self, line: int) -> bool:
        return self.lines is None or line in self.lines


class BillTo(msgspec.Struct, frozen=True):
    """Where bills go, where that is not where the goods go."""

    lines: Sequence[str]
    city: str
    country: str
    name: str | None = None
    postal_code: str | None = None
    region: str | None = None


class Buyer(msgspec.Struct, frozen=True):
    """The account as its invoices show it, and the terms that it has now."""

    number: str
    name: str
    invoice_terms: str
    payment_terms_days: int
    tax_status: str
    credit_source: str
    language: str
    consolidation: str | None = None
    legal_name: str | None = None
    tax_id: str | None = None
    registration: str | None = None
    billing_address: BillTo | None = None
    electronic_address: str | None = None
    buyer_reference: str | None = None
    contract_number: str | None = None


class Destination(msgspec.Struct, frozen=True):
    name: str
    address: Address


class Supplier(msgspec.Struct, frozen=True):
    time_zone: str
    country: str
    facts: Seller


class Billing(msgspec.Struct):
    """An order as billing sees it, read under the lock of its row. `documents` are in the order of their issue."""

    id: int
    number: str
    state: str
    currency: str
    placed_at: datetime
    goods: Decimal
    discount: Decimal
    freight: Decimal
    tax: Decimal
    total: Decimal
    freight_policy: str
    billed_elsewhere: bool
    delivery_preference: str
    account: Buyer
    ship_to: Destination
    lines: list[OrderedLine]
    portions: list[Goods]
    supplier: Supplier | None = None
    purchase_order_number: str | None = None
    cost_centre: str | None = None
    shipments: list[Shipped] | None = None
    holds: list[Hold] | None = None
    documents: list[Billed] | None = None


class Standing:
    """What stands billed of an order, slot by slot, and what its goods allow. Documents may be added while it is
    settled."""

    def __init__(self, order: Billing) -> None:
        self.order = order
        self.lines = {line.id: line for line in order.lines}
        self.shipments = {shipment.id: shipment for shipment in order.shipments or ()}
        self.documents: list[Billed] = []
        self._left: dict[int, dict[int, Decimal]] = {}
        self._notes: dict[int, list[Billed]] = defaultdict(list)
        self._invoiced: dict[tuple[int, Slot], Decimal] = defaultdict(Decimal)
        self._noted: dict[tuple[int, Slot], Decimal] = defaultdict(Decimal)
        for document in order.documents or ():
            self.add(document)

    def add(self, document: Billed) -> None:
        self.documents.append(document)
        if document.corrects is None:
            self._left[document.id] = {line.position: line.quantity for line in document.lines}
            for line in document.lines:
                self._invoiced[line.line_id, line.shipment_id] += line.quantity
            return
        self._notes[document.corrects].append(document)
        for line in document.lines:
            self._invoiced[line.line_id, line.shipment_id] -= line.quantity
            if line.corrects_position is not None:
                self._left[document.corrects][line.corrects_position] -= line.quantity
            if line.waives:
                self._noted[line.line_id, line.shipment_id] += line.quantity

    # What was agreed and what became of it.

    @cached_property
    def at(self) -> dict[int, int]:
        """The place of each line in the order, by id."""
        return {line.id: place for place, line in enumerate(self.order.lines)}

    @cached_property
    def agreed(self) -> Agreed:
        order = self.order
        lines = [line.priced for line in order.lines]
        carried = self._carried() if order.freight_policy == "actual" else {}
        return Agreed(order.currency, order.discount, order.freight, order.freight_policy, lines, carried)

    def _carried(self) -> dict[int, dict[str, Decimal]]:
        """The freight of each shipment, over the tax categories of what left on it."""
        found = {}
        for shipment in self.shipments.values():
            nets: dict[str, Decimal] = {}
            for line_id, quantity in shipment.lines or ():
                line = self.lines[line_id]
                part = Priced(quantity, line.unit_price, line.category, line.rate)
                nets[line.category] = nets.get(line.category, ZERO) + net(part, self.order.currency)
            if shipment.freight and nets:
                found[shipment.id] = spread(shipment.freight, nets, self.order.currency)
        return found

    @cached_property
    def _goods(self) -> dict[int, list[Goods]]:
        found: dict[int, list[Goods]] = defaultdict(list)
        for goods in self.order.portions:
            found[goods.line_id].append(goods)
        return found

    def there(self, line_id: int, *stages: str) -> dict[Slot, Decimal]:
        """How much of a line is in these stages, by shipment."""
        found: dict[Slot, Decimal] = defaultdict(Decimal)
        for goods in self._goods.get(line_id, ()):
            if goods.stage in stages:
                found[goods.shipment_id] += goods.quantity
        return found

    def away(self, line_id: int) -> dict[Slot, Decimal]:
        """What is with the buyer, or on the way there, by shipment."""
        return self.there(line_id, *AWAY)

    def alive(self, line_id: int) -> Decimal:
        """What was ordered and neither was cancelled nor came back."""
        return self.lines[line_id].quantity - sum(self.there(line_id, *GONE).values(), ZERO)

    @property
    def has_open_goods(self) -> bool:
        return any(goods.stage in OPEN for goods in self.order.portions)

    # What is billed.

    @property
    def invoiced(self) -> Slots:
        """Net of credit notes."""
        return self._invoiced

    @property
    def noted(self) -> Slots:
        """What was ever credited although the goods stayed."""
        return self._noted

    def waived(self) -> dict[tuple[int, Slot], Decimal]:
        """The same, as far as the goods still stay."""
        found = dict(self._noted)
        for (line_id, slot), quantity in sorted(found.items(), key=lambda entry: entry[0][1] is None):
            room = self.capacity(line_id, slot, self._invoiced, found)
            room -= self._invoiced.get((line_id, slot), ZERO)
            found[line_id, slot] = min(quantity, max(room, ZERO))
        return found

    def capacity(self, line_id: int, slot: Slot, invoiced: Slots, waived: Slots) -> Decimal:
        """How much may stand billed in the slot: what left on the shipment; else what no shipment has billed."""
        if slot is not None:
            return self.away(line_id).get(slot, ZERO)
        elsewhere = sum(
            (
                sums.get((line_id, shipment), ZERO)
                for sums in (invoiced, waived)
                for shipment in self.shipments
            ),
            ZERO,
        )
        return self.alive(line_id) - elsewhere

    @property
    def invoices(self) -> list[Billed]:
        return [document for document in self.documents if document.kind == "invoice"]

    def notes_of(self, invoice: Billed) -> Sequence[Billed]:
        return self._notes.get(invoice.id, ())

    def left_of(self, invoice: Billed) -> Mapping[int, Decimal]:
        """What is not credited yet of each position of an invoice."""
        return self._left[invoice.id]

    def sums_left_of(self, invoice: Billed) -> Sums:
        """What is left of an invoice's amounts, whatever they were credited for."""
        left = invoice.sums
        for note in self.notes_of(invoice):
            left = left.minus(note.sums)
        return left

    def billed(self) -> Sums:
        """What stands billed for goods. An invoice of which no goods are left counts for nothing, also where an amount
        of it had been credited before."""
        found = Sums({}, ZERO)
        for invoice in self.invoices:
            if any(self.left_of(invoice).values()):
                if self._may_lack(invoice):
                    return self.worth(self._invoiced)
                found = found.plus(self.billed_for_goods(invoice))
        return found

    def worth(self, stands: Slots) -> Sums:
        """What so much of the order comes to, whatever its documents say."""
        gone = frozenset(slot for (_, slot), quantity in stands.items() if slot is not None and quantity)
        shares = self.agreed.target(self.by_line(stands), gone)
        return Sums(shares, self.agreed.gross(shares))

    def has_amounts(self, invoice: Billed) -> bool:
        """Whether an amount of the invoice was credited that no goods stand for."""
        return any(note.basis == "amount" for note in self.notes_of(invoice))

    def _may_lack(self, invoice: Billed) -> bool:
        """Whether goods were credited after an amount was: perhaps with less than they were billed for, because no more
        was left. What the invoice seems to bill then is no measure of what other goods were billed for."""
        bases = [note.basis for note in self.notes_of(invoice)]
        return "amount" in bases and "quantities" in bases[bases.index("amount") :]

    def billed_for_goods(self, invoice: Billed) -> Sums:
        """An invoice less its credits for goods: not those of amounts."""
        found = invoice.sums
        for note in self.notes_of(invoice):
            if note.basis == "quantities":
                found = found.minus(note.sums)
        return found

    def total_billed(self) -> Decimal:
        """Of all documents, net of credit notes of every kind."""
        return sum((one.total if one.kind == "invoice" else -one.total for one in self.documents), ZERO)

    def by_line(self, slots: Slots) -> list[Decimal]:
        """Quantities of all slots, in the order of the lines."""
        found = [ZERO] * len(self.order.lines)
        for (line_id, _), quantity in slots.items():
            found[self.at[line_id]] += quantity
        return found
