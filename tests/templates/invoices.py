"""Invoices made by hand, as many lines as one wants, each amount recomputable: for papers, not for the algorithm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from portal.domain.invoices import (
    Address,
    Adjustment,
    Bank,
    Before,
    Despatch,
    Document,
    Line,
    Ordered,
    Party,
    Seller,
    Tax,
    ToFollow,
)
from portal.domain.money import rounded, spread

D = Decimal
ISSUED = date(2026, 11, 19)
SELLER = Seller(
    party=Party(
        name="Harrow & Pike",
        legal_name="Harrow & Pike Industrial Supply Ltd",
        address=Address(
            lines=["Unit 4, Meridian Park"], city="Leicester", country="GB", postal_code="LE19 1WX"
        ),
        vat_id="GB123456789",
        registration="04417720",
        contact="Accounts receivable",
        email="accounts@harrowpike.example",
        phone="+44 116 496 0120",
        electronic_address="9932:GB123456789",
    ),
    bank=Bank(
        holder="Harrow & Pike Industrial Supply Ltd",
        iban="GB33BUKB20201555555555",
        bic="BUKBGB22",
        name="Meridian Bank, Leicester",
    ),
    base_url="https://portal.example",
)
GERMAN_BANK = Bank(
    holder="Harrow & Pike Industrial Supply Ltd",
    iban="DE89370400440532013000",
    bic="COBADEFFXXX",
    name="Commerzbank Köln",
)
BUYER = Party(
    name="Nordwind Maschinenbau",
    legal_name="Nordwind Maschinenbau UK Ltd",
    address=Address(lines=["14 Wharf Street"], city="Leeds", country="GB", postal_code="LS2 7EQ"),
    vat_id="GB987654321",
    contact="Petra Vogt",
)
GERMAN_BUYER = Party(
    name="Nordwind Maschinenbau GmbH",
    address=Address(lines=["Werkstraße 12"], city="Bremen", country="DE", postal_code="28195"),
    vat_id="DE811234567",
    contact="Petra Vogt",
)
LEEDS = Party(
    name="Goods in, gate 2",
    address=Address(
        lines=["Goods in, gate 2", "14 Wharf Street"], city="Leeds", country="GB", postal_code="LS2 7EQ"
    ),
)
GOODS = (
    ("BRG-6204-2RS", "Ball bearing 20 × 47 × 14", "6.85", "20"),
    ("SCR-M8-40", "Hex screw M8 × 40, 8.8, zinc", "0.118", "20"),
    ("SEA-V40", "V-ring seal 40 mm, NBR", "1.35", "20"),
    ("CPL-GR28", "Jaw coupling size 28, steel", "38.90", "20"),
    ("MOT-IE4-075", "Motor IE4 7.5 kW, B3, 1,465 rpm", "612.00", "20"),
    ("LUB-EP2-400", "Grease EP2, 400 g cartridge", "4.35", "20"),
    ("BLT-XPA-1250", "V-belt XPA 1250", "7.42", "20"),
    ("CLP-HD-60", "Hose clamp 40–60, W4", "0.92", "20"),
    ("SFT-CHAIR", "Booster seat for site vehicles", "29.50", "5"),
    ("BKS-VDI-2230", "Handbook of bolted joints", "84.00", "0"),
)


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of the order: of `ordered`, `before` was billed earlier and `now` with this paper."""

    sku: str
    name: str
    price: Decimal
    rate: Decimal
    ordered: Decimal
    before: Decimal
    now: Decimal
    unit: str = "C62"

    @property
    def after(self) -> Decimal:
        return self.ordered - self.before - self.now


def sold(count: int, part: Callable[[int], tuple[int, int, int]] | None = None) -> list[Sold]:
    """`count` lines; `part(n)` says how much of line n is ordered, was billed before, is billed now."""
    part = part or (lambda n: (40 + n % 7 * 20, 20 if n % 3 == 0 else 0, 20 + n % 7 * 10))
    lines = []
    for n in range(count):
        sku, name, price, rate = GOODS[n % len(GOODS)]
        suffix = f"-{n // len(GOODS) + 1}" if n >= len(GOODS) else ""
        lines.append(Sold(f"{sku}{suffix}", name, D(price), D(rate), *map(D, part(n))))
    return lines


def document(
    count: int = 5,
    *,
    lines: Sequence[Sold] | None = None,
    part: Callable[[int], tuple[int, int, int]] | None = None,
    currency: str = "GBP",
    discount: str = "10.00",
    freight: str = "25.00",
    code: Callable[[Decimal], str] = lambda rate: "S" if rate else "Z",
    **changes: Any,
) -> Document:
    """A partial invoice whose figures follow from its lines; anything else of it by `changes`."""
    told = list(lines) if lines is not None else sold(count, part)
    books = _Books(told, currency, D(discount), D(freight))
    billed = books.between(lambda one: one.before, lambda one: one.before + one.now)
    earlier = books.between(lambda _one: D(0), lambda one: one.before)
    whole = books.between(lambda _one: D(0), lambda one: one.ordered)
    day = changes.get("issued_on", ISSUED)
    made = Document(
        number="INV-2026-000009",
        kind="invoice",
        account="NORDWIND",
        currency=currency,
        issued_on=day,
        due_on=day + timedelta(days=60),
        payment_terms_days=60,
        terms="on_shipment",
        nth=2 if earlier.total else 1,
        seller=SELLER,
        buyer=BUYER,
        deliver_to=LEEDS,
        buyer_reference="04011000-1234512345-06",
        order=Ordered(
            number="SO-2026-000417",
            placed_on=date(2026, 11, 10),
            purchase_order_number="4500118236",
            cost_centre="7120",
            goods=whole.lines_net,
            discount=D(discount),
            freight=D(freight),
            tax=whole.tax,
            total=whole.total,
            billed_before=earlier.total,
            billed_after=earlier.total + billed.total,
            to_bill=whole.total - earlier.total - billed.total,
        ),
        lines=[_line(n, one, currency, code) for n, one in enumerate(told, 1) if one.now],
        taxes=[
            Tax(code=code(rate), rate=rate, base=base, amount=tax)
            for rate, (base, tax) in billed.taxes.items()
        ],
        allowances=[
            Adjustment(amount=a, reason="discount", tax_code=code(r), tax_rate=r)
            for r, a in billed.less.items()
            if a
        ],
        charges=[
            Adjustment(amount=a, reason="freight", tax_code=code(r), tax_rate=r)
            for r, a in billed.more.items()
            if a
        ],
        lines_net=billed.lines_net,
        net=billed.net,
        tax=billed.tax,
        rounding=D(0).quantize(rounded(D(1), currency)),
        total=billed.total,
        shipments=[
            Despatch(
                number="SH-2026-000631",
                shipped_on=date(2026, 11, 18),
                carrier="Northline Parcel",
                tracking=["NP4471193310", "NP4471193328"],
            )
        ],
        preceding=[
            Before(
                number="INV-2026-000004", kind="invoice", issued_on=date(2026, 11, 13), total=earlier.total
            )
        ]
        if earlier.total
        else [],
        to_follow=[_follows(n, one) for n, one in enumerate(told, 1) if one.after],
    )
    return msgspec.structs.replace(made, **changes)


@dataclass(frozen=True, slots=True)
class _Sums:
    taxes: dict[Decimal, tuple[Decimal, Decimal]]
    less: dict[Decimal, Decimal]
    more: dict[Decimal, Decimal]
    lines_net: Decimal

    @property
    def net(self) -> Decimal:
        return sum((base for base, _ in self.taxes.values()), D(0))

    @property
    def tax(self) -> Decimal:
        return sum((tax for _, tax in self.taxes.values()), D(0))

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class _Books:
    lines: Sequence[Sold]
    currency: str
    discount: Decimal
    freight: Decimal

    def between(self, start: Callable[[Sold], Decimal], end: Callable[[Sold], Decimal]) -> _Sums:
        worth: dict[str, Decimal] = {}
        here: dict[str, Decimal] = {}
        for one in self.lines:
            key = str(one.rate)
            worth[key] = worth.get(key, D(0)) + one.price * one.ordered
            here[key] = here.get(key, D(0)) + rounded(one.price * (end(one) - start(one)), self.currency)
        less, more = (
            {
                key: rounded(amount * here[key] / worth[key] if worth[key] else D(0), self.currency)
                for key, amount in spread(whole, worth, self.currency).items()
            }
            for whole in (self.discount, self.freight)
        )
        bases = {key: here[key] - less[key] + more[key] for key in here if here[key]}
        return _Sums(
            {D(key): (base, rounded(base * D(key) / 100, self.currency)) for key, base in bases.items()},
            {D(key): less[key] for key in bases},
            {D(key): more[key] for key in bases},
            sum((here[key] for key in bases), D(0)),
        )


def _line(number: int, one: Sold, currency: str, code: Callable[[Decimal], str]) -> Line:
    return Line(
        position=number,
        line=number,
        sku=one.sku,
        name=one.name,
        unit=one.unit,
        quantity=one.now,
        ordered=one.ordered,
        shipped=one.before + one.now,
        previously_invoiced=one.before,
        outstanding=one.after,
        unit_price=one.price,
        net=rounded(one.price * one.now, currency),
        category="standard",
        tax_code=code(one.rate),
        tax_rate=one.rate,
        buyer_sku=f"88-{number:04}" if number % 2 else None,
    )


def _follows(number: int, one: Sold) -> ToFollow:
    ships = date(2026, 11, 27) + timedelta(days=number % 4 * 7) if number % 5 else None
    return ToFollow(
        line=number,
        sku=one.sku,
        name=one.name,
        unit=one.unit,
        quantity=one.after,
        status="awaiting_supplier" if ships else "backordered",
        ships_on=ships,
        arrives_on=ships + timedelta(days=3) if ships else None,
    )
