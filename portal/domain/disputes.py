"""A buyer says that something was billed wrongly: a case with lines, what was said, and how it ended. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.domain.quantities import ZERO, NotAQuantity, check_unit, text
from portal.domain.refusals import Problem, refuse_any

REASONS = ("not_received", "damaged", "wrong_goods", "wrong_price", "other")
STATES = ("open", "credited", "rejected", "withdrawn")
# Freight, tax, an address: no line stands for it, so it is said in words.
WITHOUT_LINES = ("other",)


@dataclass(frozen=True, slots=True)
class Billed:
    """A position of an invoice, with what became of its goods. `disputed` is what stands open of it in other disputes,
    `delivered` what the carrier says has arrived."""

    position: int
    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    credited: Decimal
    disputed: Decimal
    shipment: str | None
    shipment_state: str | None
    delivered_at: datetime | None
    delivered: Decimal

    @property
    def left(self) -> Decimal:
        """As much as can still be disputed."""
        return max(self.quantity - self.credited - self.disputed, ZERO)


@dataclass(frozen=True, slots=True)
class Claimed:
    """So much of an order's line is wrong; the shipment where the invoice bills the line more than once."""

    line: int
    quantity: Decimal
    shipment: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a dispute's thread."""

    author: str
    is_suppliers: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DisputedLine:
    """What is disputed of a position of the invoice: `quantity` of the `billed`."""

    position: int
    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    billed: Decimal
    credited: Decimal
    unit_price: Decimal
    shipment: str | None
    shipment_state: str | None
    delivered_at: datetime | None
    delivered: Decimal


@dataclass(frozen=True, slots=True)
class Note:
    """A credit note that was issued for the same invoice."""

    number: str
    issued_on: date
    total: Decimal
    reason: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """The whole case. `notes` are the credit notes of its invoice that came after it was opened."""

    id: int
    number: str
    state: str
    reason: str
    version: int
    invoice: str
    invoice_total: Decimal
    invoice_due: Decimal
    due_on: date | None
    currency: str
    order: str
    order_id: int
    account: str
    account_name: str
    purchase_order_number: str | None
    opened_by: str
    # Their name, where they are somebody we know.
    opener: str
    opened_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    credit_note: str | None
    lines: Sequence[DisputedLine]
    messages: Sequence[Said]
    notes: Sequence[Note]

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def worth(self) -> Decimal:
        """What the disputed goods cost, before discount and tax, not rounded."""
        return sum((line.unit_price * line.quantity for line in self.lines), ZERO)

    @property
    def last(self) -> Said | None:
        return self.messages[-1] if self.messages else None

    def by_line(self) -> dict[int, Decimal]:
        """What is disputed, by the order's line."""
        found: dict[int, Decimal] = {}
        for line in self.lines:
            found[line.line] = found.get(line.line, ZERO) + line.quantity
        return found


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute in a list. `waits_for_us`: the buyer spoke last."""

    id: int
    number: str
    state: str
    reason: str
    invoice: str
    order: str
    account: str
    account_name: str
    currency: str
    worth: Decimal
    lines: int
    opened_by: str
    opener: str
    opened_at: datetime
    settled_at: datetime | None
    last_at: datetime
    waits_for_us: bool


def positions(billed: Sequence[Billed], claimed: Sequence[Claimed]) -> dict[int, Decimal]:
    """What is disputed, by position. A line that stands on the invoice more than once is filled from its first.

    Refused with all that is wrong: a line that was not billed, named twice, no quantity of its unit, or more than what
    is billed of it and neither credited nor disputed already.
    """
    problems: list[Problem] = []
    found: dict[int, Decimal] = {}
    met: set[tuple[int, str | None]] = set()
    for index, one in enumerate(claimed):
        where = f"/lines/{index}"
        mine = [b for b in billed if b.line == one.line and one.shipment in (None, b.shipment)]
        if not mine:
            problems.append(Problem(f"{where}/line", f"line {one.line} is not on this invoice"))
        elif (one.line, one.shipment) in met:
            problems.append(Problem(f"{where}/line", f"line {one.line} stands here twice"))
        elif wrong := _wrong(one, mine, found):
            problems.append(Problem(f"{where}/quantity", wrong))
        else:
            _fill(found, mine, one.quantity)
        met.add((one.line, one.shipment))
    refuse_any(problems)
    return found


def _wrong(one: Claimed, mine: Sequence[Billed], found: dict[int, Decimal]) -> str | None:
    if one.quantity <= 0:
        return "must be more than 0"
    try:
        check_unit(one.quantity, mine[0].unit)
    except NotAQuantity as wrong:
        return str(wrong).rstrip(".")
    left = sum((b.left - found.get(b.position, ZERO) for b in mine), ZERO)
    if one.quantity <= left:
        return None
    billed = sum((b.quantity for b in mine), ZERO)
    others = {
        "credited": sum((b.credited for b in mine), ZERO),
        "disputed already": sum((b.disputed for b in mine), ZERO),
    }
    besides = "".join(f", {text(amount)} {what}" for what, amount in others.items() if amount)
    return f"{text(left)} of line {one.line} can be disputed: {text(billed)} billed{besides}"


def _fill(found: dict[int, Decimal], mine: Sequence[Billed], quantity: Decimal) -> None:
    for one in mine:
        taken = min(quantity, one.left - found.get(one.position, ZERO))
        if taken > 0:
            found[one.position] = found.get(one.position, ZERO) + taken
            quantity -= taken
