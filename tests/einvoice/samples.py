"""Documents to write as XML: made of lines and rates, with all that EN 16931 lets an invoice say."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal import letterhead
from portal.domain import money, vat
from portal.domain.invoices import (
    Address,
    Adjustment,
    Despatch,
    Document,
    Line,
    Ordered,
    Party,
    Seller,
    Tax,
    ToFollow,
)

ISSUED = date(2026, 11, 19)
BUYERS = Party(
    name="Nordwind",
    legal_name="Nordwind Anlagenbau GmbH",
    address=Address(lines=["Am Sandtorkai 37"], city="Hamburg", postal_code="20457", country="DE"),
    vat_id="DE136695976",
    registration="HRB 12345",
    contact="Kreditorenbuchhaltung",
    email="rechnung@nordwind.example",
    phone="+49 40 5550100",
    electronic_address="9930:DE136695976",
)
THERE = Party(
    name="Nordwind, Lager 2",
    address=Address(
        lines=["Tor 4", "Halle B", "Rampe 7", "links"], city="Leeds", postal_code="LS9 0PX", country="GB"
    ),
)


def _demo(name: str, default: str) -> str:
    return letterhead.DEMO.get(name, default)


OURS = letterhead.party(_demo, "Harrow & Pike", "GB")
OUR_BANK = letterhead.bank(_demo, OURS.legal_name or OURS.name)
HAMBURGS = Party(
    name="Seilerei Nord",
    legal_name="Seilerei Nord GmbH",
    address=Address(lines=["Am Kai 4"], city="Hamburg", postal_code="20457", country="DE"),
    vat_id="DE136695976",
    registration="HRB 4711",
    contact="Buchhaltung",
    email="buch@seilerei.example",
    phone="+49 40 5550199",
    electronic_address="9930:DE136695976",
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """A billed line before it has amounts."""

    sku: str = "BOLT-M8"
    name: str = "Hexagon bolt M8 × 40, zinc plated"
    unit: str = "C62"
    quantity: str = "370"
    ordered: str = "600"
    before: str = "0"
    price: str = "0.12"
    per: str = "1"
    category: str = "standard"
    rate: str = "20"
    shipment: str | None = "SH-2026-000031"
    buyer_sku: str | None = None
    gtin: str | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a document is made of. Discount and freight are those of this document, all of it on its first rate."""

    items: Sequence[Item] = (Item(),)
    currency: str = "GBP"
    status: str = "standard"
    seller: Party = OURS
    buyer: Party = BUYERS
    deliver_to: Party = THERE
    kind: str = "invoice"
    discount: str = "0"
    freight: str = "0"
    rounding: str = "0"
    shipments: Sequence[Despatch] = (
        Despatch(
            number="SH-2026-000031", shipped_on=date(2026, 11, 18), carrier="Parcel Co", tracking=["1Z 999"]
        ),
    )
    extra: dict[str, Any] = field(default_factory=dict)

    def but(self, **changes: Any) -> "Case":
        return replace(self, **changes)

    def document(self) -> Document:
        lines = [self._line(n, item) for n, item in enumerate(self.items, 1)]
        discount, freight = Decimal(self.discount), Decimal(self.freight)
        first = (lines[0].tax_code, lines[0].tax_rate)
        taxes = [
            self._tax(key, lines, freight - discount if key == first else Decimal(0)) for key in _rates(lines)
        ]
        net = sum((tax.base for tax in taxes), Decimal(0))
        tax = sum((tax.amount for tax in taxes), Decimal(0))
        total = net + tax + Decimal(self.rounding)
        said: dict[str, Any] = {
            "number": "CN-2026-000001" if self.kind == "credit_note" else "INV-2026-000009",
            "kind": self.kind,
            "account": "NORDWIND",
            "currency": self.currency,
            "issued_on": ISSUED,
            "due_on": None if self.kind == "credit_note" else date(2027, 1, 18),
            "payment_terms_days": 60,
            "terms": "on_shipment",
            "nth": 2,
            "seller": Seller(party=self.seller, bank=OUR_BANK, base_url="https://orders.example"),
            "buyer": self.buyer,
            "deliver_to": self.deliver_to,
            "order": order(total, self.currency),
            "lines": lines,
            "taxes": taxes,
            "lines_net": sum((line.net for line in lines), Decimal(0)),
            "net": net,
            "tax": tax,
            "rounding": Decimal(self.rounding),
            "total": total,
            "allowances": self._adjustment("discount", discount, first),
            "charges": self._adjustment("freight", freight, first),
            "shipments": self.shipments,
            "to_follow": [
                ToFollow(
                    line=1,
                    sku="BOLT-M8",
                    name="Hexagon bolt",
                    unit="C62",
                    quantity=Decimal(230),
                    status="awaiting_supplier",
                    arrives_on=date(2026, 12, 11),
                )
            ],
        }
        return Document(**{**said, **self.extra})

    def _line(self, position: int, item: Item) -> Line:
        quantity, price, per = Decimal(item.quantity), Decimal(item.price), Decimal(item.per)
        rate = Decimal(item.rate) if self.status == "standard" else Decimal(0)
        return Line(
            position=position,
            line=position,
            sku=item.sku,
            name=item.name,
            unit=item.unit,
            quantity=quantity,
            ordered=Decimal(item.ordered),
            shipped=quantity + Decimal(item.before),
            previously_invoiced=Decimal(item.before),
            outstanding=Decimal(item.ordered) - quantity - Decimal(item.before),
            unit_price=price,
            price_per=per,
            net=money.rounded(price * quantity / per, self.currency),
            category=item.category,
            tax_code=vat.code(
                self.status,
                item.category,
                rate,
                self.seller.address.country,
                self.deliver_to.address.country,
                registered=self.seller.vat_id is not None,
            ),
            tax_rate=rate,
            buyer_sku=item.buyer_sku,
            gtin=item.gtin,
            shipment=item.shipment,
        )

    def _tax(self, key: tuple[str, Decimal], lines: Sequence[Line], more: Decimal) -> Tax:
        code, rate = key
        base = sum((line.net for line in lines if (line.tax_code, line.tax_rate) == key), more)
        words, vatex = vat.exemption(code, self.seller.address.country)
        amount = money.rounded(base * rate / 100, self.currency)
        return Tax(code=code, rate=rate, base=base, amount=amount, reason=words, reason_code=vatex)

    def _adjustment(self, reason: Any, amount: Decimal, key: tuple[str, Decimal]) -> list[Adjustment]:
        code, rate = key
        return [Adjustment(amount=amount, reason=reason, tax_code=code, tax_rate=rate)] if amount else []


def _rates(lines: Sequence[Line]) -> list[tuple[str, Decimal]]:
    return list(dict.fromkeys((line.tax_code, line.tax_rate) for line in lines))


def order(total: Decimal, currency: str) -> Ordered:
    nothing = Decimal(0)
    return Ordered(
        number="SO-2026-000017",
        placed_on=date(2026, 11, 2),
        purchase_order_number="4500012345",
        cost_centre="CC-77",
        goods=total,
        discount=nothing,
        freight=nothing,
        tax=nothing,
        total=total,
        billed_before=nothing,
        billed_after=total,
        to_bill=nothing,
    )
