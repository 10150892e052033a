"""All that an invoice or a credit note says, as it was at the moment of issue: its paper, its XML and its page are made
from this value alone.

The BT and BG numbers are those of EN 16931. Amounts are positive, also of a credit note, and have the digits of the
currency.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

Kind = Literal["invoice", "credit_note"]


class Struct(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is kept as JSON for as long as the invoice is: fields are added, never renamed."""


class Address(Struct, frozen=True):
    lines: Sequence[str]
    city: str
    country: str
    postal_code: str | None = None
    region: str | None = None


class Party(Struct, frozen=True):
    """Seller (BG-4), buyer (BG-7) or deliver-to (BG-13). `electronic_address` is `scheme:value`, BT-34/49."""

    name: str
    address: Address
    legal_name: str | None = None
    vat_id: str | None = None
    registration: str | None = None
    contact: str | None = None
    email: str | None = None
    phone: str | None = None
    electronic_address: str | None = None


class Bank(Struct, frozen=True):
    """Where to pay (BG-17)."""

    holder: str
    iban: str
    bic: str | None = None
    name: str | None = None


class Seller(Struct, frozen=True):
    """The supplier as it is on its papers: what the settings say."""

    party: Party
    bank: Bank | None = None
    colour: str = "#1d4a7a"
    base_url: str = ""


class Line(Struct, frozen=True):
    """A billed quantity of an order line (BG-25). `previously_invoiced` and `outstanding` are as the line stands with
    this document; `shipped` is all that has left so far. `price_per` is BT-149: the price is for so many units."""

    position: int
    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    ordered: Decimal
    shipped: Decimal
    previously_invoiced: Decimal
    outstanding: Decimal
    unit_price: Decimal
    net: Decimal
    category: str
    tax_code: str
    tax_rate: Decimal
    price_per: Decimal = Decimal(1)
    buyer_sku: str | None = None
    gtin: str | None = None
    shipment: str | None = None
    need_by: date | None = None


class Adjustment(Struct, frozen=True):
    """An allowance or a charge of the whole document (BG-20, BG-21), for one VAT rate."""

    amount: Decimal
    reason: Literal["discount", "freight", "rounding"]
    tax_code: str
    tax_rate: Decimal


class Tax(Struct, frozen=True):
    """One rate of the VAT breakdown (BG-23). `reason_code` is a VATEX code."""

    code: str
    rate: Decimal
    base: Decimal
    amount: Decimal
    reason: str | None = None
    reason_code: str | None = None


class Despatch(Struct, frozen=True):
    """A shipment that is billed (BT-16)."""

    number: str
    shipped_on: date
    delivered_on: date | None = None
    carrier: str | None = None
    mode: str = "parcel"
    tracking: Sequence[str] = ()


class ToFollow(Struct, frozen=True):
    """A part of the order that is still to ship, and what is promised for it."""

    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    status: str
    ships_on: date | None = None
    arrives_on: date | None = None


class Before(Struct, frozen=True):
    """A document of the same order that was issued earlier (BG-3)."""

    number: str
    kind: Kind
    issued_on: date
    total: Decimal


class Ordered(Struct, frozen=True):
    """The order that is billed in parts, as it was agreed. `billed_before` and `billed_after` are net of credit notes
    and gross of tax; `to_bill` is what may still be billed."""

    number: str
    placed_on: date
    goods: Decimal
    discount: Decimal
    freight: Decimal
    tax: Decimal
    total: Decimal
    billed_before: Decimal
    billed_after: Decimal
    to_bill: Decimal
    purchase_order_number: str | None = None
    cost_centre: str | None = None


class Document(Struct, frozen=True):
    """The whole paper. net = lines_net - allowances + charges; total = net + tax + rounding (BT-114)."""

    number: str
    kind: Kind
    account: str
    currency: str
    issued_on: date
    terms: str
    nth: int
    seller: Seller
    buyer: Party
    deliver_to: Party
    order: Ordered
    lines: Sequence[Line]
    taxes: Sequence[Tax]
    lines_net: Decimal
    net: Decimal
    tax: Decimal
    rounding: Decimal
    total: Decimal
    language: str = "en"
    due_on: date | None = None
    payment_terms_days: int = 0
    buyer_reference: str | None = None
    contract_number: str | None = None
    allowances: Sequence[Adjustment] = ()
    charges: Sequence[Adjustment] = ()
    shipments: Sequence[Despatch] = ()
    preceding: Sequence[Before] = ()
    to_follow: Sequence[ToFollow] = ()
    period: tuple[date, date] | None = None
    corrects: Before | None = None
    reason: str | None = None
    # Of an invoice that is paid in part already when it is issued: a prepayment or a surplus of the account (BT-113).
    prepaid: Decimal = Decimal(0)

    @property
    def due(self) -> Decimal:
        """BT-115."""
        return self.total - self.prepaid

    @property
    def is_consolidated(self) -> bool:
        """Several shipments need references by line, which only the profile EXTENDED has."""
        return len(self.shipments) > 1
