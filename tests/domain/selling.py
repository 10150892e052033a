"""An order that is shipped, returned, billed and credited in any way, without a database: what the laws of billing are
tried on."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from portal.domain import issuing, money
from portal.domain.billing import due, over
from portal.domain.drawing_up import Drawn, amount_note, because, counted, credit_note, invoice, invoices
from portal.domain.invoices import Address, Document
from portal.domain.standing import (
    Billed,
    Billing,
    Buyer,
    Destination,
    Goods,
    Hold,
    OrderedLine,
    Shipped,
    Standing,
)

TODAY = date(2026, 11, 22)
ZERO = Decimal(0)
LEEDS = Address(lines=["1 Dock Road"], city="Leeds", country="GB")
# A rate may be nothing, and two categories may share one.
RATES = (
    {"standard": 20, "reduced": 5, "zero": 0},
    {"standard": 19, "reduced": 7, "zero": 0},
    {"standard": 20, "reduced": 20, "zero": 0},
    {"standard": 0, "reduced": 0, "zero": 0},
    {"standard": "25.5", "reduced": "13.5", "zero": 0},
)


@dataclass
class Sale:
    """One order and what became of it; each verb settles it as its terms say."""

    currency: str
    lines: list[OrderedLine]
    discount: Decimal
    freight: Decimal
    policy: str = "pro_rata"
    terms: str = "on_shipment"
    consolidation: str | None = None
    goods: list[Goods] = field(default_factory=list)
    shipments: list[Shipped] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    documents: list[Billed] = field(default_factory=list)
    papers: list[Document] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.goods = [
            Goods(line.id, "allocated", "allocated", None, None, None, line.quantity) for line in self.lines
        ]

    @property
    def totals(self) -> money.Totals:
        return money.totals([line.priced for line in self.lines], self.discount, self.freight, self.currency)

    def standing(self) -> Standing:
        totals = self.totals
        buyer = Buyer(
            "NORTH", "North", self.terms, 30, "standard", "portal", "en", consolidation=self.consolidation
        )
        is_open = any(goods.stage == "allocated" for goods in self.goods)
        return Standing(
            Billing(
                1, "SO-1", "open" if is_open else "closed", self.currency, datetime(2026, 11, 1, tzinfo=UTC),
                totals.goods, self.discount, self.freight, totals.tax, totals.total, self.policy, False,
                "as_available", buyer, Destination("Leeds", LEEDS), self.lines, self.goods,
                shipments=self.shipments, holds=self.holds, documents=list(self.documents),
            )
        )  # fmt: skip

    # Moving goods.

    def ship(self, parts: dict[int, Decimal], freight: Decimal | None = None) -> int:
        """By line id. Answers the shipment."""
        number = len(self.shipments) + 1
        lines = [(line, quantity) for line, quantity in parts.items() if quantity]
        self.shipments.append(
            Shipped(number, f"SH-{number}", "shipped", "parcel", TODAY, freight=freight, lines=lines)
        )
        for line, quantity in lines:
            self._move(line, quantity, "allocated", None, "shipped", number)
        self.settle()
        return number

    def deliver(self, shipment: int, parts: dict[int, Decimal]) -> None:
        for line, quantity in parts.items():
            self._move(line, quantity, "shipped", shipment, "delivered", shipment)
        self.settle()

    def bring_back(self, shipment: int, parts: dict[int, Decimal]) -> None:
        """A return is received: what was delivered first."""
        for line, quantity in parts.items():
            arrived = min(self.there(line, "delivered", shipment), quantity)
            self._move(line, arrived, "delivered", shipment, "returned", shipment)
            self._move(line, quantity - arrived, "shipped", shipment, "returned", shipment)
        self.settle()

    def take_back(self, shipment: int) -> None:
        """The shipment is cancelled: nothing of it was delivered."""
        for line in self.lines:
            self._move(
                line.id, self.there(line.id, "shipped", shipment), "shipped", shipment, "allocated", None
            )
        at = next(place for place, one in enumerate(self.shipments) if one.id == shipment)
        self.shipments[at] = msgspec.structs.replace(self.shipments[at], state="cancelled")
        self.settle()

    def cancel(self, parts: dict[int, Decimal]) -> None:
        for line, quantity in parts.items():
            self._move(line, quantity, "allocated", None, "cancelled", None)
        self.settle()

    def add_line(self, line: OrderedLine) -> None:
        self.lines.append(line)
        self.goods.append(Goods(line.id, "allocated", "allocated", None, None, None, line.quantity))
        self.settle()

    def there(self, line: int, stage: str, shipment: int | None = None) -> Decimal:
        return sum(
            (
                g.quantity
                for g in self.goods
                if (g.line_id, g.stage, g.shipment_id) == (line, stage, shipment)
            ),
            ZERO,
        )

    def _move(
        self, line: int, quantity: Decimal, stage: str, shipment: int | None, to: str, onto: int | None
    ) -> None:
        if not quantity:
            return
        sums: dict[tuple[int, str, int | None], Decimal] = {}
        for goods in self.goods:
            key = (goods.line_id, goods.stage, goods.shipment_id)
            sums[key] = sums.get(key, ZERO) + goods.quantity
        assert sums.get((line, stage, shipment), ZERO) >= quantity
        sums[line, stage, shipment] -= quantity
        sums[line, to, onto] = sums.get((line, to, onto), ZERO) + quantity
        self.goods = [
            Goods(line, stage, stage, shipment, None, None, quantity)
            for (line, stage, shipment), quantity in sums.items()
            if quantity
        ]

    # Billing.

    def settle(self, *, asked: bool = False) -> None:
        standing = self.standing()
        for invoice_id, parts in over(standing).items():
            billed = next(one for one in standing.invoices if one.id == invoice_id)
            drawn = credit_note(standing, billed, parts, because(standing, billed, parts), TODAY)
            self._issue(standing, drawn)
        for positions in invoices(standing, due(standing, asked=asked)):
            self._issue(standing, invoice(standing, positions, TODAY))

    def credit(self, number: int, parts: dict[int, Decimal], *, waives: bool = True) -> Drawn:
        """By position of the invoice with this id."""
        standing = self.standing()
        billed = next(one for one in standing.invoices if one.id == number)
        return self._issue(standing, credit_note(standing, billed, parts, "short", TODAY, waives=waives))

    def credit_amount(self, number: int, amount: Decimal) -> Drawn:
        standing = self.standing()
        billed = next(one for one in standing.invoices if one.id == number)
        return self._issue(standing, amount_note(standing, billed, amount, "late", TODAY))

    def _issue(self, standing: Standing, drawn: Drawn) -> Drawn:
        number = len(self.documents) + 1
        self.papers.append(
            msgspec.structs.replace(issuing.document(standing, drawn), number=f"{drawn.kind}-{number}")
        )
        self.drawn.append(drawn)
        self.documents.append(drawn.as_issued(number, str(number)))
        standing.add(self.documents[-1])
        return drawn

    # What it came to.

    @property
    def billed(self) -> Decimal:
        return sum((one.total if one.kind == "invoice" else -one.total for one in self.documents), ZERO)

    def base_of(self, category: str) -> Decimal:
        """The category's base over all documents, credit notes off."""
        return sum(
            (
                tax.base if one.kind == "invoice" else -tax.base
                for one in self.documents
                for tax in one.taxes
                if tax.category == category
            ),
            ZERO,
        )

    def counted(self) -> tuple[Decimal, Decimal]:
        return counted(self.standing())


def ordered(
    number: int, quantity: str | int | Decimal, price: str | Decimal, category: str = "standard",
    rate: str | int | Decimal = 20, pool: int = 0,
) -> OrderedLine:  # fmt: skip
    return OrderedLine(
        number, number, f"SKU-{number}", f"Thing {number}", "C62", Decimal(quantity), Decimal(price), category,
        Decimal(rate), pool,
    )  # fmt: skip


def sale(
    *lines: OrderedLine, currency: str = "GBP", discount: str = "0", freight: str = "0", **more: Any
) -> Sale:
    return Sale(currency, list(lines), Decimal(discount), Decimal(freight), **more)


@st.composite
def sales(draw: st.DrawFn, **more: Any) -> Sale:
    """Any order: prices of up to six decimals, some without one, several rates, any currency."""
    currency = draw(st.sampled_from(("GBP", "EUR", "JPY", "KWD")))
    rates = draw(st.sampled_from(RATES))
    lines = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        category = draw(st.sampled_from(sorted(rates)))
        places = draw(st.sampled_from((0, 2, 3, 6)))
        price = Decimal(draw(st.integers(0, 20_000))).scaleb(-places)
        quantity = Decimal(draw(st.integers(1, 40))) / draw(st.sampled_from((1, 1, 1, 4)))
        lines.append(ordered(number, quantity, price, category, Decimal(str(rates[category]))))
    step = Decimal(1).scaleb(-money.digits(currency))
    goods = sum((money.net(line.priced, currency) for line in lines), ZERO)
    most = int(goods / step)
    discount = draw(st.integers(0, most)) * step if draw(st.booleans()) else ZERO
    freight = draw(st.integers(0, 5000)) * step if draw(st.booleans()) else ZERO
    if not more.get("policy"):
        more["policy"] = draw(st.sampled_from(("pro_rata", "pro_rata", "first", "actual")))
    return Sale(currency, lines, discount, freight, **more)


def some(draw: st.DrawFn, of: dict[int, Decimal]) -> dict[int, Decimal]:
    """A part of these quantities, not nothing."""
    found = {}
    for key, most in of.items():
        if most and draw(st.booleans()):
            quarters = int(most * 4) if most != most.to_integral_value() else int(most)
            per = 4 if most != most.to_integral_value() else 1
            found[key] = Decimal(draw(st.integers(1, quarters))) / per
    if not found:
        key, most = next((key, most) for key, most in of.items() if most)
        found[key] = most
    return found
